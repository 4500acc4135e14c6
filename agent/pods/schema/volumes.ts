// Rules between the fields of a pod's volumes.

import type { V1DownwardAPIVolumeFile, V1KeyToPath, V1Pod } from "@kubernetes/client-node";

import type { FieldPath } from "../../base/field-path.ts";
import { quantityValue } from "../../base/quantity.ts";
import { show } from "../../base/shapes.ts";
import type { Problems } from "../../base/shapes.ts";

export const RESOURCE_FIELDS = [
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
];

/** What a file of the downward API can show; the rest is only known once the pod runs. */
const FILE_FIELDS = ["metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations"];

/** The names of the volumes. */
export function validateVolumes(pod: V1Pod, problems: Problems): ReadonlySet<string> {
  const volumes = new Set<string>();
  for (const [index, volume] of (pod.spec?.volumes ?? []).entries()) {
    const path = ["spec", "volumes", index];
    if (volumes.has(volume.name)) problems.add([...path, "name"], `Volume name ${show(volume.name)} is used twice`);
    volumes.add(volume.name);
    const kinds = Object.keys(volume).filter((key) => key !== "name");
    if (kinds.length !== 1) {
      const message =
        kinds.length === 0
          ? "A volume must have one kind, such as emptyDir"
          : `A volume must have one kind: it has ${kinds.join(" and ")}`;
      problems.add(path, message);
    }
    const { emptyDir, configMap, secret, downwardAPI, projected } = volume;
    if (emptyDir?.sizeLimit !== undefined && (quantityValue(emptyDir.sizeLimit) ?? 0n) < 0n) {
      problems.add([...path, "emptyDir", "sizeLimit"], "Must not be negative");
    }
    validatePaths(configMap?.items, [...path, "configMap", "items"], problems);
    validatePaths(secret?.items, [...path, "secret", "items"], problems);
    validateDownward(downwardAPI?.items, [...path, "downwardAPI", "items"], pod, problems);
    const taken = new Set<string>();
    for (const [number, source] of (projected?.sources ?? []).entries()) {
      const at = [...path, "projected", "sources", number];
      const sources = Object.keys(source);
      if (sources.length !== 1) problems.add(at, "Must have exactly one source, such as configMap");
      validatePaths(source.configMap?.items, [...at, "configMap", "items"], problems, taken);
      validatePaths(source.secret?.items, [...at, "secret", "items"], problems, taken);
      validateDownward(source.downwardAPI?.items, [...at, "downwardAPI", "items"], pod, problems, taken);
    }
  }
  return volumes;
}

/** No path may be given twice, nor be a directory of another one. */
function validatePaths(
  items: readonly (V1KeyToPath | V1DownwardAPIVolumeFile)[] | undefined,
  path: FieldPath,
  problems: Problems,
  taken = new Set<string>(),
): void {
  for (const [index, item] of (items ?? []).entries()) {
    const parts = item.path.split("/");
    if (parts.some((part) => part === "" || part === "."))
      problems.add([...path, index, "path"], `${show(item.path)} must not have empty parts or '.'`);
    const clash = [...taken].find(
      (other) => other === item.path || other.startsWith(`${item.path}/`) || item.path.startsWith(`${other}/`),
    );
    if (clash !== undefined) problems.add([...path, index, "path"], `${show(item.path)} conflicts with ${show(clash)}`);
    taken.add(item.path);
  }
}

function validateDownward(
  items: readonly V1DownwardAPIVolumeFile[] | undefined,
  path: FieldPath,
  pod: V1Pod,
  problems: Problems,
  taken?: Set<string>,
): void {
  validatePaths(items, path, problems, taken);
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  for (const [index, { fieldRef, resourceFieldRef }] of (items ?? []).entries()) {
    const at = [...path, index];
    if ((fieldRef === undefined) === (resourceFieldRef === undefined))
      problems.add(at, "Must have one of fieldRef and resourceFieldRef");
    if (fieldRef !== undefined) {
      const field = fieldRef.fieldPath;
      if (!FILE_FIELDS.includes(field) && !/^metadata\.(labels|annotations)\['[^']+'\]$/.test(field)) {
        const known = [...FILE_FIELDS, "metadata.labels['KEY']", "metadata.annotations['KEY']"];
        problems.add([...at, "fieldRef", "fieldPath"], `Must be one of ${known.join(", ")}: it is ${show(field)}`);
      }
    }
    if (resourceFieldRef !== undefined) {
      const { resource, containerName } = resourceFieldRef;
      if (!RESOURCE_FIELDS.includes(resource)) {
        const message = `Must be one of ${RESOURCE_FIELDS.join(", ")}: it is ${show(resource)}`;
        problems.add([...at, "resourceFieldRef", "resource"], message);
      }
      if (!containers.some((container) => container.name === containerName))
        problems.add([...at, "resourceFieldRef", "containerName"], `The pod has no container ${show(containerName)}`);
    }
  }
}
