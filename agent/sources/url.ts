// Pods from an address, read at intervals as kubelet's --manifest-url does: a Pod, a list, or several documents. An answer that is
// not understood leaves the pods as they are; an empty one ends them.

import { createHash } from "node:crypto";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";

import type { Clock } from "../base/clock.ts";
import { describeError, NodeletError } from "../base/errors.ts";
import { loadHttps, request } from "../base/http.ts";
import type { Logger } from "../base/log.ts";
import { parseContent } from "./documents.ts";
import type { PodSource, SourceChange, SourceContent } from "./source.ts";

/** kubelet's httpCheckFrequency. */
const DEFAULT_INTERVAL_MS = 20_000;
/** As kubelet's client. */
const ANSWER_LIMIT_MS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_REDIRECTS = 10;

export interface UrlSourceOptions {
  /** http or https. */
  readonly url: string;
  /** Sent with each request to this origin, in order; a name may come several times. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** @default 20000 */
  readonly intervalMs?: number | undefined;
}

export class UrlSource implements PodSource {
  readonly kind = "url";
  /** The address without what it says of a user. */
  readonly origin: string;
  readonly #options: UrlSourceOptions;
  readonly #stop = new AbortController();
  /** Hash of what was told last. */
  #told = "";
  #running: Promise<void> | undefined;

  constructor(options: UrlSourceOptions) {
    this.#options = options;
    const shown = new URL(options.url);
    shown.username = "";
    shown.password = "";
    this.origin = shown.href;
  }

  async start(listener: (change: SourceChange) => void, known: readonly string[]): Promise<void> {
    const removed = known.filter((origin) => origin !== this.origin);
    const content = await this.#read();
    listener({ changed: content === undefined ? [] : [content], removed });
    this.#running = this.#follow(listener);
  }

  async #follow(listener: (change: SourceChange) => void): Promise<void> {
    const { clock, intervalMs = DEFAULT_INTERVAL_MS } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(intervalMs, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const content = await this.#read();
      if (content !== undefined && !signal.aborted) listener({ changed: [content], removed: [] });
    }
  }

  /** Undefined when there is nothing new. */
  async #read(): Promise<SourceContent | undefined> {
    const { origin } = this;
    let text: string;
    try {
      text = await this.#fetch();
    } catch (cause) {
      const problem = new NodeletError("unavailable", "The manifests cannot be read", {
        where: origin,
        cause,
        fix: "Its pods stay as they are; correct the address or its server",
      });
      if (!this.#isNew(describeError(problem))) return undefined;
      if (!this.#stop.signal.aborted) this.#options.log.warn(describeError(problem));
      return { origin, documents: [], objects: [], problems: [problem] };
    }
    if (!this.#isNew(text)) return undefined;
    if (text.trim() === "") {
      this.#options.log.warn({ url: origin }, "the answer is empty: its pods end");
      return { origin, documents: [], objects: [], problems: [] };
    }
    return await parseContent(text, origin);
  }

  #isNew(told: string): boolean {
    const hash = createHash("sha256").update(told).digest("base64");
    const isNew = hash !== this.#told;
    this.#told = hash;
    return isNew;
  }

  async #fetch(): Promise<string> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    const first = new URL(this.#options.url);
    let url = first;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      // What was given for one origin is not shown to another.
      const headers = url.origin === first.origin ? (this.#options.headers ?? []) : [];
      const response = await send(url, headers, signal);
      const { statusCode = 0, headers: answered } = response;
      if (statusCode >= 300 && statusCode < 400 && answered.location !== undefined) {
        response.destroy();
        url = new URL(answered.location, url);
        if (url.protocol !== "http:" && url.protocol !== "https:")
          throw new NodeletError("invalid", `It redirects to an address of kind ${url.protocol}`);
        continue;
      }
      if (statusCode !== 200) {
        response.destroy();
        throw new NodeletError(
          "unavailable",
          `The server answers ${statusCode} ${response.statusMessage ?? ""}`.trim(),
        );
      }
      return await readBody(response);
    }
    throw new NodeletError("unavailable", `It redirects more than ${MAX_REDIRECTS} times`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the agent ends"));
    await this.#running;
  }
}

async function send(
  url: URL,
  headers: readonly (readonly [string, string])[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const fields: Record<string, string[]> = { accept: ["application/json, application/yaml, */*"] };
  for (const [name, value] of headers) (fields[name.toLowerCase()] ??= []).push(value);
  const options: RequestOptions = { headers: fields, signal, agent: false };
  if (url.username !== "") options.auth = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent: ClientRequest = url.protocol === "https:" ? loadHttps().request(url, options) : request(url, options);
  sent.once("response", resolve);
  sent.once("error", (error) => reject(signal.aborted ? new Error("no answer in time", { cause: error }) : error));
  sent.end();
  return await promise;
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new NodeletError("invalid", `The answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
