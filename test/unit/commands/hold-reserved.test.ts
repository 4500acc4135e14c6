import t from "tap";

import { holdReserved, type HoldReservedRequest } from "../../../agent/commands/agent/hold-reserved.ts";
import type { CgroupLimits } from "../../../agent/system/cgroupfs.ts";
import { setting } from "../../fixtures/settings.ts";

const reserved = { cpu: "500m", memory: "256Mi", pid: "1000", "ephemeral-storage": "1Gi" };

setting(
  t,
  ["systemReservedCgroup", "kubeReservedCgroup", "enforceNodeAllocatable"],
  "the group has the limits of what is reserved, or its share of CPU alone; one that is not there is refused",
  async (t) => {
    const held = (kubelet: Omit<HoldReservedRequest["kubelet"], "systemReserved" | "kubeReserved">): unknown => {
      const limits: Record<string, CgroupLimits> = {};
      holdReserved({
        cgroups: {
          exists: (path) => path !== "/none.slice",
          update: (path, own) => void (limits[path] = own),
        },
        kubelet: { ...kubelet, systemReserved: reserved, kubeReserved: { memory: "1Gi" } },
      });
      return limits;
    };
    const groups = { systemReservedCgroup: "/system.slice", kubeReservedCgroup: "/kube.slice" };
    t.strictSame(held({ ...groups, enforceNodeAllocatable: ["pods"] }), {});
    t.strictSame(held({ ...groups, enforceNodeAllocatable: ["pods", "system-reserved", "kube-reserved"] }), {
      "/system.slice": { cpuShares: 512n, memoryLimitInBytes: 256n * 2n ** 20n, pidsLimit: 1000n },
      "/kube.slice": { memoryLimitInBytes: 2n ** 30n },
    });
    t.strictSame(
      held({ ...groups, enforceNodeAllocatable: ["system-reserved-compressible", "kube-reserved-compressible"] }),
      { "/system.slice": { cpuShares: 512n }, "/kube.slice": {} },
    );
    t.throws(() => held({ systemReservedCgroup: "/none.slice", enforceNodeAllocatable: ["system-reserved"] }), {
      code: "invalid",
      where: "/none.slice",
    });
  },
);
