/**
 * Reads a log of block writes as qemu's blklogwrites writes it, in the format of Linux's dm-log-writes (drivers/md/dm-log-writes.c): a
 * superblock in the first sector, then entries in order, each a header of one sector with its data after it.
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export const SECTOR = 512;

const MAGIC = 0x6a736677736872n;
const VERSION = 1n;

const FLAG = { flush: 1n, fua: 2n, discard: 4n } as const;

export interface LoggedWrite {
  readonly kind: "flush" | "discard" | "write";
  /** The disk has it for good before it says that it is done (FUA). */
  readonly durable: boolean;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  readonly length: number;
  /** Of a write: where its data lies in the log. */
  readonly dataAt: number;
}

/** The entries that were written whole; qemu may have been killed in the middle of the last. Throws on what is no such log. */
export function readWriteLog(path: string): LoggedWrite[] {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const header = Buffer.alloc(SECTOR);
    readSync(fd, header, 0, SECTOR, 0);
    if (header.readBigUInt64LE(0) !== MAGIC || header.readBigUInt64LE(8) !== VERSION) {
      throw new Error(`${path} is no log of block writes`);
    }
    if (header.readUInt32LE(24) !== SECTOR) throw new Error(`${path} has sectors of another size than ${SECTOR}`);
    const entries: LoggedWrite[] = [];
    for (let at = SECTOR; at + SECTOR <= size;) {
      readSync(fd, header, 0, 32, at);
      const [sector, sectors, flags] = [0, 8, 16].map((offset) => header.readBigUInt64LE(offset)) as [
        bigint,
        bigint,
        bigint,
      ];
      if (sectors === 0n && flags === 0n) break; // room that was never written
      const discard = (flags & FLAG.discard) !== 0n;
      const length = Number(sectors) * SECTOR;
      const dataAt = at + SECTOR;
      const next = discard ? dataAt : dataAt + length;
      if (next > size) break;
      const kind = discard ? "discard" : (flags & FLAG.flush) !== 0n && length === 0 ? "flush" : "write";
      entries.push({ kind, durable: (flags & FLAG.fua) !== 0n, offset: Number(sector) * SECTOR, length, dataAt });
      at = next;
    }
    return entries;
  } finally {
    closeSync(fd);
  }
}

/**
 * What a disk with a volatile cache may hold after a power cut: all that was written before its last flush, and of the writes after it
 * those that `kept` picks.
 */
export function survivingWrites(entries: readonly LoggedWrite[], kept: () => boolean): LoggedWrite[] {
  const flushed = entries.findLastIndex(({ kind }) => kind === "flush");
  return entries.filter(({ kind, durable }, index) => kind !== "flush" && (index < flushed || durable || kept()));
}
