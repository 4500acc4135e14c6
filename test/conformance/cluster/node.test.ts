// time limit: 1800 s
// A node on a real API server: it registers, runs what is bound to it, and tells of it; neither loss of the server nor of the agent
// harms a pod.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { V1Pod } from "@kubernetes/client-node";
import t from "tap";

import { EVENTS, LEASES, NODES, PODS } from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { processesBeside, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { TestCluster } from "./node.ts";

const NUMBER = 32;

/** The control plane's own sockets end with it. */
const pictureOptions: PictureOptions = {
  ...processesBeside,
  without: ["sockets", "network namespaces"],
  ignore: (kind, line) => kind === "cgroups" && !/cgroup(\/unified)?\/kubepods/.test(line),
};

/** Ends on SIGTERM at once. */
const OBEDIENT = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"];
const main = (command: readonly string[]) => [{ name: "main", image: BUSYBOX_REF, command: [...command] }];
const obedient = { containers: main(OBEDIENT) };

const facts = (pod: V1Pod | undefined): unknown => {
  const [container] = pod?.status?.containerStatuses ?? [];
  return { phase: pod?.status?.phase, id: container?.containerID, restarts: container?.restartCount };
};
const condition = (pod: V1Pod | undefined, wanted: string): string | undefined =>
  pod?.status?.conditions?.find(({ type }) => type === wanted)?.status;

await t.test("a node on an API server", async (t) => {
  const before = await takePicture(pictureOptions);
  await using cluster = await TestCluster.start(NUMBER);
  const { client, agent, plane, nodeName } = cluster;

  await t.test("it registers and is ready", async (t) => {
    const node = await cluster.ready();
    t.match(node.status?.nodeInfo?.kubeletVersion, /^v1\.36\./);
    t.equal(node.metadata?.labels?.["kubernetes.io/hostname"], nodeName);
    t.match(node.status?.allocatable, { pods: "110", cpu: /^\d+$/, memory: /^\d+Ki$/ });
    t.equal(node.status?.addresses?.find(({ type }) => type === "Hostname")?.address, nodeName);
    const lease = await cluster.until("a lease", () => client.get(LEASES, nodeName, { namespace: "kube-node-lease" }));
    t.equal(lease.spec?.leaseDurationSeconds, 40);
    const owned = await cluster.until("an owned lease", async () => {
      const found = await client.get(LEASES, nodeName, { namespace: "kube-node-lease" });
      return found.metadata?.ownerReferences?.[0]?.uid === node.metadata?.uid;
    });
    t.ok(owned);
  });

  await t.test("it tells of itself", async (t) => {
    const told = async (): Promise<(string | undefined)[]> =>
      (await client.list(EVENTS, { fieldSelector: "involvedObject.kind=Node" })).items.map(({ reason }) => reason);
    const reasons = await cluster.until("its events", async () => {
      const found = await told();
      return found.includes("NodeReady") && found;
    });
    t.ok(reasons.includes("Starting"));
  });

  await t.test("a bound pod runs, with its status at the server, and goes when it is deleted", async (t) => {
    await cluster.create("web", { ...obedient, terminationGracePeriodSeconds: 30 });
    const pod = await cluster.phase("web", "Running");
    t.match(pod.status?.podIP, /^10\.214\./);
    for (const type of ["PodScheduled", "Initialized", "ContainersReady", "Ready", "PodReadyToStartContainers"])
      t.equal(condition(pod, type), "True", type);
    t.equal(pod.status?.observedGeneration, pod.metadata?.generation);
    await client.delete(PODS, "web", { namespace: "default" });
    await cluster.gone("web");
    const { out } = await agent.command("pods", "-o", "json");
    t.strictSame((JSON.parse(out) as { items: unknown[] }).items, []);
  });

  await t.test("a pod that ends is Succeeded or Failed and stays so", async (t) => {
    await cluster.create("good", { restartPolicy: "Never", containers: main(["true"]) });
    await cluster.create("bad", { restartPolicy: "Never", containers: main(["sh", "-c", "exit 3"]) });
    await cluster.phase("good", "Succeeded");
    const bad = await cluster.phase("bad", "Failed");
    t.equal(bad.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 3);
    for (const name of ["good", "bad"]) await client.delete(PODS, name, { namespace: "default" });
    for (const name of ["good", "bad"]) await cluster.gone(name);
  });

  await t.test("what does not fit is Failed with kubelet's reason", async (t) => {
    const containers = [{ name: "main", image: BUSYBOX_REF, resources: { requests: { cpu: "1000" } } }];
    await cluster.create("big", { containers });
    t.equal((await cluster.phase("big", "Failed")).status?.reason, "OutOfcpu");
    await cluster.create("elsewhere", { ...obedient, nodeSelector: { no: "such" } });
    t.equal((await cluster.phase("elsewhere", "Failed")).status?.reason, "NodeAffinity");
    for (const name of ["big", "elsewhere"]) await client.delete(PODS, name, { namespace: "default" });
    for (const name of ["big", "elsewhere"]) await cluster.gone(name);
  });

  await t.test("a manifest's pod that there is no room for has another one end", async (t) => {
    const { cpu = "" } = (await cluster.node()).status?.allocatable ?? {};
    const asking = (amount: string): object => ({
      containers: main(OBEDIENT).map((container) => ({ ...container, resources: { requests: { cpu: amount } } })),
    });
    await cluster.create("ordinary", asking(cpu));
    await cluster.phase("ordinary", "Running");
    const manifest = join(agent.manifests, "critical.json");
    const spec = { terminationGracePeriodSeconds: 1, ...asking("100m") };
    writeFileSync(manifest, JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "critical" }, spec }));
    await cluster.phase(`critical-${nodeName}`, "Running");
    const ended = await cluster.phase("ordinary", "Failed");
    t.equal(ended.status?.reason, "Preempting");
    t.equal(condition(ended, "DisruptionTarget"), "True");
    rmSync(manifest);
    await cluster.gone(`critical-${nodeName}`);
    await client.delete(PODS, "ordinary", { namespace: "default" });
    await cluster.gone("ordinary");
  });

  await t.test("readiness gates, and conditions of others", async (t) => {
    await cluster.create("gated", { ...obedient, readinessGates: [{ conditionType: "example.com/gate" }] });
    const pod = await cluster.phase("gated", "Running");
    t.equal(condition(pod, "Ready"), "False");
    t.equal(condition(pod, "ContainersReady"), "True");
    const body = { status: { conditions: [{ type: "example.com/gate", status: "True" }] } };
    const place = { namespace: "default", subresource: "status" };
    await client.patch(PODS, "gated", { type: "strategic", body }, place);
    const ready = await cluster.until("a ready pod", async () => {
      const found = await cluster.pod("gated");
      return condition(found, "Ready") === "True" && found;
    });
    t.equal(condition(ready, "example.com/gate"), "True");
    await client.delete(PODS, "gated", { namespace: "default", gracePeriodSeconds: 0 });
    await cluster.until("nothing of it", async () => !(await agent.command("pods")).out.includes("gated"));
  });

  await t.test("a manifest's pod is shown at the server", async (t) => {
    const manifest = (text: string): void =>
      writeFileSync(
        join(agent.manifests, "static.json"),
        JSON.stringify({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "static", labels: { text } },
          spec: { terminationGracePeriodSeconds: 1, ...obedient },
        }),
      );
    manifest("one");
    const name = `static-${nodeName}`;
    const mirror = await cluster.phase(name, "Running");
    t.match(mirror.metadata?.annotations, {
      "kubernetes.io/config.source": "file",
      "kubernetes.io/config.mirror": /./,
    });
    t.equal(mirror.metadata?.ownerReferences?.[0]?.kind, "Node");
    await client.delete(PODS, name, { namespace: "default" });
    const again = await cluster.until("another mirror", async () => {
      const found = await cluster.pod(name);
      return (
        found !== undefined &&
        found.metadata?.uid !== mirror.metadata?.uid &&
        found.status?.phase === "Running" &&
        found
      );
    });
    t.strictSame(facts(again), facts(mirror), "the pod itself is the same");
    manifest("two");
    await cluster.until("the edited one", async () => {
      const found = await cluster.pod(name);
      return found?.metadata?.labels?.["text"] === "two" && found.status?.phase === "Running";
    });
    rmSync(join(agent.manifests, "static.json"));
    await cluster.gone(name);
  });

  await t.test(
    "the agent is killed: no pod is restarted, the node stays ready, what was deleted meanwhile ends, and what came runs",
    async (t) => {
      for (const name of ["stays", "goes", "forced"]) await cluster.create(name, obedient);
      for (const name of ["stays", "goes", "forced"]) await cluster.phase(name, "Running");
      const stays = facts(await cluster.pod("stays"));
      const transition = (await cluster.node()).status?.conditions?.find(
        ({ type }) => type === "Ready",
      )?.lastTransitionTime;
      await agent.signal("SIGKILL");
      await client.delete(PODS, "goes", { namespace: "default" });
      await client.delete(PODS, "forced", { namespace: "default", gracePeriodSeconds: 0 });
      const labelled = { metadata: { labels: { "example.com/given": "meanwhile" } } };
      await client.patch(NODES, nodeName, { type: "strategic", body: labelled });
      await cluster.create("came", { ...obedient, nodeSelector: labelled.metadata.labels });
      await agent.start();
      await cluster.gone("goes");
      await cluster.phase("came", "Running");
      await cluster.until(
        "the end of what was forced",
        async () => !(await agent.command("pods")).out.includes("forced"),
      );
      t.strictSame(facts(await cluster.pod("stays")), stays);
      const after = (await cluster.node()).status?.conditions?.find(({ type }) => type === "Ready");
      t.equal(after?.status, "True");
      t.equal(String(after?.lastTransitionTime), String(transition));
    },
  );

  await t.test("the API server is killed: pods run on, and the agent starts without it too", async (t) => {
    const stays = facts(await cluster.pod("stays"));
    await plane.kill("kube-apiserver");
    await sleep(500);
    await agent.signal("SIGKILL");
    await agent.start();
    const { out } = await agent.command("pods", "-o", "json");
    const names = (JSON.parse(out) as { items: { metadata: { name: string } }[] }).items.map(
      ({ metadata }) => metadata.name,
    );
    t.strictSame(names.toSorted(), ["came", "stays"]);
    await plane.restart("kube-apiserver");
    await cluster.create("later", obedient);
    await cluster.phase("later", "Running");
    t.strictSame(facts(await cluster.pod("stays")), stays);
    await cluster.ready();
  });

  await t.test("the Node is made anew when somebody deletes it", async (t) => {
    const { uid } = (await cluster.node()).metadata ?? {};
    await client.delete(NODES, nodeName);
    const anew = await cluster.until("another Node", async () => {
      const node = await cluster.node();
      return node.metadata?.uid !== uid && node;
    });
    t.ok(anew.metadata?.uid);
    await cluster.ready();
  });

  for (const name of ["stays", "came", "later"]) await client.delete(PODS, name, { namespace: "default" });
  for (const name of ["stays", "came", "later"]) await cluster.gone(name);
  await cluster[Symbol.asyncDispose]();
  const left = (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
  t.strictSame(left, [], "nothing is left on the host");
});
