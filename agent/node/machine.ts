// What this machine is: read once, at start.

import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, hostname, release, totalmem } from "node:os";
import { join } from "node:path";

import { bootId } from "../system/procfs.ts";
import type { Machine } from "./capacity.ts";
import { swapTotal } from "./swap.ts";

export interface MachineFacts extends Machine {
  readonly hostname: string;
  /** As Go has it. */
  readonly architecture: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  /** Bytes; 0: there is none. */
  readonly swap: bigint;
}

export function goArchitecture(arch: string): string {
  return arch === "x64" ? "amd64" : arch;
}

/** `rootDir` holds the pods' files; its file system is what they may use as ephemeral storage. */
export function readMachine(rootDir: string): MachineFacts {
  return {
    cpus: availableParallelism(),
    memory: BigInt(totalmem()),
    storage: storageOf(rootDir),
    hugePages: hugePages("/sys/kernel/mm/hugepages"),
    hostname: hostname().toLowerCase(),
    architecture: goArchitecture(process.arch),
    machineId: firstLine("/etc/machine-id") || firstLine("/var/lib/dbus/machine-id"),
    systemUuid: firstLine("/sys/class/dmi/id/product_uuid") || firstLine("/etc/machine-id"),
    bootId: bootId(),
    kernelVersion: release(),
    osImage: osImage(contentOf("/etc/os-release")),
    swap: swapTotal(contentOf("/proc/meminfo")),
  };
}

/** PRETTY_NAME of os-release(5). */
export function osImage(osRelease: string): string {
  const value = /^PRETTY_NAME=(.*)$/m.exec(osRelease)?.[1] ?? "";
  return value.replace(/^(["'])(.*)\1$/, "$2") || "Linux";
}

/** Bytes that are set aside for pages of each size: `hugepages-2048kB/nr_hugepages`. */
function hugePages(directory: string): ReadonlyMap<string, bigint> {
  const pages = new Map<string, bigint>();
  for (const name of namesIn(directory)) {
    const kilobytes = /^hugepages-(\d+)kB$/.exec(name)?.[1];
    if (kilobytes === undefined) continue;
    const count = BigInt(firstLine(join(directory, name, "nr_hugepages")) || "0");
    pages.set(pageSize(Number(kilobytes)), count * BigInt(kilobytes) * 1024n);
  }
  return pages;
}

/** `2Mi`, `1Gi`. */
export function pageSize(kilobytes: number): string {
  if (kilobytes % 1024 ** 2 === 0) return `${kilobytes / 1024 ** 2}Gi`;
  if (kilobytes % 1024 === 0) return `${kilobytes / 1024}Mi`;
  return `${kilobytes}Ki`;
}

function storageOf(directory: string): bigint | undefined {
  try {
    const { blocks, bsize } = statfsSync(directory, { bigint: true });
    return blocks * bsize;
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return []; // a kernel without huge pages
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // not there on this machine, or not for us
  }
}

function firstLine(path: string): string {
  return contentOf(path).split("\n")[0]?.trim() ?? "";
}
