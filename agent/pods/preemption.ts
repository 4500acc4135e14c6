// Which pods give way to a critical one that the node has no room for: as kubelet chooses them. Pure.

import type { V1Pod } from "@kubernetes/client-node";

import { admit, limitsFor, type NodeFacts, type RunningPod } from "./admission.ts";
import { isCritical } from "./critical.ts";
import type { PodFailure } from "./planner.ts";
import { podRequest, qosClass } from "./qos.ts";

/** Chosen last first: what its pods were promised weighs most. */
const CLASSES = ["Guaranteed", "Burstable", "BestEffort"] as const;

export const PREEMPTED: PodFailure = {
  reason: "Preempting",
  message: "Preempted in order to admit critical pod",
};

/** Whether a pod of the server does so for a critical one. */
export function givesWay(other: V1Pod, critical: V1Pod): boolean {
  if (!isCritical(other, "api")) return true;
  const [mine, theirs] = [critical.spec?.priority, other.spec?.priority];
  return mine !== undefined && theirs !== undefined && mine > theirs;
}

/** Amounts by resource; `pods` is one of them. */
type Amounts = ReadonlyMap<string, bigint>;

/**
 * As few of `candidates` as make room for the pod beside `others`, of the lowest classes. Undefined: room alone would not let it in, or all of
 * them would not be enough.
 */
export function preempted<P extends RunningPod>(
  pod: V1Pod,
  candidates: readonly P[],
  others: readonly RunningPod[],
  node: NodeFacts,
): readonly P[] | undefined {
  const all = [...candidates, ...others];
  const lacking = missing(pod, all, node);
  const byClass = (name: string): P[] => candidates.filter((item) => qosClass(item.pod) === name);
  const chosen: P[] = [];
  for (const [index, name] of CLASSES.entries()) {
    const lower = CLASSES.slice(index + 1).flatMap(byClass);
    chosen.push(...nearest(byClass(name), without(lacking, [...lower, ...chosen])));
  }
  const staying = all.filter((item) => !chosen.includes(item as P));
  return admit(pod, staying, node) === undefined ? chosen : undefined;
}

function amountOf({ pod }: RunningPod, name: string): bigint {
  return name === "pods" ? 1n : podRequest(pod, name);
}

function missing(pod: V1Pod, others: readonly RunningPod[], node: NodeFacts): Amounts {
  const wanted = { key: "", pod };
  const limits = [...limitsFor(pod, node), ...(node.pods === undefined ? [] : [["pods", node.pods] as const])];
  return new Map(
    limits.flatMap(([name, capacity]) => {
      const used = [wanted, ...others].reduce((sum, item) => sum + amountOf(item, name), 0n);
      return amountOf(wanted, name) > 0n && used > capacity ? [[name, used - capacity] as const] : [];
    }),
  );
}

function without(lacking: Amounts, pods: readonly RunningPod[]): Amounts {
  return new Map(
    [...lacking].flatMap(([name, amount]) => {
      const left = pods.reduce((rest, item) => rest - amountOf(item, name), amount);
      return left > 0n ? [[name, left] as const] : [];
    }),
  );
}

/** One after the other the pod that comes nearest to what is lacking, the smaller of two as near. */
function nearest<P extends RunningPod>(pods: readonly P[], wanted: Amounts): P[] {
  const chosen: P[] = [];
  for (let lacking = wanted; lacking.size > 0; lacking = without(wanted, chosen)) {
    const [best] = pods.filter((item) => !chosen.includes(item)).toSorted(byDistance(lacking));
    if (best === undefined) break;
    chosen.push(best);
  }
  return chosen;
}

function byDistance(lacking: Amounts): (a: RunningPod, b: RunningPod) => number {
  const distance = (item: RunningPod): number =>
    [...lacking].reduce((sum, [name, amount]) => {
      const left = Number(amount - amountOf(item, name));
      return left > 0 ? sum + (left / Number(amount)) ** 2 : sum;
    }, 0);
  const size = (item: RunningPod, name: string): number => Number(amountOf(item, name));
  return (a, b) =>
    distance(a) - distance(b) || size(a, "memory") - size(b, "memory") || size(a, "cpu") - size(b, "cpu");
}
