// GET /nodelet/v1/pods: the pods with where they come from and what is wrong with their newest specification, and
// everything that is wrong with manifests.

import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function podViewsRoute({ pods, problems }: Pick<ServerDeps, "pods" | "problems">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/pods",
    handle: (call) => call.json({ pods: pods.list(), problems: problems?.() ?? [] }),
  };
}
