// GET /metrics: the daemon itself, under kubelet's names.

import { readdirSync, readFileSync } from "node:fs";

import type { Family, Meters, Sample } from "../../../base/meters.ts";
import { ContainerState, PodSandboxState, type Cri } from "../../../cri/runtime.ts";
import type { PodManager, PodView } from "../../../pods/manager.ts";
import { pluginsOf } from "../../../volumes/volumes.ts";
import type { DaemonInfo } from "../../deps.ts";
export interface KubeletMetricsOptions {
  readonly cri: Cri;
  readonly pods: PodManager;
  readonly info: DaemonInfo;
  /** Of all parts of the daemon. */
  readonly meters: readonly Meters[];
  /** Mirrors of static pods are kept at an API server. */
  readonly mirrors: boolean;
}

const CONTAINER_STATES: readonly (readonly [state: ContainerState, name: string])[] = [
  [ContainerState.CONTAINER_CREATED, "created"],
  [ContainerState.CONTAINER_RUNNING, "running"],
  [ContainerState.CONTAINER_EXITED, "exited"],
  [ContainerState.CONTAINER_UNKNOWN, "unknown"],
];

export async function kubeletMetrics(
  { cri, pods, info, meters, mirrors }: KubeletMetricsOptions,
  signal: AbortSignal,
): Promise<Family[]> {
  const [{ containers = [] }, { items = [] }] = await Promise.all([
    cri.listContainers({}, { signal }),
    cri.listPodSandbox({}, { signal }),
  ]);
  const views = pods.list();
  const active = views.filter(({ pod }) => !["Succeeded", "Failed"].includes(pod.status.phase ?? ""));
  const byStatic = (list: typeof views): Sample[] =>
    ["", "true"].map((isStatic) => ({
      labels: { static: isStatic },
      value: list.filter(({ source }) => (source !== "api") === (isStatic === "true")).length,
    }));
  const one = (name: string, type: Family["type"], help: string, value: number, labels = {}): Family => ({
    name,
    help,
    type,
    samples: [{ value, labels }],
  });
  const statics = views.filter(({ source }) => source !== "api");
  const lifecycle = (view: PodView): string =>
    view.deleting ? "terminating" : active.includes(view) ? "sync" : "terminated";
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  const version = /^(\d+)\.(\d+)/.exec(info.version);
  return [
    { name: "kubelet_active_pods", help: "Pods that have not ended.", type: "gauge", samples: byStatic(active) },
    { name: "kubelet_desired_pods", help: "Pods that are to run.", type: "gauge", samples: byStatic(views) },
    {
      name: "kubelet_working_pods",
      help: "Pods that are looked after, by what is done with them.",
      type: "gauge",
      samples: ["sync", "terminated", "terminating"].flatMap((state) =>
        byStatic(views.filter((view) => lifecycle(view) === state)).map(({ labels, value }) => ({
          labels: { config: "desired", lifecycle: state, ...labels },
          value,
        })),
      ),
    },
    one("kubelet_mirror_pods", "gauge", "Static pods that have a mirror.", mirrors ? statics.length : 0),
    one(
      "kubelet_managed_ephemeral_containers",
      "gauge",
      "Ephemeral containers of all pods.",
      views.reduce((sum, { pod }) => sum + (pod.spec?.ephemeralContainers?.length ?? 0), 0),
    ),
    volumeFamily(pods, active),
    one("kubelet_metrics_provider", "gauge", "Where figures of containers come from; always 1.", 1, {
      provider: "cri",
    }),
    one("kubelet_node_name", "gauge", "The node's name; always 1.", 1, { node: info.nodeName }),
    ...meters.flatMap((one) => one.families()),
    {
      name: "kubelet_running_containers",
      help: "Containers of the runtime, by their state.",
      type: "gauge",
      samples: CONTAINER_STATES.map(([state, name]) => ({
        labels: { container_state: name },
        value: containers.filter((container) => (container.state ?? 0) === state).length,
      })),
    },
    one(
      "kubelet_running_pods",
      "gauge",
      "Pods that have a sandbox that is ready.",
      items.filter(({ state = 0 }) => state === PodSandboxState.SANDBOX_READY).length,
    ),
    one("kubernetes_build_info", "gauge", "The daemon's version; always 1.", 1, {
      git_version: `v${info.version}`,
      major: version?.[1] ?? "",
      minor: version?.[2] ?? "",
      platform: `${process.platform}/${process.arch}`,
    }),
    one("process_cpu_seconds_total", "counter", "Seconds of CPU that the daemon has used.", (user + system) / 1e6),
    one("process_open_fds", "gauge", "Descriptors that the daemon has open.", readdirSync("/proc/self/fd").length),
    one("process_max_fds", "gauge", "Descriptors that the daemon may have open.", openFilesMax()),
    one("process_virtual_memory_bytes", "gauge", "Addresses that the daemon has mapped.", virtualBytes()),
    one("process_resident_memory_bytes", "gauge", "Memory that the daemon has resident.", memory.rss),
    one("process_start_time_seconds", "gauge", "When it was started, since the epoch.", info.startedAt / 1000),
  ];
}

/** Volumes of pods that have not ended; those of pods that have a sandbox are there. */
function volumeFamily(pods: PodManager, active: readonly PodView[]): Family {
  const counts = new Map<string, { plugin_name: string; state: string; value: number }>();
  for (const { pod } of active) {
    const { namespace = "", name = "" } = pod.metadata ?? {};
    const states = ["desired_state_of_world", ...(pods.sandboxId(namespace, name) === undefined ? [] : ACTUAL)];
    for (const plugin_name of pluginsOf(pod)) {
      for (const state of states) {
        const key = `${plugin_name} ${state}`;
        const entry = counts.get(key) ?? { plugin_name, state, value: 0 };
        counts.set(key, { ...entry, value: entry.value + 1 });
      }
    }
  }
  return {
    name: "volume_manager_total_volumes",
    help: "Volumes of pods, by their kind: those that are to be there, and those that are.",
    type: "gauge",
    samples: [...counts.values()].map(({ value, ...labels }) => ({ labels, value })),
  };
}

const ACTUAL: readonly string[] = ["actual_state_of_world"];

function openFilesMax(): number {
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

function virtualBytes(): number {
  return Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) * 1024;
}
