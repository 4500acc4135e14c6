// Which ConfigMaps and Secrets a pod's volumes show.

import type { V1PodSpec } from "@kubernetes/client-node";

import type { ObjectChange } from "../kube/objects.ts";

/** By name in the pod's own namespace. */
export type ObjectReference = Pick<ObjectChange, "kind" | "name">;

/** Whether a volume shows what ClusterTrustBundles have. */
export function showsTrustBundles({ volumes = [] }: Pick<V1PodSpec, "volumes">): boolean {
  return volumes.some(({ projected }) => projected?.sources?.some((source) => source.clusterTrustBundle !== undefined));
}

export function volumeReferences(spec: Pick<V1PodSpec, "volumes">): ObjectReference[] {
  const found: ObjectReference[] = [];
  const add = (kind: ObjectReference["kind"], name: string | undefined): void => {
    if (name !== undefined) found.push({ kind, name });
  };
  for (const volume of spec.volumes ?? []) {
    add("ConfigMap", volume.configMap?.name);
    add("Secret", volume.secret?.secretName);
    for (const source of volume.projected?.sources ?? []) {
      add("ConfigMap", source.configMap?.name);
      add("Secret", source.secret?.name);
    }
  }
  return found;
}
