/** From a reference to the manifest and the configuration of an image for a platform, every step checked by digest. */
import { createHash } from "node:crypto";

import { NodeletError } from "../../base/errors.ts";
import {
  choosePlatform,
  type Descriptor,
  formatPlatform,
  isIndexType,
  isManifestType,
  MAX_CONFIG_BYTES,
  MAX_INDEX_DEPTH,
  MAX_MANIFEST_BYTES,
  MediaType,
  parseIndex,
  parseManifest,
  type Platform,
  sniffMediaType,
} from "../manifests.ts";
import { digestProblem, quote, type Reference } from "../reference.ts";
import { readBody } from "./body.ts";
import type { Repository } from "./repository.ts";
import { ContentError } from "./retry.ts";
import type { Timeouts } from "./tokens.ts";

const ACCEPT = [MediaType.OciIndex, MediaType.OciManifest, MediaType.DockerIndex, MediaType.DockerManifest].join(", ");
/** Types that say nothing: the document tells. */
const VAGUE_TYPES = new Set(["", "application/json", "text/plain", "application/octet-stream", "binary/octet-stream"]);

export interface Resolved {
  /** What the reference leads to: an index or the manifest itself. */
  readonly targetDigest: string;
  readonly manifest: { readonly digest: string; readonly mediaType: string; readonly bytes: Buffer };
  readonly configBytes: Buffer;
}

interface Document {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export async function resolveImage(
  repository: Repository,
  reference: Reference,
  platform: Platform,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Resolved> {
  const get = (name: string, expected: Descriptor | undefined): Promise<Document> =>
    getManifest(repository, name, expected, timeouts, signal);
  const target = await get(reference.digest ?? reference.tag ?? "", undefined);
  let document = target;
  for (let depth = 0; isIndexType(document.mediaType); depth++) {
    const what = `The index ${document.digest}`;
    if (depth >= MAX_INDEX_DEPTH) throw new ContentError(`${what} lies in too many others`);
    const index = parseIndex(document.bytes, document.mediaType, what);
    const chosen = choosePlatform(index.manifests, platform);
    if (chosen === undefined) {
      const has = new Set(
        index.manifests.flatMap((item) => (item.platform === undefined ? [] : formatPlatform(item.platform))),
      );
      throw new NodeletError(
        "unsupported",
        `There is no image for ${formatPlatform(platform)}: it has ${[...has].join(", ") || "none"}`,
        { fix: "Use an image that was built for this platform" },
      );
    }
    if (chosen.size > MAX_MANIFEST_BYTES)
      throw new ContentError(`The manifest ${chosen.digest} is longer than ${MAX_MANIFEST_BYTES} bytes`);
    document = await get(chosen.digest, chosen);
  }
  const { config } = parseManifest(document.bytes, document.mediaType, `The manifest ${document.digest}`);
  if (config.size > MAX_CONFIG_BYTES)
    throw new ContentError(`The image configuration is longer than ${MAX_CONFIG_BYTES} bytes`);
  return {
    targetDigest: target.digest,
    manifest: document,
    configBytes: await getSmallBlob(repository, config, timeouts, signal),
  };
}

/** The digest that a tag has now, as the registry says; undefined when it does not say. */
export async function headDigest(
  repository: Repository,
  tag: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return repository.ask("resolve", signal, async (host) => {
    const response = await repository.send(host, {
      method: "HEAD",
      path: `manifests/${tag}`,
      headers: { accept: ACCEPT },
      signal,
    });
    response.resume();
    const digest = header(response.headers["docker-content-digest"]);
    return digest !== undefined && digestProblem(digest) === undefined ? digest : undefined;
  });
}

function getManifest(
  repository: Repository,
  name: string,
  expected: Descriptor | undefined,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Document> {
  const byDigest = name.includes(":");
  return repository.ask(byDigest ? "pull" : "resolve", signal, async (host) => {
    const response = await repository.send(host, {
      method: "GET",
      path: `manifests/${name}`,
      headers: { accept: ACCEPT },
      signal,
    });
    const what = byDigest ? `The manifest ${name}` : `The manifest of the tag ${name}`;
    const limits = { maxBytes: MAX_MANIFEST_BYTES, stallMs: timeouts.stallMs, totalMs: timeouts.documentMs };
    const bytes = await readBody(response, limits, what, signal);
    const said = byDigest ? name : header(response.headers["docker-content-digest"]);
    const digest = checkedDigest(bytes, said, what);
    if (expected !== undefined && bytes.length !== expected.size) {
      throw new ContentError(`${what} has ${bytes.length} bytes, and the index says ${expected.size}`);
    }
    return { digest, bytes, mediaType: mediaTypeOf(bytes, response.headers["content-type"], expected, what) };
  });
}

/** What the document is: by the header, the descriptor that led to it and the document itself, which have to agree. */
function mediaTypeOf(
  bytes: Buffer,
  contentType: string | undefined,
  expected: Descriptor | undefined,
  what: string,
): string {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const sniffed = sniffMediaType(bytes, what);
  const found = VAGUE_TYPES.has(type) ? (expected?.mediaType ?? sniffed.likely) : type;
  if (!isIndexType(found) && !isManifestType(found)) {
    throw new NodeletError("unsupported", `${what} is ${quote(found)}, which is neither a manifest nor an index`, {
      fix: "Check that the name is that of a container image",
    });
  }
  for (const other of [expected?.mediaType, sniffed.own]) {
    if (other !== undefined && other !== found) {
      throw new ContentError(`${what} comes as ${quote(found)}, and it is ${quote(other)}`);
    }
  }
  return found;
}

async function getSmallBlob(
  repository: Repository,
  descriptor: Descriptor,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Buffer> {
  const what = `The image configuration ${descriptor.digest}`;
  return repository.ask("pull", signal, async (host) => {
    const response = await repository.send(host, {
      method: "GET",
      path: `blobs/${descriptor.digest}`,
      headers: {},
      signal,
    });
    const limits = { maxBytes: descriptor.size, stallMs: timeouts.stallMs, totalMs: timeouts.documentMs };
    const bytes = await readBody(response, limits, what, signal);
    if (bytes.length !== descriptor.size) {
      throw new ContentError(`${what} has ${bytes.length} bytes, and the manifest says ${descriptor.size}`);
    }
    checkedDigest(bytes, descriptor.digest, what);
    return bytes;
  });
}

function checkedDigest(bytes: Buffer, said: string | undefined, what: string): string {
  const wanted = said !== undefined && digestProblem(said) === undefined ? said : undefined;
  const algorithm = wanted === undefined ? "sha256" : wanted.slice(0, wanted.indexOf(":"));
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
  if (wanted !== undefined && digest !== wanted) {
    throw new ContentError(`${what} should have the digest ${wanted}, and has ${digest}`);
  }
  return digest;
}

function header(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
