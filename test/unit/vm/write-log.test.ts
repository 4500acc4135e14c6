import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test, type Test } from "tap";

import { comparePictureTexts } from "../../vm/picture-text.ts";
import { readWriteLog, SECTOR, survivingWrites } from "../../vm/write-log.ts";

const [FLUSH, FUA, DISCARD] = [1, 2, 4];

function superblock(magic = 0x6a736677736872n): Buffer {
  const block = Buffer.alloc(SECTOR);
  block.writeBigUInt64LE(magic, 0);
  block.writeBigUInt64LE(1n, 8);
  block.writeUInt32LE(SECTOR, 24);
  return block;
}

function entry(sector: number, sectors: number, flags = 0, data = Buffer.alloc(sectors * SECTOR, sector)): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.writeBigUInt64LE(BigInt(sector), 0);
  header.writeBigUInt64LE(BigInt(sectors), 8);
  header.writeBigUInt64LE(BigInt(flags), 16);
  return Buffer.concat([header, data]);
}

function logOf(t: Test, ...parts: readonly Buffer[]): string {
  const directory = mkdtempSync(join(tmpdir(), "ndl-log-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "log");
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

test("entries in order", async (t) => {
  const none = Buffer.alloc(0);
  const path = logOf(t, superblock(), entry(8, 2), entry(0, 0, FLUSH), entry(4, 8, DISCARD, none), entry(1, 1, FUA));
  t.match(readWriteLog(path), [
    { kind: "write", offset: 4096, length: 1024, dataAt: 1024, durable: false },
    { kind: "flush" },
    { kind: "discard", offset: 2048, length: 4096 },
    { kind: "write", offset: 512, length: 512, dataAt: 512 * 7, durable: true },
  ]);
});

test("a log that ends in the middle of an entry, and one with room at its end", async (t) => {
  t.equal(readWriteLog(logOf(t, superblock(), entry(8, 2), entry(9, 2).subarray(0, 900))).length, 1);
  t.equal(readWriteLog(logOf(t, superblock(), entry(8, 2), Buffer.alloc(SECTOR * 9))).length, 1);
  t.same(readWriteLog(logOf(t, superblock())), []);
});

test("what is no log", async (t) => {
  t.throws(() => readWriteLog(logOf(t, superblock(1n))), /is no log of block writes/);
});

test("what survives a power cut", async (t) => {
  const path = logOf(t, superblock(), entry(1, 1), entry(0, 0, FLUSH), entry(2, 1), entry(3, 1, FUA), entry(4, 1));
  const entries = readWriteLog(path);
  const offsets = (kept: () => boolean): number[] =>
    survivingWrites(entries, kept).map(({ offset }) => offset / SECTOR);
  t.same(
    offsets(() => false),
    [1, 3],
    "what was flushed, and what is durable by itself",
  );
  t.same(
    offsets(() => true),
    [1, 2, 3, 4],
  );
  let turn = false;
  t.same(
    offsets(() => (turn = !turn)),
    [1, 2, 3],
    "some",
  );
});

test("pictures as text", async (t) => {
  t.same(comparePictureTexts("a\nb\nb\n", "b\na\nb\n"), []);
  t.same(comparePictureTexts("a\nb\nb\n", "b\nc\nc\n"), ["left behind: c", "left behind: c", "gone: a", "gone: b"]);
});
