/**
 * HTTP exchanges with one API server as one identity. HTTP/2 where the server speaks it: many watches share a connection, and pings
 * find out when it is dead. HTTP/1.1 else, with a connection for each exchange that is under way.
 */
import type { Agent, IncomingMessage } from "node:http";
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { Duplex, Readable } from "node:stream";

import { HttpAgent, loadHttp2, request as httpRequest } from "../../base/http.ts";
import { unlessAborted } from "../../base/limits.ts";
import { ConnectionError, explainBroken, explainDial } from "./connection-error.ts";
import { createDial, type Dial, type Dialed } from "./dial.ts";
import type { ClientIdentity, Endpoint } from "./endpoint.ts";

/** As client-go's: a connection that is silent so long is asked whether it lives, and has so long to say so. */
const PING_AFTER_MS = 30_000;
const PING_TIMEOUT_MS = 15_000;
/** Streams on one connection when the server names no limit, and at most: Go's own. */
const MAX_STREAMS = 250;
const STREAM_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
/** Of streams, in megabytes; Node.js refuses new ones beyond. */
const SESSION_MEMORY_MB = 64;
/** Exchanges that are under way when the identity changes have so long to end. */
const RETIRE_MS = 60_000;

export interface Exchange {
  readonly method: string;
  /** With query; the endpoint's own path is put before it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Ends the exchange at any point, its body too. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
  /** Whether the body, read to its end, is all that the server had to say. */
  readonly whole: () => boolean;
}

interface Session {
  readonly http2: ClientHttp2Session;
  streams: number;
}

export class Transport {
  readonly #server: URL;
  readonly #basePath: string;
  readonly #dial: Dial;
  readonly #closed = new AbortController();
  readonly #sessions = new Set<Session>();
  #dialing: Promise<Session | undefined> | undefined;
  /** Once the server has shown that it does not speak HTTP/2. */
  #http1: Agent | undefined;
  #retired: NodeJS.Timeout | undefined;

  constructor(endpoint: Endpoint, identity: ClientIdentity | undefined) {
    this.#server = endpoint.server;
    this.#basePath = endpoint.server.pathname.replace(/\/+$/, "");
    this.#dial = createDial(endpoint, identity);
    if (endpoint.server.protocol === "http:") this.#http1 = this.#createHttp1();
  }

  /** Throws ConnectionError, or the signal's reason. */
  async send(exchange: Exchange): Promise<Answer> {
    const { signal } = exchange;
    signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    const session = this.#http1 === undefined ? await this.#session(signal) : undefined;
    return session === undefined ? await this.#sendHttp1(exchange) : await this.#sendHttp2(session, exchange);
  }

  /** No more exchanges will come; those under way have a minute. */
  retire(): void {
    this.#retired ??= setTimeout(() => this.close(), RETIRE_MS).unref();
    for (const { http2 } of this.#sessions) http2.close();
  }

  close(): void {
    clearTimeout(this.#retired);
    this.#closed.abort(new ConnectionError("The connection to the API server was closed", { unsent: true }));
    for (const { http2 } of this.#sessions) http2.destroy();
    this.#sessions.clear();
    this.#http1?.destroy();
  }

  /** One with room for another stream; undefined: the server speaks HTTP/1.1. */
  async #session(signal: AbortSignal): Promise<Session | undefined> {
    for (;;) {
      for (const session of this.#sessions) if (hasRoom(session)) return session;
      this.#dialing ??= this.#connect().finally(() => (this.#dialing = undefined));
      const made = await unlessAborted(this.#dialing, signal);
      if (made === undefined || hasRoom(made)) return made;
    }
  }

  async #connect(): Promise<Session | undefined> {
    let dialed;
    try {
      dialed = await this.#dial(this.#closed.signal);
    } catch (error) {
      this.#closed.signal.throwIfAborted();
      throw explainDial(error, this.#server);
    }
    if (!dialed.http2) {
      this.#http1 ??= this.#createHttp1(dialed);
      return undefined;
    }
    const { socket } = dialed;
    const http2 = loadHttp2().connect(this.#server.origin, {
      createConnection: () => socket,
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
      maxSessionMemory: SESSION_MEMORY_MB,
    });
    const session: Session = { http2, streams: 0 };
    const pings = keepAlive(http2);
    http2.once("connect", () => http2.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    http2.once("close", () => {
      clearInterval(pings);
      this.#sessions.delete(session);
    });
    // Streams report it to whoever waits for them.
    http2.on("error", () => undefined);
    http2.once("goaway", () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }

  async #sendHttp2(session: Session, exchange: Exchange): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { signal } = exchange;
    let stream: ClientHttp2Stream;
    try {
      stream = session.http2.request(
        { ...exchange.headers, ":method": exchange.method, ":path": `${this.#basePath}${exchange.path}` },
        { endStream: exchange.body === undefined },
      );
    } catch (error) {
      // The session went between being chosen and being used.
      throw explainBroken(error, this.#server, true);
    }
    session.streams++;
    const abort = (): void => void stream.destroy(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    stream.once("close", () => {
      session.streams--;
      signal.removeEventListener("abort", abort);
      reject(new ConnectionError(`The API server ${this.#server.host} ended the exchange without an answer`));
    });
    const { NGHTTP2_REFUSED_STREAM } = loadHttp2().constants;
    stream.on("error", (error) =>
      reject(
        signal.aborted ? signal.reason : explainBroken(error, this.#server, stream.rstCode === NGHTTP2_REFUSED_STREAM),
      ),
    );
    stream.once("response", (headers: IncomingHttpHeaders & { ":status"?: number }) => {
      resolve({
        status: headers[":status"] ?? 0,
        headers,
        body: stream,
        whole: () => !stream.aborted && stream.rstCode === 0,
      });
    });
    if (exchange.body !== undefined) stream.end(exchange.body);
    return await promise;
  }

  async #sendHttp1(exchange: Exchange): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { signal } = exchange;
    const outgoing = httpRequest({
      agent: this.#http1,
      host: this.#server.hostname,
      port: this.#server.port,
      method: exchange.method,
      path: `${this.#basePath}${exchange.path}`,
      headers: {
        ...exchange.headers,
        host: this.#server.host,
        ...(exchange.body === undefined ? {} : { "content-length": String(Buffer.byteLength(exchange.body)) }),
      },
    });
    const abort = (): void => void outgoing.destroy(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    outgoing.once("close", () => {
      signal.removeEventListener("abort", abort);
      reject(new ConnectionError(`The API server ${this.#server.host} closed the connection without an answer`));
    });
    outgoing.on("error", reject);
    outgoing.once("response", resolve);
    outgoing.end(exchange.body);
    let answer: IncomingMessage;
    try {
      answer = await promise;
    } catch (error) {
      signal.throwIfAborted();
      throw explainBroken(error, this.#server);
    }
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer, whole: () => answer.complete };
  }

  /** `first` is a connection that is there already. */
  #createHttp1(first?: Dialed): Agent {
    let spare = first;
    const agent = new HttpAgent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
    agent.createConnection = (_options, callback) => {
      const dialed = spare === undefined ? this.#dial(this.#closed.signal) : Promise.resolve(spare);
      spare = undefined;
      dialed.then(
        ({ socket }) => callback?.(null, socket),
        (error: unknown) => callback?.(explainDial(error, this.#server), undefined as unknown as Duplex),
      );
      return undefined;
    };
    return agent;
  }
}

function hasRoom({ http2, streams }: Session): boolean {
  if (http2.closed || http2.destroyed) return false;
  return streams < Math.min(http2.remoteSettings.maxConcurrentStreams ?? MAX_STREAMS, MAX_STREAMS);
}

/** The connection is destroyed when it does not answer, as TCP would notice only after a quarter of an hour. */
function keepAlive(session: ClientHttp2Session): NodeJS.Timeout {
  return setInterval(() => {
    if (session.destroyed) return;
    const timer = setTimeout(
      () =>
        session.destroy(new ConnectionError(`The API server did not answer a ping within ${PING_TIMEOUT_MS / 1000} s`)),
      PING_TIMEOUT_MS,
    ).unref();
    session.ping(() => clearTimeout(timer));
  }, PING_AFTER_MS).unref();
}
