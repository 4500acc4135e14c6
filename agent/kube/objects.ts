// ConfigMaps, Secrets and claimed volumes that pods refer to, wherever they come from: manifests beside the pods', an API server.

import type { V1ConfigMap, V1PersistentVolume, V1Secret } from "@kubernetes/client-node";

export interface ObjectChange {
  readonly kind: "ConfigMap" | "Secret";
  readonly namespace: string;
  readonly name: string;
}

export interface LookupOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Undefined: there is none of that name. Rejects with `unavailable` when that cannot be said now. `data` of a Secret is base64,
 * as core/v1 has it; `stringData` is already merged into it.
 */
export interface ObjectLookup {
  configMap(namespace: string, name: string, options?: LookupOptions): Promise<V1ConfigMap | undefined>;
  secret(namespace: string, name: string, options?: LookupOptions): Promise<V1Secret | undefined>;
  /** The volume of a claim; rejects with `not-found` as long as there is none. Absent: claims are not known here. */
  persistentVolume?(namespace: string, claim: string, options?: LookupOptions): Promise<V1PersistentVolume>;
  /** Calls back after an object came, changed or went, until disposed. */
  subscribe(listener: (change: ObjectChange) => void): Disposable;
}

/** For a node without any. */
export const NO_OBJECTS: ObjectLookup = {
  configMap: () => Promise.resolve(undefined),
  secret: () => Promise.resolve(undefined),
  subscribe: () => ({ [Symbol.dispose]: () => undefined }),
};
