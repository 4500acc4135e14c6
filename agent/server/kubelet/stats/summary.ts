// GET /stats/summary: the node and its pods, as `stats.kubelet.k8s.io/v1alpha1` has them. Query: only_cpu_and_memory.

import type {
  ContainerStats,
  CpuUsage,
  Cri,
  FilesystemUsage,
  LinuxPodSandboxStats,
  MemoryUsage,
  NetworkInterfaceUsage,
  PsiData,
  PsiStats,
  SwapUsage,
  UInt64Value,
} from "../../../cri/runtime.ts";
import { flag } from "../../http.ts";
import type { Route } from "../../router.ts";
import type { FsFigures, NodeStats, StatsSource } from "./source.ts";

const NS_PER_MS = 1_000_000n;

export interface SummaryOptions {
  readonly cri: Cri;
  readonly source: StatsSource;
  readonly nodeName: string;
  readonly rootDir: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
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
      call.json({
        node: nodeSummary(options, stats, few, images),
        pods: stats.pods.map((pod) => podSummary(options.source, pod, few)),
      });
    },
  };
}

function nodeSummary(
  { source, nodeName, rootDir, startedAt }: SummaryOptions,
  { host, hostNanoCores, time }: NodeStats,
  few: boolean,
  images: FilesystemUsage | undefined,
): Json {
  const at = isoTime(time);
  const { memory, swap } = host;
  const shown: Json = {
    nodeName,
    startTime: isoTime(startedAt),
    cpu: { time: at, usageNanoCores: number(hostNanoCores) ?? 0, usageCoreNanoSeconds: Number(host.cpuNanoseconds) },
    memory: {
      time: at,
      availableBytes: Number(memory.available),
      usageBytes: Number(memory.usage),
      workingSetBytes: Number(memory.workingSet),
      rssBytes: Number(memory.rss),
      pageFaults: Number(memory.faults),
      majorPageFaults: Number(memory.majorFaults),
    },
  };
  if (few) return shown;
  const [first] = host.interfaces;
  const links = host.interfaces.map(({ name, ...counters }) => ({
    name,
    ...Object.fromEntries(Object.entries(counters).map(([key, value]) => [key, Number(value)])),
  }));
  const imagePath = images?.fsId?.mountpoint;
  return {
    ...shown,
    network: { time: at, ...(first === undefined ? {} : links[0]), interfaces: links },
    fs: fsSummary(source.fs(rootDir), time),
    runtime: {
      imageFs: fsSummary(source.fs(imagePath ?? rootDir), time, number(images?.usedBytes?.value)),
      containerFs: fsSummary(source.fs(imagePath ?? rootDir), time),
    },
    rlimit: { time: at, maxpid: host.processesMax, curproc: host.processes },
    swap: { time: at, swapUsageBytes: Number(swap.usage), swapAvailableBytes: Number(swap.available) },
  };
}

function podSummary(source: StatsSource, { stats, view }: NodeStats["pods"][number], few: boolean): Json {
  const { metadata } = stats.attributes ?? {};
  const linux = stats.linux ?? {};
  const started = view?.pod.status.startTime;
  return {
    podRef: { name: metadata?.name, namespace: metadata?.namespace, uid: view?.pod.metadata?.uid ?? metadata?.uid },
    startTime: started === undefined ? null : new Date(started).toISOString().replace(/\.\d+Z$/, "Z"),
    containers: (linux.containers ?? []).map((container) => {
      const name = container.attributes?.metadata?.name ?? "";
      return containerSummary(container, source.startedAt(view, name), few);
    }),
    cpu: cpu(linux.cpu),
    memory: memory(linux.memory),
    ...(few ? {} : podExtras(source, linux)),
  };
}

function podExtras(source: StatsSource, linux: LinuxPodSandboxStats): Json {
  const { network, process } = linux;
  const layers = (linux.containers ?? []).map(({ writableLayer }) => writableLayer);
  const [layer] = layers;
  const sum = (of: (layer: FilesystemUsage | undefined) => UInt64Value | undefined): number =>
    layers.reduce((total, one) => total + (number(of(one)?.value) ?? 0), 0);
  return {
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
    ...(layer === undefined
      ? {}
      : {
          "ephemeral-storage": {
            ...fsSummary(source.fs(layer.fsId?.mountpoint ?? "/"), Number((layer.timestamp ?? 0n) / NS_PER_MS)),
            usedBytes: sum((one) => one?.usedBytes),
            inodesUsed: sum((one) => one?.inodesUsed),
          },
        }),
    ...(process === undefined ? {} : { process_stats: { process_count: number(process.processCount?.value) ?? 0 } }),
  };
}

function containerSummary(stats: ContainerStats, startedAt: number | undefined, few: boolean): Json {
  const { writableLayer, swap } = stats;
  return {
    name: stats.attributes?.metadata?.name,
    startTime: startedAt === undefined ? time(stats.cpu?.timestamp) : isoTime(startedAt),
    cpu: cpu(stats.cpu),
    memory: memory(stats.memory),
    ...(few || writableLayer === undefined
      ? {}
      : {
          rootfs: {
            time: time(writableLayer.timestamp),
            usedBytes: number(writableLayer.usedBytes?.value),
            inodesUsed: number(writableLayer.inodesUsed?.value),
          },
        }),
    ...(few || swap === undefined ? {} : { swap: swapOf(swap) }),
  };
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

function swapOf(usage: SwapUsage): Json {
  return {
    time: time(usage.timestamp),
    swapAvailableBytes: number(usage.swapAvailableBytes?.value),
    swapUsageBytes: number(usage.swapUsageBytes?.value),
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
