// emptyDir: a directory of the pod's own, or a tmpfs with medium Memory.

import { chmod, chown, lstat, mkdir } from "node:fs/promises";
import { totalmem } from "node:os";
import { basename, dirname, join } from "node:path";

import type { V1Pod, V1Volume } from "@kubernetes/client-node";

import { isErrno, NodeletError } from "../base/errors.ts";
import { quantityValue } from "../base/quantity.ts";
import type { System } from "../system/system.ts";
import { removeTree } from "./tree.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const PLUGIN = "kubernetes.io~empty-dir";

/** Everybody may write: the containers' users are not known to the node. */
const MODE = 0o777;
/** With fsGroup: the group owns it, and what is made inside belongs to the group. */
const MODE_FS_GROUP = 0o2777;

const MS_NOSUID = 2;
const MS_NODEV = 4;
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

export const emptyDir: VolumeKind = {
  field: "emptyDir",
  plugin: PLUGIN,

  async setUp({ system, pod, podDir }: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const directory = join(podDir, "volumes", PLUGIN, volume.name);
    try {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      const group = pod.spec?.securityContext?.fsGroup;
      const mode = group === undefined ? MODE : MODE_FS_GROUP;
      if (volume.emptyDir?.medium === "Memory") {
        await mountMemory(system, directory, memorySize(pod, volume), mode);
      }
      if (group !== undefined) await chown(directory, -1, group);
      await chmod(directory, mode);
    } catch (cause) {
      throw new NodeletError("unavailable", `Cannot set up the emptyDir volume ${volume.name}`, {
        where: directory,
        cause,
      });
    }
    return { hostPath: directory };
  },

  async tearDown(system: System, directory: string): Promise<void> {
    try {
      await system.umount(directory, MNT_DETACH | UMOUNT_NOFOLLOW);
    } catch (error) {
      // EINVAL: not a mount. The removal below refuses to cross one in any case.
      if (!isErrno(error, "EINVAL", "ENOENT")) throw error;
    }
    await removeTree(system, dirname(directory), basename(directory));
  },
};

async function mountMemory(system: System, directory: string, size: bigint, mode: number): Promise<void> {
  const [inner, outer] = await Promise.all([lstat(directory), lstat(dirname(directory))]);
  if (inner.dev !== outer.dev) return; // mounted by an earlier attempt
  system.mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV, `size=${size},mode=${mode.toString(8)}`);
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
