/**
 * The store on disk: DIRECTORY/records.db behind a worker thread. Writes are seen at once in memory. While one commit runs,
 * the writes that arrive are collected, and go together as the next: so a burst of writes costs a few syncs.
 */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { entryPath } from "../base/entry.ts";
import { NodeletError } from "../base/errors.ts";
import type { System } from "../system/system.ts";
import { type DirectoryLock, lockDirectory } from "./directory-lock.ts";
import type { Store, Table } from "./store.ts";
import { MemoryTable, type Row, type TableOptions, TransactionScope, undoAll, type Write } from "./tables.ts";
import type { WorkerOptions, WorkerReply, WorkerRequest } from "./worker.ts";

const DATABASE_FILE = "records.db";

/** The worker holds statements and one batch at a time: it needs next to nothing. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 64, stackSizeMb: 1 };

export interface SqliteStoreOptions {
  readonly system: System;
  /** The option that names the directory, for messages. @default "--state-dir" */
  readonly flag?: string | undefined;
}

interface Group {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class SqliteStore implements Store {
  readonly #worker: Worker;
  readonly #lock: DirectoryLock;
  readonly #path: string;
  readonly #rows: Map<string, Row[]>;
  readonly #tables = new Set<string>();
  #scope: TransactionScope | undefined;
  #waiting: Group[] = [];
  #running: readonly Group[] | undefined;
  #closing: { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } | undefined;
  /** Set once the worker is gone: nothing can be written any more. */
  #broken: NodeletError | undefined;

  constructor(worker: Worker, lock: DirectoryLock, path: string, rows: readonly Row[]) {
    this.#worker = worker;
    this.#lock = lock;
    this.#path = path;
    this.#rows = new Map(Object.entries(Object.groupBy(rows, (row) => row.kind)).map(([kind, of]) => [kind, of ?? []]));
    worker.on("message", (reply: WorkerReply) => this.#reply(reply));
    worker.on("error", (error) => this.#break(error));
    worker.on("exit", () => this.#break(undefined));
    worker.unref();
  }

  table<T>(name: string, options: TableOptions<T>): Table<T> {
    // Two copies of a table would not see each other's writes.
    if (this.#tables.has(name)) throw new Error(`The table ${name} is open already`);
    this.#tables.add(name);
    const rows = this.#rows.get(name) ?? [];
    this.#rows.delete(name);
    return new MemoryTable(name, options, rows, (write) => this.#scope?.add(write) ?? this.#enqueue([write]));
  }

  transaction(body: () => void): Promise<void> {
    if (this.#scope !== undefined) throw new Error("A transaction cannot hold another");
    const scope = new TransactionScope();
    this.#scope = scope;
    try {
      body();
    } catch (error) {
      scope.undo();
      throw error;
    } finally {
      this.#scope = undefined;
    }
    return scope.settle(scope.writes.length === 0 ? Promise.resolve() : this.#enqueue(scope.writes));
  }

  #enqueue(writes: readonly Write[]): Promise<void> {
    // The thread ends after closing too, and then closed is the reason to name.
    const stopped = this.#closing === undefined ? this.#broken : new NodeletError("unavailable", "The store is closed");
    if (stopped !== undefined) {
      undoAll(writes);
      return Promise.reject(stopped);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ writes, resolve, reject });
    this.#next();
    return promise;
  }

  #next(): void {
    if (this.#running !== undefined) return;
    if (this.#waiting.length === 0) {
      if (this.#closing === undefined) this.#worker.unref();
      else this.#post({ kind: "close" });
      return;
    }
    this.#running = this.#waiting;
    this.#waiting = [];
    // What is not written yet keeps the process alive.
    this.#worker.ref();
    const writes = this.#running.flatMap((group) =>
      group.writes.map(({ kind, key, version, value }) => ({ kind, key, version, value })),
    );
    this.#post({ kind: "commit", writes });
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #reply(reply: WorkerReply): void {
    switch (reply.kind) {
      case "opened":
        return;
      case "committed": {
        const groups = this.#running ?? [];
        this.#running = undefined;
        for (const group of groups) group.resolve();
        this.#next();
        return;
      }
      case "failed": {
        const error = problemOf(reply, this.#path);
        if (this.#running === undefined) {
          this.#finish(error);
          return;
        }
        const groups = this.#running;
        this.#running = undefined;
        this.#fail(groups, error);
        this.#next();
        return;
      }
      case "closed":
        this.#finish(undefined);
    }
  }

  #fail(groups: readonly Group[], error: NodeletError): void {
    for (const group of groups.toReversed()) undoAll(group.writes);
    for (const group of groups) group.reject(error);
  }

  #break(cause: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = new NodeletError("internal", "The thread that writes records has ended", {
      where: this.#path,
      cause,
      fix: "Restart nodelet",
    });
    const groups = [...(this.#running ?? []), ...this.#waiting];
    this.#running = undefined;
    this.#waiting = [];
    this.#fail(groups, this.#broken);
    this.#finish(this.#broken);
  }

  #finish(error: NodeletError | undefined): void {
    if (this.#closing === undefined) return;
    this.#lock[Symbol.dispose]();
    if (error === undefined) this.#closing.resolve();
    else this.#closing.reject(error);
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers<void>();
      this.#worker.ref();
      if (this.#broken !== undefined) this.#finish(this.#broken);
      else this.#next();
    }
    return this.#closing.promise;
  }
}

export type { SqliteStore };

/**
 * Locks the directory, making it if need be, and opens its records. Throws `conflict` when another process has it,
 * `internal` when the database is damaged.
 */
export async function openStore(directory: string, options: SqliteStoreOptions): Promise<Store> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(options.system, directory, options.flag);
  try {
    const path = join(directory, DATABASE_FILE);
    // SQLite gives its other files the mode of this one.
    closeSync(openSync(path, "a", 0o600));
    const workerData: WorkerOptions = { path };
    const worker = new Worker(entryPath("store-worker"), {
      workerData,
      resourceLimits: WORKER_LIMITS,
      // Options of the main thread, such as those for an evaluated program, are not for this one.
      execArgv: [],
      name: "records",
    });
    const opened = await new Promise<readonly Row[]>((resolve, reject) => {
      const ended = (): void =>
        reject(new NodeletError("internal", "The thread that reads records has ended", { where: path }));
      worker.once("error", reject);
      worker.once("exit", ended);
      worker.once("message", (reply: WorkerReply) => {
        worker.off("error", reject);
        worker.off("exit", ended);
        if (reply.kind === "opened") resolve(reply.rows);
        else reject(reply.kind === "failed" ? problemOf(reply, path) : new Error(`unexpected ${reply.kind}`));
      });
    });
    return new SqliteStore(worker, lock, path, opened);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function problemOf(reply: Extract<WorkerReply, { kind: "failed" }>, path: string): NodeletError {
  const cause = new Error(reply.message);
  switch (reply.problem) {
    case "damaged":
      return new NodeletError("internal", "The database of records is damaged", {
        where: path,
        cause,
        fix: `Move ${path} and the files beside it with the same beginning away, start again, and load the images anew`,
      });
    case "newer":
      return new NodeletError("unsupported", "The database of records was written by a newer nodelet", {
        where: path,
        cause,
        fix: "Start the newer version again, or give another directory",
      });
    case "full":
      return new NodeletError("exhausted", "Cannot write records: the disk is full", {
        where: path,
        cause,
        fix: "Free space in the state directory's file system, for example with nodelet rmi",
      });
    case "other":
      return new NodeletError("internal", "Cannot write records", { where: path, cause });
  }
}
