// What one container uses now: from the files of its control group, and from /proc where the host lacks a controller.

import type { Cgroups, CgroupStats, Pressure } from "../../system/cgroupfs.ts";
import { openFiles, openFilesLimit, processStat } from "../../system/procfs.ts";

/** The kernel reports times to user space in these, whatever it counts in itself. */
const NS_PER_TICK = 10_000_000n;
const NS_PER_US = 1_000n;
const PAGE_BYTES = 4096n;

export interface Figures {
  /** Nanoseconds since the epoch. */
  readonly timestamp: bigint;
  readonly cpu: CgroupStats["cpu"];
  readonly cpuNanoseconds: bigint;
  readonly memory: MemoryFigures | undefined;
  readonly io: CgroupStats["io"];
  readonly ioPressure: Pressure | undefined;
  readonly hugetlb: CgroupStats["hugetlb"];
  /** Processes of the group itself. */
  readonly pids: readonly number[];
  readonly threads: bigint;
  readonly threadsMax: bigint | undefined;
}

export interface MemoryFigures {
  /** Undefined where the memory controller is missing. */
  readonly usage: bigint | undefined;
  /** Without the page cache that can be given up at once. */
  readonly workingSet: bigint;
  readonly limit: bigint | undefined;
  readonly rss: bigint;
  readonly faults: bigint;
  readonly majorFaults: bigint;
  readonly swapUsage: bigint | undefined;
  readonly swapLimit: bigint | undefined;
  readonly peak: bigint | undefined;
  readonly limitHits: bigint;
  readonly oomKills: bigint;
  /** memory.stat; empty without the controller. */
  readonly stat: ReadonlyMap<string, bigint>;
  readonly pressure: Pressure | undefined;
}

/** Undefined when the group is gone. */
export function readFigures(
  cgroups: Pick<Cgroups, "stats" | "processes">,
  path: string,
  timestamp: bigint,
): Figures | undefined {
  const stats = cgroups.stats(path);
  if (stats === undefined) return undefined;
  const pids = cgroups.processes(path);
  const processes = stats.memory === undefined || stats.tasks === undefined ? sumOf(pids) : undefined;
  return {
    timestamp,
    cpu: stats.cpu,
    cpuNanoseconds: stats.cpu.usageUs > 0n ? stats.cpu.usageUs * NS_PER_US : (processes?.cpuNanoseconds ?? 0n),
    memory: memoryOf(stats.memory, processes),
    io: stats.io,
    ioPressure: stats.ioPressure,
    hugetlb: stats.hugetlb,
    pids,
    threads: stats.tasks ?? processes?.threads ?? 0n,
    threadsMax: stats.tasksMax,
  };
}

interface ProcessSum {
  readonly cpuNanoseconds: bigint;
  readonly rss: bigint;
  readonly faults: bigint;
  readonly majorFaults: bigint;
  readonly threads: bigint;
}

/** Of those that live: what ended processes used is not in it. */
function sumOf(pids: readonly number[]): ProcessSum {
  let [cpuNanoseconds, rss, faults, majorFaults, threads] = [0n, 0n, 0n, 0n, 0n];
  for (const pid of pids) {
    const stat = processStat(pid);
    if (stat === undefined) continue;
    cpuNanoseconds += (stat.userTime + stat.systemTime) * NS_PER_TICK;
    rss += stat.rss * PAGE_BYTES;
    faults += stat.minorFaults + stat.majorFaults;
    majorFaults += stat.majorFaults;
    threads += BigInt(stat.threads);
  }
  return { cpuNanoseconds, rss, faults, majorFaults, threads };
}

function memoryOf(memory: CgroupStats["memory"], processes: ProcessSum | undefined): MemoryFigures | undefined {
  if (memory === undefined) {
    if (processes === undefined) return undefined;
    return {
      usage: undefined,
      workingSet: processes.rss,
      limit: undefined,
      rss: processes.rss,
      faults: processes.faults,
      majorFaults: processes.majorFaults,
      swapUsage: undefined,
      swapLimit: undefined,
      peak: undefined,
      limitHits: 0n,
      oomKills: 0n,
      stat: new Map(),
      pressure: undefined,
    };
  }
  const stat = (name: string): bigint => memory.stat.get(name) ?? 0n;
  const inactive = stat("inactive_file");
  return {
    ...memory,
    workingSet: memory.usage > inactive ? memory.usage - inactive : 0n,
    rss: stat("anon"),
    faults: stat("pgfault"),
    majorFaults: stat("pgmajfault"),
  };
}

export interface FileFigures {
  readonly files: bigint;
  readonly sockets: bigint;
  /** Of the first process; undefined: none. */
  readonly softLimit: bigint | undefined;
}

/** Of all processes that live. Costs a call for each descriptor. */
export function readFileFigures(pids: readonly number[]): FileFigures {
  let [files, sockets] = [0, 0];
  for (const pid of pids) {
    const open = openFiles(pid);
    files += open?.files ?? 0;
    sockets += open?.sockets ?? 0;
  }
  const first = pids[0];
  return {
    files: BigInt(files),
    sockets: BigInt(sockets),
    softLimit: first === undefined ? undefined : openFilesLimit(first),
  };
}
