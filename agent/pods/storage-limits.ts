// Whether a pod uses more of the node's disk than it may. Pure.

import type { V1Pod } from "@kubernetes/client-node";

import { quantityValue } from "../base/quantity.ts";
import type { PodFailure } from "./planner.ts";
import { podLimit } from "./qos.ts";

/** Bytes on disk. */
export interface StorageUsage {
  /** emptyDir volumes that are not memory, by volume. */
  readonly volumes: ReadonlyMap<string, number>;
  /** Writable layer and logs, by container. */
  readonly containers: ReadonlyMap<string, number>;
}

const RESOURCE = "ephemeral-storage";

/** kubelet gives a pod that it evicts for this no more time. */
const EVICTION_GRACE_SECONDS = 1;

function isOnDisk(volume: NonNullable<NonNullable<V1Pod["spec"]>["volumes"]>[number]): boolean {
  return volume.emptyDir !== undefined && (volume.emptyDir.medium ?? "") === "";
}

/** emptyDir volumes that take disk. */
export function diskVolumes(pod: V1Pod): string[] {
  return (pod.spec?.volumes ?? []).filter(isOnDisk).map(({ name }) => name);
}

/** Whether there is anything to hold the usage against. */
export function hasStorageLimits(pod: V1Pod): boolean {
  const limited = (pod.spec?.volumes ?? []).some(
    (volume) => isOnDisk(volume) && limitOf(volume.emptyDir?.sizeLimit) > 0,
  );
  return limited || (pod.spec?.containers ?? []).some(({ resources }) => limitOf(resources?.limits?.[RESOURCE]) > 0);
}

function limitOf(quantity: string | undefined): number {
  return Number(quantityValue(quantity ?? "") ?? 0n);
}

/** Why the pod is to be evicted, in kubelet's words; undefined: it is within its limits. */
export function storageExcess(pod: V1Pod, usage: StorageUsage): PodFailure | undefined {
  const message = excess(pod, usage);
  return message === undefined ? undefined : { reason: "Evicted", message, graceSeconds: EVICTION_GRACE_SECONDS };
}

function excess(pod: V1Pod, { volumes, containers }: StorageUsage): string | undefined {
  for (const { name, emptyDir } of pod.spec?.volumes ?? []) {
    const limit = limitOf(emptyDir?.sizeLimit);
    if (limit > 0 && (volumes.get(name) ?? 0) > limit)
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit}". `;
  }
  const total = podLimit(pod, RESOURCE);
  const sum = [...volumes.values(), ...containers.values()].reduce((a, b) => a + b, 0);
  if (total !== undefined && sum > Number(total))
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `;
  for (const { name, resources } of pod.spec?.containers ?? []) {
    const written = resources?.limits?.[RESOURCE];
    const limit = limitOf(written);
    if (limit > 0 && (containers.get(name) ?? 0) > limit)
      return `Container ${name} exceeded its local ephemeral storage limit "${written}". `;
  }
  return undefined;
}
