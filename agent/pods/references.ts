// Which ConfigMaps and Secrets a pod refers to, in its volumes and in its containers' environment.

import type { V1PodSpec } from "@kubernetes/client-node";

import type { ObjectChange } from "../kube/objects.ts";
import { volumeReferences } from "../volumes/references.ts";
import { envReferences } from "./env.ts";

type Spec = Pick<V1PodSpec, "volumes" | "containers" | "initContainers" | "imagePullSecrets">;

/** Everything that the pod names in its namespace, once each. */
export function referencesOf(spec: Spec): {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
} {
  const configMaps = new Set<string>();
  const secrets = new Set((spec.imagePullSecrets ?? []).map(({ name = "" }) => name).filter((name) => name !== ""));
  for (const { kind, name } of volumeReferences(spec)) (kind === "Secret" ? secrets : configMaps).add(name);
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const named = envReferences(container);
    for (const name of named.configMaps) configMaps.add(name);
    for (const name of named.secrets) secrets.add(name);
  }
  return { configMaps: [...configMaps], secrets: [...secrets] };
}

export function refersTo(spec: Spec, kind: ObjectChange["kind"], name: string): boolean {
  if (volumeReferences(spec).some((reference) => reference.kind === kind && reference.name === name)) return true;
  return [...(spec.initContainers ?? []), ...spec.containers].some((container) => {
    const { configMaps, secrets } = envReferences(container);
    return (kind === "Secret" ? secrets : configMaps).includes(name);
  });
}
