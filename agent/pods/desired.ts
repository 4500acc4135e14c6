// Which pods are wanted: documents of all sources judged, the last good version kept where the newest is wrong, and one pod
// a name. No input or output; the manager feeds it and acts on what it resolves.

import type { V1Pod } from "@kubernetes/client-node";

import { describeError, NodeletError } from "../base/errors.ts";
import type { SourceContent } from "../sources/source.ts";
import { CONFIG_HASH, CONFIG_SEEN, CONFIG_SOURCE } from "./labels.ts";
import type { PodSource } from "./manager.ts";
import { acceptPod } from "./schema/api-pod.ts";
import { decodePod, stableHash } from "./schema/decode.ts";
import type { Decoded, DecodedPod } from "./schema/decode.ts";
import type { ValidationOptions } from "./schema/validate.ts";

export interface DesiredPod extends Decoded {
  /** With metadata.uid. */
  readonly pod: DecodedPod;
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly source: PodSource;
  readonly origin: string;
  /** Why the newest version of the document is not this one. */
  readonly problem: string | undefined;
}

export interface DesiredOptions extends ValidationOptions {
  readonly nodeName: string;
  /** Pods of manifests get the node's name behind theirs: they share their namespaces with those of other nodes. */
  readonly joined?: boolean | undefined;
  readonly now: () => Date;
}

interface Origin {
  readonly source: PodSource;
  readonly pods: ReadonlyMap<string, DesiredPod>;
  readonly problems: readonly NodeletError[];
}

export interface Resolution {
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, DesiredPod>;
  readonly conflicts: readonly NodeletError[];
}

/** Whose pod of a name is run. The API server's come last: what it has beside a manifest's pod is only its picture. */
const RANK: Readonly<Record<PodSource, number>> = { local: 0, file: 1, url: 2, api: 3 };

export function keyOf(pod: { readonly metadata: { readonly namespace: string; readonly name: string } }): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

export class DesiredPods {
  readonly #options: DesiredOptions;
  readonly #origins = new Map<string, Origin>();
  /** Of the origins as they are; undefined after a change. */
  #resolution: Resolution | undefined;

  constructor(options: DesiredOptions) {
    this.#options = options;
  }

  /** A document of a static source, as it was when it was last good. Throws when this version of the agent refuses it. */
  seed(source: PodSource, origin: string, written: unknown): void {
    const desired = this.#staticPod(decodePod(written, { ...this.#options, origin }), source, origin);
    const before = this.#origins.get(origin);
    this.#resolution = undefined;
    this.#origins.set(origin, {
      source,
      pods: new Map([...(before?.pods ?? []), [desired.key, desired]]),
      problems: before?.problems ?? [],
    });
  }

  /** A file or address as it is now. What is wrong with it is in the result; the pods it held before stay where it is. */
  apply(source: PodSource, content: SourceContent): readonly NodeletError[] {
    const { origin } = content;
    const problems: NodeletError[] = [...content.problems];
    const pods = new Map<string, DesiredPod>();
    /** Problems of documents that say which pod they are. */
    const byKey = new Map<string, NodeletError>();
    for (const document of content.documents) {
      try {
        const { locate } = document;
        const desired = this.#staticPod(
          decodePod(document.value, { ...this.#options, origin, locate }),
          source,
          origin,
        );
        if (pods.has(desired.key)) {
          const place = document.locate(["metadata", "name"], "value");
          const position = place === undefined ? "" : `:${place.line}:${place.column}`;
          throw new NodeletError("invalid", `Pod ${desired.key} is in this file twice`, {
            where: `${origin}${position}: metadata.name`,
            fix: "Give each pod its own name",
          });
        }
        pods.set(desired.key, desired);
      } catch (error) {
        const problem =
          error instanceof NodeletError
            ? error
            : new NodeletError("internal", describeError(error), { where: origin, cause: error });
        problems.push(problem);
        const key = guessKey(document.value, this.#options.joined === true ? `-${this.#options.nodeName}` : "");
        if (key !== undefined && !byKey.has(key)) byKey.set(key, problem);
      }
    }
    const [first] = problems;
    if (first !== undefined) {
      for (const [key, before] of this.#origins.get(origin)?.pods ?? []) {
        if (!pods.has(key)) pods.set(key, { ...before, problem: describeError(byKey.get(key) ?? first) });
      }
    }
    this.#resolution = undefined;
    this.#origins.set(origin, { source, pods, problems });
    return problems;
  }

  remove(origin: string): void {
    this.#resolution = undefined;
    this.#origins.delete(origin);
  }

  setLocal(uid: string, decoded: Decoded, origin: string): DesiredPod {
    const desired = identified(decoded, uid, "local", origin, { [CONFIG_HASH]: decoded.hash, [CONFIG_SOURCE]: "api" });
    this.#resolution = undefined;
    this.#origins.set(localOrigin(desired.key), {
      source: "local",
      pods: new Map([[desired.key, desired]]),
      problems: [],
    });
    return desired;
  }

  removeLocal(key: string): void {
    this.#resolution = undefined;
    this.#origins.delete(localOrigin(key));
  }

  local(key: string): DesiredPod | undefined {
    return this.#origins.get(localOrigin(key))?.pods.get(key);
  }

  /** A pod of the API server, as it is now. */
  setApi(value: V1Pod, origin: string): DesiredPod {
    const decoded = acceptPod(value);
    const uid = value.metadata?.uid ?? "";
    const desired = { ...decoded, uid, key: keyOf(decoded.pod), source: "api", origin, problem: undefined } as const;
    this.#resolution = undefined;
    this.#origins.set(apiOrigin(uid), { source: "api", pods: new Map([[desired.key, desired]]), problems: [] });
    return desired;
  }

  removeApi(uid: string): void {
    this.#resolution = undefined;
    this.#origins.delete(apiOrigin(uid));
  }

  /** Uids of pods of the API server. */
  apiUids(): string[] {
    return [...this.#origins.values()].flatMap(({ source, pods }) =>
      source === "api" ? [...pods.values()].map(({ uid }) => uid) : [],
    );
  }

  /** What is wrong with the sources now. */
  problems(): readonly NodeletError[] {
    return [...this.#origins.values()].flatMap((origin) => origin.problems);
  }

  /** One pod a name: those run by hand first, then by the order of their files. */
  resolve(): Resolution {
    return (this.#resolution ??= this.#resolve());
  }

  #resolve(): Resolution {
    const pods = new Map<string, DesiredPod>();
    const conflicts: NodeletError[] = [];
    const rank = ({ source }: Origin): number => RANK[source];
    const origins = [...this.#origins].toSorted(([a, one], [b, other]) => rank(one) - rank(other) || (a < b ? -1 : 1));
    for (const [, origin] of origins) {
      for (const [key, desired] of origin.pods) {
        const winner = pods.get(key);
        if (winner === undefined) {
          pods.set(key, desired);
        } else {
          conflicts.push(
            new NodeletError("conflict", `Pod ${key} is already defined by ${winner.origin}, which is used`, {
              where: `${desired.origin}: metadata.name`,
              fix: "Give one of them another name, or remove it",
            }),
          );
        }
      }
    }
    return { pods, conflicts };
  }

  #staticPod(written: Decoded, source: PodSource, origin: string): DesiredPod {
    const decoded = this.#options.joined === true ? withSuffix(written, this.#options.nodeName) : written;
    // As for kubelet, the identity comes from the node, the place and the content: another content is another pod.
    const hash = stableHash({ node: this.#options.nodeName, origin, pod: written.written });
    const uid = written.written.metadata?.uid ?? hash;
    return identified(decoded, uid, source, origin, {
      [CONFIG_HASH]: hash,
      [CONFIG_SEEN]: this.#options.now().toISOString(),
      [CONFIG_SOURCE]: source === "url" ? "http" : source,
    });
  }
}

/** What is written stays: the name is made anew from it. */
function withSuffix(decoded: Decoded, nodeName: string): Decoded {
  const { metadata } = decoded.pod;
  return { ...decoded, pod: { ...decoded.pod, metadata: { ...metadata, name: `${metadata.name}-${nodeName}` } } };
}

function apiOrigin(uid: string): string {
  return `api:${uid}`;
}

function localOrigin(key: string): string {
  return `local:${key}`;
}

function identified(
  decoded: Decoded,
  uid: string,
  source: PodSource,
  origin: string,
  annotations: Readonly<Record<string, string>>,
): DesiredPod {
  const { metadata } = decoded.pod;
  const pod: DecodedPod = {
    ...decoded.pod,
    metadata: { ...metadata, uid, annotations: { ...metadata.annotations, ...annotations } },
  };
  return { ...decoded, pod, uid, key: keyOf(pod), source, origin, problem: undefined };
}

/** The pod that a document with errors is about, if it says so. */
function guessKey(value: unknown, suffix: string): string | undefined {
  if (typeof value !== "object" || value === null || !("metadata" in value)) return undefined;
  const { metadata } = value;
  if (typeof metadata !== "object" || metadata === null || !("name" in metadata)) return undefined;
  const namespace = "namespace" in metadata && typeof metadata.namespace === "string" ? metadata.namespace : "default";
  return typeof metadata.name === "string" ? `${namespace}/${metadata.name}${suffix}` : undefined;
}
