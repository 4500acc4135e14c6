// Control groups, version 2: the tree, limits, killing, figures.
//
// Paths are those of the hierarchy, such as `/kubepods/burstable/pod1234`, whatever directory it is mounted on.

import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  statSync,
  writeFileSync,
  mkdirSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { systemClock, type Clock } from "../base/clock.ts";
import { isErrno, NodeletError } from "../base/errors.ts";
import { silentLogger, type Logger } from "../base/log.ts";
import { readMounts, type Mount } from "./mountinfo.ts";
import { O, type Fd, type System } from "./system.ts";

/** What a node cannot keep its promises without. */
export const REQUIRED_CONTROLLERS = ["cpu", "cpuset", "memory", "pids"] as const;

/** Used where the kernel has them. */
const OPTIONAL_CONTROLLERS = ["io", "hugetlb"] as const;

/** Processes that got SIGKILL end as soon as the kernel lets go of them; longer than this means one hangs in it. */
const KILL_TIMEOUT_MS = 10_000;

/**
 * How long to wait for the kernel's notice before looking again: twice as long each time. Notices of one file come 10 ms apart at
 * least, so that the end of a process that has just started is known sooner by looking.
 */
const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 1_000;

/** A group is busy for a moment after its last process is reaped. */
const REMOVE_ATTEMPTS = 50;
const REMOVE_PAUSE_MS = 20;

const MAKE_ATTEMPTS = 10;

const CPU_PERIOD_US = 100_000n;

type Integer = number | bigint;

/** Limits as the CRI names them. Absent, 0 and "" leave a limit as it is; -1 takes it away. */
export interface CgroupLimits {
  /** Of 1024 for a whole CPU's worth of weight. */
  readonly cpuShares?: Integer | undefined;
  /** Microseconds in each period. */
  readonly cpuQuota?: Integer | undefined;
  readonly cpuPeriod?: Integer | undefined;
  readonly cpuIdle?: Integer | undefined;
  readonly cpusetCpus?: string | undefined;
  readonly cpusetMems?: string | undefined;
  readonly memoryLimitInBytes?: Integer | undefined;
  /** Memory and swap together. */
  readonly memorySwapLimitInBytes?: Integer | undefined;
  /** Best-effort protection from reclaim. */
  readonly memoryLow?: Integer | undefined;
  readonly pidsLimit?: Integer | undefined;
  readonly hugepageLimits?:
    | readonly { readonly pageSize?: string | undefined; readonly limit?: Integer | undefined }[]
    | undefined;
  /** Files and what is written to them, last. */
  readonly unified?: Readonly<Record<string, string>> | undefined;
}

/** linux.resources of an OCI spec, as far as it concerns cgroup v2. */
export interface OciCgroupResources {
  readonly cpu?:
    | {
        readonly shares?: number | undefined;
        readonly quota?: number | undefined;
        readonly period?: number | undefined;
        readonly idle?: number | undefined;
        readonly cpus?: string | undefined;
        readonly mems?: string | undefined;
      }
    | undefined;
  readonly memory?:
    | {
        readonly limit?: number | undefined;
        readonly reservation?: number | undefined;
        readonly swap?: number | undefined;
      }
    | undefined;
  readonly pids?: { readonly limit?: number | undefined } | undefined;
  readonly hugepageLimits?: CgroupLimits["hugepageLimits"];
  readonly unified?: CgroupLimits["unified"];
}

export function limitsOf(resources: OciCgroupResources): CgroupLimits {
  const { cpu, memory, pids } = resources;
  return {
    cpuShares: cpu?.shares,
    cpuQuota: cpu?.quota,
    cpuPeriod: cpu?.period,
    cpuIdle: cpu?.idle,
    cpusetCpus: cpu?.cpus,
    cpusetMems: cpu?.mems,
    memoryLimitInBytes: memory?.limit,
    memorySwapLimitInBytes: memory?.swap,
    memoryLow: memory?.reservation,
    pidsLimit: pids?.limit,
    hugepageLimits: resources.hugepageLimits,
    unified: resources.unified,
  };
}

const SHARES_MIN = 2;
const SHARES_MAX = 262_144;
const WEIGHT_MIN = 1;
const WEIGHT_MAX = 10_000;

/**
 * cpu.weight (1 to 10000) for cgroup v1 shares (2 to 262144). Ten to a quadratic in log2(shares), chosen so that both ends and
 * both defaults meet (2 to 1, 1024 to 100, 262144 to 10000). runc since 1.3.2 and crun since 1.23 do the same; older runtimes had a
 * straight line, which gave the default of 1024 shares a weight of 39 beside others' 100.
 */
export function weightFromShares(shares: Integer): number {
  const value = Number(shares);
  if (value <= SHARES_MIN) return WEIGHT_MIN;
  if (value >= SHARES_MAX) return WEIGHT_MAX;
  const l = Math.log2(value);
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

/** The other way, for status: the least shares that give this weight. */
export function sharesFromWeight(weight: Integer): number {
  const value = Number(weight);
  if (value <= WEIGHT_MIN) return SHARES_MIN;
  if (value >= WEIGHT_MAX) return SHARES_MAX;
  let low = SHARES_MIN;
  let high = SHARES_MAX;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (weightFromShares(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value for a file that takes a number or `max`; undefined leaves it alone. */
function maximum(value: Integer | undefined): string | undefined {
  if (value === undefined || Number(value) === 0) return undefined;
  return Number(value) < 0 ? "max" : value.toString();
}

/** File and value, in the order of writing. */
export function limitFiles(limits: CgroupLimits): [file: string, value: string][] {
  const files: [string, string][] = [];
  const add = (file: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") files.push([file, value]);
  };
  if (limits.cpuShares !== undefined && Number(limits.cpuShares) > 0)
    add("cpu.weight", String(weightFromShares(limits.cpuShares)));
  if (Number(limits.cpuQuota ?? 0) !== 0 || Number(limits.cpuPeriod ?? 0) > 0) {
    const quota = Number(limits.cpuQuota ?? 0) > 0 ? limits.cpuQuota : "max";
    const period = Number(limits.cpuPeriod ?? 0) > 0 ? limits.cpuPeriod : CPU_PERIOD_US;
    add("cpu.max", `${quota} ${period}`);
  }
  add("cpu.idle", limits.cpuIdle === undefined ? undefined : String(limits.cpuIdle));
  add("cpuset.cpus", limits.cpusetCpus);
  add("cpuset.mems", limits.cpusetMems);
  add("memory.low", maximum(limits.memoryLow));
  add("memory.max", maximum(limits.memoryLimitInBytes));
  add("memory.swap.max", swapMaximum(limits));
  add("pids.max", maximum(limits.pidsLimit));
  for (const { pageSize, limit } of limits.hugepageLimits ?? []) {
    // 0 is a limit here: no huge pages at all.
    if (pageSize === undefined || pageSize === "" || limit === undefined) continue;
    add(`hugetlb.${pageSize}.max`, limit.toString());
    add(`hugetlb.${pageSize}.rsvd.max`, limit.toString());
  }
  for (const [file, value] of Object.entries(limits.unified ?? {})) {
    if (!/^[a-z0-9_]+(\.[A-Za-z0-9_]+)+$/.test(file)) {
      throw new NodeletError("invalid", `"${file}" is not a file of cgroup v2`, {
        where: "unified",
        fix: "use names such as memory.high",
      });
    }
    add(file, value);
  }
  return files;
}

/** v2 counts swap alone, the CRI and OCI memory and swap together. */
function swapMaximum(limits: CgroupLimits): string | undefined {
  const together = limits.memorySwapLimitInBytes;
  if (together === undefined || Number(together) === 0) return undefined;
  if (Number(together) < 0) return "max";
  const memory = BigInt(limits.memoryLimitInBytes ?? 0);
  if (memory <= 0n) return undefined;
  if (BigInt(together) < memory) {
    throw new NodeletError("invalid", "memory and swap together are less than the memory limit", {
      where: "memorySwapLimitInBytes",
      fix: "raise it to the memory limit at least",
    });
  }
  return (BigInt(together) - memory).toString();
}

export interface Hierarchy {
  /** Where it is mounted. */
  readonly root: string;
  /** No version 1 hierarchy is mounted beside it. */
  readonly pure: boolean;
  /** That cgroups below the root can have. */
  readonly controllers: readonly string[];
}

/** The version 2 hierarchy of this host: at /sys/fs/cgroup, or beside version 1 ones at /sys/fs/cgroup/unified. */
export function findHierarchy(mounts: readonly Mount[] = readMounts()): Hierarchy | undefined {
  const candidates = mounts.filter((mount) => mount.fsType === "cgroup2");
  const mount = candidates.find((candidate) => candidate.mountPoint === "/sys/fs/cgroup") ?? candidates[0];
  if (mount === undefined) return undefined;
  const text = readFileSync(join(mount.mountPoint, "cgroup.controllers"), "utf8");
  return {
    root: mount.mountPoint,
    pure: !mounts.some((other) => other.fsType === "cgroup"),
    controllers: text.split(/\s+/).filter((name) => name !== ""),
  };
}

/**
 * Who makes the directories: nodelet itself, or systemd, which owns the tree on hosts that it manages. The systemd driver asks for
 * slices and scopes over D-Bus; it implements this interface beside CgroupfsDriver.
 */
export interface CgroupDriver {
  readonly name: "cgroupfs" | "systemd";
  /** Makes one directory whose parent exists. Existing is success. */
  make(directory: string): void;
  /** Removes one directory that has no children. Missing is success, EBUSY throws. */
  remove(directory: string): void;
}

export class CgroupfsDriver implements CgroupDriver {
  readonly name = "cgroupfs";

  make(directory: string): void {
    try {
      mkdirSync(directory, { mode: 0o755 });
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
  }

  remove(directory: string): void {
    try {
      rmdirSync(directory);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
}

export interface CgroupsOptions {
  readonly system: Pick<System, "openat2" | "close" | "fdReady">;
  readonly hierarchy: Hierarchy;
  /** Runs without the limits of controllers that the host lacks, saying so once, instead of failing. */
  readonly allowMissingControllers?: boolean | undefined;
  /** Where shims live: beside the pods, never under the service's own cgroup. */
  readonly shimCgroup?: string | undefined;
  /** @default cgroupfs */
  readonly driver?: CgroupDriver | undefined;
  readonly log?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

export class Cgroups {
  readonly root: string;
  /** That cgroups of the hierarchy can have. */
  readonly controllers: readonly string[];
  /** Required ones that the host lacks. */
  readonly missing: readonly string[];
  readonly driver: CgroupDriver;
  readonly #system: CgroupsOptions["system"];
  readonly #allowMissing: boolean;
  readonly #shimCgroup: string | undefined;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #wanted: readonly string[];
  readonly #reported = new Set<string>();
  /** Directories that are known to exist and to give their children the wanted controllers. */
  readonly #ready = new Set<string>();
  #shim: { readonly fd: Fd; readonly inode: bigint | undefined } | undefined;

  constructor(options: CgroupsOptions) {
    const { hierarchy } = options;
    this.root = hierarchy.root;
    this.controllers = hierarchy.controllers;
    this.missing = REQUIRED_CONTROLLERS.filter((name) => !hierarchy.controllers.includes(name));
    this.driver = options.driver ?? new CgroupfsDriver();
    this.#system = options.system;
    this.#allowMissing = options.allowMissingControllers ?? false;
    this.#shimCgroup = options.shimCgroup;
    this.#log = options.log ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    this.#wanted = [...REQUIRED_CONTROLLERS, ...OPTIONAL_CONTROLLERS].filter((name) =>
      hierarchy.controllers.includes(name),
    );
  }

  /** Where the group's files are. */
  directory(path: string): string {
    const names = path.split("/").filter((name) => name !== "");
    if (
      names.length === 0 ||
      names.some((name) => name === "." || name === ".." || name.includes("\0") || name.length > 255)
    ) {
      throw new NodeletError("invalid", `"${path}" is not the path of a cgroup`, {
        fix: "name it like /kubepods/pod1",
      });
    }
    return join(this.root, ...names);
  }

  /** Makes the group and those above it, each with its controllers, and sets its limits. Existing is success. Returns its directory. */
  create(path: string, resources?: OciCgroupResources): string {
    if (this.missing.length > 0) this.#lacks(this.missing, "containers need these cgroup controllers");
    const directory = this.directory(path);
    try {
      this.#make(directory);
    } catch (error) {
      // Somebody removed a group that was known: look again.
      if (!isErrno(error, "ENOENT") || this.#ready.size === 0) throw error;
      this.#ready.clear();
      this.#make(directory);
    }
    if (resources !== undefined) this.update(path, limitsOf(resources));
    return directory;
  }

  #make(directory: string): void {
    this.#prepare(dirname(directory));
    this.driver.make(directory);
  }

  /** Makes a group that has others below it. */
  #prepare(directory: string): void {
    if (this.#ready.has(directory)) return;
    if (directory !== this.root) {
      this.#prepare(dirname(directory));
      this.driver.make(directory);
    }
    const enabled = readFileSync(join(directory, "cgroup.subtree_control"), "utf8").split(/\s+/);
    const needed = this.#wanted.filter((name) => !enabled.includes(name));
    if (needed.length > 0) this.#enable(directory, needed);
    this.#ready.add(directory);
  }

  #enable(directory: string, controllers: readonly string[]): void {
    try {
      writeFileSync(join(directory, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
    } catch (error) {
      throw new NodeletError(
        "conflict",
        `cannot give the cgroups below ${directory} the controllers ${controllers.join(", ")}`,
        {
          cause: error,
          fix: "no process may be in that group itself: move it to one of its own",
        },
      );
    }
  }

  /** Changes limits. */
  update(path: string, limits: CgroupLimits): void {
    const directory = this.directory(path);
    for (const [file, value] of limitFiles(limits)) this.#write(directory, file, value);
  }

  #write(directory: string, file: string, value: string): void {
    const controller = file.slice(0, file.indexOf("."));
    if (controller !== "cgroup" && !this.controllers.includes(controller)) {
      this.#lacks([controller], `${file} cannot be set`);
      return;
    }
    try {
      writeFileSync(join(directory, file), value);
    } catch (error) {
      // Kernels without swap accounting, and page sizes that they do not account: nothing to limit.
      if (isErrno(error, "ENOENT") && /^(memory\.swap\.max|hugetlb\..*\.rsvd\.max)$/.test(file)) return;
      throw new NodeletError(
        isErrno(error, "EINVAL", "ERANGE") ? "invalid" : "internal",
        `cannot write "${value}" to ${join(directory, file)}`,
        {
          cause: error,
          where: file,
        },
      );
    }
  }

  #lacks(controllers: readonly string[], consequence: string): void {
    if (!this.#allowMissing) {
      throw new NodeletError(
        "unsupported",
        `${consequence}: this host has no cgroup v2 controller ${controllers.join(", ")}`,
        {
          fix: "boot with cgroup v2 alone, or start with --allow-missing-cgroup-controllers to run without limits",
        },
      );
    }
    const unknown = controllers.filter((name) => !this.#reported.has(name));
    if (unknown.length === 0) return;
    for (const name of unknown) this.#reported.add(name);
    this.#log.warn({ controllers: unknown }, "this host lacks cgroup controllers: containers run without their limits");
  }

  /** A descriptor of the group's directory, for CLONE_INTO_CGROUP. The caller closes it. */
  open(path: string): Fd {
    return this.#system.openat2(-100, this.directory(path), { flags: O.RDONLY | O.DIRECTORY });
  }

  /**
   * The shims' group, made when it is not there; undefined when none was named. Kept open: not to be closed. Another agent on the host
   * that ends removes the group when it is empty.
   */
  shimCgroupFd(): Fd | undefined {
    if (this.#shimCgroup === undefined) return undefined;
    const directory = this.directory(this.#shimCgroup);
    const inode = (): bigint | undefined => statSync(directory, { bigint: true, throwIfNoEntry: false })?.ino;
    if (this.#shim !== undefined && this.#shim.inode === inode()) return this.#shim.fd;
    const stale = this.#shim?.fd;
    this.#shim = undefined;
    if (stale !== undefined) this.#system.close(stale);
    const fd = this.#makeAndOpen(this.#shimCgroup);
    this.#shim = { fd, inode: inode() };
    return fd;
  }

  /** Whoever removes the group at the same time loses in the end. */
  #makeAndOpen(path: string): Fd {
    for (let attempt = 1; ; attempt++) {
      this.#make(this.directory(path));
      try {
        return this.open(path);
      } catch (error) {
        if (!isErrno(error, "ENOENT") || attempt >= MAKE_ATTEMPTS) throw error;
      }
    }
  }

  /** Kills every process in the group and below, and waits until none is left. A group that is gone is success. */
  async kill(path: string, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const directory = this.directory(path);
    const kill = (): void => {
      writeFileSync(join(directory, "cgroup.kill"), "1");
    };
    try {
      if (readFlags(join(directory, "cgroup.events")).get("populated") !== 1n) return;
      kill();
      await this.#until(directory, "populated", 0n, options.signal, kill);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
    }
  }

  /** Stops every process where it stands, or lets it go on, and waits until the kernel says so. */
  async freeze(path: string, frozen: boolean, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const directory = this.directory(path);
    writeFileSync(join(directory, "cgroup.freeze"), frozen ? "1" : "0");
    await this.#until(directory, "frozen", frozen ? 1n : 0n, options.signal);
  }

  /** Waits for a value in cgroup.events. `again` runs from time to time meanwhile. */
  async #until(
    directory: string,
    name: string,
    value: bigint,
    signal: AbortSignal | undefined,
    again?: () => void,
  ): Promise<void> {
    const fd = openSync(join(directory, "cgroup.events"), "r");
    try {
      const deadline = this.#clock.monotonic() + BigInt(KILL_TIMEOUT_MS) * 1_000_000n;
      const buffer = Buffer.alloc(256);
      let pause = FIRST_PAUSE_MS;
      for (;;) {
        // Reading arms the notice: a change between this and the wait is not lost.
        const length = readSync(fd, buffer, 0, buffer.length, 0);
        if (parseFlags(buffer.toString("latin1", 0, length)).get(name) === value) return;
        signal?.throwIfAborted();
        if (this.#clock.monotonic() >= deadline) {
          throw new NodeletError(
            "timeout",
            `${directory} did not become "${name} ${value}" within ${KILL_TIMEOUT_MS / 1000} s`,
            {
              fix: "look for processes that hang in the kernel (state D)",
            },
          );
        }
        const timer = AbortSignal.timeout(pause);
        const either = signal === undefined ? timer : AbortSignal.any([timer, signal]);
        await this.#system.fdReady(fd, { priority: true, signal: either }).catch((error: unknown) => {
          if (!timer.aborted && !signal?.aborted) throw error;
        });
        // A process that was being forked into the group may have been missed.
        if (pause === LAST_PAUSE_MS && !signal?.aborted) again?.();
        pause = Math.min(pause * 2, LAST_PAUSE_MS);
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Removes the group and those below it; their processes must be gone. Missing is success. */
  async remove(path: string): Promise<void> {
    const directory = this.directory(path);
    for (let attempt = 1; ; attempt++) {
      try {
        this.#removeNow(directory);
        return;
      } catch (error) {
        if (!isErrno(error, "EBUSY", "ENOTEMPTY")) throw error;
        if (attempt >= REMOVE_ATTEMPTS) {
          throw new NodeletError("conflict", `cannot remove the cgroup ${path}`, {
            cause: error,
            fix: "end the processes in it",
          });
        }
      }
      await this.#clock.sleep(REMOVE_PAUSE_MS);
    }
  }

  #removeNow(directory: string): void {
    try {
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        if (entry.isDirectory()) this.#removeNow(join(directory, entry.name));
      }
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
    }
    this.#ready.delete(directory);
    this.driver.remove(directory);
  }

  /** Removes the group above, unless it is in use or the root. */
  async removeEmptyParent(path: string): Promise<void> {
    const parent = dirname(this.directory(path));
    if (parent === this.root) return;
    try {
      this.driver.remove(parent);
      this.#ready.delete(parent);
    } catch (error) {
      if (!isErrno(error, "EBUSY", "ENOTEMPTY")) throw error;
    }
  }

  exists(path: string): boolean {
    return readOptional(join(this.directory(path), "cgroup.events")) !== undefined;
  }

  /**
   * When the group was made, as far as the kernel tells: the directory's time is that of the last group made in it, that of its events of the
   * first look at them. Milliseconds since the epoch; undefined: there is none.
   */
  madeAt(path: string): number | undefined {
    const directory = this.directory(path);
    const times = [directory, join(directory, "cgroup.events")].flatMap(
      (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? [],
    );
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Processes in the group itself, not those below. */
  processes(path: string): number[] {
    const text = readOptional(join(this.directory(path), "cgroup.procs")) ?? "";
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  }

  /** How many processes the kernel killed for want of memory, in the group and below; 0 without the memory controller. */
  oomKills(path: string): number {
    return Number(this.#flat(path, "memory.events")?.get("oom_kill") ?? 0n);
  }

  /** Figures as they are now; undefined when the group is gone. */
  stats(path: string): CgroupStats | undefined {
    const directory = this.directory(path);
    const cpu = this.#flat(path, "cpu.stat");
    if (cpu === undefined) return undefined;
    const usage = readNumber(join(directory, "memory.current"));
    const pressure = (file: string): Pressure | undefined => parsePressure(readOptional(join(directory, file)) ?? "");
    return {
      cpu: {
        usageUs: cpu.get("usage_usec") ?? 0n,
        userUs: cpu.get("user_usec") ?? 0n,
        systemUs: cpu.get("system_usec") ?? 0n,
        periods: cpu.get("nr_periods") ?? 0n,
        throttledPeriods: cpu.get("nr_throttled") ?? 0n,
        throttledUs: cpu.get("throttled_usec") ?? 0n,
        pressure: pressure("cpu.pressure"),
      },
      memory:
        usage === undefined
          ? undefined
          : {
              usage,
              limit: readNumber(join(directory, "memory.max")),
              swapUsage: readNumber(join(directory, "memory.swap.current")),
              swapLimit: readNumber(join(directory, "memory.swap.max")),
              peak: readNumber(join(directory, "memory.peak")),
              limitHits: this.#flat(path, "memory.events")?.get("max") ?? 0n,
              oomKills: BigInt(this.oomKills(path)),
              stat: this.#flat(path, "memory.stat") ?? new Map(),
              pressure: pressure("memory.pressure"),
            },
      tasks: readNumber(join(directory, "pids.current")),
      tasksMax: readNumber(join(directory, "pids.max")),
      hugetlb: this.#hugetlb(directory),
      io: parseIo(readOptional(join(directory, "io.stat")) ?? ""),
      ioPressure: pressure("io.pressure"),
    };
  }

  #hugetlb(directory: string): ReadonlyMap<string, bigint> {
    const sizes = new Map<string, bigint>();
    if (!this.#wanted.includes("hugetlb")) return sizes;
    for (const file of readdirSync(directory)) {
      const size = /^hugetlb\.(\d+[KMG]B)\.current$/.exec(file)?.[1];
      const used = size === undefined ? undefined : readNumber(join(directory, file));
      if (size !== undefined && used !== undefined) sizes.set(size, used);
    }
    return sizes;
  }

  #flat(path: string, file: string): ReadonlyMap<string, bigint> | undefined {
    const text = readOptional(join(this.directory(path), file));
    return text === undefined ? undefined : parseFlags(text);
  }
}

/** Bytes and microseconds; counts grow from the making of the group. */
export interface CgroupStats {
  readonly cpu: {
    readonly usageUs: bigint;
    readonly userUs: bigint;
    readonly systemUs: bigint;
    readonly periods: bigint;
    readonly throttledPeriods: bigint;
    readonly throttledUs: bigint;
    readonly pressure: Pressure | undefined;
  };
  /** Undefined without the controller. */
  readonly memory:
    | {
        readonly usage: bigint;
        /** Undefined: none. */
        readonly limit: bigint | undefined;
        readonly swapUsage: bigint | undefined;
        readonly swapLimit: bigint | undefined;
        /** The most that was used at once; undefined before Linux 5.19. */
        readonly peak: bigint | undefined;
        /** How often the limit was reached. */
        readonly limitHits: bigint;
        readonly oomKills: bigint;
        /** memory.stat: anon, file, inactive_file, pgfault ... */
        readonly stat: ReadonlyMap<string, bigint>;
        readonly pressure: Pressure | undefined;
      }
    | undefined;
  /** Threads are tasks too. Undefined without the controller. */
  readonly tasks: bigint | undefined;
  /** Undefined: no limit. */
  readonly tasksMax: bigint | undefined;
  /** Bytes in use by size of page, such as `2MB`; empty without the controller. */
  readonly hugetlb: ReadonlyMap<string, bigint>;
  readonly io: readonly IoStat[];
  readonly ioPressure: Pressure | undefined;
}

/** Pressure stall information: percent of the time in the last seconds, and microseconds in all. */
export interface Pressure {
  readonly some: PressureLine;
  readonly full: PressureLine | undefined;
}

export interface PressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUs: bigint;
}

export interface IoStat {
  /** `major:minor` */
  readonly device: string;
  readonly readBytes: bigint;
  readonly writeBytes: bigint;
  readonly reads: bigint;
  readonly writes: bigint;
}

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // A group that goes while one of its files is read gives ENODEV; pressure that is switched off EOPNOTSUPP.
    if (isErrno(error, "ENOENT", "ENODEV", "EOPNOTSUPP")) return undefined;
    throw error;
  }
}

function readFlags(file: string): ReadonlyMap<string, bigint> {
  return parseFlags(readFileSync(file, "utf8"));
}

/** Undefined for `max` and for a file that is not there. */
function readNumber(file: string): bigint | undefined {
  const text = readOptional(file)?.trim();
  return text === undefined || !/^\d+$/.test(text) ? undefined : BigInt(text);
}

/** Lines of `name number`. */
export function parseFlags(text: string): ReadonlyMap<string, bigint> {
  const values = new Map<string, bigint>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0 && /^\d+$/.test(line.slice(space + 1)))
      values.set(line.slice(0, space), BigInt(line.slice(space + 1)));
  }
  return values;
}

export function parsePressure(text: string): Pressure | undefined {
  const line = (kind: string): PressureLine | undefined => {
    const found = new RegExp(`^${kind} avg10=([\\d.]+) avg60=([\\d.]+) avg300=([\\d.]+) total=(\\d+)$`, "m").exec(text);
    if (found === null) return undefined;
    const [, avg10 = "0", avg60 = "0", avg300 = "0", total = "0"] = found;
    return { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300), totalUs: BigInt(total) };
  };
  const some = line("some");
  return some === undefined ? undefined : { some, full: line("full") };
}

export function parseIo(text: string): IoStat[] {
  const devices: IoStat[] = [];
  for (const line of text.split("\n")) {
    const [device = "", ...fields] = line.split(" ");
    if (!/^\d+:\d+$/.test(device)) continue;
    const values = new Map(fields.map((field) => field.split("=", 2) as [string, string]));
    const value = (name: string): bigint => BigInt(values.get(name) ?? "0");
    devices.push({
      device,
      readBytes: value("rbytes"),
      writeBytes: value("wbytes"),
      reads: value("rios"),
      writes: value("wios"),
    });
  }
  return devices;
}
