// Cgroups that are left when the last pod is gone.

import { systemClock } from "../../base/clock.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Cgroups } from "../../system/cgroupfs.ts";

/** kubelet's name, below its cgroupRoot. Pods for which a caller of the CRI names no parent are below it too. */
export const POD_CGROUP = "kubepods";
/** Beside the pods, never under the service's own cgroup: a restart of the service must not end them. */
export const SHIM_CGROUP = "nodelet-shims";

/** A shim outlives its container by a moment. */
const REMOVAL_ATTEMPTS = 20;
const REMOVAL_INTERVAL_MS = 50;

/** Once no pod is left: those that are empty. Another daemon's stay. */
export async function removeOwnCgroups(cgroups: Cgroups, podCgroup: string, log: Logger): Promise<void> {
  const groups = [`${podCgroup}/burstable`, `${podCgroup}/besteffort`, podCgroup, SHIM_CGROUP];
  try {
    for (let attempt = 0; attempt < REMOVAL_ATTEMPTS; attempt++) {
      for (const group of groups) await cgroups.removeEmptyParent(`${group}/any`);
      if (!groups.some((group) => cgroups.exists(group))) return;
      await systemClock.sleep(REMOVAL_INTERVAL_MS);
    }
  } catch (error) {
    log.warn({ error: describeError(error) }, "cgroups are left");
  }
}
