// time limit: 900 s
// Fields of KubeletConfiguration that show at an API server: an agent is started over and over with other ones.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { EVENTS, NODES, PODS } from "../../../agent/kube/resources.ts";
import { setting } from "../../fixtures/settings.ts";
import { TestCluster } from "./node.ts";

const NUMBER = 38;
const OTHER_IMAGE = "localhost/nodelet/another:1";
/** What is not to happen is waited for so long; longer than kubelet's default of 10 s. */
const QUIET_MS = 15_000;

const cluster = await TestCluster.start(NUMBER, {
  configuration: {
    registerNode: false,
    podsPerCore: 3,
    reservedSystemCPUs: "0",
    localStorageCapacityIsolation: false,
    nodeStatusUpdateFrequency: "1h",
  },
});
t.teardown(() => cluster[Symbol.asyncDispose]());
const { client, agent, directory, nodeName } = cluster;

const restartWith = async (fields: object): Promise<void> => {
  const kind = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };
  const text = JSON.stringify({ ...kind, imageGCHighThresholdPercent: 100, ...fields });
  writeFileSync(join(directory, "kubelet.json"), text);
  await agent.signal("SIGTERM");
  await agent.start();
};

setting(
  t,
  "registerNode",
  "without it the agent waits for somebody to make the Node, and then tells of it",
  async (t) => {
    await cluster.until("the agent misses the Node", async () =>
      /There is no Node node-\d+ at the API server/.test(agent.log()),
    );
    t.strictSame((await client.list(NODES)).items, []);
    await client.create(NODES, { metadata: { name: nodeName } });
    await cluster.ready();
  },
);

setting(t, "podsPerCore", "the node has room for so many pods a CPU", async (t) => {
  const { capacity } = (await cluster.ready()).status ?? {};
  t.equal(capacity?.["pods"], String(3 * Number(capacity?.["cpu"])));
});

setting(t, "reservedSystemCPUs", "so many CPUs are not for pods", async (t) => {
  const { capacity, allocatable } = (await cluster.ready()).status ?? {};
  t.equal(Number(allocatable?.["cpu"]), Number(capacity?.["cpu"]) - 1);
});

setting(t, "localStorageCapacityIsolation", "without it the node has no ephemeral storage to ask for", async (t) => {
  const { capacity, allocatable } = (await cluster.ready()).status ?? {};
  t.notOk("ephemeral-storage" in (capacity ?? {}) || "ephemeral-storage" in (allocatable ?? {}));
});

setting(t, "nodeStatusUpdateFrequency", "a change of the node is told when it is looked at, not before", async (t) => {
  const known = async (): Promise<boolean> => {
    const { images = [] } = (await cluster.node()).status ?? {};
    return images.some(({ names }) => names?.includes(OTHER_IMAGE));
  };
  const tagged = await agent.command("tag", "localhost/nodelet/busybox:1", OTHER_IMAGE);
  t.equal(tagged.code, 0, tagged.err);
  await sleep(QUIET_MS);
  t.notOk(await known());
  await restartWith({ nodeStatusUpdateFrequency: "1s" });
  t.ok(await cluster.until("the other image", known));
});

setting(t, "nodeStatusReportFrequency", "the status is told again though nothing changes", async (t) => {
  await restartWith({ nodeStatusUpdateFrequency: "1s", nodeStatusReportFrequency: "2s" });
  const beats = new Set<string>();
  await cluster.until("five heartbeats", async () => {
    const ready = (await cluster.node()).status?.conditions?.find(({ type }) => type === "Ready");
    beats.add(String(ready?.lastHeartbeatTime));
    return beats.size >= 5;
  });
  t.pass();
});

setting(t, "enableControllerAttachDetach", "the Node says who attaches its volumes", async (t) => {
  const said = async (): Promise<string | undefined> =>
    (await cluster.node()).metadata?.annotations?.["volumes.kubernetes.io/controller-managed-attach-detach"];
  t.equal(await said(), "true");
  await restartWith({ enableControllerAttachDetach: false });
  t.ok(await cluster.until("the annotation is gone", async () => (await said()) === undefined));
});

setting(t, ["eventRecordQPS", "eventBurst"], "events come no faster to the server", async (t) => {
  await restartWith({ eventRecordQPS: 1, eventBurst: 1 });
  const pods = ["a", "b", "c"].map((name) => `many-${name}`);
  const begun = Date.now();
  for (const name of pods) await cluster.create(name);
  for (const name of pods) await cluster.phase(name, "Running");
  const ofPods = async (): Promise<number> => {
    const { items } = await client.list(EVENTS, { namespace: "default" });
    return items.filter(({ involvedObject }) => pods.includes(involvedObject.name ?? "")).length;
  };
  const counts: { readonly count: number; readonly after: number }[] = [];
  await cluster.until("nine events", async () => {
    const count = await ofPods();
    counts.push({ count, after: Date.now() - begun });
    return count >= 9;
  });
  for (const { count, after } of counts) t.ok(count <= 2 + after / 1000, `${count} events after ${after} ms`);
  for (const name of pods) await client.delete(PODS, name, { namespace: "default" });
  for (const name of pods) await cluster.gone(name);
});
