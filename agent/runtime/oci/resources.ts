// CRI's resources in the OCI's words. What the cgroups of this host can enforce is decided where they are written.

import { NodeletError } from "../../base/errors.ts";
import type { LinuxContainerResources } from "../../cri/types.gen.ts";
import type { OciDeviceRule, OciResources } from "./types.ts";

export interface CgroupInput {
  readonly version2: boolean;
  /** Relative to the cgroup root. */
  readonly path: string;
  readonly controllers: readonly string[];
}

const WHERE = "linux.resources";

export function containerResources(
  asked: LinuxContainerResources | undefined,
  devices: readonly OciDeviceRule[],
  cgroup: CgroupInput,
): OciResources {
  const limit = toNumber(asked?.memoryLimitInBytes, "memory_limit_in_bytes");
  const swap = toNumber(asked?.memorySwapLimitInBytes, "memory_swap_limit_in_bytes");
  const shares = toNumber(asked?.cpuShares, "cpu_shares");
  const quota = toNumber(asked?.cpuQuota, "cpu_quota");
  const period = toNumber(asked?.cpuPeriod, "cpu_period");
  const cpu = {
    ...(shares ? { shares } : {}),
    ...(quota ? { quota } : {}),
    ...(period ? { period } : {}),
    ...(asked?.cpusetCpus ? { cpus: cpuset(asked.cpusetCpus, "cpuset_cpus") } : {}),
    ...(asked?.cpusetMems ? { mems: cpuset(asked.cpusetMems, "cpuset_mems") } : {}),
  };
  // A memory limit without one for swap means no swap beyond it.
  const memory = limit ? { limit, swap: swap || limit } : swap ? { swap } : {};
  // A kernel without the hugetlb controller cannot limit what it does not account: as in containerd, that is no error.
  const hugepages = cgroup.controllers.includes("hugetlb") ? (asked?.hugepageLimits ?? []) : [];
  const unified = asked?.unified ?? {};
  if (Object.keys(unified).length > 0 && !cgroup.version2) {
    throw new NodeletError("unsupported", "files of cgroup v2 are set, but this host has only v1", {
      where: `${WHERE}.unified`,
    });
  }
  for (const [name, value] of Object.entries(unified)) {
    if (!/^[a-z0-9_]+(\.[A-Za-z0-9_]+)+$/.test(name) || /[^\t\n\x20-\x7e]/.test(value)) {
      throw new NodeletError(
        "invalid",
        `${JSON.stringify(name.slice(0, 100))} is not a file of a cgroup with a value of printable text`,
        {
          where: `${WHERE}.unified`,
        },
      );
    }
  }
  return {
    devices,
    ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
    ...(Object.keys(memory).length > 0 ? { memory } : {}),
    ...(hugepages.length > 0
      ? {
          hugepageLimits: hugepages.map(({ pageSize = "", limit: bytes }, index) => {
            if (!/^[0-9]+[KMGT]?B$/.test(pageSize)) {
              throw new NodeletError(
                "invalid",
                `${JSON.stringify(pageSize.slice(0, 20))} is not a page size such as 2MB`,
                {
                  where: `${WHERE}.hugepage_limits[${index}]`,
                },
              );
            }
            return { pageSize, limit: toNumber(bytes, `hugepage_limits[${index}].limit`) ?? 0 };
          }),
        }
      : {}),
    ...(Object.keys(unified).length > 0 ? { unified } : {}),
  };
}

/** -1000 to 1000, as the kernel has it. Never left out: the process would inherit the shim's, which is protected. */
export function oomScoreAdj(asked: LinuxContainerResources | undefined): number {
  const value = toNumber(asked?.oomScoreAdj, "oom_score_adj") ?? 0;
  if (value < -1000 || value > 1000) {
    throw new NodeletError("invalid", `${value} is not between -1000 and 1000`, { where: `${WHERE}.oom_score_adj` });
  }
  return value;
}

function cpuset(text: string, field: string): string {
  if (/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) return text;
  throw new NodeletError("invalid", `${JSON.stringify(text.slice(0, 100))} is not a list such as 0-3,7`, {
    where: `${WHERE}.${field}`,
  });
}

function toNumber(value: bigint | number | undefined, field: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  // math.MaxInt64 and its like are Kubernetes' way of saying "no limit".
  if (number >= 2 ** 62) return -1;
  if (!Number.isSafeInteger(number))
    throw new NodeletError("invalid", `${String(value)} is out of range`, { where: `${WHERE}.${field}` });
  return number;
}
