// What every source of pods tells: documents by origin (a file, an address). It reads; pods/ judges what is inside.

import type { V1Pod } from "@kubernetes/client-node";

import type { NodeletError } from "../base/errors.ts";
import type { TextDocument } from "../base/structured-text.ts";

export type SourceDocument = TextDocument;

/** What pods refer to by name. */
export const OBJECT_KINDS = ["ConfigMap", "Secret", "PersistentVolume", "PersistentVolumeClaim"] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** An object that pods beside it may refer to. */
export interface SourceObject extends SourceDocument {
  readonly kind: ObjectKind;
}

/** One file, or the body of one address, as it is now. */
export interface SourceContent {
  readonly origin: string;
  /** Pods. */
  readonly documents: readonly SourceDocument[];
  readonly objects: readonly SourceObject[];
  /** What could not be read as documents, or is of a kind that is not used. */
  readonly problems: readonly NodeletError[];
}

export interface SourceChange {
  readonly changed: readonly SourceContent[];
  /** Origins that are gone. */
  readonly removed: readonly string[];
}

export interface PodSource extends AsyncDisposable {
  readonly kind: "file" | "url";
  /**
   * Reads everything once, tells it in one change, then follows. Resolves after the first change was told; a source that
   * cannot be read yet tells what it can and goes on trying. `known` are origins that existed before the agent started.
   */
  start(listener: (change: SourceChange) => void, known: readonly string[]): Promise<void>;
}

/** What changed among the pods that the API server has for this node, as it has them. */
export interface ApiPodChange {
  readonly pods: readonly V1Pod[];
  /** Their last form, as far as it is known. */
  readonly removed: readonly V1Pod[];
}

/** The API server's pods of this node. */
export interface ApiPodSource extends AsyncDisposable {
  /**
   * Follows them from now on. The first change has all of them, whenever the server can be reached; `known` are uids of pods that
   * were there when an earlier agent ended: those that are not there any more are among the first `removed`.
   */
  start(listener: (change: ApiPodChange) => void, known: readonly string[]): void;
}
