// time limit: 1800 s
// soak limit: 1800 s
// needs built: kubernetes/kube-proxy, kubernetes/kubectl
// Two nodes with the real scheduler, controllers and kube-proxy: what examples/cluster has, by kubectl.

import t from "tap";

import { eventually } from "../../fixtures/eventually.ts";
import { countOf } from "../../fixtures/soak.ts";
import { example, ROLLOUT, withCluster } from "./observed.ts";

const SCALE = countOf("CLUSTER_SCALE", { short: 10, soak: 50 });

await t.test("two nodes and a control plane", (t) =>
  withCluster(t, { number: 7 }, async (observed) => {
    const kubectl = (...args: string[]): Promise<string> => observed.kubectl(...args);
    const podsOf = (app: string) => observed.podsOf(app);
    const page = (node: number, address: string) => observed.page(node, address);
    const { nodes } = observed.cluster;

    await t.test("a Deployment is spread, scaled up and down, and rolled over", async (t) => {
      await kubectl("apply", "-f", example("web"));
      await kubectl("scale", "deployment/web", `--replicas=${SCALE}`);
      await kubectl("rollout", "status", "deployment/web", ROLLOUT);
      const pods = await podsOf("web");
      t.equal(pods.length, SCALE);
      t.strictSame([...new Set(pods.map(({ node }) => node))].toSorted(), ["node-1", "node-2"]);
      t.equal(new Set(pods.map(({ ip }) => ip)).size, SCALE, "each has an address of its own");

      await kubectl("scale", "deployment/web", "--replicas=1");
      await eventually("one is left", async () => (await podsOf("web")).length === 1);
      await kubectl("scale", "deployment/web", "--replicas=3");
      await kubectl("rollout", "status", "deployment/web", ROLLOUT);
      await kubectl("set", "env", "deployment/web", "VERSION=two");
      await kubectl("rollout", "status", "deployment/web", ROLLOUT);
      await eventually("the old ones are gone", async () => (await podsOf("web")).length === 3);
      for (const { ip, name } of await podsOf("web")) t.equal(await page(1, `${ip}:8080`), `two ${name}`);
    });

    await t.test("its Service reaches pods of both nodes, from both nodes", async (t) => {
      const address = (await kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")).trim();
      const names = new Set((await podsOf("web")).map(({ name }) => name));
      for (const node of [1, 2]) {
        const answered = new Set<string>();
        await eventually(`node-${node} has reached all pods`, async () => {
          const [, name] = (await page(node, address))?.split(" ") ?? [];
          if (name !== undefined) answered.add(name);
          return answered.size === names.size;
        });
        t.strictSame([...answered].toSorted(), [...names].toSorted());
      }
      await kubectl("scale", "deployment/web", "--replicas=1");
      await eventually("one is left", async () => (await podsOf("web")).length === 1);
    });

    await t.test("a DaemonSet, a StatefulSet and a ReplicationController", async (t) => {
      for (const name of ["everywhere", "in-order", "copies"]) await kubectl("apply", "-f", example(name));
      await kubectl("rollout", "status", "daemonset/everywhere", ROLLOUT);
      await kubectl("rollout", "status", "statefulset/in-order", ROLLOUT);
      t.strictSame((await podsOf("everywhere")).map(({ node }) => node).toSorted(), ["node-1", "node-2"]);
      t.strictSame((await podsOf("in-order")).map(({ name }) => name).toSorted(), ["in-order-0", "in-order-1"]);
      const copies = await eventually("two copies run", async () => {
        const pods = await podsOf("copies");
        return pods.length === 2 && pods.every(({ phase }) => phase === "Running") && pods;
      });
      const [first] = copies;
      await kubectl("delete", "pod", first?.name ?? "", "--wait=false");
      await eventually("another one takes its place", async () => {
        const pods = await podsOf("copies");
        return pods.length === 2 && pods.every(({ name, phase }) => name !== first?.name && phase === "Running");
      });
    });

    await t.test("a Job and a CronJob", async () => {
      await kubectl("apply", "-f", example("jobs"));
      await kubectl("wait", "--for=condition=complete", "job/six", ROLLOUT);
      // Its minute is not waited for.
      await kubectl("create", "job", "now", "--from=cronjob/each-minute");
      await kubectl("wait", "--for=condition=complete", "job/now", ROLLOUT);
    });

    await t.test(
      "a node's agent is killed while things change: nothing is restarted, and all comes about",
      async (t) => {
        const restarts = async (): Promise<string> =>
          await kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}");
        const [node] = nodes;
        await node?.kill();
        await kubectl("scale", "deployment/web", "--replicas=6");
        await node?.start();
        await kubectl("rollout", "status", "deployment/web", ROLLOUT);
        t.match(await restarts(), /^[0 ]+$/);
      },
    );

    await t.test("what is deleted goes", async (t) => {
      await kubectl("delete", "job", "now", "--timeout=120s");
      await observed.remove(t, ["web", "everywhere", "in-order", "copies", "jobs"]);
    });

    t.ok(observed.uids.size > SCALE);
  }),
);
