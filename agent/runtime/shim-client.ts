// The daemon's end of the shim's protocol (docs/shim-protocol.md): one connection, its frames and its end.

import { closeSync, openSync } from "node:fs";
import { connect, Socket } from "node:net";
import { basename, dirname } from "node:path";

import { NodeletError } from "../base/errors.ts";
import type { Fd } from "../system/system.ts";
import { encodeFrame, FrameParser, type Frame, type FrameType } from "./plan/frames.ts";

/** Longest path that fits sockaddr_un with its NUL. */
const SOCKET_PATH_MAX = 107;

/** How long a shim may take to answer; it does nothing that could delay it. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Frames of one connection in order: either somebody waits for the next one, or a listener takes them as they come. */
export class ShimConnection {
  readonly #socket: Socket;
  readonly #parser = new FrameParser();
  readonly #waiting: Frame[] = [];
  #reader: { resolve: (frame: Frame | undefined) => void } | undefined;
  #listener: ((frame: Frame | undefined) => void) | undefined;
  #ended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    // An error is followed by close; how the container fared is read from its exit record, not from the socket.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#end());
  }

  /** Takes over the control descriptor of a shim that was just started. */
  static fromFd(fd: Fd): ShimConnection {
    return new ShimConnection(new Socket({ fd, readable: true, writable: true }));
  }

  /** Connects to a running shim. Rejects with ENOENT or ECONNREFUSED when there is none. */
  static async connect(path: string): Promise<ShimConnection> {
    if (path.length <= SOCKET_PATH_MAX) return await dial(path);
    const directory = openSync(dirname(path), "r");
    try {
      return await dial(`/proc/self/fd/${directory}/${basename(path)}`);
    } finally {
      closeSync(directory);
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Returns false when the caller should wait for `drained`. */
  send(type: FrameType, payload?: Uint8Array): boolean {
    if (this.#ended) return true;
    return this.#socket.write(encodeFrame(type, payload));
  }

  drained(): Promise<void> {
    if (this.#ended || !this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.on("drain", done);
      this.#socket.on("close", done);
    });
  }

  /** The next frame; undefined when the connection has ended. */
  next(): Promise<Frame | undefined> {
    const frame = this.#waiting.shift();
    if (frame !== undefined || this.#ended) return Promise.resolve(frame);
    return new Promise((resolve) => {
      this.#reader = { resolve };
    });
  }

  /** The next frame, within the time that a shim may take to answer; undefined when the connection has ended. */
  async answer(): Promise<Frame | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.close();
        reject(
          new NodeletError("timeout", "the shim does not answer", {
            fix: "see whether it is stopped (ps -o pid,stat)",
          }),
        );
      }, ANSWER_TIMEOUT_MS);
    });
    try {
      return await Promise.race([this.next(), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** From now on every frame goes to the listener, and undefined at the end. */
  listen(listener: (frame: Frame | undefined) => void): void {
    this.#listener = listener;
    for (const frame of this.#waiting.splice(0)) listener(frame);
    if (this.#ended) listener(undefined);
  }

  /** Back-pressure: stops and goes on reading the socket. */
  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let frames: Frame[];
    try {
      frames = this.#parser.push(chunk);
    } catch {
      this.close();
      return;
    }
    for (const frame of frames) this.#deliver(frame);
  }

  #deliver(frame: Frame): void {
    const reader = this.#reader;
    if (this.#listener !== undefined) this.#listener(frame);
    else if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve(frame);
    } else this.#waiting.push(frame);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
    this.#listener?.(undefined);
  }
}

function dial(path: string): Promise<ShimConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new NodeletError("timeout", `the shim at ${path} does not answer`));
    }, ANSWER_TIMEOUT_MS);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", onError);
      resolve(new ShimConnection(socket));
    });
    const onError = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", onError);
  });
}
