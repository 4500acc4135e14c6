/**
 * Writes the entries of a layer's tar into a directory, in overlayfs' form: a whiteout becomes a character device 0:0, an
 * opaque directory an extended attribute.
 *
 * Every name is written relative to the descriptor of its directory, one component at a time, and the kernel never
 * follows a link for it. A link in the middle of a name is followed here, by text, and cannot leave the image's root.
 *
 * A layer can be written before the layers below it are there ("later"): what depends on them is only noted, as
 * `implicit`, and `settle` looks it up once they are. Where that is not enough, LowersNeeded says that the layer has to
 * be written once more, with the layers below at hand.
 *
 * Source: image-spec v1.1, layer.md.
 */
import { ftruncateSync, readSync, writeSync } from "node:fs";
import { bytesOfText } from "../base/byte-text.ts";
import { isErrno, NodeletError } from "../base/errors.ts";
import { type Fd, O, type System } from "../system/system.ts";
import {
  FileType,
  type Found,
  isDirectory,
  isOpaque,
  isSymlink,
  isWhiteout,
  type LayerStack,
  MAX_LINKS,
  NEVER_LEAVE,
  OPAQUE_XATTR,
  openDirectory,
  statOrMissing,
} from "./layer-stack.ts";
import { MAX_ID } from "./passwd.ts";
import { quote } from "./reference.ts";
import type { TarEntry, TarHandler } from "./tar.ts";

/** What is known of the layers below: that there are none, the layers themselves, or nothing yet. */
export type Lowers = "none" | "later" | LayerStack;

export interface WriteLimits {
  /** Bytes of file content in one layer. */
  readonly maxBytes: number;
  /** Files, directories, links and devices in one layer. */
  readonly maxInodes: number;
}

/** A directory that the layer has files in without an entry for it: its owner, mode and attributes come from below. */
export interface ImplicitDirectory {
  readonly path: readonly string[];
  /** False when an entry for it came later: then only what is below its name matters. */
  readonly inherit: boolean;
}

/** What only the layers below can decide, once they are there. */
export interface Unsettled {
  readonly implicit: readonly ImplicitDirectory[];
  /**
   * Paths of whiteouts. One that hides nothing has to go: overlayfs lists a directory that lies in one layer only as it is, and its
   * whiteouts show there as names that nothing is found under.
   */
  readonly whiteouts: readonly string[];
}

export interface LayerSummary extends Unsettled {
  /** Bytes on disk, by the blocks that the content takes. */
  readonly bytes: number;
  readonly inodes: number;
}

/** The layer cannot be written without the layers below it. */
export class LowersNeeded extends Error {
  override readonly name = "LowersNeeded";
}

const MAX_NAME_BYTES = 255;
/** PATH_MAX, and the bound that the kernel has for a link's target. */
const MAX_PATH_BYTES = 4096;
/** Descriptors of directories that are kept open for the next file in them. */
const MAX_OPEN_DIRECTORIES = 256;
const BLOCK_BYTES = 4096;
/** An ext4 symbolic link up to this length takes no block. */
const INLINE_LINK_BYTES = 60;
const DEFAULT_DIRECTORY_MODE = 0o755;
const WHITEOUT_PREFIX = ".wh.";
const WHITEOUT_META_PREFIX = ".wh..wh.";
const OPAQUE_NAME = ".wh..wh..opq";

/** Times that fit the kernel's and our own 64 bits of nanoseconds: 1901 to 2262. */
const MIN_SECONDS = -0x8000_0000;
const MAX_SECONDS = 9_223_372_035;

/** Attributes that belong to the host that made the image, and those by which overlayfs itself works. */
const IGNORED_XATTRS = new Set(["security.selinux", "system.nfs4_acl"]);
const OVERLAY_XATTRS = "trusted.overlay.";

interface Attributes {
  mode: number;
  uid: number;
  gid: number;
  mtimeNs: bigint;
  xattrs: ReadonlyMap<string, Uint8Array> | undefined;
}

/** A directory of the layer. Those that exist are all in memory, so that no lookup has to ask the disk. */
interface Directory {
  readonly parent: Directory | undefined;
  readonly name: string;
  /** From the layer's root, without a slash in front; empty for the root. */
  readonly path: string;
  children: Map<string, Directory> | undefined;
  fd: Fd;
  /** Undefined while no entry spoke of it. */
  attributes: Attributes | undefined;
  wasImplicit: boolean;
  /** Hides the directories below. */
  opaque: boolean;
  /** Takes the place of something else, so it has nothing from below. */
  fresh: boolean;
  /** Is here for borrowed files only: no entry of the layer lies in it. */
  lent: boolean;
}

export class LayerWriter implements TarHandler, Disposable {
  readonly #system: System;
  readonly #lowers: Lowers;
  readonly #limits: WriteLimits;
  readonly #trash: Fd;
  readonly #root: Directory;
  readonly #directories = new Map<string, Directory>();
  readonly #open: Directory[] = [];
  /** Files that are here only as copies of those below, for the sake of a hard link. */
  readonly #borrowed = new Set<string>();
  /** Paths of whiteouts, of which later entries may have replaced some. */
  readonly #whiteouts: string[] = [];
  /** Stays open while the descriptor of another directory is looked up. */
  #pinned: Directory | undefined;
  #trashCount = 0;
  #bytes = 0;
  #inodes = 1;
  #written = 0;

  /** The file whose data is being written. */
  #file: Fd = -1;
  #fileEntry: TarEntry | undefined;

  /** `root` and `trash` are empty directories of one file system; replaced files are moved to `trash`. Both stay the caller's. */
  constructor(system: System, root: Fd, trash: Fd, lowers: Lowers, limits: WriteLimits) {
    this.#system = system;
    this.#lowers = lowers;
    this.#limits = limits;
    this.#trash = trash;
    this.#root = newDirectory(undefined, "", root);
    this.#root.wasImplicit = true;
    this.#directories.set("", this.#root);
  }

  /** Bytes of file content written so far. */
  get written(): number {
    return this.#written;
  }

  entry(entry: TarEntry): void {
    try {
      this.#entry(entry);
    } catch (error) {
      throw this.#explain(entry, error);
    }
  }

  data(chunk: Buffer, start: number, end: number, position: number): void {
    if (this.#file < 0) return;
    this.#written += end - start;
    try {
      if (this.#written > this.#limits.maxBytes) {
        throw new NodeletError("exhausted", `the layer holds more than ${this.#limits.maxBytes} bytes`);
      }
      for (let at = start; at < end;) at += writeSync(this.#file, chunk, at, end - at, position + at - start);
    } catch (error) {
      throw this.#explain(this.#fileEntry, error);
    }
  }

  end(): void {
    const entry = this.#fileEntry;
    const file = this.#file;
    this.#fileEntry = undefined;
    if (entry === undefined || file < 0) return;
    try {
      if (entry.sparse) ftruncateSync(file, entry.size);
      // An empty or fresh file of root has its mode since it was made.
      if (entry.uid !== 0 || entry.gid !== 0) {
        this.#system.fchownat(file, "", entry.uid, entry.gid);
        this.#system.fchmodat(file, "", entry.mode);
      }
      if (entry.xattrs !== undefined) this.#setXattrs(file, "", entry.xattrs, FileType.File);
      const time = timeOf(entry);
      this.#system.utimensat(file, "", time, time);
    } catch (error) {
      throw this.#explain(entry, error);
    } finally {
      this.#file = -1;
      this.#system.close(file);
    }
    this.#bytes += blocksOf(entry.stored);
  }

  /** Gives every directory its owner, mode, attributes and time; nothing may be written after it. */
  finish(): LayerSummary {
    const implicit: ImplicitDirectory[] = [];
    for (const directory of this.#directories.values()) {
      const attributes = directory.attributes;
      try {
        if (directory.wasImplicit && this.#lowers !== "none" && !this.#belowIsHidden(directory)) {
          const path = directory.path === "" ? [] : directory.path.split("/");
          implicit.push({ path, inherit: attributes === undefined });
        }
        const fd = this.#fdOf(directory);
        if (attributes === undefined) {
          this.#system.fchmodat(fd, "", DEFAULT_DIRECTORY_MODE);
        } else {
          setAttributes(this.#system, fd, "", attributes, (from, to, xattrs) =>
            this.#setXattrs(from, to, xattrs, FileType.Directory),
          );
        }
        if (directory.opaque && this.#lowers !== "none") {
          this.#system.setxattrat(fd, "", OPAQUE_XATTR, Buffer.from("y"));
        }
        if (attributes !== undefined) this.#system.utimensat(fd, "", attributes.mtimeNs, attributes.mtimeNs);
      } catch (error) {
        throw this.#explain({ name: directory.path }, error);
      }
      this.#bytes += BLOCK_BYTES;
    }
    return { bytes: this.#bytes, inodes: this.#inodes, implicit, whiteouts: this.#whiteouts };
  }

  [Symbol.dispose](): void {
    if (this.#file >= 0) this.#system.close(this.#file);
    this.#file = -1;
    for (const directory of this.#open.splice(0)) {
      if (directory.fd >= 0) this.#system.close(directory.fd);
      directory.fd = -1;
    }
  }

  #entry(entry: TarEntry): void {
    if (entry.uid < 0 || entry.uid > MAX_ID || entry.gid < 0 || entry.gid > MAX_ID) {
      throw invalid(`its owner ${entry.uid}:${entry.gid} is out of range (0 to ${MAX_ID})`);
    }
    const path = splitPath(entry.name, "its name");
    const name = path.pop();
    if (name === undefined) {
      if (entry.type !== "directory") throw invalid("the root can only be a directory");
      this.#root.attributes = attributesOf(entry);
      return;
    }
    const parent = this.#directoryAt(path);
    for (let at: Directory | undefined = parent; at?.lent === true; at = at.parent) at.lent = false;
    if (name.startsWith(WHITEOUT_PREFIX)) {
      this.#whiteout(parent, name);
      return;
    }
    switch (entry.type) {
      case "directory": {
        const directory = this.#child(parent, name) ?? this.#makeDirectory(parent, name);
        directory.attributes = attributesOf(entry);
        directory.lent = false;
        return;
      }
      case "file":
        this.#makeFile(parent, name, entry);
        return;
      case "symlink": {
        checkLinkTarget(entry.linkName);
        this.#create(parent, name, (fd) => this.#system.symlinkat(entry.linkName, fd, name));
        const length = bytesOfText(entry.linkName);
        if (length >= INLINE_LINK_BYTES) this.#bytes += BLOCK_BYTES;
        this.#finishSpecial(parent, name, entry, FileType.Symlink);
        return;
      }
      case "hardlink":
        this.#makeHardLink(parent, name, entry);
        return;
      case "char":
      case "block":
      case "fifo": {
        if (entry.type === "char" && entry.devMajor === 0 && entry.devMinor === 0) {
          this.#hide(parent, name);
          return;
        }
        const type = entry.type === "char" ? FileType.Char : entry.type === "block" ? FileType.Block : FileType.Fifo;
        if (entry.devMajor < 0 || entry.devMajor > 0xfff || entry.devMinor < 0 || entry.devMinor > 0xfffff) {
          throw invalid(`its device number ${entry.devMajor}:${entry.devMinor} is out of range`);
        }
        this.#create(parent, name, (fd) =>
          this.#system.mknodat(fd, name, type | 0o600, entry.devMajor, entry.devMinor),
        );
        this.#finishSpecial(parent, name, entry, type);
        return;
      }
    }
  }

  #makeFile(parent: Directory, name: string, entry: TarEntry): void {
    // With root as owner the mode can be given at once; else chown(2) would take setuid away again.
    const mode = entry.uid === 0 && entry.gid === 0 ? entry.mode : 0o600;
    this.#create(parent, name, (fd) => {
      this.#file = this.#system.openat2(fd, name, {
        flags: O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW,
        mode,
        resolve: NEVER_LEAVE,
      });
    });
    this.#fileEntry = entry;
  }

  /** Calls `make`; something of the same name that an earlier entry of this layer made gives way. */
  #create(parent: Directory, name: string, make: (fd: Fd) => void): void {
    const fd = this.#fdOf(parent);
    try {
      make(fd);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      this.#moveAway(parent, name);
      make(fd);
    }
    this.#countInode();
  }

  #countInode(): void {
    if (++this.#inodes > this.#limits.maxInodes) {
      throw new NodeletError("exhausted", `the layer holds more than ${this.#limits.maxInodes} files`);
    }
  }

  #finishSpecial(parent: Directory, name: string, entry: TarEntry, type: number): void {
    const attributes = attributesOf(entry);
    const fd = this.#fdOf(parent);
    if (type === FileType.Symlink) {
      if (attributes.uid !== 0 || attributes.gid !== 0) {
        this.#system.fchownat(fd, name, attributes.uid, attributes.gid);
      }
      if (attributes.xattrs !== undefined) this.#setXattrs(fd, name, attributes.xattrs, type);
    } else {
      setAttributes(this.#system, fd, name, attributes, (from, to, xattrs) => this.#setXattrs(from, to, xattrs, type));
    }
    this.#system.utimensat(fd, name, attributes.mtimeNs, attributes.mtimeNs);
  }

  #makeHardLink(parent: Directory, name: string, entry: TarEntry): void {
    const path = splitPath(entry.linkName, "the target of its hard link");
    const targetName = path.pop();
    if (targetName === undefined) throw invalid("its hard link leads to a directory");
    if (targetName.startsWith(WHITEOUT_PREFIX)) throw invalid("its hard link leads to a whiteout");
    const place = this.#resolve(path);
    const target = [...place, targetName];
    const from = this.#directories.get(place.join("/"));
    if (from === parent && targetName === name) throw invalid("its hard link leads to itself");
    if (this.#directories.has(target.join("/"))) throw invalid("its hard link leads to a directory");

    const existing = from === undefined ? undefined : statOrMissing(this.#system, this.#fdOf(from), targetName);
    if (existing !== undefined && isWhiteout(existing))
      throw invalid("its hard link leads to a file that the layer removes");
    if (existing === undefined) this.#copyUp(target, entry.linkName);
    const source = this.#directories.get(place.join("/"));
    if (source === undefined) throw invalid(`its hard link leads to ${quote(entry.linkName)}, which does not exist`);
    this.#pinned = parent;
    this.#create(parent, name, (fd) => this.#system.linkat(this.#fdOf(source), targetName, fd, name));
    this.#pinned = undefined;
    this.#inodes--;
  }

  /** Brings a file of a layer below into this one, so that a hard link can be made to it. */
  #copyUp(path: readonly string[], linkName: string): void {
    const missing = (): never => {
      throw invalid(`its hard link leads to ${quote(linkName)}, which does not exist`);
    };
    if (this.#lowers === "none") return missing();
    if (this.#lowers === "later") throw new LowersNeeded();
    if (this.#belowIsHidden(this.#nearest(path))) return missing();
    const lowers = this.#lowers;
    lowers.visit(path, (found) => {
      if (found === undefined) return missing();
      if (isDirectory(found.stat)) throw invalid("its hard link leads to a directory");
      const parent = this.#directoryAt(path.slice(0, -1), true);
      const name = path.at(-1) ?? "";
      this.#copyFile(found, parent, name);
      this.#borrowed.add(path.join("/"));
      // The file's other names stay its names.
      if (found.stat.nlink > 1) this.#copyNames(lowers, found, parent, name);
      return undefined;
    });
  }

  /** Links the copy to every name that the file has below, as far as this layer leaves it to be seen. */
  #copyNames(lowers: LayerStack, file: Found, parent: Directory, name: string): void {
    for (const other of namesOf(this.#system, lowers.root(file.layer), file.stat.ino)) {
      if (this.#isShadowed(other) || this.#belowIsHidden(this.#nearest(other))) continue;
      const seen = lowers.visit(other, (found) => found?.layer === file.layer && found.stat.ino === file.stat.ino);
      if (!seen) continue;
      const otherName = other.at(-1) ?? "";
      const directoryPath = other.slice(0, -1);
      const place = this.#directoryAt(directoryPath, true);
      this.#pinned = parent;
      this.#system.linkat(this.#fdOf(parent), name, this.#fdOf(place), otherName);
      this.#pinned = undefined;
      this.#borrowed.add(other.join("/"));
    }
  }

  /** Whether this layer has something at the path, or anything but a directory on the way to it. */
  #isShadowed(path: readonly string[]): boolean {
    let directory = this.#root;
    for (const name of path) {
      const child = this.#child(directory, name);
      if (child === undefined) return statOrMissing(this.#system, this.#fdOf(directory), name) !== undefined;
      directory = child;
    }
    return true;
  }

  #copyFile(found: Found, parent: Directory, name: string): void {
    const { dirfd, stat } = found;
    const type = stat.mode & FileType.Mask;
    const xattrs = readXattrs(this.#system, dirfd, found.name);
    const attributes: Attributes = {
      mode: stat.mode & 0o7777,
      uid: stat.uid,
      gid: stat.gid,
      mtimeNs: stat.mtimeNs,
      xattrs,
    };
    const to = this.#fdOf(parent);
    if (type === FileType.File) {
      const source = this.#system.openat2(dirfd, found.name, { flags: O.RDONLY | O.NOFOLLOW, resolve: NEVER_LEAVE });
      try {
        const flags = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW;
        const copy = this.#system.openat2(to, name, { flags, mode: 0o600, resolve: NEVER_LEAVE });
        try {
          this.#bytes += copyContent(source, copy, Number(stat.size));
        } finally {
          this.#system.close(copy);
        }
      } finally {
        this.#system.close(source);
      }
    } else if (type === FileType.Symlink) {
      this.#system.symlinkat(this.#system.readlinkat(dirfd, found.name), to, name);
    } else {
      this.#system.mknodat(to, name, type | 0o600, stat.rdevMajor, stat.rdevMinor);
    }
    this.#inodes++;
    if (type === FileType.Symlink) {
      this.#system.fchownat(to, name, attributes.uid, attributes.gid);
      if (xattrs !== undefined) this.#setXattrs(to, name, xattrs, type);
    } else {
      setAttributes(this.#system, to, name, attributes, (fd, path, values) => this.#setXattrs(fd, path, values, type));
    }
    this.#system.utimensat(to, name, attributes.mtimeNs, attributes.mtimeNs);
  }

  #whiteout(parent: Directory, name: string): void {
    if (name === OPAQUE_NAME) {
      parent.opaque = true;
      this.#giveBack(parent.path);
      return;
    }
    // Notes that aufs kept in its layers.
    if (name.startsWith(WHITEOUT_META_PREFIX)) return;
    const target = name.slice(WHITEOUT_PREFIX.length);
    if (target === "" || target === "." || target === "..") throw invalid("it is a whiteout of nothing");
    // A whiteout speaks of the layers below only: what this layer has under the name stays, and hides what is below.
    const directory = this.#child(parent, target);
    if (directory?.lent === true) {
      this.#moveAway(parent, target);
    } else if (directory !== undefined) {
      directory.opaque = true;
      directory.fresh = true;
      this.#giveBack(directory.path);
      return;
    }
    if (this.#lowers === "none") return;
    if (this.#borrowed.has(pathOf(parent, target))) this.#moveAway(parent, target);
    try {
      this.#system.mknodat(this.#fdOf(parent), target, FileType.Char, 0, 0);
      this.#countInode();
      this.#whiteouts.push(pathOf(parent, target));
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
  }

  /** A device 0:0 as an entry of its own: overlayfs shows nothing in its place, in whatever layer it lies. */
  #hide(parent: Directory, name: string): void {
    if (this.#lowers !== "none") {
      this.#create(parent, name, (fd) => this.#system.mknodat(fd, name, FileType.Char, 0, 0));
      this.#whiteouts.push(pathOf(parent, name));
    } else if (statOrMissing(this.#system, this.#fdOf(parent), name) !== undefined) {
      this.#moveAway(parent, name);
    }
  }

  /** Removes what is only borrowed from below a directory that hides what is below it now. */
  #giveBack(path: string): void {
    for (const borrowed of this.#borrowed) {
      if (path !== "" && !borrowed.startsWith(`${path}/`)) continue;
      const slash = borrowed.lastIndexOf("/");
      let directory = this.#directories.get(slash < 0 ? "" : borrowed.slice(0, slash));
      let name = borrowed.slice(slash + 1);
      while (directory?.lent === true && directory.path !== path) {
        name = directory.name;
        directory = directory.parent;
      }
      if (directory !== undefined) this.#moveAway(directory, name);
      this.#borrowed.delete(borrowed);
    }
  }

  #child(parent: Directory, name: string): Directory | undefined {
    return parent.children?.get(name);
  }

  #makeDirectory(parent: Directory, name: string): Directory {
    const fd = this.#fdOf(parent);
    let replaced = false;
    try {
      this.#system.mkdirat(fd, name, 0o700);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      // A file or whiteout of this layer: the new directory has nothing from below.
      this.#moveAway(parent, name);
      this.#system.mkdirat(fd, name, 0o700);
      replaced = true;
    }
    this.#countInode();
    const directory = newDirectory(parent, name, -1);
    directory.opaque = replaced;
    directory.fresh = replaced;
    parent.children ??= new Map();
    parent.children.set(name, directory);
    this.#directories.set(directory.path, directory);
    return directory;
  }

  /** The directory at a path of the archive, made if need be; links on the way are followed inside the root. */
  #directoryAt(path: readonly string[], lent = false): Directory {
    // A path whose every part is a directory of this layer has no link in it.
    const known = this.#directories.get(path.join("/"));
    if (known !== undefined) return known;
    let directory = this.#root;
    for (const name of this.#resolve(path)) {
      let child = this.#child(directory, name);
      if (child === undefined) {
        child = this.#makeDirectory(directory, name);
        child.wasImplicit = true;
        child.lent = lent;
      }
      directory = child;
    }
    return directory;
  }

  /** The path with its links followed, by this layer and by those below as far as they are known. */
  #resolve(path: readonly string[]): string[] {
    let pending = [...path].reverse();
    let at: string[] = [];
    let links = 0;
    let bytes = 0;
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      if (part === "" || part === ".") continue;
      if (part === "..") {
        at.pop();
        continue;
      }
      const next = [...at, part];
      bytes += bytesOfText(part) + 1;
      if (bytes > MAX_PATH_BYTES * MAX_LINKS) throw invalid("its name leads through links that are too long");
      if (this.#directories.has(next.join("/"))) {
        at = next;
        continue;
      }
      const target = this.#linkAt(at, part);
      if (target === undefined) {
        at = next;
        continue;
      }
      if (++links > MAX_LINKS) throw invalid("its name leads through too many symbolic links");
      if (target.startsWith("/")) at = [];
      pending = [...pending, ...target.split("/").reverse()];
    }
    if (bytesOfText(at.join("/")) > MAX_PATH_BYTES) throw invalid("its path is longer than 4096 bytes");
    return at;
  }

  /** The target of a symbolic link in the image as far as it is written; undefined for anything that is none. */
  #linkAt(directoryPath: readonly string[], name: string): string | undefined {
    const directory = this.#directories.get(directoryPath.join("/"));
    if (directory !== undefined) {
      const fd = this.#fdOf(directory);
      const stat = statOrMissing(this.#system, fd, name);
      if (stat !== undefined) {
        if (isSymlink(stat)) return this.#system.readlinkat(fd, name);
        if (isWhiteout(stat)) return undefined;
        throw invalid(`it lies in ${quote([...directoryPath, name].join("/"))}, which is not a directory`);
      }
    }
    if (typeof this.#lowers === "string") return undefined;
    if (this.#belowIsHidden(this.#nearest([...directoryPath, name]))) return undefined;
    return this.#lowers.visit([...directoryPath, name], (found) =>
      found !== undefined && isSymlink(found.stat) ? this.#system.readlinkat(found.dirfd, found.name) : undefined,
    );
  }

  /** The deepest directory of this layer on the way to the path, standing for the path when it hides what is below. */
  #nearest(path: readonly string[]): Directory {
    let directory = this.#root;
    for (const [index, name] of path.entries()) {
      const child = this.#child(directory, name);
      if (child === undefined) {
        // Something in the directory: hidden too if the directory is opaque.
        return directory.opaque ? newDirectory(directory, name, -1) : directory;
      }
      directory = child;
      if (index < path.length - 1 && directory.opaque) return newDirectory(directory, path[index + 1] ?? "", -1);
    }
    return directory;
  }

  /** Whether this layer hides what the layers below have at the directory's own path. */
  #belowIsHidden(directory: Directory): boolean {
    if (directory.fresh) return true;
    for (let at = directory.parent; at !== undefined; at = at.parent) {
      if (at.opaque) return true;
    }
    return false;
  }

  #fdOf(directory: Directory): Fd {
    if (directory.fd >= 0) return directory.fd;
    const parent = directory.parent;
    if (parent === undefined) throw new Error("the root is closed");
    // From the nearest directory that is open, one component at a time, as the path may be longer than the kernel takes.
    directory.fd = openDirectory(this.#system, this.#fdOf(parent), directory.name);
    this.#open.push(directory);
    if (this.#open.length > MAX_OPEN_DIRECTORIES) {
      let oldest = this.#open.shift();
      if (oldest !== undefined && oldest === this.#pinned) {
        this.#open.push(oldest);
        oldest = this.#open.shift();
      }
      if (oldest !== undefined && oldest.fd >= 0) {
        this.#system.close(oldest.fd);
        oldest.fd = -1;
      }
    }
    return directory.fd;
  }

  /** Takes what an earlier entry made out of the tree; whole trees go at once. */
  #moveAway(parent: Directory, name: string): void {
    this.#system.renameat2(this.#fdOf(parent), name, this.#trash, String(this.#trashCount++));
    if (this.#borrowed.size > 0) {
      const path = pathOf(parent, name);
      for (const borrowed of this.#borrowed) {
        if (borrowed === path || borrowed.startsWith(`${path}/`)) this.#borrowed.delete(borrowed);
      }
    }
    const directory = this.#child(parent, name);
    if (directory === undefined) return;
    parent.children?.delete(name);
    const gone = [directory];
    for (let item = gone.pop(); item !== undefined; item = gone.pop()) {
      this.#directories.delete(item.path);
      if (item.fd >= 0) this.#system.close(item.fd);
      item.fd = -1;
      const place = this.#open.indexOf(item);
      if (place >= 0) this.#open.splice(place, 1);
      if (item.children !== undefined) gone.push(...item.children.values());
    }
  }

  #setXattrs(fd: Fd, path: string, xattrs: ReadonlyMap<string, Uint8Array>, type: number): void {
    for (const [name, value] of xattrs) {
      if (!isKeptXattr(name)) continue;
      try {
        this.#system.setxattrat(fd, path, name, value);
      } catch (error) {
        // The kernel has user attributes only for files and directories, and ACLs not for links.
        const plain = type === FileType.File || type === FileType.Directory;
        if (!plain && isErrno(error, "EPERM", "EOPNOTSUPP", "ENOTSUP")) continue;
        // A file system without this kind of attribute: only a capability changes what a program may do.
        if (name !== "security.capability" && isErrno(error, "EOPNOTSUPP", "ENOTSUP")) continue;
        throw error;
      }
    }
  }

  #explain(entry: { readonly name: string } | undefined, error: unknown): unknown {
    if (error instanceof LowersNeeded) return error;
    const what = entry === undefined || entry.name === "" ? "the layer" : `the entry ${quote(entry.name)}`;
    if (isErrno(error, "ENOSPC", "EDQUOT")) {
      return new NodeletError("exhausted", `Cannot write ${what}: the disk is full`, {
        cause: error,
        fix: "Free space in the state directory's file system, for example with nodelet rmi",
      });
    }
    const code =
      error instanceof NodeletError
        ? error.code
        : isErrno(error, "ENAMETOOLONG", "EINVAL", "EFBIG")
          ? "invalid"
          : "internal";
    return new NodeletError(code, `Cannot write ${what}`, { cause: error });
  }
}

/**
 * Takes owner, mode and attributes of implicit directories from the layers below, and whiteouts that hide nothing away.
 * `settled` false: the layer must be written anew. `removed` counts whiteouts.
 */
export function settle(
  system: System,
  root: Fd,
  unsettled: Unsettled,
  lowers: LayerStack,
): { settled: boolean; removed: number } {
  let removed = 0;
  for (const path of unsettled.whiteouts) if (dropWhiteout(system, root, path.split("/"), lowers)) removed++;
  for (const { path, inherit } of unsettled.implicit) {
    const settled = lowers.visit(path, (found) => {
      if (found === undefined) return true;
      if (isSymlink(found.stat)) return false;
      if (!isDirectory(found.stat) || !inherit) return true;
      withDirectory(system, root, path, (fd) => {
        const stat = found.stat;
        const xattrs = readXattrs(system, found.dirfd, found.name);
        const attributes = { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, mtimeNs: stat.mtimeNs, xattrs };
        setAttributes(system, fd, "", attributes, (at, name, values) => {
          for (const [key, value] of values) system.setxattrat(at, name, key, value);
        });
        system.utimensat(fd, "", stat.mtimeNs, stat.mtimeNs);
      });
      return true;
    });
    if (!settled) return { settled, removed };
  }
  return { settled: true, removed };
}

/** Removes the whiteout unless it hides something; true when it did. The directory keeps its time. */
function dropWhiteout(system: System, root: Fd, path: readonly string[], lowers: LayerStack): boolean {
  const name = path.at(-1) ?? "";
  let opaque = isOpaque(system, root);
  let fd = root;
  try {
    for (const part of path.slice(0, -1)) {
      const stat = statOrMissing(system, fd, part);
      // A later entry has taken the place of the directory.
      if (stat === undefined || !isDirectory(stat)) return false;
      const next = openDirectory(system, fd, part);
      if (fd !== root) system.close(fd);
      fd = next;
      opaque ||= isOpaque(system, fd);
    }
    const stat = statOrMissing(system, fd, name);
    if (stat === undefined || !isWhiteout(stat)) return false;
    if (!opaque && lowers.visit(path, (found) => found !== undefined)) return false;
    const { mtimeNs } = system.fstatat(fd, "");
    system.unlinkat(fd, name);
    system.utimensat(fd, "", mtimeNs, mtimeNs);
    return true;
  } finally {
    if (fd !== root) system.close(fd);
  }
}

/** Opens a directory of a layer component by component, for paths of any length. */
function withDirectory(system: System, root: Fd, path: readonly string[], body: (fd: Fd) => void): void {
  let at = root;
  try {
    for (const name of path) {
      const next = openDirectory(system, at, name);
      if (at !== root) system.close(at);
      at = next;
    }
    body(at);
  } finally {
    if (at !== root) system.close(at);
  }
}

type XattrSetter = (fd: Fd, path: string, xattrs: ReadonlyMap<string, Uint8Array>) => void;

/** Owner, then mode, then extended attributes: each of the first two can take away what a later one sets. */
function setAttributes(system: System, fd: Fd, path: string, attributes: Attributes, setXattrs: XattrSetter): void {
  system.fchownat(fd, path, attributes.uid, attributes.gid);
  system.fchmodat(fd, path, attributes.mode);
  if (attributes.xattrs !== undefined) setXattrs(fd, path, attributes.xattrs);
}

function readXattrs(system: System, dirfd: Fd, name: string): Map<string, Uint8Array> | undefined {
  let xattrs: Map<string, Uint8Array> | undefined;
  for (const key of system.listxattrat(dirfd, name)) {
    if (!isKeptXattr(key)) continue;
    const value = system.getxattrat(dirfd, name, key);
    if (value === undefined) continue;
    xattrs ??= new Map();
    xattrs.set(key, value);
  }
  return xattrs;
}

function isKeptXattr(name: string): boolean {
  return !IGNORED_XATTRS.has(name) && !name.startsWith(OVERLAY_XATTRS);
}

function pathOf(parent: Directory, name: string): string {
  return parent.path === "" ? name : `${parent.path}/${name}`;
}

/** All paths in a layer that lead to the inode. */
function namesOf(system: System, root: Fd, ino: bigint): string[][] {
  const names: string[][] = [];
  const pending: string[][] = [[]];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const at = path;
    withDirectory(system, root, at, (fd) => {
      const listing = at.length === 0 ? openDirectory(system, fd, ".") : fd;
      try {
        for (const name of system.readdir(listing)) {
          const stat = statOrMissing(system, fd, name);
          if (stat === undefined) continue;
          if (isDirectory(stat)) pending.push([...at, name]);
          else if (stat.ino === ino) names.push([...at, name]);
        }
      } finally {
        if (listing !== fd) system.close(listing);
      }
    });
  }
  return names;
}

function newDirectory(parent: Directory | undefined, name: string, fd: Fd): Directory {
  const path = parent === undefined ? "" : pathOf(parent, name);
  return {
    parent,
    name,
    path,
    children: undefined,
    fd,
    attributes: undefined,
    wasImplicit: false,
    opaque: false,
    fresh: false,
    lent: false,
  };
}

function attributesOf(entry: TarEntry): Attributes {
  return { mode: entry.mode, uid: entry.uid, gid: entry.gid, mtimeNs: timeOf(entry), xattrs: entry.xattrs };
}

function timeOf(entry: TarEntry): bigint {
  const seconds = Math.min(Math.max(entry.mtimeSeconds, MIN_SECONDS), MAX_SECONDS);
  return BigInt(seconds) * 1_000_000_000n + BigInt(entry.mtimeNanos);
}

/** The parts of an archive's path; empty for the root. An absolute path means the image's root. */
function splitPath(text: string, what: string): string[] {
  if (bytesOfText(text) > MAX_PATH_BYTES) throw invalid(`${what} is longer than ${MAX_PATH_BYTES} bytes`);
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") throw invalid(`${what} ${quote(text)} holds ".."`);
    // The prefix of a whiteout is no part of a file's name.
    const most = part.startsWith(WHITEOUT_PREFIX) ? MAX_NAME_BYTES + WHITEOUT_PREFIX.length : MAX_NAME_BYTES;
    if (part.length * 3 > most && bytesOfText(part) > most) {
      throw invalid(`${what} has a part of more than ${MAX_NAME_BYTES} bytes`);
    }
    if (part.includes("\0")) throw invalid(`${what} holds a NUL`);
    parts.push(part);
  }
  return parts;
}

function checkLinkTarget(target: string): void {
  if (target === "") throw invalid("its symbolic link leads nowhere");
  if (bytesOfText(target) >= MAX_PATH_BYTES) throw invalid("its symbolic link is longer than 4095 bytes");
}

function invalid(why: string): NodeletError {
  return new NodeletError("invalid", why);
}

function blocksOf(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Copies a file's bytes, leaving holes where whole blocks are zero. Returns the bytes on disk. */
function copyContent(source: Fd, copy: Fd, size: number): number {
  const buffer = Buffer.allocUnsafe(256 * BLOCK_BYTES);
  const zero = Buffer.alloc(BLOCK_BYTES);
  let position = 0;
  let written = 0;
  for (;;) {
    const count = readSync(source, buffer, 0, buffer.length, position);
    if (count === 0) break;
    for (let at = 0; at < count; at += BLOCK_BYTES) {
      const end = Math.min(at + BLOCK_BYTES, count);
      if (buffer.compare(zero, 0, end - at, at, end) === 0) continue;
      for (let from = at; from < end;) from += writeSync(copy, buffer, from, end - from, position + from);
      written += BLOCK_BYTES;
    }
    position += count;
  }
  ftruncateSync(copy, size);
  return written;
}
