// GET /nodelet/v1/stats: what the pods and their containers use, as the CRI tells it.

import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function statsRoute({ cri }: Pick<ServerDeps, "cri">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/stats",
    async handle(call) {
      const { stats = [] } = await cri.listPodSandboxStats({}, { signal: call.signal });
      call.json({ pods: stats });
    },
  };
}
