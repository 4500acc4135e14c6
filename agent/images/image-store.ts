/**
 * The image store: which images there are, their names, and the layers they and containers use.
 *
 *     STATE_DIR/layers/N/             an unpacked layer in overlayfs' form; 0 is empty
 *     STATE_DIR/snapshots/KEY/        upper and work of a container
 *     STATE_DIR/blobs/sha256/HEX      configurations and manifests
 *     STATE_DIR/tmp/                  what is being made or removed
 *
 * Images and layers are records of the store; they are written after a sync of the files that they speak of, so a record
 * never names something that a power cut could have taken.
 */
import { createHash } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describeError, isErrno, isNodeletError, NodeletError } from "../base/errors.ts";
import type { Store, Table } from "../store/store.ts";
import { AT_FDCWD, type Fd, O, type System } from "../system/system.ts";
import { readImages, type SourceImage } from "./archive.ts";
import { DEFAULT_BOMB_LIMITS } from "./decompress.ts";
import { type GarbagePolicy, type ImageAge, removable } from "./garbage.ts";
import type {
  Image,
  ImageConfig,
  ImageStore,
  ImageUsers,
  LoadProgress,
  PullOptions,
  PullStep,
  PullView,
  Snapshot,
} from "./images.ts";
import { FileType, LayerStack, NEVER_LEAVE } from "./layer-stack.ts";
import { BASE_LAYER, type LayerRecord, LayerStore, MOUNT_POINTS } from "./layer-store.ts";
import { formatPlatform, hostPlatform, parsePlatform } from "./manifests.ts";
import { MAX_USER_FILE_BYTES, parseGroup, parsePasswd } from "./passwd.ts";
import {
  formatReference,
  idPrefix,
  parseReference,
  parseTag,
  quote,
  repositoryOf,
  withDefaultTag,
} from "./reference.ts";
import { Pulls, type PullWork } from "./pulls.ts";
import { Registry, type RegistryOptions } from "./registry/registry.ts";
import { snapshotPaths, Snapshots } from "./snapshots.ts";
import { UnpackerPool } from "./unpacker-pool.ts";
import type { UnpackLimits } from "./unpacker-protocol.ts";

export interface ImageRecord {
  readonly tags: readonly string[];
  /** Whole names with digests. */
  readonly digests: readonly string[];
  /** Digest of the manifest; its text is among the blobs, as is that of the configuration. */
  readonly manifest: string | undefined;
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
  readonly created: string | undefined;
  readonly config: ImageConfig;
  readonly chainId: string;
  readonly pinned: boolean;
  readonly lastUsed: number;
  /** When it came; absent from records of before there was this field. */
  readonly added?: number | undefined;
}

export interface ImageStoreOptions {
  readonly system: System;
  /** Holds the directory: see openStore. */
  readonly store: Store;
  readonly stateDir: string;
  readonly limits?: Partial<UnpackLimits> | undefined;
  /** How registries are dealt with. */
  readonly registry?: RegistryOptions | undefined;
  /** Unpacker processes at a time. @default the count of processors, 8 at most */
  readonly processes?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** Told of what went wrong without failing a call. */
  readonly warn?: ((message: string) => void) | undefined;
}

export const DEFAULT_UNPACK_LIMITS: UnpackLimits = {
  ...DEFAULT_BOMB_LIMITS,
  maxBytes: 512 * 1024 ** 3,
  maxInodes: 8_000_000,
  maxEntries: 10_000_000,
  reserveBytes: 256 * 1024 ** 2,
};

const RECORD_VERSION = 1;
/** The time of last use is written down this often at most: garbage collection counts in minutes. */
const LAST_USED_INTERVAL_MS = 10 * 60 * 1000;

const MOUNT_ATTR_RDONLY = 1;
const MOUNT_ATTR_NOSUID = 2;
const MOUNT_ATTR_NODEV = 4;
const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MNT_DETACH = 2;
const OPEN_TREE_CLONE = 1;
/** fsconfig(2) takes strings up to this on kernels before 6.8. */
const MAX_FSCONFIG_STRING = 255;

class LocalImageStore implements ImageStore {
  readonly #system: System;
  readonly #store: Store;
  readonly #stateDir: string;
  readonly #layersPath: string;
  readonly #tmpPath: string;
  readonly #layersFd: Fd;
  readonly #tmpFd: Fd;
  readonly #snapshotsFd: Fd;
  readonly #images: Table<ImageRecord>;
  readonly #layers: LayerStore;
  readonly #snapshots: Snapshots;
  readonly #pool: UnpackerPool;
  readonly #registry: Registry;
  readonly #pulls: Pulls;
  readonly #limits: UnpackLimits;
  readonly #now: () => number;
  readonly #warn: (message: string) => void;
  readonly #lastUsed = new Map<string, number>();
  readonly #users = new Map<string, Promise<ImageUsers>>();
  /** What lay in tmp/ when the store was opened. */
  readonly #leftovers: string[];
  readonly #loads = new Set<Promise<unknown>>();
  /** Blobs that loads under way write, and how many of them: no record names these yet. */
  readonly #pendingBlobs = new Map<string, number>();
  readonly #closing = new AbortController();
  #byTag: Map<string, string> | undefined;
  #nextTemporary = 0;

  constructor(options: ImageStoreOptions) {
    const { system, store, stateDir } = options;
    this.#system = system;
    this.#store = store;
    this.#stateDir = resolve(stateDir);
    this.#layersPath = join(this.#stateDir, "layers");
    this.#tmpPath = join(this.#stateDir, "tmp");
    this.#limits = { ...DEFAULT_UNPACK_LIMITS, ...options.limits };
    this.#now = options.now ?? Date.now;
    this.#warn = options.warn ?? (() => undefined);
    for (const path of ["", "layers", "tmp", "snapshots", "blobs", "blobs/sha256", "blobs/sha512"]) {
      mkdirSync(join(this.#stateDir, path), {
        recursive: true,
        mode: 0o700,
      });
    }
    makeMountPoints(join(this.#layersPath, BASE_LAYER));
    this.#layersFd = this.#openDirectory(this.#layersPath);
    this.#tmpFd = this.#openDirectory(this.#tmpPath);
    this.#snapshotsFd = this.#openDirectory(join(this.#stateDir, "snapshots"));
    this.#leftovers = this.#names(this.#tmpFd);
    this.#pool = new UnpackerPool({ processes: options.processes });
    this.#registry = new Registry(options.registry ?? {}, this.#tmpPath, this.#limits.reserveBytes);
    this.#pulls = new Pulls((work) => this.#pull(work), this.#now);
    this.#images = store.table<ImageRecord>("images", { version: RECORD_VERSION });
    this.#layers = new LayerStore({
      system,
      pool: this.#pool,
      table: store.table<LayerRecord>("layers", { version: RECORD_VERSION }),
      stateDir: this.#stateDir,
      layersFd: this.#layersFd,
      tmpFd: this.#tmpFd,
      limits: this.#limits,
    });
    for (const [, record] of this.#images.entries()) this.#layers.hold(record.chainId);
    this.#snapshots = new Snapshots(system, this.#snapshotsFd, this.#tmpFd);
    for (const [, use] of this.#snapshots.entries()) this.#layers.hold(use.chainId);
  }

  /** Process ids of the unpackers. */
  get unpackers(): number[] {
    return this.#pool.pids;
  }

  /** Process ids of the puller. */
  get pullers(): number[] {
    return this.#registry.pids;
  }

  list(): readonly Image[] {
    return [...this.#images.entries()].map(([id, record]) => this.#image(id, record));
  }

  find(reference: string): Image | undefined {
    const id = this.#findId(reference);
    const record = id === undefined ? undefined : this.#images.get(id);
    return id === undefined || record === undefined ? undefined : this.#image(id, record);
  }

  #image(id: string, record: ImageRecord): Image {
    return {
      id,
      tags: record.tags,
      digests: record.digests,
      size: this.#layers.size(record.chainId),
      os: record.os,
      architecture: record.architecture,
      created: record.created,
      config: record.config,
      chainId: record.chainId,
      pinned: record.pinned,
      lastUsed: this.#lastUsed.get(id) ?? record.lastUsed,
    };
  }

  #findId(reference: string): string | undefined {
    if (this.#images.get(reference) !== undefined) return reference;
    const prefix = idPrefix(reference);
    if (prefix !== undefined) {
      const ids = [...this.#images.entries()].flatMap(([id]) => (id.startsWith(`sha256:${prefix}`) ? id : []));
      if (ids.length === 1) return ids[0];
      if (ids.length > 1) {
        throw new NodeletError("invalid", `${quote(reference)} is the beginning of ${ids.length} image ids`, {
          fix: "Give more digits",
        });
      }
      if (reference.startsWith("sha256:")) return undefined;
    }
    const parsed = withDefaultTag(parseReference(reference));
    if (parsed.digest === undefined) return this.#tags().get(formatReference(parsed));
    // A digest says which image is meant; a tag beside it does not matter.
    const repository = repositoryOf(parsed);
    const wanted = `${repository}@${parsed.digest}`;
    for (const [id, record] of this.#images.entries()) {
      if (record.digests.includes(wanted)) return id;
      if (
        record.manifest === parsed.digest &&
        record.tags.some((tag) => repositoryOf(parseReference(tag)) === repository)
      ) {
        return id;
      }
    }
    return undefined;
  }

  #tags(): Map<string, string> {
    if (this.#byTag === undefined) {
      this.#byTag = new Map();
      for (const [id, record] of this.#images.entries()) {
        for (const tag of record.tags) this.#byTag.set(tag, id);
      }
    }
    return this.#byTag;
  }

  #put(id: string, record: ImageRecord): Promise<void> {
    this.#byTag = undefined;
    return this.#images.put(id, record);
  }

  async load(
    path: string,
    options: {
      name?: string | undefined;
      signal?: AbortSignal | undefined;
      progress?: (event: LoadProgress) => void;
    } = {},
  ): Promise<readonly Image[]> {
    const signal =
      options.signal === undefined ? this.#closing.signal : AbortSignal.any([options.signal, this.#closing.signal]);
    const work = this.#load(resolve(path), { ...options, signal });
    this.#loads.add(work);
    try {
      return await work;
    } catch (error) {
      if (signal.aborted) throw new NodeletError("cancelled", `Loading ${path} was cancelled`, { cause: error });
      const known = isNodeletError(error);
      const code = known ? error.code : isErrno(error, "EACCES", "EPERM") ? "denied" : "internal";
      throw new NodeletError(code, "Cannot load the image", { where: path, cause: error });
    } finally {
      this.#loads.delete(work);
    }
  }

  async #load(
    path: string,
    options: { name?: string | undefined; signal: AbortSignal; progress?: (event: LoadProgress) => void },
  ): Promise<readonly Image[]> {
    if (options.name !== undefined) parseTag(options.name);
    const temporary = `load-${process.pid}-${this.#nextTemporary++}`;
    this.#system.mkdirat(this.#tmpFd, temporary, 0o700);
    try {
      const sources = await readImages(path, {
        name: options.name,
        host: hostPlatform(),
        index: (archive) =>
          this.#pool.run<"index">(
            { op: "index", path: archive, plain: join(this.#tmpPath, temporary, "archive.tar"), limits: this.#limits },
            {
              signal: options.signal,
              progress: (bytes) => options.progress?.({ layer: archive, phase: "read", bytes, total: undefined }),
            },
          ),
      });
      checkNames(sources);
      return await this.#add(sources, temporary, options);
    } finally {
      await this.#system.removeTree(this.#tmpFd, temporary);
    }
  }

  watchPulls(listener: (step: PullStep) => void): Disposable {
    return this.#pulls.watch(listener);
  }

  pulls(): readonly PullView[] {
    return this.#pulls.list();
  }

  cancelPull(reference: string, maxWaiting?: number): number {
    return this.#pulls.cancel(formatReference(withDefaultTag(parseReference(reference))), maxWaiting);
  }

  async pull(reference: string, options: PullOptions = {}): Promise<Image> {
    if (this.#closing.signal.aborted) throw new NodeletError("unavailable", "The image store is closed");
    const platform = options.platform === undefined ? hostPlatform() : parsePlatform(options.platform);
    return this.#pulls.pull(
      formatReference(withDefaultTag(parseReference(reference))),
      formatPlatform(platform),
      options,
    );
  }

  async #pull({ reference, platform, auth, signal, progress }: PullWork): Promise<Image> {
    const temporary = `pull-${process.pid}-${this.#nextTemporary++}`;
    this.#system.mkdirat(this.#tmpFd, temporary, 0o700);
    try {
      const wanted = parsePlatform(platform);
      const present = this.find(reference);
      // What is here for another platform says nothing of this one.
      const suits = present?.os === wanted.os && present.architecture === wanted.architecture;
      const source = await this.#registry.find({
        reference: parseReference(reference),
        auth,
        platform: wanted,
        known: present !== undefined && suits ? this.#digestsOf(present, reference) : [],
        signal,
      });
      if (source === undefined) {
        // Removed or renamed meanwhile: the next pull brings it.
        const image = this.find(reference);
        if (image === undefined) throw new NodeletError("conflict", "The image was removed while it was pulled");
        return image;
      }
      const [image] = await this.#add([source], temporary, { signal, progress });
      if (image === undefined) throw new NodeletError("conflict", "The image was removed right after it was pulled");
      return image;
    } catch (error) {
      signal.throwIfAborted();
      const code = isNodeletError(error) ? error.code : "internal";
      throw new NodeletError(code, `Cannot pull ${reference}`, { cause: error });
    } finally {
      await this.#system.removeTree(this.#tmpFd, temporary);
    }
  }

  /** Digests under which the image's repository has it. */
  #digestsOf(image: Image, reference: string): string[] {
    const prefix = `${repositoryOf(parseReference(reference))}@`;
    return image.digests.flatMap((digest) => (digest.startsWith(prefix) ? digest.slice(prefix.length) : []));
  }

  /** Unpacks and records images: all of them, or none. `temporary` is a directory in tmp/. */
  async #add(
    sources: readonly SourceImage[],
    temporary: string,
    options: { signal: AbortSignal; progress?: ((event: LoadProgress) => void) | undefined },
  ): Promise<readonly Image[]> {
    const held: { source: SourceImage; chainId: string }[] = [];
    let complete = false;
    this.#holdBlobs(sources, 1);
    try {
      const results = await Promise.allSettled(
        sources.map(async (source) => {
          const chain = await this.#layers.obtain(source.layers, options);
          held.push({ source, chainId: chain.chainId });
        }),
      );
      for (const result of results) if (result.status === "rejected") throw result.reason;
      await this.#writeBlobs(sources, temporary);
      options.signal.throwIfAborted();
      for (const source of sources) {
        for (const layer of source.layers) {
          options.progress?.({ layer: layer.digest ?? layer.diffId, phase: "sync", bytes: 0, total: undefined });
        }
      }
      await this.#pool.run<"sync">({ op: "sync", path: this.#stateDir });
      await this.#record(held);
      complete = true;
      return sources.flatMap((source) => this.find(source.id) ?? []);
    } finally {
      for (const { chainId } of held) this.#layers.release(chainId);
      this.#holdBlobs(sources, -1);
      // Of a load that failed; those of one that did not are named now.
      this.#removeBlobs(sources.flatMap((source) => [source.id, source.manifest?.digest]));
      // Who is told of a failure finds nothing of it left.
      if (!complete) await this.#layers.settled();
    }
  }

  async #writeBlobs(sources: readonly SourceImage[], temporary: string): Promise<void> {
    for (const source of sources) {
      await this.#writeBlob(source.id, source.configBytes, temporary);
      if (source.manifest !== undefined)
        await this.#writeBlob(source.manifest.digest, source.manifest.bytes, temporary);
    }
  }

  async #writeBlob(digest: string, bytes: Uint8Array, temporary: string): Promise<void> {
    const path = this.#blobPath(digest);
    const draft = join(this.#tmpPath, temporary, "blob");
    {
      await using file = await open(draft, "w", 0o600);
      await file.writeFile(bytes);
    }
    await rename(draft, path);
  }

  #blobPath(digest: string): string {
    return join(this.#stateDir, "blobs", digest.replace(":", "/"));
  }

  /** The text of an image's configuration or manifest, checked. */
  async blob(digest: string): Promise<Buffer> {
    const bytes = await readFile(this.#blobPath(digest));
    const algorithm = digest.slice(0, digest.indexOf(":"));
    if (`${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}` !== digest) {
      throw new NodeletError("internal", `The blob ${digest} is damaged`, {
        fix: "Remove the image and load it again",
      });
    }
    return bytes;
  }

  /** All images of a load in one transaction, with the names that they take from others. */
  async #record(held: readonly { source: SourceImage; chainId: string }[]): Promise<void> {
    const existing = new Set(
      held.flatMap(({ source }) => (this.#images.get(source.id) === undefined ? [] : source.id)),
    );
    const fresh = held.map(({ chainId }) => chainId);
    let layers: ReturnType<LayerStore["record"]> = [];
    // Held by the image from now on, whatever happens to the load.
    for (const { source, chainId } of held) if (!existing.has(source.id)) this.#layers.hold(chainId);
    try {
      await this.#store.transaction(() => {
        layers = fresh.flatMap((chainId) => this.#layers.record(chainId));
        for (const { source, chainId } of held) {
          for (const name of source.names) this.#takeName(name, source.id);
          void this.#put(source.id, this.#merged(source, chainId));
        }
      });
    } catch (error) {
      for (const { source, chainId } of held) if (!existing.has(source.id)) this.#layers.release(chainId);
      this.#byTag = undefined;
      throw error;
    }
    this.#layers.confirm(layers);
    for (const { source } of held) this.#lastUsed.set(source.id, this.#now());
  }

  #merged(source: SourceImage, chainId: string): ImageRecord {
    const known = this.#images.get(source.id);
    const repositories = new Set([
      ...source.repositories,
      ...source.names.map((name) => repositoryOf(parseReference(name))),
    ]);
    const digest = source.targetDigest;
    const digests = digest === undefined ? [] : [...repositories].map((repository) => `${repository}@${digest}`);
    return {
      tags: [...new Set([...(known?.tags ?? []), ...source.names])],
      digests: [...new Set([...(known?.digests ?? []), ...digests])],
      manifest: source.manifest?.digest ?? known?.manifest,
      os: source.config.platform.os,
      architecture: source.config.platform.architecture,
      variant: source.config.platform.variant,
      created: source.config.created,
      config: source.config.config,
      chainId,
      pinned: known?.pinned ?? false,
      lastUsed: this.#now(),
      added: known?.added ?? known?.lastUsed ?? this.#now(),
    };
  }

  /** Takes a name away from the image that has it, in the transaction that is open. */
  #takeName(name: string, forId: string): void {
    const owner = this.#tags().get(name);
    const record = owner === undefined ? undefined : this.#images.get(owner);
    if (owner === undefined || record === undefined || owner === forId) return;
    void this.#put(owner, { ...record, tags: record.tags.filter((tag) => tag !== name) });
  }

  async tag(reference: string, name: string): Promise<void> {
    const tag = parseTag(name);
    const id = this.#require(reference);
    const record = this.#images.get(id);
    if (record === undefined || record.tags.includes(tag)) return;
    await this.#store.transaction(() => {
      this.#takeName(tag, id);
      void this.#put(id, { ...record, tags: [...record.tags, tag] });
    });
  }

  async remove(reference: string, options: { force?: boolean | undefined } = {}): Promise<boolean> {
    const id = this.#findId(reference);
    const record = id === undefined ? undefined : this.#images.get(id);
    if (id === undefined || record === undefined) return false;
    const prefix = idPrefix(reference);
    const whole = id === reference || (prefix !== undefined && id.startsWith(`sha256:${prefix}`));
    if (!whole) {
      const parsed = withDefaultTag(parseReference(reference));
      const name = formatReference(parsed);
      const tags = parsed.digest === undefined ? record.tags.filter((tag) => tag !== name) : record.tags;
      const digests = parsed.digest === undefined ? record.digests : record.digests.filter((digest) => digest !== name);
      const left = parsed.digest === undefined ? tags.length : digests.length + tags.length;
      if (left > 0) {
        await this.#put(id, { ...record, tags, digests });
        return true;
      }
    }
    const users = [...this.#snapshots.entries()].flatMap(([key, use]) => (use.imageId === id ? key : []));
    if (users.length > 0 && options.force !== true) {
      throw new NodeletError("conflict", `The image ${reference} is in use by ${users.length} containers`, {
        fix: `Remove the container ${users[0]} and the others first, or force it`,
      });
    }
    this.#byTag = undefined;
    await this.#images.delete(id);
    this.#lastUsed.delete(id);
    this.#users.delete(id);
    this.#layers.release(record.chainId);
    await this.#layers.settled();
    this.#removeBlobs([id, record.manifest]);
    return true;
  }

  async pin(reference: string, pinned: boolean): Promise<void> {
    const id = this.#require(reference);
    const record = this.#images.get(id);
    if (record !== undefined && record.pinned !== pinned) await this.#put(id, { ...record, pinned });
  }

  async prune(
    options: GarbagePolicy & { readonly bytes?: bigint | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ removed: readonly Image[]; bytes: bigint }> {
    const before = this.#layers.usage().bytes;
    const freed = (): bigint => before - this.#layers.usage().bytes;
    const removed: Image[] = [];
    for (const id of removable(this.#ages(), options, this.#now())) {
      options.signal?.throwIfAborted();
      if (options.bytes !== undefined && freed() >= options.bytes) break;
      const image = this.find(id);
      if (image === undefined) continue;
      try {
        if (await this.remove(id)) removed.push(image);
      } catch (error) {
        // A container was made from it in the meantime.
        if (!isNodeletError(error, "conflict")) throw error;
      }
    }
    return { removed, bytes: freed() };
  }

  #ages(): ImageAge[] {
    const inUse = new Set([...this.#snapshots.entries()].map(([, use]) => use.imageId));
    return [...this.#images.entries()].map(([id, record]) => ({
      id,
      pinned: record.pinned,
      inUse: inUse.has(id),
      added: record.added ?? record.lastUsed,
      lastUsed: this.#lastUsed.get(id) ?? record.lastUsed,
    }));
  }

  #removeBlobs(digests: readonly (string | undefined)[]): void {
    for (const digest of digests) {
      if (digest === undefined || this.#blobIsNamed(digest)) continue;
      // In one turn with the look at who names it: a load may be about to write the same one.
      rmSync(this.#blobPath(digest), { force: true });
    }
  }

  #blobIsNamed(digest: string): boolean {
    if (this.#pendingBlobs.has(digest)) return true;
    for (const [id, record] of this.#images.entries()) if (id === digest || record.manifest === digest) return true;
    return false;
  }

  #holdBlobs(sources: readonly SourceImage[], change: 1 | -1): void {
    for (const source of sources) {
      for (const digest of [source.id, source.manifest?.digest]) {
        if (digest === undefined) continue;
        const count = (this.#pendingBlobs.get(digest) ?? 0) + change;
        if (count > 0) this.#pendingBlobs.set(digest, count);
        else this.#pendingBlobs.delete(digest);
      }
    }
  }

  #require(reference: string): string {
    const id = this.#findId(reference);
    if (id === undefined) {
      throw new NodeletError("not-found", `There is no image ${quote(reference)}`, { fix: "See nodelet images" });
    }
    return id;
  }

  // oxlint-disable-next-line typescript/require-await -- errors reject
  #snapshotLower(chainId: string): string[] {
    return [...new Set([...this.#layers.lower(chainId), BASE_LAYER])];
  }

  async createSnapshot(imageId: string, key: string): Promise<Snapshot> {
    const id = this.#require(imageId);
    const record = this.#images.get(id);
    if (record === undefined) throw new NodeletError("not-found", `There is no image ${quote(imageId)}`);
    const known = this.#snapshots.get(key);
    if (known !== undefined) {
      if (known.imageId !== id) {
        throw new NodeletError("conflict", `The snapshot ${key} is one of the image ${known.imageId}`);
      }
    } else {
      const chainId = record.chainId;
      this.#snapshots.create(key, { imageId: id, chainId }, this.#layers.root(chainId));
      this.#layers.hold(chainId);
    }
    this.#touch(id, record);
    return snapshotPaths(this.#layersPath, key, this.#snapshotLower(record.chainId));
  }

  async createView(imageId: string, key: string): Promise<Pick<Snapshot, "directory" | "lower">> {
    const { directory, lower } = await this.createSnapshot(imageId, key);
    // Without the mount points that containers need.
    return { directory, lower: lower.length > 1 ? lower.filter((layer) => layer !== BASE_LAYER) : lower };
  }

  /** Notes the use; written down only now and then, and nobody waits for it. */
  #touch(id: string, record: ImageRecord): void {
    const now = this.#now();
    this.#lastUsed.set(id, now);
    if (now - record.lastUsed < LAST_USED_INTERVAL_MS) return;
    this.#images.put(id, { ...record, lastUsed: now }).catch((error: unknown) => {
      this.#warn(`Cannot note the use of ${id}: ${describeError(error)}`);
    });
  }

  snapshot(key: string): Snapshot | undefined {
    const use = this.#snapshots.get(key);
    return use === undefined ? undefined : snapshotPaths(this.#layersPath, key, this.#snapshotLower(use.chainId));
  }

  /** Keys of all snapshots: those that no container has any more are their owner's to remove. */
  snapshotKeys(): string[] {
    return [...this.#snapshots.entries()].map(([key]) => key);
  }

  async removeSnapshot(key: string): Promise<void> {
    const use = this.#snapshots.get(key);
    if (use === undefined) return;
    try {
      await this.#snapshots.remove(key);
    } finally {
      this.#layers.release(use.chainId);
    }
  }

  async users(imageId: string): Promise<ImageUsers> {
    const id = this.#require(imageId);
    let users = this.#users.get(id);
    if (users === undefined) {
      users = this.#readUsers(id);
      this.#users.set(id, users);
      // A failure is not kept: the disk may be well again.
      users.catch(() => this.#users.delete(id));
    }
    return users;
  }

  async #readUsers(id: string): Promise<ImageUsers> {
    const record = this.#images.get(id);
    if (record === undefined) throw new NodeletError("not-found", `There is no image ${id}`);
    using stack = new LayerStack(this.#system, this.#layersFd, this.#layers.lower(record.chainId));
    const passwd = await this.#readText(stack, "/etc/passwd");
    const group = await this.#readText(stack, "/etc/group");
    return { passwd: parsePasswd(passwd), group: parseGroup(group) };
  }

  /** Empty when there is no such regular file in the image. */
  async #readText(stack: LayerStack, path: string): Promise<string> {
    const fd = stack.resolve(path, (found) => {
      if (found === undefined || (found.stat.mode & FileType.Mask) !== FileType.File) return undefined;
      if (found.stat.size > BigInt(MAX_USER_FILE_BYTES)) {
        throw new NodeletError(
          "invalid",
          `The image's ${path} has ${found.stat.size} bytes, more than ${MAX_USER_FILE_BYTES}`,
        );
      }
      return this.#system.openat2(found.dirfd, found.name, { flags: O.RDONLY | O.NOFOLLOW, resolve: NEVER_LEAVE });
    });
    if (fd === undefined) return "";
    try {
      return await readFile(`/proc/self/fd/${fd}`, "utf8");
    } finally {
      this.#system.close(fd);
    }
  }

  openRoot(imageId: string): Fd {
    const record = this.#images.get(this.#require(imageId));
    const lower = this.#layers.lower(record?.chainId ?? "");
    const [only] = lower;
    // overlayfs wants two layers; one alone shows itself, as the lowest has no whiteouts.
    if (lower.length === 1 && only !== undefined) {
      return this.#system.openat2(this.#layersFd, only, {
        flags: O.RDONLY | O.DIRECTORY | O.NOFOLLOW,
        resolve: NEVER_LEAVE,
      });
    }
    const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    const paths = lower.map((name) => `${this.#layersPath}/${name}`);
    if (paths.every((path) => path.length <= MAX_FSCONFIG_STRING)) {
      try {
        return this.#system.detachedMount(
          "overlay",
          paths.map((path) => `lowerdir+=${path}`),
          attributes,
        );
      } catch (error) {
        // Kernels before 6.8 have no lowerdir+.
        if (!isErrno(error, "EINVAL", "ENOPARAM")) throw error;
      }
    }
    const option = `lowerdir=${lower.map((name) => `/proc/self/fd/${this.#layersFd}/${name}`).join(":")}`;
    if (option.length - "lowerdir=".length <= MAX_FSCONFIG_STRING) {
      return this.#system.detachedMount("overlay", [option], attributes);
    }
    return this.#mountedRoot(option);
  }

  /** More layers than an fsconfig string takes: mount(2) takes a page, and the mount is then taken off its place. */
  #mountedRoot(option: string): Fd {
    const name = `root-${process.pid}-${this.#nextTemporary++}`;
    const place = join(this.#tmpPath, name);
    this.#system.mkdirat(this.#tmpFd, name, 0o700);
    try {
      this.#system.mount("overlay", place, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, option);
      try {
        return this.#system.openTree(AT_FDCWD, place, OPEN_TREE_CLONE);
      } finally {
        this.#system
          .umount(place, MNT_DETACH)
          .then(() => this.#system.unlinkat(this.#tmpFd, name, { directory: true }))
          .catch((error: unknown) => this.#warn(`Cannot unmount ${place}: ${describeError(error)}`));
      }
    } catch (error) {
      throw new NodeletError("internal", "Cannot show the image's files", { cause: error });
    }
  }

  // oxlint-disable-next-line typescript/require-await -- the interface leaves room for a disk that is slow to answer
  async usage(): Promise<{ mountpoint: string; bytesUsed: bigint; inodesUsed: bigint }> {
    const { bytes, inodes } = this.#layers.usage();
    return { mountpoint: this.#stateDir, bytesUsed: bytes, inodesUsed: inodes };
  }

  async collect(): Promise<void> {
    for (const name of this.#leftovers.splice(0)) await this.#system.removeTree(this.#tmpFd, name);
    await this.#snapshots.collect();
    const broken = this.#layers.broken();
    for (const [id, record] of this.#images.entries()) {
      if (this.#layers.has(record.chainId) && !broken.has(record.chainId)) continue;
      this.#warn(`The image ${record.tags[0] ?? id} is forgotten, as layers of it are gone from ${this.#layersPath}`);
      this.#byTag = undefined;
      await this.#images.delete(id);
      this.#layers.release(record.chainId);
    }
    await this.#layers.collect();
    this.#collectBlobs();
  }

  #collectBlobs(): void {
    for (const algorithm of ["sha256", "sha512"]) {
      const fd = this.#openDirectory(join(this.#stateDir, "blobs", algorithm));
      try {
        this.#removeBlobs(this.#names(fd).map((name) => `${algorithm}:${name}`));
      } finally {
        this.#system.close(fd);
      }
    }
  }

  async close(): Promise<void> {
    const reason = new NodeletError("cancelled", "The image store was closed");
    this.#closing.abort(reason);
    await Promise.allSettled([...this.#loads, this.#pulls.close(reason)]);
    await this.#layers.settled();
    await Promise.all([this.#pool.close(), this.#registry.close()]);
    for (const fd of [this.#layersFd, this.#tmpFd, this.#snapshotsFd]) this.#system.close(fd);
  }

  #openDirectory(path: string): Fd {
    return this.#system.openat2(AT_FDCWD, path, { flags: O.RDONLY | O.DIRECTORY | O.NOFOLLOW });
  }

  #names(directory: Fd): string[] {
    return this.#system.readdir(directory);
  }
}

/** Two images of one archive cannot have the same name. */
function checkNames(sources: readonly SourceImage[]): void {
  const owners = new Map<string, string>();
  for (const source of sources) {
    for (const name of source.names) {
      const owner = owners.get(name);
      if (owner !== undefined && owner !== source.id) {
        throw new NodeletError("invalid", `The archive gives the name ${quote(name)} to two images`, {
          fix: "Load it without a name, or save the images one by one",
        });
      }
      owners.set(name, source.id);
    }
  }
}

/** Exact modes, whatever the mask of this process; nothing to do when they are there. */
function makeMountPoints(root: string): void {
  for (const path of ["", ...MOUNT_POINTS.directories]) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), 0o755);
  }
  for (const path of MOUNT_POINTS.files) {
    closeSync(openSync(join(root, path), "a", 0o644));
    chmodSync(join(root, path), 0o644);
  }
}

export type { LocalImageStore };

/** Opens the images below the state directory, which the store's owner has locked. `collect` should follow, once. */
export function openImageStore(options: ImageStoreOptions): LocalImageStore {
  return new LocalImageStore(options);
}
