// Holds all pods together to what of the node is for them, by the group above theirs.

import type { Logger } from "../../base/log.ts";
import { podsLimits, type Machine, type Reservations } from "../../node/capacity.ts";
import { cpuShares } from "../../pods/qos.ts";
import type { Cgroups } from "../../system/cgroupfs.ts";

export interface HoldPodsRequest {
  readonly cgroups: Pick<Cgroups, "missing" | "create" | "update" | "stats">;
  readonly podCgroup: string;
  readonly machine: Machine;
  /** Undefined: they may have the whole machine. */
  readonly reservations: Pick<Reservations, "kubeReserved" | "systemReserved" | "reservedCpus"> | undefined;
  readonly log: Logger;
}

/** Does nothing on a host without the controllers. */
export function holdPods({ cgroups, podCgroup, machine, reservations, log }: HoldPodsRequest): void {
  if (cgroups.missing.length > 0) return;
  const { cpuMilli, memory } = podsLimits(machine, reservations);
  cgroups.create(podCgroup);
  cgroups.update(podCgroup, { cpuShares: cpuShares(cpuMilli) });
  const usage = cgroups.stats(podCgroup)?.memory?.usage ?? 0n;
  if (usage < memory) cgroups.update(podCgroup, { memoryLimitInBytes: memory });
  else
    log.warn({ usage, memory }, "pods use more memory than is for them: they are not held to it until the next start");
}
