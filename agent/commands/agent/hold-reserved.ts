// Holds the system and the daemons beside pods to what is reserved for them, in groups that somebody else made.

import { NodeletError } from "../../base/errors.ts";
import { quantityMilli, quantityValue } from "../../base/quantity.ts";
import type { KubeletConfiguration } from "../../config/kubelet/configuration.ts";
import { cpuShares } from "../../pods/qos.ts";
import type { CgroupLimits, Cgroups } from "../../system/cgroupfs.ts";

export interface HoldReservedRequest {
  readonly cgroups: Pick<Cgroups, "exists" | "update">;
  readonly kubelet: Pick<
    KubeletConfiguration,
    "enforceNodeAllocatable" | "kubeReserved" | "kubeReservedCgroup" | "systemReserved" | "systemReservedCgroup"
  >;
}

/** What enforceNodeAllocatable names beside pods. Throws `invalid` for a group that is not there. */
export function holdReserved({ cgroups, kubelet }: HoldReservedRequest): void {
  for (const [kind, field, cgroup = "", reserved = {}] of [
    ["system-reserved", "systemReservedCgroup", kubelet.systemReservedCgroup, kubelet.systemReserved],
    ["kube-reserved", "kubeReservedCgroup", kubelet.kubeReservedCgroup, kubelet.kubeReserved],
  ] as const) {
    const whole = kubelet.enforceNodeAllocatable.includes(kind);
    if (!whole && !kubelet.enforceNodeAllocatable.includes(`${kind}-compressible`)) continue;
    if (!cgroups.exists(cgroup)) {
      const fix = `Make it, or correct ${field}`;
      throw new NodeletError("invalid", "There is no such cgroup", { where: cgroup, fix });
    }
    cgroups.update(cgroup, limitsOf(reserved, whole));
  }
}

/** What can be given less of, which is CPU, and what cannot. */
function limitsOf({ cpu, memory, pid }: Readonly<Record<string, string>>, whole: boolean): CgroupLimits {
  return {
    ...(cpu === undefined ? {} : { cpuShares: cpuShares(quantityMilli(cpu) ?? 0n) }),
    ...(!whole || memory === undefined ? {} : { memoryLimitInBytes: quantityValue(memory) ?? 0n }),
    ...(!whole || pid === undefined ? {} : { pidsLimit: quantityValue(pid) ?? 0n }),
  };
}
