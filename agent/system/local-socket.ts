// Unix sockets that answer root and our own user only.

import { chmodSync, lstatSync, rmSync } from "node:fs";
import { connect, type Server, type Socket } from "node:net";

import { describeError, isErrno, NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { System } from "./system.ts";

/** sockaddr_un.sun_path holds 108 bytes with its NUL. */
const SOCKET_PATH_BYTES_MAX = 107;

/**
 * Listens with mode 0600. A socket that nobody answers is replaced; `conflict` when another process answers there or something
 * else is in its place. `flag` is the option that gives another path.
 */
export async function listenLocally(server: Server, path: string, flag: string): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new NodeletError("invalid", `the socket's path is longer than ${SOCKET_PATH_BYTES_MAX} bytes`, {
      where: path,
      fix: `choose a shorter ${flag}`,
    });
  }
  await removeStale(path, flag);
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new NodeletError("unavailable", "the socket cannot be opened", { where: path, cause: error }));
    server.once("error", fail);
    // The mode is right from the moment the socket exists: binding happens within listen().
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off("error", fail);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
  chmodSync(path, 0o600);
}

/** Whether the peer is root or runs as we do; a refusal is logged. */
export function isTrustedPeer(system: System, socket: Socket, log: Logger): boolean {
  const fd = descriptorOf(socket);
  if (fd === undefined) return false;
  try {
    const { uid } = system.peerCredentials(fd);
    if (uid === 0 || uid === process.geteuid?.()) return true;
    log.warn({ uid }, "a connection of another user to a local socket was refused");
  } catch (error) {
    log.warn({ error: describeError(error) }, "a connection to a local socket without credentials was refused");
  }
  return false;
}

/** Node.js keeps a socket's descriptor on its handle, which has no public name. */
function descriptorOf(socket: Socket): number | undefined {
  const handle = (socket as unknown as { _handle?: { fd?: number } | null })._handle;
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}

async function removeStale(path: string, flag: string): Promise<void> {
  const inTheWay = (cause?: unknown): NodeletError =>
    new NodeletError("conflict", "something that is not the daemon's socket is in its place", {
      where: path,
      cause,
      fix: "remove it",
    });
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) throw inTheWay();
  const state = await new Promise<"answers" | "stale" | "missing" | Error>((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve("answers");
    });
    probe.once("error", (error) => {
      if (isErrno(error, "ENOENT")) resolve("missing");
      else if (isErrno(error, "ECONNREFUSED")) resolve("stale");
      else resolve(error);
    });
  });
  if (state === "answers") {
    throw new NodeletError("conflict", "another daemon answers on this socket", {
      where: path,
      fix: `stop it with \`nodelet stop\`, or choose another ${flag}`,
    });
  }
  if (state instanceof Error) throw inTheWay(state);
  if (state === "stale") rmSync(path);
}
