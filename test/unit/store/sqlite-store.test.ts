// The database behind its worker thread: group commit, reopening, damage. The lock is pretended: it needs the addon.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "tap";
import { openStore } from "../../../agent/store/sqlite-store.ts";
import type { System } from "../../../agent/system/system.ts";

const base = mkdtempSync(join(tmpdir(), "nodelet-store-"));
after(() => rmSync(base, { recursive: true, force: true }));

/** Just what locking asks for. */
const system = {
  openat2: (_dirfd: number, path: string) => openSync(path, "a+"),
  tryLock: () => true,
  close: closeSync,
} as unknown as System;

interface Item {
  readonly n: number;
}

test("rows are there after closing and opening", async (t) => {
  const directory = join(base, "reopen");
  const store = await openStore(directory, { system });
  const table = store.table<Item>("items", { version: 1 });
  t.throws(() => store.table("items", { version: 1 }), /open already/);
  await table.put("a", { n: 1 });
  await store.transaction(() => {
    void table.put("b", { n: 2 });
    void table.delete("a");
  });
  const last = table.put("c", { n: 3 });
  await store.close();
  await last;
  await t.rejects(table.put("d", { n: 4 }), { code: "unavailable" });
  t.equal(table.get("d"), undefined);

  const again = await openStore(directory, { system });
  t.strictSame(
    [...again.table<Item>("items", { version: 1 }).entries()],
    [
      ["b", { n: 2 }],
      ["c", { n: 3 }],
    ],
  );
  await again.close();
  await again.close();
  t.equal(statSync(join(directory, "records.db")).mode & 0o777, 0o600);
});

test("a burst of writes is few commits, in order", async (t) => {
  const directory = join(base, "burst");
  const store = await openStore(directory, { system });
  const table = store.table<Item>("items", { version: 1 });
  const count = 2_000;
  // What one commit settles is settled in one turn of the event loop.
  let commits = 0;
  let counted = false;
  const settled = (): void => {
    if (counted) return;
    counted = true;
    commits += 1;
    setImmediate(() => (counted = false));
  };
  await Promise.all(Array.from({ length: count }, (_, n) => table.put(`k${n % 10}`, { n }).then(settled)));
  t.ok(commits <= count / 100, `${commits} commits`);
  await store.close();
  const again = await openStore(directory, { system });
  const rows = new Map(again.table<Item>("items", { version: 1 }).entries());
  for (let key = 0; key < 10; key++) t.equal(rows.get(`k${key}`)?.n, count - 10 + key);
  await again.close();
});

test("what is awaited survives a process that ends without closing", async (t) => {
  const directory = join(base, "crash");
  const store = await openStore(directory, { system });
  const table = store.table<Item>("items", { version: 1 });
  await table.put("a", { n: 1 });
  // Another reader sees what is on disk, write-ahead log included.
  const reader = new DatabaseSync(join(directory, "records.db"), { readOnly: true });
  t.equal(reader.prepare("SELECT value FROM records WHERE key = 'a'").get()?.["value"], '{"n":1}');
  reader.close();
  await store.close();
});

test("a damaged database, another program's and a newer one are refused with words", async (t) => {
  const directory = join(base, "damaged");
  const path = join(directory, "records.db");
  const store = await openStore(directory, { system });
  const table = store.table<Item>("items", { version: 1 });
  for (let n = 0; n < 200; n++) void table.put(`key-${n}`, { n });
  await store.close();
  const good = readFileSync(path);

  const bad = Buffer.from(good);
  bad.fill(0xa5, 4096, good.length - 100);
  writeFileSync(path, bad);
  await t.rejects(openStore(directory, { system }), { code: "internal", where: path, fix: /load the images anew/ });

  writeFileSync(path, "this is no database, but long enough to look at".repeat(20));
  await t.rejects(openStore(directory, { system }), { code: "internal", fix: /Move/ });

  rmSync(path);
  const foreign = new DatabaseSync(path);
  foreign.exec("CREATE TABLE t (x); PRAGMA application_id = 42");
  foreign.close();
  await t.rejects(openStore(directory, { system }), { code: "internal" });

  rmSync(path);
  const newer = new DatabaseSync(path);
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  await t.rejects(openStore(directory, { system }), { code: "unsupported" });

  writeFileSync(path, good);
  const again = await openStore(directory, { system });
  t.equal([...again.table<Item>("items", { version: 1 }).entries()].length, 200);
  await again.close();
});
