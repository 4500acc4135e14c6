// time limit: 1800 s
// needs built: kubernetes/kube-controller-manager
// The client against the API server itself, with etcd, authorisation of nodes and the controllers that sign certificates. Building them
// for the first time takes minutes.

import { mkdtemp, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";

import type { CoreV1Event, V1Secret } from "@kubernetes/client-node";

import { systemClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { joinApiServer } from "../../../agent/kube/join.ts";
import { createEventRecorder } from "../../../agent/kube/events/recorder.ts";
import { CertificateManager } from "../../../agent/kube/certificates/manager.ts";
import { PairStore } from "../../../agent/kube/certificates/pair-store.ts";
import { follow } from "../../../agent/kube/list-watch.ts";
import {
  CONFIG_MAPS,
  EVENTS,
  LEASES,
  NODES,
  PODS,
  type Resource,
  SECRETS,
  SERVICE_ACCOUNTS,
  SUBJECT_ACCESS_REVIEWS,
  TOKEN_REVIEWS,
} from "../../../agent/kube/resources.ts";
import { ServiceAccountTokens } from "../../../agent/kube/service-account-tokens.ts";
import { WatchedObjects } from "../../../agent/kube/watched-objects.ts";
import { buildControlPlane, ControlPlane } from "../../fixtures/control-plane.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { approveServing, BOOTSTRAP_GROUP, letNodesIn } from "../../fixtures/node-bootstrap.ts";

const NODE = "node-a";
const BOOTSTRAP_TOKEN = "bootstrap-of-a-test";
const clock = systemClock;
const log = silentLogger;
const userAgent = "nodelet-test";

buildControlPlane("kube-controller-manager");
const directory = await mkdtemp(join(tmpdir(), "nodelet-kube-"));
const plane = await ControlPlane.start(join(directory, "control-plane"), {
  authorization: "RBAC",
  controllerManager: true,
  tokens: [{ token: BOOTSTRAP_TOKEN, user: "bootstrapper", groups: [BOOTSTRAP_GROUP] }],
  // So short that a node asks for the next one at once or within half a minute: certificates are dated five minutes back.
  controllerManagerFlags: ["--cluster-signing-duration=60s"],
});
t.teardown(async () => {
  await plane[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});
const admin = await plane.client();
await letNodesIn(admin);

t.test("objects are made, read, changed in each of the four ways, listed in pages and deleted", async (t) => {
  const namespace = "default";
  const made = await admin.create(CONFIG_MAPS, { metadata: { name: "a", namespace }, data: { x: "1" } });
  t.match(made, { kind: "ConfigMap", metadata: { name: "a", namespace }, data: { x: "1" } });
  await t.rejects(admin.create(CONFIG_MAPS, { metadata: { name: "a", namespace } }), { code: "exists", status: 409 });
  await t.rejects(admin.get(CONFIG_MAPS, "none", { namespace }), { code: "not-found", reason: "NotFound" });
  await t.rejects(admin.create(CONFIG_MAPS, { metadata: { name: "A_", namespace } }), {
    code: "invalid",
    status: 422,
    causes: [{ field: "metadata.name" }],
  });

  const changed = await admin.update(CONFIG_MAPS, Object.assign({}, made, { data: { x: "2" } }));
  t.strictSame(changed.data, { x: "2" });
  await t.rejects(admin.update(CONFIG_MAPS, Object.assign({}, made, { data: { x: "3" } })), {
    code: "conflict",
    status: 409,
  });
  for (const patch of [
    { type: "strategic", body: { data: { x: "3" } } },
    { type: "merge", body: { data: { x: "3" } } },
    { type: "json", body: [{ op: "replace", path: "/data/x", value: "3" }] },
    { type: "apply", body: { data: { x: "3" } } as object, fieldManager: "test", force: true },
  ] as const) {
    await admin.update(CONFIG_MAPS, { metadata: { name: "a", namespace }, data: { x: "2" } });
    t.strictSame((await admin.patch(CONFIG_MAPS, "a", patch, { namespace })).data, { x: "3" }, patch.type);
  }

  for (const name of ["b", "c", "d"]) {
    await admin.create(CONFIG_MAPS, { metadata: { name, namespace, labels: { of: "pages" } }, data: {} });
  }
  const first = await admin.list(CONFIG_MAPS, { namespace, labelSelector: "of=pages", limit: 2 });
  const second = await admin.list(CONFIG_MAPS, {
    namespace,
    labelSelector: "of=pages",
    limit: 2,
    continue: first.continue,
  });
  t.strictSame(
    [...first.items, ...second.items].map(({ metadata }) => metadata?.name),
    ["b", "c", "d"],
  );
  t.equal(second.continue, undefined);

  await t.rejects(admin.delete(CONFIG_MAPS, "a", { namespace, preconditions: { uid: "another" } }), {
    code: "conflict",
  });
  await admin.delete(CONFIG_MAPS, "a", { namespace });
  await t.rejects(admin.get(CONFIG_MAPS, "a", { namespace }), { code: "not-found" });
});

t.test("what is followed stays true over a crash of the API server, and of etcd", async () => {
  const namespace = "default";
  const seen = new Map<string, string>();
  const put = (object: { metadata?: { name?: string }; data?: Record<string, string> }): void => {
    seen.set(object.metadata?.name ?? "", object.data?.["x"] ?? "");
  };
  await using following = follow({
    client: admin,
    resource: CONFIG_MAPS,
    namespace,
    labelSelector: "of=follow",
    clock,
    log,
    handlers: {
      replace: (objects) => {
        seen.clear();
        for (const object of objects) put(object);
      },
      put,
      remove: ({ metadata }) => void seen.delete(metadata?.name ?? ""),
    },
  });
  await following.synced;
  const create = async (name: string): Promise<void> => {
    await admin.create(CONFIG_MAPS, { metadata: { name, namespace, labels: { of: "follow" } }, data: { x: "1" } });
  };
  await create("one");
  await eventually("the first is seen", () => seen.get("one") === "1");
  for (const component of ["kube-apiserver", "etcd"] as const) {
    await plane.restart(component);
    await create(`after-${component}`);
    await eventually(`what came after the crash of ${component} is seen`, () => seen.has(`after-${component}`));
  }
  await admin.patch(CONFIG_MAPS, "one", { type: "merge", body: { data: { x: "2" } } }, { namespace });
  await eventually("a change is seen", () => seen.get("one") === "2");
  await admin.delete(CONFIG_MAPS, "one", { namespace });
  await eventually("that it went is seen", () => !seen.has("one"));
});

t.test("an old version is gone: the server says so", async (t) => {
  const watch = admin.watch(CONFIG_MAPS, { namespace: "default", resourceVersion: "1" });
  await t.rejects(watch[Symbol.asyncIterator]().next(), { code: "conflict", status: 410 });
});

t.test("a node is bootstrapped, keeps its certificate, and sees what is its own", async (t) => {
  const certificateDirectory = join(directory, "pki");
  const kubeconfig = join(directory, "kubelet.conf");
  const options = {
    kubeconfig,
    bootstrapKubeconfig: plane.writeTokenKubeconfig("bootstrap", BOOTSTRAP_TOKEN),
    certificateDirectory,
    nodeName: NODE,
    rotate: true,
    clock,
    log,
    userAgent,
    signal: AbortSignal.timeout(120_000),
  };
  await using joined = await joinApiServer(options);
  const { client } = joined;
  const current = join(certificateDirectory, "kubelet-client-current.pem");
  t.match(await readlink(current), /\/kubelet-client-\d{4}(-\d\d){5}\.pem$/);
  t.match(JSON.parse(await readFile(kubeconfig, "utf8")), {
    users: [{ user: { "client-certificate": current, "client-key": current } }],
  });

  const whoami: Resource = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "SelfSubjectReview",
    plural: "selfsubjectreviews",
    namespaced: false,
  };
  t.match(await client.create(whoami, {}), {
    status: { userInfo: { username: `system:node:${NODE}`, groups: ["system:nodes", "system:authenticated"] } },
  });
  await client.create(NODES, { metadata: { name: NODE } });
  await client.create(LEASES, {
    metadata: { name: NODE, namespace: "kube-node-lease" },
    spec: { holderIdentity: NODE, leaseDurationSeconds: 40 },
  });
  t.match(
    await client.patch(
      NODES,
      NODE,
      { type: "strategic", body: { status: { phase: "Running" } } },
      { subresource: "status" },
    ),
    {
      metadata: { name: NODE },
    },
  );
  await t.rejects(client.list(SECRETS, { namespace: "default" }), { code: "denied", status: 403 });

  const first = joined.certificate?.();
  const next = await eventually("another certificate", () => {
    const pair = joined.certificate?.();
    return pair !== undefined && pair.certificate !== first?.certificate && pair;
  });
  t.not(await readFile(current, "utf8"), undefined);
  t.not(next.key, first?.key, "with a key of its own");
  await eventually("the link leads to it", async () => (await readFile(current, "utf8")).includes(next.key.trim()));
  t.match(await client.create(whoami, {}), { status: { userInfo: { username: `system:node:${NODE}` } } });

  await t.test("ConfigMaps and Secrets of its pods, by a watch of each", async (t) => {
    const namespace = "default";
    await eventually("the namespace's service account", () =>
      found(admin.get(SERVICE_ACCOUNTS, "default", { namespace })),
    );
    await admin.create(SECRETS, { metadata: { name: "mine", namespace }, stringData: { key: "one" } });
    await admin.create(SECRETS, { metadata: { name: "other", namespace }, stringData: { key: "one" } });
    const pod = await admin.create(PODS, {
      metadata: { name: "p", namespace },
      spec: {
        nodeName: NODE,
        containers: [{ name: "c", image: "busybox", envFrom: [{ secretRef: { name: "mine" } }] }],
        volumes: [
          { name: "t", projected: { sources: [{ serviceAccountToken: { path: "t", audience: "somewhere" } }] } },
        ],
      },
    });
    await using objects = new WatchedObjects({ client, clock, log });
    const changes: string[] = [];
    objects.subscribe(({ name }) => void changes.push(name));
    objects.retain(pod.metadata?.uid ?? "", [
      { kind: "Secret", namespace, name: "mine" },
      { kind: "ConfigMap", namespace, name: "kube-root-ca.crt" },
    ]);
    t.equal(objects.size, 2);
    const value = (secret: V1Secret | undefined): string =>
      Buffer.from(secret?.data?.["key"] ?? "", "base64").toString("utf8");
    t.equal(value(await objects.secret(namespace, "mine")), "one");
    t.match(await objects.configMap(namespace, "kube-root-ca.crt"), { data: { "ca.crt": /BEGIN CERTIFICATE/ } });
    await t.rejects(objects.secret(namespace, "other"), {
      code: "unavailable",
      message: /does not tell of Secret default\/other/,
    });
    changes.length = 0;
    await admin.patch(SECRETS, "mine", { type: "merge", body: { stringData: { key: "two" } } }, { namespace });
    await eventually("the change is told", () => changes.includes("mine"));
    t.equal(value(await objects.secret(namespace, "mine")), "two");
    await admin.delete(SECRETS, "mine", { namespace });
    await eventually("it is gone", async () => (await objects.secret(namespace, "mine")) === undefined);

    const tokens = new ServiceAccountTokens({ client, clock, log });
    const wish = {
      namespace,
      serviceAccount: "default",
      audiences: ["somewhere"],
      expirationSeconds: 600,
      boundTo: { kind: "Pod", name: "p", uid: pod.metadata?.uid ?? "" },
    } as const;
    const token = await tokens.get(wish);
    t.equal(await tokens.get(wish), token, "it is kept");
    t.match(await admin.create(TOKEN_REVIEWS, { spec: { token: token.token, audiences: ["somewhere"] } }), {
      status: { authenticated: true, user: { username: "system:serviceaccount:default:default" } },
    });
    tokens.forget(pod.metadata?.uid ?? "");
    t.equal(tokens.size, 0);
  });

  await t.test("events: the first is made, equal ones are counted, similar ones are told as one", async (t) => {
    const about = { apiVersion: "v1", kind: "Node", name: NODE, uid: NODE };
    await using recorder = createEventRecorder({ client, clock, log, component: "kubelet", host: NODE });
    for (let time = 0; time < 3; time++)
      recorder.record({ type: "Normal", reason: "Same", message: "as before", about });
    for (let number = 0; number < 14; number++) {
      recorder.record({ type: "Warning", reason: "Similar", message: `number ${number}`, about });
    }
    const events = async (reason: string): Promise<CoreV1Event[]> =>
      (
        await admin.list(EVENTS, {
          namespace: "default",
          fieldSelector: `reason=${reason},involvedObject.name=${NODE}`,
        })
      ).items;
    await eventually("all are told", async () => (await events("Similar")).some(({ count }) => count === 5));
    t.match(await events("Same"), [{ count: 3, source: { component: "kubelet", host: NODE }, type: "Normal" }]);
    const similar = await events("Similar");
    t.equal(similar.length, 10, "nine by themselves, the others as one");
    t.match(
      similar.find(({ count }) => count === 5),
      { message: "(combined from similar events): number 13" },
    );
    t.equal(recorder.lost, 0);
  });

  await t.test("a serving certificate is asked for, and anew when addresses change", async () => {
    let addresses = ["10.0.0.1"];
    const store = new PairStore(certificateDirectory, "kubelet-server");
    await using manager = await CertificateManager.start({
      client,
      store,
      signer: "kubernetes.io/kubelet-serving",
      content: () => ({
        commonName: `system:node:${NODE}`,
        organizations: ["system:nodes"],
        dnsNames: [NODE],
        ipAddresses: addresses,
      }),
      clock,
      log,
    });
    const approved = async (): Promise<true | undefined> => {
      await approveServing(admin);
      return manager.current === undefined ? undefined : true;
    };
    await eventually("the first one is there", approved);
    const before = manager.current;
    addresses = ["10.0.0.1", "fd00::1"];
    manager.check();
    await eventually("the next one is there", async () => (await approved()) === true && manager.current !== before);
  });
});

t.test("who may do what is asked of the server", async (t) => {
  const review = await admin.create(SUBJECT_ACCESS_REVIEWS, {
    spec: {
      user: "nobody",
      groups: ["system:authenticated"],
      resourceAttributes: { verb: "get", resource: "nodes", subresource: "proxy", name: NODE },
    },
  });
  t.match(review, { status: { allowed: false } });
  t.match(await admin.create(TOKEN_REVIEWS, { spec: { token: BOOTSTRAP_TOKEN } }), {
    status: { authenticated: true, user: { username: "bootstrapper", groups: [BOOTSTRAP_GROUP] } },
  });
});

async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}
