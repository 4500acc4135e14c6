// POST /nodelet/v1/pods: runs the pod in the body.

import { NodeletError } from "../../base/errors.ts";
import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function runPodRoute({ pods }: Pick<ServerDeps, "pods">): Route {
  return {
    method: "POST",
    path: "/nodelet/v1/pods",
    async handle(call) {
      const body = await call.body();
      if (typeof body !== "object" || body === null || Array.isArray(body)) {
        throw new NodeletError("invalid", "the body is not a pod", { fix: "send a v1 Pod as JSON" });
      }
      // The pod manager checks every field of it.
      call.json(await pods.run(body), 201);
    },
  };
}
