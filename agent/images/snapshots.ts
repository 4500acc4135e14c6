/**
 * Upper and work directories of containers. A snapshot's record is its directory: snapshots/KEY/ holds `upper`, `work` and
 * the link `image`, whose text says which image and layers it uses and since which boot. Making one takes four calls and
 * waits for no sync; it matters for this boot only, as a container's overlay is volatile and never mounted again.
 */
import { readFileSync } from "node:fs";
import { isErrno, NodeletError } from "../base/errors.ts";
import { type Fd, O, type System } from "../system/system.ts";
import type { Snapshot } from "./images.ts";
import { quote } from "./reference.ts";
import type { RootAttributes } from "./unpacker-protocol.ts";

/** What a snapshot holds. */
export interface SnapshotUse {
  readonly imageId: string;
  readonly chainId: string;
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const LINK = "image";
/** Stands for the chain id of an image without layers. */
const NO_LAYERS = "-";

export class Snapshots {
  readonly #system: System;
  readonly #fd: Fd;
  readonly #tmpFd: Fd;
  readonly #boot: string;
  readonly #uses = new Map<string, SnapshotUse>();
  /** Directories that are no snapshot of this boot. */
  readonly #leftovers: string[] = [];
  #nextTemporary = 0;

  constructor(system: System, fd: Fd, tmpFd: Fd, boot: string = bootId()) {
    this.#system = system;
    this.#fd = fd;
    this.#tmpFd = tmpFd;
    this.#boot = boot;
    const listing = system.openat2(fd, ".", { flags: O.RDONLY | O.DIRECTORY });
    try {
      for (const key of system.readdir(listing)) {
        const use = this.#read(key);
        if (use === undefined) this.#leftovers.push(key);
        else this.#uses.set(key, use);
      }
    } finally {
      system.close(listing);
    }
  }

  #read(key: string): SnapshotUse | undefined {
    if (!KEY.test(key)) return undefined;
    try {
      const [boot, imageId, chainId] = this.#system.readlinkat(this.#fd, `${key}/${LINK}`).split(" ");
      if (boot !== this.#boot || imageId === undefined || chainId === undefined) return undefined;
      return { imageId, chainId: chainId === NO_LAYERS ? "" : chainId };
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL")) return undefined;
      throw error;
    }
  }

  get(key: string): SnapshotUse | undefined {
    return this.#uses.get(key);
  }

  entries(): IterableIterator<[string, SnapshotUse]> {
    return this.#uses.entries();
  }

  create(key: string, use: SnapshotUse, root: RootAttributes): void {
    if (!KEY.test(key)) throw new NodeletError("invalid", `${quote(key)} cannot name a snapshot`);
    const system = this.#system;
    const make = (): void => system.mkdirat(this.#fd, key, 0o700);
    try {
      make();
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw diskFull(error);
      // A half-made one, or one of an earlier boot.
      system.renameat2(this.#fd, key, this.#tmpFd, `snapshot-${process.pid}-${this.#nextTemporary++}`);
      make();
    }
    try {
      const upper = `${key}/upper`;
      system.mkdirat(this.#fd, upper, 0o755);
      // The root directory that a container sees is the upper one.
      if (root.uid !== 0 || root.gid !== 0) system.fchownat(this.#fd, upper, root.uid, root.gid);
      // The mask of this process may have taken bits away.
      system.fchmodat(this.#fd, upper, root.mode);
      system.mkdirat(this.#fd, `${key}/work`, 0o700);
      system.symlinkat(
        `${this.#boot} ${use.imageId} ${use.chainId === "" ? NO_LAYERS : use.chainId}`,
        this.#fd,
        `${key}/${LINK}`,
      );
    } catch (error) {
      void this.#remove(key).catch(() => undefined);
      throw diskFull(error);
    }
    this.#uses.set(key, use);
  }

  /** What it used, once its directories are gone; undefined when there is none. */
  async remove(key: string): Promise<SnapshotUse | undefined> {
    const use = this.#uses.get(key);
    if (use === undefined) return undefined;
    this.#uses.delete(key);
    await this.#remove(key);
    return use;
  }

  async #remove(key: string): Promise<void> {
    // Out of the way at once, so that the key can be used again.
    const temporary = `snapshot-${process.pid}-${this.#nextTemporary++}`;
    try {
      this.#system.renameat2(this.#fd, key, this.#tmpFd, temporary);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return;
      throw error;
    }
    await this.#system.removeTree(this.#tmpFd, temporary);
  }

  async collect(): Promise<void> {
    for (const name of this.#leftovers.splice(0)) {
      if (!this.#uses.has(name)) await this.#system.removeTree(this.#fd, name);
    }
  }
}

/** Paths of a snapshot, relative to the directory of layers. */
export function snapshotPaths(layersPath: string, key: string, lower: readonly string[]): Snapshot {
  return { directory: layersPath, lower, upper: `../snapshots/${key}/upper`, work: `../snapshots/${key}/work` };
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function diskFull(error: unknown): unknown {
  if (!isErrno(error, "ENOSPC", "EDQUOT")) return error;
  return new NodeletError("exhausted", "Cannot make a container's directories: the disk is full", {
    cause: error,
    fix: "Free space in the state directory's file system, for example with nodelet rmi",
  });
}
