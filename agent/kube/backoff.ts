// How long to wait before a broken list or watch is begun again: client-go's reflector.

import type { Clock } from "../base/clock.ts";

export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Added by chance, as a part of the delay. */
  readonly jitter: number;
  /** A pause without failures after which it begins anew. */
  readonly resetMs: number;
}

/** client-go, tools/cache/reflector.go. */
export const REFLECTOR_BACKOFF: BackoffPolicy = { baseMs: 800, maxMs: 30_000, jitter: 1, resetMs: 120_000 };

export class Backoff {
  readonly #policy: BackoffPolicy;
  readonly #clock: Clock;
  #next: number;
  #last: bigint;

  constructor(policy: BackoffPolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
    this.#next = policy.baseMs;
    this.#last = clock.monotonic();
  }

  /** Milliseconds to wait after this failure. `chance` is in [0, 1). */
  next(chance = Math.random()): number {
    const { baseMs, maxMs, jitter, resetMs } = this.#policy;
    const now = this.#clock.monotonic();
    if (now - this.#last > BigInt(resetMs) * 1_000_000n) this.#next = baseMs;
    this.#last = now;
    const delay = this.#next;
    this.#next = Math.min(delay * 2, maxMs);
    return delay * (1 + chance * jitter);
  }

  reset(): void {
    this.#next = this.#policy.baseMs;
  }
}
