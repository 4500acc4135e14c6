// The node's conditions with kubelet's types, reasons and messages. Pure.

import type { V1NodeCondition } from "@kubernetes/client-node";

export interface Pressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly pids: boolean;
}

export interface ConditionInput {
  /** What keeps the node from running pods, a sentence each. */
  readonly problems: readonly string[];
  readonly pressure: Pressure;
  /** What is well but worth saying with Ready, such as limits that do not hold here. */
  readonly remarks: readonly string[];
  /** As the API server has them. */
  readonly previous: readonly V1NodeCondition[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Those that are the node agent's; NetworkUnavailable and others belong to others. */
export function nodeConditions({ problems, pressure, remarks, previous, now }: ConditionInput): V1NodeCondition[] {
  const time = new Date(Math.floor(now / 1000) * 1000);
  const condition = (type: string, holds: boolean, reason: string, message: string): V1NodeCondition => {
    const status = holds ? "True" : "False";
    const before = previous.find((item) => item.type === type);
    return {
      type,
      status,
      lastHeartbeatTime: time,
      lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? time) : time,
      reason,
      message,
    };
  };
  const ready = problems.length === 0;
  const wellMessage = ["kubelet is posting ready status", ...remarks].join("; ");
  return [
    pressure.memory
      ? condition("MemoryPressure", true, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
      : condition("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    pressure.disk
      ? condition("DiskPressure", true, "KubeletHasDiskPressure", "kubelet has disk pressure")
      : condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    pressure.pids
      ? condition("PIDPressure", true, "KubeletHasInsufficientPID", "kubelet has insufficient PID available")
      : condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    condition(
      "Ready",
      ready,
      ready ? "KubeletReady" : "KubeletNotReady",
      ready ? wellMessage : problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`,
    ),
  ];
}
