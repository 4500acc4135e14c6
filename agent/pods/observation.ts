// What the runtime has of one pod, in the form that planner and status read: newest first, times in milliseconds.

import { ContainerState, NamespaceMode, PodSandboxState, Signal } from "../cri/runtime.ts";
import type { Container, ContainerStatus, Cri, PodSandboxStatus } from "../cri/runtime.ts";
import { isNodeletError } from "../base/errors.ts";
import * as labels from "./labels.ts";

export interface ObservedSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAt: number;
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
}

export interface ObservedContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  /** Counts the restarts: kubelet's restartCount. */
  readonly attempt: number;
  /** Of the container's specification; undefined when another agent made the container. */
  readonly hash: string | undefined;
  readonly state: "created" | "running" | "exited" | "unknown";
  readonly createdAt: number;
  /** 0 when it never ran. */
  readonly startedAt: number;
  /** 0 unless exited. */
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly image: string;
  readonly imageId: string;
  readonly logPath: string;
  /** SIGTERM and the like; undefined when the runtime does not say. */
  readonly stopSignal: string | undefined;
  readonly user:
    | { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] }
    | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Observation {
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

export const NOTHING: Observation = { sandboxes: [], containers: [] };

/** Our hashes have this many hexadecimal digits; kubelet's have at most 8. */
const HASH_LENGTH = 16;

const NS_PER_MS = 1_000_000n;

const milliseconds = (time: bigint | undefined): number => Number((time ?? 0n) / NS_PER_MS);

/** Reads one pod from the runtime; what cannot change any more is asked for once. */
export class Observer {
  readonly #cri: Cri;
  readonly #uid: string;
  #exited = new Map<string, ObservedContainer>();

  constructor(cri: Cri, uid: string) {
    this.#cri = cri;
    this.#uid = uid;
  }

  async observe(signal?: AbortSignal): Promise<Observation> {
    const labelSelector = { [labels.POD_UID]: this.#uid };
    const [sandboxList, containerList] = await Promise.all([
      this.#cri.listPodSandbox({ filter: { labelSelector } }, { signal }),
      this.#cri.listContainers({ filter: { labelSelector } }, { signal }),
    ]);
    const [sandboxes, containers] = await Promise.all([
      Promise.all((sandboxList.items ?? []).map((item) => this.#sandbox(item.id ?? "", signal))),
      Promise.all((containerList.containers ?? []).map((item) => this.#container(item, signal))),
    ]);
    const found = containers.filter((container) => container !== undefined);
    this.#exited = new Map(found.filter((item) => item.state === "exited").map((item) => [item.id, item]));
    return {
      sandboxes: sandboxes.filter((sandbox) => sandbox !== undefined).toSorted(newestFirst),
      containers: found.toSorted(newestFirst),
    };
  }

  async #sandbox(podSandboxId: string, signal: AbortSignal | undefined): Promise<ObservedSandbox | undefined> {
    const status = await goneIsUndefined(this.#cri.podSandboxStatus({ podSandboxId }, { signal }));
    return status?.status === undefined ? undefined : toSandbox(status.status);
  }

  async #container(item: Container, signal: AbortSignal | undefined): Promise<ObservedContainer | undefined> {
    const containerId = item.id ?? "";
    const known = this.#exited.get(containerId);
    if (known !== undefined) return known;
    const response = await goneIsUndefined(this.#cri.containerStatus({ containerId }, { signal }));
    return response?.status === undefined ? undefined : toContainer(response.status, item.podSandboxId ?? "");
  }
}

/** Between a list and the question about an item it may go. */
async function goneIsUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNodeletError(error, "not-found")) return undefined;
    throw error;
  }
}

function newestFirst(a: { attempt: number; createdAt: number }, b: { attempt: number; createdAt: number }): number {
  return b.attempt - a.attempt || b.createdAt - a.createdAt;
}

export function toSandbox(status: PodSandboxStatus): ObservedSandbox {
  const { ip = "", additionalIps = [] } = status.network ?? {};
  return {
    id: status.id ?? "",
    attempt: status.metadata?.attempt ?? 0,
    ready: (status.state ?? 0) === PodSandboxState.SANDBOX_READY,
    createdAt: milliseconds(status.createdAt),
    ips: ip === "" ? [] : [ip, ...additionalIps.map((item) => item.ip ?? "")],
    hostNetwork: status.linux?.namespaces?.options?.network === NamespaceMode.NODE,
  };
}

const states = new Map<ContainerState, ObservedContainer["state"]>([
  [ContainerState.CONTAINER_CREATED, "created"],
  [ContainerState.CONTAINER_RUNNING, "running"],
  [ContainerState.CONTAINER_EXITED, "exited"],
]);

export function toContainer(status: ContainerStatus, sandboxId: string): ObservedContainer {
  const annotations = status.annotations ?? {};
  const hash = annotations[labels.CONTAINER_HASH];
  const user = status.user?.linux;
  return {
    id: status.id ?? "",
    sandboxId,
    name: status.metadata?.name ?? status.labels?.[labels.CONTAINER_NAME] ?? "",
    attempt: status.metadata?.attempt ?? 0,
    hash: hash?.length === HASH_LENGTH ? hash : undefined,
    state: states.get(status.state ?? 0) ?? "unknown",
    createdAt: milliseconds(status.createdAt),
    startedAt: milliseconds(status.startedAt),
    finishedAt: milliseconds(status.finishedAt),
    exitCode: status.exitCode ?? 0,
    reason: status.reason ?? "",
    message: status.message ?? "",
    image: status.image?.userSpecifiedImage || status.image?.image || "",
    imageId: status.imageId || status.imageRef || "",
    logPath: status.logPath ?? "",
    stopSignal: signalName(status.stopSignal),
    user:
      user === undefined
        ? undefined
        : {
            uid: Number(user.uid ?? 0n),
            gid: Number(user.gid ?? 0n),
            supplementalGroups: (user.supplementalGroups ?? []).map(Number),
          },
    annotations,
  };
}

/** SIGNAL_SIGRTMINPLUS1 of the CRI is SIGRTMIN+1 of core/v1. */
function signalName(signal: Signal | undefined): string | undefined {
  if (signal === undefined || signal === Signal.SIGNAL_RUNTIME_DEFAULT) return undefined;
  const name = Object.entries(Signal).find(([, value]) => value === signal)?.[0];
  return name?.replace("SIGNAL_", "").replace("PLUS", "+").replace("MINUS", "-");
}
