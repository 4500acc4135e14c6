// What people are told of when the node's status changes, with kubelet's reasons and words. Pure.

import type { V1NodeStatus } from "@kubernetes/client-node";

import type { PodEvent } from "../pods/manager.ts";

export type NodeEvent = Pick<PodEvent, "type" | "reason" | "message">;

/** By condition: when it comes to hold, and when it no longer does. */
const REASONS: Readonly<Record<string, readonly [holds: string, not: string]>> = {
  Ready: ["NodeReady", "NodeNotReady"],
  MemoryPressure: ["NodeHasInsufficientMemory", "NodeHasSufficientMemory"],
  DiskPressure: ["NodeHasDiskPressure", "NodeHasNoDiskPressure"],
  PIDPressure: ["NodeHasInsufficientPID", "NodeHasSufficientPID"],
};

/** From what the server had to what it has now. Nobody is told that a new node is not ready yet. */
export function nodeEvents(name: string, known: V1NodeStatus, now: V1NodeStatus): NodeEvent[] {
  const events: NodeEvent[] = [];
  const bootId = now.nodeInfo?.bootID ?? "";
  if ((known.nodeInfo?.bootID ?? "") !== "" && known.nodeInfo?.bootID !== bootId) {
    const message = `Node ${name} has been rebooted, boot id: ${bootId}`;
    events.push({ type: "Warning", reason: "Rebooted", message });
  }
  for (const { type, status } of now.conditions ?? []) {
    const before = known.conditions?.find((condition) => condition.type === type);
    const [holds, not] = REASONS[type] ?? [];
    if (before?.status === status || holds === undefined || not === undefined) continue;
    if (before === undefined && type === "Ready" && status !== "True") continue;
    const reason = status === "True" ? holds : not;
    events.push({ type: "Normal", reason, message: `Node ${name} status is now: ${reason}` });
  }
  return events;
}
