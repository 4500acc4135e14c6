// time limit: 300 s
// Fields that say whether a pod runs on this node, and those that a node alone has no use for.

import { hostname } from "node:os";

import t from "tap";

import { field, FieldNode, FOREVER, sh, type Spec } from "../../../fixtures/fields.ts";

const node = await FieldNode.create(15);
t.teardown(() => node[Symbol.asyncDispose]());

const AFFINITY = {
  reason: "NodeAffinity",
  message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
};

/** The status of a pod that is not let in. */
async function rejection(spec: Spec): Promise<object> {
  const name = await node.run(sh(FOREVER), spec);
  const { status } = await node.until(name, "the rejection", (pod) => pod.status.phase === "Failed");
  await node.remove(name);
  return status;
}

const runs = async (spec: Spec): Promise<string> => await node.output(sh("echo ran"), spec);

field(t, "spec.nodeSelector", "is held against the node's labels", async (t) => {
  const name = hostname().toLowerCase();
  t.equal(await runs({ nodeSelector: { "kubernetes.io/os": "linux", "kubernetes.io/hostname": name } }), "ran\n");
  t.match(await rejection({ nodeSelector: { "kubernetes.io/os": "windows" } }), AFFINITY);
});

field(
  t,
  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].{matchExpressions[].key,matchExpressions[].operator,matchExpressions[].values,matchFields[].key,matchFields[].operator,matchFields[].values}",
  "one of the terms has to match the node",
  async (t) => {
    const required = (...nodeSelectorTerms: object[]): Spec => ({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    });
    const os = (operator: string, ...values: string[]): object => ({
      matchExpressions: [{ key: "kubernetes.io/os", operator, ...(values.length > 0 ? { values } : {}) }],
    });
    t.equal(await runs(required(os("In", "plan9"), os("In", "linux", "plan9"))), "ran\n");
    t.equal(await runs(required(os("Exists"))), "ran\n");
    t.match(await rejection(required(os("NotIn", "linux"))), AFFINITY);
    t.match(await rejection(required(os("DoesNotExist"))), AFFINITY);
    const name = (operator: string): object => ({
      matchFields: [{ key: "metadata.name", operator, values: [hostname().toLowerCase()] }],
    });
    t.equal(await runs(required(name("In"))), "ran\n");
    t.match(await rejection(required(name("NotIn"))), AFFINITY);
  },
);

field(t, "spec.overhead", "counts beside what the containers request", async (t) => {
  t.equal(await runs({ overhead: { memory: "1Mi" } }), "ran\n");
  t.match(await rejection({ overhead: { cpu: "1000000" } }), {
    reason: "OutOfcpu",
    message:
      /^Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000000, used: \d+, capacity: \d+$/,
  });
});

field(t, "spec.runtimeClassName", "an unknown class keeps the pod from starting, and is named", async (t) => {
  const name = await node.run(sh(FOREVER), { runtimeClassName: "kata" });
  await node.until(name, "the reason", (_pod, events) =>
    events.some(
      ({ reason, message }) =>
        reason === "FailedCreatePodSandBox" && message.includes('runtimeclass.node.k8s.io "kata" not found'),
    ),
  );
  t.equal((await node.pod(name))?.status.phase, "Pending");
  await node.remove(name);
});

field(
  t,
  ["spec.containers[].resources.limits", "spec.volumes[].emptyDir.sizeLimit"],
  "a pod that uses more of the disk is evicted",
  async (t) => {
    const fill = (directory: string): string => `dd if=/dev/zero of=${directory}/x bs=1M count=3; ${FOREVER}`;
    const chatter = `dd if=/dev/zero bs=1M count=3 | tr '\\0' x | fold -w 1000; ${FOREVER}`;
    const evicted = async (name: string): Promise<string | undefined> => {
      const { status } = await node.until(name, "the eviction", (pod) => pod.status.phase === "Failed");
      t.match(
        status.conditions?.find(({ type }) => type === "DisruptionTarget"),
        { reason: "TerminationByKubelet" },
      );
      await node.remove(name);
      return `${status.reason}: ${status.message}`;
    };
    const limits = { resources: { limits: { "ephemeral-storage": "2Mi" } } };
    const [volume, log] = await Promise.all([
      node.run(sh(fill("/data"), { volumeMounts: [{ name: "data", mountPath: "/data" }] }), {
        volumes: [{ name: "data", emptyDir: { sizeLimit: "2Mi" } }],
      }),
      node.run(sh(chatter, limits)),
    ]);
    const [first, second] = await Promise.all([evicted(volume), evicted(log)]);
    t.equal(first, 'Evicted: Usage of EmptyDir volume "data" exceeds the limit "2Mi". ');
    t.match(second, /^Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 2097152\. $/);
  },
);

field(t, "spec.os.name", "is linux, or the pod is refused", async (t) => {
  t.equal(await runs({ os: { name: "linux" } }), "ran\n");
  t.match(await node.refusal(sh("true"), { os: { name: "windows" } }), "Must be one of linux");
});
