// A disk whose cache is lost with the power: qemu logs what the guest writes and when it flushes; after a power cut the disk is made
// anew of what was there before and the writes that a real disk would still have.

import { execFile } from "node:child_process";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { readWriteLog, SECTOR, survivingWrites } from "./write-log.ts";

const run = promisify(execFile);

export interface LostWrites {
  /** Writes since the last flush. */
  readonly unflushed: number;
  readonly lost: number;
}

export class VolatileDisk implements AsyncDisposable {
  readonly #directory: string;
  readonly name = "state";

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** An empty ext4 file system with this label. */
  static async create(label: string, size: string): Promise<VolatileDisk> {
    const disk = new VolatileDisk(await mkdtemp(join(tmpdir(), "ndl-disk-")));
    await run("mke2fs", ["-q", "-t", "ext4", "-L", label, disk.#stable, size]);
    await disk.#powerOn();
    return disk;
  }

  /** What is certain. */
  get #stable(): string {
    return join(this.#directory, "stable");
  }

  /** What the running guest sees. */
  get #seen(): string {
    return join(this.#directory, "seen");
  }

  get #log(): string {
    return join(this.#directory, "log");
  }

  get blockdev(): Readonly<Record<string, unknown>> {
    return {
      driver: "blklogwrites",
      file: { driver: "file", filename: this.#seen },
      log: { driver: "file", filename: this.#log },
      "log-sector-size": SECTOR,
    };
  }

  async #powerOn(): Promise<void> {
    await run("cp", ["--sparse=always", this.#stable, this.#seen]);
    rmSync(this.#log, { force: true });
    closeSync(openSync(this.#log, "wx"));
  }

  /**
   * After qemu was killed, before the next start: the writes after the last flush are lost, but for those that `kept` picks. Nothing
   * is in order among them.
   */
  async powerCut(kept: () => boolean): Promise<LostWrites> {
    const entries = readWriteLog(this.#log);
    const surviving = survivingWrites(entries, kept);
    const [log, disk] = [openSync(this.#log, "r"), openSync(this.#stable, "r+")];
    try {
      for (const { kind, offset, length, dataAt } of surviving) {
        if (kind !== "write") continue; // what was discarded may as well be there still
        const data = Buffer.alloc(length);
        readSync(log, data, 0, length, dataAt);
        writeSync(disk, data, 0, length, offset);
      }
    } finally {
      closeSync(log);
      closeSync(disk);
    }
    await this.#powerOn();
    const flushed = entries.findLastIndex(({ kind }) => kind === "flush");
    const writes = entries.filter(({ kind }) => kind !== "flush").length;
    return { unflushed: entries.length - 1 - flushed, lost: writes - surviving.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
