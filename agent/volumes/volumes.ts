// Volumes of pods: one file a kind. What is set up is found again through the directory layout alone
// (PODS/<uid>/volumes/<plugin>/<name>, kubelet's), so that a crash between any two steps leaves nothing that is not taken down.

import { rmdir } from "node:fs/promises";
import { join } from "node:path";

import type { V1Volume } from "@kubernetes/client-node";

import { describeError, isErrno, isNodeletError, NodeletError } from "../base/errors.ts";
import type { System } from "../system/system.ts";
import { configMap } from "./config-map.ts";
import { downwardApi } from "./downward-api.ts";
import { emptyDir } from "./empty-dir.ts";
import { hostPath } from "./host-path.ts";
import { projected } from "./projected.ts";
import { secret } from "./secret.ts";
import { namesIn, removeTree } from "./tree.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const kinds: readonly VolumeKind[] = [emptyDir, hostPath, configMap, secret, downwardApi, projected];

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** Sets up every volume of the pod; repeatable. The result is by volume name. */
export async function setUpVolumes(context: VolumeContext): Promise<ReadonlyMap<string, VolumeSource>> {
  const sources = new Map<string, VolumeSource>();
  for (const volume of context.pod.spec?.volumes ?? []) {
    sources.set(volume.name, await setUp(kindOf(volume), context, volume));
  }
  return sources;
}

/** Brings what volumes show up to date, in those whose content comes from elsewhere. */
export async function refreshVolumes(context: VolumeContext): Promise<void> {
  for (const volume of context.pod.spec?.volumes ?? []) {
    const kind = kindOf(volume);
    if (kind.live === true) await setUp(kind, context, volume);
  }
}

function kindOf(volume: V1Volume): VolumeKind {
  const kind = kinds.find((candidate) => volume[candidate.field] !== undefined);
  if (kind !== undefined) return kind;
  throw new NodeletError("unsupported", `Volume ${volume.name} is of a kind that is not supported yet`, {
    where: "spec.volumes",
  });
}

async function setUp(kind: VolumeKind, context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
  context.signal?.throwIfAborted();
  try {
    return await kind.setUp(context, volume);
  } catch (error) {
    if (context.signal?.aborted === true) throw error;
    // In kubelet's words, which people search for.
    const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${describeError(error)}`;
    throw new NodeletError(isNodeletError(error) ? error.code : "unavailable", message, {
      cause: undefined,
    });
  }
}

/** Takes down whatever volumes the pod's directory holds. Missing is success. */
export async function tearDownVolumes(system: System, podDir: string): Promise<void> {
  const root = join(podDir, "volumes");
  const failures: unknown[] = [];
  for (const plugin of await namesIn(root)) {
    for (const name of await namesIn(join(root, plugin))) {
      try {
        await tearDown(system, join(root, plugin), name);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 0) await rmdir(join(root, plugin));
  }
  if (failures.length > 0) {
    throw new NodeletError("unavailable", "A volume cannot be taken down yet", { where: root, cause: failures[0] });
  }
}

async function tearDown(system: System, parent: string, name: string): Promise<void> {
  try {
    await system.umount(join(parent, name), MNT_DETACH | UMOUNT_NOFOLLOW);
  } catch (error) {
    // EINVAL: not a mount. The removal below refuses to cross one in any case.
    if (!isErrno(error, "EINVAL", "ENOENT")) throw error;
  }
  await removeTree(system, parent, name);
}
