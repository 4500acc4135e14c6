// What this host is and can do, read once at start: the part of the input of specs and plans that does not change.

import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { arch, release } from "node:os";
import { join } from "node:path";

import { type EnabledLsms, enabledLsms } from "../system/lsm.ts";
import type { System } from "../system/system.ts";
import { bootId } from "../system/procfs.ts";
import type { OciRlimit } from "./oci/types.ts";

export interface HostDevice {
  readonly path: string;
  readonly type: "c" | "b";
  readonly major: number;
  readonly minor: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface HostFacts {
  readonly bootId: string;
  readonly arch: string;
  readonly kernel: {
    readonly release: string;
    /** overlayfs takes `lowerdir+` one layer at a time (6.8). */
    readonly fsconfigLowerdirPlus: boolean;
    /** overlay layers and tmpfs can be idmapped, so pods can have user namespaces (6.3). */
    readonly idmappedOverlayLayers: boolean;
  } & EnabledLsms;
  readonly capabilities: { readonly last: number; readonly bounding: bigint };
  readonly rlimits: readonly OciRlimit[];
}

/**
 * systemd's soft limit for services. Node.js raises this process's own to the hard one, which programs that close or select
 * over every possible descriptor must not inherit.
 */
const NOFILE_SOFT = 1024;

export function readHostFacts(system: System, sys = "/sys"): HostFacts {
  const version = release();
  const capabilities = system.capabilities();
  return {
    bootId: bootId(),
    arch: arch(),
    kernel: {
      release: version,
      fsconfigLowerdirPlus: kernelAtLeast(version, 6, 8),
      idmappedOverlayLayers: kernelAtLeast(version, 6, 3),
      ...enabledLsms(sys),
    },
    capabilities: { last: capabilities.last, bounding: capabilities.bounding },
    rlimits: [
      { type: "RLIMIT_NOFILE", soft: NOFILE_SOFT, hard: openFilesHardLimit(readFileSync("/proc/self/limits", "utf8")) },
    ],
  };
}

/** From /proc/PID/limits. */
export function openFilesHardLimit(limits: string): number {
  const match = /^Max open files\s+\S+\s+(\d+)/m.exec(limits);
  return match === null ? NOFILE_SOFT : Math.max(Number(match[1]), NOFILE_SOFT);
}

export function kernelAtLeast(version: string, major: number, minor: number): boolean {
  const match = /^(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [, found = "0", foundMinor = "0"] = match;
  return Number(found) > major || (Number(found) === major && Number(foundMinor) >= minor);
}

const S_IFMT = 0o170000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;

/** Directories of /dev that belong to other file systems or to terminals: not given to privileged containers. */
const SKIPPED = new Set(["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console"]);

/** Devices below /dev, for privileged containers. Read each time: devices come and go. */
export function readHostDevices(root = "/dev"): HostDevice[] {
  const devices: HostDevice[] = [];
  const visit = (directory: string, depth: number): void => {
    if (depth > 8) return;
    for (const name of readdirSync(directory)) {
      if (depth === 0 && SKIPPED.has(name)) continue;
      const path = join(directory, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (stat.isDirectory()) visit(path, depth + 1);
      const format = stat.mode & S_IFMT;
      if (format !== S_IFCHR && format !== S_IFBLK) continue;
      devices.push({
        path: join("/dev", path.slice(root.length)),
        type: format === S_IFCHR ? "c" : "b",
        major: deviceMajor(stat.rdev),
        minor: deviceMinor(stat.rdev),
        mode: stat.mode & 0o7777,
        uid: stat.uid,
        gid: stat.gid,
      });
    }
  };
  visit(root, 0);
  return devices;
}

// glibc's makedev layout: the low 8 bits of the minor, 12 of the major, then the high bits of each.
function deviceMajor(rdev: number): number {
  const value = BigInt(rdev);
  return Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & ~0xfffn));
}
function deviceMinor(rdev: number): number {
  const value = BigInt(rdev);
  return Number((value & 0xffn) | ((value >> 12n) & ~0xffn));
}
