// GET /nodelet/v1/info: the daemon's version, process and options.

import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function infoRoute({ info }: Pick<ServerDeps, "info">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/info",
    handle: (call) => call.json(info),
  };
}
