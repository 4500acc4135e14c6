import t from "tap";

import { podLimits } from "../../../agent/runtime/pod-limits.ts";

t.test("a sandbox that says nothing has no limits", async (t) => {
  t.equal(podLimits({}), undefined);
  t.equal(podLimits({ cgroupParent: "/pods/one" }), undefined);
});

t.test("overhead comes on top of what is limited", async (t) => {
  t.match(
    podLimits({
      resources: {
        cpuShares: 512n,
        cpuQuota: 20_000n,
        cpuPeriod: 100_000n,
        memoryLimitInBytes: 48n,
        cpusetCpus: "0-1",
      },
      overhead: { cpuShares: 102n, cpuQuota: 5_000n, cpuPeriod: 100_000n, memoryLimitInBytes: 16n },
    }),
    { cpuShares: 614n, cpuQuota: 25_000n, cpuPeriod: 100_000n, memoryLimitInBytes: 64n, cpusetCpus: "0-1" },
  );
});

t.test("overhead alone limits nothing", async (t) => {
  const limits = podLimits({ resources: { cpuShares: 2n }, overhead: { memoryLimitInBytes: 16n } });
  t.equal(limits?.memoryLimitInBytes, undefined);
  t.equal(limits?.cpuShares, 2n);
  t.equal(
    podLimits({ resources: { memoryLimitInBytes: 0n }, overhead: { memoryLimitInBytes: 16n } })?.memoryLimitInBytes,
    0n,
  );
});

t.test("no limit stays none", async (t) => {
  const limited = { memoryLimitInBytes: 48n };
  const unlimited = { memoryLimitInBytes: -1n };
  t.equal(podLimits({ resources: unlimited, overhead: limited })?.memoryLimitInBytes, -1n);
  t.equal(podLimits({ resources: limited, overhead: unlimited })?.memoryLimitInBytes, -1n);
});
