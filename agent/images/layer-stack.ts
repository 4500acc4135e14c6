/**
 * A stack of layer directories, seen as overlayfs would show it: the topmost entry wins, directories merge, whiteouts
 * (character device 0:0) and opaque directories hide what is below. Nothing is mounted, and every step is one component
 * relative to a descriptor, so no link of a layer is ever followed by the kernel.
 *
 * Source: Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 */
import { isErrno } from "../base/errors.ts";
import { type Fd, O, RESOLVE, type Stat, type System } from "../system/system.ts";

export const OPAQUE_XATTR = "trusted.overlay.opaque";

export const FileType = {
  Mask: 0o170000,
  Socket: 0o140000,
  Symlink: 0o120000,
  File: 0o100000,
  Block: 0o060000,
  Directory: 0o040000,
  Char: 0o020000,
  Fifo: 0o010000,
} as const;

export const NEVER_LEAVE = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS;
/** As many links as the kernel follows in one path. */
export const MAX_LINKS = 40;

export function isDirectory(stat: Stat): boolean {
  return (stat.mode & FileType.Mask) === FileType.Directory;
}
export function isSymlink(stat: Stat): boolean {
  return (stat.mode & FileType.Mask) === FileType.Symlink;
}
export function isWhiteout(stat: Stat): boolean {
  return (stat.mode & FileType.Mask) === FileType.Char && stat.rdevMajor === 0 && stat.rdevMinor === 0;
}

/** Where a path was found: `name` in the directory `dirfd`, which is only lent while the visitor runs. */
export interface Found {
  readonly dirfd: Fd;
  /** Empty for the root itself. */
  readonly name: string;
  readonly stat: Stat;
  /** Index in the stack of the layer that has it. */
  readonly layer: number;
}

export function statOrMissing(system: System, dirfd: Fd, name: string): Stat | undefined {
  try {
    return system.fstatat(dirfd, name);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

export class LayerStack implements Disposable {
  readonly #system: System;
  readonly #roots: Fd[] = [];

  /** `names`, topmost first, are directories in `directory`. */
  constructor(system: System, directory: Fd, names: readonly string[]) {
    this.#system = system;
    try {
      for (const name of names) this.#roots.push(openDirectory(system, directory, name));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  get size(): number {
    return this.#roots.length;
  }

  root(layer: number): Fd {
    const fd = this.#roots[layer];
    if (fd === undefined) throw new RangeError(`There is no layer ${layer}`);
    return fd;
  }

  /** Calls `visitor` with what lies at the path; no link is followed, the last one neither. */
  visit<T>(path: readonly string[], visitor: (found: Found | undefined) => T): T {
    const system = this.#system;
    const last = path.at(-1);
    if (last === undefined) {
      const top = this.#roots[0];
      if (top === undefined) return visitor(undefined);
      return visitor({ dirfd: top, name: "", stat: system.fstatat(top, ""), layer: 0 });
    }
    /** The directories that merge at the path so far, with the layer that each is of. */
    let merged: { fd: Fd; layer: number }[] = this.#roots.map((fd, layer) => ({ fd, layer }));
    const opened: Fd[] = [];
    try {
      for (let depth = 0; depth < path.length - 1; depth++) {
        const name = path[depth] ?? "";
        const next: { fd: Fd; layer: number }[] = [];
        for (const { fd, layer } of merged) {
          const stat = statOrMissing(system, fd, name);
          if (stat === undefined) continue;
          if (!isDirectory(stat)) break;
          const child = openDirectory(system, fd, name);
          opened.push(child);
          next.push({ fd: child, layer });
          if (isOpaque(system, child)) break;
        }
        merged = next;
        // Only the directories at hand are needed.
        while (opened.length > next.length) system.close(opened.shift() ?? -1);
      }
      for (const { fd, layer } of merged) {
        const stat = statOrMissing(system, fd, last);
        if (stat === undefined) continue;
        return visitor(isWhiteout(stat) ? undefined : { dirfd: fd, name: last, stat, layer });
      }
      return visitor(undefined);
    } finally {
      for (const fd of opened) system.close(fd);
    }
  }

  /**
   * As `visit`, but links are followed inside the stack's root, the last one too; `..` stops at the root. Where more
   * links lead on than the kernel would follow, there is nothing.
   */
  resolve<T>(path: string, visitor: (found: Found | undefined) => T): T {
    let pending = path.split("/");
    let at: string[] = [];
    let links = 0;
    while (pending.length > 0) {
      const part = pending.shift() ?? "";
      if (part === "" || part === ".") continue;
      if (part === "..") {
        at.pop();
        continue;
      }
      const target = this.visit([...at, part], (found) =>
        found !== undefined && isSymlink(found.stat) ? this.#system.readlinkat(found.dirfd, found.name) : undefined,
      );
      if (target === undefined) {
        at.push(part);
        continue;
      }
      if (++links > MAX_LINKS) return visitor(undefined);
      if (target.startsWith("/")) at = [];
      pending = [...target.split("/"), ...pending];
    }
    return this.visit(at, visitor);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#roots.splice(0)) this.#system.close(fd);
  }
}

/** Open for reading: the kernel does not set attributes through O_PATH. */
export function openDirectory(system: System, dirfd: Fd, name: string): Fd {
  return system.openat2(dirfd, name, { flags: O.RDONLY | O.DIRECTORY | O.NOFOLLOW, resolve: NEVER_LEAVE });
}

export function isOpaque(system: System, fd: Fd): boolean {
  const value = system.getxattrat(fd, "", OPAQUE_XATTR);
  return value !== undefined && value.length === 1 && value[0] === 0x79;
}
