// Pods of an API server: what the manager does with them, over a fake runtime.

import type { V1Pod, V1PodStatus } from "@kubernetes/client-node";
import { test } from "tap";

import { admit, tolerates } from "../../../agent/pods/admission.ts";
import type { NodeFacts } from "../../../agent/pods/admission.ts";
import { pullCredentials } from "../../../agent/pods/pull-credentials.ts";
import { serviceVariables } from "../../../agent/pods/service-variables.ts";
import { decoded, TestNode } from "./node.ts";

function apiPod(name: string, spec: object = {}, metadata: object = {}, status: object = {}): V1Pod {
  return {
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1", generation: 1, ...metadata },
    spec: {
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      containers: [{ name: "main", image: "busybox:1" }],
      ...spec,
    },
    status: { phase: "Pending", ...status },
  };
}

const deleted = (name: string, seconds = 30, spec: object = {}): V1Pod =>
  apiPod(name, spec, { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: seconds });

test("a pod of the server runs, and is gone for good when it was deleted", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  t.strictSame(node.manager.list(), []);
  node.api.tell([apiPod("web")]);
  await node.settle();
  t.equal(node.phase("web"), "Running");
  t.equal(node.manager.get("default", "web")?.source, "api");
  t.equal(node.manager.get("default", "web")?.pod.metadata?.uid, "uid-web");
  const last: string[] = [];
  node.manager.subscribe(({ removed }) => {
    if (removed !== undefined) last.push(`${removed.pod.metadata?.name} ${removed.pod.status.phase}`);
  });
  node.api.tell([deleted("web")]);
  await node.settle();
  t.strictSame(last, ["web Failed"], "a pod that is deleted is over, also with restartPolicy Always");
  t.equal(node.runtime.sandboxes.size, 0);
  t.strictSame(node.manager.list(), [], "it is not begun again while the server still has it");
  node.api.tell([], [deleted("web")]);
  await node.settle();
  t.strictSame(node.manager.list(), []);
  t.equal([...node.store.rows.values()].length, 0);
});

test("a pod that is taken from the server at once is ended", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([apiPod("a")]);
  await node.settle();
  node.api.tell([], [deleted("a", 0)]);
  await node.settle();
  t.strictSame(node.manager.list(), []);
  t.equal(node.runtime.containers.size, 0);
});

test("another pod of the same name begins when nothing is left of the one before", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([apiPod("a")]);
  await node.settle();
  node.api.tell([apiPod("a", {}, { uid: "second" })], [apiPod("a")]);
  await node.settle();
  t.equal(node.manager.get("default", "a")?.pod.metadata?.uid, "second");
  t.equal(node.phase("a"), "Running");
  t.equal(node.runtime.sandboxes.size, 1);
});

test("while the server is away an agent that starts anew leaves pods alone; what went meanwhile is ended", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([apiPod("stays"), apiPod("goes")]);
  await node.settle();
  const before = [...node.runtime.containers.keys()].toSorted();
  await node.restart();
  await node.settle();
  t.strictSame([...node.runtime.containers.keys()].toSorted(), before);
  t.equal(node.phase("stays"), "Running");
  t.equal(node.phase("goes"), "Running");
  node.runtime.exit("main", 1);
  await node.advance(15_000);
  t.equal(node.phase("stays"), "Running", "and is kept up");
  t.strictSame(node.api.known.toSorted(), ["uid-goes", "uid-stays"]);
  node.api.tell([apiPod("stays")], [{ metadata: { uid: "uid-goes" } }]);
  await node.settle();
  t.strictSame(
    node.manager.list().map(({ pod }) => pod.metadata?.name),
    ["stays"],
  );
});

test("what is over at the server is not run anew", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([apiPod("job", { restartPolicy: "Never" }, {}, { phase: "Succeeded" })]);
  await node.settle();
  t.strictSame(node.runtime.calls, []);
  t.strictSame(node.manager.list(), []);
});

test("what is over at the server, and unknown here, goes as it was told when it is deleted", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  const ended = { exitCode: 0, finishedAt: "2026-01-01T00:00:00Z", containerID: "containerd://1" };
  const status = {
    phase: "Succeeded",
    containerStatuses: [
      { name: "main", image: "i", imageID: "i", ready: false, restartCount: 2, state: { terminated: ended } },
    ],
  };
  const last: V1PodStatus[] = [];
  node.manager.subscribe(({ removed }) => {
    if (removed !== undefined) last.push(removed.pod.status);
  });
  node.api.tell([
    apiPod("job", {}, { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 }, status),
  ]);
  await node.settle();
  t.equal(last.length, 1);
  t.match(JSON.parse(JSON.stringify(last[0]).replaceAll(".000Z", "Z")), status);
});

test("labels that the node has just got count: the server is asked for them before a pod is sent away", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  node.facts = { ...facts, pods: 9n, taints: [], labels: {} };
  const answers: (() => void)[] = [];
  node.refreshNode = () => new Promise((resolve) => answers.push(resolve));
  await node.start();
  node.api.tell([apiPod("a", { nodeSelector: { disk: "ssd" } })]);
  await node.settle();
  node.api.tell([apiPod("b")]);
  await node.settle();
  t.equal(node.phase("a"), "Pending");
  node.facts = { ...facts, pods: 9n, taints: [], labels: { disk: "ssd" } };
  answers.shift()?.();
  await node.settle();
  t.equal(node.phase("a"), "Running");

  node.refreshNode = async () => {
    throw new Error("the server is away");
  };
  node.api.tell([apiPod("c", { nodeSelector: { disk: "hdd" } })]);
  await node.settle();
  t.equal(node.phase("c"), "Failed");
  t.equal(node.manager.get("default", "c")?.pod.status.reason, "NodeAffinity");
});

test("a token that is as good as over when it comes, by the node's clock, is not asked for without end", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  let asked = 0;
  node.token = async () => {
    asked++;
    return { token: "secret", renewAt: 0 };
  };
  await node.start();
  const serviceAccountToken = { path: "token", expirationSeconds: 600 };
  node.api.tell([apiPod("a", { volumes: [{ name: "v", projected: { sources: [{ serviceAccountToken }] } }] })]);
  await node.settle();
  t.equal(node.phase("a"), "Running");
  const first = asked;
  await node.advance(20_000);
  t.equal(asked, first);
  await node.advance(20_000);
  t.equal(asked, first + 1);
});

test("a critical pod that there is no room for has others end, and their room is its own", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  node.facts = { ...facts, taints: [], pods: 9n };
  const asking = (cpu: string, more: object = {}): object => ({
    containers: [{ name: "main", image: "busybox:1", resources: { requests: { cpu } } }],
    ...more,
  });
  const stopping: (() => void)[] = [];
  node.runtime.onStop = async (container) => {
    await new Promise<void>((resolve) => stopping.push(resolve));
    node.runtime.end(container, 0);
  };
  await node.start();
  node.api.tell([apiPod("large", asking("1500m")), apiPod("small", asking("500m"))]);
  await node.settle();
  node.api.tell([apiPod("ordinary", asking("1"))]);
  await node.settle();
  t.equal(node.manager.get("default", "ordinary")?.pod.status.reason, "OutOfcpu");

  const manifest = { metadata: { name: "own" }, spec: asking("1") };
  await node.source.set("own.json", JSON.stringify({ apiVersion: "v1", kind: "Pod", ...manifest }));
  await node.until(() => stopping.length > 0);
  t.equal(node.phase("own-node"), "Pending");
  t.equal(node.phase("small"), "Running");
  node.api.tell([apiPod("another", asking("1"))]);
  await node.until(() => node.phase("another") === "Failed");
  stopping.shift()?.();
  await node.settle();
  t.equal(node.phase("own-node"), "Running");
  t.equal(node.phase("small"), "Running");
  const { status } = node.manager.get("default", "large")?.pod ?? {};
  t.match(status, {
    phase: "Failed",
    reason: "Preempting",
    message: "Preempted in order to admit critical pod",
  });
  t.match(
    status?.conditions?.find(({ type }) => type === "DisruptionTarget"),
    { status: "True", reason: "TerminationByKubelet" },
  );
  t.ok(node.reasons().includes("Preempting"));
});

test("a pod that claims a device of a driver does not run without it", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([apiPod("a", { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] })]);
  await node.settle();
  t.equal(node.phase("a"), "Pending");
  t.equal(node.runtime.sandboxes.size, 0);
  t.ok(node.reasons().includes("FailedPrepareDynamicResources"));
  node.api.tell([deleted("a", 1, { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] })]);
  await node.settle();
  t.strictSame(node.manager.list(), []);
});

test("pods of manifests run on a node whose taints keep others away", async (t) => {
  const manifest =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: own}\nspec: {containers: [{name: main, image: 'busybox:1'}]}";
  const node = new TestNode(t, { "own.yaml": manifest }, { cluster: true });
  node.facts = { ...facts, taints: [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }] };
  await node.start();
  node.api.tell([apiPod("other")]);
  await node.settle();
  t.equal(node.phase("own-node"), "Running");
  t.equal(node.phase("other"), "Failed");
});

test("what was stopped for another to follow is followed, also by an agent that starts anew in between", async (t) => {
  for (const exitCode of [0, 1]) {
    const node = new TestNode(t, {}, { cluster: true });
    const asked = [apiPod("p", { restartPolicy: "Never" })];
    await node.start();
    node.api.tell(asked);
    await node.settle();
    t.equal(node.state("p", "main"), "running");

    // It ends, and its agent right after it.
    node.runtime.onStop = async (container, _seconds, signal) => {
      node.runtime.end(container, exitCode);
      await new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
    };
    const changed = [apiPod("p", { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:2" }] })];
    node.runtime.images.set("busybox:2", { id: "sha256:2" });
    node.api.tell(changed);
    await node.until(() => node.runtime.container("main").finishedAt > 0n);
    const phases = new Set<string | undefined>();
    await node.restart(() => {
      node.manager.subscribe(({ pod }) => {
        if (pod !== undefined) phases.add(pod.pod.status.phase);
      });
    });
    await node.settle();
    node.api.tell(changed);
    await node.settle();
    const status = node.manager.get("default", "p")?.pod.status;
    t.equal(node.state("p", "main"), "running");
    t.equal(status?.containerStatuses?.[0]?.restartCount, 1);
    t.equal(status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode, exitCode);
    t.strictSame([...phases], ["Running"], "it was never over");

    node.runtime.exit("main", exitCode);
    await node.settle();
    t.equal(node.phase("p"), exitCode === 0 ? "Succeeded" : "Failed", "what ends by itself is not followed");
    await node.restart();
    await node.settle();
    t.equal(node.phase("p"), exitCode === 0 ? "Succeeded" : "Failed");
  }
});

test("a container that is replaced at once is ready all the while; one that takes long is not", async (t) => {
  for (const long of [false, true]) {
    const node = new TestNode(t, {}, { cluster: true });
    await node.start();
    node.api.tell([apiPod("p")]);
    await node.settle();
    const looked = Promise.withResolvers<void>();
    const imageStatus = node.runtime.imageStatus.bind(node.runtime);
    node.runtime.imageStatus = async (request) => {
      await looked.promise;
      return await imageStatus(request);
    };
    node.runtime.images.set("busybox:2", { id: "sha256:2" });
    const ready: (string | undefined)[] = [];
    node.manager.subscribe(({ pod }) => {
      const found = pod?.pod.status.conditions?.find(({ type }) => type === "Ready")?.status;
      if (found !== undefined && ready.at(-1) !== found) ready.push(found);
    });
    node.api.tell([apiPod("p", { containers: [{ name: "main", image: "busybox:2" }] })]);
    await node.until(() => node.runtime.container("main").finishedAt > 0n);
    if (long) while (ready.at(-1) !== "False") await node.clock.advance(50);
    else for (let passed = 0; passed < 900; passed += 50) await node.clock.advance(50);
    looked.resolve();
    await node.settle();
    t.equal(node.state("p", "main"), "running");
    t.strictSame(ready, long ? ["False", "True"] : ["True"]);
  }
});

test("what was to be replaced and runs on ends for itself", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  const one = apiPod("p", { restartPolicy: "Never" });
  const two = apiPod("p", { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1", args: ["x"] }] });
  await node.start();
  node.api.tell([one]);
  await node.settle();
  node.runtime.fail("stopContainer", new Error("not now"));
  node.api.tell([two]);
  await node.settle();
  node.api.tell([one]);
  await node.settle();
  t.equal(node.state("p", "main"), "running");
  node.runtime.exit("main", 0);
  await node.settle();
  t.equal(node.phase("p"), "Succeeded");
});

test("readiness gates are those of the server", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  const gates = { readinessGates: [{ conditionType: "example.com/gate" }] };
  node.api.tell([apiPod("a", gates)]);
  await node.settle();
  const ready = (): string | undefined =>
    node.manager.get("default", "a")?.pod.status.conditions?.find(({ type }) => type === "Ready")?.status;
  t.equal(ready(), "False");
  const conditions = [{ type: "example.com/gate", status: "True" }];
  node.api.tell([apiPod("a", gates, { resourceVersion: "2" }, { conditions })]);
  await node.settle();
  t.equal(ready(), "True");
  t.equal(node.runtime.containers.size, 1);
});

test("a manifest's pod bears the node's name where pods of other nodes are beside it", async (t) => {
  const node = new TestNode(
    t,
    {
      "p.json": JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "p" },
        spec: { containers: [{ name: "main", image: "busybox:1" }] },
      }),
    },
    { cluster: true },
  );
  await node.start();
  t.equal(node.phase("p-node"), "Running");
  await node.restart();
  await node.settle();
  t.equal(node.phase("p-node"), "Running");
  t.equal(node.runtime.containers.size, 1);
});

const facts: NodeFacts = {
  name: "n",
  labels: { "kubernetes.io/os": "linux", disk: "ssd" },
  cpuMilli: 2000n,
  memory: 1000n,
  pods: 2n,
  ephemeralStorage: 500n,
  taints: [{ key: "k", value: "v", effect: "NoExecute" }],
};

test("what a node does not take, with kubelet's reasons", (t) => {
  const tolerant = { tolerations: [{ operator: "Exists" }] };
  const reason = (spec: object, others = 0): string | undefined => {
    const running = Array.from({ length: others }, (_, index) => ({
      key: `default/${index}`,
      pod: decoded(`o${index}`).pod as V1Pod,
    }));
    return admit(apiPod("x", { ...tolerant, ...spec }), running, facts)?.reason;
  };
  const asking = (resources: object): object => ({
    containers: [{ name: "main", image: "i", resources: { requests: resources } }],
  });
  t.equal(reason({}), undefined);
  t.equal(reason({}, 2), "OutOfpods");
  t.equal(reason(asking({ cpu: "3" })), "OutOfcpu");
  t.equal(reason(asking({ memory: "1001" })), "OutOfmemory");
  t.equal(reason(asking({ "ephemeral-storage": "501" })), "OutOfephemeral-storage");
  const dongles = { "example.com/dongle": "2", "example.com/elsewhere": "9" };
  t.equal(reason(asking(dongles)), undefined, "the node says nothing of them: they are the whole cluster's");
  const extended = new Map([["example.com/dongle", 3n]]);
  const holder = { key: "default/a", pod: apiPod("a", asking(dongles)) };
  t.equal(admit(apiPod("x", { ...tolerant, ...asking(dongles) }), [], { ...facts, extended }), undefined);
  t.match(admit(apiPod("x", { ...tolerant, ...asking(dongles) }), [holder], { ...facts, extended }), {
    reason: "OutOfexample.com/dongle",
    message:
      "Pod was rejected: Node didn't have enough resource: example.com/dongle, requested: 2, used: 2, capacity: 3",
  });
  const pages = apiPod("x", { ...tolerant, ...asking({ "hugepages-2Mi": "2Mi" }) });
  t.equal(admit(pages, [], { ...facts, extended })?.reason, "OutOfhugepages-2Mi");
  t.equal(admit(pages, [], { ...facts, extended: new Map([["hugepages-2Mi", 2n << 20n]]) }), undefined);
  t.equal(reason({ nodeSelector: { disk: "hdd" } }), "NodeAffinity");
  t.equal(reason({ os: { name: "windows" } }), "PodOSNotSupported");
  t.equal(reason({ nodeSelector: { "kubernetes.io/os": "windows" } }), "NodeAffinity");
  const labelled = apiPod("x", tolerant, { labels: { "kubernetes.io/os": "windows" } });
  t.equal(admit(labelled, [], facts)?.reason, "PodOSSelectorNodeLabelDoesNotMatch");
  t.equal(reason({ tolerations: [] }), "TaintToleration");

  const sysctls = apiPod("x", { ...tolerant, securityContext: { sysctls: [{ name: "kernel/msgmax", value: "1" }] } });
  t.match(admit(sysctls, [], { ...facts, allowedUnsafeSysctls: [] }), {
    reason: "SysctlForbidden",
    message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
  t.equal(admit(sysctls, [], { ...facts, allowedUnsafeSysctls: ["kernel.msg*"] }), undefined);

  const confined = (securityContext: object): V1Pod =>
    apiPod("x", { ...tolerant, containers: [{ name: "main", image: "i", securityContext }] });
  const profile = { appArmorProfile: { type: "RuntimeDefault" } };
  t.equal(admit(confined(profile), [], { ...facts, apparmor: false })?.reason, "AppArmor");
  t.equal(admit(confined(profile), [], { ...facts, apparmor: true }), undefined);
  t.equal(admit(confined({ appArmorProfile: { type: "Unconfined" } }), [], { ...facts, apparmor: false }), undefined);
  const annotated = apiPod("x", tolerant, {
    annotations: { "container.apparmor.security.beta.kubernetes.io/main": "localhost/web" },
  });
  t.equal(admit(annotated, [], { ...facts, apparmor: false })?.reason, "AppArmor");
  t.end();
});

test("tolerations", (t) => {
  const taint = { key: "k", value: "v", effect: "NoExecute" };
  t.ok(tolerates({ operator: "Exists" }, taint));
  t.ok(tolerates({ key: "k", operator: "Exists", effect: "NoExecute" }, taint));
  t.ok(tolerates({ key: "k", value: "v" }, taint));
  t.notOk(tolerates({ key: "k", value: "w" }, taint));
  t.notOk(tolerates({ key: "k", operator: "Exists", effect: "NoSchedule" }, taint));
  t.notOk(tolerates({ key: "other", operator: "Exists" }, taint));
  t.ok(tolerates({ key: "k", operator: "Lt", value: "10" }, { ...taint, value: "5" }));
  t.end();
});

test("variables of services", (t) => {
  const service = (namespace: string, name: string, clusterIP: string) => ({
    metadata: { namespace, name },
    spec: {
      clusterIP,
      ports: [
        { name: "http", port: 80, protocol: "TCP" },
        { port: 53, protocol: "UDP" },
      ],
    },
  });
  const services = [
    service("default", "kubernetes", "10.0.0.1"),
    service("a", "my-db", "10.0.0.2"),
    service("a", "headless", "None"),
    service("b", "other", "10.0.0.3"),
  ];
  t.strictSame(
    Object.fromEntries([...serviceVariables(services, "a", true)].filter(([name]) => name.startsWith("MY_DB"))),
    {
      MY_DB_SERVICE_HOST: "10.0.0.2",
      MY_DB_SERVICE_PORT: "80",
      MY_DB_SERVICE_PORT_HTTP: "80",
      MY_DB_PORT: "tcp://10.0.0.2:80",
      MY_DB_PORT_80_TCP: "tcp://10.0.0.2:80",
      MY_DB_PORT_80_TCP_PROTO: "tcp",
      MY_DB_PORT_80_TCP_PORT: "80",
      MY_DB_PORT_80_TCP_ADDR: "10.0.0.2",
      MY_DB_PORT_53_UDP: "udp://10.0.0.2:53",
      MY_DB_PORT_53_UDP_PROTO: "udp",
      MY_DB_PORT_53_UDP_PORT: "53",
      MY_DB_PORT_53_UDP_ADDR: "10.0.0.2",
    },
  );
  const names = [...serviceVariables(services, "a", false).keys()];
  t.ok(names.includes("KUBERNETES_SERVICE_HOST"));
  t.notOk(names.some((name) => name.startsWith("MY_DB") || name.startsWith("OTHER") || name.startsWith("HEADLESS")));
  t.end();
});

test("credentials of pull secrets go to the registry that they name", (t) => {
  const config = (auths: object) => ({
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
  });
  const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
  const secrets = [
    config({
      "https://index.docker.io/v1/": auth("hub:x"),
      "reg.example": auth("a:b"),
      "reg.example/team": auth("c:d:e"),
    }),
    config({ "*.example.org": { username: "u", password: "p" } }),
    {
      type: "kubernetes.io/dockercfg",
      data: { ".dockercfg": Buffer.from('{"old.example":{"username":"o","password":"q"}}').toString("base64") },
    },
    { type: "Opaque", data: {} },
    { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "bm90IGpzb24=" } },
  ];
  const users = (repository: string): (string | undefined)[] =>
    pullCredentials(secrets, repository).map(({ auth }) => auth.username);
  t.strictSame(users("docker.io/library/busybox"), ["hub"]);
  t.strictSame(users("reg.example/team/web"), ["c", "a"]);
  t.equal(pullCredentials(secrets, "reg.example/team/web")[0]?.auth.password, "d:e");
  t.strictSame(users("reg.example/other"), ["a"]);
  t.strictSame(users("x.example.org/y"), ["u"]);
  t.strictSame(users("x.y.example.org/y"), []);
  t.strictSame(users("old.example/y"), ["o"]);
  const odd = {
    ...config({ "reg.example": { username: "a<b", password: "\u2028&", email: "x@y" } }),
    metadata: { uid: "u", namespace: "n", name: "s" },
  };
  // As Go writes it: {"username":"a\u003cb","password":"\u2028\u0026","email":"x@y"}
  const credentialHash = "c344ac1d2ad4334e94743384d312ec87e8f7232dcb2e00106d9371bb26847bee";
  t.same(pullCredentials([odd], "reg.example/a")[0]?.secret, { uid: "u", namespace: "n", name: "s", credentialHash });
  t.end();
});

test("a container for debugging runs once beside the others, and tells nothing after the end", async (t) => {
  const node = new TestNode(t, {}, { cluster: true });
  await node.start();
  node.api.tell([apiPod("a")]);
  await node.settle();
  const debugging = { ephemeralContainers: [{ name: "debugger", image: "busybox:1" }] };
  node.api.tell([apiPod("a", debugging, { generation: 2 })]);
  await node.settle();
  const status = () => node.manager.get("default", "a")?.pod.status;
  t.ok(status()?.ephemeralContainerStatuses?.[0]?.state?.running);
  node.runtime.exit("debugger", 4);
  await node.settle();
  t.equal(status()?.ephemeralContainerStatuses?.[0]?.state?.terminated?.exitCode, 4);
  t.equal(status()?.phase, "Running");
  t.equal(node.runtime.calls.filter((call) => call === "start debugger").length, 1);
  t.equal(node.runtime.calls.filter((call) => call === "start main").length, 1, "the others are left alone");
  const told: (number | undefined)[] = [];
  node.manager.subscribe(({ pod, removed }) => {
    const view = pod ?? removed;
    if (view !== undefined) told.push(view.pod.status.ephemeralContainerStatuses?.[0]?.state?.terminated?.exitCode);
  });
  node.api.tell([deleted("a", 30, debugging)]);
  await node.settle();
  t.ok(told.length > 0);
  t.ok(
    told.every((code) => code === 4),
    "what was told is not taken back",
  );
});
