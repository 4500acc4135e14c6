// The metrics of ListPodSandboxMetrics: names, labels and units as cAdvisor has them, which dashboards and rules are written for.
// The CRI carries whole numbers, so that seconds are whole ones.

import { MetricType, type Metric, type MetricDescriptor } from "../../cri/runtime.ts";
import type { DiskFigures, NetworkFigures } from "./cri-stats.ts";
import type { Figures, FileFigures, MemoryFigures } from "./figures.ts";

/** cgroup, id, image; then the pod's names. */
const BASE_LABELS = ["id", "name", "image", "container", "pod", "namespace"] as const;
export type BaseLabels = Readonly<Record<(typeof BASE_LABELS)[number], string>>;

export interface Filesystem {
  readonly bytes: bigint;
  readonly inodes: bigint;
  readonly inodesFree: bigint;
}

/** What was asked for in the container's specification. */
export interface Limits {
  readonly cpuPeriod: bigint;
  readonly cpuQuota: bigint;
  readonly cpuShares: bigint;
  readonly memory: bigint;
  readonly memoryReservation: bigint;
  readonly memorySwap: bigint;
}

export interface ContainerFigures {
  readonly figures: Figures;
  readonly files: FileFigures;
  readonly disk: DiskFigures | undefined;
  readonly filesystem: Filesystem | undefined;
  readonly limits: Limits;
  /** Nanoseconds since the epoch. */
  readonly startedAt: bigint;
}

/** A value with its further labels, in the order of the definition's. */
type Reading = readonly [value: bigint, ...labels: string[]];

interface Definition<T> {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** Nothing where the host does not count it. */
  read(from: T): readonly Reading[];
}

const { COUNTER, GAUGE } = MetricType;
const US_PER_S = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

const one = (number: bigint | undefined): readonly Reading[] => (number === undefined ? [] : [[number]]);

function define<T>(
  type: MetricType,
  name: string,
  help: string,
  read: (from: T) => readonly Reading[],
  labels: readonly string[] = [],
): Definition<T> {
  return { name: `container_${name}`, help, type, labels, read };
}

type C = ContainerFigures;
const counter = (name: string, help: string, read: (c: C) => readonly Reading[], labels?: readonly string[]) =>
  define(COUNTER, name, help, read, labels);
const gauge = (name: string, help: string, read: (c: C) => readonly Reading[], labels?: readonly string[]) =>
  define(GAUGE, name, help, read, labels);

const seconds = (us: bigint | undefined): readonly Reading[] => one(us === undefined ? undefined : us / US_PER_S);
const memory =
  (read: (memory: MemoryFigures) => bigint | undefined) =>
  ({ figures }: C): readonly Reading[] =>
    figures.memory === undefined ? [] : one(read(figures.memory));
const memoryStat = (...names: readonly string[]): ((c: C) => readonly Reading[]) =>
  memory(({ stat }) => {
    const found = names.map((name) => stat.get(name)).find((number) => number !== undefined);
    return found;
  });
const devices =
  (read: (io: Figures["io"][number]) => bigint) =>
  ({ figures }: C): readonly Reading[] =>
    figures.io.map((io) => [read(io), io.device]);
const onDisk = (number: bigint | undefined, { disk }: C): readonly Reading[] =>
  number === undefined ? [] : [[number, disk?.path ?? ""]];

export const CONTAINER_METRICS: readonly Definition<ContainerFigures>[] = [
  counter(
    "blkio_device_usage_total",
    "Bytes read from and written to a device.",
    ({ figures }) =>
      figures.io.flatMap(({ device, readBytes, writeBytes }): Reading[] => {
        const [major = "", minor = ""] = device.split(":");
        return [
          [readBytes, device, major, minor, "Read"],
          [writeBytes, device, major, minor, "Write"],
        ];
      }),
    ["device", "major", "minor", "operation"],
  ),
  counter("cpu_cfs_periods_total", "Enforcement periods that have passed.", ({ figures }) => one(figures.cpu.periods)),
  counter("cpu_cfs_throttled_periods_total", "Periods in which it was throttled.", ({ figures }) =>
    one(figures.cpu.throttledPeriods),
  ),
  counter("cpu_cfs_throttled_seconds_total", "Seconds for which it was throttled.", ({ figures }) =>
    seconds(figures.cpu.throttledUs),
  ),
  counter("cpu_system_seconds_total", "Seconds of CPU used in the kernel.", ({ figures }) =>
    seconds(figures.cpu.systemUs),
  ),
  counter(
    "cpu_usage_seconds_total",
    "Seconds of CPU used.",
    ({ figures }) => [[figures.cpuNanoseconds / NS_PER_S, "total"]],
    ["cpu"],
  ),
  counter("cpu_user_seconds_total", "Seconds of CPU used by programs.", ({ figures }) => seconds(figures.cpu.userUs)),
  gauge("file_descriptors", "Descriptors that are open.", ({ files }) => one(files.files)),
  gauge("fs_inodes_free", "Inodes that are free.", (c) => onDisk(c.filesystem?.inodesFree, c), ["device"]),
  gauge("fs_inodes_total", "Inodes of the file system.", (c) => onDisk(c.filesystem?.inodes, c), ["device"]),
  gauge("fs_limit_bytes", "Bytes of the file system.", (c) => onDisk(c.filesystem?.bytes, c), ["device"]),
  counter(
    "fs_reads_bytes_total",
    "Bytes read.",
    devices(({ readBytes }) => readBytes),
    ["device"],
  ),
  counter(
    "fs_reads_total",
    "Reads.",
    devices(({ reads }) => reads),
    ["device"],
  ),
  gauge("fs_usage_bytes", "Bytes that the container has written to its own layer.", (c) => onDisk(c.disk?.bytes, c), [
    "device",
  ]),
  counter(
    "fs_writes_bytes_total",
    "Bytes written.",
    devices(({ writeBytes }) => writeBytes),
    ["device"],
  ),
  counter(
    "fs_writes_total",
    "Writes.",
    devices(({ writes }) => writes),
    ["device"],
  ),
  gauge(
    "hugetlb_max_usage_bytes",
    "The most huge pages used at once; 0, as control groups of version 2 do not record it.",
    ({ figures }) => [...figures.hugetlb].map(([size]): Reading => [0n, size]),
    ["pagesize"],
  ),
  gauge(
    "hugetlb_usage_bytes",
    "Huge pages in use.",
    ({ figures }) => [...figures.hugetlb].map(([size, used]): Reading => [used, size]),
    ["pagesize"],
  ),
  gauge("last_seen", "Seconds since the epoch at which it was last seen.", ({ figures }) =>
    one(figures.timestamp / NS_PER_S),
  ),
  gauge("memory_cache", "Bytes of page cache.", memoryStat("file")),
  counter(
    "memory_failcnt",
    "How often its memory limit was reached.",
    memory(({ usage, limitHits }) => (usage === undefined ? undefined : limitHits)),
  ),
  counter(
    "memory_failures_total",
    "Page faults.",
    ({ figures: { memory: used } }) =>
      used === undefined
        ? []
        : (["container", "hierarchy"] as const).flatMap((scope): Reading[] => [
            [used.faults, "pgfault", scope],
            [used.majorFaults, "pgmajfault", scope],
          ]),
    ["failure_type", "scope"],
  ),
  gauge("memory_kernel_usage", "Bytes that the kernel uses for it.", memoryStat("kernel", "slab")),
  gauge("memory_mapped_file", "Bytes of mapped files.", memoryStat("file_mapped")),
  gauge(
    "memory_max_usage_bytes",
    "The most memory used at once.",
    memory(({ peak }) => peak),
  ),
  gauge(
    "memory_rss",
    "Bytes of anonymous memory.",
    memory(({ rss }) => rss),
  ),
  gauge(
    "memory_swap",
    "Bytes in swap.",
    memory(({ swapUsage }) => swapUsage),
  ),
  gauge(
    "memory_usage_bytes",
    "Bytes of memory in use, page cache included.",
    memory(({ usage }) => usage),
  ),
  gauge(
    "memory_working_set_bytes",
    "Bytes of memory that cannot be given up at once.",
    memory(({ workingSet }) => workingSet),
  ),
  counter(
    "oom_events_total",
    "Processes that were killed for want of memory.",
    memory(({ usage, oomKills }) => (usage === undefined ? undefined : oomKills)),
  ),
  ...(
    [
      ["cpu", ({ figures }: C) => figures.cpu.pressure],
      ["io", ({ figures }: C) => figures.ioPressure],
      ["memory", ({ figures }: C) => figures.memory?.pressure],
    ] as const
  ).flatMap(([what, read]) => [
    counter(`pressure_${what}_stalled_seconds_total`, `Seconds in which nothing ran for want of ${what}.`, (c) =>
      seconds(read(c)?.full?.totalUs),
    ),
    counter(`pressure_${what}_waiting_seconds_total`, `Seconds in which something waited for ${what}.`, (c) =>
      seconds(read(c)?.some.totalUs),
    ),
  ]),
  gauge("processes", "Processes that live.", ({ figures }) => one(BigInt(figures.pids.length))),
  gauge("sockets", "Sockets that are open.", ({ files }) => one(files.sockets)),
  gauge("spec_cpu_period", "Microseconds of an enforcement period.", ({ limits }) => one(limits.cpuPeriod)),
  gauge("spec_cpu_quota", "Microseconds of CPU in each period; 0: no limit.", ({ limits }) => one(limits.cpuQuota)),
  gauge("spec_cpu_shares", "Weight among others, of 1024 for a CPU.", ({ limits }) => one(limits.cpuShares)),
  gauge("spec_memory_limit_bytes", "Limit of memory; 0: none.", ({ limits }) => one(limits.memory)),
  gauge("spec_memory_reservation_limit_bytes", "Memory that is protected; 0: none.", ({ limits }) =>
    one(limits.memoryReservation),
  ),
  gauge("spec_memory_swap_limit_bytes", "Limit of memory and swap; 0: none.", ({ limits }) => one(limits.memorySwap)),
  gauge("start_time_seconds", "Seconds since the epoch at which it started.", ({ startedAt }) =>
    one(startedAt / NS_PER_S),
  ),
  gauge("threads", "Threads that live.", ({ figures }) => one(figures.threads)),
  gauge("threads_max", "Limit of threads; 0: none.", ({ figures }) => one(figures.threadsMax ?? 0n)),
  gauge(
    "ulimits_soft",
    "Soft limits of the first process.",
    ({ files }) => (files.softLimit === undefined ? [] : [[files.softLimit, "max_open_files"]]),
    ["ulimit"],
  ),
];

const network = (
  name: string,
  help: string,
  read: (link: NetworkFigures["links"][number]) => bigint,
): Definition<NetworkFigures> =>
  define(COUNTER, `network_${name}`, help, ({ links }) => links.map((link): Reading => [read(link), link.name]), [
    "interface",
  ]);

export const NETWORK_METRICS: readonly Definition<NetworkFigures>[] = [
  network("receive_bytes_total", "Bytes received.", ({ receivedBytes }) => receivedBytes),
  network("receive_errors_total", "Errors while receiving.", ({ receiveErrors }) => receiveErrors),
  network("receive_packets_dropped_total", "Packets dropped while receiving.", ({ receiveDropped }) => receiveDropped),
  network("receive_packets_total", "Packets received.", ({ receivedPackets }) => receivedPackets),
  network("transmit_bytes_total", "Bytes sent.", ({ sentBytes }) => sentBytes),
  network("transmit_errors_total", "Errors while sending.", ({ sendErrors }) => sendErrors),
  network("transmit_packets_dropped_total", "Packets dropped while sending.", ({ sendDropped }) => sendDropped),
  network("transmit_packets_total", "Packets sent.", ({ sentPackets }) => sentPackets),
];

export function metricDescriptors(): MetricDescriptor[] {
  return [...CONTAINER_METRICS, ...NETWORK_METRICS].map(({ name, help, labels }) => ({
    name,
    help,
    labelKeys: [...BASE_LABELS, ...labels],
  }));
}

export function metricsOf<T>(
  definitions: readonly Definition<T>[],
  from: T,
  labels: BaseLabels,
  timestamp: bigint,
): Metric[] {
  const base = BASE_LABELS.map((key) => labels[key]);
  return definitions.flatMap((definition) =>
    definition.read(from).map(([value, ...more]) => ({
      name: definition.name,
      timestamp,
      metricType: definition.type,
      labelValues: [...base, ...more],
      value: { value },
    })),
  );
}
