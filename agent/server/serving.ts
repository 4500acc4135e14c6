// What every HTTP server of the daemon does: finds the route, gives it a call whose signal tells when it is in vain, tells errors, and
// closes in order.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { Call, MethodError } from "./http.ts";
import type { Router } from "./router.ts";

/** On closing, answers that are under way get this long. */
const CLOSE_TIMEOUT_MS = 2_000;

/** What holds for every server. */
export const HTTP_LIMITS = {
  /** A client that sends its headers slower than this is let go. */
  headersTimeout: 10_000,
  /** Streams last as long as they are wanted. */
  requestTimeout: 0,
  /** Kubelet's: whoever reads figures every half minute does so over one connection. */
  keepAliveTimeout: 90_000,
  /** Kubelet's: the command of an exec stands in the address. */
  maxHeaderSize: 1024 * 1024,
} as const;

export interface ServingOptions {
  readonly router: Router;
  readonly log: Logger;
  /** For the log: "a local request failed". */
  readonly what: string;
  /** Before a route is looked for. Throws for who may not ask. */
  readonly admit?: ((request: IncomingMessage, url: URL) => Promise<void>) | undefined;
  /** Sends an error; by default as JSON. */
  readonly fail?: ((call: Call, error: unknown) => void) | undefined;
  /** Sends the error of a request for an upgrade, on the bare connection. */
  readonly refuse: (stream: Duplex, error: unknown) => void;
  /** Called with each request; what it returns, when it is answered, with the seconds that this took. */
  readonly began?: ((request: IncomingMessage, url: URL) => (seconds: number) => void) | undefined;
}

/** A server whose requests go to routes. */
export class Serving {
  readonly #server: Server;
  readonly #options: ServingOptions;
  readonly #closing = new AbortController();
  /** Connections, upgraded ones too, which the HTTP server no longer counts. */
  readonly #sockets = new Set<Socket>();
  #closed: Promise<void> | undefined;

  constructor(server: Server, options: ServingOptions) {
    this.#server = server;
    this.#options = options;
    server.on("request", (request, response) => void this.#answer(request, response));
    server.on("upgrade", (request, stream, head) => void this.#answerUpgrade(request, stream, head));
  }

  /** Counts a connection, which is ended with the server. */
  track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { router, admit, fail } = this.#options;
    const gone = new AbortController();
    const began = performance.now();
    const url = parseUrl(request);
    const answered = this.#options.began?.(request, url);
    response.on("close", () => {
      gone.abort();
      answered?.((performance.now() - began) / 1000);
    });
    response.on("error", () => gone.abort());
    const call = (params: Readonly<Record<string, string>>): Call =>
      new Call(request, response, params, url.searchParams, AbortSignal.any([gone.signal, this.#closing.signal]));
    try {
      await admit?.(request, url);
      const { route, params } = router.find(request.method ?? "", url.pathname);
      await route.handle(call(params));
      if (!response.writableEnded) response.end();
    } catch (error) {
      this.#report(request, error);
      if (error instanceof MethodError && !response.headersSent) response.setHeader("allow", error.allowed.join(", "));
      if (response.headersSent || response.destroyed) response.destroy();
      else if (fail === undefined) call({}).error(error);
      else fail(call({}), error);
    }
  }

  async #answerUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const { router, admit, refuse } = this.#options;
    const gone = new AbortController();
    const began = performance.now();
    const url = parseUrl(request);
    const answered = this.#options.began?.(request, url);
    stream.on("close", () => {
      gone.abort();
      answered?.((performance.now() - began) / 1000);
    });
    stream.on("error", () => gone.abort());
    try {
      await admit?.(request, url);
      const { route, params } = router.find(request.method ?? "", url.pathname);
      if (route.upgrade === undefined) {
        throw new NodeletError("invalid", `${url.pathname} does not speak WebSocket`, {
          fix: "send an ordinary request",
        });
      }
      const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
      await route.upgrade({ request, stream, head, params, query: url.searchParams, signal });
    } catch (error) {
      this.#report(request, error);
      refuse(stream, error);
    }
  }

  /** What the caller did wrong is told to the caller alone; what we did wrong is logged. */
  #report(request: IncomingMessage, error: unknown): void {
    if (error instanceof NodeletError && error.code !== "internal") return;
    if (this.#closing.signal.aborted) return;
    const path = (request.url ?? "").split("?")[0];
    this.#options.log.error({ method: request.method, path, error }, `${this.#options.what} failed`);
  }

  /** Ends streams and lets answers under way finish. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#closing.abort(new NodeletError("cancelled", "the daemon is stopping"));
      if (!this.#server.listening) return;
      const done = new Promise<void>((resolve) => {
        this.#server.close(() => resolve());
      });
      const timer = setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy();
      }, CLOSE_TIMEOUT_MS);
      // Clients keep a connection alive; it ends as soon as its answer is out.
      const idle = setInterval(() => this.#server.closeIdleConnections(), 20);
      await done;
      clearTimeout(timer);
      clearInterval(idle);
    })();
    return this.#closed;
  }
}

function parseUrl(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? "/", "http://localhost");
  } catch {
    return new URL("http://localhost/%"); // answered as a broken path
  }
}
