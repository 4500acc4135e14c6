// The kubelet's API: HTTPS on :10250 for whom it knows, a read-only port where that is asked for, and /healthz on the loopback.

import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { constants } from "node:crypto";

import type { Clock } from "../../base/clock.ts";
import { describeError, isErrno, NodeletError } from "../../base/errors.ts";
import { createServer, loadHttps } from "../../base/http.ts";
import type { Logger } from "../../base/log.ts";
import { refuse } from "../../streaming/call.ts";
import { statusOf, type Call } from "../http.ts";
import { Router, type Route } from "../router.ts";
import { HTTP_LIMITS, Serving } from "../serving.ts";
import type { Authenticate } from "./authentication.ts";
import { attributesOf, type Authorize } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import type { RequestMeters } from "./metrics/requests.ts";

/** Another process may be about to let go of the port. */
const RETRY_MS = 5_000;

export interface TlsSettings {
  readonly credentials: Credentials;
  readonly minVersion: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  readonly ciphers: string | undefined;
  readonly curves: string | undefined;
}

export interface Gate {
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
}

export interface KubeletServerOptions {
  readonly routes: readonly Route[];
  readonly address: string;
  readonly port: number;
  /** Undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Undefined: everybody may ask for what there is. */
  readonly gate: Gate | undefined;
  readonly requests: RequestMeters | undefined;
  readonly log: Logger;
}

export interface KubeletServer extends AsyncDisposable {
  /** Throws `conflict` when the port is taken. */
  listen(): Promise<{ readonly address: string; readonly port: number }>;
  setCredentials(credentials: Credentials): void;
}

/** An error whose status is not that of its code. */
class Refusal extends NodeletError {
  readonly status: number;

  constructor(status: number, message: string) {
    super("denied", message);
    this.status = status;
  }
}

export function createKubeletServer(options: KubeletServerOptions): KubeletServer {
  const { routes, address, port, tls, gate, requests, log } = options;
  let server: Server;
  let renew: ((credentials: Credentials) => void) | undefined;
  if (tls === undefined) {
    server = createServer(HTTP_LIMITS);
  } else {
    const fixed = {
      minVersion: tls.minVersion,
      // A session that is resumed was authenticated by CAs that may not be there any more.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
      ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
      ...(tls.curves === undefined ? {} : { ecdhCurve: tls.curves }),
    };
    // Who shows no certificate may have a token.
    const asked = { requestCert: tls.credentials.ca !== undefined, rejectUnauthorized: false };
    const secure = loadHttps().createServer({ ...HTTP_LIMITS, ...fixed, ...asked, ...tls.credentials });
    renew = (credentials) => secure.setSecureContext({ ...fixed, ...credentials });
    secure.on("tlsClientError", (error: Error, socket) => {
      log.debug({ error: error.message, from: socket.remoteAddress }, "a handshake failed");
      socket.destroy();
    });
    server = secure;
  }
  const serverType = gate === undefined ? "readonly" : "readwrite";
  const serving = new Serving(server, {
    router: new Router(routes),
    log,
    what: "a request of the kubelet's API",
    admit: gate === undefined ? undefined : (request, url) => admit(gate, request, url, log),
    fail: sendError,
    refuse: refuseWithError,
    began:
      requests === undefined
        ? undefined
        : ({ method = "", headers }, url) => requests.begin(serverType, method, url.pathname, headers.upgrade),
  });
  server.on("connection", (socket: Socket) => serving.track(socket));

  return {
    async listen() {
      await listenOn(server, port, address);
      server.on("error", (error) => log.error({ error }, "the server failed"));
      const bound = server.address() as AddressInfo;
      return { address: bound.address, port: bound.port };
    },
    setCredentials: (credentials) => renew?.(credentials),
    [Symbol.asyncDispose]: () => serving.close(),
  };
}

/** Throws what is answered when the request may not go on. */
async function admit(gate: Gate, request: IncomingMessage, url: URL, log: Logger): Promise<void> {
  const user = await gate.authenticate(request);
  if (user === undefined) throw new Refusal(401, "Unauthorized");
  const attributes = attributesOf(request.method ?? "", url.pathname);
  const { verb, subresources } = attributes;
  const who = `user=${user.name}, verb=${verb}, resource=nodes`;
  let allowed: boolean;
  try {
    allowed = await gate.authorize(user, attributes);
  } catch (error) {
    log.warn(
      { user: user.name, verb, subresources, error: describeError(error) },
      "the API server could not say what a user may",
    );
    throw new Refusal(500, `Authorization error (${who}, subresource(s)=[${subresources.join(" ")}])`);
  }
  if (!allowed) throw new Refusal(403, `Forbidden (${who}, subresource(s)=[${subresources.join(" ")}])\n`);
}

/** Kubelet's clients read a text, and know 400 for what cannot be done now. */
function answerTo(error: unknown): { status: number; text: string } {
  if (error instanceof Refusal) return { status: error.status, text: error.message };
  if (error instanceof NodeletError && error.code === "unsupported") return { status: 405, text: error.message };
  const status = statusOf(error);
  return { status: status === 409 ? 400 : status, text: `${describeError(error)}\n` };
}

function sendError(call: Call, error: unknown): void {
  const { status, text } = answerTo(error);
  call.text(text, status);
}

function refuseWithError(stream: Duplex, error: unknown): void {
  const { status, text } = answerTo(error);
  refuse(stream, status, text);
}

async function listenOn(server: Server, port: number, address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, address, resolve);
  try {
    await promise;
  } catch (cause) {
    const taken = isErrno(cause, "EADDRINUSE");
    throw new NodeletError(
      taken ? "conflict" : "invalid",
      taken ? "Another process has this port" : "Cannot listen there",
      {
        where: `${address}:${port}`,
        cause,
        fix: taken ? "End it, or choose another port" : "Correct address and port",
      },
    );
  } finally {
    server.off("error", reject);
  }
}

/** Serves /healthz until the signal is aborted; a port that is taken is waited for. */
export async function serveHealthz(
  server: KubeletServer,
  { clock, log, signal }: { clock: Clock; log: Logger; signal: AbortSignal },
): Promise<void> {
  let told = false;
  while (!signal.aborted) {
    try {
      await server.listen();
      return;
    } catch (error) {
      if (!told) log.warn({ error: describeError(error) }, "/healthz cannot be served yet");
      told = true;
    }
    await clock.sleep(RETRY_MS, { signal }).catch(() => undefined);
  }
}
