/** A store without a disk, for tests: the same tables, the same transactions, the rows as text between two openings. */
import type { Store, Table } from "./store.ts";
import { MemoryTable, type Row, type TableOptions, TransactionScope, undoAll, type Write } from "./tables.ts";

export class MemoryStore implements Store {
  /** As on disk: by kind and key. Give the same map to another MemoryStore to reopen it. */
  readonly rows: Map<string, Row>;
  /** Writes fail with this while it is set. */
  failure: Error | undefined;
  #scope: TransactionScope | undefined;

  constructor(rows: Map<string, Row> = new Map()) {
    this.rows = rows;
  }

  table<T>(name: string, options: TableOptions<T>): Table<T> {
    const rows = [...this.rows.values()].filter((row) => row.kind === name);
    return new MemoryTable(name, options, rows, (write) => this.#scope?.add(write) ?? this.#commit([write]));
  }

  transaction(body: () => void): Promise<void> {
    const scope = new TransactionScope();
    const outer = this.#scope;
    this.#scope = scope;
    try {
      body();
    } catch (error) {
      scope.undo();
      throw error;
    } finally {
      this.#scope = outer;
    }
    return scope.settle(this.#commit(scope.writes));
  }

  async #commit(writes: readonly Write[]): Promise<void> {
    // As with a disk, what was written is known to be there only later.
    await Promise.resolve();
    if (this.failure !== undefined) {
      undoAll(writes);
      throw this.failure;
    }
    for (const { kind, key, version, value } of writes) {
      if (value === undefined) this.rows.delete(`${kind}/${key}`);
      else this.rows.set(`${kind}/${key}`, { kind, key, version, value });
    }
  }

  async close(): Promise<void> {}
}
