// What the agent asks of an API server. One interface, so that tests can put a table in its place.

import type { Turn } from "./rate-limit.ts";
import type { KubeObject, Resource } from "./resources.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Until the answer is there whole. @default 60_000 */
  readonly timeoutMs?: number | undefined;
  /** Of this client, for one call. @default the call waits for one */
  readonly turn?: Turn | undefined;
}

export interface Place {
  /** Of a namespaced resource; where an object is given, its metadata's is taken. */
  readonly namespace?: string | undefined;
  /** `status`, `token`, `eviction` ... */
  readonly subresource?: string | undefined;
}

export interface Selectors {
  /** `spec.nodeName=a,status.phase!=Failed` */
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface ListOptions extends CallOptions, Selectors {
  /** Undefined: all of them. */
  readonly namespace?: string | undefined;
  /** Objects of one page. */
  readonly limit?: number | undefined;
  /** Of the page before. */
  readonly continue?: string | undefined;
  /** `"0"`: whatever the server has in its cache; undefined: the newest. */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan" | undefined;
}

export interface ObjectList<T> {
  readonly items: T[];
  /** To watch from. */
  readonly resourceVersion: string;
  /** Asks for the next page; undefined: that was the last. */
  readonly continue: string | undefined;
}

export interface WatchOptions extends Selectors {
  readonly namespace?: string | undefined;
  /** Changes after it; undefined or `"0"`: from any point, beginning with what there is as ADDED. */
  readonly resourceVersion?: string | undefined;
  /** The server ends the watch after it. @default between 5 and 10 minutes, by chance */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  /** Nothing changed up to this version. */
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export type Patch =
  /** `strategic` is known for built-in resources only; `merge` is RFC 7396. */
  | { readonly type: "strategic" | "merge"; readonly body: object }
  /** RFC 6902. */
  | { readonly type: "json"; readonly body: readonly object[] }
  /** Server-side apply. */
  | { readonly type: "apply"; readonly body: KubeObject; readonly fieldManager: string; readonly force?: boolean };

export interface DeleteOptions extends CallOptions, Place {
  readonly gracePeriodSeconds?: number | undefined;
  /** A conflict when the object is another one by now. */
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan" | undefined;
}

export interface RawRequest extends CallOptions {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute, with its query: `/version`. */
  readonly path: string;
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string | undefined;
}

/**
 * Every call rejects with ApiError for what the server refuses (`reason` and `status` tell, `code` is `not-found`, `exists`, `conflict`,
 * `denied`, `invalid`, `unavailable` ...), with NodeletError `unavailable` or `timeout` when it cannot be reached, and with the signal's
 * reason. Throttled calls are tried again as the server says, others are not: callers are level-triggered.
 */
export interface KubeClient {
  /** `https://10.0.0.1:6443` */
  readonly server: string;

  get<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    options?: Place & CallOptions & { readonly resourceVersion?: string | undefined },
  ): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /** `apiVersion` and `kind` are filled in. `name` with a subresource: the object that it belongs to. */
  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: Place & CallOptions & { readonly name?: string | undefined },
  ): Promise<T>;
  /** Replaces the object of its metadata.name; with its resourceVersion, `conflict` when it changed since. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: Place & CallOptions): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    patch: Patch,
    options?: Place & CallOptions,
  ): Promise<T>;
  /** Resolves when the server has taken it: objects with a grace period or finalizers are there for some time yet. */
  delete(resource: Resource, name: string, options?: DeleteOptions): Promise<void>;
  /** One watch connection: it ends, without an error, when the server ends it. `follow` in list-watch.ts goes on for ever. */
  watch<T extends KubeObject>(resource: Resource<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** Waits until the client's rate lets another call through, for one whose content is not to be older than that. */
  turn(signal?: AbortSignal): Promise<Turn>;
  /** For a call that others go before; undefined: there are, or soon may be, such others. */
  spareTurn(): Turn | undefined;
  /** The decoded JSON, or the text of what is not JSON. */
  request(request: RawRequest): Promise<unknown>;
  /** Ends all connections; calls under way reject. */
  close(): void;
}
