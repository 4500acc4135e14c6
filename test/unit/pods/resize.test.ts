// Resizing in place: what is given, what containers need for it, and a whole resize over a fake runtime.

import type { V1Pod, V1ResourceRequirements } from "@kubernetes/client-node";
import { test } from "tap";

import { NodeletError } from "../../../agent/base/errors.ts";
import type { NodeFacts } from "../../../agent/pods/admission.ts";
import {
  allocationOf,
  judgeResize,
  resizeOf,
  resizeOrder,
  sameAllocation,
  shrunkMemory,
  withAllocation,
} from "../../../agent/pods/resize.ts";
import { decoded, TestNode } from "./node.ts";

const facts: NodeFacts = { name: "node", labels: {}, cpuMilli: 2_000n, memory: 1n << 30n };

const requests = (cpu: string, memory: string): V1ResourceRequirements => ({ requests: { cpu, memory } });
const limits = (cpu: string, memory: string): V1ResourceRequirements => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
});
const spec = (resources: V1ResourceRequirements, more: object = {}): object => ({
  containers: [{ name: "main", image: "busybox:1", resources, ...more }],
});

test("an allocation is taken from a pod and put into another", async (t) => {
  const { pod } = decoded("p", spec(limits("1", "64Mi")));
  const other = decoded("p", spec(limits("1500m", "64Mi"))).pod;
  const given = withAllocation(other, allocationOf(pod));
  t.strictSame(given.spec.containers[0]?.resources, limits("1", "64Mi"));
  t.ok(sameAllocation(allocationOf(given), allocationOf(pod)));
  t.notOk(sameAllocation(allocationOf(given), allocationOf(other)));
  t.ok(
    sameAllocation(allocationOf(pod), allocationOf(decoded("p", spec(limits("1000m", "65536Ki"))).pod)),
    "quantities count, not how they are written",
  );
});

test("what the node has room for is given; what it may have later waits; what it never has does not", async (t) => {
  const judge = (resources: V1ResourceRequirements, beside: V1ResourceRequirements): string | undefined => {
    const other = { key: "default/other", pod: decoded("other", spec(beside)).pod };
    const found = judgeResize(decoded("p", spec(resources)).pod, [other], facts);
    return found === undefined ? undefined : `${found.reason}: ${found.message}`;
  };
  t.equal(judge(requests("1", "64Mi"), requests("1", "64Mi")), undefined);
  t.equal(
    judge(requests("1500m", "64Mi"), requests("1", "64Mi")),
    "Deferred: Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
  );
  t.equal(
    judge(requests("1", "2Gi"), requests("1", "64Mi")),
    "Infeasible: Node didn't have enough capacity: memory, requested: 2147483648, capacity: 1073741824",
  );
});

test("a container is resized while it runs, or again if its policy says so", async (t) => {
  const policy = [{ resourceName: "memory", restartPolicy: "RestartContainer" }];
  const need = (resources: V1ResourceRequirements, has?: V1ResourceRequirements): string =>
    resizeOf({ name: "main", resources, resizePolicy: policy }, has);
  t.equal(need(limits("1", "64Mi")), "nothing");
  t.equal(need(limits("1", "64Mi"), limits("1", "64Mi")), "nothing");
  t.equal(need(limits("2", "64Mi"), limits("1", "64Mi")), "update");
  t.equal(need(limits("2", "65Mi"), limits("1", "64Mi")), "restart");
  const shrunk = (resources: V1ResourceRequirements, has: V1ResourceRequirements): bigint | undefined =>
    shrunkMemory({ name: "main", resources }, has);
  t.equal(shrunk(limits("1", "1Ki"), limits("1", "2Ki")), 1024n);
  t.equal(shrunk(limits("1", "1Ki"), requests("1", "2Ki")), 1024n);
  t.equal(shrunk(limits("1", "2Ki"), limits("1", "1Ki")), undefined);
  t.equal(shrunk(requests("1", "2Ki"), limits("1", "1Ki")), undefined);
});

let version = 0;

function pod(
  resources: V1ResourceRequirements,
  { name = "p", ...more }: { name?: string; resizePolicy?: object } = {},
): V1Pod {
  version++;
  return {
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: `${version}`, generation: version },
    spec: { restartPolicy: "Always", terminationGracePeriodSeconds: 30, containers: [], ...spec(resources, more) },
    status: { phase: "Pending" },
  };
}

/** Of the pod's container: what it is allocated, what it has, and the conditions of the resize. */
function shown(node: TestNode, name = "p"): object {
  const status = node.manager.get("default", name)?.pod.status;
  const [container] = status?.containerStatuses ?? [];
  return {
    allocated: container?.allocatedResources?.["cpu"],
    has: container?.resources?.requests?.["cpu"],
    restarts: container?.restartCount,
    conditions: (status?.conditions ?? [])
      .filter(({ type }) => type.startsWith("PodResize"))
      .map(({ type, reason }) => `${type} ${reason ?? ""}`.trim()),
  };
}

const reasons = (node: TestNode): string[] =>
  node.manager
    .events()
    .map(({ reason }) => reason)
    .filter((reason) => reason.startsWith("Resize"));

test("a pod's container gets other resources without a restart, and the pod's group has room meanwhile", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([pod(limits("100m", "64Mi"))]);
  await node.settle();
  t.match(shown(node), { allocated: "100m", has: "100m", conditions: [] });
  node.runtime.calls.length = 0;
  node.api.tell([pod(limits("200m", "32Mi"))]);
  await node.settle();
  t.strictSame(node.runtime.calls, [
    "resize pod p: 20000/67108864",
    "resize main: 20000/33554432",
    "resize pod p: 20000/33554432",
  ]);
  t.match(shown(node), { allocated: "200m", has: "200m", restarts: 0, conditions: [] });
  t.strictSame(reasons(node), ["ResizeStarted", "ResizeCompleted"]);
});

test("a container whose policy says so is made again", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  const resizePolicy = [{ resourceName: "cpu", restartPolicy: "RestartContainer" }];
  node.api.tell([pod(limits("100m", "64Mi"), { resizePolicy })]);
  await node.settle();
  node.api.tell([pod(limits("200m", "64Mi"), { resizePolicy })]);
  await node.settle();
  t.match(shown(node), { allocated: "200m", has: "200m", restarts: 1, conditions: [] });
});

test("what does not fit waits, over a restart of the agent too, until there is room", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  node.facts = facts;
  await node.start();
  node.api.tell([pod(requests("1", "64Mi")), pod(requests("1", "64Mi"), { name: "other" })]);
  await node.settle();
  node.api.tell([pod(requests("1500m", "64Mi"))]);
  await node.settle();
  const waiting = { allocated: "1", has: "1", restarts: 0, conditions: ["PodResizePending Deferred"] };
  t.match(shown(node), waiting);
  await node.restart();
  await node.settle();
  t.match(shown(node), waiting);
  node.api.tell([pod(requests("1500m", "64Mi"))], [{ metadata: { uid: "uid-other" } }]);
  await node.settle();
  t.match(shown(node), { allocated: "1500m", has: "1500m", restarts: 0, conditions: [] });
  node.api.tell([pod(requests("3", "64Mi"))]);
  await node.settle();
  t.match(shown(node), { allocated: "1500m", has: "1500m", conditions: ["PodResizePending Infeasible"] });
  node.api.tell([pod(requests("1500m", "64Mi"))]);
  await node.settle();
  t.match(shown(node), { allocated: "1500m", conditions: [] });
});

test("a resize that the runtime refuses is told and tried again, and the pod runs on", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([pod(limits("100m", "64Mi"))]);
  await node.settle();
  node.runtime.fail("updateContainerResources", new NodeletError("internal", "not today"));
  node.api.tell([pod(limits("200m", "64Mi"))]);
  await node.settle();
  t.match(shown(node), { allocated: "200m", has: "100m", restarts: 0, conditions: ["PodResizeInProgress Error"] });
  await node.advance(10_000);
  t.match(shown(node), { allocated: "200m", has: "200m", restarts: 0, conditions: [] });
  t.strictSame(reasons(node), ["ResizeStarted", "ResizeError", "ResizeCompleted"]);
});

test("a limit below what is used is not set", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.runtime.memoryUsage = 48n << 20n;
  node.api.tell([pod(limits("100m", "64Mi"))]);
  await node.settle();
  node.runtime.calls.length = 0;
  node.api.tell([pod(limits("100m", "32Mi"))]);
  await node.settle();
  t.strictSame(node.runtime.calls, []);
  const condition = node.manager
    .get("default", "p")
    ?.pod.status.conditions?.find(({ type }) => type === "PodResizeInProgress");
  t.match(condition?.message, /memory limit \(33554432\) below current usage \(50331648\)/);
  node.runtime.memoryUsage = 1n << 20n;
  await node.advance(10_000);
  t.match(shown(node), { conditions: [] });
});

test("another agent judges what waits beside all pods, the younger ones too", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  node.facts = facts;
  await node.start();
  node.api.tell([pod(requests("500m", "64Mi"))]);
  await node.settle();
  await node.advance(1_000);
  node.api.tell([pod(requests("1", "64Mi"), { name: "younger" })]);
  await node.settle();
  node.api.tell([pod(requests("1500m", "64Mi"))]);
  await node.settle();
  const waiting = { allocated: "500m", has: "500m", conditions: ["PodResizePending Deferred"] };
  t.match(shown(node), waiting);
  await node.restart();
  await node.settle();
  t.match(shown(node), waiting);
});

test("a pod that is over makes room for what waits", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  node.facts = facts;
  await node.start();
  const other = pod(requests("1", "64Mi"), { name: "other" });
  other.spec!.restartPolicy = "Never";
  node.api.tell([pod(requests("500m", "64Mi")), other]);
  await node.settle();
  node.api.tell([pod(requests("1500m", "64Mi"))]);
  await node.settle();
  t.match(shown(node), { allocated: "500m", conditions: ["PodResizePending Deferred"] });
  for (const container of node.runtime.containers.values())
    if (container.config.labels?.["io.kubernetes.pod.name"] === "other") node.runtime.end(container, 0);
  await node.settle();
  t.match(shown(node), { allocated: "1500m", has: "1500m", conditions: [] });
});

test("those that wait are asked by need, priority, QoS class and time", async (t) => {
  const waits = (
    name: string,
    asked: V1ResourceRequirements,
    { priority = 0, since = 1 }: { priority?: number; since?: number } = {},
  ) => ({
    name,
    asked: decoded(name, { ...spec(asked), priority }).pod,
    has: decoded(name, spec(requests("1", "64Mi"))).pod,
    since,
  });
  const order = [
    waits("late", requests("2", "64Mi"), { since: 2 }),
    waits("early", requests("2", "64Mi")),
    waits("guaranteed", limits("2", "64Mi"), { since: 3 }),
    waits("important", requests("2", "64Mi"), { priority: 10, since: 4 }),
    waits("smaller", requests("500m", "64Mi"), { since: 5 }),
  ];
  t.strictSame(
    order.toSorted(resizeOrder).map(({ name }) => name),
    ["smaller", "important", "guaranteed", "early", "late"],
  );
});

test("an init container is resized while it runs", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  const starting = (cpu: string): V1Pod => {
    const made = pod(limits("100m", "64Mi"));
    made.spec!.initContainers = [{ name: "init", image: "busybox:1", resources: limits(cpu, "64Mi") }];
    return made;
  };
  node.api.tell([starting("100m")]);
  await node.settle();
  node.runtime.calls.length = 0;
  node.api.tell([starting("200m")]);
  await node.settle();
  t.ok(node.runtime.calls.includes("resize init: 20000/67108864"), node.runtime.calls.join("; "));
});

test("a container that is started with another size finds room in the pod's group", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  const starting = (cpu: string): V1Pod => {
    const made = pod(limits(cpu, "64Mi"));
    made.spec!.initContainers = [{ name: "init", image: "busybox:1", resources: limits("100m", "64Mi") }];
    return made;
  };
  node.api.tell([starting("200m")]);
  await node.settle();
  node.runtime.calls.length = 0;
  node.runtime.fail("updatePodSandboxResources", new NodeletError("internal", "not today"));
  node.api.tell([starting("400m")]);
  await node.settle();
  t.strictSame(node.runtime.calls, [], "it was refused");
  await node.restart();
  await node.settle();
  node.runtime.exit("init", 0);
  await node.settle();
  const resizes = node.runtime.calls.filter((call) => call.startsWith("resize"));
  t.strictSame(resizes, ["resize pod p: 40000/67108864", "resize pod p: 40000/67108864"], "by another agent");
  t.match(shown(node), { allocated: "400m", has: "400m", conditions: [] });
});

test("no container is restarted for a resize that the pod's group is refused", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  const resizePolicy = [{ resourceName: "cpu", restartPolicy: "RestartContainer" }];
  node.api.tell([pod(limits("100m", "64Mi"), { resizePolicy })]);
  await node.settle();
  node.runtime.fail("updatePodSandboxResources", new NodeletError("internal", "not today"));
  node.api.tell([pod(limits("200m", "64Mi"), { resizePolicy })]);
  await node.settle();
  t.match(shown(node), { allocated: "200m", has: "100m", restarts: 0, conditions: ["PodResizeInProgress Error"] });
  await node.advance(10_000);
  t.match(shown(node), { allocated: "200m", has: "200m", restarts: 1, conditions: [] });
});
