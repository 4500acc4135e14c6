// The seam between pods and containers: CRI v1 as one TypeScript interface. The built-in runtime implements it in
// process, the remote client over gRPC; pod code knows nothing else.

import type { Duplex, Readable, Writable } from "node:stream";

import type {
  AttachRequest,
  CallOptions,
  ExecRequest,
  ImageService,
  PortForwardRequest,
  RuntimeService,
} from "./types.gen.ts";

export * from "./types.gen.ts";

/** How a process ended. Exactly one of `exitCode` and `signal` tells; a killed process has exitCode 128 + signal. */
export interface ExitResult {
  readonly exitCode: number;
  /** Number of the signal that ended it, 0 for none. */
  readonly signal: number;
}

/** An open exec or attach: the streams that were asked for, and how it ended. */
export interface StreamSession {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  /** Never with a tty. */
  readonly stderr: Readable | undefined;
  resize(columns: number, rows: number): void;
  /** Resolves when the process ended and its output is delivered; for attach, when the container ended. */
  readonly exited: Promise<ExitResult>;
  /** Lets go of the session. The process goes on; its further output is discarded. Idempotent. */
  close(): void;
}

/**
 * CRI v1, and its three streaming calls opened as streams: over gRPC they hand out a URL that the caller dials; in
 * process there is nothing to dial.
 */
export interface Cri extends RuntimeService, ImageService {
  openExec(request: ExecRequest, options?: CallOptions): Promise<StreamSession>;
  openAttach(request: AttachRequest, options?: CallOptions): Promise<StreamSession>;
  /** A byte stream to the first of `port` on the pod's loopback, dialled inside its network namespace. */
  openPort(request: PortForwardRequest, options?: CallOptions): Promise<Duplex>;
}
