// One word for the state of a pod, as `kubectl get pods` has it, and the other columns.

import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";

import type { PodView } from "../pods/manager.ts";

export interface PodSummary {
  readonly namespace: string;
  readonly name: string;
  readonly ready: number;
  readonly containers: number;
  readonly status: string;
  readonly restarts: number;
  /** Milliseconds since the epoch. */
  readonly lastRestart: number | undefined;
  readonly created: number | undefined;
  readonly ip: string;
}

export function summarizePod(view: Pick<PodView, "pod" | "deleting">): PodSummary {
  const { pod } = view;
  const statuses = pod.status?.containerStatuses ?? [];
  const inits = pod.status?.initContainerStatuses ?? [];
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name),
  );
  const counted = [...statuses, ...inits.filter(({ name }) => sidecars.has(name))];
  const initializing = initState(inits, sidecars, pod.spec?.initContainers?.length ?? 0);
  const restarts = initializing === undefined ? counted : inits;
  return {
    namespace: pod.metadata?.namespace ?? "",
    name: pod.metadata?.name ?? "",
    ready: counted.filter(({ ready, state }) => ready && state?.running !== undefined).length,
    containers: (pod.spec?.containers ?? []).length + sidecars.size,
    status: view.deleting ? "Terminating" : (initializing ?? mainState(pod, statuses)),
    restarts: restarts.reduce((sum, { restartCount }) => sum + restartCount, 0),
    lastRestart: latest(restarts.map(({ lastState }) => time(lastState?.terminated?.finishedAt))),
    created: time(pod.metadata?.creationTimestamp) ?? time(pod.status?.startTime),
    ip: pod.status?.podIP ?? "",
  };
}

/** `Init:1/2`, `Init:CrashLoopBackOff`, `Init:Error`; undefined when all have done their part. */
function initState(
  inits: readonly V1ContainerStatus[],
  sidecars: ReadonlySet<string>,
  total: number,
): string | undefined {
  for (const [index, status] of inits.entries()) {
    const { terminated, waiting } = status.state ?? {};
    if (terminated !== undefined && terminated.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started === true) continue;
    if (terminated !== undefined) return `Init:${terminated.reason || ending(terminated)}`;
    if (waiting?.reason !== undefined && waiting.reason !== "" && waiting.reason !== "PodInitializing")
      return `Init:${waiting.reason}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

function mainState(pod: V1Pod, statuses: readonly V1ContainerStatus[]): string {
  let state = pod.status?.reason || pod.status?.phase || "Unknown";
  let running = false;
  // The first container has the last word.
  for (const { state: current, ready } of statuses.toReversed()) {
    if (current?.waiting?.reason) state = current.waiting.reason;
    else if (current?.terminated !== undefined) state = current.terminated.reason || ending(current.terminated);
    else if (ready && current?.running !== undefined) running = true;
  }
  if (state !== "Completed" || !running) return state;
  const ready = (pod.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
  return ready ? "Running" : "NotReady";
}

function ending(terminated: { exitCode: number; signal?: number | undefined }): string {
  return terminated.signal !== undefined && terminated.signal !== 0
    ? `Signal:${terminated.signal}`
    : `ExitCode:${terminated.exitCode}`;
}

/** A time that came as JSON, in milliseconds since the epoch. */
export function time(value: Date | string | undefined | null): number | undefined {
  if (value === undefined || value === null) return undefined;
  const milliseconds = new Date(value).getTime();
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
