/** The work of the unpacker process: a blob to a layer's directory, an archive to its table of contents. */
import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { NodeletError } from "../base/errors.ts";
import { AT_FDCWD, type Fd, O, type System } from "../system/system.ts";
import { detectCompression, type FilePart, pump } from "./decompress.ts";
import { LayerStack } from "./layer-stack.ts";
import { LayerWriter, LowersNeeded, settle, type Unsettled } from "./layer-writer.ts";
import { TarReader, type TarEntry, type TarHandler } from "./tar.ts";
import type {
  IndexEntry,
  IndexRequest,
  IndexResult,
  RootAttributes,
  SettleRequest,
  SettleResult,
  SyncRequest,
  UnpackLimits,
  UnpackRequest,
  UnpackResult,
} from "./unpacker-protocol.ts";

/** An archive of images holds few files: blobs, or three a layer. */
const MAX_ARCHIVE_ENTRIES = 100_000;
const INDEX_READ_BYTES = 64 * 1024;
/** The free space is looked at once in so many bytes of output. */
const FREE_SPACE_INTERVAL = 64 * 1024 * 1024;

export async function unpackLayer(
  system: System,
  request: UnpackRequest,
  progress: (bytes: number) => void,
): Promise<UnpackResult> {
  const { limits } = request;
  mkdirSync(request.target, { mode: 0o700 });
  mkdirSync(join(request.target, "root"), { mode: 0o700 });
  mkdirSync(join(request.target, "trash"), { mode: 0o700 });
  using resources = new DisposableStack();
  const root = openPath(system, resources, join(request.target, "root"));
  const trash = openPath(system, resources, join(request.target, "trash"));
  const lowers =
    typeof request.lowers === "string" ? request.lowers : openStack(system, resources, request.layers, request.lowers);
  const file = resources.adopt(openFile(system, request.source.path), closeSync);

  const diffHash = createHash(algorithmOf(request.diffId));
  const blobHash = request.digest === undefined ? undefined : createHash(algorithmOf(request.digest));
  const writer = resources.use(new LayerWriter(system, root, trash, lowers, limits));
  const reader = new TarReader(writer, { maxEntries: limits.maxEntries });
  const space = new SpaceWatch(request.target, limits);
  let read = 0;
  try {
    await pump(
      file,
      request.source,
      (chunk) => {
        diffHash.update(chunk);
        space.add(chunk.length);
        reader.push(chunk);
      },
      {
        hash: blobHash,
        limits,
        progress: (bytes) => {
          read = bytes;
          progress(bytes);
        },
      },
    );
    reader.finish();
  } catch (error) {
    if (error instanceof LowersNeeded) return { ...NOTHING, lowersNeeded: true };
    // Damaged data shows as anything: the digest tells whether the blob is what the manifest speaks of.
    if (blobHash !== undefined && error instanceof NodeletError && error.code === "invalid") {
      hashRest(file, request.source, read, blobHash);
      checkDigest("blob", blobHash.digest("hex"), request.digest, "the manifest", error);
    }
    throw error;
  }
  if (blobHash !== undefined) checkDigest("blob", blobHash.digest("hex"), request.digest, "the manifest");
  checkDigest("unpacked layer", diffHash.digest("hex"), request.diffId, "the image configuration (diff id)");
  const summary = writer.finish();
  const removed = typeof lowers === "string" ? 0 : settle(system, root, summary, lowers).removed;
  return {
    lowersNeeded: false,
    bytes: summary.bytes,
    inodes: summary.inodes - removed,
    unsettled: lowers === "later" ? { implicit: summary.implicit, whiteouts: summary.whiteouts } : SETTLED,
    root: rootAttributes(system, root),
  };
}

const SETTLED: Unsettled = { implicit: [], whiteouts: [] };
const NOTHING: UnpackResult = {
  lowersNeeded: false,
  bytes: 0,
  inodes: 0,
  unsettled: SETTLED,
  root: { mode: 0, uid: 0, gid: 0 },
};

export function settleLayer(system: System, request: SettleRequest): SettleResult {
  using resources = new DisposableStack();
  const root = openPath(system, resources, request.root);
  const lowers = openStack(system, resources, request.layers, request.lowers);
  const { settled, removed } = settle(system, root, request.unsettled, lowers);
  return { settled, removed, root: rootAttributes(system, root) };
}

export async function syncFileSystem(system: System, request: SyncRequest): Promise<undefined> {
  using resources = new DisposableStack();
  await system.syncfs(openPath(system, resources, request.path));
  return undefined;
}

/** Lists the files of an archive of images; one that is compressed as a whole is written out first. */
export async function indexArchive(
  system: System,
  request: IndexRequest,
  progress: (bytes: number) => void,
): Promise<IndexResult> {
  using resources = new DisposableStack();
  let file = resources.adopt(openFile(system, request.path), closeSync);
  let path = request.path;
  const stat = statSync(request.path);
  if (!stat.isFile()) throw new NodeletError("invalid", "it is neither a directory nor a file");
  const head = Buffer.alloc(4);
  readSync(file, head, 0, head.length, 0);
  if (detectCompression(head) !== "none") {
    path = request.plain;
    const plain = resources.adopt(openSync(path, "wx+", 0o600), closeSync);
    const space = new SpaceWatch(path, request.limits);
    let written = 0;
    await pump(
      file,
      { path: request.path, offset: 0, length: stat.size },
      (chunk) => {
        space.add(chunk.length);
        for (let at = 0; at < chunk.length;) at += writeSync(plain, chunk, at);
        written += chunk.length;
        if (written > request.limits.maxBytes) {
          throw new NodeletError("exhausted", `it unpacks to more than ${request.limits.maxBytes} bytes`);
        }
      },
      { limits: request.limits, progress },
    );
    ftruncateSync(plain, written);
    file = plain;
  }
  return { path, entries: listEntries(file, statSync(path).size) };
}

/** Reads the headers only: the data of entries is stepped over. */
function listEntries(file: Fd, size: number): IndexEntry[] {
  const entries: IndexEntry[] = [];
  const handler: TarHandler = {
    entry(entry: TarEntry): void {
      if (entry.type !== "file" && entry.type !== "hardlink" && entry.type !== "symlink") return;
      if (entry.sparse) {
        throw new NodeletError(
          "unsupported",
          `The archive's file ${JSON.stringify(entry.name)} is stored as a sparse file`,
          {
            fix: "Make the archive again without --sparse",
          },
        );
      }
      const type = entry.type === "hardlink" ? "link" : entry.type;
      entries.push({ name: entry.name, type, linkName: entry.linkName, offset: reader.offset, size: entry.size });
    },
    data(): void {},
    end(): void {},
  };
  const reader = new TarReader(handler, { maxEntries: MAX_ARCHIVE_ENTRIES });
  const buffer = Buffer.allocUnsafe(INDEX_READ_BYTES);
  let position = 0;
  while (!reader.done) {
    const count = readSync(file, buffer, 0, buffer.length, position);
    if (count === 0) break;
    reader.push(buffer.subarray(0, count));
    position += count;
    const skip = reader.skippable;
    if (skip === 0 || reader.done) continue;
    if (position + skip > size) break;
    position += skip;
    reader.skip();
  }
  reader.finish();
  return entries;
}

/** Throws before the file system is full. */
class SpaceWatch {
  readonly #path: string;
  readonly #limits: UnpackLimits;
  #next = 0;
  #total = 0;

  constructor(path: string, limits: UnpackLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  add(bytes: number): void {
    this.#total += bytes;
    if (this.#total < this.#next) return;
    this.#next = this.#total + FREE_SPACE_INTERVAL;
    const { bavail, bsize } = statfsSync(this.#path);
    if (bavail * bsize < this.#limits.reserveBytes) {
      throw new NodeletError("exhausted", `the file system has less than ${this.#limits.reserveBytes} bytes left`, {
        fix: "Free space in the state directory's file system, for example with nodelet rmi",
      });
    }
  }
}

function openPath(system: System, resources: DisposableStack, path: string): Fd {
  const fd = system.openat2(AT_FDCWD, path, { flags: O.RDONLY | O.DIRECTORY | O.NOFOLLOW });
  return resources.adopt(fd, (open) => system.close(open));
}

/** Without waiting for the writer of a FIFO. */
function openFile(system: System, path: string): Fd {
  return system.openat2(AT_FDCWD, path, { flags: O.RDONLY | O.NONBLOCK });
}

function openStack(system: System, resources: DisposableStack, layers: string, names: readonly string[]): LayerStack {
  return resources.use(new LayerStack(system, openPath(system, resources, layers), names));
}

function rootAttributes(system: System, root: Fd): RootAttributes {
  const stat = system.fstatat(root, "");
  return { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
}

function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":"));
}

function checkDigest(what: string, hex: string, expected: string | undefined, source: string, cause?: unknown): void {
  if (expected === undefined) return;
  const actual = `${algorithmOf(expected)}:${hex}`;
  if (actual === expected) return;
  throw new NodeletError("invalid", `the ${what} has the digest ${actual}, and ${source} says ${expected}`, { cause });
}

function hashRest(file: Fd, part: FilePart, from: number, hash: { update(data: Uint8Array): unknown }): void {
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (let position = from; position < part.length;) {
    const want = Math.min(buffer.length, part.length - position);
    const count = readSync(file, buffer, 0, want, part.offset + position);
    if (count === 0) return;
    hash.update(buffer.subarray(0, count));
    position += count;
  }
}
