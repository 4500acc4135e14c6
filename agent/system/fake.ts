// A System for tests that need no root: records each call, answers with what the test says, fails when told to.

import { constants } from "node:os";

import type { Fd, System, SystemError } from "./system.ts";

export type SystemCall = {
  [K in keyof System]: { readonly name: K; readonly args: Parameters<System[K]> };
}[keyof System];

/** An error as the addon throws it. */
export function systemError(code: string, syscall: string, path?: string): SystemError {
  const errno = -((constants.errno as Readonly<Record<string, number>>)[code] ?? 1);
  const message = `${code}: ${syscall}${path === undefined ? "" : ` '${path}'`}`;
  return Object.assign(
    new Error(message),
    path === undefined ? { code, errno, syscall } : { code, errno, syscall, path },
  );
}

interface PlannedFailure {
  readonly error: Error;
  /** Calls that go through first. */
  after: number;
  /** Calls that fail then. */
  times: number;
}

/** Descriptors of the fake start here, clear of real ones: one that reaches node:fs by mistake fails with EBADF. */
const FIRST_FD = 1_000_000;

export class FakeSystem {
  /** All calls so far, those that failed too. */
  readonly calls: SystemCall[] = [];
  /** What was opened and not closed: empty at the end of a test that leaks nothing. */
  readonly descriptors = new Set<Fd>();
  readonly system: System;
  readonly #answers = new Map<keyof System, (...args: never[]) => unknown>();
  readonly #failures = new Map<keyof System, PlannedFailure>();
  #nextFd = FIRST_FD;
  #nextPid = 100_000;

  constructor() {
    const defaults = this.#defaults();
    const wrapped: Partial<Record<keyof System, unknown>> = {};
    for (const name of Object.keys(defaults) as (keyof System)[]) {
      const otherwise = defaults[name] as (...args: unknown[]) => unknown;
      wrapped[name] = (...args: unknown[]): unknown => this.#call(name, args, otherwise);
    }
    this.system = wrapped as System;
  }

  /** From now on the call is answered by `answer`. */
  answer<K extends keyof System>(name: K, answer: System[K]): void {
    this.#answers.set(name, answer);
  }

  /** The call fails with this code: the next time, or `times` times after `after` calls that go through. */
  fail(name: keyof System, code: string, options: { after?: number; times?: number; path?: string } = {}): void {
    this.#failures.set(name, {
      error: systemError(code, name, options.path),
      after: options.after ?? 0,
      times: options.times ?? 1,
    });
  }

  /** The arguments of each call of this name. */
  callsOf<K extends keyof System>(name: K): Parameters<System[K]>[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.args as Parameters<System[K]>);
  }

  /** Names in order, for asserting a sequence. */
  names(): string[] {
    return this.calls.map((call) => call.name);
  }

  newFd(): Fd {
    const fd = this.#nextFd++;
    this.descriptors.add(fd);
    return fd;
  }

  #call(name: keyof System, args: unknown[], otherwise: (...args: unknown[]) => unknown): unknown {
    this.calls.push({ name, args } as SystemCall);
    const failure = this.#failures.get(name);
    if (failure !== undefined && failure.after-- <= 0) {
      if (--failure.times <= 0) this.#failures.delete(name);
      if (ASYNCHRONOUS.has(name)) return Promise.reject(failure.error);
      throw failure.error;
    }
    const answer = (this.#answers.get(name) as typeof otherwise | undefined) ?? otherwise;
    return answer(...args);
  }

  /** What a call does unless told otherwise: success, new descriptors, an empty file system. */
  #defaults(): System {
    const newFd = (): Fd => this.newFd();
    const nothing = (): void => undefined;
    const done = async (): Promise<void> => undefined;
    return {
      spawnShim: () => ({ control: newFd(), started: Promise.resolve({ pid: this.#nextPid++, pidfd: newFd() }) }),
      spawnProgram: () => ({
        stdin: newFd(),
        stdout: newFd(),
        stderr: newFd(),
        started: Promise.resolve({ pid: this.#nextPid++, pidfd: newFd() }),
      }),
      pidfdOpen: newFd,
      pidfdSendSignal: nothing,
      waitPidfd: () => ({ exitCode: 0, signal: 0 }),
      pidfdExited: done,
      fdReady: done,
      openat2: newFd,
      close: (fd) => {
        if (!this.descriptors.delete(fd)) throw systemError("EBADF", "close");
      },
      mkdirat: nothing,
      mknodat: nothing,
      symlinkat: nothing,
      linkat: nothing,
      unlinkat: nothing,
      renameat2: nothing,
      fchownat: nothing,
      fchmodat: nothing,
      utimensat: nothing,
      fstatat: () => ({
        mode: 0o40755,
        uid: 0,
        gid: 0,
        rdevMajor: 0,
        rdevMinor: 0,
        dev: 1n,
        ino: 1n,
        size: 0n,
        nlink: 1,
        mtimeNs: 0n,
      }),
      readlinkat: (_dirfd, path) => {
        throw systemError("EINVAL", "readlinkat", path);
      },
      readdir: () => [],
      setxattrat: nothing,
      getxattrat: () => undefined,
      listxattrat: () => [],
      removeTree: done,
      syncfs: done,
      fsync: done,
      tryLock: () => true,
      mount: nothing,
      umount: done,
      detachedMount: newFd,
      openTree: newFd,
      moveMount: nothing,
      mountSetattr: nothing,
      statfs: async () => ({
        type: 0x01021994,
        blockSize: 4096n,
        blocks: 0n,
        free: 0n,
        available: 0n,
        files: 0n,
        filesFree: 0n,
      }),
      netlink: async (_protocol, requests) => requests.map(() => []),
      connectInNetns: async () => newFd(),
      writeSysctlInNetns: nothing,
      compileSeccomp: () => new Uint8Array(8),
      peerCredentials: () => ({ pid: 1, uid: 0, gid: 0 }),
      capabilities: () => ({
        last: 40,
        bounding: (1n << 41n) - 1n,
        permitted: (1n << 41n) - 1n,
        effective: (1n << 41n) - 1n,
      }),
      sendFds: nothing,
      receiveFds: () => ({ data: new Uint8Array(0), fds: [] }),
      socketPair: () => [newFd(), newFd()],
      sendDatagram: nothing,
      memfd: newFd,
      windowSize: () => undefined,
    };
  }
}

const ASYNCHRONOUS: ReadonlySet<keyof System> = new Set([
  "pidfdExited",
  "fdReady",
  "removeTree",
  "syncfs",
  "fsync",
  "umount",
  "statfs",
  "netlink",
  "connectInNetns",
]);
