// Tells the API server how its pods are, and takes those from it that were deleted and of which nothing is left here.

import type { V1Pod } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { describeError, isNodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { LatestQueue } from "../base/queue.ts";
import type { CallOptions, KubeClient } from "../kube/client.ts";
import type { Turn } from "../kube/rate-limit.ts";
import { PODS } from "../kube/resources.ts";
import type { PodManager, PodView } from "../pods/manager.ts";
import type { ApiPods } from "../sources/api-server.ts";
import { isPassing } from "./passing-status.ts";
import { podStatusPatch } from "./pod-status-patch.ts";

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 10_000;
const CALL_LIMIT_MS = 20_000;
/**
 * A status that passes is told after this time, if nothing has followed it by then: a pod that starts is told of once. A kubelet, which
 * looks each second, takes about as long to see that a pod has started. Where many pods start at once, those that run are told of first.
 */
const PASSING_MS = 1_000;
/** Then it is told whatever else there is to tell. */
const PASSING_TRIES = 10;

export interface PodStatusesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pods: ApiPods;
  readonly manager: PodManager;
  /** The server's uid of the pod that shows one of a manifest; undefined: there is none yet. */
  readonly mirrorOf: (view: PodView) => string | undefined;
}

const FOLLOWED = new Error("another status follows");

interface Told {
  readonly status: PodView["pod"]["status"];
  /** Another is about to follow it. */
  readonly passing: boolean;
  /** Nothing of the pod is left on the node. */
  readonly gone: boolean;
}

/** What is to be sent of a pod. */
interface Due {
  /** As the server has it. */
  readonly pod: V1Pod;
  readonly told: Told;
  /** Undefined: the server has this status. */
  readonly body: object | undefined;
}

export class PodStatuses implements AsyncDisposable {
  readonly #options: PodStatusesOptions;
  readonly #parts = new DisposableStack();
  /** The latest of each pod of the server, by its uid there. */
  readonly #latest = new Map<string, Told>();
  /** Ends the wait for what follows a status that passes. */
  readonly #held = new Map<string, AbortController>();
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
    const { status } = view.pod;
    const passing = !gone && isPassing(status, view.deleting);
    this.#latest.set(target, { status, passing, gone });
    if (!passing) this.#held.get(target)?.abort(FOLLOWED);
    this.#queue.push(target, undefined);
  }

  /** Goes on until the server has what is the latest, or does not have the pod any more. */
  async #bring(uid: string, signal: AbortSignal): Promise<void> {
    const { clock, log, pods } = this.#options;
    using spare = await this.#awaitNext(uid, signal);
    for (let retryMs = 0; !signal.aborted;) {
      try {
        await this.#send(uid, spare, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        // It is another pod by now, or none: the watch tells.
        if (isNodeletError(error, "not-found") || isNodeletError(error, "conflict")) return;
        retryMs = Math.min(Math.max(retryMs * 2, RETRY_MIN_MS), RETRY_MAX_MS);
        const pod = pods.get(uid)?.metadata?.name;
        log.warn({ pod, error: describeError(error), retryMs }, "a pod's status was not told");
        await clock.sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  }

  /** What follows a status that passes, or a turn to tell that nothing has followed. */
  async #awaitNext(uid: string, signal: AbortSignal): Promise<Turn | undefined> {
    const { client, clock } = this.#options;
    const next = new AbortController();
    const ended = AbortSignal.any([signal, next.signal]);
    this.#held.set(uid, next);
    try {
      for (let tries = 0; tries < PASSING_TRIES && this.#latest.get(uid)?.passing === true; tries++) {
        if (this.#due(uid)?.body === undefined) return undefined;
        await clock.sleep(PASSING_MS, { signal: ended });
        const turn = client.spareTurn();
        if (turn !== undefined) return turn;
      }
    } catch (error) {
      if (!ended.aborted) throw error;
    } finally {
      this.#held.delete(uid);
    }
    return undefined;
  }

  async #send(uid: string, spare: Turn | undefined, signal: AbortSignal): Promise<void> {
    const { client, pods } = this.#options;
    const call = { signal, timeoutMs: CALL_LIMIT_MS };
    let due = this.#due(uid);
    if (due?.body !== undefined) {
      using turn = spare ?? (await client.turn(signal));
      // What there was to tell before the wait may be out of date.
      if (!this.#isUpToDate(due, uid)) due = this.#due(uid);
      if (due?.body !== undefined) await this.#patch(due.pod, due.body, { ...call, turn });
    }
    const { name = "", namespace, deletionTimestamp } = pods.get(uid)?.metadata ?? {};
    if (due?.told.gone !== true || deletionTimestamp === undefined) return;
    await client.delete(PODS, name, { ...call, namespace, gracePeriodSeconds: 0, preconditions: { uid } });
    this.#latest.delete(uid);
  }

  /** Undefined: the server does not have the pod, or there is nothing to say of it. */
  #due(uid: string): Due | undefined {
    const pod = this.#options.pods.get(uid);
    const told = this.#latest.get(uid);
    if (pod === undefined || told === undefined) return undefined;
    return { pod, told, body: podStatusPatch(pod.status ?? {}, told.status, uid) };
  }

  #isUpToDate({ pod, told }: Due, uid: string): boolean {
    return pod === this.#options.pods.get(uid) && told === this.#latest.get(uid);
  }

  async #patch({ metadata = {} }: V1Pod, body: object, call: CallOptions): Promise<void> {
    const { client, pods, log } = this.#options;
    const { name = "", namespace } = metadata;
    const place = { namespace, subresource: "status" };
    try {
      pods.accept(await client.patch(PODS, name, { type: "strategic", body }, { ...call, ...place }));
    } catch (error) {
      // It would be refused again; that the pod is over can still be told.
      if (!isNodeletError(error, "invalid")) throw error;
      log.warn({ pod: name, error: describeError(error) }, "the API server does not take a pod's status");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.dispose();
    await this.#queue.close();
  }
}
