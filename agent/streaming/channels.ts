// The remote command protocol over WebSocket: `v5.channel.k8s.io`, and v4 for older clients. The first byte of a
// message is its channel; v5 adds a message that closes one.

import type { ExitResult, StreamSession } from "../cri/runtime.ts";
import { describeError } from "../base/errors.ts";
import { CLOSE, type WebSocketConnection } from "./websocket.ts";

export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

export const CHANNEL_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

/** How a session ended, as the error channel says it: a `Status` of the Kubernetes API. */
export interface RemoteStatus {
  readonly metadata: Record<string, never>;
  readonly status: "Success" | "Failure";
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string }[] } | undefined;
}

export function statusOfExit(exit: ExitResult): RemoteStatus {
  if (exit.exitCode === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    reason: "NonZeroExitCode",
    message: `command terminated with non-zero exit code: exit status ${exit.exitCode}`,
    details: { causes: [{ reason: "ExitCode", message: String(exit.exitCode) }] },
  };
}

function statusOfError(error: unknown): RemoteStatus {
  return { metadata: {}, status: "Failure", reason: "InternalError", message: describeError(error) };
}

/** The exit code that a status tells; undefined when the session failed otherwise. */
export function exitCodeOf(status: RemoteStatus): number | undefined {
  if (status.status === "Success") return 0;
  if (status.reason !== "NonZeroExitCode") return undefined;
  const code = Number(status.details?.causes.find((cause) => cause.reason === "ExitCode")?.message);
  return Number.isInteger(code) ? code : undefined;
}

/** Messages are no longer than this, as other clients and servers have it. */
const CHUNK_BYTES = 32 * 1024;

/** Sends data on a channel, in parts where it is long. False when the peer should be given time. */
export function sendOn(connection: WebSocketConnection, channel: number, data: Uint8Array): boolean {
  const prefix = Buffer.from([channel]);
  let room = true;
  for (let at = 0; at < data.length; at += CHUNK_BYTES) {
    room = connection.send(prefix, data.subarray(at, at + CHUNK_BYTES));
  }
  return room;
}

/**
 * Carries an open session over a connection until either ends, or the signal is aborted as the daemon stops. The session
 * is closed afterwards.
 */
export async function serveSession(
  connection: WebSocketConnection,
  session: StreamSession,
  signal: AbortSignal,
): Promise<void> {
  const goingAway = (): void => connection.close(CLOSE.goingAway, "the daemon is stopping");
  signal.addEventListener("abort", goingAway);
  const { promise: disconnected, resolve: disconnect } = Promise.withResolvers<"disconnected">();
  // A command may close its stdin early; that ends nothing.
  session.stdin?.on("error", () => undefined);
  connection.listen({
    message(data) {
      const channel = data[0];
      const body = data.subarray(1);
      if (channel === CHANNEL.stdin && session.stdin !== undefined) return writeStdin(session.stdin, body);
      if (channel === CHANNEL.resize) resize(session, body);
      if (channel === CHANNEL.close && body[0] === CHANNEL.stdin) session.stdin?.end();
      return undefined;
    },
    closed: () => disconnect("disconnected"),
  });
  try {
    const delivered = Promise.all([
      pump(session.stdout, CHANNEL.stdout, connection),
      pump(session.stderr, CHANNEL.stderr, connection),
    ]);
    const ended = session.exited.then(
      async (exit) => {
        await delivered;
        return statusOfExit(exit);
      },
      (error: unknown) => statusOfError(error),
    );
    const outcome = await Promise.race([ended, disconnected]);
    if (outcome === "disconnected") return;
    sendOn(connection, CHANNEL.error, Buffer.from(JSON.stringify(outcome)));
    connection.close(CLOSE.normal);
  } finally {
    signal.removeEventListener("abort", goingAway);
    session.close();
    session.stdout?.destroy();
    session.stderr?.destroy();
  }
}

function writeStdin(stdin: NonNullable<StreamSession["stdin"]>, data: Buffer): Promise<void> | undefined {
  if (data.length === 0 || stdin.destroyed || stdin.writableEnded || stdin.write(data)) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off("drain", done);
      stdin.off("close", done);
      resolve();
    };
    stdin.on("drain", done);
    stdin.on("close", done);
  });
}

/** The largest terminal that the kernel's struct winsize can say. */
const TERMINAL_SIDE_MAX = 65535;

function resize(session: StreamSession, body: Buffer): void {
  let size: unknown;
  try {
    size = JSON.parse(body.toString());
  } catch {
    return; // not a size, and nothing depends on it
  }
  if (typeof size !== "object" || size === null || !("Width" in size) || !("Height" in size)) return;
  const { Width: columns, Height: rows } = size;
  if (isSide(columns) && isSide(rows)) session.resize(columns, rows);
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= TERMINAL_SIDE_MAX;
}

async function pump(stream: StreamSession["stdout"], channel: number, connection: WebSocketConnection): Promise<void> {
  if (stream === undefined) return;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (!sendOn(connection, channel, chunk)) await connection.drained();
    }
  } catch {
    // A stream that breaks says so through `exited`.
  }
}
