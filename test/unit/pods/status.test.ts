import { test } from "tap";

import type { V1ContainerStatus } from "@kubernetes/client-node";

import { computePhase, computeStatus } from "../../../agent/pods/status.ts";
import { decoded } from "./node.ts";

type State = "running" | "ok" | "failed" | "waiting" | "backoff";

function status(state: State): V1ContainerStatus {
  const base = { name: "x", image: "", imageID: "", ready: state === "running", restartCount: 0 };
  switch (state) {
    case "running":
      return { ...base, containerID: "x", state: { running: {} } };
    case "ok":
      return { ...base, containerID: "x", state: { terminated: { exitCode: 0 } } };
    case "failed":
      return { ...base, containerID: "x", state: { terminated: { exitCode: 1 } } };
    case "waiting":
      return { ...base, state: { waiting: {} } };
    case "backoff":
      return { ...base, containerID: "x", state: { waiting: {} }, lastState: { terminated: { exitCode: 1 } } };
  }
}

const table: [policy: string, init: State[], main: State[], phase: string][] = [
  ["Always", [], ["waiting"], "Pending"],
  ["Always", [], ["running"], "Running"],
  ["Always", [], ["running", "waiting"], "Pending"],
  ["Always", [], ["running", "backoff"], "Running"],
  ["Always", [], ["backoff"], "Running"],
  ["Always", [], ["ok"], "Running"],
  ["OnFailure", [], ["ok"], "Succeeded"],
  ["OnFailure", [], ["ok", "failed"], "Running"],
  ["OnFailure", [], ["ok", "running"], "Running"],
  ["Never", [], ["ok", "ok"], "Succeeded"],
  ["Never", [], ["ok", "failed"], "Failed"],
  ["Never", [], ["failed", "running"], "Running"],
  ["Always", ["running"], ["waiting"], "Pending"],
  ["Always", ["backoff"], ["waiting"], "Pending"],
  ["Always", ["ok"], ["running"], "Running"],
  ["Never", ["failed"], ["waiting"], "Failed"],
  ["Always", ["waiting"], ["waiting"], "Pending"],
];

test("phases", async (t) => {
  for (const [restartPolicy, init, main, phase] of table) {
    const spec = {
      restartPolicy,
      initContainers: init.map((_state, index) => ({ name: `i${index}`, image: "i:1" })),
      containers: main.map((_state, index) => ({ name: `c${index}`, image: "i:1" })),
    };
    t.equal(
      computePhase(decoded("p", spec).pod, init.map(status), main.map(status)),
      phase,
      `${restartPolicy} [${init.join()}] [${main.join()}]`,
    );
  }
});

test("transition times stand while a condition holds", async (t) => {
  const input = {
    pod: decoded("p").pod,
    observation: { sandboxes: [], containers: [] },
    waits: new Map(),
    messages: new Map<string, string>(),
    hostIPs: ["192.0.2.1", "2001:db8::1"],
    startTime: 5_500,
    runtimeName: "nodelet",
  };
  const first = computeStatus({ ...input, now: 10_000, previous: undefined });
  t.equal(first.phase, "Pending");
  t.strictSame(first.startTime, new Date(5_000));
  t.strictSame(first.hostIPs, [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }]);
  t.equal(first.podIP, undefined);
  t.match(first.containerStatuses, [
    { name: "main", state: { waiting: { reason: "ContainerCreating" } }, ready: false },
  ]);
  const ready = first.conditions?.find(({ type }) => type === "Ready");
  t.match(ready, { status: "False", reason: "ContainersNotReady", message: "containers with unready status: [main]" });
  t.strictSame(computeStatus({ ...input, now: 20_000, previous: first }), first);
});
