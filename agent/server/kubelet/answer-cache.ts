// Answers that hold for a time, and are asked for once however many wait for them.

import type { Clock } from "../../base/clock.ts";

const NS_PER_MS = 1_000_000n;

interface Entry<T> {
  readonly value: T;
  /** Of the monotonic clock. */
  readonly until: bigint;
}

export class AnswerCache<T> {
  readonly #clock: Clock;
  readonly #max: number;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry<T>>();
  readonly #asked = new Map<string, Promise<T>>();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  /** `holdsMs` says of an answer how long it holds. What is rejected is not kept. */
  async get(key: string, ask: () => Promise<T>, holdsMs: (value: T) => number): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > this.#clock.monotonic()) return known.value;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#ask(key, ask, holdsMs).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    return await asked;
  }

  async #ask(key: string, ask: () => Promise<T>, holdsMs: (value: T) => number): Promise<T> {
    const value = await ask();
    const milliseconds = Math.max(0, Math.round(holdsMs(value)));
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#clock.monotonic() + BigInt(milliseconds) * NS_PER_MS });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#max) break;
      this.#entries.delete(oldest);
    }
    return value;
  }
}
