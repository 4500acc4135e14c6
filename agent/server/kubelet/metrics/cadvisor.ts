// GET /metrics/cadvisor: the container_* series, out of the runtime's metrics, and machine_* of the node.

import type { Family, Sample } from "../../../base/meters.ts";
import {
  MetricType,
  type ContainerStats,
  type Cri,
  type Metric,
  type PodSandboxStats,
  type PsiStats,
} from "../../../cri/runtime.ts";
import type { MachineFacts } from "../../../node/machine.ts";
import type { Disk } from "../stats/disks.ts";
import type { HostFigures } from "../stats/host.ts";
import type { FsFigures } from "../stats/source.ts";

const NS_PER_MS = 1_000_000n;

const NS_PER_S = 1e9;
const MS_PER_S = 1_000;
const SECTOR_BYTES = 512;

/** Inodes of the whole file system that a container's layer lies on: they are told of the disk, not of each container. */
const OF_DISKS = new Set(["container_fs_inodes_free", "container_fs_inodes_total"]);

export interface CadvisorSources {
  readonly cri: Cri;
  readonly host: HostFigures;
  readonly machine: Pick<MachineFacts, "machineId" | "systemUuid" | "bootId">;
  /** Those of the node, with what there is on them. */
  readonly disks: readonly (Disk & { readonly fs: FsFigures | undefined })[];
}

export async function cadvisorMetrics(
  { cri, host, machine, disks }: CadvisorSources,
  signal: AbortSignal,
): Promise<Family[]> {
  const [{ descriptors = [] }, { podMetrics = [] }, { stats = [] }] = await Promise.all([
    cri.listMetricDescriptors({}, { signal }),
    cri.listPodSandboxMetrics({}, { signal }),
    cri.listPodSandboxStats({}, { signal }),
  ]);
  const exact = exactSeconds(stats);
  const known = new Map(descriptors.map((descriptor) => [descriptor.name ?? "", descriptor]));
  const families = new Map<string, { help: string; type: Family["type"]; samples: Sample[] }>();
  const add = (name: string, help: string, type: Family["type"], sample: Sample): void => {
    let family = families.get(name);
    if (family === undefined) families.set(name, (family = { help, type, samples: [] }));
    family.samples.push(sample);
  };
  const addMetric = ({ name = "", labelValues = [], metricType, timestamp, value }: Metric): void => {
    if (OF_DISKS.has(name)) return;
    const { labelKeys: keys = [], help = "" } = known.get(name) ?? {};
    const labels: Record<string, string> = Object.fromEntries(
      keys.map((key, index) => [key, labelValues[index] ?? ""]),
    );
    add(name, help, metricType === MetricType.GAUGE ? "gauge" : "counter", {
      labels,
      value: exact.get(keyOf(name, labels)) ?? Number(value?.value ?? 0n),
      time: timestamp === undefined || timestamp === 0n ? undefined : Number(timestamp / NS_PER_MS),
    });
  };
  for (const pod of podMetrics) {
    for (const metric of pod.metrics ?? []) addMetric(metric);
    for (const container of pod.containerMetrics ?? []) for (const metric of container.metrics ?? []) addMetric(metric);
  }
  for (const disk of disks) {
    for (const { name, help, type, value } of diskSeries(disk))
      add(`container_fs_${name}`, help, type, {
        labels: { ...NODE_LABELS, device: disk.device },
        value,
        time: host.time,
      });
  }
  const { bootId, machineId, systemUuid } = machine;
  const labels = { boot_id: bootId, machine_id: machineId, system_uuid: systemUuid };
  const ofMachine = (name: string, help: string, value: number): Family => ({
    name: `machine_${name}`,
    help,
    type: "gauge",
    samples: [{ labels, value }],
  });
  return [
    ...[...families]
      .map(([name, family]): Family => ({ name, ...family }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ofMachine("cpu_cores", "CPUs of the node.", host.cores),
    ofMachine("memory_bytes", "Memory of the node.", Number(host.memory.total)),
    ofMachine("swap_bytes", "Swap of the node.", Number(host.swap.usage + host.swap.available)),
  ];
}

/** Of a series of one container. */
function keyOf(name: string, { namespace = "", pod = "", container = "" }: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, namespace, pod, container]);
}

/**
 * Seconds, which CRI's metrics carry in whole numbers, by the key of their series, out of its statistics, which have nanoseconds: the
 * rate of what uses little would come in jumps of minutes.
 */
function exactSeconds(pods: readonly PodSandboxStats[]): ReadonlyMap<string, number> {
  return new Map(
    pods.flatMap(({ attributes, linux }) =>
      (linux?.containers ?? []).flatMap((one) => {
        const { namespace = "", name: pod = "" } = attributes?.metadata ?? {};
        const labels = { namespace, pod, container: one.attributes?.metadata?.name ?? "" };
        return secondsOf(one).flatMap(([name, ns]): [string, number][] =>
          ns === undefined ? [] : [[keyOf(`container_${name}_seconds_total`, labels), Number(ns) / NS_PER_S]],
        );
      }),
    ),
  );
}

/** In nanoseconds. */
function secondsOf({ cpu, memory, io }: ContainerStats): [name: string, ns: bigint | undefined][] {
  const pressure = (what: string, psi: PsiStats | undefined): [string, bigint | undefined][] => [
    [`pressure_${what}_stalled`, psi?.Full?.Total],
    [`pressure_${what}_waiting`, psi?.Some?.Total],
  ];
  return [
    ["cpu_usage", cpu?.usageCoreNanoSeconds?.value],
    ...pressure("cpu", cpu?.psi),
    ...pressure("memory", memory?.psi),
    ...pressure("io", io?.psi),
  ];
}

/** As cAdvisor has what is the node's own: of the group at the root. */
const NODE_LABELS = { id: "/", name: "", image: "", container: "", pod: "", namespace: "" };

interface Series {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly value: number;
}

function diskSeries({ fs, counters }: CadvisorSources["disks"][number]): Series[] {
  const gauge = (name: string, help: string, value: bigint): Series => ({
    name,
    help,
    type: "gauge",
    value: Number(value),
  });
  const counter = (name: string, help: string, value: bigint, scale = 1): Series => ({
    name,
    help,
    type: "counter",
    value: Number(value) * scale,
  });
  return [
    ...(fs === undefined
      ? []
      : [
          gauge("inodes_free", "Inodes that are free.", fs.inodesFree),
          gauge("inodes_total", "Inodes of the file system.", fs.inodes),
          gauge("limit_bytes", "Bytes of the file system.", fs.capacity),
          gauge("usage_bytes", "Bytes in use.", fs.capacity - fs.available),
        ]),
    ...(counters === undefined
      ? []
      : [
          gauge("io_current", "Reads and writes under way.", counters.inFlight),
          counter("io_time_seconds_total", "Seconds with reads or writes under way.", counters.busyMs, 1 / MS_PER_S),
          counter(
            "io_time_weighted_seconds_total",
            "The same, times how many there were.",
            counters.weightedMs,
            1 / MS_PER_S,
          ),
          counter("read_seconds_total", "Seconds that reads took.", counters.readMs, 1 / MS_PER_S),
          counter("reads_bytes_total", "Bytes read.", counters.sectorsRead, SECTOR_BYTES),
          counter("reads_merged_total", "Reads that were merged.", counters.readsMerged),
          counter("reads_total", "Reads.", counters.reads),
          counter("sector_reads_total", "Sectors read.", counters.sectorsRead),
          counter("sector_writes_total", "Sectors written.", counters.sectorsWritten),
          counter("write_seconds_total", "Seconds that writes took.", counters.writeMs, 1 / MS_PER_S),
          counter("writes_bytes_total", "Bytes written.", counters.sectorsWritten, SECTOR_BYTES),
          counter("writes_merged_total", "Writes that were merged.", counters.writesMerged),
          counter("writes_total", "Writes.", counters.writes),
        ]),
  ];
}
