// What the node and its pods use, read once for whoever asks within a moment.

import { statfsSync } from "node:fs";

import type { Cri, PodSandboxStats } from "../../../cri/runtime.ts";
import type { PodManager, PodView } from "../../../pods/manager.ts";
import { CpuRates } from "../../../runtime/stats/cpu-rates.ts";
import { readHost, type HostFigures } from "./host.ts";
import { PodDisks, type PodDisk, type PodDisksOptions } from "./pod-disk.ts";
import { SystemContainers, type SystemContainer, type SystemContainersOptions } from "./system-containers.ts";

const NS_PER_MS = 1_000_000n;

export interface FsFigures {
  readonly capacity: bigint;
  readonly available: bigint;
  readonly inodes: bigint;
  readonly inodesFree: bigint;
}

export interface NodeStats {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly host: HostFigures;
  /** Since the reading before, or since boot. */
  readonly hostNanoCores: bigint | undefined;
  readonly pods: readonly { readonly stats: PodSandboxStats; readonly view: PodView | undefined }[];
}

export interface StatsSource extends Disposable {
  read(signal: AbortSignal): Promise<NodeStats>;
  systemContainers(): readonly SystemContainer[];
  /** By the pod's uid. */
  disks(): Promise<ReadonlyMap<string, PodDisk>>;
  fs(path: string): FsFigures | undefined;
  /** Of a container, milliseconds since the epoch; undefined: it has not been started. */
  startedAt(view: PodView | undefined, container: string): number | undefined;
}

export interface StatsSourceOptions extends SystemContainersOptions, PodDisksOptions {
  readonly cri: Cri;
  readonly pods: PodManager;
  /** @default /proc */
  readonly proc?: string | undefined;
}

/** Of the node's own rate. */
const HOST = "";

export function createStatsSource(options: StatsSourceOptions): StatsSource {
  const { cri, pods, clock } = options;
  const rates = new CpuRates();
  const systemContainers = new SystemContainers(options);
  const podDisks = new PodDisks(options);
  return {
    async read(signal) {
      const { stats = [] } = await cri.listPodSandboxStats({}, { signal });
      const now = clock.now();
      const host = readHost(Number(now / NS_PER_MS), options.proc);
      const { cpuNanoseconds } = host;
      const boot = { timestamp: BigInt(host.bootTime) * NS_PER_MS, cpuNanoseconds: 0n };
      return {
        time: host.time,
        host,
        hostNanoCores: rates.next(HOST, { timestamp: now, cpuNanoseconds }, boot),
        pods: stats.map((one) => {
          const { namespace = "", name = "" } = one.attributes?.metadata ?? {};
          return { stats: one, view: pods.get(namespace, name) };
        }),
      };
    },

    systemContainers: () => systemContainers.read(clock.now()),

    disks: () => podDisks.read(pods.list()),

    fs(path) {
      try {
        // The daemon's own directories: it could not run with one that hangs.
        const { bsize, blocks, bavail, files, ffree } = statfsSync(path, { bigint: true });
        return { capacity: blocks * bsize, available: bavail * bsize, inodes: files, inodesFree: ffree };
      } catch {
        return undefined;
      }
    },

    startedAt(view, container) {
      const { status } = view?.pod ?? {};
      const all = [
        ...(status?.initContainerStatuses ?? []),
        ...(status?.containerStatuses ?? []),
        ...(status?.ephemeralContainerStatuses ?? []),
      ];
      const started = all.find(({ name }) => name === container)?.state?.running?.startedAt;
      return started === undefined ? undefined : new Date(started).getTime();
    },

    [Symbol.dispose]: () => podDisks[Symbol.dispose](),
  };
}
