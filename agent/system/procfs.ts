// What /proc says about this boot and about processes.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

import { isErrno } from "../base/errors.ts";

let boot: string | undefined;

/** The same until the next reboot. */
export function bootId(): string {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return boot;
}

/** The version 2 control group of this process, such as `/system.slice/nodelet.service`; undefined: none below the root. */
export function ownCgroup(root = "/proc"): string | undefined {
  return cgroupOf(readOf(process.pid, "cgroup", root) ?? "");
}

/** Of /proc/PID/cgroup. One that lies outside of the namespace's root begins with `/..`. */
export function cgroupOf(text: string): string | undefined {
  return /^0::(\/[^.\n][^\n]*)$/m.exec(text)?.[1];
}

/** A file of a process; undefined when the process is gone. */
function readOf(pid: number, file: string, root: string): string | undefined {
  try {
    return readFileSync(`${root}/${pid}/${file}`, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

export interface ProcessStat {
  readonly pid: number;
  readonly command: string;
  /** R, S, D, Z, T ... */
  readonly state: string;
  readonly parent: number;
  /** Clock ticks since boot: with the pid, the identity of a process. */
  readonly startTime: bigint;
  readonly threads: number;
  /** Clock ticks. */
  readonly userTime: bigint;
  readonly systemTime: bigint;
  /** Pages. */
  readonly rss: bigint;
  readonly minorFaults: bigint;
  readonly majorFaults: bigint;
}

/** /proc/PID/stat. The command is in brackets and may hold anything, brackets too: what follows the last one is fields. */
export function parseStat(text: string): ProcessStat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  const [state = "", parent = "0"] = fields;
  const field = (number: number): bigint => BigInt(fields[number - 3] ?? "0");
  return {
    pid: Number(text.slice(0, open)),
    command: text.slice(open + 1, close),
    state,
    parent: Number(parent),
    // Numbered as in proc(5), where the state is field 3.
    minorFaults: field(10),
    majorFaults: field(12),
    userTime: field(14),
    systemTime: field(15),
    threads: Number(field(20)),
    startTime: field(22),
    rss: field(24),
  };
}

export function processStat(pid: number, root = "/proc"): ProcessStat | undefined {
  const text = readOf(pid, "stat", root);
  return text === undefined ? undefined : parseStat(text);
}

/** Undefined when there is no such process. */
export function startTime(pid: number, root = "/proc"): bigint | undefined {
  return processStat(pid, root)?.startTime;
}

/** Fields of /proc/PID/status, such as `Seccomp` or `CapEff`, as they stand there. */
export function parseStatus(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

export function processStatus(pid: number, root = "/proc"): ReadonlyMap<string, string> | undefined {
  const text = readOf(pid, "status", root);
  return text === undefined ? undefined : parseStatus(text);
}

/** Bytes. Pss counts a page shared by n processes as a share of 1/n. */
export interface MemoryUse {
  readonly rss: number;
  readonly pss: number;
  readonly privateDirty: number;
  readonly swap: number;
}

/** /proc/PID/smaps_rollup. */
export function parseSmapsRollup(text: string): MemoryUse {
  const bytes = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
    return found === null ? 0 : Number(found[1]) * 1024;
  };
  return { rss: bytes("Rss"), pss: bytes("Pss"), privateDirty: bytes("Private_Dirty"), swap: bytes("Swap") };
}

/** How many descriptors a process has open, and how many of them are sockets; undefined when it is gone. */
export function openFiles(
  pid: number,
  root = "/proc",
): { readonly files: number; readonly sockets: number } | undefined {
  const directory = `${root}/${pid}/fd`;
  try {
    const names = readdirSync(directory);
    const sockets = names.filter((name) => {
      try {
        return readlinkSync(`${directory}/${name}`).startsWith("socket:");
      } catch (error) {
        if (isErrno(error, "ENOENT")) return false; // closed meanwhile
        throw error;
      }
    });
    return { files: names.length, sockets: sockets.length };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

/** The soft limit of open files; undefined for none, and when the process is gone. */
export function openFilesLimit(pid: number, root = "/proc"): bigint | undefined {
  const found = /^Max open files\s+(\d+)/m.exec(readOf(pid, "limits", root) ?? "");
  return found?.[1] === undefined ? undefined : BigInt(found[1]);
}

/** Walks the page tables of the process: milliseconds for a big one. Undefined when it is gone. */
export function memoryUse(pid: number, root = "/proc"): MemoryUse | undefined {
  const text = readOf(pid, "smaps_rollup", root);
  return text === undefined ? undefined : parseSmapsRollup(text);
}
