// Time, injected: production uses the system's clock, tests move a manual one.

export interface Clock {
  /** Wall clock, nanoseconds since the epoch. */
  now(): bigint;
  /** Never goes back; nanoseconds since some moment. */
  monotonic(): bigint;
  /** Rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, options?: { signal?: AbortSignal | undefined }): Promise<void>;
}

const NS_PER_MS = 1_000_000n;

/** The longest that setTimeout takes; it fires at once for more. */
const TIMER_MAX_MS = 2 ** 31 - 1;

class SystemClock implements Clock {
  now(): bigint {
    // Milliseconds: the only clock of Node.js that follows when the system's is set.
    return BigInt(Date.now()) * NS_PER_MS;
  }

  monotonic(): bigint {
    return process.hrtime.bigint();
  }

  async sleep(milliseconds: number, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    for (let left = milliseconds; ; left -= TIMER_MAX_MS) {
      await sleepOnce(Math.min(Math.max(left, 0), TIMER_MAX_MS), options.signal);
      if (left <= TIMER_MAX_MS) return;
    }
  }
}

function sleepOnce(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

export const systemClock: Clock = new SystemClock();

interface Sleeper {
  readonly until: bigint;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved. Sleepers wake in the order of their times. */
export class ManualClock implements Clock {
  #now: bigint;
  #monotonic = 0n;
  readonly #sleepers = new Set<Sleeper>();

  /** @default 2026-01-01T00:00:00Z */
  constructor(now = 1_767_225_600_000_000_000n) {
    this.#now = now;
  }

  now(): bigint {
    return this.#now;
  }

  monotonic(): bigint {
    return this.#monotonic;
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(milliseconds: number, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        until: this.#monotonic + BigInt(Math.ceil(Math.max(milliseconds, 0) * 1e6)),
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Moves time on, and gives what wakes on the way its turn, so that it can sleep again within the same move. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#monotonic + BigInt(Math.round(milliseconds)) * NS_PER_MS;
    await settle();
    for (;;) {
      let next: Sleeper | undefined;
      for (const sleeper of this.#sleepers) {
        if (sleeper.until <= end && (next === undefined || sleeper.until < next.until)) next = sleeper;
      }
      if (next === undefined) break;
      this.#moveTo(next.until);
      this.#sleepers.delete(next);
      next.wake();
      await settle();
    }
    this.#moveTo(end);
  }

  /** Sets the wall clock, as an administrator or NTP does: sleepers do not notice. */
  setWallClock(now: bigint): void {
    this.#now = now;
  }

  #moveTo(monotonic: bigint): void {
    if (monotonic <= this.#monotonic) return;
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** Lets all promises that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
