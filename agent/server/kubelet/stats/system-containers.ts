// The groups of processes that are no pods, under kubelet's names: `kubelet` and `runtime`, which are one daemon here, and `pods`, all of
// them together.

import type { CpuSample } from "../../../runtime/stats/cri-stats.ts";
import { CpuRates } from "../../../runtime/stats/cpu-rates.ts";
import { readFigures, type Figures } from "../../../runtime/stats/figures.ts";
import type { Cgroups } from "../../../system/cgroupfs.ts";

export interface SystemContainer {
  readonly name: "kubelet" | "runtime" | "pods";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly figures: Figures;
  readonly nanoCores: bigint | undefined;
}

export interface SystemContainersOptions {
  readonly cgroups: Pick<Cgroups, "stats" | "processes" | "madeAt">;
  /** The daemon's; undefined: it has none of its own. */
  readonly ownCgroup: string | undefined;
  readonly podCgroup: string;
  /** Of the daemon, milliseconds since the epoch. */
  readonly startedAt: number;
}

export class SystemContainers {
  readonly #options: SystemContainersOptions;
  readonly #rates = new CpuRates();

  constructor(options: SystemContainersOptions) {
    this.#options = options;
  }

  /** Those that there are. Nanoseconds since the epoch. */
  read(now: bigint): readonly SystemContainer[] {
    const { cgroups, ownCgroup, podCgroup, startedAt } = this.#options;
    const own = ownCgroup === undefined ? undefined : this.#figures(ownCgroup, now);
    const pods = this.#figures(podCgroup, now);
    return [
      ...(own === undefined ? [] : (["kubelet", "runtime"] as const).map((name) => ({ name, startedAt, ...own }))),
      ...(pods === undefined
        ? []
        : [{ name: "pods" as const, startedAt: cgroups.madeAt(podCgroup) ?? startedAt, ...pods }]),
    ];
  }

  #figures(path: string, now: bigint): Pick<SystemContainer, "figures" | "nanoCores"> | undefined {
    const figures = readFigures(this.#options.cgroups, path, now);
    if (figures === undefined) return undefined;
    const sample: CpuSample = { timestamp: figures.timestamp, cpuNanoseconds: figures.cpuNanoseconds };
    // Without a controller memory is that of the group's own processes, not of those below.
    const uncounted = figures.memory?.usage === undefined && figures.pids.length === 0;
    return {
      figures: uncounted ? { ...figures, memory: undefined } : figures,
      nanoCores: this.#rates.next(path, sample),
    };
  }
}
