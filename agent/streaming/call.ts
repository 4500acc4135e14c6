// A request for an upgrade, and its refusal.

import { STATUS_CODES } from "../base/http.ts";
import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

import type { Logger } from "../base/log.ts";

/** kubelet's and containerd's: a session without a byte for so long is ended. */
export const IDLE_TIMEOUT_MS = 4 * 60 * 60 * 1000;

/** Within this the client opens the streams that it asked for. */
export const CREATION_TIMEOUT_MS = 30_000;

/** TCP asks so often whether a silent peer is still there. */
const KEEP_ALIVE_MS = 30_000;

export interface StreamingCall {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
  /** Aborted as the daemon stops. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** @default IDLE_TIMEOUT_MS */
  readonly idleTimeoutMs?: number | undefined;
  /** @default CREATION_TIMEOUT_MS */
  readonly creationTimeoutMs?: number | undefined;
}

/** Ends a session that has been silent for too long. */
export function limitIdleness({ stream, idleTimeoutMs = IDLE_TIMEOUT_MS }: StreamingCall): void {
  if (!(stream instanceof Socket)) return;
  stream.setKeepAlive(true, KEEP_ALIVE_MS);
  stream.setTimeout(idleTimeoutMs, () => stream.destroy());
}

/** Answers a request that is not upgraded. */
export function refuse(stream: Duplex, status: number, message: string, headers: readonly string[] = []): void {
  stream.on("error", () => undefined);
  stream.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
      ...headers,
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${Buffer.byteLength(message)}`,
      "Connection: close",
      "",
      message,
    ].join("\r\n"),
  );
}
