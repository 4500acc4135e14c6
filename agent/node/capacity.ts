// What the node has, and what of it is for pods: capacity and allocatable of core/v1 NodeStatus. Pure.

import type { Amounts } from "../../deviceplugins/plugins.ts";
import { isExtendedResource } from "../../deviceplugins/resource-names.ts";
import { quantityMilli, quantityValue } from "../base/quantity.ts";
import { HUGE_PAGES } from "../pods/qos.ts";

export interface Machine {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: bigint;
  /** Bytes of the file system that holds the pods' files; undefined: not known. */
  readonly storage: bigint | undefined;
  /** Bytes set aside, by the size of a page as resources have it: `2Mi`. */
  readonly hugePages: ReadonlyMap<string, bigint>;
}

/** Of KubeletConfiguration; quantities. */
export interface Reservations {
  readonly maxPods: number;
  /** Pods for each CPU, where that is fewer; 0: no such limit. */
  readonly podsPerCore: number;
  /** How many CPUs are kept for the system and the daemon; they take the place of what is reserved by amount. */
  readonly reservedCpus: number | undefined;
  readonly kubeReserved: Readonly<Record<string, string>>;
  readonly systemReserved: Readonly<Record<string, string>>;
  /** Signals to quantities or percentages: `memory.available`, `nodefs.available`. */
  readonly evictionHard: Readonly<Record<string, string>>;
}

/** kubelet's defaults. */
export const DEFAULT_RESERVATIONS: Reservations = {
  maxPods: 110,
  podsPerCore: 0,
  reservedCpus: undefined,
  kubeReserved: {},
  systemReserved: {},
  evictionHard: {
    "memory.available": "100Mi",
    "nodefs.available": "10%",
    "nodefs.inodesFree": "5%",
    "imagefs.available": "15%",
  },
};

const KIBI = 1024n;

export type Resources = Record<string, string>;

export function capacity(
  machine: Machine,
  { maxPods, podsPerCore }: Pick<Reservations, "maxPods" | "podsPerCore">,
): Resources {
  const pods = podsPerCore === 0 ? maxPods : Math.min(maxPods, podsPerCore * machine.cpus);
  return {
    cpu: String(machine.cpus),
    ...(machine.storage === undefined ? {} : { "ephemeral-storage": kibibytes(machine.storage) }),
    ...Object.fromEntries([...machine.hugePages].map(([size, bytes]) => [`${HUGE_PAGES}${size}`, showBytes(bytes)])),
    memory: kibibytes(machine.memory),
    pods: String(pods),
  };
}

/** What is left for pods: capacity without what is reserved and what is to stay free before pods are evicted. */
export function allocatable(machine: Machine, reservations: Reservations): Resources {
  const left = leftOf(machine, reservations);
  const cpu = atLeastZero(left.cpu);
  return {
    ...capacity(machine, reservations),
    cpu: cpu % 1000n === 0n ? String(cpu / 1000n) : `${cpu}m`,
    memory: kibibytes(atLeastZero(left.memory)),
    ...(left["ephemeral-storage"] === undefined
      ? {}
      : { "ephemeral-storage": String(atLeastZero(left["ephemeral-storage"])) }),
  };
}

/** Names of resources of which more is kept from pods than there is. */
export function overReserved(machine: Machine, reservations: Reservations): readonly string[] {
  return Object.entries(leftOf(machine, reservations)).flatMap(([name, left]) =>
    left !== undefined && left < 0n ? [name] : [],
  );
}

/** Thousandths of a CPU, and bytes; below 0 where more is kept from pods than there is. */
function leftOf(
  { cpus, memory, storage, hugePages }: Machine,
  reservations: Reservations,
): { readonly cpu: bigint; readonly memory: bigint; readonly "ephemeral-storage": bigint | undefined } {
  const { evictionHard } = reservations;
  const reserved = reservedOf(reservations);
  const pages = [...hugePages.values()].reduce((sum, bytes) => sum + bytes, 0n);
  return {
    cpu: BigInt(cpus) * 1000n - reserved.cpuMilli,
    memory: memory - pages - reserved.memory - threshold(evictionHard["memory.available"], memory),
    "ephemeral-storage":
      storage === undefined
        ? undefined
        : storage - reserved.storage - threshold(evictionHard["nodefs.available"], storage),
  };
}

type Reserved = Pick<Reservations, "kubeReserved" | "systemReserved" | "reservedCpus">;

/** Thousandths of a CPU, and bytes. */
function reservedOf({ kubeReserved, systemReserved, reservedCpus }: Reserved): {
  readonly cpuMilli: bigint;
  readonly memory: bigint;
  readonly storage: bigint;
} {
  const sum = (name: string, parse: (text: string) => bigint | undefined): bigint =>
    [kubeReserved, systemReserved].reduce((total, set) => total + (parse(set[name] ?? "0") ?? 0n), 0n);
  return {
    cpuMilli: reservedCpus === undefined ? sum("cpu", quantityMilli) : BigInt(reservedCpus) * 1000n,
    memory: sum("memory", quantityValue),
    storage: sum("ephemeral-storage", quantityValue),
  };
}

export interface ExtendedInput {
  /** Of device plugins, by resource. */
  readonly devices: ReadonlyMap<string, Amounts>;
  /** Names of what the server has of another life of the node: none, where no plugin tells of it. */
  readonly formerDevices: ReadonlySet<string>;
  /** Capacity as the server has it. */
  readonly known: Readonly<Record<string, string>>;
}

/** Devices of plugins, and what others have given the node at the server: of that, all is for pods. */
export function extendedResources({ devices, formerDevices, known }: ExtendedInput): {
  readonly capacity: Resources;
  readonly allocatable: Resources;
} {
  const others = Object.entries(known)
    .filter(([name]) => isExtendedResource(name) && !devices.has(name))
    .map(([name, amount]) => [name, formerDevices.has(name) ? "0" : amount] as const);
  const of = (kind: keyof Amounts): Resources =>
    Object.fromEntries([...others, ...[...devices].map(([name, amounts]) => [name, String(amounts[kind])] as const)]);
  return { capacity: of("capacity"), allocatable: of("allocatable") };
}

/**
 * What the kernel lets all pods together use: the machine, or what of it is not reserved. More than is allocatable, so that pods are
 * evicted before the kernel ends them.
 */
export function podsLimits(
  { cpus, memory }: Pick<Machine, "cpus" | "memory">,
  reservations: Reserved | undefined,
): { readonly cpuMilli: bigint; readonly memory: bigint } {
  const reserved = reservations === undefined ? { cpuMilli: 0n, memory: 0n } : reservedOf(reservations);
  return {
    cpuMilli: atLeastZero(BigInt(cpus) * 1000n - reserved.cpuMilli),
    memory: atLeastZero(memory - reserved.memory),
  };
}

/** Bytes of a quantity, or of a percentage of the whole. */
export function threshold(text: string | undefined, whole: bigint): bigint {
  if (text === undefined) return 0n;
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent === null) return quantityValue(text) ?? 0n;
  return BigInt(Math.floor(Number(whole) * (Number(percent[1]) / 100)));
}

function kibibytes(bytes: bigint): string {
  return `${bytes / KIBI}Ki`;
}

function showBytes(bytes: bigint): string {
  if (bytes === 0n) return "0";
  for (const [unit, size] of [
    ["Gi", KIBI ** 3n],
    ["Mi", KIBI ** 2n],
    ["Ki", KIBI],
  ] as const)
    if (bytes % size === 0n) return `${bytes / size}${unit}`;
  return String(bytes);
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}

/** How many CPUs a list such as `0-1,4` names; undefined: one of them is not in the list `online`. */
export function countCpus(list: string, online: string): number | undefined {
  const there = new Set(
    rangesOf(online).flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index)),
  );
  const named = new Set<number>();
  for (const [first, last] of rangesOf(list)) {
    for (let cpu = first; cpu <= last; cpu++) {
      if (!there.has(cpu)) return undefined;
      named.add(cpu);
    }
  }
  return named.size;
}

function rangesOf(list: string): readonly (readonly [number, number])[] {
  return list.split(",").map((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return [first, last] as const;
  });
}
