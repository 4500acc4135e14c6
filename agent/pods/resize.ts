// Resizing pods in place: what a pod was given of what it asks for, and what its containers do not have of that yet (KEP-1287). Pure.

import type { V1Container, V1ResourceRequirements } from "@kubernetes/client-node";

import { changed } from "../base/changed.ts";
import { quantityMilli, quantityValue } from "../base/quantity.ts";
import { shortage } from "./admission.ts";
import type { NodeFacts, RunningPod } from "./admission.ts";
import { podRequests, qosClass } from "./qos.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** What a pod was let have. Plain data, for the records. */
export interface Allocation {
  /** Of the pod as a whole, where it says so. */
  readonly pod?: V1ResourceRequirements | undefined;
  /** By container. */
  readonly containers: Readonly<Record<string, V1ResourceRequirements>>;
}

/** Why a pod does not get what it asks for: its condition PodResizePending. */
export interface PendingResize {
  /** Not now, or never on this node. */
  readonly reason: "Deferred" | "Infeasible";
  readonly message: string;
}

export function allocationOf({ spec }: DecodedPod): Allocation {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return {
    ...(spec.resources === undefined ? {} : { pod: spec.resources }),
    containers: Object.fromEntries(containers.map(({ name, resources = {} }) => [name, resources])),
  };
}

/** The pod with the resources that it was given. Containers that are not in the allocation keep theirs. */
export function withAllocation(pod: DecodedPod, { pod: own, containers }: Allocation): DecodedPod {
  const { resources: _asked, initContainers, ...spec } = pod.spec;
  const given = <T extends V1Container>(container: T): T => {
    const resources = containers[container.name];
    return resources === undefined ? container : changed(container, { resources } as Partial<T>);
  };
  return {
    ...pod,
    spec: {
      ...spec,
      ...(own === undefined ? {} : { resources: own }),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(given) }),
      containers: spec.containers.map(given),
    },
  };
}

const LISTS = ["requests", "limits"] as const;

function amount(resources: V1ResourceRequirements | undefined, list: (typeof LISTS)[number], name: string): bigint {
  const text = resources?.[list]?.[name] ?? "0";
  return (name === "cpu" ? quantityMilli(text) : quantityValue(text)) ?? 0n;
}

/** Of cpu and memory, which alone can be resized: the names of those that differ. */
function differing(
  a: V1ResourceRequirements | undefined,
  b: V1ResourceRequirements | undefined,
): readonly ("cpu" | "memory")[] {
  return (["cpu", "memory"] as const).filter((name) =>
    LISTS.some((list) => amount(a, list, name) !== amount(b, list, name)),
  );
}

/** Whether the group of all containers, as it was set last, is not that of the pod any more. */
export function groupDiffers(pod: DecodedPod, group: Allocation | undefined): boolean {
  return group !== undefined && !sameAllocation(allocationOf(pod), group);
}

export function sameAllocation(a: Allocation, b: Allocation): boolean {
  if (differing(a.pod, b.pod).length > 0) return false;
  return Object.keys({ ...a.containers, ...b.containers }).every(
    (name) => differing(a.containers[name], b.containers[name]).length === 0,
  );
}

/** Undefined: the node has room for what the pod asks for now. `others`: those beside it, as they are allocated. */
export function judgeResize(
  pod: DecodedPod,
  others: readonly RunningPod[],
  node: NodeFacts,
): PendingResize | undefined {
  const alone = shortage(pod, [], node);
  if (alone !== undefined) {
    const { name, requested, capacity } = alone;
    const message = `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}`;
    return { reason: "Infeasible", message };
  }
  const beside = shortage(pod, others, node);
  return beside === undefined ? undefined : { reason: "Deferred", message: beside.message };
}

export interface WaitingResize {
  readonly asked: DecodedPod;
  /** The pod with what it was given. */
  readonly has: DecodedPod;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Who is asked first whether there is room: who wants no more requested than it has, by priority, by QoS class, by time. */
export function resizeOrder(a: WaitingResize, b: WaitingResize): number {
  const rank = ({ asked, has, since }: WaitingResize): readonly number[] => {
    const [wanted, given] = [podRequests(asked), podRequests(has)];
    const grows = wanted.cpu > given.cpu || wanted.memory > given.memory;
    return [grows ? 1 : 0, -(asked.spec.priority ?? 0), qosClass(asked) === "Guaranteed" ? 0 : 1, since];
  };
  const other = rank(b);
  return rank(a).reduce((order, value, index) => order || value - (other[index] ?? 0), 0);
}

/** What a running container needs for its resources to become those that it was allocated. */
export function resizeOf(
  container: V1Container,
  actuated: V1ResourceRequirements | undefined,
): "nothing" | "update" | "restart" {
  if (actuated === undefined) return "nothing";
  const names = differing(container.resources, actuated);
  if (names.length === 0) return "nothing";
  const restarts = (container.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === "RestartContainer" && names.some((name) => name === resourceName),
  );
  return restarts ? "restart" : "update";
}

/** Bytes, of a container whose limit of memory becomes a smaller one, or gets one; undefined: of no such. */
export function shrunkMemory(container: V1Container, actuated: V1ResourceRequirements | undefined): bigint | undefined {
  const wanted = amount(container.resources, "limits", "memory");
  const before = amount(actuated, "limits", "memory");
  return wanted !== 0n && (before === 0n || wanted < before) ? wanted : undefined;
}

/** What events tell of a resize. */
export function resizeSummary(pod: DecodedPod, error?: string): string {
  const { containers, initContainers = [] } = pod.spec;
  const told = (all: readonly V1Container[]): object[] => all.map(({ name, resources }) => ({ name, resources }));
  return JSON.stringify({
    ...(initContainers.length === 0 ? {} : { initContainers: told(initContainers) }),
    containers: told(containers),
    generation: pod.metadata.generation,
    ...(error === undefined ? {} : { error }),
  });
}
