// KubeClient over HTTP.

import type { Clock } from "../base/clock.ts";
import { NodeletError } from "../base/errors.ts";
import { withTimeout } from "../base/limits.ts";
import { secondsBetween } from "../base/meters.ts";
import { isMapping } from "../base/shapes.ts";
import { isThrottled, toApiError } from "./api-error.ts";
import type {
  CallOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  ObjectList,
  Patch,
  Place,
  RawRequest,
  Selectors,
  WatchEvent,
  WatchOptions,
} from "./client.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { type Rate, TokenBucket, type Turn } from "./rate-limit.ts";
import type { RequestMeters } from "./request-meters.ts";
import { type KubeObject, type Resource, resourcePath } from "./resources.ts";
import { parseRetryAfter } from "../base/retry-after.ts";
import { readLines, readWhole } from "./transport/body.ts";
import { ConnectionError } from "./transport/connection-error.ts";
import type { ClientIdentity, Endpoint } from "./transport/endpoint.ts";
import { type Answer, Transport } from "./transport/transport.ts";

const CALL_TIMEOUT_MS = 60_000;
/** To a watch's first byte. */
const WATCH_ANSWER_MS = 60_000;
/** client-go's reflector: a watch lasts between this and twice this. */
const WATCH_SECONDS_MIN = 300;
/** A server that does not end a watch in time is given up after this. */
const WATCH_OVERTIME_MS = 30_000;
/** Of a list, and of an object in a watch: etcd takes no more than 1.5 MB of one. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
/** client-go's: of a call that the server throttles. */
const MAX_ATTEMPTS = 10;
/** Of a GET, whose connection turns out to be dead. */
const MAX_CONNECTION_ATTEMPTS = 3;
const RETRY_AFTER_DEFAULT_MS = 1_000;

const PATCH_TYPES = {
  strategic: "application/strategic-merge-patch+json",
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

export interface HttpClientOptions {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** `nodelet/0.1.0` */
  readonly userAgent: string;
  /** Watches are not counted. @default no limit */
  readonly rate?: Rate | undefined;
  /** Counts what is asked. @default nobody does */
  readonly meters?: RequestMeters | undefined;
}

/** One server and user, over the same connections; closing one closes both. */
export interface HttpClients {
  readonly client: KubeClient;
  /** Without the rate. */
  readonly unlimited: KubeClient;
}

const NO_LIMIT: Rate = { perSecond: 0, burst: 0 };

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
}

export function createHttpClients(options: HttpClientOptions): HttpClients {
  const connection = new Connection(options);
  return {
    client: new HttpKubeClient(connection, options, options.rate ?? NO_LIMIT),
    unlimited: new HttpKubeClient(connection, options, NO_LIMIT),
  };
}

export function createHttpClient(options: HttpClientOptions): KubeClient {
  return createHttpClients(options).client;
}

class HttpKubeClient implements KubeClient {
  readonly server: string;
  readonly #connection: Connection;
  readonly #options: HttpClientOptions;
  readonly #bucket: TokenBucket;

  constructor(connection: Connection, options: HttpClientOptions, rate: Rate) {
    this.#connection = connection;
    this.#options = options;
    this.server = options.endpoint.server.href.replace(/\/$/, "");
    this.#bucket = new TokenBucket(rate, options.clock);
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    options: Place & CallOptions & { readonly resourceVersion?: string | undefined } = {},
  ): Promise<T> {
    const path = withQuery(placed(resource, options, name), { resourceVersion: options.resourceVersion });
    return (await this.#call({ method: "GET", path }, options)) as T;
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    const path = withQuery(placed(resource, options), {
      ...selectors(options),
      limit: options.limit,
      continue: options.continue,
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
    });
    const answer = await this.#call({ method: "GET", path }, options);
    const { metadata, items } = answer as {
      metadata?: { resourceVersion?: string; continue?: string };
      items?: unknown;
    };
    if (items !== undefined && items !== null && !Array.isArray(items)) throw unexpected(`GET ${path}`, "a list");
    return {
      items: ((items ?? []) as T[]).map((item) => typed(resource, item)),
      resourceVersion: metadata?.resourceVersion ?? "",
      continue: metadata?.continue === "" ? undefined : metadata?.continue,
    };
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: Place & CallOptions & { readonly name?: string | undefined } = {},
  ): Promise<T> {
    const path = placed(resource, { namespace: object.metadata?.namespace, ...options }, options.name);
    const body = options.subresource === undefined ? typed(resource, object) : object;
    return (await this.#call({ method: "POST", path, body }, options)) as T;
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: Place & CallOptions = {}): Promise<T> {
    const name = object.metadata?.name;
    if (name === undefined) throw new NodeletError("invalid", `A ${resource.kind} without a name cannot be updated`);
    const path = placed(resource, { namespace: object.metadata?.namespace, ...options }, name);
    return (await this.#call({ method: "PUT", path, body: typed(resource, object) }, options)) as T;
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    patch: Patch,
    options: Place & CallOptions = {},
  ): Promise<T> {
    const query = patch.type === "apply" ? { fieldManager: patch.fieldManager, force: patch.force } : {};
    const path = withQuery(placed(resource, options, name), query);
    const body = patch.type === "apply" ? typed(resource, patch.body) : patch.body;
    return (await this.#call({ method: "PATCH", path, body, contentType: PATCH_TYPES[patch.type] }, options)) as T;
  }

  async delete(resource: Resource, name: string, options: DeleteOptions = {}): Promise<void> {
    const { gracePeriodSeconds, preconditions, propagationPolicy } = options;
    const body = { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds, preconditions, propagationPolicy };
    await this.#call({ method: "DELETE", path: placed(resource, options, name), body }, options);
  }

  async *watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const timeoutSeconds = options.timeoutSeconds ?? Math.round(WATCH_SECONDS_MIN * (1 + Math.random()));
    const path = withQuery(placed(resource, options), {
      watch: true,
      allowWatchBookmarks: true,
      ...selectors(options),
      resourceVersion: options.resourceVersion,
      timeoutSeconds,
    });
    const where = `GET ${path}`;
    const ended = new AbortController();
    const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
    const overtime = setTimeout(
      () => ended.abort(new ConnectionError("The API server does not end a watch whose time is over", { where })),
      timeoutSeconds * 1000 + WATCH_OVERTIME_MS,
    ).unref();
    try {
      const answer = await withTimeout({ milliseconds: WATCH_ANSWER_MS, what: where, signal }, (limited) => {
        // What ends the waiting ends the exchange; once it has begun, only `signal` does.
        const waiting = (): void => ended.abort(limited.reason);
        limited.addEventListener("abort", waiting, { once: true });
        return this.#connection
          .exchange({ method: "GET", path }, signal)
          .finally(() => limited.removeEventListener("abort", waiting));
      });
      if (answer.status !== 200) throw await this.#refusal(answer, where);
      for await (const line of readLines(answer, this.#options.endpoint.server, MAX_EVENT_BYTES)) {
        const event = watchEvent<T>(line, where);
        if (event !== undefined) yield event;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(overtime);
      ended.abort(new NodeletError("cancelled", "the watch was left"));
    }
  }

  async turn(signal?: AbortSignal): Promise<Turn> {
    return await this.#bucket.turn(signal);
  }

  spareTurn(): Turn | undefined {
    return this.#bucket.spareTurn();
  }

  async request(request: RawRequest): Promise<unknown> {
    return await this.#call(request, request);
  }

  close(): void {
    this.#connection.close();
  }

  async #call(sent: Sent, options: CallOptions): Promise<unknown> {
    const what = `${sent.method} ${sent.path}`;
    const milliseconds = options.timeoutMs ?? CALL_TIMEOUT_MS;
    return await withTimeout({ milliseconds, what, signal: options.signal }, async (signal) => {
      for (let attempt = 1; ; attempt++) {
        try {
          if (options.turn?.use() !== true) await this.#bucket.take(signal);
          return await this.#callOnce(sent, signal);
        } catch (error) {
          signal.throwIfAborted();
          const delay = retryDelay(error, sent.method, attempt);
          if (delay === undefined) throw error;
          await this.#options.clock.sleep(delay, { signal });
        }
      }
    });
  }

  async #callOnce(sent: Sent, signal: AbortSignal): Promise<unknown> {
    const where = `${sent.method} ${sent.path}`;
    const answer = await this.#connection.exchange(sent, signal);
    if (answer.status < 200 || answer.status > 299) throw await this.#refusal(answer, where);
    const text = await readWhole(answer, this.#options.endpoint.server, MAX_ANSWER_BYTES);
    if (!String(answer.headers["content-type"] ?? "").includes("json")) return text;
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw unexpected(where, "JSON", cause);
    }
  }

  async #refusal(answer: Answer, where: string): Promise<Error> {
    const header = answer.headers["retry-after"];
    const now = Number(this.#options.clock.now() / 1_000_000n);
    const retryAfterMs = parseRetryAfter(Array.isArray(header) ? header[0] : header, now);
    const text = await readWhole(answer, this.#options.endpoint.server, MAX_EVENT_BYTES);
    return toApiError(answer.status, parsed(text), { where, retryAfterMs });
  }
}

/** Ways to the server, renewed when the user's certificate is another. */
class Connection {
  readonly #options: HttpClientOptions;
  #transport: { readonly identity: ClientIdentity | undefined; readonly transport: Transport } | undefined;
  #closed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** Sends it, once more when a credential was refused and another one can be had. */
  async exchange(sent: Sent, signal: AbortSignal): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const credential = await this.#options.credentials.current(signal);
      const answer = await this.#send(sent, credential, signal);
      if (answer.status !== 401 || !this.#options.credentials.refused(credential) || attempt > 1) return answer;
      answer.body.on("error", () => undefined).destroy();
    }
  }

  async #send(sent: Sent, credential: Credential, signal: AbortSignal): Promise<Answer> {
    const { userAgent, clock, meters, endpoint } = this.#options;
    const begun = clock.monotonic();
    let answer: Answer | undefined;
    try {
      answer = await this.#transportFor(credential).send({
        method: sent.method,
        path: sent.path,
        headers: {
          accept: "application/json",
          "user-agent": userAgent,
          ...(sent.body === undefined ? {} : { "content-type": sent.contentType ?? "application/json" }),
          ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }),
        },
        body: sent.body === undefined ? undefined : JSON.stringify(sent.body),
        signal,
      });
      return answer;
    } finally {
      meters?.add(endpoint.server.host, sent.method, answer?.status, secondsBetween(begun, clock.monotonic()));
    }
  }

  #transportFor({ identity }: Credential): Transport {
    if (this.#closed) throw new NodeletError("cancelled", "The client of the API server was closed");
    if (this.#transport === undefined || this.#transport.identity !== identity) {
      const transport = new Transport(this.#options.endpoint, identity);
      this.#transport?.transport.retire();
      this.#transport = { identity, transport };
    }
    return this.#transport.transport;
  }

  close(): void {
    this.#closed = true;
    this.#transport?.transport.close();
  }
}

function retryDelay(error: unknown, method: string, attempt: number): number | undefined {
  if (isThrottled(error)) {
    return attempt < MAX_ATTEMPTS ? (error.retryAfterMs ?? RETRY_AFTER_DEFAULT_MS) : undefined;
  }
  if (error instanceof ConnectionError && method === "GET" && !error.unsent) {
    return attempt < MAX_CONNECTION_ATTEMPTS ? 0 : undefined;
  }
  return undefined;
}

/** Undefined: of a type that is not known here. Throws what the server says went wrong. */
function watchEvent<T extends KubeObject>(line: string, where: string): WatchEvent<T> | undefined {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw unexpected(where, "an event", cause);
  }
  if (!isMapping(event) || !isMapping(event["object"])) throw unexpected(where, "an event");
  const object = event["object"];
  switch (event["type"]) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event["type"], object: object as T };
    case "BOOKMARK": {
      const metadata = object["metadata"];
      const version = isMapping(metadata) ? metadata["resourceVersion"] : undefined;
      return typeof version === "string" ? { type: "BOOKMARK", resourceVersion: version } : undefined;
    }
    case "ERROR": {
      const code = object["code"];
      throw toApiError(typeof code === "number" ? code : 500, object, { where });
    }
    default:
      return undefined;
  }
}

function unexpected(where: string, wanted: string, cause?: unknown): NodeletError {
  return new NodeletError("unavailable", `The API server's answer is not ${wanted}`, {
    where,
    cause,
    fix: "Check that the server of the kubeconfig is a Kubernetes API server",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function placed(resource: Resource, place: Place, name?: string): string {
  return resourcePath(resource, { namespace: place.namespace, name, subresource: place.subresource });
}

function typed<T extends KubeObject>({ apiVersion, kind }: Resource, object: T): T {
  return { apiVersion, kind, ...object };
}

function selectors({ fieldSelector, labelSelector }: Selectors): Record<string, string | undefined> {
  return { fieldSelector, labelSelector };
}

function withQuery(path: string, query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
