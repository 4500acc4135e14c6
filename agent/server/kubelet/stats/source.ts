// What the node and its pods use, read once for whoever asks within a moment.

import { statfsSync } from "node:fs";

import type { Clock } from "../../../base/clock.ts";
import type { Cri, PodSandboxStats } from "../../../cri/runtime.ts";
import type { PodManager, PodView } from "../../../pods/manager.ts";
import { readHost, type HostFigures } from "./host.ts";

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

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
  /** Since the reading before; undefined: this is the first. */
  readonly hostNanoCores: bigint | undefined;
  readonly pods: readonly { readonly stats: PodSandboxStats; readonly view: PodView | undefined }[];
}

export interface StatsSource {
  read(signal: AbortSignal): Promise<NodeStats>;
  fs(path: string): FsFigures | undefined;
  /** Of a container, milliseconds since the epoch; undefined: it has not been started. */
  startedAt(view: PodView | undefined, container: string): number | undefined;
}

export interface StatsSourceOptions {
  readonly cri: Cri;
  readonly pods: PodManager;
  readonly clock: Clock;
}

export function createStatsSource({ cri, pods, clock }: StatsSourceOptions): StatsSource {
  let before: { time: bigint; cpu: bigint } | undefined;
  return {
    async read(signal) {
      const { stats = [] } = await cri.listPodSandboxStats({}, { signal });
      const now = clock.now();
      const host = readHost(Number(now / NS_PER_MS));
      const time = clock.monotonic();
      const elapsed = before === undefined ? 0n : time - before.time;
      const used = before === undefined ? 0n : host.cpuNanoseconds - before.cpu;
      before = { time, cpu: host.cpuNanoseconds };
      return {
        time: host.time,
        host,
        hostNanoCores: elapsed <= 0n ? undefined : (used * NS_PER_S) / elapsed,
        pods: stats.map((one) => {
          const { namespace = "", name = "" } = one.attributes?.metadata ?? {};
          return { stats: one, view: pods.get(namespace, name) };
        }),
      };
    },

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
  };
}
