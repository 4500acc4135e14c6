// The older files of a container's log: `0.log.YYYYMMDD-HHMMSS`, the oldest of them compressed. Their names tell when they ended.

import { createReadStream, fstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createGunzip } from "node:zlib";

import { isErrno } from "../base/errors.ts";
import { AT_FDCWD, O, type Fd, type System } from "../system/system.ts";

const COMPRESSED = ".gz";

export interface RotatedLog {
  /** Without the ending of a compressed one. */
  readonly path: string;
  /** Seconds since the epoch, rounded down. */
  readonly endedAt: number;
}

/** Oldest first. */
export function rotatedLogs(system: System, path: string): RotatedLog[] {
  let directory: Fd;
  try {
    directory = system.openat2(AT_FDCWD, dirname(path), { flags: O.RDONLY | O.DIRECTORY });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
  const found = new Map<string, RotatedLog>();
  try {
    for (const name of system.readdir(directory)) {
      const plain = name.endsWith(COMPRESSED) ? name.slice(0, -COMPRESSED.length) : name;
      if (!plain.startsWith(`${basename(path)}.`)) continue;
      const endedAt = timeOf(plain.slice(basename(path).length + 1));
      if (endedAt !== undefined) found.set(plain, { path: join(dirname(path), plain), endedAt });
    }
  } finally {
    system.close(directory);
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function timeOf(suffix: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/.exec(suffix);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** True when the open file is the one at `path`; false also when there is none. */
export function isSameFile(open: (path: string) => Fd | undefined, system: System, path: string, fd: Fd): boolean {
  const other = open(path);
  if (other === undefined) return false;
  try {
    const [a, b] = [fstatSync(other, { bigint: true }), fstatSync(fd, { bigint: true })];
    return a.ino === b.ino && a.dev === b.dev;
  } finally {
    system.close(other);
  }
}

/** The text of an older file, whichever form it has now; nothing when it was removed meanwhile. */
export async function* readRotated(
  open: (path: string) => Fd | undefined,
  log: RotatedLog,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const plain = open(log.path);
  if (plain !== undefined) {
    yield* createReadStream("", { fd: plain, signal }) as AsyncIterable<Buffer>;
    return;
  }
  const compressed = open(`${log.path}${COMPRESSED}`);
  if (compressed === undefined) return;
  const text = createGunzip();
  const source = createReadStream("", { fd: compressed, signal });
  source.on("error", (error) => text.destroy(error));
  yield* source.pipe(text) as AsyncIterable<Buffer>;
}
