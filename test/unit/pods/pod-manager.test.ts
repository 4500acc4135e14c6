import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import t, { test } from "tap";

import { NodeletError } from "../../../agent/base/errors.ts";
import { ContainerState } from "../../../agent/cri/runtime.ts";
import { setting } from "../../fixtures/settings.ts";
import { podText, TestNode } from "./node.ts";

test("a manifest becomes a running pod with its files in kubelet's places", async (t) => {
  const volumes = [{ name: "data", emptyDir: {} }];
  const containers = [{ name: "main", image: "busybox:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }];
  const node = new TestNode(t, {
    "web.json": podText("web", { volumes, containers, hostAliases: [{ ip: "10.9.9.9", hostnames: ["db"] }] }),
  });
  await node.start();
  const view = node.manager.get("default", "web");
  t.equal(view?.pod.status.phase, "Running");
  t.equal(view?.origin, "web.json");
  t.equal(view?.pod.status.podIP, "10.0.0.1");
  t.equal(view?.pod.status.hostIP, "192.0.2.1");
  t.strictSame(
    view?.pod.status.conditions?.map(({ type, status }) => `${type}=${status}`),
    ["PodReadyToStartContainers=True", "Initialized=True", "Ready=True", "ContainersReady=True", "PodScheduled=True"],
  );
  t.strictSame(node.runtime.calls, ["run web/0", "create main/0", "start main"]);
  t.strictSame(node.reasons(), ["Pulled", "Created", "Started"]);

  const uid = view?.pod.metadata?.uid ?? "";
  t.match(uid, /^[0-9a-f]{32}$/);
  const podDir = join(node.directory, "root/pods", uid);
  t.ok(existsSync(join(podDir, "volumes/kubernetes.io~empty-dir/data")));
  const hosts = readFileSync(join(podDir, "etc-hosts"), "utf8");
  t.match(hosts, /^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\tlocalhost\n/, "as tools know it");
  t.match(hosts, /^10\.0\.0\.1\tweb$/m);
  t.match(hosts, /^10\.9\.9\.9\tdb$/m);
  const sandbox = [...node.runtime.sandboxes.values()][0];
  t.equal(sandbox?.config.linux?.cgroupParent, `/kubepods/besteffort/pod${uid}`);
  t.equal(sandbox?.config.logDirectory, join(node.directory, "logs", `default_web_${uid}`));
  const container = node.manager.container("default", "web", "main");
  t.equal(container?.logPath, join(node.directory, "logs", `default_web_${uid}`, "main/0.log"));
  t.ok(lstatSync(join(node.directory, "links", `web_default_main-${container?.id}.log`)).isSymbolicLink());

  node.source.remove("web.json");
  await node.settle();
  t.strictSame(node.manager.list(), []);
  t.equal(node.runtime.sandboxes.size, 0);
  t.equal(node.runtime.containers.size, 0);
  t.notOk(existsSync(podDir));
  t.strictSame(readdirSync(join(node.directory, "links")), []);
  t.equal([...node.store.rows.values()].length, 0);
  t.equal(node.system.descriptors.size, 0);
});

test("a container that ends is restarted with a growing delay", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p") });
  node.runtime.onStart = (container) => node.runtime.end(container, 1);
  await node.start();
  t.equal(
    node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.restartCount,
    1,
    "the first restart is at once",
  );
  t.equal(node.state("p", "main"), "waiting CrashLoopBackOff");
  t.equal(node.phase("p"), "Running");
  const delays: number[] = [];
  for (let last = 0, restarts = 1; restarts < 8;) {
    await node.advance(5_000);
    last += 5;
    const count = node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.restartCount ?? 0;
    if (count > restarts) {
      restarts = count;
      delays.push(last);
      last = 0;
    }
  }
  t.strictSame(delays, [10, 20, 40, 80, 160, 300, 300]);
  t.equal(node.runtime.containers.size, 2, "the newest and one before it are kept");
  const status = node.manager.get("default", "p")?.pod.status.containerStatuses?.[0];
  t.match(status?.state?.waiting?.message, /^back-off 5m0s /);
  t.equal(status?.lastState?.terminated?.exitCode, 1);
  t.ok(node.manager.container("default", "p", "main", { previous: true }));
});

test("an agent that starts anew goes on with the delay, but what ended with its sandbox starts at once", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p") });
  const restarts = (): number | undefined =>
    node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.restartCount;
  await node.start();
  for (let count = 0; count < 4; count++) {
    node.runtime.exit("main", 1);
    await node.settle();
    await node.advance(100_000);
  }
  t.equal(node.state("p", "main"), "running");
  await node.restart(() => node.runtime.exit("main", 1));
  await node.settle();
  t.equal(node.state("p", "main"), "waiting CrashLoopBackOff", "it ended for itself");
  await node.advance(300_000);
  t.equal(node.state("p", "main"), "running");
  for (let count = 0; count < 3; count++) {
    const before = restarts() ?? 0;
    await node.restart(() => node.runtime.powerCut());
    await node.settle();
    t.equal(node.state("p", "main"), "running", "the machine was switched off");
    t.equal(restarts(), before + 1);
  }
  node.runtime.exit("main", 1);
  await node.settle();
  t.equal(node.state("p", "main"), "waiting CrashLoopBackOff");
  await node.advance(10_000);
  t.equal(node.state("p", "main"), "running", "the delay begins anew");
});

test("a container whose definition changed does not wait for what the one before did", async (t) => {
  for (const meanwhile of [false, true]) {
    const written = (image: string): string =>
      podText("p", { containers: [{ name: "main", image }] }, { uid: "of-its-own" });
    const node = new TestNode(t, { "p.json": written("busybox:1") });
    node.runtime.images.set("busybox:2", { id: "sha256:2" });
    await node.start();
    for (let count = 0; count < 4; count++) {
      node.runtime.exit("main", 1);
      await node.settle();
      if (count < 3) await node.advance(100_000);
    }
    t.equal(node.state("p", "main"), "waiting CrashLoopBackOff");
    if (meanwhile) await node.restart(() => node.source.files.set("p.json", written("busybox:2")));
    else await node.source.set("p.json", written("busybox:2"));
    await node.settle();
    t.equal(node.state("p", "main"), "running", meanwhile ? "it changed while there was no agent" : "");
    await node.restart(() => node.runtime.exit("main", 1));
    await node.settle();
    t.equal(node.state("p", "main"), "running", "nor does an agent that starts anew count those before");
    node.runtime.exit("main", 1);
    await node.settle();
    t.equal(node.state("p", "main"), "waiting CrashLoopBackOff");
    await node.advance(10_000);
    t.equal(node.state("p", "main"), "running", "the delay begins anew");
  }
});

test("the delay is forgotten after ten minutes of running", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p") });
  await node.start();
  node.runtime.exit("main", 1);
  await node.settle();
  node.runtime.exit("main", 1);
  await node.settle();
  t.equal(node.state("p", "main"), "waiting CrashLoopBackOff");
  await node.advance(10_000);
  t.equal(node.state("p", "main"), "running");
  await node.advance(11 * 60_000);
  node.runtime.exit("main", 1);
  await node.settle();
  t.equal(node.state("p", "main"), "running");
});

test("restart policies", async (t) => {
  for (const [restartPolicy, exitCode, phase, state] of [
    ["Never", 0, "Succeeded", "terminated Completed 0"],
    ["Never", 3, "Failed", "terminated Error 3"],
    ["OnFailure", 0, "Succeeded", "terminated Completed 0"],
    ["OnFailure", 3, "Running", "running"],
    ["Always", 0, "Running", "running"],
  ] as const) {
    const node = new TestNode(t, { "p.json": podText("p", { restartPolicy }) });
    await node.start();
    node.runtime.exit("main", exitCode);
    await node.settle();
    t.equal(node.phase("p"), phase, `${restartPolicy} ${exitCode}`);
    t.equal(node.state("p", "main"), state, `${restartPolicy} ${exitCode}`);
    t.equal([...node.runtime.sandboxes.values()][0]?.ready, phase === "Running", "an ended pod gives its sandbox back");
    await node.restart();
    await node.settle();
    t.equal(node.phase("p"), phase, "the same after a restart of the agent");
  }
});

test("init containers run one by one, then sidecars stay, then the main ones", async (t) => {
  const initContainers = [
    { name: "one", image: "busybox:1" },
    { name: "side", image: "busybox:1", restartPolicy: "Always" },
    { name: "two", image: "busybox:1" },
  ];
  const node = new TestNode(t, { "p.json": podText("p", { initContainers, restartPolicy: "OnFailure" }) });
  await node.start();
  t.equal(node.phase("p"), "Pending");
  t.equal(node.state("p", "one"), "running");
  t.equal(node.state("p", "two"), "waiting PodInitializing");
  node.runtime.exit("one", 0);
  await node.settle();
  t.equal(node.state("p", "side"), "running");
  t.equal(node.state("p", "two"), "running");
  t.equal(node.state("p", "main"), "waiting PodInitializing");
  node.runtime.exit("two", 1);
  await node.settle();
  t.equal(node.state("p", "two"), "running", "a failed one is tried again");
  node.runtime.exit("two", 0);
  await node.settle();
  t.equal(node.state("p", "main"), "running");
  t.equal(node.phase("p"), "Running");
  node.runtime.exit("side", 1);
  await node.settle();
  t.equal(node.state("p", "side"), "running", "a sidecar is kept up");
  node.runtime.exit("main", 0);
  await node.settle();
  t.equal(node.phase("p"), "Succeeded");
  t.match(node.state("p", "side"), /^terminated/);
  t.equal(node.runtime.calls.at(-1), "stop p");
});

test("a failed init container of a pod that never restarts ends it", async (t) => {
  const initContainers = [{ name: "one", image: "busybox:1" }];
  const node = new TestNode(t, { "p.json": podText("p", { initContainers, restartPolicy: "Never" }) });
  await node.start();
  node.runtime.exit("one", 2);
  await node.settle();
  t.equal(node.phase("p"), "Failed");
  t.equal([...node.runtime.sandboxes.values()][0]?.ready, false);
  t.notOk(node.runtime.calls.includes("start main"));
});

test("an agent that starts anew adopts what runs and ends what is no longer wanted", async (t) => {
  const node = new TestNode(t, { "a.json": podText("a"), "b.json": podText("b"), "c.json": podText("c") });
  await node.start();
  node.runtime.onStart = undefined;
  for (const container of node.runtime.containers.values()) {
    if (node.runtime.sandboxes.get(container.sandboxId)?.config.metadata?.name === "a") node.runtime.end(container, 1);
  }
  await node.settle();
  const calls = node.runtime.calls.length;
  const before = node.manager.get("default", "a")?.pod;
  node.source.files.delete("b.json");
  node.source.files.set(
    "c.json",
    podText("c", { containers: [{ name: "main", image: "busybox:1", args: ["other"] }] }),
  );
  await node.restart();
  await node.settle();
  const after = node.manager.get("default", "a")?.pod;
  t.equal(after?.status.containerStatuses?.[0]?.restartCount, 1);
  t.strictSame(after?.status.startTime, before?.status.startTime);
  t.equal(after?.metadata?.uid, before?.metadata?.uid);
  t.equal(node.manager.get("default", "b"), undefined);
  const since = node.runtime.calls.slice(calls);
  t.notOk(
    since.some((call) => call.includes(" a/")),
    "a is not touched",
  );
  t.ok(since.includes("stop b"));
  t.ok(
    since.indexOf("stop c") >= 0 && since.indexOf("stop c") < since.indexOf("run c/0"),
    "the old c is stopped before the new one",
  );
});

test("an edit makes another pod, once the one before is gone; a bad edit leaves it", async (t) => {
  const node = new TestNode(t, { "p.yaml": podText("p"), "q.yaml": podText("q") });
  await node.start();
  const uid = node.manager.get("default", "p")?.pod.metadata?.uid;
  await node.source.set(
    "p.yaml",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: main\n    imag: busybox:1\n",
  );
  await node.settle();
  let view = node.manager.get("default", "p");
  t.equal(view?.pod.metadata?.uid, uid);
  t.equal(view?.pod.status.phase, "Running");
  t.match(view?.problem, /^p\.yaml:7:5: spec\.containers\[0\]\.imag: Unknown field "imag"/);
  t.equal(node.phase("q"), "Running");
  t.equal(node.reasons().filter((reason) => reason === "InvalidManifest").length, 1);

  await node.restart();
  await node.settle();
  t.equal(node.manager.get("default", "p")?.pod.metadata?.uid, uid, "also over a restart of the agent");
  t.equal(node.runtime.calls.filter((call) => call === "stop p").length, 0);

  await node.source.set("p.yaml", podText("p", { hostname: "other" }));
  await node.settle();
  view = node.manager.get("default", "p");
  t.equal(view?.problem, undefined);
  t.not(view?.pod.metadata?.uid, uid);
  t.equal(view?.pod.status.phase, "Running");
  const calls = node.runtime.calls.join(",");
  t.match(calls, /stop main 30,stop p,run p\/0/);
});

test("a manifest that was removed and is there again: its pod begins anew, and its instances are counted on", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p") });
  await node.start();
  await node.source.again("p.json");
  await node.settle();
  const life = (attempt: number): string[] => ["run p/0", `create main/${attempt}`, "start main"];
  t.strictSame(node.runtime.calls.slice(3), ["stop main 30", "stop p", ...life(1)]);
  node.source.remove("p.json");
  await node.settle();
  await node.source.set("p.json", podText("p"));
  await node.settle();
  t.strictSame(node.runtime.calls.slice(-3), life(2), "also when nothing of it was left in between");
  t.equal(node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.restartCount, 2);
});

test("volumes of a pod that is over are taken down", async (t) => {
  const volumes = [{ name: "data", emptyDir: {} }];
  const node = new TestNode(t, { "p.json": podText("p", { volumes, restartPolicy: "Never" }) });
  await node.start();
  const uid = node.manager.get("default", "p")?.pod.metadata?.uid ?? "";
  const data = join(node.directory, "root/pods", uid, "volumes/kubernetes.io~empty-dir/data");
  t.ok(existsSync(data));
  node.runtime.exit("main", 0);
  await node.settle();
  t.equal(node.phase("p"), "Succeeded");
  t.notOk(existsSync(data));
});

test("two files with one pod: the first is used and the other reported", async (t) => {
  const node = new TestNode(t, {
    "b.json": podText("p", { hostname: "b" }),
    "a.json": podText("p", { hostname: "a" }),
  });
  await node.start();
  t.equal(node.manager.get("default", "p")?.origin, "a.json");
  t.match(node.manager.problems(), [/^b\.json: metadata\.name: Pod default\/p is already defined by a\.json/]);
  node.source.remove("a.json");
  await node.settle();
  t.equal(node.manager.get("default", "p")?.origin, "b.json");
  t.strictSame(node.manager.problems(), []);
});

test("a pod with a uid of its own is changed in place", async (t) => {
  const metadata = { uid: "my-uid" };
  const two = (args: string[]): object => ({
    containers: [
      { name: "main", image: "busybox:1" },
      { name: "other", image: "busybox:1", args },
    ],
  });
  const node = new TestNode(t, { "p.json": podText("p", two(["1"]), metadata) });
  await node.start();
  await node.source.set("p.json", podText("p", two(["2"]), metadata));
  await node.settle();
  t.strictSame(node.runtime.calls.slice(-3), ["stop other 30", "create other/1", "start other"]);
  t.equal(node.runtime.calls.filter((call) => call === "start main").length, 1);
});

test("a lost sandbox is replaced and its containers run again", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p") });
  await node.start();
  const sandbox = [...node.runtime.sandboxes.values()][0];
  if (sandbox === undefined) throw new Error("no sandbox");
  sandbox.ready = false;
  node.runtime.exit("main", 137);
  await node.settle();
  t.ok(node.runtime.calls.includes("run p/1"));
  t.equal(node.phase("p"), "Running");
  t.ok(node.reasons().includes("SandboxChanged"));
});

test("images that are not there", async (t) => {
  const containers = [{ name: "main", image: "missing:1", imagePullPolicy: "Never" }];
  const node = new TestNode(t, {
    "p.json": podText("p", { containers }),
    "q.json": podText("q", { containers: [{ name: "main", image: "missing:1" }] }),
  });
  await node.start();
  t.equal(node.state("p", "main"), "waiting ErrImageNeverPull");
  t.equal(node.state("q", "main"), "waiting ErrImagePull");
  await node.advance(2_500);
  t.equal(node.state("q", "main"), "waiting ImagePullBackOff");
  t.equal(node.phase("q"), "Pending");
  node.runtime.images.set("missing:1", { id: "sha256:4567", repoTags: ["missing:1"] });
  await node.advance(10_000);
  t.equal(node.phase("p"), "Running");
  t.equal(node.phase("q"), "Running");
});

test("start failures are told by reason and do not hold the other containers", async (t) => {
  const containers = [
    { name: "root", image: "busybox:1", securityContext: { runAsNonRoot: true } },
    { name: "main", image: "busybox:1" },
  ];
  const node = new TestNode(t, { "p.json": podText("p", { containers }) });
  await node.start();
  t.equal(node.state("p", "root"), "waiting CreateContainerConfigError");
  t.equal(node.state("p", "main"), "running");

  const other = new TestNode(t, { "p.json": podText("p") });
  other.runtime.fail("createContainer", new NodeletError("invalid", "no such thing"));
  await other.start();
  t.equal(other.state("p", "main"), "waiting CreateContainerError");
  await other.advance(10_000);
  t.equal(other.state("p", "main"), "running");

  const third = new TestNode(t, { "p.json": podText("p") });
  third.runtime.fail("runPodSandbox", new NodeletError("exhausted", "no address is left"), 2);
  await third.start();
  t.equal(third.state("p", "main"), "waiting ContainerCreating");
  t.ok(third.reasons().includes("FailedCreatePodSandBox"));
  await third.advance(1_000);
  await third.advance(2_000);
  t.equal(third.state("p", "main"), "running");
});

test("hooks", async (t) => {
  const lifecycle = { postStart: { exec: { command: ["hello"] } }, preStop: { exec: { command: ["bye"] } } };
  const node = new TestNode(t, {
    "p.json": podText("p", { containers: [{ name: "main", image: "busybox:1", lifecycle }] }),
  });
  await node.start();
  node.source.remove("p.json");
  await node.settle();
  t.strictSame(node.runtime.calls, [
    "run p/0",
    "create main/0",
    "start main",
    "exec main hello",
    "exec main bye",
    "stop main 30",
    "stop p",
  ]);
});

test("a sidecar that a probe ended and that waits to be restarted does not keep a pod from being over", async (t) => {
  const livenessProbe = { exec: { command: ["alive"] }, failureThreshold: 1, periodSeconds: 1 };
  const side = { name: "side", image: "busybox:1", restartPolicy: "Always", livenessProbe };
  const node = new TestNode(t, { "p.json": podText("p", { restartPolicy: "Never", initContainers: [side] }) });
  await node.start();
  node.runtime.onExec = () => 1;
  for (let second = 0; second < 5; second++) await node.advance(1_000);
  t.equal(node.state("p", "side"), "waiting CrashLoopBackOff");
  node.runtime.exit("main", 0);
  await node.settle();
  t.equal(node.phase("p"), "Succeeded");
});

test("sidecars are stopped last and in reverse", async (t) => {
  const side = (name: string): object => ({ name, image: "busybox:1", restartPolicy: "Always" });
  const node = new TestNode(t, { "p.json": podText("p", { initContainers: [side("s1"), side("s2")] }) });
  await node.start();
  t.equal(node.state("p", "main"), "running");
  node.source.remove("p.json");
  await node.settle();
  t.strictSame(
    node.runtime.calls.filter((call) => call.startsWith("stop")).map((call) => call.split(" ")[1]),
    ["main", "s2", "s1", "p"],
  );
});

test("pods run by hand are kept, refused twice by a file's name, and removed", async (t) => {
  const node = new TestNode(t, { "f.json": podText("f") });
  await node.start();
  const pod = JSON.parse(podText("l")) as object;
  const view = await node.manager.run(pod);
  t.equal(view.source, "local");
  await node.settle();
  t.equal(node.phase("l"), "Running");
  const again = await node.manager.run(pod);
  t.equal(again.pod.metadata?.uid, view.pod.metadata?.uid, "the same again changes nothing");
  await t.rejects(node.manager.run(JSON.parse(podText("f")) as object), { code: "conflict" });
  await t.rejects(node.manager.run({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" } }), { code: "invalid" });
  await t.rejects(node.manager.remove("default", "f"), { code: "conflict", fix: /f\.json/ });
  await t.rejects(node.manager.remove("default", "nobody"), { code: "not-found" });
  await node.restart();
  await node.settle();
  t.equal(node.manager.get("default", "l")?.pod.metadata?.uid, view.pod.metadata?.uid);
  const changed = await node.manager.run(JSON.parse(podText("l", { hostname: "h" })) as object);
  t.ok(changed);
  await node.settle();
  t.not(node.manager.get("default", "l")?.pod.metadata?.uid, view.pod.metadata?.uid);
  t.equal(node.phase("l"), "Running");
  await node.manager.remove("default", "l", { graceSeconds: 1 });
  t.equal(node.manager.get("default", "l"), undefined);
  t.ok(node.runtime.calls.includes("stop main 1"));
  await node.restart();
  await node.settle();
  t.equal(node.manager.get("default", "l"), undefined);
  t.equal(node.phase("f"), "Running");
});

test("a pod run by hand brings its ConfigMaps and Secrets", async (t) => {
  const node = new TestNode(t);
  await node.start();
  const volumes = [{ name: "c", configMap: { name: "c" } }];
  const run = (value: string): Promise<unknown> =>
    node.manager.run(JSON.parse(podText("l", { volumes })) as object, [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { key: value } },
    ]);
  const shown = (): string => {
    const uid = node.manager.get("default", "l")?.pod.metadata?.uid ?? "";
    return readFileSync(join(node.directory, "root/pods", uid, "volumes/kubernetes.io~configmap/c/key"), "utf8");
  };
  await run("one");
  await node.until(() => node.phase("l") === "Running");
  t.equal(shown(), "one");
  await node.restart();
  await node.settle();
  await run("two");
  await node.until(() => shown() === "two");
  t.equal(node.phase("l"), "Running");
  await node.restart();
  await node.settle();
  t.equal(shown(), "two", "kept over a restart of the agent");
  await t.rejects(node.manager.run(JSON.parse(podText("m")) as object, [{ kind: "Service" }]), { code: "invalid" });
  await node.manager.remove("default", "l", { graceSeconds: 0 });
  t.strictSame(node.manager.problems(), []);
});

test("stopAll ends every pod and starts none; the next agent starts them again", async (t) => {
  const node = new TestNode(t, { "f.json": podText("f") });
  await node.start();
  await node.manager.run(JSON.parse(podText("l")) as object);
  await node.settle();
  await node.manager.stopAll({ graceSeconds: 0 });
  t.strictSame(node.manager.list(), []);
  t.equal(node.runtime.sandboxes.size, 0);
  await node.restart();
  await node.settle();
  t.equal(node.phase("f"), "Running");
  t.equal(node.phase("l"), "Running");
});

test("a removal interrupts a stop that takes its time when it is asked to be quicker", async (t) => {
  const node = new TestNode(t);
  await node.start();
  await node.manager.run(JSON.parse(podText("l")) as object);
  await node.settle();
  const timeouts: number[] = [];
  node.runtime.onStop = async (_container, timeout, signal) => {
    timeouts.push(timeout);
    if (timeout > 0) await node.clock.sleep(timeout * 1000, { signal });
  };
  const slow = node.manager.remove("default", "l");
  await node.until(() => timeouts.length === 1);
  t.equal(node.manager.get("default", "l")?.deleting, true);
  const fast = node.manager.remove("default", "l", { graceSeconds: 0 });
  await Promise.all([slow, fast]);
  t.strictSame(timeouts, [30, 0]);
});

test("termination messages", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p", { restartPolicy: "Never" }) });
  node.runtime.onStart = (container) => {
    const mount = container.config.mounts?.find((item) => item.containerPath === "/dev/termination-log");
    writeFileSync(mount?.hostPath ?? "", "out of cheese");
    node.runtime.end(container, 4);
  };
  await node.start();
  t.equal(
    node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.state?.terminated?.message,
    "out of cheese",
  );
});

setting(t, "syncFrequency", "what the runtime did not tell of is seen after this time", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p") }, { syncMs: 5_000 });
  await node.start();
  t.equal(node.state("p", "main"), "running");
  const container = node.runtime.container("main");
  container.state = ContainerState.CONTAINER_EXITED;
  container.finishedAt = node.clock.now();
  await node.advance(4_900);
  t.equal(node.runtime.container("main"), container);
  await node.advance(200);
  t.not(node.runtime.container("main"), container, "another one runs");
  t.equal(node.state("p", "main"), "running");
});
