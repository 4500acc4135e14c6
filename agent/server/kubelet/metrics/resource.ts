// GET /metrics/resource: what the node, its pods and containers use, for metrics-server.

import type { Family, Sample } from "../../../base/meters.ts";
import type { NodeStats, StatsSource } from "../stats/source.ts";

const NS_PER_S = 1e9;
const NS_PER_MS = 1_000_000n;

const seconds = (nanoseconds: bigint): number => Number(nanoseconds) / NS_PER_S;
const at = (timestamp: bigint | undefined): number | undefined =>
  timestamp === undefined ? undefined : Number(timestamp / NS_PER_MS);

export function resourceMetrics(stats: NodeStats, source: StatsSource): Family[] {
  const { host, time } = stats;
  const rows = stats.pods.map(({ stats: pod, view }) => {
    const { name = "", namespace = "" } = pod.attributes?.metadata ?? {};
    return { labels: { namespace, pod: name }, linux: pod.linux, view };
  });
  const containers = rows.flatMap(({ labels, linux, view }) =>
    (linux?.containers ?? []).map((stat) => {
      const container = stat.attributes?.metadata?.name ?? "";
      return { labels: { container, ...labels }, stat, startedAt: source.startedAt(view, container) };
    }),
  );
  const sample = (
    labels: Readonly<Record<string, string>>,
    value: bigint | undefined,
    timestamp: bigint | undefined,
    scale: (value: bigint) => number = Number,
  ): Sample[] => (value === undefined ? [] : [{ labels, value: scale(value), time: at(timestamp) }]);

  return [
    {
      name: "container_cpu_usage_seconds_total",
      help: "Seconds of CPU that the container has used.",
      type: "counter",
      samples: containers.flatMap(({ labels, stat: { cpu } }) =>
        sample(labels, cpu?.usageCoreNanoSeconds?.value, cpu?.timestamp, seconds),
      ),
    },
    {
      name: "container_memory_working_set_bytes",
      help: "Bytes of memory of the container that cannot be given up at once.",
      type: "gauge",
      samples: containers.flatMap(({ labels, stat: { memory } }) =>
        sample(labels, memory?.workingSetBytes?.value, memory?.timestamp),
      ),
    },
    {
      name: "container_start_time_seconds",
      help: "When the container was started, in seconds since the epoch.",
      type: "gauge",
      samples: containers.flatMap(({ labels, startedAt }) =>
        startedAt === undefined ? [] : [{ labels, value: startedAt / 1000 }],
      ),
    },
    {
      name: "container_swap_usage_bytes",
      help: "Bytes of the container in swap.",
      type: "gauge",
      samples: containers.flatMap(({ labels, stat: { swap } }) =>
        sample(labels, swap?.swapUsageBytes?.value, swap?.timestamp),
      ),
    },
    {
      name: "container_swap_limit_bytes",
      help: "Bytes that the container may have in swap.",
      type: "gauge",
      samples: containers.flatMap(({ labels, stat: { swap } }) => {
        const { swapAvailableBytes: available, swapUsageBytes: used, timestamp } = swap ?? {};
        return available?.value === undefined ? [] : sample(labels, available.value + (used?.value ?? 0n), timestamp);
      }),
    },
    {
      name: "node_cpu_usage_seconds_total",
      help: "Seconds of CPU that the node has used.",
      type: "counter",
      samples: [{ value: seconds(host.cpuNanoseconds), time }],
    },
    {
      name: "node_memory_working_set_bytes",
      help: "Bytes of memory of the node that cannot be given up at once.",
      type: "gauge",
      samples: [{ value: Number(host.memory.workingSet), time }],
    },
    {
      name: "node_swap_usage_bytes",
      help: "Bytes of the node in swap.",
      type: "gauge",
      samples: [{ value: Number(host.swap.usage), time }],
    },
    {
      name: "pod_cpu_usage_seconds_total",
      help: "Seconds of CPU that the pod has used.",
      type: "counter",
      samples: rows.flatMap(({ labels, linux }) =>
        sample(labels, linux?.cpu?.usageCoreNanoSeconds?.value, linux?.cpu?.timestamp, seconds),
      ),
    },
    {
      name: "pod_memory_working_set_bytes",
      help: "Bytes of memory of the pod that cannot be given up at once.",
      type: "gauge",
      samples: rows.flatMap(({ labels, linux }) =>
        sample(labels, linux?.memory?.workingSetBytes?.value, linux?.memory?.timestamp),
      ),
    },
    {
      name: "pod_swap_usage_bytes",
      help: "Bytes of the pod in swap.",
      type: "gauge",
      samples: rows.flatMap(({ labels, linux }) => {
        const used = (linux?.containers ?? []).flatMap(({ swap }) => swap?.swapUsageBytes?.value ?? []);
        const total = used.reduce((sum, bytes) => sum + bytes, 0n);
        return used.length === 0 ? [] : sample(labels, total, linux?.containers?.[0]?.swap?.timestamp);
      }),
    },
    scrapeError(false),
  ];
}

/** Told also where nothing else can be. */
export function scrapeError(failed: boolean): Family {
  return {
    name: "resource_scrape_error",
    help: "1 when something could not be read, else 0.",
    type: "gauge",
    samples: [{ value: failed ? 1 : 0 }],
  };
}
