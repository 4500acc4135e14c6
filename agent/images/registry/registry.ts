/** Registries as the image store sees them: a reference becomes an image whose layers can be opened. */
import { Semaphore } from "../../base/limits.ts";
import { checkLayerCounts, checkPlatform, type SourceImage, type SourceLayer } from "../archive.ts";
import { parseConfigFile, parseManifest, type Platform } from "../manifests.ts";
import { formatReference, type Reference, repositoryOf } from "../reference.ts";
import type { PullCredentials } from "../images.ts";
import { Downloads } from "./downloads.ts";
import { PullerProcess } from "./puller-process.ts";
import type { PullerSettings, Source } from "./puller-protocol.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts";

/** Layers of one image that come at a time. */
const LAYERS_AT_A_TIME = 4;
const DEFAULT_STALL_MS = 60_000;

export interface RegistryOptions {
  /** Directories of hosts.toml files. @default none */
  readonly configPaths?: readonly string[] | undefined;
  /** Docker's config.json. @default none */
  readonly credentialFiles?: readonly string[] | undefined;
  /** A download that brings nothing for so long is tried again. @default one minute */
  readonly stallMs?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
}

export interface RegistryImageRequest {
  /** With a tag or a digest. */
  readonly reference: Reference;
  readonly auth: PullCredentials | undefined;
  readonly platform: Platform;
  /** Digests under which the image of this name is here already. */
  readonly known: readonly string[];
  readonly signal: AbortSignal;
}

export class Registry {
  readonly #puller: PullerProcess;
  readonly #downloads: Downloads;
  readonly #reserveBytes: number;

  /** `directory` gets the layers while they come. */
  constructor(options: RegistryOptions, directory: string, reserveBytes: number) {
    const settings: PullerSettings = {
      configPaths: options.configPaths ?? [],
      credentialFiles: options.credentialFiles ?? [],
      stallMs: options.stallMs ?? DEFAULT_STALL_MS,
      retry: { ...DEFAULT_RETRY, ...options.retry },
    };
    this.#puller = new PullerProcess(settings);
    this.#downloads = new Downloads(directory);
    this.#reserveBytes = reserveBytes;
  }

  /** Process ids of the puller. */
  get pids(): number[] {
    return this.#puller.pids;
  }

  /** The image, its manifest and configuration checked; undefined when what is here is still what the registry names. */
  async find(request: RegistryImageRequest): Promise<SourceImage | undefined> {
    const { reference, auth, platform, known, signal } = request;
    const source: Source = { reference: formatReference(reference), auth };
    const found = await this.#puller.run<"resolve">({ op: "resolve", ...source, platform, known }, { signal });
    if (found.unchanged !== undefined) return undefined;
    const what = `The manifest ${found.manifest.digest}`;
    const manifest = parseManifest(found.manifest.bytes, found.manifest.mediaType, what);
    const config = parseConfigFile(found.configBytes, `The image configuration ${manifest.config.digest}`);
    checkPlatform(config, platform);
    checkLayerCounts(manifest, config, what);
    const places = new Semaphore(LAYERS_AT_A_TIME);
    return {
      id: manifest.config.digest,
      configBytes: Buffer.from(found.configBytes),
      config,
      manifest: { digest: found.manifest.digest, bytes: Buffer.from(found.manifest.bytes) },
      targetDigest: found.targetDigest,
      // A digest says which image is meant; the tag beside it may be another one's by now.
      names: reference.digest === undefined ? [source.reference] : [],
      repositories: [repositoryOf(reference)],
      layers: manifest.layers.map((layer, index) => this.#layer(source, config.diffIds[index] ?? "", layer, places)),
    };
  }

  #layer(
    source: Source,
    diffId: string,
    { digest, size }: { readonly digest: string; readonly size: number },
    places: Semaphore,
  ): SourceLayer {
    return {
      diffId,
      digest,
      size,
      isLocal: false,
      open: ({ signal, progress }) =>
        places.run(
          async () => {
            const blob = await this.#downloads.hold(
              {
                digest,
                fetch: (path, limit, tell) =>
                  this.#puller.run<"download">(
                    { op: "download", ...source, digest, size, path, reserveBytes: this.#reserveBytes },
                    { signal: limit, progress: tell },
                  ),
              },
              { signal, progress },
            );
            return {
              part: { path: blob.path, offset: 0, length: size },
              verified: true,
              release: () => blob.release(),
            };
          },
          { signal },
        ),
    };
  }

  async close(): Promise<void> {
    await this.#puller.close();
  }
}
