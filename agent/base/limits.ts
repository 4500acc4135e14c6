// Bounds on time and on how much is done at once.

import { NodeletError } from "./errors.ts";

export interface TimeoutOptions {
  readonly milliseconds: number;
  /** For the message: "pulling busybox". */
  readonly what: string;
  /** Of the caller: ends the task too. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a task that must end in time. Its signal is aborted when it does not, or when the caller's is. The promise then rejects at once,
 * with a NodeletError `timeout` or the caller's reason, whether or not the task heeds the signal.
 */
export async function withTimeout<T>(options: TimeoutOptions, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { milliseconds, what, signal } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (reason: unknown): void => {
    reject(reason);
    controller.abort(reason);
  };
  const abort = (): void => end(signal?.reason);
  const timer = setTimeout(
    () => end(new NodeletError("timeout", `${what} took longer than ${milliseconds / 1000} s`)),
    milliseconds,
  );
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([task(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    ended.catch(() => undefined); // settled or not, it is nobody's any more
  }
}

/** Waits for work that goes on when the signal is aborted; the promise then rejects with the signal's reason. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** So many at a time; the others wait in the order of asking. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`Cannot make a semaphore: its size must be 1 or more: current value is ${size}`);
    this.#free = size;
  }

  async run<T>(task: () => Promise<T>, options: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    await this.#acquire(options.signal);
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  #acquire(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal?.reason as Error);
      };
      this.#waiting.push(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }
}
