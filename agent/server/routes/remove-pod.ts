// DELETE /nodelet/v1/pods/{namespace}/{pod}: ends and forgets a pod that `nodelet run` started. Query: graceSeconds.
// Answers when it is gone.

import type { ServerDeps } from "../deps.ts";
import { integer } from "../http.ts";
import type { Route } from "../router.ts";

export function removePodRoute({ pods }: Pick<ServerDeps, "pods">): Route {
  return {
    method: "DELETE",
    path: "/nodelet/v1/pods/{namespace}/{pod}",
    async handle(call) {
      const graceSeconds = integer(call.query, "graceSeconds");
      await pods.remove(call.param("namespace"), call.param("pod"), {
        signal: call.signal,
        ...(graceSeconds === undefined ? {} : { graceSeconds }),
      });
      call.json({});
    },
  };
}
