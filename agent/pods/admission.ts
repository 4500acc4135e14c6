// Whether a pod may run on this node at all, beside those that do: kubelet's predicates. Pure.

import type {
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1Pod,
  V1Taint,
  V1Toleration,
} from "@kubernetes/client-node";

import { meets } from "../kube/label-selector.ts";
import type { PodFailure } from "./planner.ts";
import { HUGE_PAGES, podRequest } from "./qos.ts";
import { isAllowedSysctl } from "./schema/validate.ts";

export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cpuMilli: bigint;
  /** Bytes. */
  readonly memory: bigint;
  /** How many at a time. @default any number */
  readonly pods?: bigint | undefined;
  /** Bytes. @default not looked at */
  readonly ephemeralStorage?: bigint | undefined;
  /** Huge pages, and what others gave the node, by resource; not what device plugins hand out. @default not looked at */
  readonly extended?: ReadonlyMap<string, bigint> | undefined;
  /** @default none */
  readonly taints?: readonly V1Taint[] | undefined;
  /** As Go has it. @default not looked at */
  readonly architecture?: string | undefined;
  /** Beside the safe ones; names, or beginnings with a star. @default not looked at */
  readonly allowedUnsafeSysctls?: readonly string[] | undefined;
  /** The kernel has AppArmor and it is enabled. @default not looked at */
  readonly apparmor?: boolean | undefined;
}

/** Begins the reasons of pods that there is no room for; the resource follows. */
export const OUT_OF = "OutOf";
/** Of a pod that selects other nodes. */
export const NODE_AFFINITY = "NodeAffinity";

/** Followed by the name of a container: older than the field. */
const APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

/** A pod that runs, with its `namespace/name`. */
export interface RunningPod {
  readonly key: string;
  readonly pod: V1Pod;
}

/** Undefined: it may run. */
export function admit(pod: V1Pod, others: readonly RunningPod[], node: NodeFacts): PodFailure | undefined {
  const reject = (reason: string, why: string): PodFailure => ({ reason, message: `Pod was rejected: ${why}` });
  const os = node.labels["kubernetes.io/os"] ?? "linux";
  const wantedOs = pod.spec?.os?.name ?? os;
  if (wantedOs !== os || wantedOs !== "linux")
    return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
  // The pod's label, whatever the reason's name says; what it selects counts among the rest below.
  if ((pod.metadata?.labels?.["kubernetes.io/os"] ?? os) !== os) {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
    return { reason: "PodOSSelectorNodeLabelDoesNotMatch", message };
  }
  if (node.apparmor === false && asksForApparmor(pod)) {
    const message = "Cannot enforce AppArmor: AppArmor is not enabled on the host";
    return reject("AppArmor", message);
  }
  const sysctl = forbiddenSysctl(pod, node.allowedUnsafeSysctls);
  if (sysctl !== undefined) return reject("SysctlForbidden", `forbidden sysctl: "${sysctl}" not allowlisted`);
  if (node.pods !== undefined && BigInt(others.length) + 1n > node.pods) {
    const why = `Node didn't have enough resource: pods, requested: 1, used: ${others.length}, capacity: ${node.pods}`;
    return reject(`${OUT_OF}pods`, why);
  }
  const lacking = shortage(pod, others, node);
  if (lacking !== undefined) return reject(`${OUT_OF}${lacking.name}`, lacking.message);
  if (!matchesNode(pod, node)) {
    return reject(NODE_AFFINITY, "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector");
  }
  const taint = node.taints?.find(
    (item) => item.effect === "NoExecute" && !pod.spec?.tolerations?.some((toleration) => tolerates(toleration, item)),
  );
  if (taint !== undefined) {
    const named = `{${taint.key}: ${taint.value ?? ""}}`;
    return reject("TaintToleration", `Predicate TaintToleration failed: node(s) had untolerated taint(s) ${named}`);
  }
  const taken = portConflict(pod, others);
  if (taken !== undefined) {
    const why = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
    return reject("NodePorts", `${why}: ${taken.port} is used by ${taken.holder.key}`);
  }
  return undefined;
}

function forbiddenSysctl({ spec }: V1Pod, allowed: readonly string[] | undefined): string | undefined {
  if (allowed === undefined) return undefined;
  const names = (spec?.securityContext?.sysctls ?? []).map(({ name }) => name.replaceAll("/", "."));
  return names.find((name) => !isAllowedSysctl(name, allowed));
}

function asksForApparmor({ metadata, spec }: V1Pod): boolean {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const profiles = [spec, ...containers].map((item) => item?.securityContext?.appArmorProfile?.type);
  if (profiles.some((type) => type !== undefined && type !== "Unconfined")) return true;
  return Object.entries(metadata?.annotations ?? {}).some(
    ([name, profile]) => name.startsWith(APPARMOR_ANNOTATION) && profile !== "" && profile !== "unconfined",
  );
}

export interface Shortage {
  readonly name: string;
  /** Thousandths of a CPU, bytes, and pieces of what is counted. */
  readonly requested: bigint;
  readonly capacity: bigint;
  readonly message: string;
}

/** The first resource that the node has not enough of for the pod beside the others. */
export function shortage(pod: V1Pod, others: readonly RunningPod[], node: NodeFacts): Shortage | undefined {
  for (const [name, capacity] of limitsFor(pod, node)) {
    const requested = podRequest(pod, name);
    const used = others.reduce((sum, other) => sum + podRequest(other.pod, name), 0n);
    if (requested > 0n && requested + used > capacity) {
      const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
      return { name, requested, capacity, message };
    }
  }
  return undefined;
}

/** What the node has of what is looked at. Extended resources of which it says nothing are the whole cluster's. */
export function limitsFor(pod: V1Pod, node: NodeFacts): (readonly [name: string, capacity: bigint])[] {
  const { cpuMilli, memory, ephemeralStorage, extended } = node;
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const names = new Set(containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {})));
  return [
    ["cpu", cpuMilli],
    ["memory", memory],
    ...(ephemeralStorage === undefined ? [] : [["ephemeral-storage", ephemeralStorage] as const]),
    ...[...names].flatMap((name) => {
      const capacity = extended?.get(name) ?? (name.startsWith(HUGE_PAGES) && extended !== undefined ? 0n : undefined);
      return capacity === undefined ? [] : [[name, capacity] as const];
    }),
  ];
}

export function tolerates(
  { key = "", operator = "Equal", value = "", effect = "" }: V1Toleration,
  taint: V1Taint,
): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  if (key === "") return false;
  const has = taint.value ?? "";
  if (operator === "Equal") return value === has;
  if (!/^-?\d+$/.test(has) || !/^-?\d+$/.test(value)) return false;
  return operator === "Gt" ? Number(has) > Number(value) : operator === "Lt" && Number(has) < Number(value);
}

interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** The first port of the host that the pod wants and another has. */
export function portConflict<T extends { readonly pod: V1Pod }>(
  pod: V1Pod,
  others: readonly T[],
): { readonly port: number; readonly holder: T } | undefined {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  for (const holder of others) {
    for (const held of hostPorts(holder.pod)) {
      const clash = wanted.find(
        ({ protocol, ip, port }) =>
          protocol === held.protocol && port === held.port && (ip === held.ip || isAny(ip) || isAny(held.ip)),
      );
      if (clash !== undefined) return { port: clash.port, holder };
    }
  }
  return undefined;
}

function hostPorts(pod: V1Pod): HostPort[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...sidecars, ...(pod.spec?.containers ?? [])].flatMap((container) =>
    (container.ports ?? []).flatMap(({ protocol = "TCP", hostIP = "", hostPort }) =>
      hostPort === undefined || hostPort === 0 ? [] : [{ protocol, ip: hostIP, port: hostPort }],
    ),
  );
}

function isAny(ip: string): boolean {
  return ip === "" || ip === "0.0.0.0" || ip === "::";
}

function matchesNode(pod: V1Pod, node: NodeFacts): boolean {
  const { nodeSelector = {}, affinity } = pod.spec ?? {};
  if (Object.entries(nodeSelector).some(([key, value]) => node.labels[key] !== value)) return false;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesTerm(term, node));
}

/** Every requirement of it; a term without any matches nothing. */
function matchesTerm({ matchExpressions = [], matchFields = [] }: V1NodeSelectorTerm, node: NodeFacts): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const fields: Readonly<Record<string, string>> = { "metadata.name": node.name };
  return (
    matchExpressions.every((requirement) => meetsNode(requirement, node.labels[requirement.key])) &&
    matchFields.every((requirement) => meetsNode(requirement, fields[requirement.key]))
  );
}

/** Selectors of nodes compare numbers too. */
function meetsNode(requirement: V1NodeSelectorRequirement, value: string | undefined): boolean {
  const { operator, values = [] } = requirement;
  switch (operator) {
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return meets(requirement, value);
  }
}
