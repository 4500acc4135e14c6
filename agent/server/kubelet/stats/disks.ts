// The disks that the node's own directories lie on, and what was read from and written to them since boot.

import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { isErrno } from "../../../base/errors.ts";
import { mountOf, parseMountinfo } from "../../../system/mountinfo.ts";

/** Of /proc/diskstats, in the units of Documentation/admin-guide/iostats.rst: sectors of 512 bytes, milliseconds. */
export interface DiskCounters {
  readonly reads: bigint;
  readonly readsMerged: bigint;
  readonly sectorsRead: bigint;
  readonly readMs: bigint;
  readonly writes: bigint;
  readonly writesMerged: bigint;
  readonly sectorsWritten: bigint;
  readonly writeMs: bigint;
  readonly inFlight: bigint;
  readonly busyMs: bigint;
  readonly weightedMs: bigint;
}

export interface Disk {
  /** `/dev/vda1` */
  readonly device: string;
  /** One of the directories on it. */
  readonly path: string;
  /** Undefined where the kernel counts none, as of file systems on several disks. */
  readonly counters: DiskCounters | undefined;
}

/** Each disk once. Directories that are on no disk have none. */
export function readDisks(paths: readonly string[], proc = "/proc"): readonly Disk[] {
  const counters = parseDiskStats(diskStats(proc));
  const mounts = parseMountinfo(readFileSync(join(proc, "self", "mountinfo"), "utf8"));
  const disks = new Map<string, Disk>();
  for (const path of paths) {
    const mount = mountOf(mounts, resolved(path));
    if (mount === undefined || !mount.source.startsWith("/dev/") || disks.has(mount.device)) continue;
    disks.set(mount.device, { device: mount.source, path, counters: counters.get(mount.device) });
  }
  return [...disks.values()];
}

function diskStats(proc: string): string {
  try {
    return readFileSync(join(proc, "diskstats"), "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return ""; // not there on this kernel
    throw error;
  }
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}

/** By `major:minor`. */
export function parseDiskStats(text: string): ReadonlyMap<string, DiskCounters> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      if (fields.length < 14) return [];
      const at = (index: number): bigint => BigInt(fields[index] ?? "0");
      const counters: DiskCounters = {
        reads: at(3),
        readsMerged: at(4),
        sectorsRead: at(5),
        readMs: at(6),
        writes: at(7),
        writesMerged: at(8),
        sectorsWritten: at(9),
        writeMs: at(10),
        inFlight: at(11),
        busyMs: at(12),
        weightedMs: at(13),
      };
      return [[`${fields[0]}:${fields[1]}`, counters] as const];
    }),
  );
}
