import t from "tap";

import { reservationsOf } from "../../../agent/commands/agent/reservations.ts";

const GI = 1n << 30n;
const machine = { cpus: 4, memory: 8n * GI, storage: 100n * GI, hugePages: new Map<string, bigint>() };
const kubelet = { maxPods: 110, podsPerCore: 0 };
const online = (): string => "0-3";

t.test("what the machine has can be reserved", async (t) => {
  const all = { cpu: "4", memory: "7Gi", "ephemeral-storage": "10Gi" };
  t.match(reservationsOf({ ...kubelet, kubeReserved: all }, machine, online), {
    kubeReserved: all,
    systemReserved: {},
    evictionHard: { "memory.available": "100Mi" },
    reservedCpus: undefined,
  });
  t.equal(reservationsOf({ ...kubelet, reservedSystemCPUs: "0,2-3" }, machine, online).reservedCpus, 3);
});

t.test("more than the machine has is refused", async (t) => {
  for (const [wrong, where, message] of [
    [{ reservedSystemCPUs: "3-4" }, "reservedSystemCPUs", /3-4 are online: those are 0-3/],
    [{ kubeReserved: { cpu: "3" }, systemReserved: { cpu: "1001m" } }, /Reserved/, /than this machine has of cpu$/],
    [{ systemReserved: { memory: "8Gi" } }, /Reserved/, /of memory$/],
    [{ evictionHard: { "nodefs.available": "101Gi" } }, /evictionHard/, /of ephemeral-storage$/],
  ] as const)
    t.throws(() => reservationsOf({ ...kubelet, ...wrong }, machine, online), { code: "invalid", where, message });
});
