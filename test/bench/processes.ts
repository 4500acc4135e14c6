// What processes of a name use.

import { readdirSync, readFileSync } from "node:fs";

import { isErrno } from "../../agent/base/errors.ts";

/** USER_HZ, which is the same on every architecture that counts. */
const TICKS_PER_SECOND = 100;

/** By /proc/PID/comm, at most 15 characters of the program's name. */
export function pidsNamed(name: RegExp): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => name.test(readIfThere(`/proc/${pid}/comm`)))
    .map(Number);
}

/** Megabytes (10^6) of memory, what is shared divided among those who share it. */
export function proportionalMemory(pids: readonly number[]): number {
  return (
    sum(pids.map((pid) => Number(/^Pss:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0))) *
    1024e-6
  );
}

/** Seconds on a processor so far, of all threads that there are. Source: Documentation/scheduler/sched-stats.rst, /proc/PID/schedstat. */
export function processorSeconds(pids: readonly number[]): number {
  return (
    sum(
      pids.flatMap((pid) =>
        threadsOf(pid).map((tid) => Number(readIfThere(`/proc/${pid}/task/${tid}/schedstat`).split(" ")[0])),
      ),
    ) / 1e9
  );
}

/** As above, with that of children that have ended and were waited for. Source: proc_pid_stat(5), cutime and cstime. */
export function processorSecondsInAll(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readIfThere(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
    return Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
  });
  return processorSeconds(pids) + sum(ticks) / TICKS_PER_SECOND;
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return [];
    throw error;
  }
}

/** Empty for a process that has ended. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return "";
    throw error;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
