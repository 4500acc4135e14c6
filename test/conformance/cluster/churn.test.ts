// time limit: 600 s
// soak limit: 3000 s
// Pods come and go while the API server and the agent are killed: each ends where it should, none is restarted that need not be, and
// the node stays ready.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { isNodeletError } from "../../../agent/base/errors.ts";
import { isUnreachable } from "../../../agent/kube/api-error.ts";
import { PODS } from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";
import { TestCluster } from "./node.ts";

const POD_COUNT = countOf("CHURN_PODS", { short: 24, soak: 200 });
const KILLS = countOf("CHURN_KILLS", { short: 2, soak: 10 });
const SEED = seedOf("CHURN_SEED");
/** On the node at one time. */
const AT_ONCE = 40;
/** Longer than a restart of either side. */
const REACH_LIMIT_MS = 120_000;

const OBEDIENT = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"];

/** Again and again while the server is away; `settled` says of an error that what was asked for is so already. */
async function persist<T>(call: () => Promise<T>, settled: (error: unknown) => boolean): Promise<T | undefined> {
  for (const limit = Date.now() + REACH_LIMIT_MS; ; await sleep(200)) {
    try {
      return await call();
    } catch (error) {
      if (settled(error)) return undefined;
      if (!isUnreachable(error) || Date.now() > limit) throw error;
    }
  }
}

await t.test("churn with kills of the API server and of the agent", async (t) => {
  t.comment(`CHURN_SEED=${SEED} CHURN_PODS=${POD_COUNT} CHURN_KILLS=${KILLS}`);
  const random = seeded(SEED);
  const marks = mkdtempSync(join(tmpdir(), "ndl-marks-"));
  t.teardown(() => rmSync(marks, { recursive: true, force: true }));
  await using cluster = await TestCluster.start(34);
  const { client, agent, plane } = cluster;
  await cluster.ready();
  const readySince = async (): Promise<string> =>
    String((await cluster.node()).status?.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime);
  const since = await readySince();

  const kills = (async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(500 + random(1_500));
      await plane.kill("kube-apiserver");
      await sleep(random(1_000));
      await plane.restart("kube-apiserver");
      await sleep(random(1_500));
      await agent.signal("SIGKILL");
      await agent.start();
    }
  })();

  /** Appends a line each time it runs, which it should do once. */
  const once = (name: string) => ({
    restartPolicy: "Never",
    volumes: [{ name: "marks", hostPath: { path: marks } }],
    containers: [
      {
        name: "main",
        image: BUSYBOX_REF,
        command: ["sh", "-c", `echo ran >> /marks/${name}; sleep 0.${random(9)}`],
        volumeMounts: [{ name: "marks", mountPath: "/marks" }],
      },
    ],
  });
  const stays: string[] = [];
  const jobs: string[] = [];
  const exists = (error: unknown): boolean => isNodeletError(error, "exists");
  const isGone = (error: unknown): boolean => isNodeletError(error, "not-found");
  for (let number = 0; number < POD_COUNT; number++) {
    const name = `pod-${number}`;
    if (random(3) === 0) {
      jobs.push(name);
      const spec = once(name);
      await persist(() => cluster.create(name, spec), exists);
    } else {
      stays.push(name);
      const containers = [{ name: "main", image: BUSYBOX_REF, command: OBEDIENT }];
      await persist(() => cluster.create(name, { containers }), exists);
    }
    const gracePeriodSeconds = random(4) === 0 ? 0 : undefined;
    if (stays.length > AT_ONCE || random(2) === 0) {
      const [victim] = stays.splice(random(stays.length), 1);
      if (victim !== undefined)
        await persist(() => client.delete(PODS, victim, { namespace: "default", gracePeriodSeconds }), isGone);
    }
    await sleep(random(200));
  }
  await kills;

  for (const name of stays) {
    const pod = await cluster.phase(name, "Running");
    t.equal(pod.status?.containerStatuses?.[0]?.restartCount, 0, `${name} was not restarted`);
  }
  for (const name of jobs) {
    await cluster.phase(name, "Succeeded");
    const mark = join(marks, name);
    t.equal(existsSync(mark) ? readFileSync(mark, "utf8") : "", "ran\n", `${name} ran once`);
  }
  const { items } = await client.list(PODS, { namespace: "default" });
  t.strictSame(items.map(({ metadata }) => metadata?.name ?? "").toSorted(), [...stays, ...jobs].toSorted());
  await cluster.until("the end of what was deleted", async () => {
    const { out } = await agent.command("pods", "-o", "json");
    const here = (JSON.parse(out) as { items: { metadata: { name: string } }[] }).items.map((pod) => pod.metadata.name);
    return (
      stays.every((name) => here.includes(name)) && here.every((name) => stays.includes(name) || jobs.includes(name))
    );
  });
  t.equal(await readySince(), since, "the node was ready all the time");
  for (const name of [...stays, ...jobs]) await client.delete(PODS, name, { namespace: "default" });
  for (const name of [...stays, ...jobs]) await cluster.gone(name);
});
