// What the node itself uses, from /proc.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { isOwnLinkName } from "../../../../cni/names.ts";
import { parsePressure, type Pressure } from "../../../system/cgroupfs.ts";

/** USER_HZ: times in /proc are in these. */
const NS_PER_TICK = 10_000_000n;
const KIB = 1024n;

export interface HostFigures {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Likewise: when the kernel was started. */
  readonly bootTime: number;
  readonly cpuNanoseconds: bigint;
  readonly memory: {
    readonly total: bigint;
    readonly usage: bigint;
    readonly workingSet: bigint;
    readonly available: bigint;
    readonly rss: bigint;
    readonly faults: bigint;
    readonly majorFaults: bigint;
  };
  readonly swap: { readonly usage: bigint; readonly available: bigint };
  readonly pressure: Readonly<Record<"cpu" | "memory" | "io", Pressure | undefined>>;
  readonly interfaces: readonly InterfaceFigures[];
  readonly processes: number;
  readonly processesMax: number;
  readonly cores: number;
}

export interface InterfaceFigures {
  readonly name: string;
  readonly rxBytes: bigint;
  readonly rxErrors: bigint;
  readonly txBytes: bigint;
  readonly txErrors: bigint;
}

export function readHost(now: number, proc = "/proc"): HostFigures {
  const read = (name: string): string => {
    try {
      return readFileSync(join(proc, name), "utf8");
    } catch {
      return ""; // not there on this kernel
    }
  };
  const meminfo = columns(read("meminfo"));
  const kib = (name: string): bigint => (meminfo.get(name) ?? 0n) * KIB;
  const vmstat = columns(read("vmstat"));
  const stat = read("stat");
  const total = kib("MemTotal");
  const usage = total - kib("MemFree");
  const inactive = kib("Inactive(file)");
  const workingSet = usage > inactive ? usage - inactive : 0n;
  return {
    time: now,
    bootTime: Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000,
    cpuNanoseconds: cpuTime(stat),
    memory: {
      total,
      usage,
      workingSet,
      available: total - workingSet,
      rss: kib("AnonPages"),
      faults: vmstat.get("pgfault") ?? 0n,
      majorFaults: vmstat.get("pgmajfault") ?? 0n,
    },
    swap: { usage: kib("SwapTotal") - kib("SwapFree"), available: kib("SwapFree") },
    pressure: {
      cpu: parsePressure(read("pressure/cpu")),
      memory: parsePressure(read("pressure/memory")),
      io: parsePressure(read("pressure/io")),
    },
    interfaces: interfacesOf(read("net/dev")),
    processes: Number(/\/(\d+)/.exec(read("loadavg"))?.[1] ?? 0),
    processesMax: Number(read("sys/kernel/pid_max")),
    cores: availableParallelism(),
  };
}

/** `name: 123 kB` or `name 123` by line. */
function columns(text: string): ReadonlyMap<string, bigint> {
  return new Map(
    Array.from(text.matchAll(/^(\S+?):?\s+(\d+)/gm), ([, name = "", number = "0"]) => [name, BigInt(number)]),
  );
}

/** All that was not idle. */
function cpuTime(stat: string): bigint {
  const [user = 0n, nice = 0n, system = 0n, , , irq = 0n, softirq = 0n, steal = 0n] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ""
  )
    .split(" ")
    .filter((field) => field !== "")
    .map((field) => BigInt(field));
  return (user + nice + system + irq + softirq + steal) * NS_PER_TICK;
}

/** As cAdvisor has them: without the ends of the links of pods and containers. */
function isOfNode(name: string): boolean {
  return name !== "lo" && !/^(veth|docker|nerdctl)/.test(name) && !isOwnLinkName(name);
}

function interfacesOf(text: string): InterfaceFigures[] {
  return text
    .split("\n")
    .slice(2)
    .flatMap((line) => {
      const [name = "", ...fields] = line.trim().split(/[:\s]+/);
      if (name === "" || !isOfNode(name) || fields.length < 11) return [];
      const at = (index: number): bigint => BigInt(fields[index] ?? "0");
      return [{ name, rxBytes: at(0), rxErrors: at(2), txBytes: at(8), txErrors: at(10) }];
    });
}
