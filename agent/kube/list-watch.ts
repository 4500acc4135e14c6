/**
 * The state of a resource, followed: a list, then a watch from there, both begun again for as long as it takes.
 * Source: client-go, tools/cache/reflector.go, whose numbers these are.
 */
import type { Clock } from "../base/clock.ts";
import { describeError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { isGone, isUnreachable, isVersionTooLarge } from "./api-error.ts";
import { Backoff, type BackoffPolicy, REFLECTOR_BACKOFF } from "./backoff.ts";
import type { KubeClient, ListOptions, Selectors } from "./client.ts";
import type { KubeObject, Resource } from "./resources.ts";

const PAGE_SIZE = 500;

export interface FollowHandlers<T> {
  /** All there is, after each list: what is not in it is gone. */
  replace(objects: readonly T[]): void;
  /** Came or changed. */
  put(object: T): void;
  /** Its last state. */
  remove(object: T): void;
  /** The list or watch broke, and is begun again after a pause. It was logged. */
  broken?(error: unknown): void;
}

export interface FollowOptions<T extends KubeObject> extends Selectors {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly namespace?: string | undefined;
  readonly handlers: FollowHandlers<T>;
  readonly clock: Clock;
  readonly log: Logger;
  /** @default client-go's */
  readonly backoff?: BackoffPolicy | undefined;
}

export interface Following extends AsyncDisposable {
  /** Resolves after the first list; rejects only when disposed before. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
}

/** Goes on until disposed, whatever the server does. */
export function follow<T extends KubeObject>(options: FollowOptions<T>): Following {
  const follower = new Follower(options);
  const running = follower.run();
  return {
    synced: follower.synced,
    get hasSynced() {
      return follower.hasSynced;
    },
    async [Symbol.asyncDispose]() {
      follower.stop();
      await running;
    },
  };
}

class Follower<T extends KubeObject> {
  readonly #options: FollowOptions<T>;
  readonly #stop = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  readonly #backoff: Backoff;
  readonly #log: Logger;
  hasSynced = false;
  /** Undefined: list before watching. */
  #version: string | undefined;
  /** To list from: the server's cache at first, the newest after it said that a version is gone. */
  #listFrom: string | undefined = "0";

  constructor(options: FollowOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff ?? REFLECTOR_BACKOFF, options.clock);
    this.#log = options.log.child({ resource: options.resource.plural });
    this.#synced.promise.catch(() => undefined);
  }

  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  stop(): void {
    this.#stop.abort(new Error("no longer followed"));
  }

  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list();
        await this.#watch();
      } catch (error) {
        if (signal.aborted) break;
        const delay = this.#failed(error);
        await this.#options.clock.sleep(delay, { signal }).catch(() => undefined);
      }
    }
    if (!this.hasSynced) this.#synced.reject(signal.reason);
  }

  /** Milliseconds to wait. */
  #failed(error: unknown): number {
    if (isGone(error) || isVersionTooLarge(error)) {
      this.#log.debug({ error: describeError(error) }, "the server does not have this version: listing anew");
      this.#version = undefined;
      this.#listFrom = undefined;
    } else if (!isUnreachable(error)) {
      // Whatever it is that this version leads to, another list may lead elsewhere.
      this.#version = undefined;
    }
    const delay = this.#backoff.next();
    if (!isGone(error))
      this.#log.warn({ error: describeError(error), retryMs: Math.round(delay) }, "following is interrupted");
    this.#options.handlers.broken?.(error);
    return delay;
  }

  async #list(): Promise<void> {
    const { client, resource, namespace, fieldSelector, labelSelector } = this.#options;
    const base: ListOptions = { namespace, fieldSelector, labelSelector, signal: this.#stop.signal };
    const items: T[] = [];
    let version = "";
    let next: string | undefined;
    do {
      // A server's cache is asked for all at once: it takes no pages then.
      const page =
        this.#listFrom === undefined
          ? await client.list(resource, { ...base, limit: PAGE_SIZE, continue: next })
          : await client.list(resource, { ...base, resourceVersion: this.#listFrom, continue: next });
      items.push(...page.items.map((item) => stripped(item)));
      version = page.resourceVersion;
      next = page.continue;
    } while (next !== undefined);
    this.#version = version;
    this.#listFrom = version;
    this.#options.handlers.replace(items);
    this.hasSynced = true;
    this.#synced.resolve();
  }

  async #watch(): Promise<void> {
    const { client, resource, namespace, fieldSelector, labelSelector, handlers, clock } = this.#options;
    const started = clock.monotonic();
    let events = 0;
    const watched = client.watch(resource, {
      namespace,
      fieldSelector,
      labelSelector,
      resourceVersion: this.#version,
      signal: this.#stop.signal,
    });
    for await (const event of watched) {
      events++;
      if (event.type === "BOOKMARK") {
        this.#reached(event.resourceVersion);
        continue;
      }
      const object = stripped(event.object);
      if (event.type === "DELETED") handlers.remove(object);
      else handlers.put(object);
      this.#reached(object.metadata?.resourceVersion);
    }
    if (events === 0 && clock.monotonic() - started < 1_000_000_000n) {
      throw new Error("the watch ended at once, without an event");
    }
  }

  #reached(version: string | undefined): void {
    if (version === undefined || version === "") return;
    this.#version = version;
    this.#listFrom = version;
  }
}

/** Without the record of who set which field, which is often the larger half of an object. */
function stripped<T extends KubeObject>(object: T): T {
  const metadata = object.metadata as { managedFields?: unknown } | undefined;
  if (metadata !== undefined) delete metadata.managedFields;
  return object;
}
