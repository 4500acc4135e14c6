// POST /nodelet/v1/stop: ends the daemon. Query: pods=1 ends all pods first, graceSeconds. Answers when they are gone; the
// daemon ends after its answer.

import type { ServerDeps } from "../deps.ts";
import { flag, integer } from "../http.ts";
import type { Route } from "../router.ts";

export function stopRoute({ stop, info }: Pick<ServerDeps, "stop" | "info">): Route {
  return {
    method: "POST",
    path: "/nodelet/v1/stop",
    async handle(call) {
      await stop({ pods: flag(call.query, "pods"), graceSeconds: integer(call.query, "graceSeconds") });
      call.json({ pid: info.pid });
    },
  };
}
