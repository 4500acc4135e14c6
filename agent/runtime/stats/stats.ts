// Statistics and metrics of the CRI. Everything is read when somebody asks: a node that nobody scrapes spends nothing on it.

import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

import type { Clock } from "../../base/clock.ts";
import { describeError, isErrno } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import {
  ContainerState,
  PodSandboxState,
  type ContainerMetrics,
  type ContainerStats,
  type ContainerStatsFilter,
  type MetricDescriptor,
  type PodSandboxMetrics,
  type PodSandboxStats,
  type PodSandboxStatsFilter,
} from "../../cri/runtime.ts";
import type { ImageStore } from "../../images/images.ts";
import type { Cgroups } from "../../system/cgroupfs.ts";
import { dump } from "../../system/netlink/exchange.ts";
import { decodeLinkCounters, dumpLinkCounters } from "../../system/netlink/rtnetlink.ts";
import { createSlowCalls, type SlowCalls } from "../../system/slow-calls.ts";
import type { System } from "../../system/system.ts";
import type { Containers } from "../containers.ts";
import { sandboxFiles, type Layout } from "../layout.ts";
import type { ContainerRecord, SandboxRecord } from "../records.ts";
import type { Sandboxes } from "../sandboxes.ts";
import {
  cpuUsage,
  filesystemUsage,
  ioUsage,
  memoryUsage,
  networkUsage,
  swapUsage,
  type CpuSample,
  type DiskFigures,
  type NetworkFigures,
} from "./cri-stats.ts";
import { CpuRates } from "./cpu-rates.ts";
import { DiskSampler } from "./disk-sampler.ts";
import { readFigures, readFileFigures, type Figures, type MemoryFigures } from "./figures.ts";
import {
  CONTAINER_METRICS,
  metricDescriptors,
  metricsOf,
  NETWORK_METRICS,
  type BaseLabels,
  type Filesystem,
  type Limits,
} from "./metrics.ts";

const NETLINK_ROUTE = 0;

/** Several readers at once share what was read within this. */
const NETWORK_FRESH_MS = 1_000;

const LOOPBACK = "lo";

export interface StatsOptions {
  readonly system: System;
  readonly cgroups: Cgroups;
  readonly images: Pick<ImageStore, "snapshot">;
  readonly containers: Containers;
  readonly sandboxes: Sandboxes;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly log: Logger;
  /** @default a process for each walk */
  readonly usage?: SlowCalls["usage"] | undefined;
}

export class Stats {
  readonly #options: StatsOptions;
  readonly #disk: DiskSampler;
  readonly #rates = new CpuRates();
  readonly #networks = new Map<
    string,
    { readonly at: bigint; readonly figures: Promise<NetworkFigures | undefined> }
  >();

  constructor(options: StatsOptions) {
    this.#options = options;
    this.#disk = new DiskSampler({
      usage: options.usage ?? ((...call) => createSlowCalls().usage(...call)),
      clock: options.clock,
      failed: (path, error) => {
        if (!isErrno(error, "ENOENT"))
          options.log.warn({ path, error: describeError(error) }, "a container's layer could not be measured");
      },
    });
  }

  close(): void {
    this.#disk.close();
  }

  // Containers

  /** Throws `not-found`. One that does not run has no figures but those of its layer. */
  async container(id: string): Promise<ContainerStats> {
    return this.#containerStats(this.#options.containers.require(id));
  }

  async *containers(filter: ContainerStatsFilter | undefined): AsyncGenerator<ContainerStats> {
    this.#forget();
    for (const record of this.#running(filter)) {
      await turn();
      if (record.state === "running") yield await this.#containerStats(record);
    }
  }

  #running(filter: ContainerStatsFilter | undefined): ContainerRecord[] {
    const { containers } = this.#options;
    return containers
      .list({ ...filter, state: { state: ContainerState.CONTAINER_RUNNING } })
      .map(({ id = "" }) => containers.find(id))
      .filter((record) => record !== undefined);
  }

  async #containerStats(record: ContainerRecord): Promise<ContainerStats> {
    const { config, id } = record;
    const figures = this.#figures(record);
    const disk = await this.#diskOf(record);
    const memory = figures?.memory;
    return {
      attributes: { id, metadata: config.metadata, labels: config.labels, annotations: config.annotations },
      cpu: figures === undefined ? undefined : cpuUsage(figures, this.#nanoCores(id, figures, record.startedAt)),
      memory: figures === undefined || memory === undefined ? undefined : memoryUsage(memory, figures.timestamp),
      swap: figures === undefined || memory === undefined ? undefined : swapUsage(memory, figures.timestamp),
      io: figures === undefined ? undefined : ioUsage(figures),
      writableLayer: disk === undefined ? undefined : filesystemUsage(disk),
    };
  }

  #figures(record: ContainerRecord): Figures | undefined {
    if (record.state !== "running") return undefined;
    return readFigures(this.#options.cgroups, record.cgroup, this.#options.clock.now());
  }

  #diskOf({ id }: ContainerRecord): Promise<DiskFigures | undefined> {
    const snapshot = this.#options.images.snapshot(id);
    if (snapshot === undefined) return Promise.resolve(undefined);
    return this.#disk.get(id, join(snapshot.directory, snapshot.upper));
  }

  /** Since the reading before this one, or since the start when there is none. */
  #nanoCores(id: string, figures: CpuSample, startedAt: bigint): bigint | undefined {
    const { timestamp, cpuNanoseconds } = figures;
    return this.#rates.next(id, { timestamp, cpuNanoseconds }, { timestamp: startedAt, cpuNanoseconds: 0n });
  }

  /** Of what is gone. */
  #forget(): void {
    const { containers, sandboxes } = this.#options;
    this.#rates.retain((id) => containers.find(id) !== undefined || sandboxes.records.get(id) !== undefined);
    for (const id of this.#networks.keys()) if (sandboxes.records.get(id) === undefined) this.#networks.delete(id);
    this.#disk.retain(new Set([...containers.records.values()].map(({ id }) => id)));
  }

  // Pods

  /** Throws `not-found`. */
  async sandbox(id: string): Promise<PodSandboxStats> {
    return this.#sandboxStats(this.#options.sandboxes.require(id));
  }

  async *sandboxes(filter: PodSandboxStatsFilter | undefined): AsyncGenerator<PodSandboxStats> {
    this.#forget();
    for (const record of this.#ready(filter)) {
      await turn();
      yield await this.#sandboxStats(record);
    }
  }

  #ready(filter: PodSandboxStatsFilter | undefined): SandboxRecord[] {
    const { sandboxes } = this.#options;
    return sandboxes
      .list({ ...filter, state: { state: PodSandboxState.SANDBOX_READY } })
      .map(({ id = "" }) => sandboxes.records.get(id))
      .filter((record) => record !== undefined);
  }

  async #sandboxStats(record: SandboxRecord): Promise<PodSandboxStats> {
    const { config, id } = record;
    const { cgroups, clock, containers } = this.#options;
    const records = containers.ofSandbox(id).filter(({ state }) => state === "running");
    const inside = records.map((container) => this.#figures(container)).filter((figures) => figures !== undefined);
    const stats: ContainerStats[] = [];
    for (const container of records) stats.push(await this.#containerStats(container));
    const now = clock.now();
    // The group that the caller made for the pod counts what has ended as well; without one there are the containers.
    const parent = config.linux?.cgroupParent ?? "";
    const own = parent === "" ? undefined : readFigures(cgroups, `/${parent.replace(/^\/+|\/+$/g, "")}`, now);
    const cpu: CpuSample = {
      timestamp: now,
      cpuNanoseconds: own?.cpuNanoseconds ?? inside.reduce((sum, figures) => sum + figures.cpuNanoseconds, 0n),
    };
    const memory = own?.memory?.usage === undefined ? sumOf(inside) : own.memory;
    const network = await this.#networkOf(record);
    const processes =
      BigInt(inside.reduce((sum, figures) => sum + figures.pids.length, 0)) + (record.initPid > 0 ? 1n : 0n);
    return {
      attributes: { id, metadata: config.metadata, labels: config.labels, annotations: config.annotations },
      linux: {
        cpu: {
          ...(own === undefined ? {} : cpuUsage(own, undefined)),
          timestamp: now,
          usageCoreNanoSeconds: { value: cpu.cpuNanoseconds },
          usageNanoCores: optional(this.#nanoCores(id, cpu, record.createdAt)),
        },
        memory: memory === undefined ? undefined : memoryUsage(memory, now),
        network: network === undefined ? undefined : networkUsage(network),
        process: { timestamp: now, processCount: { value: processes } },
        containers: stats,
        io: own === undefined ? undefined : ioUsage(own),
      },
    };
  }

  /** Undefined for a pod on the host's network: its counters are not the pod's. */
  #networkOf(record: SandboxRecord): Promise<NetworkFigures | undefined> {
    if (!record.pinned.includes("network")) return Promise.resolve(undefined);
    const now = this.#options.clock.monotonic();
    const known = this.#networks.get(record.id);
    if (known !== undefined && now - known.at < BigInt(NETWORK_FRESH_MS) * 1_000_000n) return known.figures;
    const figures = this.#readNetwork(record).catch((error: unknown) => {
      this.#options.log.warn(
        { sandbox: record.id, error: describeError(error) },
        "a pod's network counters could not be read",
      );
      return undefined;
    });
    this.#networks.set(record.id, { at: now, figures });
    return figures;
  }

  async #readNetwork(record: SandboxRecord): Promise<NetworkFigures | undefined> {
    const { system, layout, clock } = this.#options;
    let netns: number;
    try {
      netns = openSync(sandboxFiles(layout, record.id).pins.network, "r");
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined; // it has just been stopped
      throw error;
    }
    try {
      const answers = await dump(system, NETLINK_ROUTE, dumpLinkCounters(), { netns });
      return {
        timestamp: clock.now(),
        links: answers.map(decodeLinkCounters).filter(({ name }) => name !== LOOPBACK),
      };
    } finally {
      closeSync(netns);
    }
  }

  // Metrics

  metricDescriptors(): MetricDescriptor[] {
    return metricDescriptors();
  }

  async *metrics(): AsyncGenerator<PodSandboxMetrics> {
    this.#forget();
    for (const record of this.#ready(undefined)) {
      await turn();
      yield await this.#podMetrics(record);
    }
  }

  async #podMetrics(sandbox: SandboxRecord): Promise<PodSandboxMetrics> {
    const { containers, clock } = this.#options;
    const labels = (change: Partial<BaseLabels>): BaseLabels => ({
      id: sandbox.cgroup,
      name: sandbox.id,
      image: "",
      container: "",
      pod: sandbox.config.metadata?.name ?? "",
      namespace: sandbox.config.metadata?.namespace ?? "",
      ...change,
    });
    const network = await this.#networkOf(sandbox);
    const containerMetrics: ContainerMetrics[] = [];
    for (const record of containers.ofSandbox(sandbox.id)) {
      const figures = this.#figures(record);
      if (figures === undefined) continue;
      const disk = await this.#diskOf(record);
      const metrics = metricsOf(
        CONTAINER_METRICS,
        {
          figures,
          disk,
          files: readFileFigures(figures.pids),
          filesystem: disk === undefined ? undefined : await this.#filesystemOf(disk.path),
          limits: limitsOf(record, figures),
          startedAt: record.startedAt,
        },
        labels({
          id: record.cgroup,
          name: record.id,
          image: record.config.image?.userSpecifiedImage || record.config.image?.image || "",
          container: record.config.metadata?.name ?? "",
        }),
        figures.timestamp,
      );
      containerMetrics.push({ containerId: record.id, metrics });
    }
    return {
      podSandboxId: sandbox.id,
      metrics: network === undefined ? [] : metricsOf(NETWORK_METRICS, network, labels({}), clock.now()),
      containerMetrics,
    };
  }

  async #filesystemOf(path: string): Promise<Filesystem | undefined> {
    try {
      const { blockSize, blocks, files, filesFree } = await this.#options.system.statfs(path);
      return { bytes: blockSize * blocks, inodes: files, inodesFree: filesFree };
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }
}

function limitsOf({ config }: ContainerRecord, { memory }: Figures): Limits {
  const resources = config.linux?.resources;
  const none = (limit: bigint | undefined): bigint => (limit === undefined || limit < 0n ? 0n : limit);
  return {
    cpuPeriod: none(resources?.cpuPeriod) || 100_000n,
    cpuQuota: none(resources?.cpuQuota),
    cpuShares: none(resources?.cpuShares) || 1024n,
    // As the kernel holds it, in whole pages; as it was asked for where the kernel holds none.
    memory: memory?.usage === undefined ? none(resources?.memoryLimitInBytes) : (memory.limit ?? 0n),
    memoryReservation: 0n,
    memorySwap: none(resources?.memorySwapLimitInBytes),
  };
}

/** Together, as far as each has a figure; a limit is each one's own. */
function sumOf(all: readonly Figures[]): MemoryFigures | undefined {
  const memories = all.map(({ memory }) => memory).filter((memory) => memory !== undefined);
  const [first] = memories;
  if (first === undefined) return undefined;
  const sum = (read: (memory: MemoryFigures) => bigint): bigint =>
    memories.reduce((total, memory) => total + read(memory), 0n);
  const usages = memories.map(({ usage }) => usage).filter((usage) => usage !== undefined);
  return {
    ...first,
    usage: usages.length === 0 ? undefined : usages.reduce((total, usage) => total + usage, 0n),
    workingSet: sum(({ workingSet }) => workingSet),
    rss: sum(({ rss }) => rss),
    faults: sum(({ faults }) => faults),
    majorFaults: sum(({ majorFaults }) => majorFaults),
    limit: undefined,
    pressure: undefined,
  };
}

function optional(value: bigint | undefined): { value: bigint } | undefined {
  return value === undefined ? undefined : { value };
}

/** Reading a container's files takes some hundred microseconds: others get their turn between two. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
