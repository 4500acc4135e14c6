// POST /nodelet/v1/pods: runs the pod in the body, alone or in a List with the ConfigMaps and Secrets that belong to it.

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
      const { kind, items } = body as { kind?: unknown; items?: unknown };
      const documents: unknown[] = kind === "List" && Array.isArray(items) ? items : [body];
      const [pod, ...more] = documents.filter((item) => documents.length === 1 || kindOf(item) === "Pod");
      if (typeof pod !== "object" || pod === null || more.length > 0) {
        throw new NodeletError("invalid", "the list does not have one pod", { fix: "send a pod in each request" });
      }
      // The pod manager checks every field of them.
      const objects = documents.filter((item) => item !== pod);
      call.json(await pods.run(pod, objects), 201);
    },
  };
}

/** What has no kind is taken for a pod, and told so when it is none. */
function kindOf(item: unknown): unknown {
  return typeof item === "object" && item !== null && "kind" in item ? item.kind : "Pod";
}
