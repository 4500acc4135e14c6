// The API server's pods of this node, by list and watch. Pictures of manifests' pods (mirror pods) are known too, but not told as
// pods to run.

import type { V1Pod } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { KubeClient } from "../kube/client.ts";
import { follow } from "../kube/list-watch.ts";
import type { Following } from "../kube/list-watch.ts";
import { PODS } from "../kube/resources.ts";
import type { ApiPodChange, ApiPodSource } from "./source.ts";

/** Of a mirror pod: the hash of the manifest's pod that it shows. */
export const CONFIG_MIRROR = "kubernetes.io/config.mirror";

export function isMirror(pod: V1Pod): boolean {
  return pod.metadata?.annotations?.[CONFIG_MIRROR] !== undefined;
}

export interface ApiPodsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** Pods are asked for once it resolves: what they are judged by has to be known before them. @default at once */
  readonly after?: Promise<unknown> | undefined;
}

export class ApiPods implements ApiPodSource {
  readonly #options: ApiPodsOptions;
  /** All of them, as the server has them, by uid. */
  readonly #pods = new Map<string, V1Pod>();
  readonly #observers = new Set<(pods: readonly V1Pod[]) => void>();
  #following: Following | undefined;
  #disposed = false;
  /** Pods that an earlier agent knew, until the first list. */
  #known: readonly string[] = [];
  #listener: ((change: ApiPodChange) => void) | undefined;

  constructor(options: ApiPodsOptions) {
    this.#options = options;
  }

  start(listener: (change: ApiPodChange) => void, known: readonly string[]): void {
    const { after } = this.#options;
    this.#known = known;
    this.#listener = listener;
    if (after === undefined) this.#follow();
    else
      after.then(
        () => this.#follow(),
        () => undefined, // the agent ends
      );
  }

  #follow(): void {
    if (this.#disposed) return;
    const { client, clock, log, nodeName } = this.#options;
    this.#following = follow({
      client,
      clock,
      log,
      resource: PODS,
      fieldSelector: `spec.nodeName=${nodeName}`,
      handlers: {
        replace: (pods) => this.#replace(pods),
        put: (pod) => this.#put(pod),
        remove: (pod) => this.#remove(pod),
      },
    });
  }

  /** The server told its pods since the start. */
  get synced(): boolean {
    return this.#following?.hasSynced === true;
  }

  get(uid: string): V1Pod | undefined {
    return this.#pods.get(uid);
  }

  /** Mirror pods that are not being deleted, and those that are. */
  mirrors(): V1Pod[] {
    return [...this.#pods.values()].filter(isMirror);
  }

  /** What the server answered to a change: it is known before the watch tells it. */
  accept(pod: V1Pod): void {
    const { uid = "" } = pod.metadata ?? {};
    const before = this.#pods.get(uid);
    if (before !== undefined && !isOlder(pod, before)) this.#pods.set(uid, pod);
  }

  /** Calls back with pods that came, changed or went at the server by another's hand, mirror pods too, until disposed. */
  observe(observer: (pods: readonly V1Pod[]) => void): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  #replace(pods: readonly V1Pod[]): void {
    const uids = new Set(pods.map(uidOf));
    const removed = [...this.#pods.values()].filter((pod) => !uids.has(uidOf(pod)));
    const forgotten = this.#known
      .filter((uid) => !uids.has(uid) && !this.#pods.has(uid))
      .map((uid): V1Pod => ({ metadata: { uid } }));
    this.#known = [];
    for (const pod of removed) this.#pods.delete(uidOf(pod));
    for (const pod of pods) this.#pods.set(uidOf(pod), pod);
    this.#tell([...pods], [...removed, ...forgotten]);
  }

  #put(pod: V1Pod): void {
    const before = this.#pods.get(uidOf(pod));
    if (before !== undefined && isOlder(pod, before)) return;
    const own = before?.metadata?.resourceVersion === pod.metadata?.resourceVersion;
    this.#pods.set(uidOf(pod), pod);
    if (!own) this.#tell([pod], []);
  }

  #remove(pod: V1Pod): void {
    this.#pods.delete(uidOf(pod));
    this.#tell([], [pod]);
  }

  #tell(pods: readonly V1Pod[], removed: readonly V1Pod[]): void {
    this.#listener?.({
      pods: pods.filter((pod) => !isMirror(pod)),
      removed: removed.filter((pod) => !isMirror(pod)),
    });
    for (const observer of this.#observers) observer([...pods, ...removed]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#following?.[Symbol.asyncDispose]();
  }
}

function uidOf(pod: V1Pod): string {
  return pod.metadata?.uid ?? "";
}

/** Versions of one resource are numbers that grow (KEP-5504). */
function isOlder(pod: V1Pod, than: V1Pod): boolean {
  const version = ({ metadata }: V1Pod): bigint =>
    /^\d+$/.test(metadata?.resourceVersion ?? "") ? BigInt(metadata?.resourceVersion ?? "0") : 0n;
  return version(pod) < version(than);
}
