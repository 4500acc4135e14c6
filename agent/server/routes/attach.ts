// GET /attach/{namespace}/{pod}/{container}: the streams of a container's own process, over WebSocket. Query as kubelet's:
// input, output, error, tty.

import type { ServerDeps } from "../deps.ts";
import { flag } from "../http.ts";
import { requireContainer } from "../resolve.ts";
import type { Route } from "../router.ts";
import { upgradeToSession } from "../upgrade.ts";
import { requireUpgrade, streamsOf } from "./streams.ts";

export function attachRoute({ pods, cri }: Pick<ServerDeps, "pods" | "cri">): Route {
  return {
    method: "GET",
    path: "/attach/{namespace}/{pod}/{container}",
    handle: requireUpgrade,
    async upgrade(call) {
      const { params, query } = call;
      const streams = streamsOf(query);
      const container = requireContainer(
        pods,
        params["namespace"] ?? "",
        params["pod"] ?? "",
        params["container"] ?? "",
      );
      await upgradeToSession(call, () =>
        cri.openAttach({ containerId: container.id, tty: flag(query, "tty"), ...streams }, { signal: call.signal }),
      );
    },
  };
}
