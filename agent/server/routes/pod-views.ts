// GET /nodelet/v1/pods: the pods with where they come from and what is wrong with their newest specification.

import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function podViewsRoute({ pods }: Pick<ServerDeps, "pods">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/pods",
    handle: (call) => call.json({ pods: pods.list() }),
  };
}
