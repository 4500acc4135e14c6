// The local HTTP server: what the `nodelet` command talks to. One socket, for root and the daemon's own user only.

import { rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { createServer } from "../base/http.ts";
import { NodeletError } from "../base/errors.ts";
import { isTrustedPeer, listenLocally } from "../system/local-socket.ts";
import type { ServerDeps } from "./deps.ts";
import { Call, refuseUpgrade, toErrorBody } from "./http.ts";
import { Router, type Route } from "./router.ts";
import { portForwardRoute } from "./routes/port-forward.ts";
import { attachRoute } from "./routes/attach.ts";
import { containerLogsRoute } from "./routes/container-logs.ts";
import { containersRoute } from "./routes/containers.ts";
import { eventsRoute } from "./routes/events.ts";
import { execRoute } from "./routes/exec.ts";
import { explainRoute } from "./routes/explain.ts";
import { healthzRoute } from "./routes/healthz.ts";
import { imagesRoute } from "./routes/images.ts";
import { infoRoute } from "./routes/info.ts";
import { inspectRoute } from "./routes/inspect.ts";
import { loadImageRoute } from "./routes/load-image.ts";
import { podViewsRoute } from "./routes/pod-views.ts";
import { podsRoute } from "./routes/pods.ts";
import { cancelPullRoute, pullImageRoute, pullsRoute } from "./routes/pull-image.ts";
import { pruneImagesRoute } from "./routes/prune-images.ts";
import { removeImageRoute } from "./routes/remove-image.ts";
import { removePodRoute } from "./routes/remove-pod.ts";
import { runPodRoute } from "./routes/run-pod.ts";
import { whyRoute } from "./routes/why.ts";
import { statsRoute } from "./routes/stats.ts";
import { stopRoute } from "./routes/stop.ts";
import { tagImageRoute } from "./routes/tag-image.ts";
import { watchRoute } from "./routes/watch.ts";

export type { DaemonInfo, ServerDeps, StopOptions } from "./deps.ts";

/** On closing, answers that are under way get this long. */
const CLOSE_TIMEOUT_MS = 2_000;

/** A client that sends its headers slower than this is let go. */
const HEADERS_TIMEOUT_MS = 10_000;

/** One that may not talk to us has this long to take the answer. */
const REFUSED_TIMEOUT_MS = 1_000;

export interface LocalServer {
  /** Serves on a unix socket of mode 0600. `conflict` when another process answers there; a socket nobody answers is replaced. */
  listen(path: string): Promise<void>;
  /** Ends streams and lets answers under way finish; removes the socket. Idempotent. */
  close(): Promise<void>;
}

export function routes(deps: ServerDeps): readonly Route[] {
  return [
    healthzRoute(),
    podsRoute(deps),
    containerLogsRoute(deps),
    execRoute(deps),
    attachRoute(deps),
    portForwardRoute(deps),
    infoRoute(deps),
    podViewsRoute(deps),
    runPodRoute(deps),
    removePodRoute(deps),
    containersRoute(deps),
    inspectRoute(deps),
    explainRoute(deps),
    imagesRoute(deps),
    loadImageRoute(deps),
    pullImageRoute(deps),
    pullsRoute(deps),
    cancelPullRoute(deps),
    tagImageRoute(deps),
    pruneImagesRoute(deps),
    removeImageRoute(deps),
    eventsRoute(deps),
    watchRoute(deps),
    statsRoute(deps),
    whyRoute(deps),
    stopRoute(deps),
  ];
}

export function createLocalServer(deps: ServerDeps): LocalServer {
  const { system, log } = deps;
  const router = new Router(routes(deps));
  const closing = new AbortController();
  /** Connections, upgraded ones too, which the HTTP server no longer counts. */
  const sockets = new Set<Socket>();
  let listeningPath: string | undefined;
  let closed: Promise<void> | undefined;

  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 });
  server.on("request", (request, response) => void answer(request, response));
  server.on("upgrade", (request, stream, head) => void answerUpgrade(request, stream, head));
  // Nothing of a connection is read before its credentials are known.
  const serve = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    if (!isTrustedPeer(system, socket, log)) {
      socket.on("error", () => socket.destroy());
      socket.resume(); // dropped unread
      socket.end(refusal());
      socket.setTimeout(REFUSED_TIMEOUT_MS, () => socket.destroy());
      return;
    }
    for (const listener of serve) listener.call(server, socket);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.on("error", () => gone.abort());
    const url = parseUrl(request);
    const call = (params: Readonly<Record<string, string>>): Call =>
      new Call(request, response, params, url.searchParams, AbortSignal.any([gone.signal, closing.signal]));
    try {
      const { route, params } = router.find(request.method ?? "", url.pathname);
      await route.handle(call(params));
      if (!response.writableEnded) response.end();
    } catch (error) {
      report(request, error);
      if (response.headersSent || response.destroyed) response.destroy();
      else call({}).error(error);
    }
  }

  async function answerUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController();
    stream.on("close", () => gone.abort());
    stream.on("error", () => gone.abort());
    const url = parseUrl(request);
    try {
      const { route, params } = router.find(request.method ?? "", url.pathname);
      if (route.upgrade === undefined) {
        throw new NodeletError("invalid", `${url.pathname} does not speak WebSocket`, {
          fix: "send an ordinary request",
        });
      }
      const signal = AbortSignal.any([gone.signal, closing.signal]);
      await route.upgrade({ request, stream, head, params, query: url.searchParams, signal });
    } catch (error) {
      report(request, error);
      refuseUpgrade(stream, error);
    }
  }

  /** What the caller did wrong is told to the caller alone; what we did wrong is logged. */
  function report(request: IncomingMessage, error: unknown): void {
    if (error instanceof NodeletError && error.code !== "internal") return;
    if (closing.signal.aborted) return;
    log.error({ method: request.method, url: request.url, error }, "a local request failed");
  }

  return {
    async listen(path) {
      await listenLocally(server, path, "--run-dir");
      listeningPath = path;
      server.on("error", (error) => log.error({ error }, "the local socket failed"));
    },

    close() {
      closed ??= (async () => {
        closing.abort(new NodeletError("cancelled", "the daemon is stopping"));
        if (listeningPath === undefined) return;
        const done = new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
        const timer = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, CLOSE_TIMEOUT_MS);
        // Clients keep a connection alive; it ends as soon as its answer is out.
        const idle = setInterval(() => server.closeIdleConnections(), 20);
        await done;
        clearTimeout(timer);
        clearInterval(idle);
        rmSync(listeningPath, { force: true });
      })();
      return closed;
    },
  };
}

function parseUrl(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? "/", "http://localhost");
  } catch {
    return new URL("http://localhost/%"); // answered as a broken path
  }
}

function refusal(): string {
  const body = JSON.stringify(
    toErrorBody(
      new NodeletError("denied", "this socket answers root and the daemon's own user only", {
        fix: "run the command as root",
      }),
    ),
  );
  return [
    "HTTP/1.1 403 Forbidden",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
