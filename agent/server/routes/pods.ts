// GET /pods: the pods as a PodList, as kubelet serves them.

import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function podsRoute({ pods }: Pick<ServerDeps, "pods">): Route {
  return {
    method: "GET",
    path: "/pods",
    handle(call) {
      call.json({ kind: "PodList", apiVersion: "v1", metadata: {}, items: pods.list().map((view) => view.pod) });
    },
  };
}
