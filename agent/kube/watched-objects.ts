/**
 * ConfigMaps and Secrets of an API server, by a watch of each one that a pod names and of no other: that is all that the node authoriser
 * lets a node see. While the server is away, what was seen last holds.
 */
import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { describeError, NodeletError } from "../base/errors.ts";
import { withTimeout } from "../base/limits.ts";
import type { Logger } from "../base/log.ts";
import { type BackoffPolicy, REFLECTOR_BACKOFF } from "./backoff.ts";
import type { KubeClient } from "./client.ts";
import { follow, type Following } from "./list-watch.ts";
import type { LookupOptions, ObjectChange, ObjectLookup } from "./objects.ts";
import { CONFIG_MAPS, SECRETS, type Resource } from "./resources.ts";

/** What pods name, as ObjectChange has it. */
export type ObjectReference = ObjectChange;

/** Those that pods name, whatever way they are followed. */
export interface PodObjects extends ObjectLookup, AsyncDisposable {
  /** All that `owner`, a pod's uid, names now: in place of what it named before. */
  retain(owner: string, references: readonly ObjectReference[]): void;
  release(owner: string): void;
}

/** For the first answer about an object. */
const FIRST_ANSWER_MS = 10_000;
/** The next pod of the namespace most likely names the same ones. */
const LINGER_MS = 60_000;
/** Shorter at first than client-go's: the authoriser learns of a pod a moment after its node does. */
const BACKOFF: BackoffPolicy = { ...REFLECTOR_BACKOFF, baseMs: 100 };

export interface WatchedObjectsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Watched {
  readonly owners: Set<string>;
  readonly following: Following;
  object: V1ConfigMap | V1Secret | undefined;
  lastError: unknown;
  lingering: NodeJS.Timeout | undefined;
}

export class WatchedObjects implements PodObjects {
  readonly #options: WatchedObjectsOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #owned = new Map<string, ReadonlySet<string>>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();

  constructor(options: WatchedObjectsOptions) {
    this.#options = options;
  }

  /** How many objects are watched. */
  get size(): number {
    return this.#watched.size;
  }

  retain(owner: string, references: readonly ObjectReference[]): void {
    const before = this.#owned.get(owner) ?? new Set();
    const now = new Map(references.map((reference) => [keyOf(reference), reference]));
    for (const [key, reference] of now) {
      if (before.has(key)) continue;
      const watched = this.#watched.get(key) ?? this.#begin(key, reference);
      clearTimeout(watched.lingering);
      watched.lingering = undefined;
      watched.owners.add(owner);
    }
    for (const key of before) if (!now.has(key)) this.#drop(key, owner);
    if (now.size === 0) this.#owned.delete(owner);
    else this.#owned.set(owner, new Set(now.keys()));
  }

  release(owner: string): void {
    this.retain(owner, []);
  }

  async configMap(namespace: string, name: string, options: LookupOptions = {}): Promise<V1ConfigMap | undefined> {
    return await this.#lookUp({ kind: "ConfigMap", namespace, name }, CONFIG_MAPS, options);
  }

  async secret(namespace: string, name: string, options: LookupOptions = {}): Promise<V1Secret | undefined> {
    return await this.#lookUp({ kind: "Secret", namespace, name }, SECRETS, options);
  }

  subscribe(listener: (change: ObjectChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#owned.clear();
    await Promise.all([...this.#watched.keys()].map((key) => this.#end(key)));
  }

  async #lookUp<T extends V1ConfigMap | V1Secret>(
    reference: ObjectReference,
    resource: Resource<T>,
    { signal }: LookupOptions,
  ): Promise<T | undefined> {
    const watched = this.#watched.get(keyOf(reference));
    const what = `${reference.kind} ${reference.namespace}/${reference.name}`;
    if (watched === undefined) return await this.#ask(reference, resource, what, signal);
    if (!watched.following.hasSynced) {
      try {
        await withTimeout(
          { milliseconds: FIRST_ANSWER_MS, what: `asking for ${what}`, signal },
          () => watched.following.synced,
        );
      } catch (error) {
        signal?.throwIfAborted();
        const cause = watched.lastError ?? error;
        throw new NodeletError("unavailable", `The API server has not told of ${what}: ${describeError(cause)}`, {
          cause,
        });
      }
    }
    return watched.object as T | undefined;
  }

  /** Of an object that no pod here names. */
  async #ask<T extends V1ConfigMap | V1Secret>(
    { namespace, name }: ObjectReference,
    resource: Resource<T>,
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    try {
      return await this.#options.client.get(resource, name, { namespace, signal });
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof NodeletError && cause.code === "not-found") return undefined;
      throw new NodeletError("unavailable", `The API server does not tell of ${what}`, { cause });
    }
  }

  #begin(key: string, reference: ObjectReference): Watched {
    const { client, clock, log } = this.#options;
    const { kind, namespace, name } = reference;
    const put = (object: V1ConfigMap | V1Secret | undefined): void => {
      const before = watched.object;
      watched.object = object;
      watched.lastError = undefined;
      if (before?.metadata?.resourceVersion === object?.metadata?.resourceVersion) return;
      for (const listener of this.#listeners) listener(reference);
    };
    const handlers = {
      replace: (objects: readonly (V1ConfigMap | V1Secret)[]): void => put(objects[0]),
      put,
      remove: (): void => put(undefined),
      broken: (error: unknown): void => void (watched.lastError = error),
    };
    const resource: Resource<V1ConfigMap | V1Secret> = kind === "ConfigMap" ? CONFIG_MAPS : SECRETS;
    const watched: Watched = {
      owners: new Set(),
      following: follow<V1ConfigMap | V1Secret>({
        client,
        resource,
        namespace,
        fieldSelector: `metadata.name=${name}`,
        handlers,
        clock,
        log: log.child({ object: `${namespace}/${name}` }),
        backoff: BACKOFF,
      }),
      object: undefined,
      lastError: undefined,
      lingering: undefined,
    };
    this.#watched.set(key, watched);
    return watched;
  }

  #drop(key: string, owner: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    watched.owners.delete(owner);
    if (watched.owners.size > 0) return;
    watched.lingering = setTimeout(() => void this.#end(key), LINGER_MS).unref();
  }

  async #end(key: string): Promise<void> {
    const watched = this.#watched.get(key);
    this.#watched.delete(key);
    clearTimeout(watched?.lingering);
    await watched?.following[Symbol.asyncDispose]();
  }
}

export function keyOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind}/${namespace}/${name}`;
}
