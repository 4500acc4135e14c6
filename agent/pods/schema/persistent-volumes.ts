// core/v1 PersistentVolume and PersistentVolumeClaim beside the pods of a node: directories of this node, claimed by name.

import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";

import { check, inert, later, list, map, object, oneOf, Problems, quantity, string } from "../../base/shapes.ts";
import type { Fields, Shape } from "../../base/shapes.ts";
import { problemsError } from "./decode.ts";
import type { DecodeOptions } from "./decode.ts";
import * as rules from "./rules.ts";
import { HOST_PATH_TYPES, metadataFields } from "./tables.ts";

const accessModes = list(oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"));
const byName = inert("a claim is bound by volumeName or claimRef");
const volumeMode = oneOf("Filesystem");
const otherSource = later("Use local or hostPath");
const otherSources: Fields = Object.fromEntries(
  ["csi", "nfs", "iscsi", "fc", "flexVolume", "cephfs", "rbd", "glusterfs", "azureDisk", "azureFile"].map((name) => [
    name,
    otherSource,
  ]),
);

const common: Fields = {
  apiVersion: string(),
  kind: string(),
  metadata: object(metadataFields, ["name"]),
  status: inert("it is the API server's"),
};

const volumeShape: Shape = object(
  {
    ...common,
    spec: object({
      ...otherSources,
      local: object({ path: string(rules.hostPath), fsType: later("Mount it, and name its directory") }, ["path"]),
      hostPath: object({ path: string(rules.hostPath), type: oneOf(...HOST_PATH_TYPES) }, ["path"]),
      claimRef: object(
        {
          apiVersion: string(),
          kind: string(),
          name: string(rules.dnsSubdomain),
          namespace: string(rules.dnsLabel),
          uid: byName,
          resourceVersion: byName,
        },
        ["name"],
      ),
      accessModes,
      capacity: map(quantity),
      volumeMode,
      mountOptions: later("Mount it with them, and name its directory"),
      persistentVolumeReclaimPolicy: inert("what is in a directory of the node is left alone"),
      nodeAffinity: inert("the volume is on the node that has the manifest"),
      storageClassName: byName,
      volumeAttributesClassName: byName,
    }),
  },
  ["metadata", "spec"],
);

const claimShape: Shape = object(
  {
    ...common,
    spec: object({
      volumeName: string(rules.dnsSubdomain),
      accessModes,
      volumeMode,
      resources: byName,
      storageClassName: byName,
      volumeAttributesClassName: byName,
      selector: later("Name the volume by volumeName"),
      dataSource: later("Fill the directory, and name it"),
      dataSourceRef: later("Fill the directory, and name it"),
    }),
  },
  ["metadata", "spec"],
);

/** Throws one NodeletError `invalid`, as `decodePod` does. It has either `local` or `hostPath`. */
export function decodePersistentVolume(document: unknown, options: DecodeOptions): V1PersistentVolume {
  const problems = new Problems();
  const value = check(document, volumeShape, [], problems) as V1PersistentVolume;
  const { local, hostPath } = value?.spec ?? {};
  if (problems.list.length === 0 && (local === undefined) === (hostPath === undefined))
    problems.add(["spec"], "Must have one of local and hostPath", "Name a directory of this node");
  if (problems.list.length > 0) throw problemsError(problems.list, options);
  return value;
}

/** Throws one NodeletError `invalid`, as `decodePod` does. */
export function decodeClaim(document: unknown, options: DecodeOptions): V1PersistentVolumeClaim {
  const problems = new Problems();
  const value = check(document, claimShape, [], problems) as V1PersistentVolumeClaim;
  if (problems.list.length > 0) throw problemsError(problems.list, options);
  return value;
}
