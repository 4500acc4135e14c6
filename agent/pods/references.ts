// Which ConfigMaps and Secrets a pod refers to, in its volumes and in its containers' environment.

import type { V1PodSpec } from "@kubernetes/client-node";

import type { ObjectChange } from "../kube/objects.ts";
import { volumeReferences } from "../volumes/references.ts";
import { containersOf } from "./containers-of.ts";
import { envReferences } from "./env.ts";

type Spec = Pick<V1PodSpec, "volumes" | "containers" | "initContainers" | "ephemeralContainers" | "imagePullSecrets">;

/** Every ConfigMap and Secret that the pod names, once each. */
export function referencesOf(spec: Spec): readonly Pick<ObjectChange, "kind" | "name">[] {
  const pulls = (spec.imagePullSecrets ?? []).flatMap(({ name = "" }) =>
    name === "" ? [] : [{ kind: "Secret" as const, name }],
  );
  const variables = containersOf(spec).flatMap((container) => {
    const { configMaps, secrets } = envReferences(container);
    return [
      ...configMaps.map((name) => ({ kind: "ConfigMap" as const, name })),
      ...secrets.map((name) => ({ kind: "Secret" as const, name })),
    ];
  });
  const all = [...volumeReferences(spec), ...variables, ...pulls];
  return [...new Map(all.map((reference) => [`${reference.kind}/${reference.name}`, reference])).values()];
}

export function refersTo(spec: Spec, kind: ObjectChange["kind"], name: string): boolean {
  if (volumeReferences(spec).some((reference) => reference.kind === kind && reference.name === name)) return true;
  return containersOf(spec).some((container) => {
    const { configMaps, secrets } = envReferences(container);
    return (kind === "Secret" ? secrets : configMaps).includes(name);
  });
}
