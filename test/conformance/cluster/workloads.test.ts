// time limit: 900 s
// needs built: kubernetes/kube-controller-manager, kubernetes/kube-scheduler
// What pods of a cluster have of it: service accounts' tokens, Services as variables, ConfigMaps and Secrets, RuntimeClasses; a
// Deployment by the real scheduler and controllers.

import type { V1Deployment } from "@kubernetes/client-node";
import t from "tap";

import {
  CONFIG_MAPS,
  EVENTS,
  LEASES,
  NODES,
  PODS,
  RUNTIME_CLASSES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  type Resource,
} from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { setting } from "../../fixtures/settings.ts";
import { TestCluster } from "./node.ts";

const DEPLOYMENTS: Resource<V1Deployment> = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
};

const namespace = "default";
const OBEDIENT = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

await t.test("a node with a whole control plane", async (t) => {
  await using cluster = await TestCluster.start(33, {
    plane: { controllerManager: true, scheduler: true, authorization: "RBAC" },
    flags: [
      "--node-labels=tier=test",
      "--max-pods=50",
      "--kube-reserved=cpu=100m",
      "--system-reserved=cpu=200m",
      "--register-with-taints=team=a:PreferNoSchedule",
      "--provider-id=rack:1",
      "--node-status-max-images=0",
    ],
    configuration: { nodeLeaseDurationSeconds: 60 },
  });
  const { client, agent } = cluster;
  const node = await cluster.ready();
  t.equal(node.metadata?.labels?.["tier"], "test");
  setting(t, "maxPods", "how many pods the node has room for", async (t) => {
    t.equal(node.status?.capacity?.["pods"], "50");
  });
  setting(t, ["kubeReserved", "systemReserved"], "what of the node is not for pods", async (t) => {
    t.match(node.status?.allocatable?.["cpu"], /700m$/);
  });
  setting(t, ["registerWithTaints", "providerID"], "what the Node is registered with", async (t) => {
    t.match(node.spec, { providerID: "rack:1" });
    t.ok(node.spec?.taints?.some(({ key, effect }) => key === "team" && effect === "PreferNoSchedule"));
  });
  setting(t, "nodeStatusMaxImages", "how many images the Node names", async (t) => {
    t.strictSame(node.status?.images ?? [], []);
  });
  setting(t, "nodeLeaseDurationSeconds", "how long the lease holds", async (t) => {
    const lease = await cluster.until("a lease", () =>
      client.get(LEASES, cluster.nodeName, { namespace: "kube-node-lease" }),
    );
    t.equal(lease.spec?.leaseDurationSeconds, 60);
  });
  await cluster.until("a service account", () => client.get(SERVICE_ACCOUNTS, "default", { namespace }));
  await cluster.until("a node without taints", async () => {
    const found = await client.get(NODES, cluster.nodeName);
    return found.spec?.taints?.every(({ effect }) => effect === "PreferNoSchedule");
  });
  const logs = async (name: string): Promise<string> => (await agent.command("logs", name)).out;

  await t.test("tokens, Services, ConfigMaps and Secrets", async (t) => {
    await client.create(SERVICES, { metadata: { name: "my-db", namespace }, spec: { ports: [{ port: 5432 }] } });
    await client.create(CONFIG_MAPS, { metadata: { name: "settings", namespace }, data: { color: "blue" } });
    await client.create(SECRETS, { metadata: { name: "keys", namespace }, stringData: { key: "sesame" } });
    const script = [
      "cat /var/run/secrets/kubernetes.io/serviceaccount/namespace; echo",
      "cut -d. -f2 /var/run/secrets/kubernetes.io/serviceaccount/token",
      "ls /var/run/secrets/kubernetes.io/serviceaccount",
      "echo $KUBERNETES_SERVICE_HOST $MY_DB_SERVICE_PORT $COLOR $KEY",
      "while ! grep -q red /settings/color; do sleep 0.1; done; echo changed",
      OBEDIENT,
    ];
    const valueFrom = (reference: object): object => ({ valueFrom: reference });
    await cluster.create("whole", {
      automountServiceAccountToken: true,
      volumes: [{ name: "settings", configMap: { name: "settings" } }],
      containers: [
        {
          name: "main",
          image: BUSYBOX_REF,
          command: ["sh", "-c", script.join("\n")],
          volumeMounts: [{ name: "settings", mountPath: "/settings" }],
          env: [
            { name: "COLOR", ...valueFrom({ configMapKeyRef: { name: "settings", key: "color" } }) },
            { name: "KEY", ...valueFrom({ secretKeyRef: { name: "keys", key: "key" } }) },
          ],
        },
      ],
    });
    await cluster.phase("whole", "Running");
    const out = await cluster.until("its output", async () => {
      const text = await logs("whole");
      return text.includes("sesame") && text;
    });
    const [place, token = "", ...rest] = out.trim().split("\n");
    t.equal(place, namespace);
    const claims = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Record<string, unknown>;
    t.match(claims["sub"], "system:serviceaccount:default:default");
    t.match(claims["kubernetes.io"], { pod: { name: "whole" } });
    t.strictSame(rest.slice(0, 3), ["ca.crt", "namespace", "token"]);
    t.equal(rest[3], "10.96.0.1 5432 blue sesame");
    const body = { data: { color: "red" } };
    await client.patch(CONFIG_MAPS, "settings", { type: "merge", body }, { namespace });
    await cluster.until("the changed ConfigMap", async () => (await logs("whole")).includes("changed"));
    const told = await cluster.until("its events", async () => {
      const { items } = await client.list(EVENTS, { namespace, fieldSelector: "involvedObject.name=whole" });
      const reasons = items.map(({ reason }) => reason);
      return reasons.includes("Started") && items;
    });
    t.match(
      told.find(({ reason }) => reason === "Started"),
      {
        source: { component: "kubelet", host: cluster.nodeName },
        involvedObject: { fieldPath: "spec.containers{main}" },
      },
    );
    await client.delete(PODS, "whole", { namespace });
    await cluster.gone("whole");
  });

  await t.test("a ConfigMap that comes later; a RuntimeClass", async (t) => {
    await client.create(RUNTIME_CLASSES, {
      metadata: { name: "own" },
      handler: "nodelet",
      overhead: { podFixed: { cpu: "10m" } },
    });
    const containers = [
      {
        name: "main",
        image: BUSYBOX_REF,
        command: ["sh", "-c", OBEDIENT],
        envFrom: [{ configMapRef: { name: "later" } }],
      },
    ];
    await cluster.create("waits", { runtimeClassName: "own", overhead: { cpu: "10m" }, containers });
    const waiting = await cluster.until("a wait", async () => {
      const [status] = (await cluster.pod("waits"))?.status?.containerStatuses ?? [];
      return status?.state?.waiting?.reason === "CreateContainerConfigError" && status.state.waiting;
    });
    t.match(waiting.message, /configmap "later" not found/);
    await client.create(CONFIG_MAPS, { metadata: { name: "later", namespace }, data: { A: "b" } });
    await cluster.phase("waits", "Running");
    await client.delete(PODS, "waits", { namespace });
    await cluster.gone("waits");
  });

  await t.test("a container for debugging sees the processes of its target, and runs once", async (t) => {
    await cluster.create("debugged", {
      containers: [{ name: "main", image: BUSYBOX_REF, command: ["sh", "-c", OBEDIENT] }],
    });
    const before = await cluster.phase("debugged", "Running");
    const ephemeralContainers = [
      {
        name: "debugger",
        image: BUSYBOX_REF,
        command: ["sh", "-c", "cat /proc/1/cmdline | tr '\\0' ' '; exit 4"],
        targetContainerName: "main",
      },
    ];
    const body = { spec: { ephemeralContainers } };
    await client.patch(
      PODS,
      "debugged",
      { type: "strategic", body },
      { namespace, subresource: "ephemeralcontainers" },
    );
    const after = await cluster.until("the end of the debugger", async () => {
      const found = await cluster.pod("debugged");
      return found?.status?.ephemeralContainerStatuses?.[0]?.state?.terminated?.exitCode === 4 && found;
    });
    t.equal(after.status?.phase, "Running");
    t.equal(after.status?.containerStatuses?.[0]?.containerID, before.status?.containerStatuses?.[0]?.containerID);
    const { out } = await agent.command("logs", "debugged", "-c", "debugger");
    t.match(out, /sh -c trap/);
    await client.delete(PODS, "debugged", { namespace });
    await cluster.gone("debugged");
  });

  await t.test("a Deployment: scheduled, scaled, rolled over, removed", async (t) => {
    const labels = { app: "web" };
    const template = (text: string) => ({
      metadata: { labels: { ...labels, text } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [{ name: "main", image: BUSYBOX_REF, command: ["sh", "-c", OBEDIENT] }],
      },
    });
    const spec = { replicas: 1, selector: { matchLabels: labels }, template: template("one") };
    await client.create(DEPLOYMENTS, { metadata: { name: "web", namespace }, spec });
    const available = (count: number) =>
      cluster.until(`${count} available`, async () => {
        const { status, metadata } = await client.get(DEPLOYMENTS, "web", { namespace });
        const current = status?.observedGeneration === metadata?.generation;
        return (
          current &&
          status?.availableReplicas === count &&
          status.updatedReplicas === count &&
          status.replicas === count
        );
      });
    await available(1);
    const scale = async (replicas: number): Promise<void> => {
      await client.patch(DEPLOYMENTS, "web", { type: "merge", body: { spec: { replicas } } }, { namespace });
    };
    await scale(8);
    await available(8);
    await client.patch(
      DEPLOYMENTS,
      "web",
      { type: "merge", body: { spec: { template: template("two") } } },
      { namespace },
    );
    await available(8);
    const { items } = await client.list(PODS, { namespace, labelSelector: "text=two" });
    t.equal(items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined).length, 8);
    t.equal(
      items.filter(({ status }) => status?.containerStatuses?.some(({ restartCount }) => restartCount > 0)).length,
      0,
    );
    await scale(1);
    await available(1);
    await client.delete(DEPLOYMENTS, "web", { namespace, propagationPolicy: "Foreground" });
    await cluster.until("no pods", async () => (await client.list(PODS, { namespace })).items.length === 0);
  });
});
