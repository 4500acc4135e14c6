import { test } from "tap";

import type { V1ContainerStatus, V1PodCondition, V1PodStatus } from "@kubernetes/client-node";

import type { ObservedContainer } from "../../../agent/pods/observation.ts";
import { computePhase, computeStatus, withSuccessors } from "../../../agent/pods/status.ts";
import type { StatusInput } from "../../../agent/pods/status.ts";
import { decoded } from "./node.ts";

type State = "running" | "ok" | "failed" | "waiting" | "backoff";

function status(state: State): V1ContainerStatus {
  const base = {
    name: "x",
    image: "",
    imageID: "",
    ready: state === "running",
    started: state === "running",
    restartCount: 0,
  };
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
    health: new Map(),
    starting: new Set<string>(),
    failure: undefined,
    hostIPs: ["192.0.2.1", "2001:db8::1"],
    startTime: 5_500,
    runtimeName: "nodelet",
    recursiveReadOnly: true,
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

const NOW = 100_000;

function observed(name: string, options: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    id: `${name}-id`,
    sandboxId: "s0",
    name,
    attempt: 0,
    hash: undefined,
    state: "running",
    createdAt: NOW - 5_000,
    startedAt: NOW - 4_000,
    finishedAt: 0,
    exitCode: 0,
    reason: "",
    message: "",
    image: "",
    imageId: "",
    logPath: "",
    stopSignal: "SIGTERM",
    user: undefined,
    annotations: {},
    ...options,
  };
}

function statusOf(spec: object, change: Partial<StatusInput> & { containers?: ObservedContainer[] } = {}): V1PodStatus {
  const { pod } = decoded("p", spec);
  pod.metadata.generation = 3;
  const sandbox = { id: "s0", attempt: 0, ready: true, createdAt: 0, ips: ["10.0.0.2"], hostNetwork: false };
  return computeStatus({
    pod,
    observation: { sandboxes: [sandbox], containers: change.containers ?? [observed("main")] },
    waits: new Map(),
    messages: new Map(),
    health: new Map(),
    starting: new Set(),
    failure: undefined,
    hostIPs: ["192.0.2.1"],
    startTime: 0,
    now: NOW,
    previous: undefined,
    runtimeName: "nodelet",
    recursiveReadOnly: true,
    ...change,
  });
}

const condition = (status: V1PodStatus, type: string): V1PodCondition | undefined =>
  status.conditions?.find((item) => item.type === type);

test("readiness", async (t) => {
  const probe = { exec: { command: ["p"] } };
  const spec = { containers: [{ name: "main", image: "i:1", readinessProbe: probe, startupProbe: probe }] };
  const [before] = statusOf(spec).containerStatuses ?? [];
  t.match(before, { ready: false, started: false }, "nothing is known yet");
  const health = (started: boolean, ready: boolean): Partial<StatusInput> => ({
    health: new Map([["main-id", { started, ready, failed: undefined }]]),
  });
  t.match(statusOf(spec, health(true, false)).containerStatuses?.[0], { ready: false, started: true });
  const ready = statusOf(spec, health(true, true));
  t.match(ready.containerStatuses?.[0], { ready: true, started: true, stopSignal: "SIGTERM" });
  t.equal(condition(ready, "Ready")?.status, "True");
  t.equal(ready.observedGeneration, 3);
  t.equal(condition(ready, "Ready")?.observedGeneration, 3);

  const hooked = statusOf({}, { starting: new Set(["main-id"]) });
  t.match(hooked.containerStatuses?.[0], { state: { waiting: { reason: "ContainerCreating" } }, ready: false });

  const gate = statusOf({ readinessGates: [{ conditionType: "example.com/gate" }] });
  t.equal(condition(gate, "ContainersReady")?.status, "True");
  t.match(condition(gate, "Ready"), {
    status: "False",
    reason: "ReadinessGatesNotReady",
    message: 'corresponding condition of pod readiness gate "example.com/gate" does not exist.',
  });
});

test("a pod that failed as a whole", async (t) => {
  const failure = { reason: "DeadlineExceeded", message: "late" };
  t.match(statusOf({}, { failure }), { phase: "Running", reason: undefined }, "not before its containers ended");
  const status = statusOf({}, { failure, containers: [observed("main", { state: "exited", exitCode: 143 })] });
  t.match(status, { phase: "Failed", reason: "DeadlineExceeded", message: "late" });
  t.match(condition(status, "Ready"), { status: "False", reason: "PodFailed" });
});

test("all containers are restarting until each runs anew", async (t) => {
  const rule = { action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } };
  const spec = {
    containers: [
      { name: "a", image: "i:1", restartPolicy: "Never", restartPolicyRules: [rule] },
      { name: "b", image: "i:1" },
    ],
  };
  const exited = observed("a", { state: "exited", exitCode: 42, finishedAt: NOW - 1_000 });
  const during = statusOf(spec, { containers: [exited, observed("b")] });
  t.equal(condition(during, "AllContainersRestarting")?.status, "True");
  const anew = (name: string): ObservedContainer => observed(name, { id: `${name}-1`, attempt: 1, createdAt: NOW });
  const after = statusOf(spec, { containers: [anew("a"), anew("b"), exited, observed("b", { state: "exited" })] });
  t.equal(condition(after, "AllContainersRestarting")?.status, "False");
  t.equal(
    condition(statusOf(spec, { containers: [observed("a"), observed("b")] }), "AllContainersRestarting"),
    undefined,
  );
});

test("a failed container with a rule of its own runs again", async (t) => {
  const rule = { action: "Restart", exitCodes: { operator: "In", values: [42] } };
  const spec = {
    restartPolicy: "Never",
    containers: [{ name: "main", image: "i:1", restartPolicy: "Never", restartPolicyRules: [rule] }],
  };
  const ended = (exitCode: number): string | undefined =>
    statusOf(spec, { containers: [observed("main", { state: "exited", exitCode })] }).phase;
  t.equal(ended(42), "Running");
  t.equal(ended(1), "Failed");
  t.equal(ended(0), "Succeeded");
});

test("what ended for another instance to follow is not told as ended", (t) => {
  const terminated = { exitCode: 0, reason: "Completed" };
  const status = (name: string) => ({
    name,
    image: "i",
    imageID: "",
    ready: false,
    restartCount: 0,
    state: { terminated },
  });
  const told = { phase: "Succeeded", containerStatuses: [status("a"), status("b")] };
  t.equal(withSuccessors(told, new Set()), told);
  t.match(withSuccessors(told, new Set(["a"])), {
    phase: "Running",
    containerStatuses: [
      { name: "a", state: { waiting: { reason: "ContainerCreating" } }, lastState: { terminated } },
      { name: "b", state: { terminated } },
    ],
  });
  t.end();
});
