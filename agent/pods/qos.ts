// Quality of service: the class of a pod, and what follows from it for cgroups and the kernel's choice of victims.

import { totalmem } from "node:os";

import type { V1Container, V1Pod } from "@kubernetes/client-node";

import { quantityMilli, quantityValue } from "../base/quantity.ts";
import type { LinuxContainerResources } from "../cri/runtime.ts";
import { isCritical } from "./critical.ts";
import { CONFIG_SOURCE } from "./labels.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const RESOURCES = ["cpu", "memory"] as const;
/** What the names of their resources begin with; the size of a page follows. */
export const HUGE_PAGES = "hugepages-";

/** One second of scheduling is divided into periods of this many microseconds. */
const CPU_PERIOD_US = 100_000n;

/** How limits become those of cgroups: cpuCFSQuota, cpuCFSQuotaPeriod, singleProcessOOMKill, memorySwap and memoryThrottlingFactor of KubeletConfiguration. */
export interface LimitSettings {
  /** Limits of CPU are kept. */
  readonly cpuQuota: boolean;
  /** Microseconds. */
  readonly cpuPeriod: bigint;
  /** A container that runs out of memory ends as a whole. */
  readonly oomGroup: boolean;
  /** With the feature gate MemoryQoS: from where on containers are slowed down. */
  readonly throttling?: ThrottlingSettings | undefined;
  /** Undefined: the host does not count what a container swaps. */
  readonly swap?: SwapSettings | undefined;
}

export interface ThrottlingSettings {
  /** memoryThrottlingFactor: the part of what lies between a container's request and its limit. */
  readonly factor: number;
  /** The node's memory for pods, bytes: the limit of a container without one. */
  readonly allocatable: bigint;
}

export interface SwapSettings {
  /** memorySwap.swapBehavior is LimitedSwap; else no container swaps. */
  readonly limited: boolean;
  /** Of the host, bytes. */
  readonly memory: bigint;
  readonly swap: bigint;
}

export const DEFAULT_LIMIT_SETTINGS: LimitSettings = { cpuQuota: true, cpuPeriod: CPU_PERIOD_US, oomGroup: true };
/** The kernel takes no smaller quota. */
const MIN_QUOTA_US = 1_000n;
const MIN_SHARES = 2n;
const MAX_SHARES = 262_144n;
const SHARES_PER_CPU = 1_024n;

const OOM_GUARANTEED = -997;
const OOM_BEST_EFFORT = 1_000;
/** Burstable containers lie between 3 and 999, so that they go before Guaranteed and after BestEffort. */
const OOM_BURSTABLE_MIN = 3;

function allContainers(pod: V1Pod): V1Container[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
}

export function qosClass(pod: V1Pod): QosClass {
  let any = false;
  let guaranteed = true;
  // Resources of the pod as a whole say it alone.
  const own = pod.spec?.resources;
  for (const resources of own === undefined ? allContainers(pod).map((item) => item.resources) : [own]) {
    for (const name of RESOURCES) {
      const request = quantityMilli(resources?.requests?.[name] ?? "0") ?? 0n;
      const limit = quantityMilli(resources?.limits?.[name] ?? "0") ?? 0n;
      if (request > 0n || limit > 0n) any = true;
      if (limit === 0n || request !== limit) guaranteed = false;
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

/** The pod's cgroup below that of all pods, in kubelet's layout for cgroupfs or systemd. */
export function cgroupParent(
  uid: string,
  qos: QosClass,
  driver: "cgroupfs" | "systemd" = "cgroupfs",
  podCgroup = "kubepods",
): string {
  const middle = qos === "Guaranteed" ? "" : qos.toLowerCase();
  if (driver === "cgroupfs") return `/${podCgroup}${middle === "" ? "" : `/${middle}`}/pod${uid}`;
  const names = ["kubepods", ...(middle === "" ? [] : [middle]), `pod${uid.replaceAll("-", "_")}`];
  return names.map((_name, index) => `/${names.slice(0, index + 1).join("-")}.slice`).join("");
}

export function oomScoreAdj(container: V1Container, qos: QosClass, nodeMemory: number = totalmem()): number {
  if (qos === "Guaranteed") return OOM_GUARANTEED;
  if (qos === "BestEffort") return OOM_BEST_EFFORT;
  const request = Number(quantityValue(container.resources?.requests?.["memory"] ?? "0") ?? 0n);
  const adjust = 1000 - Math.floor((1000 * request) / nodeMemory);
  return Math.min(Math.max(adjust, OOM_BURSTABLE_MIN), OOM_BEST_EFFORT - 1);
}

export function cpuShares(milli: bigint): bigint {
  if (milli === 0n) return MIN_SHARES;
  const shares = (milli * SHARES_PER_CPU) / 1000n;
  return shares < MIN_SHARES ? MIN_SHARES : shares > MAX_SHARES ? MAX_SHARES : shares;
}

export function cpuQuota(milli: bigint, period = CPU_PERIOD_US): bigint {
  const quota = (milli * period) / 1000n;
  return quota < MIN_QUOTA_US ? MIN_QUOTA_US : quota;
}

/** None where limits are not kept. */
function quotaOf(milli: bigint, { cpuQuota: kept, cpuPeriod }: LimitSettings): LinuxContainerResources {
  return kept && milli > 0n ? { cpuQuota: cpuQuota(milli, cpuPeriod), cpuPeriod } : {};
}

/** Bytes, in proportion to what the container requests of the host's memory. Source: kubernetes, KEP 2400. */
function allowedSwap({ resources }: V1Container, pod: V1Pod, { limited, memory, swap }: SwapSettings): bigint {
  const request = quantityValue(resources?.requests?.["memory"] ?? "0") ?? 0n;
  const limit = quantityValue(resources?.limits?.["memory"] ?? "0") ?? 0n;
  const { [CONFIG_SOURCE]: source = "api" } = pod.metadata?.annotations ?? {};
  if (!limited || isCritical(pod, source === "api" ? "api" : "file")) return 0n;
  if (qosClass(pod) !== "Burstable" || request === limit || request > memory) return 0n;
  return (request * swap) / memory;
}

const PAGE_BYTES = 4096;

/** Of memory.high, bytes in whole pages; undefined: there is nothing between request and limit. Source: kubernetes, KEP 2570. */
function throttledFrom({ resources }: V1Container, { factor, allocatable }: ThrottlingSettings): bigint | undefined {
  const request = quantityValue(resources?.requests?.["memory"] ?? "0") ?? 0n;
  const limit = quantityValue(resources?.limits?.["memory"] ?? "0") ?? 0n;
  if (request === limit) return undefined;
  const most = limit > 0n ? limit : allocatable;
  const high = Math.floor((Number(request) + Number(most - request) * factor) / PAGE_BYTES) * PAGE_BYTES;
  return high > Number(request) ? BigInt(high) : undefined;
}

/** `pod` is the one that the container is of. */
export function containerResources(
  container: V1Container,
  pod: V1Pod,
  settings: LimitSettings = DEFAULT_LIMIT_SETTINGS,
): LinuxContainerResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const cpuLimit = quantityMilli(limits["cpu"] ?? "0") ?? 0n;
  const memory = quantityValue(limits["memory"] ?? "0") ?? 0n;
  const swap = settings.swap === undefined ? undefined : allowedSwap(container, pod, settings.swap);
  const high = settings.throttling === undefined ? undefined : throttledFrom(container, settings.throttling);
  const unified = {
    ...(high === undefined ? {} : { "memory.high": String(high) }),
    // A group that runs out of memory ends as a whole.
    ...(memory > 0n ? { "memory.oom.group": settings.oomGroup ? "1" : "0" } : {}),
    ...(memory === 0n && swap !== undefined ? { "memory.swap.max": String(swap) } : {}),
  };
  return {
    cpuShares: cpuShares(quantityMilli(requests["cpu"] ?? "0") ?? 0n),
    ...quotaOf(cpuLimit, settings),
    // Memory and swap together: equal limits are no swap.
    ...(memory > 0n ? { memoryLimitInBytes: memory, memorySwapLimitInBytes: memory + (swap ?? 0n) } : {}),
    ...(Object.keys(unified).length > 0 ? { unified } : {}),
    oomScoreAdj: BigInt(oomScoreAdj(container, qosClass(pod))),
  };
}

/** Huge pages that the container may use, by the kernel's names of their sizes: `2MB`. */
export function hugePageLimits({ resources }: V1Container): Pick<LinuxContainerResources, "hugepageLimits"> {
  const hugepageLimits = Object.entries(resources?.limits ?? {}).flatMap(([name, amount]) =>
    name.startsWith(HUGE_PAGES)
      ? [{ pageSize: name.slice(HUGE_PAGES.length).replace(/i$/, "B"), limit: quantityValue(amount) ?? 0n }]
      : [],
  );
  return hugepageLimits.length === 0 ? {} : { hugepageLimits };
}

/** For a group that has other limits now: what is no limit any more is said so. */
export function replacing(resources: LinuxContainerResources): LinuxContainerResources {
  return { cpuQuota: -1n, cpuPeriod: CPU_PERIOD_US, memoryLimitInBytes: -1n, ...resources };
}

/** Enough for both; none or -1 is no limit. */
export function wider(a: LinuxContainerResources, b: LinuxContainerResources): LinuxContainerResources {
  const larger = (one = -1n, other = -1n): bigint => (one < 0n || other < 0n ? -1n : one > other ? one : other);
  return replacing({
    ...b,
    cpuShares: larger(a.cpuShares, b.cpuShares),
    cpuQuota: larger(a.cpuQuota, b.cpuQuota),
    memoryLimitInBytes: larger(a.memoryLimitInBytes, b.memoryLimitInBytes),
  });
}

/** What the pod's containers want together at the time when they want most, or what it says as a whole; overhead comes on top. */
function podSum(
  pod: V1Pod,
  kind: "requests" | "limits",
  name: string,
  parse: (text: string) => bigint | undefined,
): {
  readonly total: bigint;
  /** Every container says something, or the pod does. */
  readonly all: boolean;
} {
  let running = 0n;
  let initial = 0n;
  let all = true;
  const add = (container: V1Container): bigint => {
    const value = container.resources?.[kind]?.[name];
    if (value === undefined) all = false;
    return parse(value ?? "0") ?? 0n;
  };
  let sidecars = 0n;
  for (const container of pod.spec?.initContainers ?? []) {
    const value = add(container);
    if (container.restartPolicy === "Always") sidecars += value;
    else if (sidecars + value > initial) initial = sidecars + value;
  }
  for (const container of pod.spec?.containers ?? []) running += add(container);
  running += sidecars;
  const own = pod.spec?.resources?.[kind]?.[name];
  const wanted = own === undefined ? (running > initial ? running : initial) : (parse(own) ?? 0n);
  const overhead = parse(pod.spec?.overhead?.[name] ?? "0") ?? 0n;
  const limitless = kind === "limits" && wanted === 0n;
  return { total: limitless ? 0n : wanted + overhead, all: all || own !== undefined };
}

/** Bytes that the pod's containers may use of a resource together; undefined when one of them has no limit. */
export function podLimit(pod: V1Pod, name: string): bigint | undefined {
  const { total, all } = podSum(pod, "limits", name, quantityValue);
  return all && total > 0n ? total : undefined;
}

/** Of any resource; thousandths of a CPU, bytes, or pieces. */
export function podRequest(pod: V1Pod, name: string): bigint {
  return podSum(pod, "requests", name, name === "cpu" ? quantityMilli : quantityValue).total;
}

/** Thousandths of a CPU, and bytes. */
export function podRequests(pod: V1Pod): Readonly<Record<"cpu" | "memory" | "ephemeral-storage", bigint>> {
  return {
    "ephemeral-storage": podRequest(pod, "ephemeral-storage"),
    cpu: podRequest(pod, "cpu"),
    memory: podRequest(pod, "memory"),
  };
}

/** What the pod as a whole may use; a limit only holds when every container has one, or the pod itself. */
export function podResources(pod: V1Pod, settings: LimitSettings = DEFAULT_LIMIT_SETTINGS): LinuxContainerResources {
  const cpu = podSum(pod, "limits", "cpu", quantityMilli);
  const memory = podSum(pod, "limits", "memory", quantityValue);
  return {
    cpuShares: cpuShares(podRequests(pod).cpu),
    ...(cpu.all ? quotaOf(cpu.total, settings) : {}),
    ...(memory.all && memory.total > 0n ? { memoryLimitInBytes: memory.total } : {}),
  };
}
