/** What both stores share: tables in memory, each write with the value it replaced, so that a failed commit is undone. */
import { NodeletError } from "../base/errors.ts";
import { decodeRecord, encodeRecord } from "../base/json.ts";
import type { Table } from "./store.ts";

/** One row as it is on disk. */
export interface Row {
  readonly kind: string;
  readonly key: string;
  readonly version: number;
  readonly value: string;
}

/** A write; `value` undefined deletes. */
export interface Write {
  readonly kind: string;
  readonly key: string;
  readonly version: number;
  readonly value: string | undefined;
  /** Takes the write back in memory, unless a later one has replaced it. */
  readonly undo: () => void;
}

export interface TableOptions<T> {
  readonly version: number;
  readonly migrate?: ((value: unknown, from: number) => T) | undefined;
}

const KIND = /^[a-z][a-z0-9-]{0,63}$/;

export class MemoryTable<T> implements Table<T> {
  readonly #name: string;
  readonly #version: number;
  readonly #write: (write: Write) => Promise<void>;
  readonly #rows = new Map<string, T>();

  constructor(name: string, options: TableOptions<T>, rows: readonly Row[], write: (write: Write) => Promise<void>) {
    if (!KIND.test(name)) throw new TypeError(`"${name}" cannot name a table`);
    this.#name = name;
    this.#version = options.version;
    this.#write = write;
    for (const row of rows) this.#read(row, options);
  }

  #read(row: Row, options: TableOptions<T>): void {
    const where = `${row.kind}/${row.key}`;
    if (row.version > options.version) {
      throw new NodeletError(
        "unsupported",
        `The record was written by a newer nodelet (version ${row.version}; this one knows ${options.version})`,
        { where, fix: "Start the newer version again, or give an empty directory with --state-dir" },
      );
    }
    try {
      if (row.version === options.version) {
        this.#rows.set(row.key, decodeRecord<T>(row.value));
      } else {
        if (options.migrate === undefined) throw new Error(`nothing reads its version ${row.version}`);
        this.#rows.set(row.key, options.migrate(decodeRecord(row.value), row.version));
      }
    } catch (error) {
      throw new NodeletError("internal", "Cannot read the record", { where, cause: error });
    }
  }

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  entries(): IterableIterator<[string, T]> {
    return this.#rows.entries();
  }

  put(key: string, value: T): Promise<void> {
    const text = encodeRecord(value);
    const had = this.#rows.has(key);
    const previous = this.#rows.get(key) as T;
    this.#rows.set(key, value);
    const undo = (): void => {
      if (this.#rows.get(key) !== value) return;
      if (had) this.#rows.set(key, previous);
      else this.#rows.delete(key);
    };
    return this.#write({ kind: this.#name, key, version: this.#version, value: text, undo });
  }

  delete(key: string): Promise<void> {
    if (!this.#rows.has(key)) return Promise.resolve();
    const previous = this.#rows.get(key) as T;
    this.#rows.delete(key);
    const undo = (): void => {
      if (!this.#rows.has(key)) this.#rows.set(key, previous);
    };
    return this.#write({ kind: this.#name, key, version: this.#version, value: undefined, undo });
  }
}

/**
 * Collects the writes of a transaction's body. The promises of the writes in it are that of the transaction, but may be
 * left alone: the transaction itself tells of a failure.
 */
export class TransactionScope {
  readonly writes: Write[] = [];
  readonly #outcome = Promise.withResolvers<void>();

  constructor() {
    this.#outcome.promise.catch(() => undefined);
  }

  add(write: Write): Promise<void> {
    this.writes.push(write);
    return this.#outcome.promise;
  }

  settle(commit: Promise<void>): Promise<void> {
    commit.then(this.#outcome.resolve, this.#outcome.reject);
    return commit;
  }

  /** The body threw: nothing of it is written. */
  undo(): void {
    undoAll(this.writes);
    this.#outcome.resolve();
  }
}

export function undoAll(writes: readonly Write[]): void {
  for (const write of writes.toReversed()) write.undo();
}
