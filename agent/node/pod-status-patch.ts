// What is to be sent so that the API server's status of a pod becomes the node's. Pure.

import type { V1PodCondition, V1PodStatus } from "@kubernetes/client-node";

import { same } from "./node-object.ts";

/** Fields that are the node's alone and that go away again. */
const CLEARED = ["reason", "message"] as const;
/** Lists that a strategic merge patch would add to. */
const REPLACED: readonly string[] = ["podIPs", "hostIPs"];
/** Conditions of the node's that go away again. */
const PASSING: readonly string[] = ["PodResizePending", "PodResizeInProgress"];
/** Set once. */
const KEPT: readonly string[] = ["qosClass", "startTime"];

/** As JSON of the API: times in whole seconds. */
export function wireStatus(status: V1PodStatus): Record<string, unknown> {
  return JSON.parse(JSON.stringify(status), (_key, value: unknown) =>
    typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
      ? value.replace(/\.\d{3}Z$/, "Z")
      : value,
  ) as Record<string, unknown>;
}

/**
 * A strategic merge patch from what the server has to what is; undefined: nothing changed. Conditions that others set stay. The uid makes
 * it fail for another pod of the same name.
 */
export function podStatusPatch(known: V1PodStatus, status: V1PodStatus, uid: string): object | undefined {
  const wanted = wireStatus(status);
  const before = known as Readonly<Record<string, unknown>>;
  const changes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(wanted)) {
    if (key === "conditions" || same(before[key], value)) continue;
    if (KEPT.includes(key) && before[key] !== undefined) continue;
    changes[key] = REPLACED.includes(key) ? [{ $patch: "replace" }, ...(value as unknown[])] : value;
  }
  for (const key of CLEARED) if (before[key] !== undefined && wanted[key] === undefined) changes[key] = null;
  const conditions = changedConditions(known.conditions ?? [], (wanted["conditions"] ?? []) as V1PodCondition[]);
  if (conditions.length > 0) changes["conditions"] = conditions;
  return Object.keys(changes).length === 0 ? undefined : { metadata: { uid }, status: changes };
}

function changedConditions(known: readonly V1PodCondition[], wanted: readonly V1PodCondition[]): object[] {
  const patches: object[] = [];
  for (const condition of wanted) {
    const before = known.find(({ type }) => type === condition.type);
    const { lastTransitionTime: _time, lastProbeTime: _asked, ...said } = condition;
    const { lastTransitionTime, lastProbeTime: _probe, ...saidBefore } = before ?? { type: condition.type };
    if (before !== undefined && same(said, saidBefore)) continue;
    const cleared = CLEARED.filter((key) => before?.[key] !== undefined && condition[key] === undefined);
    patches.push(
      Object.assign(
        {},
        condition,
        before?.status === condition.status && lastTransitionTime !== undefined ? { lastTransitionTime } : {},
        Object.fromEntries(cleared.map((key) => [key, null])),
      ),
    );
  }
  for (const { type } of known)
    if (PASSING.includes(type) && !wanted.some((condition) => condition.type === type))
      patches.push({ $patch: "delete", type });
  return patches;
}
