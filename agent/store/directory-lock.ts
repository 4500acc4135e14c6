/** One daemon owns a directory: whoever holds the flock on its file `lock`. The kernel drops it with the process. */
import { ftruncateSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { NodeletError } from "../base/errors.ts";
import { AT_FDCWD, type Fd, O, type System } from "../system/system.ts";

const LOCK_FILE = "lock";

export interface DirectoryLock extends Disposable {
  readonly path: string;
}

/**
 * Takes the lock of a directory that exists. Throws `conflict` naming the process that has it. `flag` is the option by
 * which another directory can be given.
 */
export function lockDirectory(system: System, directory: string, flag = "--state-dir"): DirectoryLock {
  const path = join(directory, LOCK_FILE);
  const fd = system.openat2(AT_FDCWD, path, { flags: O.RDWR | O.CREAT | O.NOFOLLOW, mode: 0o600 });
  try {
    if (!system.tryLock(fd)) throw inUse(directory, path, flag);
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

function inUse(directory: string, path: string, flag: string): NodeletError {
  let holder = "";
  try {
    holder = readFileSync(path, "latin1").trim();
  } catch {
    // The message does without it.
  }
  const who = /^\d+$/.test(holder) ? `process ${holder}` : "another process";
  return new NodeletError("conflict", `The directory is in use by ${who}`, {
    where: directory,
    fix: `Stop that process, or give another directory with ${flag}`,
  });
}
