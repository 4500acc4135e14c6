import { test } from "tap";

import { backoffUntil, raiseBackoff, restoreBackoff } from "../../../agent/pods/backoff.ts";
import type { BackoffEntry } from "../../../agent/pods/backoff.ts";
import type { Observation, ObservedContainer, ObservedSandbox } from "../../../agent/pods/observation.ts";
import { planPod } from "../../../agent/pods/planner.ts";
import type { Plan, PodFailure, Step, Wait } from "../../../agent/pods/planner.ts";
import type { ContainerHealth } from "../../../agent/pods/probes/pod-probes.ts";
import type { Allocation } from "../../../agent/pods/resize.ts";
import { decoded } from "./node.ts";

const NOW = 1_000_000_000;

function sandbox(options: Partial<ObservedSandbox> = {}): ObservedSandbox {
  return { id: "s0", attempt: 0, ready: true, createdAt: 0, ips: ["10.0.0.2"], hostNetwork: false, ...options };
}

function container(
  name: string,
  state: ObservedContainer["state"],
  options: Partial<ObservedContainer> = {},
): ObservedContainer {
  return {
    id: `${name}-${options.attempt ?? 0}`,
    sandboxId: "s0",
    name,
    attempt: 0,
    hash: undefined,
    state,
    createdAt: NOW - 5_000,
    startedAt: NOW - 4_000,
    finishedAt: state === "exited" ? NOW - 1_000 : 0,
    exitCode: 0,
    reason: "",
    message: "",
    image: "",
    imageId: "",
    logPath: "",
    stopSignal: undefined,
    user: undefined,
    annotations: {},
    ...options,
  };
}

interface Case {
  readonly spec?: object;
  readonly sandboxes?: ObservedSandbox[];
  readonly containers?: ObservedContainer[];
  readonly backoff?: Record<string, BackoffEntry>;
  readonly waits?: Record<string, Wait>;
  readonly hashes?: boolean;
  readonly health?: Record<string, ContainerHealth>;
  readonly failure?: PodFailure;
  readonly replaced?: readonly string[];
  /** Requested cpu of what runs. */
  readonly actuated?: Record<string, string>;
  readonly groups?: Record<string, Allocation>;
  readonly resizeAt?: number;
}

function plan(input: Case): Plan {
  const { pod, containerHashes } = decoded("p", input.spec);
  const observation: Observation = { sandboxes: input.sandboxes ?? [sandbox()], containers: input.containers ?? [] };
  return planPod({
    pod,
    containerHashes: input.hashes === true ? containerHashes : new Map(),
    observation,
    backoff: new Map(Object.entries(input.backoff ?? {})),
    waits: new Map(Object.entries(input.waits ?? {})),
    health: new Map(Object.entries(input.health ?? {})),
    failure: input.failure,
    replaced: new Set(input.replaced),
    actuated: new Map(Object.entries(input.actuated ?? {}).map(([id, cpu]) => [id, { requests: { cpu } }])),
    groups: new Map(Object.entries(input.groups ?? {})),
    resizeAt: input.resizeAt,
    now: NOW,
  });
}

function show(step: Step): string {
  switch (step.kind) {
    case "create-sandbox":
      return `create-sandbox ${step.attempt}`;
    case "start-container":
      return `start ${step.name} ${step.attempt}`;
    case "resize-container":
      return `resize ${step.id}`;
    case "resize-pod":
      return `resize the pod ${step.when}`;
    case "stop-all":
      return `stop ${step.ids.join(" ")}`;
    case "stop-container":
    case "remove-container":
      return `${step.kind.split("-")[0]} ${step.id}`;
    case "stop-sandbox":
    case "remove-sandbox":
      return `${step.kind} ${step.id}`;
  }
}

const two = {
  containers: [
    { name: "a", image: "i:1" },
    { name: "b", image: "i:1" },
  ],
};
const withInit = { initContainers: [{ name: "i", image: "i:1" }] };
const sidecar = { initContainers: [{ name: "s", image: "i:1", restartPolicy: "Always" }] };
const fail = { exitCode: 1 };
const sized = (restartPolicy = "NotRequired"): object => ({
  containers: [
    {
      name: "main",
      image: "i:1",
      resources: { requests: { cpu: "2" } },
      resizePolicy: [{ resourceName: "cpu", restartPolicy }],
    },
  ],
});

const cases: Record<string, [input: Case, steps: string[], finished?: boolean]> = {
  "nothing is there": [{ sandboxes: [] }, ["create-sandbox 0", "start main 0"]],
  "two containers": [{ sandboxes: [], spec: two }, ["create-sandbox 0", "start a 0", "start b 0"]],
  "stopped for another to follow, of a pod with one life": [
    { spec: { restartPolicy: "Never" }, containers: [container("main", "exited")], replaced: ["main-0"] },
    ["start main 1"],
  ],
  "another size": [
    { spec: sized(), containers: [container("main", "running")], actuated: { "main-0": "1" } },
    ["resize the pod before", "resize main-0", "resize the pod after"],
  ],
  "another size of an init container": [
    {
      spec: { initContainers: [{ name: "i", image: "i:1", resources: { requests: { cpu: "2" } } }] },
      containers: [container("i", "running")],
      actuated: { "i-0": "1" },
    },
    ["resize the pod before", "resize i-0", "resize the pod after"],
  ],
  "the same size": [{ spec: sized(), containers: [container("main", "running")], actuated: { "main-0": "2" } }, []],
  "another size that was refused": [
    { spec: sized(), containers: [container("main", "running")], actuated: { "main-0": "1" }, resizeAt: NOW + 1 },
    [],
  ],
  "another size that it has to be started with": [
    { spec: sized("RestartContainer"), containers: [container("main", "running")], actuated: { "main-0": "1" } },
    ["resize the pod before", "stop main-0", "start main 1", "resize the pod after"],
  ],
  "another size of a pod as a whole": [
    {
      spec: { resources: { requests: { cpu: "2" } } },
      containers: [container("main", "running")],
      groups: { s0: { pod: { requests: { cpu: "1" } }, containers: { main: {} } } },
    },
    ["resize the pod before", "resize the pod after"],
  ],
  "another size of a container that is to be started": [
    {
      spec: sized(),
      containers: [container("main", "exited", fail)],
      groups: { s0: { containers: { main: { requests: { cpu: "1" } } } } },
    },
    ["resize the pod before", "start main 1", "resize the pod after"],
  ],
  "another size of a pod whose group was refused it": [
    {
      spec: sized(),
      containers: [container("main", "exited", fail)],
      groups: { s0: { containers: { main: { requests: { cpu: "1" } } } } },
      resizeAt: NOW + 1,
    },
    ["start main 1"],
  ],
  "an init container comes alone": [
    { sandboxes: [], spec: { ...two, ...withInit } },
    ["create-sandbox 0", "start i 0"],
  ],
  "an init container runs": [{ spec: withInit, containers: [container("i", "running")] }, []],
  "an init container is done": [{ spec: withInit, containers: [container("i", "exited")] }, ["start main 0"]],
  "an init container failed": [{ spec: withInit, containers: [container("i", "exited", fail)] }, ["start i 1"]],
  "an init container failed for good": [
    { spec: { ...withInit, restartPolicy: "Never" }, containers: [container("i", "exited", fail)] },
    ["stop-sandbox s0"],
    true,
  ],
  "a sidecar starts before the main container": [{ spec: sidecar }, ["start s 0"]],
  "a sidecar runs": [{ spec: sidecar, containers: [container("s", "running")] }, ["start main 0"]],
  "a sidecar ended beside a running container": [
    { spec: sidecar, containers: [container("s", "exited", fail), container("main", "running")] },
    ["start s 1"],
  ],
  "main containers are done, the sidecar ends": [
    {
      spec: { ...sidecar, restartPolicy: "Never" },
      containers: [container("s", "running"), container("main", "exited")],
    },
    ["stop s-0", "stop-sandbox s0"],
    true,
  ],
  "all run": [{ spec: two, containers: [container("a", "running"), container("b", "running")] }, []],
  "one ended": [{ spec: two, containers: [container("a", "running"), container("b", "exited", fail)] }, ["start b 1"]],
  "one ended, OnFailure": [
    { spec: { ...two, restartPolicy: "OnFailure" }, containers: [container("a", "running"), container("b", "exited")] },
    [],
  ],
  "all ended, OnFailure, one failed": [
    {
      spec: { ...two, restartPolicy: "OnFailure" },
      containers: [container("a", "exited"), container("b", "exited", fail)],
    },
    ["start b 1"],
  ],
  "all ended, Never": [
    { spec: { restartPolicy: "Never" }, containers: [container("main", "exited", fail)] },
    ["stop-sandbox s0"],
    true,
  ],
  "over, its sandbox stopped": [
    {
      spec: { restartPolicy: "Never" },
      sandboxes: [sandbox({ ready: false })],
      containers: [container("main", "exited")],
    },
    [],
    true,
  ],
  "the sandbox is lost": [
    { sandboxes: [sandbox({ ready: false })], containers: [container("main", "exited", { exitCode: 137 })] },
    ["create-sandbox 1", "start main 1"],
  ],
  "the sandbox is lost, a container lives": [
    { sandboxes: [sandbox({ ready: false })], containers: [container("main", "running")] },
    ["stop main-0", "create-sandbox 1", "start main 1"],
  ],
  "the sandbox is lost, Never": [
    {
      spec: { restartPolicy: "Never" },
      sandboxes: [sandbox({ ready: false })],
      containers: [container("main", "exited", fail)],
    },
    [],
    true,
  ],
  "the sandbox is lost while the init container ran": [
    {
      spec: { ...withInit, restartPolicy: "Never" },
      sandboxes: [sandbox({ ready: false })],
      containers: [container("i", "exited")],
    },
    ["create-sandbox 1", "start i 1"],
  ],
  "the network is another": [
    { spec: { hostNetwork: true }, containers: [container("main", "running")] },
    ["stop main-0", "stop-sandbox s0", "create-sandbox 1", "start main 1"],
  ],
  "made but not started": [
    { containers: [container("main", "created", { attempt: 2 })] },
    ["remove main-2", "start main 2"],
  ],
  "state unknown": [{ containers: [container("main", "unknown")] }, ["stop main-0", "start main 1"]],
  "another specification": [
    { hashes: true, containers: [container("main", "running", { hash: "0123456789abcdef" })] },
    ["stop main-0", "start main 1"],
  ],
  "made by another agent": [{ hashes: true, containers: [container("main", "running")] }, []],
  "a container that is no longer in the pod": [
    { containers: [container("main", "running"), container("old", "running")] },
    ["stop old-0", "remove old-0"],
  ],
  "old instances go, two stay": [
    {
      containers: [
        container("main", "running", { attempt: 4 }),
        container("main", "exited", { attempt: 3 }),
        container("main", "exited", { attempt: 2 }),
        container("main", "exited", { attempt: 1 }),
      ],
    },
    ["remove main-1"],
  ],
  "an old sandbox goes with its last container": [
    {
      sandboxes: [sandbox({ id: "s1", attempt: 1 }), sandbox({ ready: false })],
      containers: [container("main", "running", { sandboxId: "s1" })],
    },
    ["remove-sandbox s0"],
  ],
  "an old sandbox stays while it has a container": [
    {
      sandboxes: [sandbox({ id: "s1", attempt: 1 }), sandbox({ ready: false })],
      containers: [container("main", "running", { sandboxId: "s1", attempt: 1 }), container("main", "exited")],
    },
    [],
  ],
};

const probed = { containers: [{ name: "main", image: "i:1", livenessProbe: { exec: { command: ["p"] } } }] };
const healthy = { started: true, ready: true, failed: undefined };
const gated = {
  initContainers: [
    { name: "s", image: "i:1", restartPolicy: "Always", startupProbe: { exec: { command: ["p"] } } },
    { name: "i", image: "i:1" },
  ],
};
const rules = (policy: string, action: string, operator = "In"): object => ({
  restartPolicy: "Never",
  initContainers: [{ name: "i", image: "i:1" }],
  containers: [
    {
      name: "a",
      image: "i:1",
      restartPolicy: policy,
      restartPolicyRules: [{ action, exitCodes: { operator, values: [42] } }],
    },
    { name: "b", image: "i:1" },
  ],
});

Object.assign(cases, {
  "a liveness probe failed": [
    {
      spec: probed,
      containers: [container("main", "running")],
      health: { "main-0": { ...healthy, failed: "liveness" } },
    },
    ["stop main-0", "start main 1"],
  ],
  "a liveness probe failed again, in back-off": [
    {
      spec: probed,
      containers: [container("main", "running", { attempt: 1 }), container("main", "exited")],
      backoff: { main: { delayMs: 10_000, at: NOW - 4_000 } },
      health: { "main-1": { ...healthy, failed: "liveness" } },
    },
    ["stop main-1"],
  ],
  "a liveness probe failed, Never": [
    {
      spec: { ...probed, restartPolicy: "Never" },
      containers: [container("main", "running")],
      health: { "main-0": { ...healthy, failed: "liveness" } },
    },
    ["stop main-0"],
  ],
  "a sidecar's startup probe has not passed": [
    { spec: gated, containers: [container("s", "running")], health: { "s-0": { ...healthy, started: false } } },
    [],
  ],
  "a sidecar's probes were not begun": [{ spec: gated, containers: [container("s", "running")] }, []],
  "a sidecar's startup probe passed": [
    { spec: gated, containers: [container("s", "running")], health: { "s-0": healthy } },
    ["start i 0"],
  ],
  "a sidecar's startup probe failed": [
    {
      spec: gated,
      containers: [container("s", "running")],
      health: { "s-0": { ...healthy, started: false, failed: "startup" } },
    },
    ["stop s-0", "start s 1"],
  ],
  "a sidecar ended before the others began": [
    { spec: gated, containers: [container("s", "exited", fail)] },
    ["start s 1"],
  ],
  "a sidecar that is not ready does not hold main containers that began": [
    {
      spec: gated,
      containers: [
        container("s", "running", { attempt: 1 }),
        container("i", "exited"),
        container("main", "exited", fail),
      ],
    },
    ["start main 1"],
  ],
  "a rule restarts a container of a pod that never restarts": [
    {
      spec: rules("Never", "Restart"),
      containers: [container("i", "exited"), container("a", "exited", { exitCode: 42 }), container("b", "running")],
    },
    ["start a 1"],
  ],
  "a rule that is not met": [
    {
      spec: rules("Never", "Restart"),
      containers: [container("i", "exited"), container("a", "exited", fail), container("b", "running")],
    },
    [],
  ],
  "a rule of other exit codes": [
    {
      spec: rules("Never", "Restart", "NotIn"),
      containers: [container("i", "exited"), container("a", "exited", fail), container("b", "running")],
    },
    ["start a 1"],
  ],
  "a container's own policy": [
    {
      spec: rules("OnFailure", "Restart"),
      containers: [container("i", "exited"), container("a", "exited", fail), container("b", "exited", fail)],
    },
    ["start a 1"],
  ],
  "all containers are to run anew: those that run end first": [
    {
      spec: rules("Never", "RestartAllContainers"),
      containers: [container("i", "exited"), container("a", "exited", { exitCode: 42 }), container("b", "running")],
    },
    ["stop b-0"],
  ],
  "all containers are to run anew: init containers come first": [
    {
      spec: rules("Never", "RestartAllContainers"),
      containers: [
        container("i", "exited", { finishedAt: NOW - 3_000 }),
        container("a", "exited", { exitCode: 42 }),
        container("b", "exited", { exitCode: 143 }),
      ],
    },
    ["start i 1"],
  ],
  "all containers are to run anew: then the main ones": [
    {
      spec: rules("Never", "RestartAllContainers"),
      containers: [
        container("i", "exited", { attempt: 1, createdAt: NOW - 500, finishedAt: NOW - 100 }),
        container("i", "exited"),
        container("a", "exited", { exitCode: 42 }),
        container("b", "exited", { exitCode: 143 }),
      ],
    },
    ["start a 1", "start b 1"],
  ],
  "all containers ran anew, and are done": [
    {
      spec: rules("Never", "RestartAllContainers"),
      containers: [
        container("i", "exited", { attempt: 1, createdAt: NOW - 500, finishedAt: NOW - 100 }),
        container("a", "exited", { attempt: 1, createdAt: NOW - 90 }),
        container("b", "exited", { attempt: 1, createdAt: NOW - 90 }),
        container("a", "exited", { exitCode: 42 }),
        container("b", "exited", { exitCode: 143 }),
      ],
    },
    ["stop-sandbox s0"],
    true,
  ],
  "an init container that is not to be restarted failed": [
    {
      spec: { initContainers: [{ name: "i", image: "i:1", restartPolicy: "Never" }] },
      containers: [container("i", "exited", fail)],
    },
    ["stop-sandbox s0"],
    true,
  ],
  "the pod failed": [
    {
      spec: sidecar,
      containers: [container("s", "running"), container("main", "running")],
      failure: { reason: "DeadlineExceeded", message: "late" },
    },
    ["stop s-0 main-0", "stop-sandbox s0"],
    true,
  ],
  "the pod failed before it had a sandbox": [
    { sandboxes: [], failure: { reason: "NodePorts", message: "taken" } },
    [],
    true,
  ],
} satisfies typeof cases);

test("steps", async (t) => {
  for (const [name, [input, steps, finished = false]] of Object.entries(cases)) {
    const result = plan(input);
    t.strictSame(result.steps.map(show), steps, name);
    t.equal(result.finished, finished, name);
    t.strictSame(plan(input), result, "the same input gives the same plan");
  }
});

test("what an unhealthy container is told", async (t) => {
  const spec = {
    containers: [
      {
        name: "main",
        image: "i:1",
        livenessProbe: { exec: { command: ["p"] }, terminationGracePeriodSeconds: 3 },
        startupProbe: { exec: { command: ["p"] } },
      },
    ],
  };
  const containers = [container("main", "running")];
  t.match(plan({ spec, containers, health: { "main-0": { ...healthy, failed: "liveness" } } }).steps[0], {
    message: "Container main failed liveness probe, will be restarted",
    graceSeconds: 3,
  });
  t.match(plan({ spec, containers, health: { "main-0": { ...healthy, failed: "startup" } } }).steps[0], {
    message: "Container main failed startup probe, will be restarted",
    graceSeconds: undefined,
  });
});

test("an instance that is stopped for another to follow is told apart from one that ends for good", async (t) => {
  const spec = { containers: [{ name: "main", image: "i:1", livenessProbe: { exec: { command: ["p"] } } }] };
  const containers = [container("main", "running")];
  const health = { "main-0": { ...healthy, failed: "liveness" as const } };
  t.match(plan({ spec, containers, health }).steps[0], { kind: "stop-container", replaced: true });
  const once = { ...spec, restartPolicy: "Never" };
  t.match(plan({ spec: once, containers, health }).steps[0], { kind: "stop-container", replaced: false });
});

test("back-off is waited out and then raised", async (t) => {
  const containers = [container("main", "exited", { ...fail, attempt: 3 })];
  const backoff = { main: { delayMs: 40_000, at: NOW - 4_000 } };
  const result = plan({ containers, backoff });
  t.strictSame(result.steps, []);
  t.equal(result.wakeAt, NOW - 1_000 + 40_000);
  t.equal(result.waits.get("main")?.reason, "CrashLoopBackOff");
  t.match(result.waits.get("main")?.message, /^back-off 40s restarting failed container=main pod=p_default\(/);

  const later = plan({
    containers: [container("main", "exited", { ...fail, attempt: 3, finishedAt: NOW - 41_000 })],
    backoff,
  });
  t.match(later.steps, [{ kind: "start-container", attempt: 4, backoff: { delayMs: 80_000, at: NOW } }]);
});

test("a failure is waited out", async (t) => {
  const wait = { reason: "ErrImagePull", message: "no", until: NOW + 5_000 };
  const held = plan({ waits: { main: wait } });
  t.strictSame(held.steps, []);
  t.equal(held.wakeAt, wait.until);
  t.strictSame(held.waits.get("main"), wait);
  t.strictSame(plan({ waits: { main: { ...wait, until: NOW } } }).steps.map(show), ["start main 0"]);
});

test("a group that was refused its size is looked at again", async (t) => {
  const main = container("main", "running");
  const groups = { s0: { pod: { requests: { cpu: "1" } }, containers: { main: {} } } };
  const spec = { resources: { requests: { cpu: "2" } } };
  const waiting = plan({ spec, containers: [main], groups, resizeAt: NOW + 10_000 });
  t.strictSame(waiting.steps, []);
  t.equal(waiting.wakeAt, NOW + 10_000);
});

test("delays", async (t) => {
  let entry: BackoffEntry | undefined;
  const delays: number[] = [];
  for (let index = 0; index < 7; index++) {
    entry = raiseBackoff(entry, NOW, NOW);
    delays.push(entry.delayMs / 1000);
  }
  t.strictSame(delays, [10, 20, 40, 80, 160, 300, 300]);
  t.equal(backoffUntil(undefined, NOW, NOW), undefined);
  t.equal(backoffUntil({ delayMs: 10_000, at: NOW }, NOW, NOW), NOW + 10_000);
  t.equal(backoffUntil({ delayMs: 10_000, at: NOW }, NOW, NOW + 10_000), undefined);
  t.equal(
    backoffUntil({ delayMs: 300_000, at: NOW }, NOW + 600_001, NOW + 600_001),
    undefined,
    "ten minutes of running",
  );
  t.strictSame(raiseBackoff({ delayMs: 300_000, at: NOW }, NOW + 600_001, NOW + 600_002), {
    delayMs: 10_000,
    at: NOW + 600_002,
  });
  t.equal(raiseBackoff({ delayMs: 40_000, at: NOW }, NOW, NOW, 60_000).delayMs, 60_000);
  t.equal(restoreBackoff(0, NOW), undefined);
  t.strictSame(restoreBackoff(3, NOW), { delayMs: 40_000, at: NOW });
  t.equal(restoreBackoff(1_000_000, NOW)?.delayMs, 300_000);
});
