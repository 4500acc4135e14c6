/**
 * Answers a registry's challenge. Bearer tokens come from the realm that the challenge names, by GET with Basic credentials or by
 * OAuth2's POST with an identity token; they are kept until they expire.
 *
 * Source: distribution's docs/spec/auth/token.md and oauth.md.
 */
import type { IncomingMessage } from "node:http";

import { NodeletError } from "../../base/errors.ts";
import { parseRetryAfter } from "../../base/retry-after.ts";
import { isLoopbackHost } from "./addresses.ts";
import { readBody } from "./body.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import type { Endpoint } from "./endpoints.ts";
import { checkTarget, discard, elsewhere, follow, type Request } from "./follow.ts";
import { ContentError, StatusError } from "./retry.ts";
import type { Transport } from "./transport.ts";

export const CLIENT_ID = "nodelet";
const MAX_TOKEN_DOCUMENT_BYTES = 256 * 1024;
const MAX_TOKEN_LENGTH = 24 * 1024;
/** By the specification, when the answer does not say. */
const DEFAULT_EXPIRY_SECONDS = 60;
/** A token that is about to expire could do so on its way. */
const EXPIRY_SLACK_MS = 5_000;

export interface Timeouts {
  readonly answerMs: number;
  readonly stallMs: number;
  readonly documentMs: number;
}

interface Token {
  readonly text: string;
  /** Milliseconds of performance.now(). */
  readonly expires: number;
}

/** What is sent to one endpoint for one user. */
export class Authorizer {
  readonly #transport: Transport;
  readonly #endpoint: Endpoint;
  readonly #credentials: Credentials | undefined;
  readonly #timeouts: Timeouts;
  readonly #tokens = new Map<string, Token>();
  #basic = false;

  constructor(transport: Transport, endpoint: Endpoint, credentials: Credentials | undefined, timeouts: Timeouts) {
    this.#transport = transport;
    this.#endpoint = endpoint;
    this.#credentials = credentials;
    this.#timeouts = timeouts;
  }

  get hasCredentials(): boolean {
    return this.#credentials !== undefined;
  }

  /** The header for a request, from what is known. */
  header(scope: string): string | undefined {
    const registryToken = this.#credentials?.registryToken;
    // An endpoint without TLS is one that hosts.toml names so, or this machine.
    if (registryToken !== undefined) return `Bearer ${headerText(registryToken)}`;
    if (this.#basic) return this.#basicHeader();
    const token = this.#tokens.get(scope);
    if (token === undefined) return undefined;
    if (token.expires > performance.now()) return `Bearer ${token.text}`;
    this.#tokens.delete(scope);
    return undefined;
  }

  /** Learns what a challenge asks for. False when the request would be the same again. `refused`: the header that did not do. */
  async answer(
    challenges: readonly Challenge[],
    scope: string,
    refused: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (this.#credentials?.registryToken !== undefined) return false;
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      const held = this.#tokens.get(scope);
      // Another request of the same kind may have fetched one meanwhile.
      if (held !== undefined && `Bearer ${held.text}` !== refused) return true;
      this.#tokens.delete(scope);
      this.#tokens.set(scope, await this.#fetch(bearer, scope, signal));
      return true;
    }
    if (challenges.some(({ scheme }) => scheme === "basic") && this.#credentials?.username !== undefined) {
      if (refused !== undefined) return false;
      this.#basic = true;
      return true;
    }
    return false;
  }

  async #fetch(challenge: Challenge, scope: string, signal: AbortSignal): Promise<Token> {
    const { origin } = this.#endpoint;
    const realm = this.#realm(challenge);
    const service = challenge.parameters["service"] ?? "";
    const wanted = challenge.parameters["scope"] ?? scope;
    const { username, identityToken } = this.#credentials ?? {};
    const secret = identityToken !== undefined || username !== undefined;
    if (secret && !this.#mayTellRealm(realm)) throw this.#wouldLeak(realm);

    const request: Omit<Request, "method" | "url" | "headers" | "secretHeaders"> = {
      tls: realm.origin === origin.origin ? this.#endpoint.tls : elsewhere(this.#endpoint.tls),
      dialTimeoutMs: this.#endpoint.dialTimeoutMs,
      answerTimeoutMs: this.#timeouts.answerMs,
      foreign: true,
      signal,
    };
    const headers = { "user-agent": CLIENT_ID, accept: "application/json" };
    if (identityToken !== undefined) {
      const form = new URLSearchParams({
        grant_type: "refresh_token",
        service,
        client_id: CLIENT_ID,
        scope: wanted,
        refresh_token: identityToken,
      });
      const answer = await follow(this.#transport, {
        ...request,
        method: "POST",
        url: realm,
        headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
        secretHeaders: {},
        body: form.toString(),
      });
      return this.#read(answer.response, realm, signal);
    }
    const url = new URL(realm);
    if (service !== "") url.searchParams.set("service", service);
    // Several scopes are several parameters.
    for (const part of wanted.split(" ").filter((text) => text !== "")) url.searchParams.append("scope", part);
    if (username !== undefined) url.searchParams.set("account", username);
    const basic = this.#basicHeader();
    const answer = await follow(this.#transport, {
      ...request,
      method: "GET",
      url,
      headers,
      secretHeaders: basic === undefined ? {} : { authorization: basic },
    });
    return this.#read(answer.response, realm, signal);
  }

  #realm(challenge: Challenge): URL {
    const { origin } = this.#endpoint;
    const realm = challenge.parameters["realm"];
    if (realm === undefined || realm === "")
      throw new ContentError(`${origin.host} asks for a token and does not say where from`);
    return checkTarget(realm, origin, origin);
  }

  async #read(response: IncomingMessage, realm: URL, signal: AbortSignal): Promise<Token> {
    const status = response.statusCode ?? 0;
    if (status !== 200) {
      discard(response);
      const retryAfterMs = parseRetryAfter(response.headers["retry-after"], Date.now());
      const why = status === 401 || status === 403 ? "refuses to give a token" : "gives no token";
      throw new StatusError(status, `${realm.host} ${why}: HTTP status ${status}`, {
        retryAfterMs,
        ...(status === 401 || status === 403 ? { fix: this.#loginAdvice() } : {}),
      });
    }
    const limits = {
      maxBytes: MAX_TOKEN_DOCUMENT_BYTES,
      stallMs: this.#timeouts.stallMs,
      totalMs: this.#timeouts.documentMs,
    };
    const text = (await readBody(response, limits, `The token of ${realm.host}`, signal)).toString("utf8");
    let document: Readonly<Record<string, unknown>>;
    try {
      document = JSON.parse(text) as Readonly<Record<string, unknown>>;
    } catch {
      throw new ContentError(`${realm.host} gives a token that is not JSON`);
    }
    const token = document["token"] ?? document["access_token"];
    if (typeof token !== "string" || token === "") throw new ContentError(`${realm.host} gives no token in its answer`);
    const seconds = Number(document["expires_in"] ?? DEFAULT_EXPIRY_SECONDS);
    const lifetime = Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_EXPIRY_SECONDS;
    return {
      text: headerText(token),
      expires: performance.now() + Math.max(lifetime * 1000 - EXPIRY_SLACK_MS, EXPIRY_SLACK_MS),
    };
  }

  #loginAdvice(): string {
    return this.#credentials === undefined
      ? "Give credentials: in config.json, by an image pull secret, or with nodelet pull --creds-file"
      : "Check the user name and the password, and whether this user may pull the image";
  }

  #basicHeader(): string | undefined {
    const { username, password } = this.#credentials ?? {};
    if (username === undefined) return undefined;
    return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
  }

  #mayTellRealm(realm: URL): boolean {
    const { origin } = this.#endpoint;
    if (realm.protocol === "https:" || isLoopbackHost(realm.hostname)) return true;
    return origin.protocol === "http:" && realm.hostname === origin.hostname;
  }

  #wouldLeak(to: URL): NodeletError {
    return new NodeletError("denied", `The credentials would go to ${to.origin} without TLS`, {
      fix: "Let the registry's token service speak TLS",
    });
  }
}

/** Nothing that could end the header. */
function headerText(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH || !/^[\x21-\x7e]+$/.test(token)) {
    throw new ContentError("The token holds what no header can, or is too long");
  }
  return token;
}
