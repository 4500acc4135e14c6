// The local HTTP server: what the `nodelet` command talks to. One socket, for root and the daemon's own user only.

import { rmSync } from "node:fs";
import type { Socket } from "node:net";

import { createServer } from "../base/http.ts";
import { NodeletError } from "../base/errors.ts";
import { isTrustedPeer, listenLocally } from "../system/local-socket.ts";
import type { ServerDeps } from "./deps.ts";
import { refuseUpgrade, toErrorBody } from "./http.ts";
import { Router, type Route } from "./router.ts";
import { HTTP_LIMITS, Serving } from "./serving.ts";
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
  let listeningPath: string | undefined;

  const server = createServer(HTTP_LIMITS);
  const serving = new Serving(server, {
    router: new Router(routes(deps)),
    log,
    what: "a local request",
    refuse: refuseUpgrade,
  });
  // Nothing of a connection is read before its credentials are known.
  const serve = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    serving.track(socket);
    if (!isTrustedPeer(system, socket, log)) {
      socket.on("error", () => socket.destroy());
      socket.resume(); // dropped unread
      socket.end(refusal());
      socket.setTimeout(REFUSED_TIMEOUT_MS, () => socket.destroy());
      return;
    }
    for (const listener of serve) listener.call(server, socket);
  });

  return {
    async listen(path) {
      await listenLocally(server, path, "--run-dir");
      listeningPath = path;
      server.on("error", (error) => log.error({ error }, "the local socket failed"));
    },

    async close() {
      await serving.close();
      if (listeningPath !== undefined) rmSync(listeningPath, { force: true });
    },
  };
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
