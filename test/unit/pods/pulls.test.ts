// Image pull policies, the reasons that a pod shows, and the waits between attempts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { V1Pod, V1PodSpec } from "@kubernetes/client-node";
import t, { type Test } from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { NodeletError } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { ImageAccess } from "../../../agent/pods/image-access/image-access.ts";
import type { VerificationPolicy } from "../../../agent/pods/image-access/policy.ts";
import { podText, TestNode } from "./node.ts";

const containers = (image: string, imagePullPolicy?: string): object => ({
  containers: [{ name: "main", image, ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) }],
});

t.test("a name that is none", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p", containers("team/Upper:1")) });
  await node.start();
  t.equal(node.state("p", "main"), "waiting InvalidImageName");
  t.match(node.reasons(), ["InspectFailed"]);
});

t.test("Always does not make do with what is there", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p", containers("busybox:1", "Always")) });
  node.runtime.fail("pullImage", new NodeletError("unavailable", "the registry is away"));
  await node.start();
  t.equal(node.state("p", "main"), "waiting ErrImagePull");
  await node.advance(2_500);
  t.equal(node.state("p", "main"), "waiting ImagePullBackOff");
});

function pullsOf(node: TestNode): number {
  return node.manager.events().reduce((sum, { reason, count }) => sum + (reason === "Pulling" ? count : 0), 0);
}

const missing = { containers: ["a", "b"].map((name) => ({ name, image: "missing:1" })) };

t.test("the containers of a pod share the back-off of an image", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p", missing) });
  await node.start();
  t.equal(node.state("p", "a"), "waiting ErrImagePull");
  t.equal(node.state("p", "b"), "waiting ImagePullBackOff");
  const pulls = (): number => pullsOf(node);
  t.equal(pulls(), 1);
  await node.advance(9_900);
  t.equal(pulls(), 1);
  await node.advance(200);
  t.equal(pulls(), 2, "after 10 s");
  await node.advance(19_500);
  t.equal(pulls(), 2);
  await node.advance(1_000);
  t.equal(pulls(), 3, "after 20 s more");
});

t.test("another specification with the same image waits on", async (t) => {
  const written = (image: string, labels: object): string =>
    podText("p", { containers: [{ name: "a", image }] }, { uid: "of-its-own", labels });
  const node = new TestNode(t, { "p.json": written("missing:1", {}) });
  await node.start();
  await node.source.set("p.json", written("missing:1", { changed: "yes" }));
  await node.settle();
  t.equal(node.manager.get("default", "p")?.pod.metadata?.labels?.["changed"], "yes");
  t.equal(node.state("p", "a"), "waiting ImagePullBackOff");
  t.equal(pullsOf(node), 1);
  await node.source.set("p.json", written("busybox:1", { changed: "yes" }));
  await node.settle();
  t.equal(node.state("p", "a"), "running");
});

t.test("a mounted image has a back-off of its own", async (t) => {
  const volumes = [{ name: "v", image: { reference: "missing:2" } }];
  const containers = [{ name: "a", image: "busybox:1", volumeMounts: [{ name: "v", mountPath: "/v" }] }];
  const node = new TestNode(t, { "p.json": podText("p", { volumes, containers }) });
  await node.start();
  t.equal(node.state("p", "a"), "waiting ErrImagePull");
  await node.advance(2_500);
  const { message } = node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.state?.waiting ?? {};
  t.match(message, /^Back-off pulling image "missing:2"/);
});

t.test("a pod that waits for its Secrets holds up no other pod's pull", async (t) => {
  const pullLimits = { parallel: 1, rate: { perSecond: 0, burst: 0 } };
  const node = new TestNode(t, {}, { cluster: true, pullLimits });
  let asked = false;
  node.secret = (_namespace, _name, { signal } = {}) => {
    asked = true;
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
  };
  const pulling = (name: string, more: object = {}): V1Pod => ({
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1" },
    spec: {
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 1,
      ...containers("missing:1"),
      ...more,
    } as V1PodSpec,
    status: { phase: "Pending" },
  });
  await node.start();
  node.api.tell([pulling("waiting", { imagePullSecrets: [{ name: "late" }] })]);
  await node.until(() => asked);
  node.api.tell([pulling("other")]);
  await node.until(() => node.state("other", "main").startsWith("waiting ErrImagePull"));
  t.equal(pullsOf(node), 2);
});

const PRIVATE = "registry.example/private:1";
const secretDocument = (name: string, password: string): string => {
  const auths = { "registry.example": { username: "puller", password } };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
  });
};

/** A node with Secrets, and a registry that wants the right one of them; `owner` has pulled its image. */
async function nodeWithPrivateImage(t: Test, policy: VerificationPolicy): Promise<TestNode> {
  const rootDir = mkdtempSync(join(tmpdir(), "nodelet-pulls-"));
  const rules = { policy, allowlist: [] };
  const imageAccess = await ImageAccess.open({ rootDir, rules, clock: new ManualClock(), log: silentLogger });
  const secrets = { "right.json": secretDocument("right", "word"), "wrong.json": secretDocument("wrong", "guess") };
  const node = new TestNode(t, secrets, { imageAccess });
  t.teardown(async () => {
    await imageAccess[Symbol.asyncDispose]();
    rmSync(rootDir, { recursive: true, force: true });
  });
  node.runtime.onPull = (image, auth) => {
    if (auth?.password !== "word") throw new NodeletError("denied", "401 Unauthorized");
    return { id: "sha256:4567", repoTags: [image], uid: { value: 0n } };
  };
  await node.start();
  await wanting(node, "owner", { secret: "right" });
  await node.until(() => node.state("owner", "main") === "running");
  return node;
}

async function wanting(
  node: TestNode,
  name: string,
  { secret, policy, image = PRIVATE }: { secret?: string; policy?: string; image?: string } = {},
): Promise<void> {
  const imagePullSecrets = secret === undefined ? [] : [{ name: secret }];
  await node.source.set(`${name}.json`, podText(name, { ...containers(image, policy), imagePullSecrets }));
  await node.until(() => /^(running|waiting (Err|Image).*)$/.test(node.state(name, "main")));
}

const pulledBy = (node: TestNode, pod: string): string[] =>
  node.manager
    .events()
    .flatMap((event) => (event.pod === `default/${pod}` && event.reason === "Pulled" ? event.message : []));

t.test("an image that a Secret pulled is for who shows it", async (t) => {
  const node = await nodeWithPrivateImage(t, "NeverVerifyPreloadedImages");
  await wanting(node, "stranger");
  t.equal(node.state("stranger", "main"), "waiting ErrImagePull");
  await wanting(node, "guesser", { secret: "wrong" });
  t.equal(node.state("guesser", "main"), "waiting ErrImagePull");
  await wanting(node, "never", { policy: "Never" });
  t.equal(node.state("never", "main"), "waiting ErrImageNeverPull");
  await wanting(node, "by-id", { image: "sha256:4567" });
  t.not(node.state("by-id", "main"), "running");

  node.runtime.onPull = undefined;
  for (const policy of ["IfNotPresent", "Never"]) {
    const name = `friend-${policy.toLowerCase()}`;
    await wanting(node, name, { secret: "right", policy });
    t.equal(node.state(name, "main"), "running");
    t.match(pulledBy(node, name), [/already present on machine and can be accessed by the pod$/]);
  }
  await wanting(node, "other", { image: "busybox:1" });
  t.equal(node.state("other", "main"), "running", "an image that nobody pulled");
});

t.test("Secrets that the registry takes pull the image that is there, and are remembered", async (t) => {
  const node = await nodeWithPrivateImage(t, "NeverVerifyPreloadedImages");
  node.runtime.onPull = (image) => ({ id: "sha256:4567", repoTags: [image], uid: { value: 0n } });
  await wanting(node, "first", { secret: "wrong" });
  t.match(pulledBy(node, "first"), [/^Successfully pulled image/]);
  await wanting(node, "second", { secret: "wrong" });
  t.match(pulledBy(node, "second"), [/already present on machine/]);
});

t.test("NeverVerify gives every image that is there to every pod", async (t) => {
  const node = await nodeWithPrivateImage(t, "NeverVerify");
  await wanting(node, "stranger", { policy: "Never" });
  t.equal(node.state("stranger", "main"), "running");
});

t.test("AlwaysVerify asks the registry for images that nobody pulled too", async (t) => {
  const node = await nodeWithPrivateImage(t, "AlwaysVerify");
  await wanting(node, "stranger", { image: "busybox:1" });
  t.equal(node.state("stranger", "main"), "waiting ErrImagePull");
  await wanting(node, "never", { image: "busybox:1", policy: "Never" });
  t.equal(node.state("never", "main"), "waiting ErrImageNeverPull");
});
