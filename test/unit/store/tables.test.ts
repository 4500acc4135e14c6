// Tables, transactions, migration and undoing, on the store without a disk.

import { test } from "tap";
import { isNodeletError } from "../../../agent/base/errors.ts";
import { MemoryStore } from "../../../agent/store/memory-store.ts";

interface Pair {
  readonly a: number;
  readonly big?: bigint;
}

test("a write is seen at once and is there after reopening", async (t) => {
  const store = new MemoryStore();
  const table = store.table<Pair>("things", { version: 1 });
  const done = table.put("x", { a: 1, big: 2n ** 62n });
  t.strictSame(table.get("x"), { a: 1, big: 2n ** 62n });
  t.equal(store.rows.size, 0, "not on disk yet");
  await done;
  await table.put("y", { a: 2 });
  await table.delete("y");
  await table.delete("never-there");
  const again = new MemoryStore(store.rows).table<Pair>("things", { version: 1 });
  t.strictSame([...again.entries()], [["x", { a: 1, big: 2n ** 62n }]]);
});

test("older rows are migrated, newer ones refused", async (t) => {
  const store = new MemoryStore();
  await store.table<{ old: string }>("things", { version: 1 }).put("x", { old: "7" });
  const table = new MemoryStore(store.rows).table<Pair>("things", {
    version: 2,
    migrate: (value, from) => {
      t.equal(from, 1);
      return { a: Number((value as { old: string }).old) };
    },
  });
  t.strictSame(table.get("x"), { a: 7 });
  t.throws(
    () => new MemoryStore(store.rows).table("things", { version: 2 }),
    /nothing reads its version 1|Cannot read/,
  );
  const newer = new MemoryStore();
  await newer.table<Pair>("things", { version: 9 }).put("x", { a: 1 });
  t.throws(() => new MemoryStore(newer.rows).table("things", { version: 1 }), {
    code: "unsupported",
    where: "things/x",
  });
});

test("a body that throws leaves nothing of its transaction", async (t) => {
  const store = new MemoryStore();
  const table = store.table<Pair>("things", { version: 1 });
  await table.put("kept", { a: 1 });
  t.throws(() => {
    void store.transaction(() => {
      void table.put("kept", { a: 2 });
      void table.put("new", { a: 3 });
      void table.delete("kept");
      throw new Error("no");
    });
  }, /no/);
  t.strictSame([...table.entries()], [["kept", { a: 1 }]]);
});

test("a commit that fails is undone in memory, and its own promises need no care", async (t) => {
  const store = new MemoryStore();
  const table = store.table<Pair>("things", { version: 1 });
  await table.put("kept", { a: 1 });
  store.failure = new Error("disk full");
  await t.rejects(
    store.transaction(() => {
      void table.put("kept", { a: 2 });
      void table.put("new", { a: 3 });
    }),
    /disk full/,
  );
  await t.rejects(table.delete("kept"), /disk full/);
  t.strictSame([...table.entries()], [["kept", { a: 1 }]]);
  store.failure = undefined;
  await table.put("new", { a: 4 });
  t.equal(table.get("new")?.a, 4);
});

test("errors of records say which", (t) => {
  const rows = new Map([["things/x", { kind: "things", key: "x", version: 1, value: "{" }]]);
  try {
    new MemoryStore(rows).table("things", { version: 1 });
    t.fail("must throw");
  } catch (error) {
    t.ok(isNodeletError(error, "internal"));
    t.equal((error as { where?: string }).where, "things/x");
  }
  t.end();
});
