// POST /checkpoint/{namespace}/{pod}/{container}: writes a container's state to a file, where the runtime can.

import { join } from "node:path";

import { NodeletError } from "../../../base/errors.ts";
import type { ServerDeps } from "../../deps.ts";
import { integer } from "../../http.ts";
import type { Route } from "../../router.ts";
import { containerToEnter, hasContainer, requirePod } from "../containers.ts";

export interface CheckpointDeps extends Pick<ServerDeps, "pods" | "cri" | "clock"> {
  readonly rootDir: string;
}

export function checkpointRoute({ pods, cri, clock, rootDir }: CheckpointDeps): Route {
  return {
    method: "POST",
    path: "/checkpoint/{namespace}/{pod}/{container}",
    async handle(call) {
      const { namespace = "", pod = "", container = "" } = call.params;
      if (!hasContainer(requirePod(pods, namespace, pod, undefined), container))
        throw new NodeletError("not-found", `container ${container} does not exist`);
      const id = containerToEnter(pods, { namespace, pod, uid: undefined, container });
      const time = new Date(Number(clock.now() / 1_000_000n)).toISOString();
      const location = join(rootDir, "checkpoints", `checkpoint-${pod}_${namespace}-${container}-${time}.tar`);
      const timeout = BigInt(integer(call.query, "timeout") ?? 0);
      try {
        await cri.checkpointContainer({ containerId: id, location, timeout }, { signal: call.signal });
      } catch (cause) {
        throw new NodeletError("internal", `checkpointing of ${namespace}/${pod}/${container} failed`, { cause });
      }
      call.json({ items: [location] });
    },
  };
}
