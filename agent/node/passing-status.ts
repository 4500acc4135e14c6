// Statuses of pods that say nothing which holds: another follows in a moment, if all goes well. Pure.

import type { V1ContainerStatus, V1PodStatus } from "@kubernetes/client-node";

/** Why a container waits that is on its way. */
const ON_ITS_WAY: readonly (string | undefined)[] = ["ContainerCreating", "PodInitializing"];

/** Of a pod none of whose containers has begun, or that is being ended and none of whose containers is left. */
export function isPassing(status: V1PodStatus, deleting: boolean): boolean {
  const { phase, initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  const all = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  if (deleting) return phase === "Running" && all.every(hasEnded);
  return phase === "Pending" && all.every(isOnItsWay);
}

function isOnItsWay({ state, lastState }: V1ContainerStatus): boolean {
  return ON_ITS_WAY.includes(state?.waiting?.reason) && lastState?.terminated === undefined;
}

function hasEnded({ state }: V1ContainerStatus): boolean {
  return state?.terminated !== undefined;
}
