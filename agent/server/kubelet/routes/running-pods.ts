// GET /runningpods/: the pods that the runtime runs, whoever wanted them, as a PodList.

import { ContainerState, PodSandboxState, type Cri } from "../../../cri/runtime.ts";
import type { Route } from "../../router.ts";

export function runningPodsRoute({ cri }: { readonly cri: Cri }): Route {
  return {
    method: "GET",
    path: "/runningpods",
    async handle(call) {
      const options = { signal: call.signal };
      const [{ items = [] }, { containers = [] }] = await Promise.all([
        cri.listPodSandbox({ filter: { state: { state: PodSandboxState.SANDBOX_READY } } }, options),
        cri.listContainers({ filter: { state: { state: ContainerState.CONTAINER_RUNNING } } }, options),
      ]);
      call.json({
        kind: "PodList",
        apiVersion: "v1",
        metadata: {},
        items: items.map(({ id, metadata }) => ({
          metadata: {
            name: metadata?.name,
            namespace: metadata?.namespace,
            uid: metadata?.uid,
            creationTimestamp: null,
          },
          spec: {
            containers: containers
              .filter(({ podSandboxId }) => podSandboxId === id)
              .map((container) => ({ name: container.metadata?.name, image: container.imageRef, resources: {} })),
          },
          status: {},
        })),
      });
    },
  };
}
