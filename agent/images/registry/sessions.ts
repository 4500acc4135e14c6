/** What the puller process does: resolves references and downloads layers, remembering tokens and connections between them. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import type { PullCredentials } from "../images.ts";
import { parseReference, repositoryOf, type Reference } from "../reference.ts";
import { type Credentials, findCredentials, fromAuthConfig, registryKey } from "./credentials.ts";
import { downloadBlob } from "./download.ts";
import { type Endpoint, findEndpoints } from "./endpoints.ts";
import type { DownloadLayerRequest, PullerSettings, ResolveRequest, ResolveResult, Source } from "./puller-protocol.ts";
import { Repository } from "./repository.ts";
import { headDigest, resolveImage } from "./resolve.ts";
import type { Timeouts } from "./tokens.ts";
import { Transport } from "./transport.ts";

/** A manifest, a configuration, a token: small, and not worth a longer wait. */
const DOCUMENT_LIMIT_MS = 5 * 60_000;
const MAX_SESSIONS = 100;

export class Sessions {
  readonly #settings: PullerSettings;
  readonly #timeouts: Timeouts;
  readonly #transport = new Transport();
  /** Repositories with their tokens, by name and user. */
  readonly #repositories = new Map<string, Repository>();

  constructor(settings: PullerSettings) {
    this.#settings = settings;
    this.#timeouts = { answerMs: settings.stallMs, stallMs: settings.stallMs, documentMs: DOCUMENT_LIMIT_MS };
  }

  async resolve(request: ResolveRequest, signal: AbortSignal): Promise<ResolveResult> {
    const reference = parseReference(request.reference);
    // Anew for each pull: files may have changed.
    const repository = await this.#open(reference, request.auth, signal);
    if (request.known.length > 0 && reference.digest === undefined && reference.tag !== undefined) {
      const digest = await headDigest(repository, reference.tag, signal);
      if (digest !== undefined && request.known.includes(digest)) {
        const nothing = new Uint8Array();
        return {
          unchanged: digest,
          targetDigest: digest,
          manifest: { digest, mediaType: "", bytes: nothing },
          configBytes: nothing,
        };
      }
    }
    const resolved = await resolveImage(repository, reference, request.platform, this.#timeouts, signal);
    return { ...resolved, unchanged: undefined };
  }

  async download(request: DownloadLayerRequest, progress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
    const reference = parseReference(request.reference);
    const key = keyOf(reference, request);
    const repository = this.#repositories.get(key) ?? (await this.#open(reference, request.auth, signal));
    const { retry } = this.#settings;
    await downloadBlob(repository, request, { timeouts: this.#timeouts, retry, sleep: pause, signal, progress });
  }

  close(): void {
    this.#transport.close();
  }

  async #open(reference: Reference, auth: PullCredentials | undefined, signal: AbortSignal): Promise<Repository> {
    const endpoints = await findEndpoints(reference.domain, this.#settings.configPaths);
    const credentials = new Map<Endpoint, Credentials>();
    for (const endpoint of endpoints) {
      const found = await this.#credentials(reference, endpoint, auth, signal);
      if (found !== undefined) credentials.set(endpoint, found);
    }
    const repository = new Repository({
      transport: this.#transport,
      reference,
      endpoints,
      credentials: (endpoint) => credentials.get(endpoint),
      timeouts: this.#timeouts,
      retry: this.#settings.retry,
      sleep: pause,
    });
    const key = keyOf(reference, { auth });
    this.#repositories.delete(key);
    this.#repositories.set(key, repository);
    const [oldest] = this.#repositories.keys();
    if (this.#repositories.size > MAX_SESSIONS && oldest !== undefined) this.#repositories.delete(oldest);
    return repository;
  }

  /** What a caller gives is for the registry of the image, unless it names another; mirrors have what the files say. */
  async #credentials(
    reference: Reference,
    endpoint: Endpoint,
    auth: PullCredentials | undefined,
    signal: AbortSignal,
  ): Promise<Credentials | undefined> {
    const host = registryKey(endpoint.origin.host).host;
    const names = endpoint.isRegistry ? [...new Set([registryKey(reference.domain).host, host])] : [host];
    const address = auth?.serverAddress ?? "";
    const isMeant = address === "" ? endpoint.isRegistry : names.includes(registryKey(address).host);
    const given = isMeant ? fromAuthConfig(auth) : undefined;
    if (given !== undefined) return given;
    for (const name of names) {
      const found = await findCredentials(this.#settings.credentialFiles, name, reference.path, signal);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function keyOf(reference: Reference, source: Pick<Source, "auth">): string {
  const user = createHash("sha256")
    .update(JSON.stringify(source.auth ?? null))
    .digest("hex");
  return `${repositoryOf(reference)} ${user}`;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal });
}
