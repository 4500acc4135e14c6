/** One daemon owns a directory: whoever holds the flock on its file `lock`. The kernel drops it with the process. */
import { ftruncateSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isErrno, NodeletError } from "../base/errors.ts";
import { AT_FDCWD, type Fd, O, type System } from "../system/system.ts";

const LOCK_FILE = "lock";

/**
 * A child that a killed holder had just forked has the lock until its exec closes the descriptor. On a busy machine that takes
 * a moment.
 */
const ORPHAN_WAIT_MS = 5_000;
const ORPHAN_INTERVAL_MS = 20;

export interface DirectoryLock extends Disposable {
  readonly path: string;
}

/**
 * Takes the lock of a directory that exists. Throws `conflict` naming the process that has it; one that has ended since is waited out.
 * `flag` is the option by which another directory can be given.
 */
export async function lockDirectory(system: System, directory: string, flag = "--state-dir"): Promise<DirectoryLock> {
  const path = join(directory, LOCK_FILE);
  const fd = system.openat2(AT_FDCWD, path, { flags: O.RDWR | O.CREAT | O.NOFOLLOW, mode: 0o600 });
  try {
    for (let waited = 0; !system.tryLock(fd); waited += ORPHAN_INTERVAL_MS) {
      if (waited >= ORPHAN_WAIT_MS || !hasEnded(holderOf(path))) throw inUse(directory, path, flag);
      await sleep(ORPHAN_INTERVAL_MS);
    }
    // The holder may have died before it wrote, or left a longer number.
    ftruncateSync(fd, 0);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch (error) {
    system.close(fd);
    throw error;
  }
  return new Lock(system, fd, path);
}

class Lock implements DirectoryLock {
  readonly path: string;
  readonly #system: System;
  #fd: Fd;

  constructor(system: System, fd: Fd, path: string) {
    this.#system = system;
    this.#fd = fd;
    this.path = path;
  }

  /** The file stays: taking it away would let two processes lock two files of the same name. */
  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    this.#system.close(this.#fd);
    this.#fd = -1;
  }
}

/** The process that wrote its number into the lock file last. */
function holderOf(path: string): number | undefined {
  try {
    const text = readFileSync(path, "latin1").trim();
    return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined; // the message does without it
  }
}

function hasEnded(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isErrno(error, "ESRCH");
  }
}

function inUse(directory: string, path: string, flag: string): NodeletError {
  const holder = holderOf(path);
  const who = holder === undefined ? "another process" : `process ${holder}`;
  return new NodeletError("conflict", `The directory is in use by ${who}`, {
    where: directory,
    fix: `Stop that process, or give another directory with ${flag}`,
  });
}
