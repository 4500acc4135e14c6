/**
 * Image indexes, manifests and configurations as untrusted JSON: checked, bounded, and reduced to what nodelet uses. Pure.
 *
 * Sources: image-spec v1.1 (descriptor.md, image-index.md, manifest.md, config.md), Docker image manifest version 2,
 * schema 2; Docker image specification v1.2 (`manifest.json` of archives).
 */
import { NodeletError } from "../base/errors.ts";
import type { ImageConfig } from "./images.ts";
import { digestProblem, isDigest, quote } from "./reference.ts";

export const MediaType = {
  OciIndex: "application/vnd.oci.image.index.v1+json",
  OciManifest: "application/vnd.oci.image.manifest.v1+json",
  OciConfig: "application/vnd.oci.image.config.v1+json",
  OciEmpty: "application/vnd.oci.empty.v1+json",
  DockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  DockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  DockerManifestV1: "application/vnd.docker.distribution.manifest.v1+json",
  DockerManifestV1Signed: "application/vnd.docker.distribution.manifest.v1+prettyjws",
  DockerConfig: "application/vnd.docker.container.image.v1+json",
} as const;

/** What a manifest or an index may weigh: the bound that registries have too. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
export const MAX_CONFIG_BYTES = 8 * 1024 * 1024;
/** `manifest.json` of a docker archive, one item an image. */
export const MAX_ARCHIVE_MANIFEST_BYTES = 16 * 1024 * 1024;
/** As many lower layers as overlayfs takes. */
export const MAX_LAYERS = 500;
const MAX_INDEX_ENTRIES = 4096;
/** An index in an index in an index is no way to hold an image. */
export const MAX_INDEX_DEPTH = 3;

const LAYER_TYPE =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar(?:\+(?:gzip|zstd))?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.(?:gzip|zstd))?)$/;

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform: Platform | undefined;
  readonly artifactType: string | undefined;
}

export interface Index {
  readonly manifests: readonly Descriptor[];
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ConfigFile {
  readonly platform: Platform;
  readonly created: string | undefined;
  readonly diffIds: readonly string[];
  readonly config: ImageConfig;
}

export interface ArchiveImage {
  readonly config: string;
  readonly repoTags: readonly string[];
  readonly layers: readonly string[];
}

type JsonObject = Readonly<Record<string, unknown>>;

export function isIndexType(mediaType: string): boolean {
  return mediaType === MediaType.OciIndex || mediaType === MediaType.DockerIndex;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MediaType.OciManifest || mediaType === MediaType.DockerManifest;
}

/**
 * What a document says that it is, and what it looks like where it does not say. Throws `unsupported` for a manifest of schema 1.
 */
export function sniffMediaType(
  bytes: Uint8Array,
  what: string,
): { readonly own: string | undefined; readonly likely: string } {
  const document = parseDocument(bytes, MAX_MANIFEST_BYTES, what);
  const own = optionalString(document["mediaType"], what, "mediaType");
  return { own, likely: own ?? ("manifests" in document ? MediaType.OciIndex : MediaType.OciManifest) };
}

/** `OS/ARCHITECTURE[/VARIANT]`, as on a command line. */
export function parsePlatform(text: string): Platform {
  const [os = "", architecture = "", variant, ...more] = text.split("/");
  const parts = [os, architecture, ...(variant === undefined ? [] : [variant])];
  if (more.length > 0 || parts.some((part) => !/^[a-z0-9][a-z0-9_.-]*$/.test(part))) {
    throw new NodeletError("invalid", `${quote(text)} is not a platform`, {
      fix: "Write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/arm64",
    });
  }
  return { os, architecture, variant: variant ?? (architecture === "arm64" ? "v8" : undefined) };
}

/** An index; `mediaType` is what the descriptor that led to it says. `what` names it in messages. */
export function parseIndex(bytes: Uint8Array, mediaType: string | undefined, what: string): Index {
  const document = parseDocument(bytes, MAX_MANIFEST_BYTES, what);
  checkDocumentType(document, mediaType, what);
  // One text that could be read as either an index or a manifest is a trick (CVE-2021-41190).
  if ("layers" in document || "config" in document) throw wrong(what, "it is an index and a manifest at once");
  const manifests = arrayOf(document["manifests"], what, "manifests", MAX_INDEX_ENTRIES);
  return { manifests: manifests.map((item, index) => parseDescriptor(item, what, `manifests[${index}]`)) };
}

export function parseManifest(bytes: Uint8Array, mediaType: string | undefined, what: string): Manifest {
  const document = parseDocument(bytes, MAX_MANIFEST_BYTES, what);
  checkDocumentType(document, mediaType, what);
  if ("manifests" in document) throw wrong(what, "it is an index and a manifest at once");
  if ("fsLayers" in document) throw schemaOne(what);
  const config = parseDescriptor(document["config"], what, "config");
  if (config.mediaType !== MediaType.OciConfig && config.mediaType !== MediaType.DockerConfig) {
    throw new NodeletError("unsupported", `${what} is no container image: its config is ${quote(config.mediaType)}`, {
      fix: "Use an image that was built to run as a container",
    });
  }
  const items = arrayOf(document["layers"], what, "layers", Number.MAX_SAFE_INTEGER);
  checkLayerCount(items.length, what);
  const layers = items.map((item, index) => {
    const layer = parseDescriptor(item, what, `layers[${index}]`);
    if (!LAYER_TYPE.test(layer.mediaType)) {
      throw new NodeletError(
        "unsupported",
        `${what}: layers[${index}] is ${quote(layer.mediaType)}, which is no known layer type`,
      );
    }
    return layer;
  });
  return { config, layers };
}

export function parseConfigFile(bytes: Uint8Array, what: string): ConfigFile {
  const document = parseDocument(bytes, MAX_CONFIG_BYTES, what);
  const rootfs = document["rootfs"];
  if (!isObject(rootfs)) throw wrong(what, "rootfs is missing");
  if (rootfs["type"] !== "layers") throw wrong(what, `rootfs.type must be "layers"`);
  const ids = arrayOf(rootfs["diff_ids"] ?? [], what, "rootfs.diff_ids", Number.MAX_SAFE_INTEGER);
  checkLayerCount(ids.length, what);
  const diffIds = ids.map((id, index) => {
    if (!isDigest(id)) throw wrong(what, `rootfs.diff_ids[${index}] is not a digest`);
    return id;
  });
  const config = document["config"];
  if (config !== undefined && config !== null && !isObject(config)) throw wrong(what, "config is not an object");
  return {
    platform: {
      os: optionalString(document["os"], what, "os") ?? "",
      architecture: optionalString(document["architecture"], what, "architecture") ?? "",
      variant: optionalString(document["variant"], what, "variant"),
    },
    created: optionalString(document["created"], what, "created"),
    diffIds,
    config: isObject(config) ? parseContainerConfig(config, what) : {},
  };
}

function parseContainerConfig(config: JsonObject, what: string): ImageConfig {
  const at = (key: string): string => `config.${key}`;
  return {
    User: optionalString(config["User"], what, at("User")),
    Env: optionalStrings(config["Env"], what, at("Env")),
    Entrypoint: optionalStrings(config["Entrypoint"], what, at("Entrypoint")),
    Cmd: optionalStrings(config["Cmd"], what, at("Cmd")),
    WorkingDir: optionalString(config["WorkingDir"], what, at("WorkingDir")),
    Labels: optionalStringMap(config["Labels"], what, at("Labels")),
    StopSignal: optionalString(config["StopSignal"], what, at("StopSignal")),
    Volumes: optionalSet(config["Volumes"], what, at("Volumes")),
    ExposedPorts: optionalSet(config["ExposedPorts"], what, at("ExposedPorts")),
  };
}

/** `manifest.json` of a docker archive. */
export function parseArchiveManifest(bytes: Uint8Array, what: string): ArchiveImage[] {
  const document = parseJson(bytes, MAX_ARCHIVE_MANIFEST_BYTES, what);
  const items = arrayOf(document, what, "it", MAX_INDEX_ENTRIES);
  return items.map((item, index) => {
    if (!isObject(item)) throw wrong(what, `[${index}] is not an object`);
    const config = optionalString(item["Config"], what, `[${index}].Config`);
    if (config === undefined || config === "") throw wrong(what, `[${index}].Config is missing`);
    const layers = optionalStrings(item["Layers"], what, `[${index}].Layers`) ?? [];
    checkLayerCount(layers.length, what);
    return { config, repoTags: optionalStrings(item["RepoTags"], what, `[${index}].RepoTags`) ?? [], layers };
  });
}

/** `oci-layout` of an OCI image layout. */
export function checkLayoutFile(bytes: Uint8Array, what: string): void {
  const document = parseDocument(bytes, MAX_MANIFEST_BYTES, what, false);
  const version = document["imageLayoutVersion"];
  if (typeof version !== "string" || !/^1\.\d+\.\d+$/.test(version)) {
    throw new NodeletError("unsupported", `${what}: imageLayoutVersion ${quote(String(version))} is not known`, {
      fix: "Use an image layout of version 1.0.0",
    });
  }
}

/** The platform that this process runs containers for, in Go's words. */
export function hostPlatform(arch: string = process.arch): Platform {
  if (arch === "x64") return { os: "linux", architecture: "amd64", variant: undefined };
  if (arch === "arm64") return { os: "linux", architecture: "arm64", variant: "v8" };
  return { os: "linux", architecture: arch, variant: undefined };
}

/** How well a platform suits the host: 0 not at all, larger is better. */
export function platformRank(candidate: Platform, host: Platform): number {
  if (candidate.os !== host.os || candidate.architecture !== host.architecture) return 0;
  const variant = candidate.variant === "" ? undefined : candidate.variant;
  if (variant === host.variant) return 3;
  const base = BASE_VARIANT[host.architecture];
  if (variant === undefined || variant === base) return 2;
  // A later variant may need instructions that this processor lacks.
  return 0;
}

/** The variant that is meant when none is named. */
const BASE_VARIANT: Readonly<Record<string, string>> = { amd64: "v1", arm64: "v8", arm: "v7" };

/** The entry of an index for the host: the best, the first among equals. Entries without a platform fit any. */
export function choosePlatform(manifests: readonly Descriptor[], host: Platform): Descriptor | undefined {
  let best: Descriptor | undefined;
  let bestRank = 0;
  for (const descriptor of manifests) {
    if (!isManifestType(descriptor.mediaType) && !isIndexType(descriptor.mediaType)) continue;
    const rank = descriptor.platform === undefined ? 1 : platformRank(descriptor.platform, host);
    if (rank > bestRank) {
      best = descriptor;
      bestRank = rank;
    }
  }
  return best;
}

export function formatPlatform(platform: Platform): string {
  const variant = platform.variant === undefined || platform.variant === "" ? "" : `/${platform.variant}`;
  return `${platform.os}/${platform.architecture}${variant}`;
}

function parseDescriptor(value: unknown, what: string, field: string): Descriptor {
  if (!isObject(value)) throw wrong(what, `${field} is not a descriptor`);
  const mediaType = value["mediaType"];
  if (typeof mediaType !== "string" || mediaType === "" || mediaType.length > 255) {
    throw wrong(what, `${field}.mediaType is missing or wrong`);
  }
  if (mediaType === MediaType.DockerManifestV1 || mediaType === MediaType.DockerManifestV1Signed) throw schemaOne(what);
  const digest = value["digest"];
  if (typeof digest !== "string") throw wrong(what, `${field}.digest is missing`);
  const problem = digestProblem(digest);
  if (problem !== undefined) throw wrong(what, `${field}.digest ${quote(digest)}: ${problem}`);
  const size = value["size"];
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw wrong(what, `${field}.size is not a size`);
  const platform = value["platform"];
  if (platform !== undefined && platform !== null && !isObject(platform))
    throw wrong(what, `${field}.platform is not an object`);
  return {
    mediaType,
    digest,
    size,
    annotations: optionalStringMap(value["annotations"], what, `${field}.annotations`) ?? {},
    artifactType: optionalString(value["artifactType"], what, `${field}.artifactType`),
    platform: isObject(platform)
      ? {
          os: optionalString(platform["os"], what, `${field}.platform.os`) ?? "",
          architecture: optionalString(platform["architecture"], what, `${field}.platform.architecture`) ?? "",
          variant: optionalString(platform["variant"], what, `${field}.platform.variant`),
        }
      : undefined,
  };
}

function parseJson(bytes: Uint8Array, limit: number, what: string): unknown {
  if (bytes.length > limit) throw wrong(what, `it has ${bytes.length} bytes, more than ${limit}`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw wrong(what, "it is not JSON", error);
  }
}

function parseDocument(bytes: Uint8Array, limit: number, what: string, versioned = true): JsonObject {
  const document = parseJson(bytes, limit, what);
  if (!isObject(document)) throw wrong(what, "it is not a JSON object");
  if (versioned && "schemaVersion" in document && document["schemaVersion"] !== 2) {
    if (document["schemaVersion"] === 1) throw schemaOne(what);
    throw wrong(what, "schemaVersion must be 2");
  }
  return document;
}

function checkDocumentType(document: JsonObject, expected: string | undefined, what: string): void {
  if (document["schemaVersion"] !== 2) throw wrong(what, "schemaVersion must be 2");
  const own = document["mediaType"];
  if (own === undefined) return;
  if (typeof own !== "string") throw wrong(what, "mediaType is not a text");
  if (expected !== undefined && own !== expected) {
    throw wrong(what, `its mediaType is ${quote(own)}, and what leads to it says ${quote(expected)}`);
  }
}

function checkLayerCount(count: number, what: string): void {
  if (count > MAX_LAYERS) {
    throw new NodeletError("unsupported", `${what} has ${count} layers, and overlayfs takes ${MAX_LAYERS} at most`);
  }
}

function arrayOf(value: unknown, what: string, field: string, limit: number): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(what, `${field} is not a list`);
  if (value.length > limit) throw wrong(what, `${field} has ${value.length} items, more than ${limit}`);
  return value as readonly unknown[];
}

function optionalString(value: unknown, what: string, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrong(what, `${field} is not a text`);
  if (value.includes("\0")) throw wrong(what, `${field} holds a NUL`);
  return value;
}

function optionalStrings(value: unknown, what: string, field: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return arrayOf(value, what, field, Number.MAX_SAFE_INTEGER).map((item, index) => {
    const text = optionalString(item, what, `${field}[${index}]`);
    if (text === undefined) throw wrong(what, `${field}[${index}] is not a text`);
    return text;
  });
}

function optionalStringMap(value: unknown, what: string, field: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrong(what, `${field} is not an object`);
  const map: [string, string][] = [];
  for (const [key, item] of Object.entries(value)) {
    map.push([key, optionalString(item, what, `${field}[${quote(key)}]`) ?? ""]);
  }
  // fromEntries defines own properties, so that a key such as __proto__ is only a key.
  return Object.fromEntries(map);
}

function optionalSet(value: unknown, what: string, field: string): Readonly<Record<string, object>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrong(what, `${field} is not an object`);
  return Object.fromEntries(
    Object.keys(value).map((key) => [optionalString(key, what, field) ?? "", {}] as [string, object]),
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function schemaOne(what: string): NodeletError {
  return new NodeletError(
    "unsupported",
    `${what} is a Docker manifest of schema 1, which has no layer digests to check`,
    {
      fix: "Push or save the image again with a current tool",
    },
  );
}

function wrong(what: string, why: string, cause?: unknown): NodeletError {
  return new NodeletError("invalid", `${what} is wrong: ${why}`, { cause });
}
