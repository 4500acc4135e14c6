// time limit: 900 s
// Pods resized in place through the API server's /resize: what fits is given, what does not waits with its reason, and another agent
// knows what was given.

import type { V1Pod, V1ResourceRequirements } from "@kubernetes/client-node";
import t from "tap";

import { EVENTS, PODS } from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { TestCluster } from "./node.ts";

const NUMBER = 36;

const OBEDIENT = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"];

function resources(milli: number, memory: string): V1ResourceRequirements {
  const amounts = { cpu: milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`, memory };
  return { requests: amounts, limits: amounts };
}

const container = (given: V1ResourceRequirements, more: object = {}) =>
  Object.assign({ name: "main", image: BUSYBOX_REF, command: OBEDIENT, resources: given }, more);

const statusOf = (pod: V1Pod | undefined) => pod?.status?.containerStatuses?.[0];
const conditionOf = (pod: V1Pod | undefined, wanted: string) =>
  pod?.status?.conditions?.find(({ type }) => type === wanted);

// The server itself refuses what no node has; without that plugin the node does.
const cluster = await TestCluster.start(NUMBER, {
  plane: { apiServerFlags: ["--disable-admission-plugins=ServiceAccount,PodResizeValidator"] },
});
t.teardown(() => cluster[Symbol.asyncDispose]());
const { client, agent } = cluster;
const cpus = Number((await cluster.ready()).status?.allocatable?.["cpu"]) * 1000;

async function resize(name: string, given: V1ResourceRequirements): Promise<V1Pod> {
  const body = { spec: { containers: [{ name: "main", resources: given }] } };
  return await client.patch(PODS, name, { type: "strategic", body }, { namespace: "default", subresource: "resize" });
}

/** The pod once it runs with these resources and nothing of a resize is under way. */
const sized = (name: string, given: V1ResourceRequirements): Promise<V1Pod> =>
  cluster.until(`${name} with ${JSON.stringify(given)}`, async () => {
    const pod = await cluster.pod(name);
    const status = statusOf(pod);
    const [has, wants] = [status?.resources?.limits, given.limits];
    const same = has?.["cpu"] === wants?.["cpu"] && has?.["memory"] === wants?.["memory"];
    const settled = ["PodResizePending", "PodResizeInProgress"].every((type) => conditionOf(pod, type) === undefined);
    return (
      same &&
      settled &&
      status?.state?.running !== undefined &&
      pod?.status?.observedGeneration === pod?.metadata?.generation &&
      pod
    );
  });

const pending = (name: string, reason: string): Promise<V1Pod> =>
  cluster.until(`${name} ${reason}`, async () => {
    const pod = await cluster.pod(name);
    return conditionOf(pod, "PodResizePending")?.reason === reason && pod;
  });

const told = async (name: string): Promise<(string | undefined)[]> => {
  const { items } = await client.list(EVENTS, { namespace: "default" });
  return items.filter((event) => event.involvedObject.name === name).map(({ reason }) => reason);
};

const remove = async (...names: string[]): Promise<void> => {
  for (const name of names) await client.delete(PODS, name, { namespace: "default" });
  for (const name of names) await cluster.gone(name);
};

t.test("a resize that fits is carried out while the container runs", async (t) => {
  await cluster.create("grows", { containers: [container(resources(100, "64Mi"))] });
  const before = await sized("grows", resources(100, "64Mi"));
  await resize("grows", resources(200, "128Mi"));
  const pod = await sized("grows", resources(200, "128Mi"));
  t.strictSame(statusOf(pod)?.allocatedResources, { cpu: "200m", memory: "128Mi" });
  t.strictSame(statusOf(pod)?.resources, resources(200, "128Mi"));
  t.equal(statusOf(pod)?.containerID, statusOf(before)?.containerID);
  t.equal(statusOf(pod)?.restartCount, 0);
  t.equal(pod.metadata?.generation, 2);
  await cluster.until("its events", async () => {
    const reasons = await told("grows");
    return reasons.includes("ResizeStarted") && reasons.includes("ResizeCompleted");
  });
  await remove("grows");
});

t.test("spec.containers[].resizePolicy: the container is restarted", async (t) => {
  const resizePolicy = [{ resourceName: "memory", restartPolicy: "RestartContainer" }];
  await cluster.create("restarts", { containers: [container(resources(100, "64Mi"), { resizePolicy })] });
  const before = await sized("restarts", resources(100, "64Mi"));
  await resize("restarts", resources(200, "64Mi"));
  t.equal(statusOf(await sized("restarts", resources(200, "64Mi")))?.containerID, statusOf(before)?.containerID);
  await resize("restarts", resources(200, "96Mi"));
  const after = await sized("restarts", resources(200, "96Mi"));
  t.not(statusOf(after)?.containerID, statusOf(before)?.containerID);
  t.equal(statusOf(after)?.restartCount, 1);
  await remove("restarts");
});

t.test("spec.resources: of a pod as a whole", async (t) => {
  await cluster.create("whole", { resources: resources(200, "128Mi") });
  const has = (given: V1ResourceRequirements): Promise<V1Pod> =>
    cluster.until(`the resources ${JSON.stringify(given)}`, async () => {
      const pod = await cluster.pod("whole");
      const limits = pod?.status?.resources?.limits;
      const same = limits?.["cpu"] === given.limits?.["cpu"] && limits?.["memory"] === given.limits?.["memory"];
      return same && conditionOf(pod, "PodResizeInProgress") === undefined && statusOf(pod)?.state?.running && pod;
    });
  const before = await has(resources(200, "128Mi"));
  const body = { spec: { resources: resources(300, "192Mi") } };
  await client.patch(PODS, "whole", { type: "strategic", body }, { namespace: "default", subresource: "resize" });
  const pod = await has(resources(300, "192Mi"));
  t.strictSame(pod.status?.allocatedResources, { cpu: "300m", memory: "192Mi" });
  t.equal(statusOf(pod)?.containerID, statusOf(before)?.containerID);
  await remove("whole");
});

t.test("what does not fit is deferred, also for another agent, until there is room", async (t) => {
  const half = cpus / 2;
  await cluster.create("small", { containers: [container(resources(100, "64Mi"))] });
  await cluster.create("other", { containers: [container(resources(half, "64Mi"))] });
  await sized("small", resources(100, "64Mi"));
  await sized("other", resources(half, "64Mi"));
  const wanted = resources(half + 100, "64Mi");
  await resize("small", wanted);
  const waits = await pending("small", "Deferred");
  const condition = conditionOf(waits, "PodResizePending");
  t.equal(condition?.status, "True");
  t.match(condition?.message, `Node didn't have enough resource: cpu, requested: ${half + 100}, used: ${half}`);
  t.equal(condition?.observedGeneration, 2);
  t.strictSame(statusOf(waits)?.resources, resources(100, "64Mi"));
  t.strictSame(statusOf(waits)?.allocatedResources, { cpu: "100m", memory: "64Mi" });
  t.ok(await cluster.until("its event", async () => (await told("small")).includes("ResizeDeferred")));

  await agent.signal("SIGKILL");
  await agent.start();
  await cluster.create("later", { containers: [container(resources(100, "64Mi"))] });
  await sized("later", resources(100, "64Mi"));
  const still = await cluster.pod("small");
  t.equal(conditionOf(still, "PodResizePending")?.reason, "Deferred");
  t.strictSame(statusOf(still)?.resources, resources(100, "64Mi"));
  t.equal(statusOf(still)?.restartCount, 0);

  await remove("other");
  const given = await sized("small", wanted);
  t.equal(statusOf(given)?.containerID, statusOf(waits)?.containerID);
  await remove("small", "later");
});

t.test("what the node does not have is infeasible, and can be taken back", async (t) => {
  await cluster.create("wants", { containers: [container(resources(100, "64Mi"))] });
  await sized("wants", resources(100, "64Mi"));
  await resize("wants", resources(cpus + 1000, "64Mi"));
  const refused = await pending("wants", "Infeasible");
  t.match(conditionOf(refused, "PodResizePending")?.message, `cpu, requested: ${cpus + 1000}, capacity: ${cpus}`);
  t.ok(await cluster.until("its event", async () => (await told("wants")).includes("ResizeInfeasible")));
  await resize("wants", resources(100, "64Mi"));
  await sized("wants", resources(100, "64Mi"));
  await remove("wants");
});
