// From a document to a pod that can be run: shape, defaults, rules; identity and hashes.

import { createHash } from "node:crypto";

import type { V1Container, V1ObjectMeta, V1Pod, V1PodSpec } from "@kubernetes/client-node";

import { NodeletError } from "../../base/errors.ts";
import { formatPath } from "../../base/field-path.ts";
import type { FieldPath } from "../../base/field-path.ts";
import { applyDefaults } from "./defaults.ts";
import { check, Problems } from "../../base/shapes.ts";
import type { Problem } from "../../base/shapes.ts";
import { podShape } from "./tables.ts";
import { validatePod } from "./validate.ts";
import type { ValidationOptions } from "./validate.ts";

/** The fields of a class as a plain object has them. */
type Plain<T> = { [K in keyof T]: T[K] };

/** A pod whose defaults are set; what the agent relies on is there. */
export interface DecodedPod {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Plain<V1ObjectMeta> & { name: string; namespace: string };
  readonly spec: Plain<V1PodSpec>;
}

export interface Decoded {
  readonly pod: DecodedPod;
  /** The document with what is absent left out, before defaults: what records hold. Newer defaults do not change its hash. */
  readonly written: V1Pod;
  /** Hash of `written`. */
  readonly hash: string;
  /** Hash of each container as written, by name. */
  readonly containerHashes: ReadonlyMap<string, string>;
}

/** Where a field stands in its document. */
export type Locate = (
  path: FieldPath,
  at: "key" | "value",
) => { readonly line: number; readonly column: number } | undefined;

export interface DecodeOptions extends ValidationOptions {
  /** The document, for people: its file, or whoever sent it. */
  readonly origin: string;
  readonly locate?: Locate | undefined;
}

/** Fields that the API server writes, which say nothing about what is to run. */
const SERVER_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "finalizers",
  "generation",
  "managedFields",
  "ownerReferences",
  "resourceVersion",
  "selfLink",
] as const;

/** Throws one NodeletError `invalid` that names the place of the first thing that is wrong and how many more there are. */
export function decodePod(value: unknown, options: DecodeOptions): Decoded {
  const problems = new Problems();
  const written = check(value, podShape, [], problems) as V1Pod;
  if (problems.list.length > 0) throw problemsError(problems.list, options);
  delete written.status;
  const metadata = written.metadata;
  if (metadata !== undefined) for (const name of SERVER_METADATA) delete metadata[name];

  const pod = structuredClone(written);
  applyDefaults(pod);
  validatePod(pod, options, problems);
  if (problems.list.length > 0) throw problemsError(problems.list, options);

  const containers = [...(written.spec?.initContainers ?? []), ...(written.spec?.containers ?? [])];
  return {
    pod: pod as DecodedPod,
    written,
    hash: stableHash(written),
    containerHashes: new Map(containers.map((container) => [container.name, containerHash(container)])),
  };
}

function containerHash(container: V1Container): string {
  return stableHash(container).slice(0, 16);
}

/** 32 hex digits that depend on the value but not on the order of its keys. */
export function stableHash(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The problem that stands first in the document becomes the error. */
export function problemsError(problems: readonly Problem[], options: DecodeOptions): NodeletError {
  const placed = problems.map((problem) => ({ problem, place: options.locate?.(problem.path, problem.at) }));
  placed.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0));
  const first = placed[0];
  if (first === undefined) return new NodeletError("internal", "No problem was found", { where: options.origin });
  const { problem, place } = first;
  const position = place === undefined ? "" : `:${place.line}:${place.column}`;
  const field = formatPath(problem.path);
  const more =
    placed.length === 1
      ? ""
      : `; ${placed.length - 1} more ${placed.length === 2 ? "problem follows" : "problems follow"}`;
  return new NodeletError("invalid", problem.message + more, {
    where: `${options.origin}${position}${field === "" ? "" : `: ${field}`}`,
    fix: problem.fix,
  });
}
