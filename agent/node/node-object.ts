// The Node as it is registered, and what of an existing one is brought up to date. Pure.

import type { V1Node, V1NodeAddress, V1NodeStatus, V1Taint } from "@kubernetes/client-node";

import { isMapping } from "../base/shapes.ts";
import type { Image } from "../cri/runtime.ts";
import { HUGE_PAGES } from "../pods/qos.ts";

/** The version of Kubernetes whose node agent this is; clients compare its minor version with the API server's. */
export const KUBERNETES_VERSION = "v1.36.3";

/** Semantic version with the maker as build metadata, as distributions have it: `v1.36.3+nodelet-0.1.0`. */
export function kubeletVersion(own: string): string {
  return `${KUBERNETES_VERSION}+nodelet-${own.replace(/[^0-9A-Za-z.-]/g, "-")}`;
}

export interface Identity {
  readonly name: string;
  /** The host's own name. */
  readonly hostname: string;
  /** `amd64`, `arm64`: as Go has it. */
  readonly architecture: string;
  /** Volumes are attached by the control plane. */
  readonly attachByController: boolean;
}

const ATTACH_BY_CONTROLLER = "volumes.kubernetes.io/controller-managed-attach-detach";

export interface Registration extends Identity {
  /** --node-labels: given when the node is registered, then anybody's. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly V1Taint[];
  readonly providerId: string;
}

/** Labels that the node agent answers for. */
export function ownLabels({ hostname, architecture }: Identity): Record<string, string> {
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": hostname,
    "kubernetes.io/os": "linux",
  };
}

export function newNode(registration: Registration, status: V1NodeStatus): V1Node {
  const { name, labels, taints, providerId } = registration;
  return {
    metadata: {
      name,
      labels: { ...ownLabels(registration), ...labels },
      ...(registration.attachByController ? { annotations: { [ATTACH_BY_CONTROLLER]: "true" } } : {}),
    },
    spec: {
      ...(taints.length === 0 ? {} : { taints: [...taints] }),
      ...(providerId === "" ? {} : { providerID: providerId }),
    },
    status,
  };
}

/** What is to change in the metadata of a node that is there already; undefined: nothing. What others set stays. */
export function metadataPatch(existing: V1Node, identity: Identity): object | undefined {
  const wanted = ownLabels(identity);
  const labels = Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => existing.metadata?.labels?.[key] !== value),
  );
  const said = existing.metadata?.annotations?.[ATTACH_BY_CONTROLLER];
  const says = identity.attachByController ? "true" : undefined;
  const annotations = said === says ? {} : { [ATTACH_BY_CONTROLLER]: says ?? null };
  if (Object.keys(labels).length === 0 && Object.keys(annotations).length === 0) return undefined;
  return { metadata: { labels, annotations } };
}

/** The primary address first, one of each family; then the name. */
export function nodeAddresses(ips: readonly string[], hostname: string): V1NodeAddress[] {
  return [
    ...ips.map((address): V1NodeAddress => ({ type: "InternalIP", address })),
    { type: "Hostname", address: hostname },
  ];
}

const NAMES_PER_IMAGE = 5;

/** The largest images, with their names; `limit` -1: all. */
export function nodeImages(images: readonly Image[], limit: number): NonNullable<V1NodeStatus["images"]> {
  const sorted = images.toSorted((a, b) => Number((b.size ?? 0n) - (a.size ?? 0n)));
  return (limit < 0 ? sorted : sorted.slice(0, limit)).map(({ repoDigests = [], repoTags = [], size = 0n }) => ({
    names: [...repoDigests, ...repoTags].slice(0, NAMES_PER_IMAGE),
    sizeBytes: Number(size),
  }));
}

/** Lists whose elements a strategic merge patch would keep unless told otherwise. */
const REPLACED: readonly string[] = ["addresses"];
/** Others write into them too: of what is not told any more only huge pages are the node's to take back. */
const SHARED: readonly string[] = ["capacity", "allocatable"];
/** All of them is the node's. */
const OWN: readonly string[] = ["daemonEndpoints", "features", "nodeInfo"];

/**
 * A strategic merge patch of the node's status from what the server has to what is. Heartbeats alone are no change, nor is what the server
 * did not take the last time (`refused`): undefined then, unless `heartbeat`.
 */
export function statusPatch(
  known: V1NodeStatus,
  wanted: V1NodeStatus,
  heartbeat: boolean,
  refused: StatusChanges = {},
): object | undefined {
  const status = Object.fromEntries(
    Object.entries(statusChanges(known, wanted)).filter(
      ([key, change]) => heartbeat || refused[key] === undefined || !same(refused[key], change),
    ),
  );
  const conditions = wanted.conditions ?? [];
  const changed = conditions.filter((condition) => {
    const before = known.conditions?.find(({ type }) => type === condition.type);
    return (
      before?.status !== condition.status || before.reason !== condition.reason || before.message !== condition.message
    );
  });
  if (Object.keys(status).length === 0 && changed.length === 0 && !heartbeat) return undefined;
  return { status: { ...status, conditions } };
}

/** By field of the status, without the conditions. */
export type StatusChanges = Readonly<Record<string, unknown>>;

/** From what the server has to what is. Of what it answered to a patch: what it does not know of, or leaves out. */
export function statusChanges(known: V1NodeStatus, wanted: V1NodeStatus): StatusChanges {
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([key, value]) => {
      const change = key === "conditions" ? undefined : changeOf(key, known[key as keyof V1NodeStatus], value);
      return change === undefined ? [] : [[key, change]];
    }),
  );
}

/** Undefined: there is none. */
function changeOf(key: string, known: unknown, wanted: unknown): unknown {
  if (same(known, wanted)) return undefined;
  if (REPLACED.includes(key) && Array.isArray(wanted)) return [{ $patch: "replace" }, ...(wanted as unknown[])];
  if (!isMapping(wanted) || !isMapping(known)) return wanted;
  const goes = SHARED.includes(key) ? (name: string) => name.startsWith(HUGE_PAGES) : () => OWN.includes(key);
  const changes = Object.fromEntries([
    ...Object.entries(wanted).filter(([name, value]) => !same(known[name], value)),
    ...Object.keys(known).flatMap((name) => (wanted[name] === undefined && goes(name) ? [[name, null]] : [])),
  ]) as object;
  return Object.keys(changes).length === 0 ? undefined : changes;
}

/** As JSON says it, whatever the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : item,
    ) ?? ""
  );
}
