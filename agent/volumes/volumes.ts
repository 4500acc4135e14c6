// Volumes of pods: one file a kind. What is set up is found again through the directory layout alone
// (PODS/<uid>/volumes/<plugin>/<name>, kubelet's), so that a crash between any two steps leaves nothing that is not taken down.

import { rmdir } from "node:fs/promises";
import { join } from "node:path";

import { NodeletError } from "../base/errors.ts";
import type { System } from "../system/system.ts";
import { emptyDir } from "./empty-dir.ts";
import { hostPath } from "./host-path.ts";
import { namesIn } from "./tree.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const kinds: readonly VolumeKind[] = [emptyDir, hostPath];

/** Sets up every volume of the pod; repeatable. The result is by volume name. */
export async function setUpVolumes(context: VolumeContext): Promise<ReadonlyMap<string, VolumeSource>> {
  const sources = new Map<string, VolumeSource>();
  for (const volume of context.pod.spec?.volumes ?? []) {
    const kind = kinds.find((candidate) => volume[candidate.field] !== undefined);
    if (kind === undefined) {
      throw new NodeletError("unsupported", `Volume ${volume.name} is of a kind that is not supported yet`, {
        where: "spec.volumes",
      });
    }
    sources.set(volume.name, await kind.setUp(context, volume));
  }
  return sources;
}

/** Takes down whatever volumes the pod's directory holds. Missing is success. */
export async function tearDownVolumes(system: System, podDir: string): Promise<void> {
  const root = join(podDir, "volumes");
  const failures: unknown[] = [];
  for (const plugin of await namesIn(root)) {
    const kind = kinds.find((candidate) => candidate.plugin === plugin);
    for (const name of await namesIn(join(root, plugin))) {
      try {
        const directory = join(root, plugin, name);
        if (kind?.tearDown !== undefined) await kind.tearDown(system, directory);
        else await rmdir(directory);
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
