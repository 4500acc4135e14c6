/**
 * The worker thread that has the database: SQLite's calls wait for the disk, and the main thread must not. It writes what
 * it is given as one transaction and answers when that is on disk.
 */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { Row } from "./tables.ts";

export interface WorkerOptions {
  readonly path: string;
}

/** The write of a row; `value` undefined deletes. */
export interface RowWrite {
  readonly kind: string;
  readonly key: string;
  readonly version: number;
  readonly value: string | undefined;
}

export type WorkerRequest =
  | { readonly kind: "commit"; readonly writes: readonly RowWrite[] }
  | { readonly kind: "close" };

export type WorkerReply =
  | { readonly kind: "opened"; readonly rows: readonly Row[] }
  | { readonly kind: "committed" }
  | { readonly kind: "failed"; readonly problem: "damaged" | "newer" | "full" | "other"; readonly message: string }
  | { readonly kind: "closed" };

/** Layout of the database itself; the rows have versions of their own. */
export const SCHEMA_VERSION = 1;
/** "ndlt": tells the file from any other SQLite database. */
const APPLICATION_ID = 0x6e_64_6c_74;

/** Result codes of SQLite, see its "Result and Error Codes"; the low byte is the primary one. */
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

class Newer extends Error {}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -256; PRAGMA temp_store = MEMORY",
    );
    const version = pragma(database, "user_version");
    const application = pragma(database, "application_id");
    if (version > SCHEMA_VERSION)
      throw new Newer(`the database has the layout ${version}, and this nodelet knows ${SCHEMA_VERSION}`);
    if (version === 0 && application === 0) {
      database.exec(`
        BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS records (
          kind TEXT NOT NULL,
          key TEXT NOT NULL,
          version INTEGER NOT NULL,
          value TEXT NOT NULL,
          PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = ${APPLICATION_ID};
        PRAGMA user_version = ${SCHEMA_VERSION};
        COMMIT;
      `);
    } else if (application !== APPLICATION_ID) {
      throw Object.assign(new Error("it is the database of another program"), { errcode: SQLITE_NOTADB });
    }
    const [check] = database.prepare("PRAGMA quick_check(1)").all() as { quick_check?: string }[];
    if (check?.quick_check !== "ok") {
      throw Object.assign(new Error(String(check?.quick_check)), { errcode: SQLITE_CORRUPT });
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}

function failure(error: unknown): WorkerReply {
  const code = typeof error === "object" && error !== null && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const problem =
    error instanceof Newer
      ? "newer"
      : code === SQLITE_CORRUPT || code === SQLITE_NOTADB
        ? "damaged"
        : code === SQLITE_FULL
          ? "full"
          : "other";
  return { kind: "failed", problem, message: error instanceof Error ? error.message : String(error) };
}

function main(): void {
  const port = parentPort;
  if (port === null) throw new Error("this is a worker thread's program");
  const send = (reply: WorkerReply): void => port.postMessage(reply);
  let database: DatabaseSync;
  try {
    database = openDatabase((workerData as WorkerOptions).path);
    const rows = database.prepare("SELECT kind, key, version, value FROM records").all() as unknown as Row[];
    send({ kind: "opened", rows });
  } catch (error) {
    send(failure(error));
    port.close();
    return;
  }
  const put = database.prepare(
    "INSERT INTO records (kind, key, version, value) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, value = excluded.value",
  );
  const remove = database.prepare("DELETE FROM records WHERE kind = ? AND key = ?");

  port.on("message", (request: WorkerRequest) => {
    if (request.kind === "close") {
      try {
        // The file alone then holds everything.
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        database.close();
        send({ kind: "closed" });
      } catch (error) {
        send(failure(error));
      }
      port.close();
      return;
    }
    try {
      database.exec("BEGIN IMMEDIATE");
      for (const { kind, key, version, value } of request.writes) {
        if (value === undefined) remove.run(kind, key);
        else put.run(kind, key, version, value);
      }
      database.exec("COMMIT");
      send({ kind: "committed" });
    } catch (error) {
      try {
        if (database.isTransaction) database.exec("ROLLBACK");
      } catch {
        // The failure itself is what matters; a transaction that stays open fails the next one too.
      }
      send(failure(error));
    }
  });
}

main();
