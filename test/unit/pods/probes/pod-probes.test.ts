import { test } from "tap";

import type { Attempt } from "../../../../agent/pods/probes/attempt.ts";
import { countAttempt, verdict, type Counted } from "../../../../agent/pods/probes/pod-probes.ts";
import { podText, TestNode } from "../node.ts";

test("thresholds", async (t) => {
  const outcomes = { s: "success", f: "failure", w: "warning", u: "unknown" } as const;
  const table: [attempts: string, success: number, failure: number, verdict: boolean | undefined][] = [
    ["", 1, 3, undefined],
    ["s", 1, 3, true],
    ["w", 1, 3, true],
    ["s", 2, 3, undefined],
    ["ss", 2, 3, true],
    ["f", 1, 3, undefined],
    ["ff", 1, 3, undefined],
    ["fff", 1, 3, false],
    ["ffsff", 1, 3, undefined],
    ["ffuf", 1, 3, false],
    ["uuu", 1, 1, undefined],
    ["ffff", 1, 3, false],
  ];
  for (const [attempts, successThreshold, failureThreshold, expected] of table) {
    let counted: Counted | undefined;
    for (const letter of attempts) {
      const attempt: Attempt = { outcome: outcomes[letter as keyof typeof outcomes], output: "" };
      counted = countAttempt(counted, attempt);
    }
    t.equal(verdict(counted, { successThreshold, failureThreshold }), expected, attempts);
  }
});

const probe = (command: string, more: object = {}): object => ({
  exec: { command: [command] },
  periodSeconds: 5,
  failureThreshold: 2,
  ...more,
});

/** A node with one pod, whose probes give what `answers` says, by command. */
function probedNode(
  t: ConstructorParameters<typeof TestNode>[0],
  container: object,
  spec: object = {},
): { node: TestNode; answers: Map<string, number> } {
  const containers = [{ name: "main", image: "busybox:1", ...container }];
  const node = new TestNode(t, { "p.json": podText("p", { containers, ...spec }) });
  const answers = new Map<string, number>();
  node.runtime.onExec = (_container, command) => answers.get(command.join(" ")) ?? 0;
  return { node, answers };
}

const isReady = (node: TestNode): boolean | undefined =>
  node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.ready;
const restarts = (node: TestNode): number | undefined =>
  node.manager.get("default", "p")?.pod.status.containerStatuses?.[0]?.restartCount;

test("a container is ready while its readiness probe passes", async (t) => {
  const { node, answers } = probedNode(t, { readinessProbe: probe("ready", { initialDelaySeconds: 3 }) });
  await node.start();
  t.equal(isReady(node), false);
  await node.advance(2_000);
  t.equal(isReady(node), false, "the delay");
  await node.advance(2_000);
  t.equal(isReady(node), true);
  answers.set("ready", 1);
  await node.advance(5_000);
  t.equal(isReady(node), true, "once is not enough");
  await node.advance(5_000);
  t.equal(isReady(node), false);
  answers.delete("ready");
  await node.advance(5_000);
  t.equal(isReady(node), true);
  t.equal(restarts(node), 0);
  const unhealthy = node.manager.events().filter(({ reason }) => reason === "Unhealthy");
  t.match(unhealthy, [{ message: "Readiness probe failed: ", container: "main", count: 2 }]);
});

test("a liveness probe that fails restarts the container", async (t) => {
  const { node, answers } = probedNode(t, {
    livenessProbe: probe("live", { terminationGracePeriodSeconds: 7 }),
  });
  await node.start();
  answers.set("live", 1);
  await node.advance(5_000);
  t.equal(restarts(node), 0);
  await node.advance(5_000);
  t.equal(restarts(node), 1);
  t.ok(node.runtime.calls.includes("stop main 7"), "with the grace of the probe");
  t.match(
    node.manager.events().filter(({ reason }) => reason === "Killing"),
    [{ message: "Container main failed liveness probe, will be restarted" }],
  );
  answers.delete("live");
  await node.advance(60_000);
  t.equal(restarts(node), 1, "the new container has a fresh count");
});

test("the other probes wait for the startup probe", async (t) => {
  const { node, answers } = probedNode(t, {
    startupProbe: probe("up", { failureThreshold: 4 }),
    livenessProbe: probe("live", { failureThreshold: 1 }),
    readinessProbe: probe("ready"),
  });
  answers.set("up", 1);
  answers.set("live", 1);
  await node.start();
  await node.advance(10_000);
  t.equal(restarts(node), 0);
  t.notOk(node.runtime.calls.some((call) => /exec main (live|ready)/.test(call)));
  answers.clear();
  await node.advance(5_000);
  t.equal(isReady(node), true);
  const ups = (): number => node.runtime.calls.filter((call) => call === "exec main up").length;
  const before = ups();
  await node.advance(20_000);
  t.equal(ups(), before, "it is not asked again");
});

test("a startup probe that does not pass in time restarts the container", async (t) => {
  const { node, answers } = probedNode(t, { startupProbe: probe("up") });
  answers.set("up", 1);
  await node.start();
  await node.advance(5_000);
  t.equal(restarts(node), 1);
  t.match(
    node.manager.events().filter(({ reason }) => reason === "Killing"),
    [{ message: "Container main failed startup probe, will be restarted" }],
  );
});

test("liveness is not asked while the pod ends, readiness is", async (t) => {
  const { node, answers } = probedNode(t, { livenessProbe: probe("live"), readinessProbe: probe("ready") });
  await node.start();
  node.runtime.onStop = (_container, _timeout, signal) => node.clock.sleep(20_000, { signal });
  node.source.remove("p.json");
  await node.until(() => node.runtime.calls.includes("stop main 30"));
  const calls = node.runtime.calls.length;
  answers.set("ready", 1);
  for (let step = 0; step < 15; step++) {
    await node.clock.advance(1_000);
    await node.until(() => true);
  }
  await node.until(() => isReady(node) === false);
  const since = node.runtime.calls.slice(calls);
  t.notOk(since.includes("exec main live"));
  t.ok(since.includes("exec main ready"));
  await node.clock.advance(10_000);
  await node.settle();
});

test("an agent that starts anew knows who was ready, and since when", async (t) => {
  const { node, answers } = probedNode(t, { readinessProbe: probe("ready"), startupProbe: probe("up") });
  await node.start();
  t.equal(isReady(node), true);
  const conditions = node.manager.get("default", "p")?.pod.status.conditions;
  await node.clock.advance(3_000);
  answers.set("ready", 1);
  answers.set("up", 1);
  const ups = node.runtime.calls.filter((call) => call === "exec main up").length;
  await node.restart();
  t.equal(isReady(node), true);
  await node.settle();
  t.equal(isReady(node), true, "one failure is below the threshold");
  t.strictSame(node.manager.get("default", "p")?.pod.status.conditions, conditions);
  t.equal(node.runtime.calls.filter((call) => call === "exec main up").length, ups, "it had started");
  await node.advance(10_000);
  t.equal(isReady(node), false);
});
