// Reading an answer: never more than was agreed, never waiting without end.

import type { IncomingMessage } from "node:http";

import { ConnectionError, ContentError } from "./retry.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  /** From chunk to chunk. */
  readonly stallMs: number;
  /** For the whole; it holds off who sends a byte now and then. */
  readonly totalMs: number;
}

/** Throws ContentError for more bytes than allowed, ConnectionError for a body that stands still or ends early. */
export async function readBody(
  response: IncomingMessage,
  limits: BodyLimits,
  what: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const tooLong = (): ContentError => new ContentError(`${what} is longer than ${limits.maxBytes} bytes`);
  if (Number(response.headers["content-length"] ?? 0) > limits.maxBytes) {
    response.destroy();
    throw tooLong();
  }
  using watch = new StallWatch(response, limits.stallMs, 1, what, signal);
  const total = setTimeout(
    () => response.destroy(new ConnectionError(`${what} takes longer than ${limits.totalMs / 1000} s`)),
    limits.totalMs,
  );
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limits.maxBytes) throw tooLong();
      watch.add(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    throw watch.explain(error);
  } finally {
    clearTimeout(total);
  }
  if (!response.complete) throw new ConnectionError(`${what} ended early`);
  return Buffer.concat(chunks);
}

/** Ends an answer of which less than so much came within the time, and with the signal. */
export class StallWatch implements Disposable {
  readonly #response: IncomingMessage;
  readonly #what: string;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #abort: () => void;
  #bytes = 0;

  constructor(response: IncomingMessage, stallMs: number, minBytes: number, what: string, signal: AbortSignal) {
    this.#response = response;
    this.#what = what;
    this.#signal = signal;
    this.#timer = setInterval(() => {
      if (this.#bytes >= minBytes) this.#bytes = 0;
      else
        response.destroy(new ConnectionError(`${what} stands still: ${this.#bytes} bytes came in ${stallMs / 1000} s`));
    }, stallMs);
    this.#abort = () => void response.destroy(signal.reason as Error);
    signal.addEventListener("abort", this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** What to throw for an error of the stream. */
  explain(error: unknown): unknown {
    this.#signal.throwIfAborted();
    if (error instanceof ConnectionError || error instanceof ContentError) return error;
    if (error instanceof Error && "code" in error) return new ConnectionError(`${this.#what} was cut off`, error);
    return error;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#signal.removeEventListener("abort", this.#abort);
    if (!this.#response.complete) this.#response.destroy();
  }
}
