// Image pull policies, the reasons that a pod shows, and the waits between attempts.

import type { V1Pod, V1PodSpec } from "@kubernetes/client-node";
import t from "tap";

import { NodeletError } from "../../../agent/base/errors.ts";
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
