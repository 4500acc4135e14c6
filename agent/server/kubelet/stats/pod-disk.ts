// What pods take on the node's disk beside the layers of their containers: volumes and logs. Measured away from the requests.

import { join } from "node:path";

import type { Clock } from "../../../base/clock.ts";
import { describeError, isErrno } from "../../../base/errors.ts";
import type { Logger } from "../../../base/log.ts";
import { podDir, podLogDir, type PodLayout } from "../../../pods/layout.ts";
import type { PodView } from "../../../pods/manager.ts";
import type { DiskFigures } from "../../../runtime/stats/cri-stats.ts";
import { DiskSampler } from "../../../runtime/stats/disk-sampler.ts";
import { createSlowCalls, type SlowCalls } from "../../../system/slow-calls.ts";
import { volumeDirectories } from "../../../volumes/volumes.ts";

/** What has not been measured yet is not in it. */
export interface PodDisk {
  /** Those under the pod's directory, by name. */
  readonly volumes: ReadonlyMap<string, DiskFigures>;
  /** By container. */
  readonly logs: ReadonlyMap<string, DiskFigures>;
}

export const NOTHING_MEASURED: PodDisk = { volumes: new Map(), logs: new Map() };

export interface PodDisksOptions {
  readonly layout: Pick<PodLayout, "rootDir" | "podLogsDir">;
  readonly clock: Clock;
  readonly log: Logger;
  /** How old figures of volumes may be; below 0: volumes are not measured. */
  readonly volumesMs: number;
  /** @default a process for each walk */
  readonly usage?: SlowCalls["usage"] | undefined;
}

export class PodDisks implements Disposable {
  readonly #layout: PodDisksOptions["layout"];
  readonly #volumesMs: number;
  readonly #sampler: DiskSampler;

  constructor({ layout, clock, log, volumesMs, usage }: PodDisksOptions) {
    const slow = createSlowCalls();
    this.#layout = layout;
    this.#volumesMs = volumesMs;
    this.#sampler = new DiskSampler({
      usage: usage ?? ((...call) => slow.usage(...call)),
      clock,
      failed: (path, error) => {
        if (!isErrno(error, "ENOENT"))
          log.warn({ path, error: describeError(error) }, "a pod's files could not be measured");
      },
    });
  }

  /** Of these pods, by uid; others are forgotten. */
  async read(views: readonly PodView[]): Promise<ReadonlyMap<string, PodDisk>> {
    const trees = views.map((view) => this.#trees(view));
    this.#sampler.retain(new Set(trees.flatMap(({ volumes, logs }) => [...volumes.values(), ...logs.values()])));
    const measured = trees.map(async ({ uid, volumes, logs }) => {
      const disk = { volumes: await this.#measure(volumes, this.#volumesMs), logs: await this.#measure(logs) };
      return [uid, disk] as const;
    });
    return new Map(await Promise.all(measured));
  }

  /** What is to be measured: directories by volume and by container. */
  #trees({ pod }: PodView): {
    readonly uid: string;
    readonly volumes: ReadonlyMap<string, string>;
    readonly logs: ReadonlyMap<string, string>;
  } {
    const { uid = "" } = pod.metadata ?? {};
    const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
    const logs = podLogDir(this.#layout, pod);
    return {
      uid,
      volumes: this.#volumesMs < 0 ? new Map<string, string>() : volumeDirectories(pod, podDir(this.#layout, uid)),
      logs: new Map(
        [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => [name, join(logs, name)]),
      ),
    };
  }

  async #measure(paths: ReadonlyMap<string, string>, freshMs?: number): Promise<ReadonlyMap<string, DiskFigures>> {
    const figures = await Promise.all(
      [...paths].map(async ([name, path]) => [name, await this.#sampler.get(path, path, freshMs)] as const),
    );
    return new Map(figures.flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const])));
  }

  [Symbol.dispose](): void {
    this.#sampler.close();
  }
}
