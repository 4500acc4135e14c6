/**
 * Unpacked layers: one directory each, shared by chain id, counted by what uses them.
 *
 * A layer is in one of three states:
 *
 *     unpacking ──► unpacked ──► recorded
 *         │             │            │
 *         └─────────────┴── release ─┴──► gone
 *
 * Unpacking layers lie in tmp/. Unpacked ones lie in layers/, and nothing but memory knows them: a crash leaves a
 * directory without a record, which `collect` removes. A record is only written after a sync of the file system.
 */
import { join } from "node:path";
import { isNodeletError, NodeletError } from "../base/errors.ts";
import { unlessAborted } from "../base/limits.ts";
import type { Table } from "../store/store.ts";
import { type Fd, O, type System } from "../system/system.ts";
import { chainIds, type OpenBlob, type SourceLayer } from "./archive.ts";
import type { LoadProgress } from "./images.ts";
import type { RootAttributes, UnpackLimits, UnpackResult } from "./unpacker-protocol.ts";
import type { UnpackerPool } from "./unpacker-pool.ts";

export interface LayerRecord {
  /** Name of the directory: short, as all lower layers have to fit into mount options. */
  readonly number: number;
  /** Chain id of the layer below; empty for the lowest. */
  readonly parent: string;
  readonly diffId: string;
  readonly bytes: bigint;
  readonly inodes: number;
  /** What the image's root directory has, for the upper directory of containers. */
  readonly root: RootAttributes;
}

type Watcher = (event: LoadProgress) => void;

export interface Layer {
  readonly chainId: string;
  readonly diffId: string;
  readonly parent: Layer | undefined;
  readonly number: number;
  /** Uses: images, snapshots, layers right above, loads under way. */
  uses: number;
  state: "unpacking" | "unpacked" | "recorded";
  result: { bytes: bigint; inodes: number; root: RootAttributes } | undefined;
  readonly abort: AbortController;
  /** Of loads that wait for it. */
  readonly watchers: Set<Watcher>;
  /** Settles when the layer is unpacked, or never will be. */
  work: Promise<void>;
}

/** The layers of an image, held until released or recorded with it. */
export interface HeldChain {
  /** Chain id of the top layer; empty when there is none. */
  readonly chainId: string;
}

export interface LayerStoreOptions {
  readonly system: System;
  readonly pool: UnpackerPool;
  readonly table: Table<LayerRecord>;
  readonly stateDir: string;
  readonly layersFd: Fd;
  readonly tmpFd: Fd;
  readonly limits: UnpackLimits;
}

/**
 * The lowest directory of every snapshot: the places that a runtime mounts on in any container. An image that lacks one of them
 * would get it in the upper directory at each start, and /etc copied up with it. What an image has is above, and hides it.
 */
export const BASE_LAYER = "0";
export const MOUNT_POINTS = {
  directories: ["dev", "proc", "sys", "etc"],
  files: ["etc/hosts", "etc/hostname", "etc/resolv.conf"],
} as const;
/** Another load's archive may be damaged where ours is not; it cannot be so for ever. */
const MAX_ATTEMPTS = 3;

export class LayerStore {
  readonly #system: System;
  readonly #pool: UnpackerPool;
  readonly #table: Table<LayerRecord>;
  readonly #layersPath: string;
  readonly #tmpPath: string;
  readonly #layersFd: Fd;
  readonly #tmpFd: Fd;
  readonly #limits: UnpackLimits;
  readonly #layers = new Map<string, Layer>();
  /** Directories of layers that are no more, while they are being removed. */
  readonly #removals = new Set<Promise<void>>();
  #nextNumber = 1;
  #nextTemporary = 0;

  constructor(options: LayerStoreOptions) {
    this.#system = options.system;
    this.#pool = options.pool;
    this.#table = options.table;
    this.#layersPath = join(options.stateDir, "layers");
    this.#tmpPath = join(options.stateDir, "tmp");
    this.#layersFd = options.layersFd;
    this.#tmpFd = options.tmpFd;
    this.#limits = options.limits;
    this.#restore();
  }

  #restore(): void {
    const records = new Map(this.#table.entries());
    const restore = (chainId: string): Layer | undefined => {
      const known = this.#layers.get(chainId);
      if (known !== undefined) return known;
      const chain: string[] = [];
      for (let at = chainId; at !== "" && !this.#layers.has(at); at = records.get(at)?.parent ?? "") {
        // A record whose lower layer has none is worth nothing, and so is a circle.
        if (!records.has(at) || chain.includes(at)) return undefined;
        chain.push(at);
      }
      let layer: Layer | undefined;
      for (const id of chain.reverse()) {
        const record = records.get(id);
        if (record === undefined) return undefined;
        layer = {
          chainId: id,
          diffId: record.diffId,
          parent: record.parent === "" ? undefined : this.#layers.get(record.parent),
          number: record.number,
          uses: 0,
          state: "recorded",
          result: { bytes: record.bytes, inodes: record.inodes, root: record.root },
          abort: new AbortController(),
          watchers: new Set(),
          work: Promise.resolve(),
        };
        if (layer.parent !== undefined) layer.parent.uses++;
        this.#layers.set(id, layer);
      }
      return layer;
    };
    for (const [chainId, record] of records) {
      restore(chainId);
      this.#nextNumber = Math.max(this.#nextNumber, record.number + 1);
    }
    for (const name of readNames(this.#system, this.#layersFd)) {
      const number = Number(name);
      if (Number.isSafeInteger(number)) this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    }
  }

  /** True when the layer and all below it are there. */
  has(chainId: string): boolean {
    return chainId === "" || this.#layers.get(chainId)?.state === "recorded";
  }

  /** Names of the directories, topmost first; for an image without layers the base layer. */
  lower(chainId: string): string[] {
    if (chainId === "") return [BASE_LAYER];
    return this.#chain(chainId).map((layer) => String(layer.number));
  }

  size(chainId: string): bigint {
    if (chainId === "") return 0n;
    return this.#chain(chainId).reduce((sum, layer) => sum + (layer.result?.bytes ?? 0n), 0n);
  }

  root(chainId: string): RootAttributes {
    return this.#layers.get(chainId)?.result?.root ?? { mode: 0o755, uid: 0, gid: 0 };
  }

  /** What all layers take, a shared one once. */
  usage(): { bytes: bigint; inodes: bigint } {
    let bytes = 0n;
    let inodes = 0n;
    for (const { result } of this.#layers.values()) {
      bytes += result?.bytes ?? 0n;
      inodes += BigInt(result?.inodes ?? 0);
    }
    return { bytes, inodes };
  }

  /** Counts one more use of the layer, and so of those below. */
  hold(chainId: string): void {
    const layer = this.#layers.get(chainId);
    if (layer !== undefined) layer.uses++;
  }

  /** Counts one use less; layers that nothing uses any more lose their record, then their directory. */
  release(chainId: string): void {
    const layer = this.#layers.get(chainId);
    if (layer !== undefined) this.#releaseLayer(layer);
  }

  /** As `release`, for a layer that may have failed and so be in no map. */
  #releaseLayer(top: Layer): void {
    for (let layer: Layer | undefined = top; layer !== undefined; layer = layer.parent) {
      layer.uses--;
      if (layer.uses > 0) return;
      this.#forget(layer);
    }
  }

  #forget(layer: Layer): void {
    if (this.#layers.get(layer.chainId) === layer) this.#layers.delete(layer.chainId);
    if (layer.state === "unpacking") {
      layer.abort.abort(new NodeletError("cancelled", "Loading was cancelled"));
      return;
    }
    const name = String(layer.number);
    const record = layer.state === "recorded" ? this.#table.delete(layer.chainId) : Promise.resolve();
    this.#track(record.then(() => this.#removeDirectory(name)));
  }

  #track(removal: Promise<void>): void {
    // What cannot be removed now has no record and goes with the next collect.
    const tracked = removal.catch(() => undefined).finally(() => this.#removals.delete(tracked));
    this.#removals.add(tracked);
  }

  async #removeDirectory(name: string): Promise<void> {
    const temporary = `gone-${name}-${this.#nextTemporary++}`;
    this.#system.renameat2(this.#layersFd, name, this.#tmpFd, temporary);
    await this.#system.removeTree(this.#tmpFd, temporary);
  }

  /** Resolves when no directory is being removed any more. */
  async settled(): Promise<void> {
    while (this.#removals.size > 0) await Promise.all(this.#removals);
  }

  /** Unpacks what is missing, all layers at a time, and holds the chain. Rejects having kept nothing of it. */
  async obtain(
    layers: readonly SourceLayer[],
    options: { signal?: AbortSignal | undefined; progress?: ((event: LoadProgress) => void) | undefined },
  ): Promise<HeldChain> {
    for (let attempt = 1; ; attempt++) {
      const own = new Map<Layer, SourceLayer>();
      const all: Layer[] = [];
      try {
        const top = await this.#obtainOnce(layers, options, own, all);
        return { chainId: top };
      } catch (error) {
        const others = all.some((layer) => layer.state !== "recorded" && !own.has(layer));
        const cancelled = options.signal?.aborted === true;
        if (!others || cancelled || attempt >= MAX_ATTEMPTS || isNodeletError(error, "exhausted")) throw error;
      } finally {
        // Nobody may take our archive away while a layer is still read from it. What others go on to wait for without our files,
        // they wait for alone.
        const ours = [...own].filter(([layer, source]) => source.isLocal || layer.uses === 0);
        await Promise.allSettled(ours.map(([layer]) => layer.work));
      }
    }
  }

  async #obtainOnce(
    layers: readonly SourceLayer[],
    options: { signal?: AbortSignal | undefined; progress?: ((event: LoadProgress) => void) | undefined },
    own: Map<Layer, SourceLayer>,
    all: Layer[],
  ): Promise<string> {
    options.signal?.throwIfAborted();
    const ids = chainIds(layers.map((layer) => layer.diffId));
    const { progress } = options;
    const watched = new Map<Layer, Watcher>();
    let parent: Layer | undefined;
    for (const [index, source] of layers.entries()) {
      const chainId = ids[index] ?? "";
      let layer = this.#layers.get(chainId);
      const fresh = layer === undefined;
      layer ??= this.#start(chainId, source, parent);
      if (fresh) own.set(layer, source);
      if (layer.state === "unpacking" && progress !== undefined) {
        // Another load may have the same layer from another blob.
        const watcher: Watcher = (event) => progress({ ...event, layer: source.digest ?? source.diffId });
        layer.watchers.add(watcher);
        watched.set(layer, watcher);
        watcher({ layer: "", phase: "read", bytes: 0, total: source.size });
      } else if (layer.state !== "unpacking") {
        progress?.({ layer: source.digest ?? source.diffId, phase: "done", bytes: 0, total: 0 });
      }
      all.push(layer);
      parent = layer;
    }
    const top = parent;
    if (top === undefined) return "";
    // One use of the top layer keeps the chain: each layer counts as a use of the one below.
    top.uses++;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const abort = (): void => failed.reject(options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([Promise.all(all.map((layer) => layer.work)), failed.promise]);
      return top.chainId;
    } catch (error) {
      this.#releaseLayer(top);
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", abort);
      for (const [layer, watcher] of watched) layer.watchers.delete(watcher);
    }
  }

  #start(chainId: string, source: SourceLayer, parent: Layer | undefined): Layer {
    const layer: Layer = {
      chainId,
      diffId: source.diffId,
      parent,
      number: this.#nextNumber++,
      uses: 0,
      state: "unpacking",
      result: undefined,
      abort: new AbortController(),
      watchers: new Set(),
      work: Promise.resolve(),
    };
    if (parent !== undefined) parent.uses++;
    this.#layers.set(chainId, layer);
    layer.work = this.#unpack(layer, source).catch((error: unknown) => {
      // Later loads start it anew.
      if (this.#layers.get(chainId) === layer) this.#layers.delete(chainId);
      throw error;
    });
    layer.work.catch(() => undefined);
    return layer;
  }

  async #unpack(layer: Layer, source: SourceLayer): Promise<void> {
    const progress: Watcher = (event) => {
      for (const watcher of layer.watchers) watcher(event);
    };
    // Made here and not by the unpacker: one that outlives its daemon finds that the next has removed it, and makes nothing.
    const temporary = `layer-${layer.number}-${process.pid}`;
    const tree = `${temporary}/tree`;
    const id = source.digest ?? source.diffId;
    const total = source.size;
    const parent = layer.parent;
    let blob: OpenBlob | undefined;
    const unpack = (
      { part, verified }: OpenBlob,
      lowers: "none" | "later" | readonly string[],
    ): Promise<UnpackResult> =>
      this.#pool.run<"unpack">(
        {
          op: "unpack",
          source: part,
          digest: verified ? undefined : source.digest,
          diffId: source.diffId,
          target: join(this.#tmpPath, tree),
          layers: this.#layersPath,
          lowers,
          limits: this.#limits,
        },
        {
          signal: layer.abort.signal,
          progress: (bytes) => progress({ layer: id, phase: "unpack", bytes, total }),
        },
      );
    this.#system.mkdirat(this.#tmpFd, temporary, 0o700);
    try {
      blob = await source.open({
        signal: layer.abort.signal,
        progress: (bytes) => progress({ layer: id, phase: "download", bytes, total }),
      });
      const below = parent === undefined ? "none" : parent.state === "unpacking" ? "later" : this.#namesFrom(parent);
      let result = await unpack(blob, below);
      let { root, inodes } = result;
      if (parent !== undefined && below === "later") {
        // Others may go on to wait for it.
        await unlessAborted(parent.work, layer.abort.signal);
        const lowers = this.#namesFrom(parent);
        let settled = !result.lowersNeeded;
        const { implicit, whiteouts } = result.unsettled;
        if (settled && implicit.length + whiteouts.length > 0) {
          const answer = await this.#pool.run<"settle">(
            {
              op: "settle",
              root: join(this.#tmpPath, tree, "root"),
              layers: this.#layersPath,
              lowers,
              unsettled: result.unsettled,
            },
            { signal: layer.abort.signal },
          );
          settled = answer.settled;
          ({ root } = answer);
          inodes -= answer.removed;
        }
        if (!settled) {
          await this.#system.removeTree(this.#tmpFd, tree);
          result = await unpack(blob, lowers);
          ({ root, inodes } = result);
        }
      }
      layer.abort.signal.throwIfAborted();
      this.#system.renameat2(this.#tmpFd, `${tree}/root`, this.#layersFd, String(layer.number), {
        noReplace: true,
      });
      layer.result = { bytes: BigInt(result.bytes), inodes, root };
      layer.state = "unpacked";
      progress({ layer: id, phase: "done", bytes: total, total });
    } catch (error) {
      if (isNodeletError(error, "cancelled") || layer.abort.signal.aborted) throw error;
      const code = isNodeletError(error) ? error.code : "internal";
      throw new NodeletError(code, `Cannot unpack the layer ${id}`, { cause: error });
    } finally {
      await blob?.release();
      await this.#system.removeTree(this.#tmpFd, temporary);
    }
  }

  #namesFrom(top: Layer): string[] {
    const names: string[] = [];
    for (let layer: Layer | undefined = top; layer !== undefined; layer = layer.parent)
      names.push(String(layer.number));
    return names;
  }

  #chain(chainId: string): Layer[] {
    const chain: Layer[] = [];
    for (let layer = this.#layers.get(chainId); layer !== undefined; layer = layer.parent) chain.push(layer);
    return chain;
  }

  /**
   * Writes the records of a chain that have none: to be called in a transaction, after a sync of the file system. The
   * result goes to `confirm` once that is committed.
   */
  record(chainId: string): readonly Layer[] {
    const fresh = this.#chain(chainId).filter((layer) => layer.state === "unpacked");
    for (const layer of fresh) {
      const { result } = layer;
      if (result === undefined) continue;
      // The transaction tells of a failure.
      void this.#table.put(layer.chainId, {
        number: layer.number,
        parent: layer.parent?.chainId ?? "",
        diffId: layer.diffId,
        ...result,
      });
    }
    return fresh;
  }

  confirm(layers: readonly Layer[]): void {
    for (const layer of layers) layer.state = "recorded";
  }

  /** Drops records without a directory, and directories and records that nothing uses. */
  async collect(): Promise<void> {
    const present = new Set(readNames(this.#system, this.#layersFd));
    const inMemory = new Set([...this.#layers.values()].map((layer) => String(layer.number)));
    for (const [chainId] of this.#table.entries()) {
      if (!this.#layers.has(chainId)) await this.#table.delete(chainId);
    }
    for (const layer of this.#layers.values()) {
      if (layer.uses === 0 && layer.state !== "unpacking") this.#dropUnused(layer);
    }
    for (const name of present) {
      if (name === BASE_LAYER || inMemory.has(name)) continue;
      await this.#removeDirectory(name);
    }
    await this.settled();
  }

  /** A layer without uses: as if the last one had just gone. */
  #dropUnused(layer: Layer): void {
    layer.uses = 1;
    this.#releaseLayer(layer);
  }

  /** Chain ids whose directory, or that of a layer below, is missing. */
  broken(): Set<string> {
    const present = new Set(readNames(this.#system, this.#layersFd));
    const broken = new Set<string>();
    for (const layer of this.#layers.values()) {
      if (layer.state !== "recorded") continue;
      if (this.#chain(layer.chainId).some((item) => !present.has(String(item.number)))) broken.add(layer.chainId);
    }
    return broken;
  }
}

function readNames(system: System, directory: Fd): string[] {
  const fd = system.openat2(directory, ".", { flags: O.RDONLY | O.DIRECTORY });
  try {
    return system.readdir(fd);
  } finally {
    system.close(fd);
  }
}
