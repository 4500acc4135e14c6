// time limit: 1800 s
// soak limit: 1800 s
// Two nodes with the real scheduler, controllers and kube-proxy: what examples/cluster has, by kubectl.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { V1Pod } from "@kubernetes/client-node";
import t from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { packageRoot } from "../../../agent/base/paths.ts";
import { follow } from "../../../agent/kube/list-watch.ts";
import { PODS } from "../../../agent/kube/resources.ts";
import { buildCluster, Cluster } from "../../fixtures/cluster.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";

const NUMBER = 7;
const SCALE = process.env["NODELET_SOAK"] === "1" ? 50 : 10;
const ROLLOUT = "--timeout=180s";

const run = promisify(execFile);
const example = (name: string): string => join(packageRoot(), "examples", "cluster", `${name}.yaml`);
/** Of all pods that there ever were. */
const uids = new Set<string>();
const pictureOptions: PictureOptions = {
  ...ownProcesses,
  without: ["sockets", "network namespaces"],
  // Pods of other agents have their groups beside those of this cluster's.
  ignore: (kind, line) => kind === "cgroups" && ![...uids].some((uid) => line.includes(uid)),
};

buildCluster();

await t.test("two nodes and a control plane", async (t) => {
  const before = await takePicture(pictureOptions);
  const directory = mkdtempSync(join(tmpdir(), "ndl-two-"));
  const runDirectory = join("/dev/shm", basename(directory));
  t.teardown(() => {
    for (const path of [directory, runDirectory]) rmSync(path, { recursive: true, force: true });
  });
  await using cluster = await Cluster.start(join(directory, "cluster"), { number: NUMBER, runDirectory });
  const { nodes } = cluster;
  const noted = ({ metadata }: V1Pod): void => void uids.add(metadata?.uid ?? "");
  const pods = follow({
    client: await cluster.client(),
    resource: PODS,
    clock: systemClock,
    log: silentLogger,
    handlers: { replace: (all) => all.forEach(noted), put: noted, remove: noted },
  });
  await pods.synced;
  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl(...args);
  const podsOf = async (app: string): Promise<{ name: string; node: string; ip: string; phase: string }[]> => {
    const columns = '{.metadata.name} {.spec.nodeName} {.status.podIP} {.status.phase}{"\\n"}';
    const text = await kubectl("get", "pods", "-l", `app=${app}`, "-o", `jsonpath={range .items[*]}${columns}{end}`);
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [name = "", node = "", ip = "", phase = ""] = line.split(" ");
        return { name, node, ip, phase };
      });
  };
  /** The page at an address, as a program on a node sees it. */
  const page = async (node: number, address: string): Promise<string | undefined> => {
    const inside = `--net=/run/netns/ndlc${NUMBER}-node-${node}`;
    const asked = run("nsenter", [inside, "curl", "-sf", "-m", "5", `http://${address}/`]);
    return await asked.then(({ stdout }) => stdout.trim()).catch(() => undefined);
  };

  await t.test("a Deployment is spread, scaled up and down, and rolled over", async (t) => {
    await kubectl("apply", "-f", example("web"));
    await kubectl("scale", "deployment/web", `--replicas=${SCALE}`);
    await kubectl("rollout", "status", "deployment/web", ROLLOUT);
    const pods = await podsOf("web");
    t.equal(pods.length, SCALE);
    t.strictSame([...new Set(pods.map(({ node }) => node))].toSorted(), ["node-1", "node-2"]);
    t.equal(new Set(pods.map(({ ip }) => ip)).size, SCALE, "each has an address of its own");

    await kubectl("scale", "deployment/web", "--replicas=3");
    await eventually("three are left", async () => (await podsOf("web")).length === 3);
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

  await t.test("a node's agent is killed while things change: nothing is restarted, and all comes about", async (t) => {
    const restarts = async (): Promise<string> =>
      await kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}");
    const [node] = nodes;
    await node?.kill();
    await kubectl("scale", "deployment/web", "--replicas=6");
    await node?.start();
    await kubectl("rollout", "status", "deployment/web", ROLLOUT);
    t.match(await restarts(), /^[0 ]+$/);
  });

  await t.test("what is deleted goes", async (t) => {
    for (const name of ["web", "everywhere", "in-order", "copies", "jobs"]) {
      await kubectl("delete", "-f", example(name), "--timeout=120s");
    }
    await kubectl("delete", "job", "now", "--ignore-not-found", "--timeout=120s");
    await eventually("no pod is left", async () => (await kubectl("get", "pods", "-A", "-o", "name")).trim() === "");
    for (const node of nodes) {
      const { items } = JSON.parse(await node.command("pods", "-o", "json")) as { items: unknown[] };
      t.strictSame(items, [], node.name);
    }
  });

  t.ok(uids.size > SCALE);
  await pods[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  for (const path of [directory, runDirectory]) rmSync(path, { recursive: true, force: true });
  const left = (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
  t.strictSame(left, [], "nothing is left on the host");
});
