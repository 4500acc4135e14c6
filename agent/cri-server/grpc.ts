// A gRPC server: connections in, calls on objects out.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Socket } from "node:net";

import { wireService } from "../../proto/wire.ts";
import type { MessageCodecs, ServiceTable } from "../../proto/wire.ts";
import { NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { callHandlers } from "./calls.ts";

/** containerd's limits, in both directions. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

/** Calls of one connection at a time; the others wait with the client. */
const CALLS_MAX = 1_000;

/** On closing, calls that are under way get this long. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface GrpcService {
  serve(socket: Socket): void;
  close(): Promise<void>;
}

/** A service of a contract, and who does what it says. */
export interface ServedService {
  /** Has the methods of the table. */
  readonly implementation: object;
  readonly table: ServiceTable;
  readonly messages: MessageCodecs;
}

export function createGrpcService(served: readonly ServedService[], log: Logger): GrpcService {
  const closing = new AbortController();
  const server = new Server({
    "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_concurrent_streams": CALLS_MAX,
    "grpc.enable_channelz": 0,
  });
  for (const { implementation, table, messages } of served) {
    const handlers = callHandlers({ implementation, table, log, closing: closing.signal });
    server.addService(wireService(messages, table), handlers);
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());

  return {
    serve: (socket) => injector.injectConnection(socket),
    async close() {
      closing.abort(new NodeletError("unavailable", "the daemon is stopping"));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, CLOSE_TIMEOUT_MS);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
        injector.drain(CLOSE_TIMEOUT_MS);
      });
    },
  };
}
