// GET /nodelet/v1/explain: how a container or a pod's sandbox was built. Query: name, namespace, container. The runtime hands it
// out in the verbose status as `explain`, and for a container `runtimeSpec` and `snapshot`.

import { NodeletError } from "../../base/errors.ts";
import type { ServerDeps } from "../deps.ts";
import { required } from "../http.ts";
import { decodeInfo, findTarget } from "../resolve.ts";
import type { Route } from "../router.ts";

export function explainRoute(deps: Pick<ServerDeps, "pods" | "cri" | "images">): Route {
  const { cri } = deps;
  return {
    method: "GET",
    path: "/nodelet/v1/explain",
    async handle(call) {
      const { query } = call;
      const options = { signal: call.signal };
      const name = required(query, "name");
      const target = await findTarget(deps, name, {
        namespace: query.get("namespace") ?? undefined,
        container: query.get("container") ?? undefined,
        kind: undefined,
        images: false,
      });
      if (target.kind === "container") {
        const { status, info } = await cri.containerStatus({ containerId: target.id, verbose: true }, options);
        const decoded = requirePlan(name, decodeInfo(info));
        call.json({ kind: "container", id: target.id, name: status?.metadata?.name, status, info: decoded });
        return;
      }
      if (target.kind === "pod" && target.sandboxId !== undefined) {
        const { status, info } = await cri.podSandboxStatus({ podSandboxId: target.sandboxId, verbose: true }, options);
        const decoded = requirePlan(name, decodeInfo(info));
        call.json({ kind: "pod", id: target.sandboxId, name: status?.metadata?.name, status, info: decoded });
        return;
      }
      throw new NodeletError("conflict", `${name} has no sandbox yet`, {
        fix: "see `nodelet events` for what it waits for",
      });
    },
  };
}

function requirePlan(name: string, info: Record<string, unknown>): Record<string, unknown> {
  if (info["explain"] !== undefined) return info;
  throw new NodeletError("not-found", `nothing is kept of how ${name} was built`, {
    fix: "explain what the built-in runtime has started since the last boot",
  });
}
