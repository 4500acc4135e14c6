// The CRI of a runtime over gRPC on a unix socket, for crictl, a kubelet and whoever else is root.

import type { Logger } from "../base/log.ts";
import type { Cri } from "../cri/runtime.ts";
import type { System } from "../system/system.ts";
import { createGrpcSocket } from "./socket.ts";

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

export function createCriServer({ cri, system, log }: CriServerDeps): CriServer {
  const load = async () => (await import("./cri-service.ts")).createCriService(cri, log);
  const socket = createGrpcSocket({ load, connectionsMax: CONNECTIONS_MAX, system, log });
  return {
    listen: (path) => socket.listen(path, "--cri-socket"),
    close: () => socket.close(),
  };
}
