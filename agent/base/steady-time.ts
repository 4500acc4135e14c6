// Time for waits and deadlines: it reads like the wall clock of this process's start and does not follow when somebody sets that. Times that
// others took from the wall clock, such as the end of a container, are placed on it.

import type { Clock } from "./clock.ts";

/** A wall clock that is corrected drifts by less between two looks; more means that it was set. */
const STEP_MS = 1_000;

interface Epoch {
  /** Wall clock minus steady time. */
  readonly offset: number;
  /** Steady time of the last look before it, and of the last within it. */
  readonly from: number;
  to: number;
}

export class SteadyTime {
  readonly #clock: Clock;
  readonly #base: number;
  /** Newest last. */
  readonly #epochs: Epoch[];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#base = wallMs(clock) - monotonicMs(clock);
    this.#epochs = [{ offset: 0, from: Number.NEGATIVE_INFINITY, to: wallMs(clock) }];
  }

  /** Milliseconds. */
  now(): number {
    const now = this.#base + monotonicMs(this.#clock);
    const offset = wallMs(this.#clock) - now;
    const last = this.#epochs.at(-1);
    if (last === undefined || Math.abs(offset - last.offset) > STEP_MS)
      this.#epochs.push({ offset, from: last?.to ?? Number.NEGATIVE_INFINITY, to: now });
    else last.to = now;
    return now;
  }

  /**
   * When it was, for something that has happened and was told by the wall clock in milliseconds since the epoch: as the newest setting
   * of the clock has it under which it can have been told.
   */
  of(wall: number): number {
    const now = this.now();
    for (const { offset, from, to } of this.#epochs.toReversed()) {
      const steady = wall - offset;
      if (steady >= from - STEP_MS && steady <= to + STEP_MS) return Math.min(steady, now);
    }
    return Math.min(wall - (this.#epochs.at(-1)?.offset ?? 0), now);
  }
}

function wallMs(clock: Clock): number {
  return Number(clock.now() / 1_000_000n);
}

function monotonicMs(clock: Clock): number {
  return Number(clock.monotonic() / 1_000_000n);
}
