// emptyDir: a directory of the pod's own, or a tmpfs with medium Memory.

import { chmod, chown, lstat, mkdir, rename } from "node:fs/promises";
import { totalmem } from "node:os";
import { basename, dirname, join } from "node:path";

import type { V1Pod, V1Volume } from "@kubernetes/client-node";

import { isErrno } from "../base/errors.ts";
import { quantityValue } from "../base/quantity.ts";
import { mountTmpfs } from "./tmpfs.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const PLUGIN = "kubernetes.io~empty-dir";

/** Everybody may write: the containers' users are not known to the node. */
const MODE = 0o777;
/** With fsGroup: the group owns it, and what is made inside belongs to the group. */
const MODE_FS_GROUP = 0o2777;
/** Of a tmpfs beside them, as kubelet leaves it: what one user makes there is not for others to remove. */
const STICKY = 0o1000;

export const emptyDir: VolumeKind = {
  field: "emptyDir",
  plugin: PLUGIN,

  async setUp({ system, pod, podDir }: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const directory = join(podDir, "volumes", PLUGIN, volume.name);
    const group = pod.spec?.securityContext?.fsGroup;
    const mode = group === undefined ? MODE : MODE_FS_GROUP;
    if (volume.emptyDir?.medium === "Memory") {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      await mountTmpfs(system, directory, { mode: mode | STICKY, group, size: memorySize(pod, volume) });
    } else {
      await makeDirectory(directory, mode, group);
    }
    return { hostPath: directory };
  },
};

/** Made complete before it gets its name: what a container changed in it later stays as it is. */
async function makeDirectory(directory: string, mode: number, group: number | undefined): Promise<void> {
  if (await exists(directory)) return;
  const made = join(dirname(directory), `.${basename(directory)}.new`);
  await mkdir(made, { recursive: true, mode: 0o755 });
  if (group !== undefined) await chown(made, -1, group);
  await chmod(made, mode);
  await rename(made, directory);
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** The smallest of the volume's limit, the memory that the pod's containers may use together, and the node's memory. */
export function memorySize(pod: V1Pod, volume: V1Volume, nodeMemory: bigint = BigInt(totalmem())): bigint {
  let size = nodeMemory;
  let sum = 0n;
  let limited = true;
  for (const container of pod.spec?.containers ?? []) {
    const limit = container.resources?.limits?.["memory"];
    if (limit === undefined) limited = false;
    else sum += quantityValue(limit) ?? 0n;
  }
  if (limited && sum > 0n && sum < size) size = sum;
  const own = quantityValue(volume.emptyDir?.sizeLimit ?? "") ?? 0n;
  return own > 0n && own < size ? own : size;
}
