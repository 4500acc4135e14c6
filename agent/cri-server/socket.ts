// A gRPC service on a unix socket of root's. gRPC and a codec take 25 MB of memory: they are loaded with the first connection.

import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";

import { describeError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { isTrustedPeer, listenLocally } from "../system/local-socket.ts";
import type { System } from "../system/system.ts";
import type { GrpcService } from "./grpc.ts";

export interface GrpcSocketDeps {
  readonly load: () => Promise<GrpcService>;
  readonly connectionsMax: number;
  readonly system: System;
  readonly log: Logger;
}

export interface GrpcSocket {
  /**
   * Serves on a unix socket of mode 0600. `conflict` when another process answers there; a socket nobody answers is replaced. `flag` is
   * the option that gives another path.
   */
  listen(path: string, flag: string): Promise<void>;
  /** Lets calls under way finish for a moment, ends streams, removes the socket. Idempotent. */
  close(): Promise<void>;
}

export function createGrpcSocket({ load, connectionsMax, system, log }: GrpcSocketDeps): GrpcSocket {
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
    grpc ??= load().catch((error: unknown) => {
      grpc = undefined; // no file descriptor was left, for example: the next connection tries again
      throw error;
    });
    grpc
      .then((service) => service.serve(socket))
      .catch((error: unknown) => {
        log.error({ error: describeError(error) }, "a connection to a gRPC socket could not be served");
        socket.destroy();
      });
  });
  server.maxConnections = connectionsMax;

  return {
    async listen(path, flag) {
      await listenLocally(server, path, flag);
      listeningPath = path;
      server.on("error", (error) => log.error({ error, path }, "a gRPC socket failed"));
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
