// Volumes of pods: one file a kind. What is set up is found again through the directory layout alone
// (PODS/<uid>/volumes/<plugin>/<name>, kubelet's), so that a crash between any two steps leaves nothing that is not taken down.

import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";

import type { V1Pod, V1Volume } from "@kubernetes/client-node";

import { isErrno, NodeletError } from "../base/errors.ts";
import { AT_FDCWD, O } from "../system/system.ts";
import type { System } from "../system/system.ts";
import { emptyDir } from "./empty-dir.ts";
import { hostPath } from "./host-path.ts";

export interface VolumeContext {
  readonly system: System;
  readonly pod: V1Pod;
  /** The pod's directory: PODS/<uid>. */
  readonly podDir: string;
}

/** Where a volume can be mounted from. */
export interface VolumeSource {
  readonly hostPath: string;
}

export interface VolumeKind {
  /** The field of core/v1 Volume. */
  readonly field: "emptyDir" | "hostPath";
  /** kubelet's directory name, if the kind keeps anything under the pod's directory. */
  readonly plugin: string | undefined;
  /** Repeatable. An error names the volume's field. */
  setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource>;
  /** Takes down what is at `directory`; missing is success. */
  tearDown?(system: System, directory: string): Promise<void>;
}

const kinds: readonly VolumeKind[] = [emptyDir, hostPath];

/** Sets up every volume of the pod; repeatable. The result is by volume name. */
export async function setUpVolumes(context: VolumeContext): Promise<ReadonlyMap<string, VolumeSource>> {
  const sources = new Map<string, VolumeSource>();
  for (const volume of context.pod.spec?.volumes ?? []) {
    const kind = kinds.find((candidate) => volume[candidate.field] !== undefined);
    if (kind === undefined) {
      throw new NodeletError("unsupported", `Volume ${volume.name} is of a kind that is not supported yet`, { where: "spec.volumes" });
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

export async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}


/** Removes a tree under `parent` without following links or crossing mounts. Missing is success. */
export async function removeTree(system: System, parent: string, name: string): Promise<void> {
  let directory: number;
  try {
    directory = system.openat2(AT_FDCWD, parent, { flags: O.PATH | O.DIRECTORY });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  try {
    await system.removeTree(directory, name);
  } finally {
    system.close(directory);
  }
}
