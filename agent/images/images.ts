// What the runtime and the CRI know of images: resolved images, and a container's snapshot of one.

import type { Fd } from "../system/system.ts";
import type { GarbagePolicy } from "./garbage.ts";

/** The `config` part of an OCI image configuration (image-spec v1.1, config.md), as far as containers use it. */
export interface ImageConfig {
  readonly User?: string | undefined;
  readonly Env?: readonly string[] | undefined;
  readonly Entrypoint?: readonly string[] | undefined;
  readonly Cmd?: readonly string[] | undefined;
  readonly WorkingDir?: string | undefined;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
  readonly StopSignal?: string | undefined;
  readonly Volumes?: Readonly<Record<string, object>> | undefined;
  readonly ExposedPorts?: Readonly<Record<string, object>> | undefined;
}

export interface Image {
  /** `sha256:` and the digest of the image configuration: CRI's Image.id. */
  readonly id: string;
  /** Fully qualified, such as `docker.io/library/busybox:1`. */
  readonly tags: readonly string[];
  /** Fully qualified, such as `docker.io/library/busybox@sha256:...`. */
  readonly digests: readonly string[];
  /** Bytes on disk of the unpacked layers, a shared layer counted in full. */
  readonly size: bigint;
  readonly os: string;
  readonly architecture: string;
  readonly created: string | undefined;
  readonly config: ImageConfig;
  /** Chain id of the topmost layer; empty for an image without layers. */
  readonly chainId: string;
  readonly pinned: boolean;
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
}

/** Directories of a container's overlay; all paths are relative to `directory`, so that mount options stay short. */
export interface Snapshot {
  /** Absolute. */
  readonly directory: string;
  /** Topmost first. At least one: an image without layers has an empty one. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
}

/** One entry of /etc/passwd or /etc/group of an image. */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}
export interface ImageUsers {
  readonly passwd: readonly PasswdEntry[];
  readonly group: readonly GroupEntry[];
}

export interface LoadProgress {
  readonly layer: string;
  readonly phase: "read" | "download" | "unpack" | "sync" | "done";
  /** Of the layer as it is packed. */
  readonly bytes: number;
  readonly total: number | undefined;
}

/** As the CRI's AuthConfig has it. */
export interface PullCredentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Base64 of `username:password`. */
  readonly auth?: string | undefined;
  /** The registry that they are for; empty: that of the image. */
  readonly serverAddress?: string | undefined;
  /** OAuth2's refresh token. */
  readonly identityToken?: string | undefined;
  /** Sent to the registry as it is. */
  readonly registryToken?: string | undefined;
}

export interface PullOptions {
  /** Instead of those of the node. */
  readonly auth?: PullCredentials | undefined;
  /** `OS/ARCHITECTURE[/VARIANT]`. @default the host's */
  readonly platform?: string | undefined;
  /** Ends the waiting; the pull goes on. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((event: LoadProgress) => void) | undefined;
}

/** A pull under way. */
export interface PullView {
  /** Whole. */
  readonly reference: string;
  readonly platform: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** How many wait for it now. */
  readonly waiting: number;
  /** The latest of each layer; empty until the manifest is there. */
  readonly layers: readonly LoadProgress[];
}

/** A layer of an image that is being pulled has come to another phase. */
export interface PullStep {
  /** Whole. */
  readonly reference: string;
  readonly progress: LoadProgress;
}

export interface ImageStore {
  list(): readonly Image[];
  /** By id (whole or a unique prefix of at least 8 hex digits), tag (short names are completed as Docker does) or digest reference. */
  find(reference: string): Image | undefined;
  /**
   * Loads an OCI layout directory, an OCI archive or a docker archive (also gzip or zstd as a whole), all images in it. Whole or
   * not at all. `name` tags an image that the archive does not name.
   */
  load(
    path: string,
    options?: { name?: string | undefined; signal?: AbortSignal | undefined; progress?: (event: LoadProgress) => void },
  ): Promise<readonly Image[]>;
  /**
   * Pulls an image from its registry, or joins the pull of it that is under way. Whole or not at all. A tag is recorded with the
   * digest that it led to, a digest alone.
   */
  pull(reference: string, options?: PullOptions): Promise<Image>;
  /** What is being pulled now. */
  pulls(): readonly PullView[];
  /** Calls back as layers of any pull go from phase to phase, until disposed. */
  watchPulls(listener: (step: PullStep) => void): Disposable;
  /**
   * Ends the pulls of an image, and says how many; those who wait get `cancelled`. With `maxWaiting`, a pull that more than so many
   * wait for goes on.
   */
  cancelPull(reference: string, maxWaiting?: number): number;
  tag(reference: string, name: string): Promise<void>;
  /** Removes a tag, or the image with all tags when given an id. In use by a container: `conflict` unless `force`; layers in use stay. Missing: false. */
  remove(reference: string, options?: { force?: boolean | undefined }): Promise<boolean>;
  /** A pinned image is never removed by `prune`; CRI shows it as pinned. */
  pin(reference: string, pinned: boolean): Promise<void>;
  /**
   * Removes images that no container has and that are not pinned, in the order and within the ages of garbage.ts, until so many bytes
   * are free; without `bytes` all of them. Gives those removed, and the bytes of layers that nothing else uses.
   */
  prune(
    options?: GarbagePolicy & { readonly bytes?: bigint | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly removed: readonly Image[]; readonly bytes: bigint }>;
  /** Makes upper and work directories for a container and holds the image's layers until removeSnapshot. Idempotent by `key`. */
  createSnapshot(imageId: string, key: string): Promise<Snapshot>;
  /** Holds the image's layers as a snapshot by `key` does, for reading them alone. */
  createView(imageId: string, key: string): Promise<Pick<Snapshot, "directory" | "lower">>;
  snapshot(key: string): Snapshot | undefined;
  /** Removes the directories; missing is success. */
  removeSnapshot(key: string): Promise<void>;
  /** Users and groups of the image itself, read through its layers resolved inside the root, at most 1 MiB each, cached. */
  users(imageId: string): Promise<ImageUsers>;
  /** A detached read-only overlay of the image's layers, for reading inside it with openat2. The caller closes it. */
  openRoot(imageId: string): Fd;
  /** Usage of the store's file system, for ImageFsInfo. */
  usage(): Promise<{ mountpoint: string; bytesUsed: bigint; inodesUsed: bigint }>;
  /** Deletes layers, snapshots and temporary files that no record names: after a crash, at start. */
  collect(): Promise<void>;
  close(): Promise<void>;
}
