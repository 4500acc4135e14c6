// Trust anchors of ClusterTrustBundles: followed from the first question on, and given in one form. As kubelet's manager of them.

import { createHmac, randomBytes } from "node:crypto";

import type { V1beta1ClusterTrustBundle, V1LabelSelector } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { isNodeletError, NodeletError } from "../base/errors.ts";
import { unlessAborted, withTimeout } from "../base/limits.ts";
import type { Logger } from "../base/log.ts";
import type { KubeClient } from "./client.ts";
import { matchesSelector } from "./label-selector.ts";
import { follow, type Following } from "./list-watch.ts";
import { CLUSTER_TRUST_BUNDLES, CLUSTER_TRUST_BUNDLES_ALPHA } from "./resources.ts";

/** A volume waits this long for the bundles to be known at first, and its pod with it. */
const SYNC_LIMIT_MS = 5_000;

export interface TrustBundlesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a question waits for the server. @default 5000 */
  readonly limitMs?: number | undefined;
}

/** Of core/v1 ClusterTrustBundleProjection. */
export interface TrustBundleChoice {
  readonly name?: string | undefined;
  readonly signerName?: string | undefined;
  /** Absent: of a signer no bundle; empty: all. */
  readonly labelSelector?: V1LabelSelector | undefined;
  /** There may be none. */
  readonly optional?: boolean | undefined;
}

export class TrustBundles implements AsyncDisposable {
  readonly #options: TrustBundlesOptions;
  readonly #bundles = new Map<string, V1beta1ClusterTrustBundle>();
  readonly #listeners = new Set<() => void>();
  #following: Promise<Following> | undefined;
  readonly #stop = new AbortController();
  /** Anchors come in an order that nobody can rely on: it differs from agent to agent. */
  readonly #orderKey = randomBytes(32);

  constructor(options: TrustBundlesOptions) {
    this.#options = options;
  }

  /** Certificates in PEM, each once. Rejects with `not-found`, `unsupported` where the server has no bundles, `unavailable`, `timeout`. */
  async anchors(choice: TrustBundleChoice, signal?: AbortSignal): Promise<string> {
    const what = "reading the ClusterTrustBundles of the cluster";
    const milliseconds = this.#options.limitMs ?? SYNC_LIMIT_MS;
    await withTimeout({ milliseconds, what, signal }, (limit) => unlessAborted(this.#sync(), limit));
    return this.#normalized(this.#chosen(choice));
  }

  /** Calls back when what `anchors` gives may have changed, until disposed. */
  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #chosen({ name, signerName, labelSelector, optional = false }: TrustBundleChoice): V1beta1ClusterTrustBundle[] {
    if (name !== undefined) {
      const found = this.#bundles.get(name);
      if (found === undefined && !optional) {
        throw new NodeletError("not-found", `clustertrustbundle.certificates.k8s.io "${name}" not found`);
      }
      return found === undefined ? [] : [found];
    }
    if (signerName === undefined)
      throw new NodeletError("invalid", "ClusterTrustBundle projection requires either name or signerName to be set");
    const found = [...this.#bundles.values()].filter(
      ({ metadata, spec }) =>
        spec.signerName === signerName &&
        labelSelector !== undefined &&
        matchesSelector(labelSelector, metadata?.labels ?? {}),
    );
    if (found.length === 0 && !optional) {
      throw new NodeletError(
        "not-found",
        "combination of signerName and labelSelector matched zero ClusterTrustBundles",
      );
    }
    return found;
  }

  #normalized(bundles: readonly V1beta1ClusterTrustBundle[]): string {
    const anchors = new Set(bundles.flatMap(({ spec }) => certificatesOf(spec.trustBundle)));
    const place = (anchor: string): string => createHmac("sha256", this.#orderKey).update(anchor).digest("hex");
    const ordered = [...anchors].map((anchor) => ({ anchor, place: place(anchor) }));
    return ordered
      .toSorted((a, b) => (a.place < b.place ? -1 : 1))
      .map(({ anchor }) => toPem(anchor))
      .join("");
  }

  async #sync(): Promise<void> {
    const { synced } = await this.#follow();
    await synced;
  }

  /** For all who ask: none of them ends it by leaving. */
  #follow(): Promise<Following> {
    return (this.#following ??= this.#begin().catch((error: unknown) => {
      this.#following = undefined; // the server may serve them later
      throw error;
    }));
  }

  async #begin(): Promise<Following> {
    const { client, clock, log } = this.#options;
    const resource = await this.#served();
    this.#stop.signal.throwIfAborted();
    const keyOf = ({ metadata }: V1beta1ClusterTrustBundle): string => metadata?.name ?? "";
    const changed = (): void => {
      for (const listener of this.#listeners) listener();
    };
    return follow({
      client,
      clock,
      log,
      resource,
      handlers: {
        replace: (all) => {
          this.#bundles.clear();
          for (const bundle of all) this.#bundles.set(keyOf(bundle), bundle);
          changed();
        },
        put: (bundle) => {
          this.#bundles.set(keyOf(bundle), bundle);
          changed();
        },
        remove: (bundle) => {
          this.#bundles.delete(keyOf(bundle));
          changed();
        },
      },
    });
  }

  /** The newest version that the server has. */
  async #served(): Promise<typeof CLUSTER_TRUST_BUNDLES> {
    const { signal } = this.#stop;
    for (const resource of [CLUSTER_TRUST_BUNDLES, CLUSTER_TRUST_BUNDLES_ALPHA]) {
      try {
        await this.#options.client.list(resource, { limit: 1, signal });
        return resource;
      } catch (error) {
        if (!isNodeletError(error, "not-found")) throw error;
      }
    }
    throw new NodeletError("unsupported", "The API server has no ClusterTrustBundles", {
      fix: "Enable certificates.k8s.io/v1beta1/clustertrustbundles there (--runtime-config) and the feature ClusterTrustBundle",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    this.#stop.abort(new NodeletError("cancelled", "the agent is stopping"));
    const following = await this.#following?.catch(() => undefined);
    await following?.[Symbol.asyncDispose]();
  }
}

const BLOCK = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g;
const LINE_LENGTH = 64;

/** Base64 of each certificate, without headers and what stands between. */
function certificatesOf(pem: string): string[] {
  return Array.from(pem.matchAll(BLOCK), ([, body = ""]) =>
    body
      .split(/\r?\n/)
      .filter((line) => !line.includes(":"))
      .join("")
      .replaceAll(/\s/g, ""),
  );
}

function toPem(base64: string): string {
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
