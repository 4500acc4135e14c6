// The gRPC side of the CRI server: connections in, calls on the Cri interface out.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Socket } from "node:net";

import { messages, services } from "../../proto/cri/runtime.gen.js";
import { wireService } from "../../proto/wire.ts";
import { NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Cri } from "../cri/runtime.ts";
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

export function createGrpcService(cri: Cri, log: Logger): GrpcService {
  const closing = new AbortController();
  const server = new Server({
    "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_concurrent_streams": CALLS_MAX,
    "grpc.enable_channelz": 0,
  });
  for (const table of [services.RuntimeService, services.ImageService]) {
    server.addService(wireService(messages, table), callHandlers({ cri, table, log, closing: closing.signal }));
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
