/**
 * One HTTP exchange with a registry: connections that are kept, proxies, TLS, limits on headers and on waiting. It knows nothing of
 * credentials: what it is given it sends to the URL it is given, and it follows no redirect.
 */
import { createHash } from "node:crypto";
import { lookup as lookUpHost, type LookupAddress, type LookupOptions } from "node:dns";
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";

import { isErrno, NodeletError } from "../../base/errors.ts";
import { HttpAgent, request as httpRequest } from "../../base/http.ts";
import { createSecureContext, getCACertificates, HttpsAgent, httpsRequest } from "../../base/https.ts";
import { isLocalAddress } from "./addresses.ts";
import type { TlsSettings } from "./endpoints.ts";
import { type Environment, proxyFor, type ProxySettings, proxySettings } from "./proxy.ts";
import { ConnectionError, ContentError, isNetworkFailure } from "./retry.ts";

/** Of an answer's status line and headers together. */
const MAX_HEADER_BYTES = 32 * 1024;
const MAX_SOCKETS = 32;
/** Kept connections may all have gone while nobody looked. */
const MAX_STALE_CONNECTIONS = 3;

/** A kept connection that the other side closed when the request was on its way: says nothing of the registry. */
class StaleConnection extends ConnectionError {}

export interface Exchange {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | undefined;
  readonly tls: TlsSettings;
  /** To connect, TLS included. */
  readonly dialTimeoutMs: number;
  /** From the request to the answer's headers. */
  readonly answerTimeoutMs: number;
  /** The URL came from a registry: it may not lead to this machine. */
  readonly foreign: boolean;
  readonly signal: AbortSignal;
}

export class Transport {
  readonly #proxies: ProxySettings;
  readonly #agents = new Map<string, Agent>();

  constructor(env: Environment = process.env) {
    this.#proxies = proxySettings(env);
  }

  /** The answer, its body unread. Throws ConnectionError, or NodeletError for what will not be better the next time. */
  async request(exchange: Exchange): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#requestOnce(exchange);
      } catch (error) {
        if (!(error instanceof StaleConnection) || attempt > MAX_STALE_CONNECTIONS) throw error;
      }
    }
  }

  async #requestOnce(exchange: Exchange): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { url, signal } = exchange;
    signal.throwIfAborted();
    const secure = url.protocol === "https:";
    const options: RequestOptions = {
      method: exchange.method,
      agent: this.#agent(exchange),
      headers: exchange.headers as Record<string, string>,
      maxHeaderSize: MAX_HEADER_BYTES,
    };
    const outgoing = secure ? httpsRequest(url, options) : httpRequest(url, options);
    const abort = (): void => void outgoing.destroy(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    const dial = limit(outgoing, exchange.dialTimeoutMs, `${url.host} could not be reached within`);
    const answer = limit(outgoing, exchange.answerTimeoutMs, `${url.host} did not answer within`);
    outgoing.on("socket", (socket) => {
      if (!socket.connecting) return clearTimeout(dial);
      socket.once(secure ? "secureConnect" : "connect", () => clearTimeout(dial));
    });
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
    // An upgrade that nobody asked for ends without an answer.
    outgoing.on("close", () => reject(new ConnectionError(`${url.host} closed the connection without an answer`)));
    outgoing.end(exchange.body);
    try {
      return await promise;
    } catch (error) {
      signal.throwIfAborted();
      if (outgoing.reusedSocket && exchange.method !== "POST" && isErrno(error, "ECONNRESET", "EPIPE")) {
        throw new StaleConnection(`${url.host} closed the connection`, error);
      }
      throw this.#explain(error, exchange);
    } finally {
      clearTimeout(dial);
      clearTimeout(answer);
      signal.removeEventListener("abort", abort);
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #agent({ url, tls, foreign }: Exchange): Agent {
    const proxy = proxyFor(url, this.#proxies);
    const identity = JSON.stringify([url.protocol, proxy, foreign, tls]);
    const key = createHash("sha256").update(identity).digest("base64");
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      const options = {
        keepAlive: true,
        maxSockets: MAX_SOCKETS,
        ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
        // A proxy looks the name up itself.
        ...(foreign && proxy === undefined ? { lookup: lookUpElsewhere } : {}),
      };
      agent =
        url.protocol === "https:"
          ? new HttpsAgent({
              ...options,
              // Made once: reading hundreds of authorities takes longer than a connection.
              secureContext: createSecureContext({
                ca: [...systemCertificates(), ...tls.ca],
                cert: tls.client.map(({ certificate }) => certificate),
                key: tls.client.map((pair) => pair.key),
                minVersion: "TLSv1.2",
              }),
              rejectUnauthorized: !tls.skipVerify,
            })
          : new HttpAgent(options);
      this.#agents.set(key, agent);
    }
    return agent;
  }

  #explain(error: unknown, { url }: Exchange): unknown {
    if (error instanceof NodeletError) return error;
    const { host } = url;
    if (isErrno(error, "HPE_HEADER_OVERFLOW")) {
      return new ContentError(`${host} sends headers of more than ${MAX_HEADER_BYTES} bytes`);
    }
    if (error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("HPE_")) {
      const fix =
        url.protocol === "https:" ? undefined : "If the registry speaks TLS, configure it in hosts.toml as https://";
      return new ContentError(`${host} does not speak HTTP`, { cause: error, ...(fix === undefined ? {} : { fix }) });
    }
    if (isErrno(error, "ENOTFOUND")) {
      return new NodeletError("unavailable", `There is no host ${url.hostname}`, {
        cause: error,
        fix: "Check its name",
      });
    }
    if (isNetworkFailure(error)) return new ConnectionError(`Cannot reach ${host}`, error);
    if (isTlsFailure(error)) {
      return new NodeletError("unavailable", `Cannot make a TLS connection to ${host}`, {
        cause: error,
        fix: tlsAdvice(error, url),
      });
    }
    return new ConnectionError(`The connection to ${host} failed`, error);
  }
}

/** The host's certificate authorities, as other programs on it trust them; where it has none, Mozilla's of Node.js. */
function systemCertificates(): readonly string[] {
  const system = getCACertificates("system");
  return system.length > 0 ? system : getCACertificates("default");
}

function limit(outgoing: ClientRequest, milliseconds: number, what: string): NodeJS.Timeout {
  return setTimeout(() => outgoing.destroy(new ConnectionError(`${what} ${milliseconds / 1000} s`)), milliseconds);
}

/** As dns.lookup, leaving out addresses of this machine and of its link. */
function lookUpElsewhere(
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
): void {
  lookUpHost(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const others = addresses.filter(({ address }) => !isLocalAddress(address));
    const [first] = others;
    if (first === undefined) {
      callback(new NodeletError("denied", `the registry sends us to ${hostname}, which is this machine`), []);
    } else if (options.all === true) callback(null, others);
    else callback(null, first.address, first.family);
  });
}

function isTlsFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = String((error as NodeJS.ErrnoException).code);
  return /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|EPROTO|ERR_OSSL)/.test(
    code,
  );
}

function tlsAdvice(error: unknown, url: URL): string {
  const code = String((error as NodeJS.ErrnoException).code);
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|EPROTO/.test(code)) {
    return `If the registry speaks plain HTTP, say so in hosts.toml: server = "http://${url.host}"`;
  }
  return `If the registry has a certificate authority of its own, put it into certs.d/${url.host}/ca.crt, or name it as ca in hosts.toml`;
}
