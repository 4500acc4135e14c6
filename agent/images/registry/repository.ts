/**
 * One repository of one registry, through all hosts that have it: mirrors in their order, then the registry itself. Requests are
 * authorized, failures told in the registry's words.
 *
 * Source: distribution-spec v1.1, "Pull".
 */
import type { IncomingMessage } from "node:http";

import { describeError, NodeletError } from "../../base/errors.ts";
import { parseRetryAfter } from "../../base/retry-after.ts";
import { type Reference, repositoryOf } from "../reference.ts";
import { readBody } from "./body.ts";
import { parseChallenges } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import type { Capability } from "./hosts-toml.ts";
import type { Endpoint } from "./endpoints.ts";
import { discard, follow } from "./follow.ts";
import { isTransient, retryDelay, type RetryPolicy, StatusError } from "./retry.ts";
import { Authorizer, CLIENT_ID, type Timeouts } from "./tokens.ts";
import type { Transport } from "./transport.ts";

const MAX_ERROR_BYTES = 64 * 1024;
/** Of a registry's own words in a message. */
const MAX_WORDS = 300;
/** A host that could not be reached is asked last for so long. */
const AWAY_MS = 30_000;

export interface HostRequest {
  readonly method: "GET" | "HEAD";
  /** After `/v2/NAME/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Host {
  readonly endpoint: Endpoint;
  readonly authorizer: Authorizer;
  /** Milliseconds of performance.now(); until then it is asked after the others. */
  awayUntil: number;
}

export interface RepositoryOptions {
  readonly transport: Transport;
  readonly reference: Reference;
  readonly endpoints: readonly Endpoint[];
  readonly credentials: (endpoint: Endpoint) => Credentials | undefined;
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export class Repository {
  readonly name: string;
  readonly #options: RepositoryOptions;
  readonly #hosts: readonly Host[];

  constructor(options: RepositoryOptions) {
    this.#options = options;
    this.name = repositoryOf(options.reference);
    this.#hosts = options.endpoints.map((endpoint) => ({
      endpoint,
      authorizer: new Authorizer(options.transport, endpoint, options.credentials(endpoint), options.timeouts),
      awayUntil: 0,
    }));
  }

  /** Hosts that may be asked, in the order in which to ask them. */
  hosts(capability: Capability): Host[] {
    const now = performance.now();
    const able = this.#hosts.filter(({ endpoint }) => endpoint.capabilities.has(capability));
    if (able.length === 0) {
      throw new NodeletError("unsupported", `No host is configured to ${capability} ${this.name}`, {
        fix: `Add "${capability}" to the capabilities in hosts.toml`,
      });
    }
    return [...able.filter(({ awayUntil }) => awayUntil <= now), ...able.filter(({ awayUntil }) => awayUntil > now)];
  }

  /** Asks one host after the other; the last one is asked again when it fails in a way that may pass. */
  async ask<T>(capability: Capability, signal: AbortSignal, task: (host: Host) => Promise<T>): Promise<T> {
    const hosts = this.hosts(capability);
    const failures: { host: Host; error: unknown }[] = [];
    for (const host of hosts) {
      try {
        return host === hosts.at(-1) ? await this.#persist(signal, () => task(host)) : await task(host);
      } catch (error) {
        signal.throwIfAborted();
        this.failed(host, error);
        failures.push({ host, error });
      }
    }
    throw summary(failures);
  }

  /** Remembers a host that is not there. */
  failed(host: Host, error: unknown): void {
    if (isTransient(error)) host.awayUntil = performance.now() + AWAY_MS;
  }

  async #persist<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await task();
      } catch (error) {
        signal.throwIfAborted();
        const delay = retryDelay(error, failures, this.#options.retry);
        if (delay === undefined) throw error;
        await this.#options.sleep(delay, signal);
      }
    }
  }

  /** An answer of one of the statuses `wanted`, its body unread. Throws StatusError for others. */
  async send(host: Host, request: HostRequest, wanted: readonly number[] = [200]): Promise<IncomingMessage> {
    const { endpoint, authorizer } = host;
    const { transport, reference, timeouts } = this.#options;
    const scope = `repository:${reference.path}:pull`;
    const url = new URL(`${endpoint.path}/${reference.path}/${request.path}`, endpoint.origin);
    // A mirror of several registries has to know which one is meant.
    if (!endpoint.isRegistry) url.searchParams.set("ns", reference.domain);
    for (let attempt = 1; ; attempt++) {
      const authorization = authorizer.header(scope);
      const { response, sameOrigin } = await follow(transport, {
        method: request.method,
        url,
        headers: { "user-agent": CLIENT_ID, "accept-encoding": "identity", ...request.headers },
        secretHeaders: { ...endpoint.headers, ...(authorization === undefined ? {} : { authorization }) },
        tls: endpoint.tls,
        dialTimeoutMs: endpoint.dialTimeoutMs,
        answerTimeoutMs: timeouts.answerMs,
        signal: request.signal,
      });
      const status = response.statusCode ?? 0;
      if (wanted.includes(status)) return response;
      // Only the registry's own 401 is answered: who else asks for credentials gets none.
      if (status === 401 && sameOrigin && attempt <= 2) {
        const challenges = parseChallenges(response.headers["www-authenticate"]);
        discard(response);
        if (await authorizer.answer(challenges, scope, authorization, request.signal)) continue;
        throw this.#refused(host, status);
      }
      throw await this.#statusError(host, response, sameOrigin, request.signal);
    }
  }

  #refused({ endpoint, authorizer }: Host, status: number): StatusError {
    const who = authorizer.hasCredentials ? "refuses the credentials" : "asks for credentials";
    return new StatusError(status, `${endpoint.origin.host} ${who} for ${this.name}`, {
      fix: authorizer.hasCredentials
        ? "Check the user name and the password, and whether this user may pull the image"
        : "Give credentials: in config.json, by an image pull secret, or with nodelet pull --creds-file",
    });
  }

  async #statusError(
    host: Host,
    response: IncomingMessage,
    sameOrigin: boolean,
    signal: AbortSignal,
  ): Promise<StatusError> {
    const status = response.statusCode ?? 0;
    const { timeouts } = this.#options;
    const limits = { maxBytes: MAX_ERROR_BYTES, stallMs: timeouts.stallMs, totalMs: timeouts.documentMs };
    let words = "";
    try {
      words = errorWords(await readBody(response, limits, "The error", signal));
    } catch {
      signal.throwIfAborted();
      // An error whose text cannot be read is still that error.
    }
    if (status === 401 && sameOrigin) return this.#refused(host, status);
    const where = sameOrigin ? host.endpoint.origin.host : `the place that ${host.endpoint.origin.host} sends us to`;
    const retryAfterMs = parseRetryAfter(response.headers["retry-after"], Date.now());
    const options = { retryAfterMs, ...(status === 404 ? { fix: "Check the name and the tag" } : {}) };
    return new StatusError(status, `${where} answers with HTTP status ${status}${words}`, options);
  }
}

/** What the registry says: `{"errors":[{"code","message"}]}`. */
function errorWords(body: Buffer): string {
  try {
    const document = JSON.parse(body.toString("utf8")) as { errors?: readonly { code?: unknown; message?: unknown }[] };
    const words = (document.errors ?? []).map(({ code, message }) => {
      const text = [code, message].filter((part) => typeof part === "string" && part !== "").join(": ");
      return text.replace(/[\p{Cc}\p{Cf}]/gu, " ");
    });
    const all = words.join("; ");
    return all === "" ? "" : ` (${all.slice(0, MAX_WORDS)})`;
  } catch {
    return ""; // a page for people, of a proxy or a load balancer
  }
}

/** The registry's own failure, with those of the mirrors. */
function summary(failures: readonly { host: Host; error: unknown }[]): unknown {
  const last = failures.at(-1);
  if (last === undefined || failures.length === 1) return last?.error;
  const code = last.error instanceof NodeletError ? last.error.code : "unavailable";
  const others = failures
    .slice(0, -1)
    .map(({ host, error }) => `${host.endpoint.origin.host}: ${describeError(error)}`);
  return new NodeletError(code, `No host has it; of the others, ${others.join("; ")}`, { cause: last.error });
}
