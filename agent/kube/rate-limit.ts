// So many calls a second on the long run, and so many at once after a pause: client-go's flowcontrol.

import type { Clock } from "../base/clock.ts";

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Clock;
  #tokens: number;
  #at: bigint;

  /** perSecond 0 or less: no limit. */
  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#at = clock.monotonic();
  }

  /** Waits for its turn. A wait that is cut short gives its turn back. */
  async take(signal?: AbortSignal): Promise<void> {
    if (this.#rate.perSecond <= 0) return;
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens >= 0) return;
    try {
      await this.#clock.sleep((-this.#tokens / this.#rate.perSecond) * 1000, { signal });
    } catch (error) {
      this.#tokens += 1;
      throw error;
    }
  }

  /** Takes one if it is there. */
  tryTake(): boolean {
    if (this.#rate.perSecond <= 0) return true;
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const seconds = Number(now - this.#at) / 1e9;
    this.#at = now;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + seconds * this.#rate.perSecond);
  }
}
