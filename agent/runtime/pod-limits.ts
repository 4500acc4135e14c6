// What a pod's cgroup may use: the pod's containers together, and what the pod needs over and above them.

import type { LinuxContainerResources, LinuxPodSandboxConfig } from "../cri/runtime.ts";
import type { CgroupLimits } from "../system/cgroupfs.ts";

/**
 * Of `resources` and `overhead` of the CRI's LinuxPodSandboxConfig. Undefined: it says nothing.
 * The kernel's defaults hold for what neither names; -1, no limit, wins.
 */
export function podLimits({ resources, overhead }: LinuxPodSandboxConfig): CgroupLimits | undefined {
  if (resources === undefined && overhead === undefined) return undefined;
  const sum = (name: keyof LinuxContainerResources): bigint | undefined => {
    const [own, more] = [resources?.[name], overhead?.[name]] as [bigint | undefined, bigint | undefined];
    if (own === undefined || own === 0n || own < 0n) return own;
    return more !== undefined && more < 0n ? more : own + (more ?? 0n);
  };
  return {
    ...resources,
    cpuShares: sum("cpuShares"),
    cpuQuota: sum("cpuQuota"),
    memoryLimitInBytes: sum("memoryLimitInBytes"),
    memorySwapLimitInBytes: sum("memorySwapLimitInBytes"),
  };
}
