// Work by key: tasks of one key run one after the other, those of different keys side by side.

/** Every task runs, in the order of its key. */
export class SerialQueue<K> {
  readonly #tails = new Map<K, Promise<unknown>>();

  /** The promise of the task itself; one that fails does not stop those behind it. */
  run<T>(key: K, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    const tail = result.then(ignore, ignore).finally(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    this.#tails.set(key, tail);
    return result;
  }

  /** Keys with work. */
  get size(): number {
    return this.#tails.size;
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}

function ignore(): void {}

export interface LatestQueueOptions<K, V> {
  readonly handle: (key: K, value: V, signal: AbortSignal) => Promise<void>;
  /** The queue goes on after it. */
  readonly onError: (key: K, error: unknown) => void;
}

interface Lane<V> {
  pending: { readonly value: V } | undefined;
  running: Promise<void>;
}

/**
 * Only the latest value of a key is worth handling: one that comes while another is handled waits, and takes the place of one that
 * waits already. The handler is never run twice at a time for one key.
 */
export class LatestQueue<K, V> {
  readonly #options: LatestQueueOptions<K, V>;
  readonly #lanes = new Map<K, Lane<V>>();
  readonly #stop = new AbortController();

  constructor(options: LatestQueueOptions<K, V>) {
    this.#options = options;
  }

  push(key: K, value: V): void {
    if (this.#stop.signal.aborted) return;
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.pending = { value };
      return;
    }
    const made: Lane<V> = { pending: { value }, running: Promise.resolve() };
    this.#lanes.set(key, made);
    made.running = this.#drain(key, made);
  }

  /** Whether the key is being handled or waits to be. */
  has(key: K): boolean {
    return this.#lanes.has(key);
  }

  get size(): number {
    return this.#lanes.size;
  }

  async idle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].map((lane) => lane.running));
  }

  /** Takes nothing more, tells the handlers to end and waits for them. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const lane of this.#lanes.values()) lane.pending = undefined;
    await this.idle();
  }

  async #drain(key: K, lane: Lane<V>): Promise<void> {
    await Promise.resolve(); // values pushed in the same turn count as one
    for (let next = lane.pending; next !== undefined; next = lane.pending) {
      lane.pending = undefined;
      try {
        await this.#options.handle(key, next.value, this.#stop.signal);
      } catch (error) {
        this.#options.onError(key, error);
      }
    }
    this.#lanes.delete(key);
  }
}
