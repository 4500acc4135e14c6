// ConfigMaps, Secrets and claimed volumes that stand beside the pods, in manifests or given with `nodelet run`: judged, the last good version kept
// where the newest is wrong, one object a name. They are in memory only.

import type { V1ConfigMap, V1PersistentVolume, V1Secret } from "@kubernetes/client-node";

import { describeError, NodeletError } from "../base/errors.ts";
import type { ObjectChange, ObjectLookup } from "../kube/objects.ts";
import type { SourceContent } from "../sources/source.ts";
import { stableHash } from "./schema/decode.ts";
import { decodeObject, describeObject } from "./schema/objects.ts";
import type { DecodedObject } from "./schema/objects.ts";

interface Known {
  readonly object: DecodedObject;
  readonly hash: string;
}

interface Origin {
  readonly rank: number;
  /** By `kind/namespace/name`. */
  readonly objects: ReadonlyMap<string, Known>;
  readonly problems: readonly NodeletError[];
}

/** Objects given by hand win over those of files, and those over others. */
export type ObjectSource = "local" | "file" | "url";
const RANK: Readonly<Record<ObjectSource, number>> = { local: 0, file: 1, url: 2 };

export class ManifestObjects implements ObjectLookup {
  readonly #origins = new Map<string, Origin>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  #resolved: ReadonlyMap<string, Known> = new Map();
  #conflicts: readonly NodeletError[] = [];

  /** A file or address as it is now. What is wrong with it is in `problems()`; the objects it held before stay where it is. */
  apply(source: ObjectSource, content: Pick<SourceContent, "origin" | "objects" | "problems">): void {
    const { origin } = content;
    const problems: NodeletError[] = [];
    const objects = new Map<string, Known>();
    for (const { kind, value, locate } of content.objects) {
      try {
        const object = decodeObject(kind, value, { origin, locate });
        const key = keyOf(kind, object.namespace, object.name);
        if (objects.has(key)) {
          const place = locate(["metadata", "name"], "value");
          const position = place === undefined ? "" : `:${place.line}:${place.column}`;
          throw new NodeletError("invalid", `${describeObject(object)} is in this file twice`, {
            where: `${origin}${position}: metadata.name`,
            fix: "Give each object its own name",
          });
        }
        objects.set(key, { object, hash: stableHash(object.value) });
      } catch (cause) {
        problems.push(
          cause instanceof NodeletError
            ? cause
            : new NodeletError("internal", describeError(cause), { where: origin, cause }),
        );
      }
    }
    if (problems.length > 0 || content.problems.length > 0) {
      for (const [key, before] of this.#origins.get(origin)?.objects ?? [])
        if (!objects.has(key)) objects.set(key, before);
    }
    if (objects.size === 0 && problems.length === 0) this.#origins.delete(origin);
    else this.#origins.set(origin, { rank: RANK[source], objects, problems });
    this.#resolve();
  }

  remove(origin: string): void {
    if (this.#origins.delete(origin)) this.#resolve();
  }

  /** What is wrong with the objects of all origins now. */
  problems(): readonly NodeletError[] {
    return [...[...this.#origins.values()].flatMap((origin) => origin.problems), ...this.#conflicts];
  }

  configMap(namespace: string, name: string): Promise<V1ConfigMap | undefined> {
    const object = this.#resolved.get(keyOf("ConfigMap", namespace, name))?.object;
    return Promise.resolve(object?.kind === "ConfigMap" ? object.value : undefined);
  }

  secret(namespace: string, name: string): Promise<V1Secret | undefined> {
    const object = this.#resolved.get(keyOf("Secret", namespace, name))?.object;
    return Promise.resolve(object?.kind === "Secret" ? object.value : undefined);
  }

  /** By the claim's volumeName, else by a volume's claimRef. */
  persistentVolume(namespace: string, claim: string): Promise<V1PersistentVolume> {
    const wanted = this.#resolved.get(keyOf("PersistentVolumeClaim", namespace, claim))?.object;
    if (wanted?.kind !== "PersistentVolumeClaim") {
      return Promise.reject(new NodeletError("not-found", `persistentvolumeclaim "${claim}" not found`));
    }
    const name = wanted.value.spec?.volumeName;
    for (const { object } of this.#resolved.values()) {
      if (object.kind !== "PersistentVolume") continue;
      const { claimRef } = object.value.spec ?? {};
      const isClaimed = claimRef?.name === claim && (claimRef.namespace ?? "default") === namespace;
      if (name === undefined ? isClaimed : object.name === name && (claimRef === undefined || isClaimed))
        return Promise.resolve(object.value);
    }
    const what = name === undefined ? `no volume has a claimRef to it` : `no volume ${name} is there for it`;
    return Promise.reject(
      new NodeletError("not-found", `persistentvolumeclaim "${claim}" is not bound: ${what}`, {
        fix: "Put a PersistentVolume beside the pods, and name it in the claim's volumeName",
      }),
    );
  }

  subscribe(listener: (change: ObjectChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #resolve(): void {
    const before = this.#resolved;
    const now = new Map<string, Known>();
    const holder = new Map<string, string>();
    const conflicts: NodeletError[] = [];
    const origins = [...this.#origins].toSorted(([a, one], [b, other]) => one.rank - other.rank || (a < b ? -1 : 1));
    for (const [origin, { objects }] of origins) {
      for (const [key, known] of objects) {
        const first = holder.get(key);
        if (first === undefined) {
          now.set(key, known);
          holder.set(key, origin);
          continue;
        }
        if (now.get(key)?.hash === known.hash) continue;
        conflicts.push(
          new NodeletError(
            "conflict",
            `${describeObject(known.object)} is already defined by ${first}, which is used`,
            {
              where: `${origin}: metadata.name`,
              fix: "Give one of them another name, or remove it",
            },
          ),
        );
      }
    }
    this.#resolved = now;
    this.#conflicts = conflicts;
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(key)?.hash === now.get(key)?.hash) continue;
      const object = (now.get(key) ?? before.get(key))?.object;
      if (object === undefined) continue;
      const { kind, namespace, name } = object;
      // A pod that waits for its volume looks again by itself, and one that runs keeps what it has.
      if (kind === "PersistentVolume" || kind === "PersistentVolumeClaim") continue;
      for (const listener of this.#listeners) listener({ kind, namespace, name });
    }
  }
}

function keyOf(kind: DecodedObject["kind"], namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
