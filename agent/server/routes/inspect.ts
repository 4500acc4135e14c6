// GET /nodelet/v1/inspect: everything known of a pod, a container or an image. Query: name, namespace, container, kind.

import type { ServerDeps } from "../deps.ts";
import { required } from "../http.ts";
import { decodeInfo, findTarget, kindOf } from "../resolve.ts";
import type { Route } from "../router.ts";

export function inspectRoute(deps: Pick<ServerDeps, "pods" | "cri" | "images">): Route {
  const { pods, cri } = deps;
  return {
    method: "GET",
    path: "/nodelet/v1/inspect",
    async handle(call) {
      const { query } = call;
      const options = { signal: call.signal };
      const target = await findTarget(deps, required(query, "name"), {
        namespace: query.get("namespace") ?? undefined,
        container: query.get("container") ?? undefined,
        kind: kindOf(query.get("kind")),
      });
      switch (target.kind) {
        case "container": {
          const { status, info } = await cri.containerStatus({ containerId: target.id, verbose: true }, options);
          call.json({ kind: "container", status, info: withoutPlan(info) });
          return;
        }
        case "pod": {
          const view = target.pod === undefined ? undefined : pods.get(target.pod.namespace, target.pod.name);
          const sandbox =
            target.sandboxId === undefined
              ? undefined
              : await cri.podSandboxStatus({ podSandboxId: target.sandboxId, verbose: true }, options);
          call.json({
            kind: "pod",
            ...view,
            sandbox: sandbox === undefined ? undefined : { status: sandbox.status, info: withoutPlan(sandbox.info) },
          });
          return;
        }
        case "image": {
          const { info } = await cri.imageStatus({ image: { image: target.image.id }, verbose: true }, options);
          call.json({ kind: "image", image: target.image, info: decodeInfo(info) });
        }
      }
    },
  };
}

/** The plan is long, and `explain` shows it. */
function withoutPlan(info: Readonly<Record<string, string>> | undefined): Record<string, unknown> {
  const { explain: _explain, ...rest } = info ?? {};
  return decodeInfo(rest);
}
