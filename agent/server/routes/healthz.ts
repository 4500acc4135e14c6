// GET /healthz: the daemon answers.

import type { Route } from "../router.ts";

export function healthzRoute(): Route {
  return {
    method: "GET",
    path: "/healthz",
    handle: (call) => call.text("ok"),
  };
}
