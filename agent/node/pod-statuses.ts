// Tells the API server how its pods are, and takes those from it that were deleted and of which nothing is left here.

import type { V1Pod } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { describeError, isNodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { LatestQueue } from "../base/queue.ts";
import type { KubeClient } from "../kube/client.ts";
import { PODS } from "../kube/resources.ts";
import type { PodManager, PodView } from "../pods/manager.ts";
import type { ApiPods } from "../sources/api-server.ts";
import { podStatusPatch } from "./pod-status-patch.ts";

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 10_000;
const CALL_LIMIT_MS = 20_000;

export interface PodStatusesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pods: ApiPods;
  readonly manager: PodManager;
  /** The server's uid of the pod that shows one of a manifest; undefined: there is none yet. */
  readonly mirrorOf: (view: PodView) => string | undefined;
}

interface Told {
  readonly status: PodView["pod"]["status"];
  /** Nothing of the pod is left on the node. */
  readonly gone: boolean;
}

export class PodStatuses implements AsyncDisposable {
  readonly #options: PodStatusesOptions;
  readonly #parts = new DisposableStack();
  /** The latest of each pod of the server, by its uid there. */
  readonly #latest = new Map<string, Told>();
  readonly #queue: LatestQueue<string, undefined>;

  constructor(options: PodStatusesOptions) {
    this.#options = options;
    this.#queue = new LatestQueue({
      handle: (uid, _value, signal) => this.#bring(uid, signal),
      onError: (uid, error) => {
        if (!(error instanceof Error && error.name === "AbortError"))
          options.log.debug({ uid, error: describeError(error) }, "a pod's status was not told");
      },
    });
  }

  start(): void {
    const { manager, pods } = this.#options;
    this.#parts.use(
      manager.subscribe(({ pod, removed }) => {
        if (pod !== undefined) this.#say(pod, false);
        if (removed !== undefined) this.#say(removed, true);
      }),
    );
    // Somebody else may have changed what was told; of pods that are gone nothing is to be told.
    this.#parts.use(
      pods.observe((changed) => {
        for (const { metadata } of changed) {
          const uid = metadata?.uid ?? "";
          if (pods.get(uid) === undefined) this.#latest.delete(uid);
          else if (this.#latest.has(uid)) this.#queue.push(uid, undefined);
        }
      }),
    );
    for (const view of manager.list()) this.#say(view, false);
  }

  /** The pods that a manifest's pod is shown by are there now. */
  mirrorChanged(view: PodView): void {
    this.#say(view, false);
  }

  #say(view: PodView, gone: boolean): void {
    const { uid } = view.pod.metadata ?? {};
    const target = view.source === "api" ? uid : this.#options.mirrorOf(view);
    if (target === undefined) return;
    // It waits for its turn: nothing is known of it. One that is gone may have failed before it had containers.
    if (!gone && view.pod.status.containerStatuses === undefined) return;
    this.#latest.set(target, { status: view.pod.status, gone });
    this.#queue.push(target, undefined);
  }

  /** Goes on until the server has what is the latest, or does not have the pod any more. */
  async #bring(uid: string, signal: AbortSignal): Promise<void> {
    const { clock, log, pods } = this.#options;
    for (let retryMs = 0; !signal.aborted;) {
      const told = this.#latest.get(uid);
      const pod = pods.get(uid);
      if (told === undefined || pod === undefined) return;
      try {
        await this.#send(pod, told, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        // It is another pod by now, or none: the watch tells.
        if (isNodeletError(error, "not-found") || isNodeletError(error, "conflict")) return;
        retryMs = Math.min(Math.max(retryMs * 2, RETRY_MIN_MS), RETRY_MAX_MS);
        log.warn({ pod: pod.metadata?.name, error: describeError(error), retryMs }, "a pod's status was not told");
        await clock.sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  }

  async #send(pod: V1Pod, { status, gone }: Told, signal: AbortSignal): Promise<void> {
    const { client, pods, log } = this.#options;
    const { name = "", namespace, uid = "" } = pod.metadata ?? {};
    const call = { namespace, signal, timeoutMs: CALL_LIMIT_MS };
    const body = podStatusPatch(pod.status ?? {}, status, uid);
    let now = pod;
    if (body !== undefined) {
      try {
        now = await client.patch(PODS, name, { type: "strategic", body }, { ...call, subresource: "status" });
        pods.accept(now);
      } catch (error) {
        // It would be refused again; that the pod is over can still be told.
        if (!isNodeletError(error, "invalid")) throw error;
        log.warn({ pod: name, error: describeError(error) }, "the API server does not take a pod's status");
      }
    }
    if (!gone || now.metadata?.deletionTimestamp === undefined) return;
    await client.delete(PODS, name, { ...call, gracePeriodSeconds: 0, preconditions: { uid } });
    this.#latest.delete(uid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.dispose();
    await this.#queue.close();
  }
}
