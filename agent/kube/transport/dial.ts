// One connection to an API server: straight or through a proxy, with TLS or without.

import { connect, isIP, type Socket } from "node:net";

import { request as httpRequest } from "../../base/http.ts";
import {
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  httpsRequest,
  tlsConnect,
} from "../../base/https.ts";
import { ConnectionError } from "./connection-error.ts";
import type { ClientIdentity, Endpoint } from "./endpoint.ts";

/** As client-go's: to connect, and then for TLS. */
const DIAL_TIMEOUT_MS = 30_000;
const TLS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

export interface Dialed {
  readonly socket: Socket;
  readonly http2: boolean;
}

export type Dial = (signal: AbortSignal) => Promise<Dialed>;

/** Throws for a certificate or key that cannot be used. */
export function createDial(endpoint: Endpoint, identity: ClientIdentity | undefined): Dial {
  const { server, proxy, serverName } = endpoint;
  const secure = server.protocol === "https:";
  const host = bareHost(server);
  const port = portOf(server);
  const context = secure
    ? createSecureContext({
        ca: endpoint.ca === undefined ? [...systemCertificates()] : endpoint.ca,
        cert: identity?.certificate,
        key: identity?.key,
        minVersion: "TLSv1.2",
      })
    : undefined;
  const expected = serverName ?? host;

  return async (signal) => {
    const plain =
      proxy === undefined
        ? await established(
            connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }),
            "connect",
            DIAL_TIMEOUT_MS,
            signal,
          )
        : await throughProxy(proxy, `${server.hostname}:${port}`, signal);
    if (context === undefined) return { socket: plain, http2: false };
    const tls = tlsConnect({
      socket: plain,
      secureContext: context,
      ALPNProtocols: ["h2", "http/1.1"],
      rejectUnauthorized: !endpoint.skipVerify,
      ...(isIP(expected) === 0 ? { servername: expected } : {}),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(expected, certificate),
    });
    await established(tls, "secureConnect", TLS_TIMEOUT_MS, signal);
    return { socket: tls, http2: tls.alpnProtocol === "h2" };
  };
}

async function established<S extends Socket>(
  socket: S,
  event: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason as Error);
  const timer = setTimeout(() => reject(new Error(`no connection within ${limitMs / 1000} s`)), limitMs);
  signal.addEventListener("abort", abort, { once: true });
  socket.once(event, resolve);
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("the other side closed the connection")));
  try {
    signal.throwIfAborted();
    await promise;
    return socket;
  } catch (error) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    socket.off("error", reject);
  }
}

function throughProxy(proxy: URL, target: string, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const headers = {
    host: target,
    ...(proxy.username === "" ? {} : { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` }),
  };
  const options = {
    method: "CONNECT",
    path: target,
    headers,
    agent: false as const,
    signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]),
    host: bareHost(proxy),
    port: portOf(proxy),
  };
  const outgoing = proxy.protocol === "https:" ? httpsRequest(options) : httpRequest(options);
  outgoing.once("connect", (answer, socket) => {
    if (answer.statusCode === 200) return resolve(socket);
    socket.destroy();
    reject(
      new ConnectionError(`The proxy ${proxy.host} answered ${answer.statusCode} to CONNECT ${target}`, {
        unsent: true,
      }),
    );
  });
  outgoing.once("response", (answer) => {
    answer.resume();
    reject(
      new ConnectionError(`The proxy ${proxy.host} answered ${answer.statusCode} to CONNECT ${target}`, {
        unsent: true,
      }),
    );
  });
  outgoing.once("error", (cause) =>
    reject(
      new ConnectionError(`The proxy ${proxy.host} cannot be reached`, {
        cause,
        unsent: true,
        fix: "Check proxy-url in the kubeconfig",
      }),
    ),
  );
  outgoing.end();
  return promise;
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

function systemCertificates(): readonly string[] {
  const system = getCACertificates("system");
  return system.length > 0 ? system : getCACertificates("default");
}
