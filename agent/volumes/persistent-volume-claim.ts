// persistentVolumeClaim: a PersistentVolume of this node, found by its claim. `local` is a directory that must be there, `hostPath` as the
// volume of that name. Nothing is taken down, and what is inside keeps its owners: it is the node's.

import { constants } from "node:fs";

import type { V1Volume } from "@kubernetes/client-node";

import { isErrno, NodeletError } from "../base/errors.ts";
import { hostPath } from "./host-path.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

export const persistentVolumeClaim: VolumeKind = {
  field: "persistentVolumeClaim",
  plugin: undefined,

  async setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const { objects, pod, signal } = context;
    const { claimName = "", readOnly = false } = volume.persistentVolumeClaim ?? {};
    if (objects.persistentVolume === undefined) {
      throw new NodeletError("unsupported", "Claims of an API server are not supported yet", {
        where: "spec.volumes",
      });
    }
    const namespace = pod.metadata?.namespace ?? "default";
    const { spec } = await objects.persistentVolume(namespace, claimName, { signal });
    const source =
      spec?.hostPath === undefined
        ? await localDirectory(context, spec?.local?.path ?? "")
        : await hostPath.setUp(context, { name: volume.name, hostPath: spec.hostPath });
    return { ...source, readOnly };
  },
};

async function localDirectory({ slow, signal }: VolumeContext, path: string): Promise<VolumeSource> {
  let mode: number;
  try {
    mode = await slow.stat(path, { signal });
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    throw new NodeletError("unavailable", `path "${path}" does not exist`, { fix: "Make it, or mount it" });
  }
  if ((mode & constants.S_IFMT) !== constants.S_IFDIR) {
    throw new NodeletError("unavailable", `path "${path}" is not a directory`, {
      fix: "Mount the device, and name its directory",
    });
  }
  return { hostPath: path };
}
