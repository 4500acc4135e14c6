// The containers of a pod, all kinds of them.

import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

type Spec = Pick<V1PodSpec, "initContainers" | "containers" | "ephemeralContainers">;

/** Init containers, main ones, then those that were added for debugging. */
export function containersOf(spec: Spec): readonly V1Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}
