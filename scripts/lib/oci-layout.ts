/** Writes images as files: OCI image layouts (a directory) and docker archives (what `docker save` makes). */

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { buildTar, type TarEntry } from "./tar.ts";

export type Compression = "none" | "gzip" | "zstd";

export interface LayerSource {
  /** The uncompressed archive, or the entries to make it of. */
  tar: Uint8Array | readonly TarEntry[];
  /** @default "gzip" */
  compression?: Compression;
  /** @default what the compression says */
  mediaType?: string;
  /** Instead of the right ones: for images that lie. */
  claimedDigest?: string;
  claimedDiffId?: string;
  claimedSize?: number;
}

/** The `config` object of an OCI image configuration. */
export interface ImageProcess {
  User?: string;
  Env?: readonly string[];
  Entrypoint?: readonly string[];
  Cmd?: readonly string[];
  WorkingDir?: string;
  Volumes?: Readonly<Record<string, object>>;
  ExposedPorts?: Readonly<Record<string, object>>;
  Labels?: Readonly<Record<string, string>>;
  StopSignal?: string;
}

export interface ImageSource {
  /** "localhost/nodelet/busybox:1"; none leaves the image without a name. */
  ref?: string;
  layers: readonly LayerSource[];
  config?: ImageProcess;
  /** @default this machine's */
  architecture?: string;
  /** @default "linux" */
  os?: string;
  /** RFC 3339. @default 1970 */
  created?: string;
}

export interface Blob {
  digest: string;
  size: number;
  mediaType: string;
}

export interface WrittenImage {
  manifest: Blob;
  config: Blob;
  layers: (Blob & { diffId: string })[];
}

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: "application/vnd.oci.image.layer.v1.tar",
  gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
};
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "amd64", arm64: "arm64" };

export const sha256 = (data: Uint8Array): string => `sha256:${createHash("sha256").update(data).digest("hex")}`;

/** Writes one image as an OCI image layout into `dir`, which is made if need be. */
export function writeOciLayout(dir: string, image: ImageSource): Promise<WrittenImage> {
  return writeOciIndex(dir, [image]);
}

/** Writes several images into one layout; the first one's digests are returned. */
export async function writeOciIndex(dir: string, images: readonly ImageSource[]): Promise<WrittenImage> {
  const blobs = join(dir, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  const put = (blob: Blob, data: Uint8Array): Promise<void> =>
    writeFile(join(blobs, blob.digest.replace(/^sha256:/, "")), data);
  const written: WrittenImage[] = [];
  const manifests: object[] = [];
  for (const image of images) {
    const built = buildImage(image);
    for (const { blob, data } of built.blobs) await put(blob, data);
    written.push(built.image);
    manifests.push({
      ...built.image.manifest,
      platform: { architecture: architectureOf(image), os: image.os ?? "linux" },
      ...(image.ref === undefined
        ? {}
        : { annotations: { "io.containerd.image.name": image.ref, "org.opencontainers.image.ref.name": image.ref } }),
    });
  }
  await writeFile(join(dir, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(dir, "index.json"), JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }));
  const [first] = written;
  if (first === undefined) throw new Error("Cannot write an OCI layout without an image");
  return first;
}

/** Writes one image as a docker archive: manifest.json, a configuration, uncompressed layers. */
export async function writeDockerArchive(file: string, image: ImageSource): Promise<WrittenImage> {
  const plain = { ...image, layers: image.layers.map((layer) => ({ ...layer, compression: "none" as const })) };
  const built = buildImage(plain);
  const [, config] = built.blobs;
  if (config === undefined) throw new Error("Cannot write a docker archive without a configuration");
  const hex = (digest: string): string => digest.replace(/^sha256:/, "");
  const layers = built.image.layers.map((layer, index) => ({ path: `${index}-${hex(layer.digest)}/layer.tar` }));
  const manifest = [
    {
      Config: `${hex(built.image.config.digest)}.json`,
      RepoTags: image.ref === undefined ? null : [image.ref],
      Layers: layers.map((layer) => layer.path),
    },
  ];
  await writeFile(
    file,
    buildTar([
      ...layers.map((layer, index) => ({ name: layer.path, content: built.blobs[index + 2]?.data ?? "" })),
      { name: `${hex(built.image.config.digest)}.json`, content: config.data },
      { name: "manifest.json", content: JSON.stringify(manifest) },
    ]),
  );
  return built.image;
}

function architectureOf(image: ImageSource): string {
  return image.architecture ?? ARCHITECTURES[process.arch] ?? process.arch;
}

/** Manifest, configuration, then the layers. */
export function buildImage(image: ImageSource): { image: WrittenImage; blobs: { blob: Blob; data: Uint8Array }[] } {
  const layers = image.layers.map((layer) => {
    const tar = layer.tar instanceof Uint8Array ? layer.tar : buildTar(layer.tar);
    const compression = layer.compression ?? "gzip";
    const data = compress(tar, compression);
    const blob = {
      mediaType: layer.mediaType ?? LAYER_TYPES[compression],
      digest: layer.claimedDigest ?? sha256(data),
      size: layer.claimedSize ?? data.length,
    };
    return { blob, data, diffId: layer.claimedDiffId ?? sha256(tar) };
  });
  const config = Buffer.from(
    JSON.stringify({
      created: image.created ?? "1970-01-01T00:00:00Z",
      architecture: architectureOf(image),
      os: image.os ?? "linux",
      config: image.config ?? {},
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created: image.created ?? "1970-01-01T00:00:00Z" })),
    }),
  );
  const configBlob = { mediaType: CONFIG_TYPE, digest: sha256(config), size: config.length };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: configBlob,
      layers: layers.map((layer) => layer.blob),
    }),
  );
  const manifestBlob = { mediaType: MANIFEST_TYPE, digest: sha256(manifest), size: manifest.length };
  return {
    image: {
      manifest: manifestBlob,
      config: configBlob,
      layers: layers.map(({ blob, diffId }) => ({ ...blob, diffId })),
    },
    blobs: [{ blob: manifestBlob, data: manifest }, { blob: configBlob, data: config }, ...layers],
  };
}

function compress(tar: Uint8Array, compression: Compression): Uint8Array {
  if (compression === "none") return tar;
  if (compression === "zstd") return zstdCompressSync(tar);
  const data = gzipSync(tar, { level: 6 });
  // Byte 9 names the operating system that compressed; "unknown" keeps the digest the same everywhere.
  data[9] = 255;
  return data;
}
