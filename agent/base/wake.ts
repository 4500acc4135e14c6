// A latch for level-triggered loops: however often it is rung before the loop looks, the loop runs once.

import type { Clock } from "./clock.ts";

/** Made once: an error of its own for each would cost more than the rest of a wait. */
const RUNG = new Error("rung");

export class Wake {
  readonly #clock: Clock;
  #rung = false;
  #ring: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rung, and not looked at yet. */
  get pending(): boolean {
    return this.#rung;
  }

  ring(): void {
    this.#rung = true;
    this.#ring?.();
  }

  /** Resolves when rung since the last wait, when the time is over (undefined: never), or when the signal aborts. Never rejects. */
  async wait(milliseconds: number | undefined, signal?: AbortSignal): Promise<void> {
    if (!this.#rung && signal?.aborted !== true && (milliseconds === undefined || milliseconds > 0)) {
      const timer = new AbortController();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal?.removeEventListener("abort", done);
          this.#ring = undefined;
          timer.abort(RUNG);
          resolve();
        };
        this.#ring = done;
        signal?.addEventListener("abort", done, { once: true });
        // An aborted sleep rejects, after done has run.
        if (milliseconds !== undefined)
          this.#clock.sleep(milliseconds, { signal: timer.signal }).then(done, () => undefined);
      });
    }
    this.#rung = false;
  }
}
