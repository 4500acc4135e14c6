/**
 * Local images as files: OCI image layouts (a directory or a tar), and the archives of `docker save`. What a file is, is
 * told by its content. The blobs stay where they are and are read in place.
 *
 * Sources: image-spec v1.1, image-layout.md; Docker image specification v1.2, "Combined Image JSON + Filesystem
 * Changeset Format".
 */
import { createHash } from "node:crypto";
import { constants, type FileHandle, open, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { isErrno, NodeletError } from "../base/errors.ts";
import type { FilePart } from "./decompress.ts";
import {
  checkLayoutFile,
  choosePlatform,
  type ConfigFile,
  type Descriptor,
  formatPlatform,
  type Index,
  isIndexType,
  isManifestType,
  type Manifest,
  MAX_ARCHIVE_MANIFEST_BYTES,
  MAX_CONFIG_BYTES,
  MAX_INDEX_DEPTH,
  MAX_MANIFEST_BYTES,
  parseArchiveManifest,
  parseConfigFile,
  parseIndex,
  parseManifest,
  type Platform,
  platformRank,
} from "./manifests.ts";
import { formatReference, parseReference, parseTag, quote, repositoryOf, withDefaultTag } from "./reference.ts";
import type { IndexResult } from "./unpacker-protocol.ts";

/** Names in the annotations of an index: the first is Docker's and containerd's, and whole. */
const NAME_ANNOTATION = "io.containerd.image.name";
const REF_NAME_ANNOTATION = "org.opencontainers.image.ref.name";
const MAX_LINK_HOPS = 8;

/** A blob while it is read. */
export interface OpenBlob {
  readonly part: FilePart;
  /** Its digest was checked as it came. */
  readonly verified: boolean;
  release(): Promise<void>;
}

export interface SourceLayer {
  readonly diffId: string;
  /** Of the blob; undefined where the archive gives none. */
  readonly digest: string | undefined;
  /** Of the blob, in bytes. */
  readonly size: number;
  /** The load's own files hold it, so that it has to outlast the reading; else it comes from a registry. */
  readonly isLocal: boolean;
  /** `progress` is told of bytes that come over the network. */
  open(options: { signal: AbortSignal; progress: (bytes: number) => void }): Promise<OpenBlob>;
}

function localLayer(diffId: string, digest: string | undefined, part: FilePart): SourceLayer {
  const blob = { part, verified: false, release: () => Promise.resolve() };
  return { diffId, digest, size: part.length, isLocal: true, open: () => Promise.resolve(blob) };
}

/** One image, ready to be unpacked. */
export interface SourceImage {
  /** Digest of the configuration. */
  readonly id: string;
  readonly configBytes: Buffer;
  readonly config: ConfigFile;
  /** Undefined for a docker archive, which has no manifest of a registry's kind. */
  readonly manifest: { readonly digest: string; readonly bytes: Buffer } | undefined;
  /** What leads to the image: its manifest, or the index that was chosen from. */
  readonly targetDigest: string | undefined;
  /** Whole names with tags. */
  readonly names: readonly string[];
  /** Repositories that have it under `targetDigest`, beside those of its names. */
  readonly repositories: readonly string[];
  readonly layers: readonly SourceLayer[];
}

/** Reads the files of a layout or an archive by their names in it. */
interface Files {
  locate(name: string): Promise<FilePart | undefined>;
}

export interface ReadOptions {
  readonly name?: string | undefined;
  readonly host: Platform;
  /** Lists an archive's entries; compressed ones are written out first. */
  readonly index: (path: string) => Promise<IndexResult>;
}

/** All images of the file or directory that suit the host. */
export async function readImages(path: string, options: ReadOptions): Promise<SourceImage[]> {
  let isDirectory: boolean;
  try {
    isDirectory = (await stat(path)).isDirectory();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) {
      throw new NodeletError("not-found", "There is no such file", { fix: "Give an image layout or an archive" });
    }
    throw error;
  }
  const files = isDirectory ? directoryFiles(path) : archiveFiles(await options.index(path));
  if ((await files.locate("oci-layout")) !== undefined) return readLayout(files, options);
  if ((await files.locate("manifest.json")) !== undefined && !isDirectory) return readDockerArchive(files, options);
  throw new NodeletError("invalid", `It holds neither an OCI image layout nor a docker archive`, {
    fix: isDirectory
      ? "Give the directory that has the files oci-layout and index.json"
      : "Make it with docker save, skopeo copy or podman save",
  });
}

function directoryFiles(path: string): Files {
  return {
    async locate(name) {
      const file = join(path, name);
      try {
        const found = await stat(file);
        return found.isFile() ? { path: file, offset: 0, length: found.size } : undefined;
      } catch (error) {
        if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
        throw error;
      }
    },
  };
}

function archiveFiles(index: IndexResult): Files {
  // As in unpacking, the last entry of a name counts.
  const entries = new Map(index.entries.map((entry) => [cleanName(entry.name), entry]));
  return {
    async locate(name) {
      let at = cleanName(name);
      for (let hop = 0; hop < MAX_LINK_HOPS; hop++) {
        const entry = entries.get(at);
        if (entry === undefined) return undefined;
        if (entry.type === "file") return { path: index.path, offset: entry.offset, length: entry.size };
        // Old versions of docker save link equal layers to each other.
        at = cleanName(entry.type === "link" ? entry.linkName : posix.join(posix.dirname(at), entry.linkName));
      }
      return undefined;
    },
  };
}

function cleanName(name: string): string {
  return posix.normalize(`/${name}`).replace(/\/+$/, "").slice(1);
}

async function readLayout(files: Files, options: ReadOptions): Promise<SourceImage[]> {
  checkLayoutFile(await readNamed(files, "oci-layout", MAX_MANIFEST_BYTES), "oci-layout");
  const index = parseIndex(await readNamed(files, "index.json", MAX_MANIFEST_BYTES), undefined, "index.json");
  const images: SourceImage[] = [];
  for (const descriptor of topLevel(index, options.host)) images.push(await readTarget(files, descriptor, options));
  if (images.length > 0) return merge(images);
  const platforms = index.manifests.flatMap((item) =>
    item.platform === undefined ? [] : formatPlatform(item.platform),
  );
  const has = platforms.length > 0 ? ` (it has ${[...new Set(platforms)].join(", ")})` : "";
  throw new NodeletError("unsupported", `It holds no image for ${formatPlatform(options.host)}${has}`, {
    fix: "Save the image for this platform, or for all",
  });
}

/** Each entry is an image; several of one name are one image for several platforms. */
function topLevel(index: Index, host: Platform): Descriptor[] {
  const chosen: Descriptor[] = [];
  const byName = new Map<string, Descriptor[]>();
  for (const descriptor of index.manifests) {
    if (!isIndexType(descriptor.mediaType) && !isManifestType(descriptor.mediaType)) continue;
    // Signatures and attestations lie beside the image.
    if (descriptor.artifactType !== undefined) continue;
    if (descriptor.platform !== undefined && platformRank(descriptor.platform, host) === 0) continue;
    const name = descriptor.annotations[NAME_ANNOTATION] ?? descriptor.annotations[REF_NAME_ANNOTATION];
    if (name === undefined) chosen.push(descriptor);
    else byName.set(name, [...(byName.get(name) ?? []), descriptor]);
  }
  for (const group of byName.values()) {
    const best = choosePlatform(group, host);
    if (best !== undefined) chosen.push(best);
  }
  return chosen;
}

async function readTarget(files: Files, target: Descriptor, options: ReadOptions): Promise<SourceImage> {
  let descriptor = target;
  for (let depth = 0; isIndexType(descriptor.mediaType); depth++) {
    const what = `The index ${descriptor.digest}`;
    if (depth >= MAX_INDEX_DEPTH) throw new NodeletError("invalid", `${what} lies in too many others`);
    const index = parseIndex(await readBlob(files, descriptor, MAX_MANIFEST_BYTES), descriptor.mediaType, what);
    const chosen = choosePlatform(index.manifests, options.host);
    if (chosen === undefined) {
      const platforms = index.manifests.flatMap((item) =>
        item.platform === undefined ? [] : formatPlatform(item.platform),
      );
      throw new NodeletError(
        "unsupported",
        `${what} has no image for ${formatPlatform(options.host)}: it has ${[...new Set(platforms)].join(", ") || "none"}`,
        { fix: "Save the image for this platform" },
      );
    }
    descriptor = chosen;
  }

  const what = `The manifest ${descriptor.digest}`;
  const bytes = await readBlob(files, descriptor, MAX_MANIFEST_BYTES);
  const manifest = parseManifest(bytes, descriptor.mediaType, what);
  const configBytes = await readBlob(files, manifest.config, MAX_CONFIG_BYTES);
  const config = parseConfigFile(configBytes, `The image configuration ${manifest.config.digest}`);
  checkPlatform(config, options.host);
  checkLayerCounts(manifest, config, what);
  const layers: SourceLayer[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const part = await locateBlob(files, layer);
    layers.push(localLayer(config.diffIds[index] ?? "", layer.digest, part));
  }
  return {
    id: manifest.config.digest,
    configBytes,
    config,
    manifest: { digest: descriptor.digest, bytes },
    targetDigest: target.digest,
    names: namesOf(target, options.name),
    repositories: [],
    layers,
  };
}

async function readDockerArchive(files: Files, options: ReadOptions): Promise<SourceImage[]> {
  const bytes = await readNamed(files, "manifest.json", MAX_ARCHIVE_MANIFEST_BYTES);
  const images: SourceImage[] = [];
  for (const item of parseArchiveManifest(bytes, "manifest.json")) {
    const configBytes = await readNamed(files, item.config, MAX_CONFIG_BYTES);
    const id = `sha256:${createHash("sha256").update(configBytes).digest("hex")}`;
    const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(item.config)?.[1];
    if (named !== undefined && id !== `sha256:${named}`) {
      throw new NodeletError("invalid", `The image configuration ${quote(item.config)} has the digest ${id}`);
    }
    const config = parseConfigFile(configBytes, `The image configuration ${quote(item.config)}`);
    checkPlatform(config, options.host);
    if (config.diffIds.length !== item.layers.length) {
      throw new NodeletError(
        "invalid",
        `manifest.json names ${item.layers.length} layers, and the image configuration ${quote(item.config)} ${config.diffIds.length}`,
      );
    }
    const layers: SourceLayer[] = [];
    for (const [index, name] of item.layers.entries()) {
      const part = await files.locate(name);
      if (part === undefined) throw missing(name);
      layers.push(localLayer(config.diffIds[index] ?? "", undefined, part));
    }
    const names = item.repoTags.map((tag) => formatReference(withDefaultTag(parseReference(tag))));
    if (names.length === 0 && options.name !== undefined) names.push(parseTag(options.name));
    images.push({
      id,
      configBytes,
      config,
      manifest: undefined,
      targetDigest: undefined,
      names,
      repositories: [],
      layers,
    });
  }
  if (images.length === 0) throw new NodeletError("invalid", "manifest.json names no image");
  return merge(images);
}

/** The same image under several names is one. */
function merge(images: readonly SourceImage[]): SourceImage[] {
  const byId = new Map<string, SourceImage>();
  for (const image of images) {
    const known = byId.get(image.id);
    byId.set(
      image.id,
      known === undefined ? image : { ...known, names: [...new Set([...known.names, ...image.names])] },
    );
  }
  return [...byId.values()];
}

function namesOf(target: Descriptor, name: string | undefined): string[] {
  const whole = target.annotations[NAME_ANNOTATION];
  if (whole !== undefined) return [parseTag(whole)];
  const ref = target.annotations[REF_NAME_ANNOTATION];
  if (ref === undefined) return name === undefined ? [] : [parseTag(name)];
  // A name with a registry, a path or a tag stands for itself; a mere word is a tag of what the caller names.
  if (/[/:@]/.test(ref)) {
    const reference = parseReference(ref);
    return [formatReference(withDefaultTag({ ...reference, digest: undefined }))];
  }
  if (name === undefined) return [];
  const reference = parseReference(name);
  return [reference.tag === undefined ? parseTag(`${repositoryOf(reference)}:${ref}`) : parseTag(name)];
}

export function checkLayerCounts(manifest: Manifest, config: ConfigFile, what: string): void {
  if (config.diffIds.length === manifest.layers.length) return;
  throw new NodeletError(
    "invalid",
    `${what} has ${manifest.layers.length} layers, and its image configuration ${config.diffIds.length}`,
  );
}

export function checkPlatform(config: ConfigFile, host: Platform): void {
  if (config.platform.os === "" && config.platform.architecture === "") return;
  if (config.platform.os === host.os && config.platform.architecture === host.architecture) return;
  throw new NodeletError(
    "unsupported",
    `The image is for ${formatPlatform(config.platform)}, and this host is ${formatPlatform(host)}`,
    { fix: "Take the image for this platform" },
  );
}

async function locateBlob(files: Files, descriptor: Descriptor): Promise<FilePart> {
  const name = `blobs/${descriptor.digest.replace(":", "/")}`;
  const part = await files.locate(name);
  if (part === undefined) throw missing(name);
  if (part.length !== descriptor.size) {
    throw new NodeletError("invalid", `${name} has ${part.length} bytes, and its descriptor says ${descriptor.size}`);
  }
  return part;
}

async function readBlob(files: Files, descriptor: Descriptor, limit: number): Promise<Buffer> {
  const part = await locateBlob(files, descriptor);
  const bytes = await readPart(part, limit, descriptor.digest);
  const algorithm = descriptor.digest.slice(0, descriptor.digest.indexOf(":"));
  const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
  if (actual !== descriptor.digest) {
    throw new NodeletError("invalid", `The blob ${descriptor.digest} has the digest ${actual}`, {
      fix: "Copy or save the image again: the file is damaged",
    });
  }
  return bytes;
}

async function readNamed(files: Files, name: string, limit: number): Promise<Buffer> {
  const part = await files.locate(name);
  if (part === undefined) throw missing(name);
  return readPart(part, limit, name);
}

async function readPart(part: FilePart, limit: number, what: string): Promise<Buffer> {
  if (part.length > limit) throw new NodeletError("invalid", `${what} has ${part.length} bytes, more than ${limit}`);
  await using file: FileHandle = await open(part.path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(part.length);
  let done = 0;
  while (done < part.length) {
    const { bytesRead } = await file.read(buffer, done, part.length - done, part.offset + done);
    if (bytesRead === 0) throw new NodeletError("invalid", `${what} ends early`);
    done += bytesRead;
  }
  return buffer;
}

function missing(name: string): NodeletError {
  return new NodeletError("invalid", `${quote(name)} is missing`, {
    fix: "Save the image again: the archive is incomplete",
  });
}

/** Chain ids by the image specification: of each layer with all those below it. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const parent = chain.at(-1);
    chain.push(
      parent === undefined ? diffId : `sha256:${createHash("sha256").update(`${parent} ${diffId}`).digest("hex")}`,
    );
  }
  return chain;
}
