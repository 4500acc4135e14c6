// So many calls a second on the long run, and so many at once after a pause: client-go's flowcontrol.

import type { Clock } from "../base/clock.ts";

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A place among the calls of a rate, for one that says what is so when it is its turn. Disposed of unused, it is another's. */
export interface Turn extends Disposable {
  /** False: it was used already. */
  use(): boolean;
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
      this.#giveBack();
      throw error;
    }
  }

  /** As `take`, for a call that is made later, or not at all. */
  async turn(signal?: AbortSignal): Promise<Turn> {
    await this.take(signal);
    return this.#taken();
  }

  /** Undefined when less than half of the burst would be left for others, who have more to say. */
  spareTurn(): Turn | undefined {
    if (this.#rate.perSecond <= 0) return this.#taken();
    this.#refill();
    if (this.#tokens < Math.floor(this.#rate.burst / 2) + 1) return undefined;
    this.#tokens -= 1;
    return this.#taken();
  }

  #taken(): Turn {
    let unused = true;
    const use = (): boolean => {
      const mine = unused;
      unused = false;
      return mine;
    };
    return {
      use,
      [Symbol.dispose]: () => {
        if (use()) this.#giveBack();
      },
    };
  }

  /** Takes one if it is there. */
  tryTake(): boolean {
    if (this.#rate.perSecond <= 0) return true;
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #giveBack(): void {
    this.#tokens += 1;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const seconds = Number(now - this.#at) / 1e9;
    this.#at = now;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + seconds * this.#rate.perSecond);
  }
}
