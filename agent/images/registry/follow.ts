/**
 * Redirects. What is secret (Authorization, headers of hosts.toml, client certificates) goes to the origin that it is for and nowhere
 * else; a redirect never leads from TLS to plain HTTP, nor from elsewhere to this machine.
 */
import type { IncomingMessage } from "node:http";

import { NodeletError } from "../../base/errors.ts";
import { isLocalHost, isLoopbackHost } from "./addresses.ts";
import type { TlsSettings } from "./endpoints.ts";
import { ContentError } from "./retry.ts";
import type { Exchange, Transport } from "./transport.ts";

export const MAX_REDIRECTS = 10;
/** More of a body that nobody wants is not read: the connection goes instead. */
const MAX_DISCARDED_BYTES = 64 * 1024;

export interface Request extends Omit<Exchange, "foreign"> {
  /** For the first URL's origin alone. */
  readonly secretHeaders: Readonly<Record<string, string | readonly string[]>>;
  /** Whether the URL itself came from a registry: a token's realm. */
  readonly foreign?: boolean;
}

export interface Answer {
  readonly response: IncomingMessage;
  /** Where it came from in the end. */
  readonly url: URL;
  /** It is the first URL's origin that answered. */
  readonly sameOrigin: boolean;
}

export async function follow(transport: Transport, request: Request): Promise<Answer> {
  const first = request.url;
  let url = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const sameOrigin = url.origin === first.origin;
    const response = await transport.request({
      ...request,
      url,
      headers: sameOrigin ? { ...request.headers, ...request.secretHeaders } : request.headers,
      tls: sameOrigin ? request.tls : elsewhere(request.tls),
      foreign: !isLoopbackHost(first.hostname) && (!sameOrigin || request.foreign === true),
    });
    const next = redirectOf(response, url, first);
    if (next === undefined) return { response, url, sameOrigin };
    discard(response);
    if (request.method === "POST") throw new ContentError(`${url.host} redirects a POST, which is not followed`);
    url = next;
  }
  throw new ContentError(`${first.host} redirects more than ${MAX_REDIRECTS} times`);
}

/** For another host. The authorities stay trusted: storage behind a private registry is private too. */
export function elsewhere(tls: TlsSettings): TlsSettings {
  return { ca: tls.ca, client: [], skipVerify: false };
}

function redirectOf(response: IncomingMessage, from: URL, first: URL): URL | undefined {
  const status = response.statusCode ?? 0;
  if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) return undefined;
  try {
    return checkTarget(response.headers.location, from, first);
  } catch (error) {
    discard(response);
    throw error;
  }
}

/** Exported for the token's realm, which is a place that a registry sends us to as well. */
export function checkTarget(location: string | undefined, from: URL, first: URL): URL {
  const url = location === undefined ? null : URL.parse(location, from);
  if (url === null) throw new ContentError(`${from.host} sends us to no URL`);
  if (url.protocol !== "https:" && (url.protocol !== "http:" || from.protocol === "https:")) {
    throw new NodeletError("denied", `${from.host} sends us to ${url.protocol}//${url.host}, away from TLS`);
  }
  if (!isLoopbackHost(first.hostname) && url.origin !== first.origin && isLocalHost(url.hostname)) {
    throw new NodeletError("denied", `${from.host} sends us to ${url.host}, which is this machine`);
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  return url;
}

/** Reads the rest if there is little, so that the connection can be used again. */
export function discard(response: IncomingMessage): void {
  response.on("error", () => undefined);
  const length = Number(response.headers["content-length"] ?? Number.POSITIVE_INFINITY);
  if (length <= MAX_DISCARDED_BYTES) response.resume();
  else response.destroy();
}
