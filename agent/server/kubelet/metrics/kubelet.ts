// GET /metrics: the daemon itself, under kubelet's names.

import { readdirSync } from "node:fs";

import { ContainerState, PodSandboxState, type Cri } from "../../../cri/runtime.ts";
import type { PodManager } from "../../../pods/manager.ts";
import type { DaemonInfo } from "../../deps.ts";
import type { Family, Sample } from "./text.ts";

/** Kubelet's: powers of two and more. */
const BUCKETS_S: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Requests {
  readonly labels: Readonly<Record<string, string>>;
  count: number;
  seconds: number;
  readonly buckets: number[];
}

/** Counts what the server answers. */
export class RequestCounts {
  readonly #requests = new Map<string, Requests>();
  readonly #buckets: ReadonlySet<string>;

  /** `names` of the first parts of paths; all others are `other`, as who asks could write anything. */
  constructor(names: Iterable<string>) {
    this.#buckets = new Set(names);
  }

  add(serverType: string, method: string, path: string, longRunning: boolean, seconds: number): void {
    const [, root = "", second = ""] = path.split("/");
    const name = this.#buckets.has(`${root}/${second}`)
      ? `${root}/${second}`
      : this.#buckets.has(root)
        ? root
        : "other";
    const labels = {
      long_running: String(longRunning),
      method: /^(GET|HEAD|POST|PUT|DELETE|OPTIONS)$/.test(method) ? method : "other",
      path: name,
      server_type: serverType,
    };
    const key = JSON.stringify(labels);
    let entry = this.#requests.get(key);
    if (entry === undefined)
      this.#requests.set(key, (entry = { labels, count: 0, seconds: 0, buckets: BUCKETS_S.map(() => 0) }));
    entry.count++;
    entry.seconds += seconds;
    for (const [index, bound] of BUCKETS_S.entries())
      if (seconds <= bound) entry.buckets[index] = (entry.buckets[index] ?? 0) + 1;
  }

  families(): Family[] {
    const all = [...this.#requests.values()];
    return [
      {
        name: "kubelet_http_requests_total",
        help: "Requests that the server has answered.",
        type: "counter",
        samples: all.map(({ labels, count }) => ({ labels, value: count })),
      },
      {
        name: "kubelet_http_requests_duration_seconds",
        help: "Seconds that their answers took.",
        type: "histogram",
        samples: all.flatMap(({ labels, count, seconds, buckets }): Sample[] => [
          ...buckets.map((value, index) => ({
            suffix: "_bucket",
            labels: { ...labels, le: String(BUCKETS_S[index]) },
            value,
          })),
          { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
          { suffix: "_sum", labels, value: seconds },
          { suffix: "_count", labels, value: count },
        ]),
      },
    ];
  }
}

export interface KubeletMetricsOptions {
  readonly cri: Cri;
  readonly pods: PodManager;
  readonly info: DaemonInfo;
  readonly requests: RequestCounts;
}

const CONTAINER_STATES: readonly (readonly [state: ContainerState, name: string])[] = [
  [ContainerState.CONTAINER_CREATED, "created"],
  [ContainerState.CONTAINER_RUNNING, "running"],
  [ContainerState.CONTAINER_EXITED, "exited"],
  [ContainerState.CONTAINER_UNKNOWN, "unknown"],
];

export async function kubeletMetrics(
  { cri, pods, info, requests }: KubeletMetricsOptions,
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
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  const version = /^(\d+)\.(\d+)/.exec(info.version);
  return [
    { name: "kubelet_active_pods", help: "Pods that have not ended.", type: "gauge", samples: byStatic(active) },
    { name: "kubelet_desired_pods", help: "Pods that are to run.", type: "gauge", samples: byStatic(views) },
    one("kubelet_node_name", "gauge", "The node's name; always 1.", 1, { node: info.nodeName }),
    ...requests.families(),
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
    one("process_resident_memory_bytes", "gauge", "Memory that the daemon has resident.", memory.rss),
    one("process_start_time_seconds", "gauge", "When it was started, since the epoch.", info.startedAt / 1000),
  ];
}
