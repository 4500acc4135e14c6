import t from "tap";

import { silentLogger } from "../../../agent/base/log.ts";
import { holdPods } from "../../../agent/commands/agent/hold-pods.ts";
import type { CgroupLimits, CgroupStats } from "../../../agent/system/cgroupfs.ts";

const machine = { cpus: 2, memory: 4n << 30n, storage: undefined, hugePages: new Map<string, bigint>() };

const RESERVED = {
  kubeReserved: { cpu: "500m", memory: "1Gi" },
  systemReserved: { memory: "1Gi" },
  reservedCpus: undefined,
};

/** What is written where the pods use so much. */
function held(usage: bigint, reservations: typeof RESERVED | undefined, missing: readonly string[] = []): CgroupLimits {
  const written: CgroupLimits[] = [];
  holdPods({
    cgroups: {
      missing,
      create: (path) => path,
      update: (path, limits) => {
        t.equal(path, "kubepods");
        written.push(limits);
      },
      stats: () => ({ memory: { usage } }) as unknown as CgroupStats,
    },
    podCgroup: "kubepods",
    machine,
    reservations,
    log: silentLogger,
  });
  return Object.assign({}, ...written) as CgroupLimits;
}

t.test("all pods together are held to what is not reserved", async (t) => {
  t.same(held(0n, RESERVED), { cpuShares: 1_536n, memoryLimitInBytes: 2n << 30n });
  t.same(held(0n, undefined), { cpuShares: 2_048n, memoryLimitInBytes: 4n << 30n }, "or to the machine");
  t.same(held(3n << 30n, RESERVED), { cpuShares: 1_536n }, "not below what they use: the kernel would end some");
  t.same(held(0n, RESERVED, ["memory"]), {}, "no controllers");
});
