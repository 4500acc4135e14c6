// GET /metrics/cadvisor: the container_* series, out of the runtime's metrics, and machine_* of the node.

import { MetricType, type Cri, type Metric } from "../../../cri/runtime.ts";
import type { HostFigures } from "../stats/host.ts";
import type { Family, Sample } from "./text.ts";

const NS_PER_MS = 1_000_000n;

export async function cadvisorMetrics(cri: Cri, host: HostFigures, signal: AbortSignal): Promise<Family[]> {
  const [{ descriptors = [] }, { podMetrics = [] }] = await Promise.all([
    cri.listMetricDescriptors({}, { signal }),
    cri.listPodSandboxMetrics({}, { signal }),
  ]);
  const known = new Map(descriptors.map((descriptor) => [descriptor.name ?? "", descriptor]));
  const families = new Map<string, { help: string; type: Family["type"]; samples: Sample[] }>();
  const add = ({ name = "", labelValues = [], metricType, timestamp, value }: Metric): void => {
    const keys = known.get(name)?.labelKeys ?? [];
    let family = families.get(name);
    if (family === undefined) {
      const type = metricType === MetricType.GAUGE ? "gauge" : "counter";
      families.set(name, (family = { help: known.get(name)?.help ?? "", type, samples: [] }));
    }
    family.samples.push({
      labels: Object.fromEntries(keys.map((key, index) => [key, labelValues[index] ?? ""])),
      value: Number(value?.value ?? 0n),
      time: timestamp === undefined || timestamp === 0n ? undefined : Number(timestamp / NS_PER_MS),
    });
  };
  for (const pod of podMetrics) {
    for (const metric of pod.metrics ?? []) add(metric);
    for (const container of pod.containerMetrics ?? []) for (const metric of container.metrics ?? []) add(metric);
  }
  const machine = (name: string, help: string, value: number): Family => ({
    name: `machine_${name}`,
    help,
    type: "gauge",
    samples: [{ value }],
  });
  return [
    ...[...families]
      .map(([name, family]): Family => ({ name, ...family }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    machine("cpu_cores", "CPUs of the node.", host.cores),
    machine("memory_bytes", "Memory of the node.", Number(host.memory.total)),
    machine("swap_bytes", "Swap of the node.", Number(host.swap.usage + host.swap.available)),
  ];
}
