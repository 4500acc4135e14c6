// Durable records: small typed tables in one database, behind one worker thread that commits in groups.

/**
 * A table's rows are all in memory, so reads are immediate; a write is visible at once and its promise resolves when it is on
 * disk. Values are JSON with exact 64-bit integers (agent/base/json.ts).
 */
export interface Table<T> {
  get(key: string): T | undefined;
  entries(): IterableIterator<[string, T]>;
  put(key: string, value: T): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface Store {
  /** `version` is the records' version: rows of an older one are passed through `migrate` on opening. */
  table<T>(name: string, options: { version: number; migrate?: (value: unknown, from: number) => T }): Table<T>;
  /** Several writes as one transaction: all or none after a crash. */
  transaction(body: () => void): Promise<void>;
  /** Commits what is pending and lets the directory go. */
  close(): Promise<void>;
}
