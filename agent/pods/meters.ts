// Counts and times what becomes of pods, under kubelet's names.

import type { V1ContainerStateTerminated, V1Pod, V1PodStatus } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { Counter, Gauge, type Family, Histogram, type Meters } from "../base/meters.ts";
import { VolumeMeters } from "../volumes/meters.ts";

/** Kubelet's, in seconds. */
const START_BOUNDS: readonly number[] = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
];
const PULL_BOUNDS: readonly number[] = [
  1, 5, 10, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
];

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Kubelet's names for sizes of images, from so many bytes on; the largest first. */
const SIZES: readonly (readonly [from: number, name: string])[] = [
  [100 * GIB, "GT100GB"],
  [60 * GIB, "60GB-100GB"],
  [40 * GIB, "40GB-60GB"],
  [30 * GIB, "30GB-40GB"],
  [20 * GIB, "20GB-30GB"],
  [10 * GIB, "10GB-20GB"],
  [5 * GIB, "5GB-10GB"],
  [GIB, "1GB-5GB"],
  [500 * MIB, "500MB-1GB"],
  [100 * MIB, "100MB-500MB"],
  [10 * MIB, "10MB-100MB"],
  [0, "0-10MB"],
];

/** Of one pod: of each container a status tells of two. */
const COUNTED_MAX = 1_000;

export type ContainerType = "container" | "init_container" | "ephemeral_container";

/** `create`: the first of a pod; `update`: the first with another specification; `kill`: of one that is being ended. */
export type PassType = "create" | "update" | "sync" | "kill";

const TYPES: readonly { readonly container_type: ContainerType }[] = [
  { container_type: "container" },
  { container_type: "init_container" },
  { container_type: "ephemeral_container" },
];

export function containerType(spec: V1Pod["spec"], name: string): ContainerType {
  const isOf = (list: readonly { readonly name: string }[] = []): boolean => list.some((one) => one.name === name);
  if (isOf(spec?.initContainers)) return "init_container";
  return isOf(spec?.ephemeralContainers) ? "ephemeral_container" : "container";
}

export class PodMeters implements Meters {
  readonly passes = new Histogram({
    name: "kubelet_pod_worker_duration_seconds",
    help: "Seconds that a look at a pod and what it led to took, by what it was for: create, update, sync, kill.",
  });
  readonly starts = new Histogram(
    {
      name: "kubelet_pod_start_duration_seconds",
      help: "Seconds from when a pod was first seen here until it ran.",
      known: [{}],
    },
    START_BOUNDS,
  );
  readonly totalStarts = new Histogram(
    {
      name: "kubelet_pod_start_total_duration_seconds",
      help: "Seconds from when a pod was created at the API server until it ran here.",
      known: [{}],
    },
    START_BOUNDS,
  );
  readonly containersPerPod = new Histogram(
    { name: "kubelet_containers_per_pod_count", help: "Containers of the pods that were begun.", known: [{}] },
    [1, 2, 4, 8, 16],
  );
  readonly pods = new Counter({
    name: "kubelet_started_pods_total",
    help: "Sandboxes that were to be made for pods.",
    known: [{}],
  });
  readonly podErrors = new Counter({
    name: "kubelet_started_pods_errors_total",
    help: "Sandboxes of pods that could not be made.",
    known: [{}],
  });
  readonly userNamespaces = new Counter({
    name: "kubelet_started_user_namespaced_pods_total",
    help: "Of them those with a user namespace of their own.",
    known: [{}],
  });
  readonly userNamespaceErrors = new Counter({
    name: "kubelet_started_user_namespaced_pods_errors_total",
    help: "Of them those with a user namespace of their own.",
    known: [{}],
  });
  readonly containers = new Counter({
    name: "kubelet_started_containers_total",
    help: "Containers that were to be started.",
    known: TYPES,
  });
  readonly containerErrors = new Counter({
    name: "kubelet_started_containers_errors_total",
    help: "Containers that could not be started, by the reason.",
  });
  readonly ends = new Counter({
    name: "kubelet_terminated_containers_total",
    help: "Containers that have ended.",
  });
  readonly rejections = new Counter({
    name: "kubelet_admission_rejections_total",
    help: "Pods that were not let in, by the reason.",
  });
  readonly pulls = new Histogram(
    {
      name: "kubelet_image_pull_duration_seconds",
      help: "Seconds that pulls took, waiting included, by the size of the image.",
    },
    PULL_BOUNDS,
  );
  readonly relists = new Histogram({
    name: "kubelet_pleg_relist_duration_seconds",
    help: "Seconds that looking at all that the runtime has took; changes are told of by the runtime in between.",
    known: [{}],
  });
  readonly relistIntervals = new Histogram({
    name: "kubelet_pleg_relist_interval_seconds",
    help: "Seconds between such looks.",
    known: [{}],
  });
  readonly relistedAt = new Gauge({
    name: "kubelet_pleg_last_seen_seconds",
    help: "When the last such look ended, since the epoch.",
  });
  readonly volumes: VolumeMeters;
  readonly probes = new Counter({
    name: "prober_probe_total",
    help: "Probes of containers, by their result.",
  });
  readonly probeDurations = new Histogram({
    name: "prober_probe_duration_seconds",
    help: "Seconds that probes took.",
  });

  constructor(clock: Pick<Clock, "monotonic">) {
    this.volumes = new VolumeMeters(clock);
  }

  families(): readonly Family[] {
    const own = [
      this.passes,
      this.starts,
      this.totalStarts,
      this.containersPerPod,
      this.pods,
      this.podErrors,
      this.userNamespaces,
      this.userNamespaceErrors,
      this.containers,
      this.containerErrors,
      this.ends,
      this.rejections,
      this.pulls,
      this.relists,
      this.relistIntervals,
      this.relistedAt,
    ].map(({ family }) => family);
    return [...own, ...this.volumes.families()];
  }

  /** They have a path of their own. */
  probeFamilies(): readonly Family[] {
    return [this.probes.family, this.probeDurations.family];
  }

  pulled(bytes: number, seconds: number): void {
    const size = SIZES.find(([from]) => bytes >= from)?.[1] ?? "N/A";
    this.pulls.observe(seconds, { image_size_in_bytes: size });
  }

  /** The status of a pod went from one to the other; `now` and `startTime` in milliseconds since the epoch. */
  changed(
    pod: V1Pod,
    before: V1PodStatus | undefined,
    after: V1PodStatus,
    times: { startTime: number; now: number },
  ): void {
    if (after.phase === "Running" && (before?.phase ?? "Pending") === "Pending") {
      this.starts.observe(Math.max(0, times.now - times.startTime) / 1000);
      const created = pod.metadata?.creationTimestamp;
      if (created !== undefined) this.totalStarts.observe(Math.max(0, times.now - new Date(created).getTime()) / 1000);
    }
  }

  /** What the status of a pod says has ended, but for the instances in `counted`, which those of it then are; by id. */
  countEnds(status: V1PodStatus, counted: Set<string>): void {
    for (const [container_type, { containerID, exitCode, reason = "" }] of endedOf(status)) {
      if (containerID === undefined || counted.has(containerID)) continue;
      counted.add(containerID);
      const [oldest] = counted;
      if (counted.size > COUNTED_MAX && oldest !== undefined) counted.delete(oldest);
      this.ends.add({ container_type, exit_code: String(exitCode), reason });
    }
  }

  /** Nothing of the pod is left. */
  forget(namespace: string, pod: string): void {
    this.probes.forget({ namespace, pod });
    this.probeDurations.forget({ namespace, pod });
  }
}

const KINDS = [
  ["containerStatuses", "container"],
  ["initContainerStatuses", "init_container"],
  ["ephemeralContainerStatuses", "ephemeral_container"],
] as const;

/** Instances that are told to have ended: of each container the one now, and the one before. */
function endedOf(status: V1PodStatus): (readonly [ContainerType, V1ContainerStateTerminated])[] {
  return KINDS.flatMap(([kind, type]) =>
    (status[kind] ?? [])
      .flatMap(({ state, lastState }) => [state?.terminated, lastState?.terminated])
      .flatMap((one) => (one === undefined ? [] : [[type, one] as const])),
  );
}

/** Ids of the instances that a status says have ended. */
export function endedIds(status: V1PodStatus | undefined): string[] {
  return status === undefined ? [] : endedOf(status).flatMap(([, { containerID }]) => containerID ?? []);
}
