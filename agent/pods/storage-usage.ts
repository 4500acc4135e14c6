// How much of the node's disk a pod uses. The trees are a pod's own: they are walked by a program that can be given up on.

import { join } from "node:path";

import { isErrno, isNodeletError } from "../base/errors.ts";
import type { Cri } from "../cri/runtime.ts";
import type { SlowCalls } from "../system/slow-calls.ts";
import { podDir, podLogDir } from "./layout.ts";
import type { PodLayout } from "./layout.ts";
import type { Observation } from "./observation.ts";
import type { DecodedPod } from "./schema/decode.ts";
import { diskVolumes } from "./storage-limits.ts";
import type { StorageUsage } from "./storage-limits.ts";

/** kubelet's directory of emptyDir volumes. */
const EMPTY_DIR = "kubernetes.io~empty-dir";

export async function measureStorage(
  cri: Cri,
  slow: SlowCalls,
  layout: PodLayout,
  pod: DecodedPod,
  observation: Observation,
  signal: AbortSignal,
): Promise<StorageUsage> {
  const volumes = diskVolumes(pod);
  const names = pod.spec.containers.map(({ name }) => name);
  const directories = [
    ...volumes.map((name) => join(podDir(layout, pod.metadata.uid ?? ""), "volumes", EMPTY_DIR, name)),
    ...names.map((name) => join(podLogDir(layout, pod), name)),
  ];
  const sizes = await diskUsage(slow, directories, signal);
  const containers = new Map<string, number>();
  for (const name of names) {
    const logs = sizes.get(join(podLogDir(layout, pod), name)) ?? 0;
    const newest = observation.containers.find((container) => container.name === name);
    const layer = newest === undefined ? 0 : await writableLayer(cri, newest.id, signal);
    containers.set(name, logs + layer);
  }
  const used = volumes.map((name, index) => [name, sizes.get(directories[index] ?? "") ?? 0] as const);
  return { volumes: new Map(used), containers };
}

/** 0 when the runtime does not say. */
async function writableLayer(cri: Cri, containerId: string, signal: AbortSignal): Promise<number> {
  try {
    const { stats } = await cri.containerStats({ containerId }, { signal });
    return Number(stats?.writableLayer?.usedBytes?.value ?? 0n);
  } catch (error) {
    if (isNodeletError(error, "unsupported") || isNodeletError(error, "not-found")) return 0;
    throw error;
  }
}

/** Bytes on disk below each directory, on its own file system. Those that are not there are left out. */
async function diskUsage(
  slow: SlowCalls,
  directories: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const directory of directories) {
    try {
      sizes.set(directory, Number((await slow.usage(directory, { signal })).bytes));
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
  return sizes;
}
