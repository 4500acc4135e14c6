// Figures as the CRI shows them.

import type {
  CpuUsage,
  FilesystemUsage,
  IoUsage,
  MemoryUsage,
  NetworkInterfaceUsage,
  NetworkUsage,
  PsiData,
  PsiStats,
  SwapUsage,
  UInt64Value,
} from "../../cri/runtime.ts";
import type { Pressure, PressureLine } from "../../system/cgroupfs.ts";
import type { LinkCounters } from "../../system/netlink/rtnetlink.ts";
import type { Figures, MemoryFigures } from "./figures.ts";

/** Where the pod's own address is, by convention of CNI. */
const DEFAULT_INTERFACE = "eth0";

const NS_PER_US = 1_000n;
const NS_PER_S = 1_000_000_000n;

export function cpuUsage(figures: Figures, nanoCores: bigint | undefined): CpuUsage {
  return {
    timestamp: figures.timestamp,
    usageCoreNanoSeconds: { value: figures.cpuNanoseconds },
    usageNanoCores: value(nanoCores),
    psi: psi(figures.cpu.pressure),
  };
}

export interface CpuSample {
  /** Nanoseconds since the epoch. */
  readonly timestamp: bigint;
  readonly cpuNanoseconds: bigint;
}

/** Nanoseconds of CPU a second between two samples; undefined when no time has passed or the counter began anew. */
export function nanoCoresBetween(before: CpuSample, after: CpuSample): bigint | undefined {
  const elapsed = after.timestamp - before.timestamp;
  const used = after.cpuNanoseconds - before.cpuNanoseconds;
  return elapsed <= 0n || used < 0n ? undefined : (used * NS_PER_S) / elapsed;
}

export function memoryUsage(memory: MemoryFigures, timestamp: bigint): MemoryUsage {
  const { limit, workingSet } = memory;
  return {
    timestamp,
    workingSetBytes: { value: workingSet },
    availableBytes: limit === undefined ? undefined : { value: limit > workingSet ? limit - workingSet : 0n },
    usageBytes: value(memory.usage),
    rssBytes: { value: memory.rss },
    pageFaults: { value: memory.faults },
    majorPageFaults: { value: memory.majorFaults },
    psi: psi(memory.pressure),
  };
}

/** Undefined where the kernel counts no swap. */
export function swapUsage(memory: MemoryFigures, timestamp: bigint): SwapUsage | undefined {
  const { swapUsage: used, swapLimit: limit } = memory;
  if (used === undefined) return undefined;
  return {
    timestamp,
    swapUsageBytes: { value: used },
    swapAvailableBytes: limit === undefined ? undefined : { value: limit > used ? limit - used : 0n },
  };
}

export function ioUsage(figures: Figures): IoUsage | undefined {
  return figures.ioPressure === undefined ? undefined : { timestamp: figures.timestamp, psi: psi(figures.ioPressure) };
}

export function psi(pressure: Pressure | undefined): PsiStats | undefined {
  if (pressure === undefined) return undefined;
  const data = ({ totalUs, avg10, avg60, avg300 }: PressureLine): PsiData => ({
    Total: totalUs * NS_PER_US,
    Avg10: avg10,
    Avg60: avg60,
    Avg300: avg300,
  });
  return { Some: data(pressure.some), Full: pressure.full === undefined ? undefined : data(pressure.full) };
}

export interface NetworkFigures {
  readonly timestamp: bigint;
  /** Without the loopback. */
  readonly links: readonly LinkCounters[];
}

export function networkUsage({ timestamp, links }: NetworkFigures): NetworkUsage {
  const interfaces = links.map((link): NetworkInterfaceUsage => ({
    name: link.name,
    rxBytes: { value: link.receivedBytes },
    rxErrors: { value: link.receiveErrors },
    txBytes: { value: link.sentBytes },
    txErrors: { value: link.sendErrors },
  }));
  const own = interfaces.find(({ name }) => name === DEFAULT_INTERFACE) ?? interfaces[0];
  return { timestamp, defaultInterface: own, interfaces: interfaces.filter((link) => link !== own) };
}

export interface DiskFigures {
  readonly timestamp: bigint;
  /** The directory that was measured. */
  readonly path: string;
  readonly bytes: bigint;
  readonly inodes: bigint;
}

export function filesystemUsage(disk: DiskFigures): FilesystemUsage {
  return {
    timestamp: disk.timestamp,
    fsId: { mountpoint: disk.path },
    usedBytes: { value: disk.bytes },
    inodesUsed: { value: disk.inodes },
  };
}

function value(number: bigint | undefined): UInt64Value | undefined {
  return number === undefined ? undefined : { value: number };
}
