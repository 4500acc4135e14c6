// Which ConfigMaps and Secrets a pod refers to, in its volumes and in its containers' environment.

import type { V1PodSpec } from "@kubernetes/client-node";

import type { ObjectChange } from "../kube/objects.ts";
import { volumeReferences } from "../volumes/references.ts";
import { envReferences } from "./env.ts";

type Spec = Pick<V1PodSpec, "volumes" | "containers" | "initContainers">;

export function refersTo(spec: Spec, kind: ObjectChange["kind"], name: string): boolean {
  if (volumeReferences(spec).some((reference) => reference.kind === kind && reference.name === name)) return true;
  return [...(spec.initContainers ?? []), ...spec.containers].some((container) => {
    const { configMaps, secrets } = envReferences(container);
    return (kind === "Secret" ? secrets : configMaps).includes(name);
  });
}
