// GET /stats/summary: the node and its pods, as `stats.kubelet.k8s.io/v1alpha1` has them. Query: only_cpu_and_memory.

import type {
  ContainerStats,
  CpuUsage,
  Cri,
  FilesystemUsage,
  IoUsage,
  LinuxPodSandboxStats,
  MemoryUsage,
  NetworkInterfaceUsage,
  PsiData,
  PsiStats,
  SwapUsage,
  UInt64Value,
} from "../../../cri/runtime.ts";
import type { PodView } from "../../../pods/manager.ts";
import { diskVolumes } from "../../../pods/storage-limits.ts";
import {
  cpuUsage,
  filesystemUsage,
  ioUsage,
  memoryUsage,
  psi as pressureStats,
  swapUsage,
} from "../../../runtime/stats/cri-stats.ts";
import type { DiskFigures } from "../../../runtime/stats/cri-stats.ts";
import { flag } from "../../http.ts";
import type { Route } from "../../router.ts";
import { NOTHING_MEASURED, type PodDisk } from "./pod-disk.ts";
import type { FsFigures, NodeStats, StatsSource } from "./source.ts";
import type { SystemContainer } from "./system-containers.ts";

const NS_PER_MS = 1_000_000n;

/** The one whose figures stand for the node's, as with kubelet. */
const DEFAULT_INTERFACE = "eth0";

export interface SummaryOptions {
  readonly cri: Cri;
  readonly source: StatsSource;
  readonly nodeName: string;
  readonly rootDir: string;
  readonly podLogsDir: string;
}

type Json = Readonly<Record<string, unknown>>;

export function summaryRoute(options: SummaryOptions): Route {
  return {
    method: "GET",
    path: "/stats/summary",
    async handle(call) {
      const few = flag(call.query, "only_cpu_and_memory");
      const stats = await options.source.read(call.signal);
      const images = few
        ? undefined
        : (await options.cri.imageFsInfo({}, { signal: call.signal })).imageFilesystems?.[0];
      const disks = few ? undefined : await options.source.disks();
      call.json({
        node: nodeSummary(options, stats, few, images),
        pods: stats.pods.map((pod) => podSummary(options, pod, disks)),
      });
    },
  };
}

function nodeSummary(
  { source, nodeName, rootDir }: SummaryOptions,
  { host, hostNanoCores, time }: NodeStats,
  few: boolean,
  images: FilesystemUsage | undefined,
): Json {
  const at = isoTime(time);
  const { memory, pressure, swap } = host;
  const shown: Json = {
    nodeName,
    startTime: isoTime(host.bootTime),
    systemContainers: source.systemContainers().map((group) => systemSummary(group, few)),
    cpu: {
      time: at,
      usageNanoCores: number(hostNanoCores) ?? 0,
      usageCoreNanoSeconds: Number(host.cpuNanoseconds),
      psi: psi(pressureStats(pressure.cpu)),
    },
    memory: {
      time: at,
      availableBytes: Number(memory.available),
      usageBytes: Number(memory.usage),
      workingSetBytes: Number(memory.workingSet),
      rssBytes: Number(memory.rss),
      pageFaults: Number(memory.faults),
      majorPageFaults: Number(memory.majorFaults),
      psi: psi(pressureStats(pressure.memory)),
    },
  };
  if (few) return shown;
  const links = host.interfaces.map(({ name, ...counters }) => ({
    name,
    ...Object.fromEntries(Object.entries(counters).map(([key, value]) => [key, Number(value)])),
  }));
  const imagePath = images?.fsId?.mountpoint;
  return {
    ...shown,
    ...(pressure.io === undefined ? {} : { io: { time: at, psi: psi(pressureStats(pressure.io)) } }),
    network: {
      time: at,
      ...(links.find(({ name }) => name === DEFAULT_INTERFACE) ?? { name: "" }),
      interfaces: links,
    },
    fs: fsSummary(source.fs(rootDir), time),
    runtime: {
      imageFs: fsSummary(source.fs(imagePath ?? rootDir), time, number(images?.usedBytes?.value)),
      containerFs: fsSummary(source.fs(imagePath ?? rootDir), time),
    },
    rlimit: { time: at, maxpid: host.processesMax, curproc: host.processes },
    swap: { time: at, swapUsageBytes: Number(swap.usage), swapAvailableBytes: Number(swap.available) },
  };
}

/** As kubelet has them: without file systems of their own. */
function systemSummary({ name, startedAt, figures, nanoCores }: SystemContainer, few: boolean): Json {
  const { memory: used, timestamp } = figures;
  const swap = used === undefined ? undefined : swapUsage(used, timestamp);
  return {
    name,
    startTime: isoTime(startedAt),
    cpu: cpu(cpuUsage(figures, nanoCores ?? 0n)),
    memory: used === undefined ? undefined : memory(memoryUsage(used, timestamp)),
    ...(few ? {} : { io: io(ioUsage(figures)), swap: swapOf(swap) }),
  };
}

/** Without what lies on disks: CPU and memory only. */
function podSummary(
  options: SummaryOptions,
  { stats, view }: NodeStats["pods"][number],
  disks: ReadonlyMap<string, PodDisk> | undefined,
): Json {
  const { source } = options;
  const { metadata } = stats.attributes ?? {};
  const linux = stats.linux ?? {};
  const started = view?.pod.status.startTime;
  const uid = view?.pod.metadata?.uid ?? metadata?.uid ?? "";
  const disk = disks === undefined ? undefined : (disks.get(uid) ?? NOTHING_MEASURED);
  return {
    podRef: { name: metadata?.name, namespace: metadata?.namespace, uid },
    startTime: started === undefined ? null : new Date(started).toISOString().replace(/\.\d+Z$/, "Z"),
    containers: (linux.containers ?? []).map((container) => {
      const name = container.attributes?.metadata?.name ?? "";
      return containerSummary(options, container, source.startedAt(view, name), disk);
    }),
    cpu: cpu(linux.cpu),
    memory: memory(linux.memory),
    ...(disk === undefined ? {} : podExtras(source, linux, view, disk)),
  };
}

function podExtras(source: StatsSource, linux: LinuxPodSandboxStats, view: PodView | undefined, disk: PodDisk): Json {
  const { network, process } = linux;
  return {
    io: io(linux.io),
    ...(network === undefined
      ? {}
      : {
          network: {
            time: time(network.timestamp),
            ...link(network.defaultInterface),
            interfaces: [network.defaultInterface, ...(network.interfaces ?? [])]
              .filter((one) => one !== undefined)
              .map(link),
          },
        }),
    volume: [...disk.volumes].flatMap(([name, figures]) => {
      const fs = diskSummary(source, filesystemUsage(figures), figures.path);
      return fs === undefined ? [] : [{ ...fs, name }];
    }),
    "ephemeral-storage": ephemeralStorage(source, linux, view, disk),
    swap: podSwap(linux.containers ?? []),
    ...(process === undefined ? {} : { process_stats: { process_count: number(process.processCount?.value) ?? 0 } }),
  };
}

/** Layers, logs and volumes that are on the node's disk. */
function ephemeralStorage(
  source: StatsSource,
  linux: LinuxPodSandboxStats,
  view: PodView | undefined,
  disk: PodDisk,
): Json | undefined {
  const layers = (linux.containers ?? []).flatMap(({ writableLayer }) =>
    writableLayer === undefined ? [] : [writableLayer],
  );
  const [layer] = layers;
  if (layer === undefined) return undefined;
  const onDisk = new Set(view === undefined ? [] : diskVolumes(view.pod));
  const measured: readonly DiskFigures[] = [
    ...disk.logs.values(),
    ...[...disk.volumes].filter(([name]) => onDisk.has(name)).map(([, figures]) => figures),
  ];
  const parts = [...layers, ...measured.map(filesystemUsage)];
  const sum = (of: (part: FilesystemUsage) => UInt64Value | undefined): number =>
    parts.reduce((total, part) => total + (number(of(part)?.value) ?? 0), 0);
  return {
    ...diskSummary(source, layer, layer.fsId?.mountpoint ?? "/"),
    usedBytes: sum(({ usedBytes }) => usedBytes),
    inodesUsed: sum(({ inodesUsed }) => inodesUsed),
  };
}

function containerSummary(
  { source, podLogsDir }: SummaryOptions,
  stats: ContainerStats,
  startedAt: number | undefined,
  disk: PodDisk | undefined,
): Json {
  const name = stats.attributes?.metadata?.name;
  const shown = {
    name,
    startTime: startedAt === undefined ? time(stats.cpu?.timestamp) : isoTime(startedAt),
    cpu: cpu(stats.cpu),
    memory: memory(stats.memory),
  };
  if (disk === undefined) return shown;
  const { writableLayer: layer, swap } = stats;
  const log = disk.logs.get(name ?? "");
  return {
    ...shown,
    io: io(stats.io),
    rootfs: layer === undefined ? undefined : diskSummary(source, layer, layer.fsId?.mountpoint ?? "/"),
    logs: log === undefined ? undefined : diskSummary(source, filesystemUsage(log), podLogsDir),
    swap: swapOf(swap),
  };
}

/** What a tree takes of the file system at the path. */
function diskSummary(source: StatsSource, usage: FilesystemUsage, path: string): Json | undefined {
  const fs = fsSummary(source.fs(path), Number((usage.timestamp ?? 0n) / NS_PER_MS), number(usage.usedBytes?.value));
  return fs === undefined ? undefined : { ...fs, inodesUsed: number(usage.inodesUsed?.value) };
}

function cpu(usage: CpuUsage | undefined): Json | undefined {
  if (usage === undefined) return undefined;
  return {
    time: time(usage.timestamp),
    usageNanoCores: number(usage.usageNanoCores?.value),
    usageCoreNanoSeconds: number(usage.usageCoreNanoSeconds?.value),
    psi: psi(usage.psi),
  };
}

function memory(usage: MemoryUsage | undefined): Json | undefined {
  if (usage === undefined) return undefined;
  return {
    time: time(usage.timestamp),
    availableBytes: number(usage.availableBytes?.value),
    usageBytes: number(usage.usageBytes?.value),
    workingSetBytes: number(usage.workingSetBytes?.value),
    rssBytes: number(usage.rssBytes?.value),
    pageFaults: number(usage.pageFaults?.value),
    majorPageFaults: number(usage.majorPageFaults?.value),
    psi: psi(usage.psi),
  };
}

function io(usage: IoUsage | undefined): Json | undefined {
  return usage === undefined ? undefined : { time: time(usage.timestamp), psi: psi(usage.psi) };
}

function swapOf(usage: SwapUsage | undefined): Json | undefined {
  if (usage === undefined) return undefined;
  return {
    time: time(usage.timestamp),
    swapAvailableBytes: number(usage.swapAvailableBytes?.value),
    swapUsageBytes: number(usage.swapUsageBytes?.value),
  };
}

/** Of all its containers, as kubelet adds them up. */
function podSwap(containers: readonly ContainerStats[]): Json | undefined {
  const all = containers.flatMap(({ swap }) => swap ?? []);
  const [first] = all;
  if (first === undefined) return undefined;
  const sum = (of: (usage: SwapUsage) => UInt64Value | undefined): number =>
    all.reduce((total, one) => total + (number(of(one)?.value) ?? 0), 0);
  return {
    time: time(first.timestamp),
    swapAvailableBytes: sum(({ swapAvailableBytes }) => swapAvailableBytes),
    swapUsageBytes: sum(({ swapUsageBytes }) => swapUsageBytes),
  };
}

function psi(stats: PsiStats | undefined): Json | undefined {
  if (stats === undefined) return undefined;
  const line = (data: PsiData | undefined): Json => ({
    total: number(data?.Total) ?? 0,
    avg10: data?.Avg10 ?? 0,
    avg60: data?.Avg60 ?? 0,
    avg300: data?.Avg300 ?? 0,
  });
  return { full: line(stats.Full), some: line(stats.Some) };
}

function link(usage: NetworkInterfaceUsage | undefined): Json {
  return {
    name: usage?.name,
    rxBytes: number(usage?.rxBytes?.value),
    rxErrors: number(usage?.rxErrors?.value),
    txBytes: number(usage?.txBytes?.value),
    txErrors: number(usage?.txErrors?.value),
  };
}

function fsSummary(figures: FsFigures | undefined, at: number, usedBytes?: number): Json | undefined {
  if (figures === undefined) return undefined;
  const { capacity, available, inodes, inodesFree } = figures;
  return {
    time: isoTime(at),
    availableBytes: Number(available),
    capacityBytes: Number(capacity),
    usedBytes: usedBytes ?? Number(capacity - available),
    inodesFree: Number(inodesFree),
    inodes: Number(inodes),
    inodesUsed: Number(inodes - inodesFree),
  };
}

function number(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Of nanoseconds since the epoch. */
function time(timestamp: bigint | undefined): string {
  return isoTime(Number((timestamp ?? 0n) / NS_PER_MS));
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
