// Which container of which pod has which devices. Plain data and questions about it; nothing is asked of a plugin here.

import type { V1Container } from "@kubernetes/client-node";

/** A pod as far as its devices go. */
export interface DevicePod {
  readonly metadata: { readonly uid?: string | undefined; readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly initContainers?: readonly V1Container[] | undefined;
    readonly containers: readonly V1Container[];
  };
}

/** The node of a device that says nothing of its NUMA nodes, in files and answers of kubelet. */
export const NO_NUMA_NODE = -1;

export interface Allocation {
  readonly podUid: string;
  readonly container: string;
  readonly resource: string;
  /** Ids of devices by NUMA node; one of several nodes is under each. */
  readonly devices: ReadonlyMap<number, readonly string[]>;
  /** ContainerAllocateResponse as the plugin sent it, encoded. */
  readonly response: Uint8Array;
}

export function idsOf({ devices }: Allocation): ReadonlySet<string> {
  return new Set([...devices.values()].flat());
}

export class Allocations {
  #all: readonly Allocation[] = [];

  get all(): readonly Allocation[] {
    return this.#all;
  }

  get(podUid: string, container: string, resource: string): Allocation | undefined {
    return this.ofContainer(podUid, container).find((item) => item.resource === resource);
  }

  ofContainer(podUid: string, container: string): readonly Allocation[] {
    return this.#all.filter((item) => item.podUid === podUid && item.container === container);
  }

  /** In place of what the container had of the resource. */
  put(allocation: Allocation): void {
    const { podUid, container, resource } = allocation;
    const others = this.#all.filter(
      (item) => item.podUid !== podUid || item.container !== container || item.resource !== resource,
    );
    this.#all = [...others, allocation];
  }

  /** Forgets what other pods had. Whether there was any. */
  retain(podUids: ReadonlySet<string>): boolean {
    const kept = this.#all.filter(({ podUid }) => podUids.has(podUid));
    const changed = kept.length < this.#all.length;
    this.#all = kept;
    return changed;
  }

  /** Whether there was any. */
  remove(podUid: string): boolean {
    return this.retain(new Set(this.#all.map((item) => item.podUid).filter((uid) => uid !== podUid)));
  }

  has(resource: string): boolean {
    return this.#all.some((item) => item.resource === resource);
  }

  /** Ids of the resource that pods have. */
  used(resource: string): ReadonlySet<string> {
    return new Set(this.#all.filter((item) => item.resource === resource).flatMap((item) => [...idsOf(item)]));
  }

  /**
   * What containers of the pod that come later may have again: the devices of init containers that end before them, but for those that
   * a sidecar or another container has taken over.
   */
  reusable({ metadata: { uid = "" }, spec }: DevicePod, resource: string): ReadonlySet<string> {
    const of = ({ name }: V1Container): string[] => {
      const held = this.get(uid, name, resource);
      return held === undefined ? [] : [...idsOf(held)];
    };
    const inits = spec.initContainers ?? [];
    const ending = inits.filter(({ restartPolicy }) => restartPolicy !== "Always");
    const staying = [...inits.filter(({ restartPolicy }) => restartPolicy === "Always"), ...spec.containers];
    const taken = new Set(staying.flatMap(of));
    return new Set(ending.flatMap(of).filter((id) => !taken.has(id)));
  }
}
