// CPU use as a rate: over the time between two readings, whoever asked for them.

import { nanoCoresBetween, type CpuSample } from "./cri-stats.ts";

/** A rate is taken over at least this, or it is mostly noise. */
const INTERVAL_NS = 1_000_000_000n;

/** The two newest readings of a counter that are far enough apart. */
interface Rate {
  before: CpuSample;
  last: CpuSample;
}

export class CpuRates {
  readonly #rates = new Map<string, Rate>();

  /**
   * Nanoseconds of CPU a second since the reading before this one; since the counter began, where that is said and there is none. Else
   * undefined.
   */
  next(key: string, now: CpuSample, begin?: CpuSample): bigint | undefined {
    const known = this.#rates.get(key);
    // Also anew when the clock was set back.
    const anew = known === undefined || now.timestamp < known.last.timestamp;
    const rate = anew ? { before: begin ?? now, last: now } : known;
    if (now.timestamp - rate.last.timestamp >= INTERVAL_NS) {
      rate.before = rate.last;
      rate.last = now;
    }
    this.#rates.set(key, rate);
    return nanoCoresBetween(rate.before, now);
  }

  /** Forgets those for which it says no. */
  retain(keep: (key: string) => boolean): void {
    for (const key of this.#rates.keys()) if (!keep(key)) this.#rates.delete(key);
  }
}
