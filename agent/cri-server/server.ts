// The CRI of a runtime over gRPC on a unix socket, for crictl, a kubelet and whoever else is root.

import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";

import { describeError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Cri } from "../cri/runtime.ts";
import { isTrustedPeer, listenLocally } from "../system/local-socket.ts";
import type { System } from "../system/system.ts";
import type { GrpcService } from "./grpc.ts";

/** A kubelet has two; each crictl one. */
const CONNECTIONS_MAX = 512;

export interface CriServerDeps {
  readonly cri: Cri;
  readonly system: System;
  readonly log: Logger;
}

export interface CriServer {
  /** Serves on a unix socket of mode 0600. `conflict` when another process answers there; a socket nobody answers is replaced. */
  listen(path: string): Promise<void>;
  /** Lets calls under way finish for a moment, ends streams, removes the socket. Idempotent. */
  close(): Promise<void>;
}

/** gRPC and the codec take 25 MB of memory: they are loaded with the first connection. */
export function createCriServer({ cri, system, log }: CriServerDeps): CriServer {
  const sockets = new Set<Socket>();
  let grpc: Promise<GrpcService> | undefined;
  let listeningPath: string | undefined;
  let closed: Promise<void> | undefined;

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (closed !== undefined || !isTrustedPeer(system, socket, log)) {
      socket.destroy();
      return;
    }
    grpc ??= import("./grpc.ts").then(
      ({ createGrpcService }) => createGrpcService(cri, log),
      (error: unknown) => {
        grpc = undefined; // no file descriptor was left, for example: the next connection tries again
        throw error;
      },
    );
    grpc
      .then((service) => service.serve(socket))
      .catch((error: unknown) => {
        log.error({ error: describeError(error) }, "a connection to the CRI socket could not be served");
        socket.destroy();
      });
  });
  server.maxConnections = CONNECTIONS_MAX;

  return {
    async listen(path) {
      await listenLocally(server, path, "--cri-socket");
      listeningPath = path;
      server.on("error", (error) => log.error({ error }, "the CRI socket failed"));
    },

    close() {
      closed ??= (async () => {
        if (listeningPath === undefined) return;
        const ended = new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
        await (await grpc?.catch(() => undefined))?.close();
        for (const socket of sockets) socket.destroy();
        await ended;
        rmSync(listeningPath, { force: true });
      })();
      return closed;
    },
  };
}
