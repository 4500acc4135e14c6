import type { V1NodeSystemInfo } from "@kubernetes/client-node";
import t, { test } from "tap";

import { changed } from "../../../agent/base/changed.ts";
import {
  allocatable,
  capacity,
  countCpus,
  DEFAULT_RESERVATIONS,
  podsLimits,
  threshold,
} from "../../../agent/node/capacity.ts";
import { nodeConditions } from "../../../agent/node/conditions.ts";
import { nextLease, microTime } from "../../../agent/node/lease.ts";
import { osImage, pageSize } from "../../../agent/node/machine.ts";
import { kubeletVersion, metadataPatch, newNode, nodeImages, statusPatch } from "../../../agent/node/node-object.ts";
import { runtimeProblems } from "../../../agent/node/status.ts";
import { setting } from "../../fixtures/settings.ts";

const GI = 1024n ** 3n;
const machine = { cpus: 4, memory: 8n * GI, storage: 100n * GI, hugePages: new Map([["2Mi", GI]]) };

test("what the kernel lets pods use is what is not reserved", (t) => {
  const whole = { cpus: 2, memory: 4n << 30n };
  const reserved = {
    kubeReserved: { cpu: "500m", memory: "1Gi" },
    systemReserved: { memory: "512Mi" },
    reservedCpus: undefined,
  };
  t.same(podsLimits(whole, undefined), { cpuMilli: 2_000n, memory: 4n << 30n });
  t.same(podsLimits(whole, reserved), { cpuMilli: 1_500n, memory: (5n << 30n) / 2n });
  t.equal(podsLimits(whole, { ...reserved, reservedCpus: 1 }).cpuMilli, 1_000n, "whole CPUs take the place of amounts");
  t.equal(podsLimits(whole, { ...reserved, kubeReserved: { memory: "8Gi" } }).memory, 0n, "never below nothing");
  t.end();
});

test("capacity is the whole machine, allocatable what is left for pods", (t) => {
  t.strictSame(capacity(machine, DEFAULT_RESERVATIONS), {
    cpu: "4",
    "ephemeral-storage": "104857600Ki",
    "hugepages-2Mi": "1Gi",
    memory: "8388608Ki",
    pods: "110",
  });
  const left = allocatable(machine, {
    ...DEFAULT_RESERVATIONS,
    kubeReserved: { cpu: "250m", memory: "512Mi", "ephemeral-storage": "1Gi" },
    systemReserved: { cpu: "250m" },
  });
  t.strictSame(left, {
    cpu: "3500m",
    "ephemeral-storage": String(89n * GI),
    "hugepages-2Mi": "1Gi",
    memory: "6713344Ki",
    pods: "110",
  });
  t.equal(allocatable({ ...machine, memory: 1n }, DEFAULT_RESERVATIONS)["memory"], "0Ki", "never below nothing");
  t.equal(threshold("10%", 1000n), 100n);
  t.equal(threshold("1Ki", 1000n), 1024n);
  t.equal(pageSize(2048), "2Mi");
  t.equal(pageSize(1048576), "1Gi");
  t.end();
});

test("conditions keep the time of their last change", (t) => {
  const input = { pressure: { memory: false, disk: true, pids: false }, remarks: [], now: 1_000_500 };
  const first = nodeConditions({ ...input, problems: ["a", "b"], previous: [] });
  t.strictSame(
    first.map(({ type, status, reason }) => [type, status, reason]),
    [
      ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
      ["DiskPressure", "True", "KubeletHasDiskPressure"],
      ["PIDPressure", "False", "KubeletHasSufficientPID"],
      ["Ready", "False", "KubeletNotReady"],
    ],
  );
  t.equal(first[3]?.message, "[a, b]");
  t.equal(first[3]?.lastTransitionTime?.getTime(), 1_000_000, "whole seconds");
  const second = nodeConditions({ ...input, problems: [], previous: first, now: 2_000_000 });
  t.equal(second[3]?.status, "True");
  t.equal(second[3]?.lastTransitionTime?.getTime(), 2_000_000);
  t.equal(second[0]?.lastTransitionTime?.getTime(), 1_000_000);
  t.equal(second[0]?.lastHeartbeatTime?.getTime(), 2_000_000);
  t.end();
});

test("what keeps a node from being ready is said in kubelet's words", (t) => {
  const status = (type: string) => ({
    status: { conditions: [{ type, status: false, reason: "NetworkPluginNotReady", message: "no configuration" }] },
  });
  t.strictSame(runtimeProblems({ status: status("NetworkReady"), version: {} }), [
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:no configuration",
  ]);
  t.match(runtimeProblems({ status: status("RuntimeReady"), version: {} })[0], /^container runtime not ready: /);
  t.match(runtimeProblems(new Error("gone"))[0], /container runtime is down: gone/);
  t.end();
});

const registration = {
  name: "n",
  hostname: "n",
  architecture: "amd64",
  labels: { tier: "edge" },
  taints: [{ key: "a", effect: "NoSchedule" }],
  providerId: "",
  attachByController: true,
};

test("a node that is there keeps what others set", (t) => {
  const node = newNode(registration, {});
  t.equal(node.metadata?.labels?.["tier"], "edge");
  t.equal(node.metadata?.labels?.["kubernetes.io/hostname"], "n");
  t.strictSame(node.spec, { taints: [{ key: "a", effect: "NoSchedule" }] });
  t.equal(metadataPatch(node, registration), undefined);
  const labels = { ...node.metadata?.labels, "kubernetes.io/arch": "s390x", other: "x" };
  t.strictSame(metadataPatch(changed(node, { metadata: changed(node.metadata, { labels }) }), registration), {
    metadata: { labels: { "kubernetes.io/arch": "amd64" }, annotations: {} },
  });
  t.end();
});

setting(t, "podsPerCore", "the node has room for so many pods a CPU, and for no more than maxPods", async (t) => {
  t.equal(capacity(machine, { maxPods: 110, podsPerCore: 3 })["pods"], "12");
  t.equal(capacity(machine, { maxPods: 5, podsPerCore: 3 })["pods"], "5");
});

setting(t, "reservedSystemCPUs", "so many CPUs are not for pods, whatever amount is reserved besides", async (t) => {
  const reservedCpus = countCpus("0-1,3,3", "0-2,3");
  t.equal(reservedCpus, 3);
  for (const elsewhere of ["4", "2-4000000000"]) t.equal(countCpus(elsewhere, "0-3"), undefined, elsewhere);
  t.equal(allocatable(machine, { ...DEFAULT_RESERVATIONS, reservedCpus, kubeReserved: { cpu: "2" } })["cpu"], "1");
});

setting(
  t,
  "enableControllerAttachDetach",
  "the Node says that the control plane attaches its volumes, or no longer",
  async (t) => {
    const key = "volumes.kubernetes.io/controller-managed-attach-detach";
    const node = newNode(registration, {});
    t.strictSame(node.metadata?.annotations, { [key]: "true" });
    t.strictSame(metadataPatch(node, { ...registration, attachByController: false }), {
      metadata: { labels: {}, annotations: { [key]: null } },
    });
  },
);

test("a heartbeat alone is no change of the status", (t) => {
  const conditions = (time: number, status = "True") => [
    { type: "Ready", status, reason: "r", lastHeartbeatTime: new Date(time), lastTransitionTime: new Date(0) },
  ];
  const addresses = [{ type: "InternalIP", address: "10.0.0.1" }];
  const known = { addresses, capacity: { cpu: "1", memory: "2" }, conditions: conditions(0) };
  t.equal(statusPatch(known, { ...known, conditions: conditions(9) }, false), undefined);
  t.same(statusPatch(known, { ...known, conditions: conditions(9) }, true), {
    status: { conditions: conditions(9) },
  });
  t.ok(statusPatch(known, { ...known, conditions: conditions(9, "False") }, false));
  t.equal(statusPatch(known, { ...known, capacity: { memory: "2", cpu: "1" } }, false), undefined, "the order is none");
  const moved = [{ type: "InternalIP", address: "10.0.0.2" }];
  t.same(statusPatch(known, { ...known, addresses: moved }, false), {
    status: { addresses: [{ $patch: "replace" }, ...moved], conditions: conditions(0) },
  });
  t.end();
});

test("what others have written into the node's amounts stays, and is no change; what is the node's own goes", (t) => {
  const wanted = {
    capacity: { cpu: "1" },
    allocatable: { cpu: "1" },
    nodeInfo: { osImage: "Linux" } as V1NodeSystemInfo,
  };
  const others = { "kubernetes.io/batch-cpu": "500", cpu: "1" };
  t.equal(statusPatch({ ...wanted, capacity: others, allocatable: others }, wanted, false), undefined);
  const before = { cpu: "2", "hugepages-2Mi": "4Mi", "kubernetes.io/batch-cpu": "500" };
  const swap = { capacity: 1 };
  t.same(
    statusPatch({ capacity: before, allocatable: others, nodeInfo: changed(wanted.nodeInfo, { swap }) }, wanted, false),
    {
      status: { capacity: { cpu: "1", "hugepages-2Mi": null }, nodeInfo: { swap: null }, conditions: [] },
    },
  );
  t.end();
});

test("images: the largest, with a few names each", (t) => {
  const image = (id: string, size: bigint) => ({ id, size, repoTags: [`${id}:1`], repoDigests: [] });
  const many = Array.from({ length: 9 }, (_, index) => `a:${index}`);
  const images = nodeImages([image("a", 1n), image("b", 3n), { ...image("c", 2n), repoTags: many }], 2);
  t.strictSame(
    images.map(({ names, sizeBytes }) => [names?.length, sizeBytes]),
    [
      [1, 3],
      [5, 2],
    ],
  );
  t.end();
});

test("the lease is renewed and owned by the node", (t) => {
  const options = { nodeName: "n", durationSeconds: 40, now: 1_500_000_000_123_456_789n, node: undefined };
  const first = nextLease(undefined, options);
  t.equal(first.metadata?.ownerReferences, undefined);
  t.equal(String(first.spec?.renewTime), "2017-07-14T02:40:00.123456Z");
  t.equal(first.spec?.leaseDurationSeconds, 40);
  const second = nextLease(changed(first, { metadata: changed(first.metadata, { resourceVersion: "7" }) }), {
    ...options,
    node: { metadata: { uid: "u" } },
  });
  t.equal(second.metadata?.resourceVersion, "7");
  t.match(second.metadata?.ownerReferences?.[0], { kind: "Node", name: "n", uid: "u" });
  t.equal(microTime(5n), "1970-01-01T00:00:00.000000Z");
  t.end();
});

test("names of the system", (t) => {
  t.equal(osImage('NAME="x"\nPRETTY_NAME="Debian GNU/Linux 12"\n'), "Debian GNU/Linux 12");
  t.equal(osImage(""), "Linux");
  t.match(kubeletVersion("0.1.0"), /^v1\.36\.\d+\+nodelet-0\.1\.0$/);
  t.end();
});
