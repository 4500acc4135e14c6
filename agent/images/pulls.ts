/**
 * Pulls under way. A pull belongs to nobody: who asked for it may go, and who asks for the same joins it. It ends when it is done,
 * when it fails, or when somebody cancels it.
 */
import { createHash } from "node:crypto";

import { describeError, NodeletError } from "../base/errors.ts";
import type { Image, LoadProgress, PullOptions, PullStep, PullView } from "./images.ts";

export interface PullWork {
  readonly reference: string;
  readonly platform: string;
  readonly auth: PullOptions["auth"];
  readonly signal: AbortSignal;
  readonly progress: (event: LoadProgress) => void;
}

interface Pull {
  readonly reference: string;
  readonly platform: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The latest of each layer, in the order of their first. */
  readonly layers: Map<string, LoadProgress>;
  readonly watchers: Set<(event: LoadProgress) => void>;
  readonly abort: AbortController;
  done: Promise<Image>;
  waiting: number;
}

export class Pulls {
  readonly #work: (work: PullWork) => Promise<Image>;
  readonly #now: () => number;
  readonly #pulls = new Map<string, Pull>();
  readonly #listeners = new Set<(step: PullStep) => void>();

  constructor(work: (work: PullWork) => Promise<Image>, now: () => number) {
    this.#work = work;
    this.#now = now;
  }

  list(): readonly PullView[] {
    return [...this.#pulls.values()].map(({ reference, platform, startedAt, layers, waiting }) => ({
      reference,
      platform,
      startedAt,
      waiting,
      layers: [...layers.values()],
    }));
  }

  watch(listener: (step: PullStep) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Begins or joins. The signal ends the waiting, not the pull. `reference` is whole. */
  async pull(reference: string, platform: string, options: PullOptions): Promise<Image> {
    options.signal?.throwIfAborted();
    const key = keyOf(reference, platform, options);
    const pull = this.#pulls.get(key) ?? this.#begin(key, reference, platform, options);
    const { progress, signal } = options;
    pull.waiting++;
    if (progress !== undefined) {
      for (const event of pull.layers.values()) progress(event);
      pull.watchers.add(progress);
    }
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      const cause: unknown = signal?.reason;
      left.reject(
        new NodeletError("cancelled", `The pull of ${reference} goes on without who asked for it`, {
          cause: cause instanceof Error ? cause : new Error(describeError(cause)),
          fix: "Ask for it again to join it",
        }),
      );
    };
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([pull.done, left.promise]);
    } finally {
      signal?.removeEventListener("abort", leave);
      if (progress !== undefined) pull.watchers.delete(progress);
      pull.waiting--;
    }
  }

  /** How many were cancelled. Those that more than `maxWaiting` wait for go on. */
  cancel(reference: string, maxWaiting = Number.POSITIVE_INFINITY): number {
    let count = 0;
    for (const pull of this.#pulls.values()) {
      if (pull.reference !== reference || pull.waiting > maxWaiting) continue;
      pull.abort.abort(new NodeletError("cancelled", `The pull of ${reference} was cancelled`));
      count++;
    }
    return count;
  }

  /** Ends all and waits until nothing is left of them. */
  async close(reason: NodeletError): Promise<void> {
    for (const pull of this.#pulls.values()) pull.abort.abort(reason);
    await Promise.allSettled([...this.#pulls.values()].map(({ done }) => done));
  }

  #begin(key: string, reference: string, platform: string, options: PullOptions): Pull {
    const layers: Pull["layers"] = new Map();
    const watchers: Pull["watchers"] = new Set();
    const abort = new AbortController();
    const progress = (event: LoadProgress): void => {
      const before = layers.get(event.layer)?.phase;
      layers.set(event.layer, event);
      if (before !== event.phase) for (const listener of this.#listeners) listener({ reference, progress: event });
      for (const watcher of watchers) watcher(event);
    };
    const work = this.#work({ reference, platform, auth: options.auth, signal: abort.signal, progress });
    const done = work.finally(() => this.#pulls.delete(key));
    done.catch(() => undefined);
    const pull: Pull = { reference, platform, startedAt: this.#now(), layers, watchers, abort, done, waiting: 0 };
    this.#pulls.set(key, pull);
    return pull;
  }
}

/** Who has other credentials does not join: they may not do. */
function keyOf(reference: string, platform: string, { auth }: PullOptions): string {
  const user = createHash("sha256")
    .update(JSON.stringify(auth ?? null))
    .digest("hex");
  return `${reference} ${platform} ${user}`;
}
