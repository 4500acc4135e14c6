// A pod's status as kubelet computes it. Pure.

import type {
  V1Container,
  V1ContainerState,
  V1ContainerStatus,
  V1PodCondition,
  V1PodStatus,
} from "@kubernetes/client-node";

import { usableSandbox } from "./planner.ts";
import type { Wait } from "./planner.ts";
import type { Observation, ObservedContainer } from "./observation.ts";
import { qosClass } from "./qos.ts";
import type { DecodedPod } from "./schema/decode.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface StatusInput {
  readonly pod: DecodedPod;
  readonly observation: Observation;
  /** Why a container does not run now, by container. */
  readonly waits: ReadonlyMap<string, Wait>;
  /** What ended containers left at terminationMessagePath, by container id. */
  readonly messages: ReadonlyMap<string, string>;
  readonly hostIPs: readonly string[];
  readonly startTime: number;
  readonly now: number;
  readonly previous: V1PodStatus | undefined;
  /** The runtime's name, which a container id begins with. */
  readonly runtimeName: string;
}

/** As core/v1 has it: `containerd://ID` and the like. */
function containerId(runtimeName: string, id: string): string {
  return `${runtimeName}://${id}`;
}

/** Times of the API have whole seconds. */
function toDate(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}

export function computeStatus(input: StatusInput): V1PodStatus {
  const { pod, observation } = input;
  const inits = pod.spec.initContainers ?? [];
  const mains = pod.spec.containers;
  const initStatuses = inits.map((container) => containerStatus(container, input, inits, true));
  const initialized = initStatuses.every((status, index) => initDone(inits[index], status));
  const mainStatuses = mains.map((container) => containerStatus(container, input, inits, initialized));
  const phase = computePhase(pod, initStatuses, mainStatuses);
  // A pod that is over has no container that could be ready.
  const over = phase === "Succeeded" || phase === "Failed";
  if (over)
    for (const status of [...initStatuses, ...mainStatuses])
      if (status.state?.running === undefined) status.started = false;

  const sandbox = observation.sandboxes[0];
  const podIPs = pod.spec.hostNetwork === true ? (sandbox === undefined ? [] : input.hostIPs) : (sandbox?.ips ?? []);
  const [hostIP] = input.hostIPs;
  return {
    phase,
    conditions: conditions(input, phase, initStatuses, mainStatuses),
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: input.hostIPs.map((ip) => ({ ip })) }),
    ...(podIPs[0] === undefined ? {} : { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) }),
    startTime: toDate(input.startTime),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: mainStatuses,
    qosClass: qosClass(pod),
  };
}

function containerStatus(
  container: V1Container,
  input: StatusInput,
  inits: readonly V1Container[],
  initialized: boolean,
): V1ContainerStatus {
  const instances = input.observation.containers.filter((item) => item.name === container.name);
  const newest = instances[0];
  const wait = input.waits.get(container.name);
  const isInit = inits.includes(container);
  const sidecar = isInit && container.restartPolicy === "Always";

  let state: V1ContainerState;
  let last: ObservedContainer | undefined = instances[1];
  if (newest === undefined || newest.state === "created" || newest.state === "unknown") {
    const reason =
      isInit || inits.length > 0
        ? isInit
          ? "PodInitializing"
          : initialized
            ? "ContainerCreating"
            : "PodInitializing"
        : "ContainerCreating";
    state = { waiting: wait === undefined ? { reason } : { reason: wait.reason, message: wait.message } };
  } else if (newest.state === "running") {
    state = { running: { startedAt: toDate(newest.startedAt) } };
  } else if (wait !== undefined) {
    state = { waiting: { reason: wait.reason, message: wait.message } };
    last = newest;
  } else {
    state = { terminated: terminated(newest, input) };
  }

  const running = state.running !== undefined;
  const ready = isInit && !sidecar ? state.terminated?.exitCode === 0 : running;
  const user = newest?.user;
  return {
    name: container.name,
    state,
    lastState: last?.state === "exited" ? { terminated: terminated(last, input) } : {},
    ready,
    started: running,
    restartCount: newest?.attempt ?? 0,
    image: newest === undefined || newest.image === "" ? (container.image ?? "") : newest.image,
    imageID: newest?.imageId ?? "",
    ...(newest === undefined ? {} : { containerID: containerId(input.runtimeName, newest.id) }),
    ...(user === undefined || !running
      ? {}
      : { user: { linux: { uid: user.uid, gid: user.gid, supplementalGroups: [...user.supplementalGroups] } } }),
  };
}

function terminated(container: ObservedContainer, input: StatusInput): NonNullable<V1ContainerState["terminated"]> {
  const message = input.messages.get(container.id) || container.message;
  return {
    exitCode: container.exitCode,
    reason: container.reason || (container.exitCode === 0 ? "Completed" : "Error"),
    ...(message === "" ? {} : { message }),
    ...(container.startedAt === 0 ? {} : { startedAt: toDate(container.startedAt) }),
    finishedAt: toDate(container.finishedAt),
    containerID: containerId(input.runtimeName, container.id),
  };
}

function initDone(container: V1Container | undefined, status: V1ContainerStatus): boolean {
  if (container?.restartPolicy === "Always") return status.state?.running !== undefined;
  return status.state?.terminated?.exitCode === 0;
}

export function computePhase(
  pod: DecodedPod,
  initStatuses: readonly V1ContainerStatus[],
  mainStatuses: readonly V1ContainerStatus[],
): Phase {
  const policy = pod.spec.restartPolicy;
  const mainBegun = mainStatuses.some((status) => (status.containerID ?? "") !== "");
  let pendingInit = false;
  let failedInit = false;
  for (const [index, status] of initStatuses.entries()) {
    const sidecar = pod.spec.initContainers?.[index]?.restartPolicy === "Always";
    if (sidecar) {
      if (!mainBegun && status.state?.running === undefined) pendingInit = true;
    } else if (status.state?.terminated !== undefined) {
      if (status.state.terminated.exitCode !== 0) failedInit = true;
    } else if (!mainBegun) {
      if ((status.lastState?.terminated?.exitCode ?? 0) !== 0) failedInit = true;
      else pendingInit = true;
    }
  }
  let running = 0;
  let waiting = 0;
  let stopped = 0;
  let succeeded = 0;
  for (const { state, lastState } of mainStatuses) {
    if (state?.running !== undefined) running++;
    else if (state?.terminated !== undefined) {
      stopped++;
      if (state.terminated.exitCode === 0) succeeded++;
    } else if (lastState?.terminated !== undefined) stopped++;
    else waiting++;
  }
  if (failedInit && policy === "Never") return "Failed";
  if (pendingInit || waiting > 0) return "Pending";
  if (running > 0) return "Running";
  if (stopped === 0) return "Pending";
  if (policy === "Always") return "Running";
  if (stopped === succeeded) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

function conditions(
  input: StatusInput,
  phase: Phase,
  initStatuses: readonly V1ContainerStatus[],
  mainStatuses: readonly V1ContainerStatus[],
): V1PodCondition[] {
  const { pod, observation } = input;
  const inits = pod.spec.initContainers ?? [];
  const notInitialized = initStatuses
    .filter((status, index) => !initDone(inits[index], status))
    .map((status) => status.name);
  const sidecarsUnready = initStatuses.filter(
    (status, index) => inits[index]?.restartPolicy === "Always" && !status.ready,
  );
  const unready = [...sidecarsUnready, ...mainStatuses.filter((status) => !status.ready)].map((status) => status.name);
  const mainBegun = mainStatuses.some((status) => (status.containerID ?? "") !== "");

  type Verdict = Pick<V1PodCondition, "reason" | "message"> & { holds: boolean };
  const over: Verdict | undefined =
    phase === "Succeeded"
      ? { holds: false, reason: "PodCompleted" }
      : phase === "Failed"
        ? { holds: false, reason: "PodFailed" }
        : undefined;
  const initialized: Verdict =
    phase === "Succeeded"
      ? { holds: true, reason: "PodCompleted" }
      : mainBegun || notInitialized.length === 0
        ? { holds: true }
        : {
            holds: false,
            reason: "ContainersNotInitialized",
            message: `containers with incomplete status: [${notInitialized.join(" ")}]`,
          };
  const ready: Verdict =
    over ??
    (unready.length === 0
      ? { holds: true }
      : {
          holds: false,
          reason: "ContainersNotReady",
          message: `containers with unready status: [${unready.join(" ")}]`,
        });

  const condition = (type: string, { holds, reason, message }: Verdict): V1PodCondition => {
    const status = holds ? "True" : "False";
    const before = input.previous?.conditions?.find((item) => item.type === type);
    return {
      type,
      status,
      lastTransitionTime:
        before?.status === status && before.lastTransitionTime !== undefined
          ? before.lastTransitionTime
          : toDate(input.now),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  };
  return [
    condition("PodReadyToStartContainers", { holds: usableSandbox(pod, observation) !== undefined }),
    condition("Initialized", initialized),
    condition("Ready", ready),
    condition("ContainersReady", ready),
    condition("PodScheduled", { holds: true }),
  ];
}

/** Whether two statuses say the same. */
export function sameStatus(a: V1PodStatus | undefined, b: V1PodStatus): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
