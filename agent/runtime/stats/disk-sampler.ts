// What containers have written to their own layers. Measuring walks a tree, so that it happens away from the requests: one tree after
// the other, in a process of its own, only while somebody asks, and each no more often than once in a while.

import { systemClock, type Clock } from "../../base/clock.ts";
import type { SlowCalls } from "../../system/slow-calls.ts";
import type { DiskFigures } from "./cri-stats.ts";

/** As kubelet's own. */
const FRESH_MS = 60_000;

/** A walk may take this part of the time at most: after one of 2 s comes a rest of 18 s. */
const BUSY_SHARE = 10;

/** The first answer of a small tree is worth this much waiting. */
const FIRST_WAIT_MS = 250;

interface Sample {
  readonly figures: DiskFigures | undefined;
  /** Of the clock's monotonic time, milliseconds. */
  readonly at: number;
}

export interface DiskSamplerOptions {
  readonly usage: SlowCalls["usage"];
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  readonly failed?: ((path: string, error: unknown) => void) | undefined;
}

export class DiskSampler {
  readonly #usage: SlowCalls["usage"];
  readonly #clock: Clock;
  readonly #failed: DiskSamplerOptions["failed"];
  readonly #samples = new Map<string, Sample>();
  /** By key, in the order of asking. */
  readonly #queue = new Map<string, { readonly path: string; readonly done: PromiseWithResolvers<void> }>();
  readonly #closing = new AbortController();
  #working = false;

  constructor(options: DiskSamplerOptions) {
    this.#usage = options.usage;
    this.#clock = options.clock ?? systemClock;
    this.#failed = options.failed;
  }

  /** The latest figures of a tree, which are measured again once they are older than `freshMs`; undefined while there are none. */
  async get(key: string, path: string, freshMs = FRESH_MS): Promise<DiskFigures | undefined> {
    const known = this.#samples.get(key);
    if (known !== undefined && this.#now() - known.at < freshMs) return known.figures;
    const measured = this.#ask(key, path);
    if (known !== undefined) return known.figures;
    const waited = new AbortController();
    await Promise.race([measured, this.#clock.sleep(FIRST_WAIT_MS, { signal: waited.signal }).catch(() => undefined)]);
    waited.abort();
    return this.#samples.get(key)?.figures;
  }

  /** Forgets all but these. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#samples.keys()) if (!keys.has(key)) this.#samples.delete(key);
  }

  close(): void {
    this.#closing.abort();
    for (const { done } of this.#queue.values()) done.resolve();
    this.#queue.clear();
  }

  #ask(key: string, path: string): Promise<void> {
    const waiting = this.#queue.get(key);
    if (waiting !== undefined) return waiting.done.promise;
    if (this.#closing.signal.aborted) return Promise.resolve();
    const done = Promise.withResolvers<void>();
    this.#queue.set(key, { path, done });
    if (!this.#working) void this.#work();
    return done.promise;
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      const [key, { path, done }] = next;
      const began = this.#now();
      let figures: DiskFigures | undefined;
      try {
        const usage = await this.#usage(path, { signal: this.#closing.signal });
        figures = { timestamp: this.#clock.now(), path, ...usage };
      } catch (error) {
        if (!this.#closing.signal.aborted) this.#failed?.(path, error);
      }
      this.#samples.set(key, { figures, at: this.#now() });
      this.#queue.delete(key);
      done.resolve();
      await this.#clock
        .sleep((this.#now() - began) * (BUSY_SHARE - 1), { signal: this.#closing.signal })
        .catch(() => undefined);
    }
    this.#working = false;
  }

  #first(): [string, { readonly path: string; readonly done: PromiseWithResolvers<void> }] | undefined {
    const first = this.#queue.entries().next();
    return first.done === true ? undefined : first.value;
  }

  #now(): number {
    return Number(this.#clock.monotonic() / 1_000_000n);
  }
}
