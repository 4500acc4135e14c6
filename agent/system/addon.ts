// The native addon as TypeScript sees it: native/addon/addon.h has the list, linux.ts is the only user.
//
// Results of several numbers are written into a BigInt64Array of the caller's: no object is made on the way.

import { nativeAddonPath } from "../base/paths.ts";

export interface Addon {
  loadShim(program: Uint8Array): number;
  /** results: pid, pidfd, control */
  spawnShim(
    program: number,
    cgroup: number,
    stderr: number,
    results: BigInt64Array,
  ): Promise<[pid: number, pidfd: number]>;
  /** environment: KEY=VALUE, each with a NUL behind; results: our ends of stdin, stdout, stderr */
  spawnProgram(path: string, environment: Uint8Array, results: BigInt64Array): Promise<[pid: number, pidfd: number]>;
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  /** results: exit code, signal; false while it runs */
  waitPidfd(pidfd: number, results: BigInt64Array): boolean;

  /** One report per token. The callback of the first call serves all later ones. */
  watch(fd: number, priority: boolean, callback: (token: bigint) => void): bigint;
  unwatch(token: bigint): boolean;

  openat2(dirfd: number, path: string, flags: number, mode: number, resolve: number): number;
  close(fd: number): void;
  mkdirat(dirfd: number, path: string, mode: number): void;
  mknodat(dirfd: number, path: string, mode: number, major: number, minor: number): void;
  symlinkat(target: string, dirfd: number, path: string): void;
  linkat(oldDirfd: number, oldPath: string, newDirfd: number, newPath: string): void;
  unlinkat(dirfd: number, path: string, directory: boolean): void;
  renameat2(
    oldDirfd: number,
    oldPath: string,
    newDirfd: number,
    newPath: string,
    noReplace: boolean,
    exchange: boolean,
  ): void;
  fchownat(dirfd: number, path: string, uid: number, gid: number): void;
  fchmodat(dirfd: number, path: string, mode: number): void;
  utimensat(dirfd: number, path: string, atimeNs: bigint, mtimeNs: bigint): void;
  /** results: mode, uid, gid, rdev major, rdev minor, dev, ino, size, nlink, mtime in ns */
  fstatat(dirfd: number, path: string, results: BigInt64Array): void;
  readlinkat(dirfd: number, path: string): string;
  readdir(fd: number): string[];
  tryLock(fd: number): boolean;
  syncfs(fd: number): Promise<void>;
  fsync(fd: number): Promise<void>;
  setxattrat(dirfd: number, path: string, name: string, value: Uint8Array): void;
  getxattrat(dirfd: number, path: string, name: string): Uint8Array | undefined;
  listxattrat(dirfd: number, path: string): string[];
  removeTree(dirfd: number, path: string): Promise<void>;

  mount(source: string, target: string, fstype: string, flags: number, data: string): void;
  umount(target: string, flags: number): Promise<void>;
  detachedMount(fstype: string, options: readonly string[], attributes: number): number;
  openTree(dirfd: number, path: string, flags: number): number;
  moveMount(from: number, toDirfd: number, toPath: string): void;
  mountSetattr(fd: number, set: number, clear: number, propagation: number, userns: number, recursive: boolean): void;
  /** type, block size, blocks, free, available, files, free files */
  statfs(path: string): Promise<[bigint, bigint, bigint, bigint, bigint, bigint, bigint]>;

  netlink(protocol: number, requests: readonly Uint8Array[], netns: number): Promise<Uint8Array[][]>;
  connectInNetns(netns: number, address: string, port: number): Promise<number>;
  /** `path` is absolute. */
  writeSysctlInNetns(netns: number, path: string, value: string): void;

  /** Each rule: system call, action, number of conditions, then for each of them index, operator, value, second value. */
  compileSeccomp(defaultAction: number, architectures: readonly number[], rules: BigUint64Array): Uint8Array;
  /** Negative for a system call that only other architectures have; undefined if unknown. */
  resolveSyscall(architecture: number, name: string): number | undefined;
  /** results: pid, uid, gid */
  peerCredentials(socket: number, results: BigInt64Array): void;
  /** results: last, bounding, permitted, effective */
  capabilities(results: BigInt64Array): void;

  sendFds(socket: number, data: Uint8Array, fds: readonly number[]): void;
  receiveFds(socket: number, maxBytes: number): [Uint8Array, number[]];
  socketPair(): [number, number];
  sendDatagram(path: string, data: Uint8Array): void;
  memfd(name: string, data: Uint8Array): number;
  /** results: columns, rows; false when it is no terminal */
  windowSize(fd: number, results: BigInt64Array): boolean;
}

let loaded: Addon | undefined;

/** Loads the addon on first use: a command that needs no system call pays nothing. */
export function addon(): Addon {
  if (loaded !== undefined) return loaded;
  const path = nativeAddonPath();
  const module: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (error) {
    throw new Error(`Cannot load ${path}: build it with \`make native\``, { cause: error });
  }
  loaded = module.exports as Addon;
  return loaded;
}
