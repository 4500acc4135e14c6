/**
 * ConfigMaps and Secrets of an API server, asked for when a pod needs them and looked at again at intervals, without a watch:
 * KubeletConfiguration's configMapAndSecretChangeDetectionStrategy Get, and Cache, whose answers hold for a time.
 */
import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { describeError, isNodeletError, NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { KubeClient } from "./client.ts";
import type { LookupOptions, ObjectChange } from "./objects.ts";
import { CONFIG_MAPS, type Resource, SECRETS } from "./resources.ts";
import { keyOf, type ObjectReference, type PodObjects } from "./watched-objects.ts";

export interface PolledObjectsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long an answer holds, but for a pod that is new; 0: every question is asked. */
  readonly ttlMs: () => number;
  /** How often what pods name is looked at for changes. */
  readonly lookMs: number;
}

interface Polled {
  readonly reference: ObjectReference;
  readonly owners: Set<string>;
  object: V1ConfigMap | V1Secret | undefined;
  /** Of the last answer, nanoseconds of the monotonic clock; undefined: none holds. */
  answeredAt: bigint | undefined;
  /** Of what was told to those who listen; undefined: nothing yet. */
  toldVersion: string | undefined;
}

export class PolledObjects implements PodObjects {
  readonly #options: PolledObjectsOptions;
  readonly #polled = new Map<string, Polled>();
  readonly #owned = new Map<string, ReadonlySet<string>>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: PolledObjectsOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  retain(owner: string, references: readonly ObjectReference[]): void {
    const before = this.#owned.get(owner) ?? new Set();
    const now = new Map(references.map((reference) => [keyOf(reference), reference]));
    for (const [key, reference] of now) {
      const polled = this.#polled.get(key) ?? {
        reference,
        owners: new Set(),
        object: undefined,
        answeredAt: undefined,
        toldVersion: undefined,
      };
      this.#polled.set(key, polled);
      if (before.has(key)) continue;
      polled.owners.add(owner);
      polled.answeredAt = undefined;
    }
    for (const key of before) {
      if (now.has(key)) continue;
      const polled = this.#polled.get(key);
      polled?.owners.delete(owner);
      if (polled?.owners.size === 0) this.#polled.delete(key);
    }
    if (now.size === 0) this.#owned.delete(owner);
    else this.#owned.set(owner, new Set(now.keys()));
  }

  release(owner: string): void {
    this.retain(owner, []);
  }

  async configMap(namespace: string, name: string, options: LookupOptions = {}): Promise<V1ConfigMap | undefined> {
    return await this.#lookUp({ kind: "ConfigMap", namespace, name }, CONFIG_MAPS, options.signal);
  }

  async secret(namespace: string, name: string, options: LookupOptions = {}): Promise<V1Secret | undefined> {
    return await this.#lookUp({ kind: "Secret", namespace, name }, SECRETS, options.signal);
  }

  subscribe(listener: (change: ObjectChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new NodeletError("cancelled", "the daemon is stopping"));
    await this.#running;
  }

  async #lookUp<T extends V1ConfigMap | V1Secret>(
    reference: ObjectReference,
    resource: Resource<T>,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    const { client, clock, ttlMs } = this.#options;
    const polled = this.#polled.get(keyOf(reference));
    const { answeredAt } = polled ?? {};
    const age = answeredAt === undefined ? Infinity : Number(clock.monotonic() - answeredAt) / 1e6;
    if (polled !== undefined && age < ttlMs()) return polled.object as T | undefined;
    const { namespace, name } = reference;
    let object: T | undefined;
    try {
      object = await client.get(resource, name, { namespace, signal });
    } catch (cause) {
      signal?.throwIfAborted();
      if (!isNodeletError(cause, "not-found")) {
        // What was cached holds while the server is away.
        if (polled !== undefined && answeredAt !== undefined && ttlMs() > 0) return polled.object as T | undefined;
        const what = `${reference.kind} ${namespace}/${name}`;
        throw new NodeletError("unavailable", `The API server does not tell of ${what}`, { cause });
      }
    }
    if (polled !== undefined) {
      polled.object = object;
      polled.answeredAt = clock.monotonic();
    }
    return object;
  }

  async #run(): Promise<void> {
    const { clock, lookMs, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(lookMs, { signal }).catch(() => undefined);
      for (const polled of this.#polled.values()) {
        if (signal.aborted) return;
        try {
          await this.#look(polled, signal);
        } catch (error) {
          if (signal.aborted) return;
          log.debug({ error: describeError(error) }, "an object could not be looked at");
        }
      }
    }
  }

  async #look(polled: Polled, signal: AbortSignal): Promise<void> {
    const { reference, toldVersion } = polled;
    const resource: Resource<V1ConfigMap | V1Secret> = reference.kind === "ConfigMap" ? CONFIG_MAPS : SECRETS;
    const object = await this.#lookUp(reference, resource, signal);
    const version = object?.metadata?.resourceVersion ?? "";
    if (version === toldVersion) return;
    polled.toldVersion = version;
    for (const listener of this.#listeners) listener(reference);
  }
}
