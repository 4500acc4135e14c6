// The System interface over the native addon.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { isErrno } from "../base/errors.ts";
import { shimPath } from "../base/paths.ts";
import { addon, type Addon } from "./addon.ts";
import { compileProfile } from "./seccomp.ts";
import type { Fd, PeerCredentials, StartingProgram, StartingShim, Stat, System, WaitResult } from "./system.ts";

export interface LinuxOptions {
  /** @default the packaged nodelet-shim */
  readonly shimPath?: string | undefined;
}

const WAIT_RETRY_MS = 1_000;

/** Waits on descriptors, one promise each. The addon reports each token once. */
class Readiness {
  readonly #addon: Addon;
  readonly #waiting = new Map<bigint, () => void>();
  readonly #report = (token: bigint): void => {
    const resolve = this.#waiting.get(token);
    this.#waiting.delete(token);
    resolve?.();
  };

  constructor(native: Addon) {
    this.#addon = native;
  }

  async wait(fd: Fd, priority: boolean, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const token = this.#addon.watch(fd, priority, reportAll);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => {
      if (this.#waiting.delete(token)) this.#addon.unwatch(token);
      reject(signal?.reason);
    };
    this.#waiting.set(token, resolve);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  report(token: bigint): void {
    this.#report(token);
  }
}

// The addon keeps the callback of its first watch, whichever LinuxSystem that came from: one table for all of them.
let readiness: Readiness | undefined;
function reportAll(token: bigint): void {
  readiness?.report(token);
}

class LinuxSystem implements System {
  readonly #addon = addon();
  readonly #shimPath: string;
  #shim: Fd | undefined;
  // Filled by the addon and read at once: no call is left between the two.
  readonly #results = new BigInt64Array(10);

  constructor(options: LinuxOptions) {
    this.#shimPath = options.shimPath ?? shimPath();
    readiness ??= new Readiness(this.#addon);
  }

  #result(index: number): number {
    return Number(this.#results[index]);
  }

  spawnShim(options: { cgroupFd?: Fd | undefined; stderr?: Fd | undefined } = {}): StartingShim {
    this.#shim ??= this.#addon.loadShim(readFileSync(this.#shimPath));
    const spawned = this.#addon.spawnShim(this.#shim, options.cgroupFd ?? -1, options.stderr ?? -1, this.#results);
    return { control: this.#result(0), started: spawned.then(([pid, pidfd]) => ({ pid, pidfd })) };
  }

  spawnProgram(path: string, environment: Readonly<Record<string, string>>): StartingProgram {
    const block = Object.entries(environment).map(([name, value]) => {
      if (`${name}${value}`.includes("\0")) throw new TypeError(`the variable ${JSON.stringify(name)} has a NUL`);
      return `${name}=${value}\0`;
    });
    const spawned = this.#addon.spawnProgram(path, Buffer.from(block.join("")), this.#results);
    return {
      stdin: this.#result(0),
      stdout: this.#result(1),
      stderr: this.#result(2),
      started: spawned.then(([pid, pidfd]) => ({ pid, pidfd })),
    };
  }

  pidfdOpen(pid: number): Fd {
    return this.#addon.pidfdOpen(pid);
  }

  pidfdSendSignal(pidfd: Fd, signal: number): void {
    this.#addon.pidfdSendSignal(pidfd, signal);
  }

  waitPidfd(pidfd: Fd): WaitResult | undefined {
    if (!this.#addon.waitPidfd(pidfd, this.#results)) return undefined;
    return { exitCode: this.#result(0), signal: this.#result(1) };
  }

  async pidfdExited(pidfd: Fd, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    // Whoever waits for a process has started it and has no other way to learn of its end: without a descriptor or a thread to wait with, later.
    for (;;) {
      try {
        return await readiness?.wait(pidfd, false, options.signal);
      } catch (error) {
        if (!isErrno(error, "EMFILE", "ENFILE", "EAGAIN", "ENOMEM")) throw error;
        await sleep(WAIT_RETRY_MS, undefined, { signal: options.signal });
      }
    }
  }

  async fdReady(
    fd: Fd,
    options: { priority?: boolean | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    await readiness?.wait(fd, options.priority ?? false, options.signal);
  }

  openat2(
    dirfd: Fd,
    path: string,
    how: { flags: number; mode?: number | undefined; resolve?: number | undefined },
  ): Fd {
    return this.#addon.openat2(dirfd, path, how.flags, how.mode ?? 0, how.resolve ?? 0);
  }

  close(fd: Fd): void {
    this.#addon.close(fd);
  }

  mkdirat(dirfd: Fd, path: string, mode: number): void {
    this.#addon.mkdirat(dirfd, path, mode);
  }

  mknodat(dirfd: Fd, path: string, mode: number, major: number, minor: number): void {
    this.#addon.mknodat(dirfd, path, mode, major, minor);
  }

  symlinkat(target: string, dirfd: Fd, path: string): void {
    this.#addon.symlinkat(target, dirfd, path);
  }

  linkat(oldDirfd: Fd, oldPath: string, newDirfd: Fd, newPath: string): void {
    this.#addon.linkat(oldDirfd, oldPath, newDirfd, newPath);
  }

  unlinkat(dirfd: Fd, path: string, options: { directory?: boolean | undefined } = {}): void {
    this.#addon.unlinkat(dirfd, path, options.directory ?? false);
  }

  renameat2(
    oldDirfd: Fd,
    oldPath: string,
    newDirfd: Fd,
    newPath: string,
    options: { noReplace?: boolean; exchange?: boolean } = {},
  ): void {
    this.#addon.renameat2(oldDirfd, oldPath, newDirfd, newPath, options.noReplace ?? false, options.exchange ?? false);
  }

  fchownat(dirfd: Fd, path: string, uid: number, gid: number): void {
    this.#addon.fchownat(dirfd, path, uid, gid);
  }

  fchmodat(dirfd: Fd, path: string, mode: number): void {
    this.#addon.fchmodat(dirfd, path, mode);
  }

  utimensat(dirfd: Fd, path: string, atimeNs: bigint, mtimeNs: bigint): void {
    this.#addon.utimensat(dirfd, path, atimeNs, mtimeNs);
  }

  fstatat(dirfd: Fd, path: string): Stat {
    const found = this.#results;
    this.#addon.fstatat(dirfd, path, found);
    return {
      mode: this.#result(0),
      uid: this.#result(1),
      gid: this.#result(2),
      rdevMajor: this.#result(3),
      rdevMinor: this.#result(4),
      dev: BigInt.asUintN(64, found[5] ?? 0n),
      ino: BigInt.asUintN(64, found[6] ?? 0n),
      size: found[7] ?? 0n,
      nlink: this.#result(8),
      mtimeNs: found[9] ?? 0n,
    };
  }

  readlinkat(dirfd: Fd, path: string): string {
    return this.#addon.readlinkat(dirfd, path);
  }

  readdir(fd: Fd): string[] {
    return this.#addon.readdir(fd);
  }

  setxattrat(dirfd: Fd, path: string, name: string, value: Uint8Array): void {
    this.#addon.setxattrat(dirfd, path, name, value);
  }

  getxattrat(dirfd: Fd, path: string, name: string): Uint8Array | undefined {
    return this.#addon.getxattrat(dirfd, path, name);
  }

  listxattrat(dirfd: Fd, path: string): string[] {
    return this.#addon.listxattrat(dirfd, path);
  }

  async removeTree(dirfd: Fd, path: string): Promise<void> {
    await this.#addon.removeTree(dirfd, path);
  }

  async syncfs(fd: Fd): Promise<void> {
    await this.#addon.syncfs(fd);
  }

  async fsync(fd: Fd): Promise<void> {
    await this.#addon.fsync(fd);
  }

  tryLock(fd: Fd): boolean {
    return this.#addon.tryLock(fd);
  }

  mount(source: string, target: string, fstype: string, flags: number, data: string): void {
    this.#addon.mount(source, target, fstype, flags, data);
  }

  async umount(target: string, flags: number): Promise<void> {
    await this.#addon.umount(target, flags);
  }

  detachedMount(fstype: string, options: readonly string[], attributes: number): Fd {
    return this.#addon.detachedMount(fstype, options, attributes);
  }

  openTree(dirfd: Fd, path: string, flags: number): Fd {
    return this.#addon.openTree(dirfd, path, flags);
  }

  moveMount(from: Fd, toDirfd: Fd, toPath: string): void {
    this.#addon.moveMount(from, toDirfd, toPath);
  }

  mountSetattr(
    fd: Fd,
    options: { set?: number; clear?: number; propagation?: number; userns?: Fd; recursive?: boolean },
  ): void {
    const { set = 0, clear = 0, propagation = 0, userns = -1, recursive = false } = options;
    this.#addon.mountSetattr(fd, set, clear, propagation, userns, recursive);
  }

  async statfs(path: string): ReturnType<System["statfs"]> {
    const [type, blockSize, blocks, free, available, files, filesFree] = await this.#addon.statfs(path);
    return { type: Number(type), blockSize, blocks, free, available, files, filesFree };
  }

  async netlink(
    protocol: number,
    requests: readonly Uint8Array[],
    options: { netns?: Fd | undefined } = {},
  ): Promise<Uint8Array[][]> {
    return await this.#addon.netlink(protocol, requests, options.netns ?? -1);
  }

  async connectInNetns(netns: Fd, address: string, port: number): Promise<Fd> {
    return await this.#addon.connectInNetns(netns, address, port);
  }

  writeSysctlInNetns(netns: Fd, name: string, value: string): void {
    this.#addon.writeSysctlInNetns(netns, sysctlPath(name), value);
  }

  compileSeccomp(profile: string): Uint8Array {
    return compileProfile(this.#addon, profile);
  }

  peerCredentials(socketFd: Fd): PeerCredentials {
    this.#addon.peerCredentials(socketFd, this.#results);
    return { pid: this.#result(0), uid: this.#result(1), gid: this.#result(2) };
  }

  capabilities(): { last: number; bounding: bigint; permitted: bigint; effective: bigint } {
    this.#addon.capabilities(this.#results);
    const [last = 0n, bounding = 0n, permitted = 0n, effective = 0n] = this.#results;
    return {
      last: Number(last),
      bounding: BigInt.asUintN(64, bounding),
      permitted: BigInt.asUintN(64, permitted),
      effective: BigInt.asUintN(64, effective),
    };
  }

  sendFds(socket: Fd, data: Uint8Array, fds: readonly Fd[]): void {
    this.#addon.sendFds(socket, data, fds);
  }

  receiveFds(socket: Fd, maxBytes: number): { data: Uint8Array; fds: Fd[] } {
    const [data, fds] = this.#addon.receiveFds(socket, maxBytes);
    return { data, fds };
  }

  socketPair(): [Fd, Fd] {
    return this.#addon.socketPair();
  }

  sendDatagram(path: string, data: Uint8Array): void {
    this.#addon.sendDatagram(path, data);
  }

  memfd(name: string, data: Uint8Array): Fd {
    return this.#addon.memfd(name, data);
  }

  windowSize(fd: Fd): { columns: number; rows: number } | undefined {
    if (!this.#addon.windowSize(fd, this.#results)) return undefined;
    return { columns: this.#result(0), rows: this.#result(1) };
  }
}

/** `net/ipv4/ip_forward` below /proc/sys; nothing else is a name. */
function sysctlPath(name: string): string {
  const parts = name.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new TypeError(`Cannot write the sysctl "${name}": its name must be parts joined by "/"`);
  }
  return `/proc/sys/${name}`;
}

/** Loads the addon; throws when it is not built. The shim is read at its first start and kept in a sealed memfd. */
export function createLinuxSystem(options: LinuxOptions = {}): System {
  return new LinuxSystem(options);
}
