// A pod's status as kubelet computes it. Pure.

import type {
  V1Container,
  V1ContainerState,
  V1ContainerStatus,
  V1PodCondition,
  V1PodStatus,
  V1ResourceRequirements,
  V1ResourceStatus,
} from "@kubernetes/client-node";

import { changed } from "../base/changed.ts";
import { mountStatuses } from "./mounts.ts";
import type { Observation, ObservedContainer } from "./observation.ts";
import { isStarted, lifeBegan, usableSandbox } from "./planner.ts";
import type { PodFailure, Wait } from "./planner.ts";
import { PREEMPTED } from "./preemption.ts";
import type { ContainerHealth } from "./probes/pod-probes.ts";
import { qosClass } from "./qos.ts";
import { groupDiffers, resizeOf } from "./resize.ts";
import type { Allocation, PendingResize } from "./resize.ts";
import { restarts } from "./restart.ts";
import type { DecodedPod } from "./schema/decode.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface StatusInput {
  readonly pod: DecodedPod;
  readonly observation: Observation;
  /** Why a container does not run now, by container. */
  readonly waits: ReadonlyMap<string, Wait>;
  /** What ended containers left at terminationMessagePath, by container id. */
  readonly messages: ReadonlyMap<string, string>;
  /** What probes found, by container id. */
  readonly health: ReadonlyMap<string, ContainerHealth>;
  /** Ids of containers whose postStart hook has not ended: they do not count as running yet. */
  readonly starting: ReadonlySet<string>;
  /** Why the pod failed as a whole. */
  readonly failure: PodFailure | undefined;
  readonly hostIPs: readonly string[];
  readonly startTime: number;
  readonly now: number;
  /** Transition times are taken from here while a condition holds. */
  readonly previous: V1PodStatus | undefined;
  /** The runtime's name, which a container id begins with. */
  readonly runtimeName: string;
  /** The runtime can make mounts recursively read-only. */
  readonly recursiveReadOnly: boolean;
  /** What others say of the pod at the API server: the conditions of its readiness gates. @default nothing */
  readonly conditions?: readonly V1PodCondition[] | undefined;
  /** As the planner has them: what runs has these resources, not those that are allocated. @default none */
  readonly actuated?: ReadonlyMap<string, V1ResourceRequirements> | undefined;
  /** As the planner has them. @default none */
  readonly groups?: ReadonlyMap<string, Allocation> | undefined;
  /** Why the pod is not allocated what it asks for. */
  readonly pendingResize?: PendingResize | undefined;
  /** Why containers do not have what is allocated. */
  readonly resizeError?: string | undefined;
  /** How the devices of a container are. @default it has none */
  readonly devices?: ((container: string) => V1ResourceStatus[]) | undefined;
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
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map((container) =>
    changed(containerStatus(container, input, [], true), { ready: false }),
  );
  const phase = settledPhase(input, initStatuses, mainStatuses);
  const failure = phase === "Failed" ? input.failure : undefined;
  // A pod that is over has no container that could be ready.
  const over = phase === "Succeeded" || phase === "Failed";
  if (over)
    for (const status of [...initStatuses, ...mainStatuses])
      if (status.state?.running === undefined) status.started = false;

  const sandbox = observation.sandboxes[0];
  const podIPs = pod.spec.hostNetwork === true ? (sandbox === undefined ? [] : input.hostIPs) : (sandbox?.ips ?? []);
  const [hostIP] = input.hostIPs;
  const { generation } = pod.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    ...(failure === undefined ? {} : { reason: failure.reason, message: failure.message }),
    conditions: conditions(input, phase, initStatuses, mainStatuses),
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: input.hostIPs.map((ip) => ({ ip })) }),
    ...(podIPs[0] === undefined ? {} : { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) }),
    startTime: toDate(input.startTime),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: mainStatuses,
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    qosClass: qosClass(pod),
    ...podLevel(pod, sandbox?.ready === true ? input.groups?.get(sandbox.id)?.pod : undefined),
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
  if (
    newest === undefined ||
    newest.state === "created" ||
    newest.state === "unknown" ||
    input.starting.has(newest.id)
  ) {
    const initializing = isInit || (inits.length > 0 && !initialized);
    const reason = initializing ? "PodInitializing" : "ContainerCreating";
    state = { waiting: wait === undefined ? { reason } : { reason: wait.reason, message: wait.message } };
  } else if (newest.state === "running") {
    state = { running: { startedAt: toDate(newest.startedAt) } };
  } else if (wait !== undefined) {
    state = { waiting: { reason: wait.reason, message: wait.message } };
    last = newest;
  } else {
    state = { terminated: terminated(newest, input) };
  }

  const running = newest !== undefined && state.running !== undefined;
  const started = running && isStarted(container, newest, input.health);
  const passed = running
    ? (input.health.get(newest.id)?.ready ?? (started && container.readinessProbe === undefined))
    : false;
  const devices = isInit ? [] : (input.devices?.(container.name) ?? []);
  const ready = isInit && !sidecar ? state.terminated?.exitCode === 0 : started && passed;
  return {
    name: container.name,
    state,
    lastState: last?.state === "exited" ? { terminated: terminated(last, input) } : {},
    ready,
    started,
    restartCount: newest?.attempt ?? 0,
    image: newest === undefined || newest.image === "" ? (container.image ?? "") : newest.image,
    imageID: newest?.imageId ?? "",
    ...(newest === undefined ? {} : { containerID: containerId(input.runtimeName, newest.id) }),
    ...(newest === undefined || (container.volumeMounts ?? []).length === 0
      ? {}
      : { volumeMounts: mountStatuses(container, input.recursiveReadOnly) }),
    ...(running ? runningDetails(container, newest, input.actuated?.get(newest.id)) : {}),
    ...(devices.length === 0 ? {} : { allocatedResourcesStatus: devices }),
  };
}

/** Of a pod that says what it needs as a whole. */
function podLevel({ spec }: DecodedPod, actuated: V1ResourceRequirements | undefined): Partial<V1PodStatus> {
  const { resources } = spec;
  if (resources === undefined) return {};
  const { requests, limits } = actuated ?? resources;
  return {
    ...(resources.requests === undefined ? {} : { allocatedResources: resources.requests }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
  };
}

/** What is only told of a container that runs. */
function runningDetails(
  container: V1Container,
  { user, stopSignal }: ObservedContainer,
  actuated: V1ResourceRequirements | undefined,
): Partial<V1ContainerStatus> {
  const { requests, limits } = actuated ?? container.resources ?? {};
  const allocated = container.resources?.requests;
  return {
    ...(allocated === undefined ? {} : { allocatedResources: allocated }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
    ...(user === undefined
      ? {}
      : { user: { linux: { uid: user.uid, gid: user.gid, supplementalGroups: [...user.supplementalGroups] } } }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
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
  if (container?.restartPolicy === "Always") return status.started === true;
  return status.state?.terminated?.exitCode === 0;
}

/** A pod is over when nothing of it runs any more: until then it stays what it was. */
function settledPhase(
  { pod, observation, failure, previous }: StatusInput,
  initStatuses: readonly V1ContainerStatus[],
  mainStatuses: readonly V1ContainerStatus[],
): Phase {
  const phase = failure === undefined ? computePhase(pod, initStatuses, mainStatuses) : "Failed";
  const alive = observation.containers.some(({ state }) => state === "running" || state === "unknown");
  if (!alive || phase === "Pending" || phase === "Running") return phase;
  const before = previous?.phase;
  return before === "Pending" || before === "Succeeded" || before === "Failed" ? before : "Running";
}

export function computePhase(
  pod: DecodedPod,
  initStatuses: readonly V1ContainerStatus[],
  mainStatuses: readonly V1ContainerStatus[],
): Phase {
  const inits = pod.spec.initContainers ?? [];
  const mainBegun = mainStatuses.some((status) => (status.containerID ?? "") !== "");
  let pendingInit = false;
  let failedInit = false;
  for (const [index, status] of initStatuses.entries()) {
    const container = inits[index];
    if (container?.restartPolicy === "Always") {
      if (!mainBegun && status.started !== true) pendingInit = true;
    } else if (status.state?.terminated !== undefined) {
      const { exitCode } = status.state.terminated;
      if (exitCode === 0) continue;
      if (container !== undefined && restarts(container, pod, exitCode)) pendingInit = true;
      else failedInit = true;
    } else if (!mainBegun) {
      pendingInit = true;
    }
  }
  let running = 0;
  let waiting = 0;
  let stopped = 0;
  let succeeded = 0;
  let restarting = 0;
  for (const [index, { state, lastState }] of mainStatuses.entries()) {
    if (state?.running !== undefined) running++;
    else if (state?.terminated !== undefined) {
      stopped++;
      const container = pod.spec.containers[index];
      if (container !== undefined && restarts(container, pod, state.terminated.exitCode)) restarting++;
      if (state.terminated.exitCode === 0) succeeded++;
    } else if (lastState?.terminated !== undefined) stopped++;
    else waiting++;
  }
  if (failedInit) return "Failed";
  if (pendingInit || waiting > 0) return "Pending";
  if (running > 0) return "Running";
  if (stopped === 0) return "Pending";
  // One that is waited for is stopped and in back-off: it will run again.
  if (restarting > 0 || stopped > mainStatuses.filter(({ state }) => state?.terminated !== undefined).length)
    return "Running";
  return stopped === succeeded ? "Succeeded" : "Failed";
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
  const containersReady: Verdict =
    over ??
    (unready.length === 0
      ? { holds: true }
      : {
          holds: false,
          reason: "ContainersNotReady",
          message: `containers with unready status: [${unready.join(" ")}]`,
        });
  const gates = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const said = input.conditions?.find(({ type }) => type === conditionType);
    if (said?.status === "True") return [];
    return [
      said === undefined
        ? `corresponding condition of pod readiness gate "${conditionType}" does not exist.`
        : `the status of pod readiness gate "${conditionType}" is not "True", but ${said.status}`,
    ];
  });
  const ready: Verdict =
    containersReady.holds && gates.length > 0
      ? { holds: false, reason: "ReadinessGatesNotReady", message: gates.join(", ") }
      : containersReady;

  const condition = (type: string, { holds, reason, message }: Verdict): V1PodCondition => {
    const status = holds ? "True" : "False";
    const before = input.previous?.conditions?.find((item) => item.type === type);
    return {
      type,
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      status,
      lastTransitionTime:
        before?.status === status && before.lastTransitionTime !== undefined
          ? before.lastTransitionTime
          : toDate(input.now),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  };
  const disruption = disruptionOf(input.failure);
  return [
    condition("PodReadyToStartContainers", { holds: usableSandbox(pod, observation) !== undefined }),
    condition("Initialized", initialized),
    condition("Ready", ready),
    condition("ContainersReady", containersReady),
    condition("PodScheduled", { holds: true }),
    ...(disruption === undefined || phase !== "Failed"
      ? []
      : [condition("DisruptionTarget", { holds: true, reason: "TerminationByKubelet", message: disruption })]),
    ...resizing(input).map((verdict) => condition(verdict.type, verdict)),
    ...allRestarting(pod, observation).map((holds) => condition("AllContainersRestarting", { holds })),
  ];
}

/** Why the node ended a pod that did nothing wrong; undefined: it did not. */
function disruptionOf(failure: PodFailure | undefined): string | undefined {
  if (failure?.reason === "Evicted") return failure.message;
  return failure?.reason === PREEMPTED.reason
    ? "Pod was preempted by Kubelet to accommodate a critical pod."
    : undefined;
}

/** What of a resize has not come about. */
function resizing(input: StatusInput): {
  readonly type: string;
  readonly holds: boolean;
  readonly reason?: string;
  readonly message?: string;
}[] {
  const { pod, observation, actuated, groups, pendingResize, resizeError } = input;
  const found = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].some((container) => {
    const newest = observation.containers.find(({ name }) => name === container.name);
    return newest?.state === "running" && resizeOf(container, actuated?.get(newest.id)) !== "nothing";
  });
  const [sandbox] = observation.sandboxes;
  const underWay = found || (sandbox?.ready === true && groupDiffers(pod, groups?.get(sandbox.id)));
  return [
    ...(pendingResize === undefined ? [] : [{ type: "PodResizePending", holds: true, ...pendingResize }]),
    ...(underWay
      ? [
          {
            type: "PodResizeInProgress",
            holds: true,
            ...(resizeError === undefined ? {} : { reason: "Error", message: resizeError }),
          },
        ]
      : []),
  ];
}

const LOST = {
  exitCode: 137,
  reason: "ContainerStatusUnknown",
  message: "The container could not be located when the pod was terminated",
} as const;

/**
 * What ended for another instance to follow waits for it: it does not end the pod, and an API server would not take a container back that it was
 * told of as ended for good.
 */
export function withSuccessors(status: V1PodStatus, names: ReadonlySet<string>): V1PodStatus {
  if (names.size === 0) return status;
  const wait = (found: V1ContainerStatus): V1ContainerStatus =>
    names.has(found.name) && found.state?.terminated !== undefined
      ? changed(found, { lastState: found.state, state: { waiting: { reason: "ContainerCreating" } } })
      : found;
  const over = status.phase === "Succeeded" || status.phase === "Failed";
  const { containerStatuses, initContainerStatuses } = status;
  return changed(status, {
    ...(over ? { phase: "Running" } : {}),
    ...(containerStatuses === undefined ? {} : { containerStatuses: containerStatuses.map(wait) }),
    ...(initContainerStatuses === undefined ? {} : { initContainerStatuses: initContainerStatuses.map(wait) }),
  });
}

/** Of a pod that is deleted and of which nothing runs: it is over, whatever its restart policy says. */
export function finalStatus(status: V1PodStatus, pod: DecodedPod): V1PodStatus {
  const inits = new Map((pod.spec.initContainers ?? []).map((container) => [container.name, container]));
  const initialized = (status.initContainerStatuses ?? []).every(
    (item) => inits.get(item.name)?.restartPolicy === "Always" || item.state?.terminated?.exitCode === 0,
  );
  const ended = (item: V1ContainerStatus): V1ContainerStatus => {
    const rest = changed(item, { ready: inits.has(item.name) ? item.ready : false, started: false });
    if (item.state?.terminated !== undefined) return rest;
    const last = item.lastState?.terminated;
    if (last !== undefined && item.state?.waiting !== undefined) return changed(rest, { state: { terminated: last } });
    if (!initialized || (item.containerID ?? "") === "") return rest;
    return changed(rest, { state: { terminated: { ...LOST, containerID: item.containerID ?? "" } } });
  };
  const mains = (status.containerStatuses ?? []).map(ended);
  const over = status.phase === "Succeeded" || status.phase === "Failed";
  const succeeded = mains.length > 0 && mains.every(({ state }) => state?.terminated?.exitCode === 0);
  const phase = over ? status.phase : succeeded ? "Succeeded" : "Failed";
  const reason = phase === "Succeeded" ? "PodCompleted" : "PodFailed";
  const conditions = status.conditions?.map((condition) => {
    if (condition.type !== "Ready" && condition.type !== "ContainersReady") return condition;
    const { message: _message, ...said } = condition;
    return { ...said, status: "False", reason };
  });
  const inited = status.initContainerStatuses?.map(ended);
  const ephemeral = status.ephemeralContainerStatuses?.map(ended);
  return changed(status, {
    phase: phase ?? "Failed",
    containerStatuses: mains,
    ...(conditions === undefined ? {} : { conditions }),
    ...(inited === undefined ? {} : { initContainerStatuses: inited }),
    ...(ephemeral === undefined ? {} : { ephemeralContainerStatuses: ephemeral }),
  });
}

/** Empty for a pod without such rules, or that they never met. */
function allRestarting(pod: DecodedPod, observation: Observation): boolean[] {
  const began = lifeBegan(pod, observation);
  if (began === 0) return [];
  return [
    pod.spec.containers.some(({ name }) => {
      const newest = observation.containers.find((container) => container.name === name);
      return newest === undefined || newest.createdAt < began;
    }),
  ];
}

/** Whether two statuses say the same. */
export function sameStatus(a: V1PodStatus | undefined, b: V1PodStatus): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
