import type { V1ContainerStatus } from "@kubernetes/client-node";
import t from "tap";

import type { PodEvent, PodView } from "../../../agent/pods/manager.ts";
import { whyNot, type Why } from "../../../agent/pods/why.ts";

interface Case {
  readonly view?: Partial<PodView>;
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly inits?: readonly Partial<V1ContainerStatus>[];
  readonly containers?: readonly Partial<V1ContainerStatus>[];
  readonly events?: readonly (Partial<PodEvent> & { reason: string })[];
  readonly logs?: readonly string[];
}

function status(partial: Partial<V1ContainerStatus>): V1ContainerStatus {
  return {
    name: "app",
    image: "img",
    imageID: "",
    ready: false,
    restartCount: 0,
    containerID: "nodelet://1",
    ...partial,
  };
}

function why({
  view,
  phase = "Pending",
  reason,
  message,
  inits = [],
  containers = [],
  events = [],
  logs = [],
}: Case): Why {
  return whyNot({
    view: {
      pod: {
        metadata: { name: "web", namespace: "default" },
        spec: {
          initContainers: inits.map(({ name = "init" }) => ({ name, image: "img:1" })),
          containers: [{ name: "app", image: "img:1", resources: { limits: { memory: "64Mi" } } }],
        },
        status: {
          phase,
          ...(reason === undefined ? {} : { reason }),
          ...(message === undefined ? {} : { message }),
          initContainerStatuses: inits.map((init) => status({ name: "init", ...init })),
          containerStatuses: containers.map(status),
        },
      },
      source: "file",
      origin: "/etc/manifests/web.yaml",
      problem: undefined,
      deleting: false,
      ...view,
    },
    events: events.map((event, sequence) => ({
      sequence,
      time: 0,
      type: "Warning",
      message: "",
      pod: "default/web",
      container: "app",
      count: 1,
      ...event,
    })),
    logTail: () => logs,
  });
}

const waiting = (reason: string, message?: string, more: Partial<V1ContainerStatus> = {}) => ({
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
  ...more,
});
const ended = (exitCode: number, reason: string, more: object = {}) => ({ terminated: { exitCode, reason, ...more } });

const CASES: Readonly<Record<string, [Case, chain: RegExp, next: RegExp]>> = {
  "image never pulled": [
    { containers: [waiting("ErrImageNeverPull")] },
    /waits: ErrImageNeverPull.*img:1 is not on this node/,
    /nodelet pull img:1/,
  ],
  "image that cannot be pulled": [
    {
      containers: [waiting("ImagePullBackOff", "Back-off pulling image")],
      events: [{ reason: "Failed", message: "Failed to pull image: 404" }],
    },
    /ImagePullBackOff.*cannot be pulled.*404/,
    /check the name and the registry/,
  ],
  "image name": [{ containers: [waiting("InvalidImageName")] }, /no name of an image/, /correct the container's image/],
  "no such program": [
    {
      containers: [{ state: ended(128, "StartError", { message: "exec /nope: ENOENT" }), restartCount: 2 }],
      phase: "Failed",
    },
    /cannot be started, after 2 restarts.*no such program.*ENOENT/,
    /correct command/,
  ],
  "not executable": [
    {
      containers: [
        waiting("CrashLoopBackOff", "", { lastState: ended(128, "StartError", { message: "exec /x: EACCES" }) }),
      ],
    },
    /CrashLoopBackOff.*cannot be executed.*EACCES/,
    /executable/,
  ],
  configuration: [
    {
      containers: [waiting("CreateContainerConfigError", 'configmap "c" not found', { containerID: "" })],
    },
    /configmap "c" not found.*refers to is not there/,
    /ConfigMap or Secret/,
  ],
  "crash loop": [
    {
      containers: [waiting("CrashLoopBackOff", "back-off 10s", { lastState: ended(3, "Error"), restartCount: 4 })],
      logs: ["connecting", "fatal: no database"],
      phase: "Running",
    },
    /CrashLoopBackOff.*exit code 3, after 4 restarts.*fatal: no database/,
    /logs --previous web -c app/,
  ],
  "crash loop of a shell": [
    { containers: [waiting("CrashLoopBackOff", "", { lastState: ended(127, "Error") })], logs: ["sh: foo: not found"] },
    /exit code 127.*no such command.*foo: not found/,
    /logs/,
  ],
  "a loop of successes": [
    { containers: [waiting("CrashLoopBackOff", "", { lastState: ended(0, "Completed") })] },
    /end with success/,
    /restartPolicy/,
  ],
  "out of memory": [
    { containers: [waiting("CrashLoopBackOff", "", { lastState: ended(137, "OOMKilled") })] },
    /exit code 137.*more memory than its limit.*64Mi/,
    /limits\.memory/,
  ],
  liveness: [
    {
      containers: [waiting("CrashLoopBackOff", "", { lastState: ended(137, "Error") })],
      events: [{ reason: "Unhealthy", message: "Liveness probe failed: HTTP 500" }, { reason: "Killing" }],
    },
    /its probe failed.*HTTP 500/,
    /startupProbe/,
  ],
  "liveness of a program that ends well when it is told to": [
    {
      containers: [waiting("CrashLoopBackOff", "", { lastState: ended(0, "Completed") })],
      events: [
        { reason: "Started", type: "Normal" },
        { reason: "Unhealthy", message: "Liveness probe failed: HTTP 500" },
        { reason: "Killing", message: "Container app failed liveness probe, will be restarted" },
      ],
    },
    /exit code 0.*its probe failed.*HTTP 500/,
    /startupProbe/,
  ],
  "a crash after an end by a probe": [
    {
      containers: [waiting("CrashLoopBackOff", "", { lastState: ended(1, "Error") })],
      events: [
        { reason: "Unhealthy", message: "Liveness probe failed: HTTP 500" },
        { reason: "Killing", message: "Container app failed liveness probe, will be restarted" },
        { reason: "Started", type: "Normal" },
      ],
      logs: ["no database"],
    },
    /exit code 1.*no database/,
    /logs --previous/,
  ],
  readiness: [
    {
      phase: "Running",
      containers: [{ state: { running: {} }, started: true }],
      events: [{ reason: "Unhealthy", message: "Readiness probe failed: refused" }],
    },
    /runs and is not ready.*readiness probe fails.*refused/,
    /answers/,
  ],
  "startup probe not there yet": [
    { phase: "Running", containers: [{ state: { running: {} }, started: false }] },
    /startup probe has not succeeded yet/,
    /moment/,
  ],
  "init container that fails": [
    {
      inits: [waiting("CrashLoopBackOff", "", { lastState: ended(1, "Error") })],
      containers: [waiting("PodInitializing")],
      logs: ["no"],
    },
    /init container init has to end before.*exit code 1.*no/,
    /logs/,
  ],
  "init container that runs on": [
    { inits: [{ state: { running: {} } }], containers: [waiting("PodInitializing")], logs: ["waiting for db"] },
    /still runs.*waiting for db/,
    /logs web -c init/,
  ],
  volume: [
    {
      containers: [waiting("ContainerCreating", undefined, { containerID: "" })],
      events: [{ reason: "FailedMount", message: 'volume "v": /nothing is not there', container: undefined }],
    },
    /volume cannot be made ready.*\/nothing/,
    /make what the volume names/,
  ],
  "device plugin": [
    {
      containers: [waiting("ContainerCreating", undefined, { containerID: "" })],
      events: [{ reason: "FailedSync", message: "the device plugin of example.com/x has not told its devices" }],
    },
    /waits for a device plugin.*example.com\/x/,
    /whether the plugin runs/,
  ],
  devices: [
    { phase: "Failed", reason: "UnexpectedAdmissionError", message: "Requested: 2, Available: 1" },
    /not given the devices.*/,
    /end a pod that has them/,
  ],
  "port taken": [
    {
      containers: [waiting("ContainerCreating", undefined, { containerID: "" })],
      events: [{ reason: "FailedCreatePodSandBox", message: "port 80/TCP of the host is taken by default/other" }],
    },
    /port of the host is taken.*default\/other/,
    /hostPort/,
  ],
  network: [
    {
      containers: [waiting("ContainerCreating", undefined, { containerID: "" })],
      events: [{ reason: "FailedCreatePodSandBox", message: "no CNI configuration" }],
    },
    /network cannot be made.*no CNI/,
    /doctor/,
  ],
  "port of another pod": [
    { phase: "Failed", reason: "NodePorts", message: "Pod was rejected: 80/TCP is used by default/other" },
    /is Failed NodePorts: .*default\/other.*belongs to another pod/,
    /another hostPort/,
  ],
  "a user that may not be": [
    { containers: [waiting("CreateContainerConfigError", "image will run as root", { containerID: "" })] },
    /run as root.*cannot be carried out/,
    /correct what the message names/,
  ],
  "rejected edit": [
    {
      phase: "Running",
      containers: [{ state: { running: {} }, ready: true }],
      view: { problem: "web.yaml:3: spec.contaners: unknown field" },
    },
    /newest manifest is rejected.*unknown field/,
    /correct \/etc\/manifests\/web\.yaml/,
  ],
  "being ended": [
    { view: { deleting: true }, containers: [{ state: { running: {} } }] },
    /being ended.*waits for app to end/,
    /grace period/,
  ],
  failed: [
    { phase: "Failed", containers: [{ state: ended(2, "Error") }], logs: ["bye"] },
    /is Failed.*exit code 2.*bye/,
    /logs/,
  ],
};

for (const [name, [input, chain, next]] of Object.entries(CASES)) {
  t.test(name, async (t) => {
    const found = why(input);
    t.equal(found.well, false);
    t.match(found.chain.map(({ says, evidence }) => [says, ...evidence].join(" ")).join(" -> "), chain);
    t.match(found.next, next);
  });
}

t.test("nothing wrong", async (t) => {
  t.match(why({ phase: "Running", containers: [{ state: { running: {} }, ready: true }] }), { well: true });
  t.match(why({ phase: "Succeeded", containers: [{ state: ended(0, "Completed") }] }), { well: true, next: "" });
});
