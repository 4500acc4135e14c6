// Text to the documents of a source: pods, and the objects beside them. Lists are taken apart, other kinds are named.

import { NodeletError } from "../base/errors.ts";
import type { FieldPath } from "../base/field-path.ts";
import { parseStructured } from "../base/structured-text.ts";
import { OBJECT_KINDS } from "./source.ts";
import type { ObjectKind, SourceContent, SourceDocument, SourceObject } from "./source.ts";

type Locate = SourceDocument["locate"];

const USED = `Only v1 Pod, ${OBJECT_KINDS.join(", ")} and lists of them are used`;
/** Lists whose items may leave out what they are. */
const LISTS: Readonly<Record<string, string | undefined>> = {
  List: undefined,
  PodList: "Pod",
  ConfigMapList: "ConfigMap",
  SecretList: "Secret",
  PersistentVolumeList: "PersistentVolume",
  PersistentVolumeClaimList: "PersistentVolumeClaim",
};

interface Found {
  readonly documents: SourceDocument[];
  readonly objects: SourceObject[];
  readonly problems: NodeletError[];
}

/** Never throws: what is wrong with the text is in `problems`. */
export async function parseContent(text: string, origin: string): Promise<SourceContent> {
  const parsed = await parseStructured(text, origin);
  const found: Found = {
    documents: [],
    objects: [],
    problems: parsed.problems.map((item) => discreet(item, text)),
  };
  for (const document of parsed.documents) split(document.value, document.locate, origin, found);
  const { documents, objects, problems } = found;
  if (documents.length === 0 && objects.length === 0 && problems.length === 0 && parsed.documents.length === 0) {
    problems.push(
      new NodeletError("invalid", "The file has no document", {
        where: origin,
        fix: "Write a Pod into it, or remove the file to end its pods",
      }),
    );
  }
  return { origin, documents, objects, problems };
}

/** A parser quotes what it stumbled over, which may be part of a Secret. */
function discreet(problem: NodeletError, text: string): NodeletError {
  if (!/\bkind["']?\s*:\s*["']?Secret/.test(text)) return problem;
  const message = problem.message.replace(/:.*/s, "");
  return new NodeletError(problem.code, `${message}; not quoted here, as the file has a Secret`, {
    where: problem.where,
    fix: problem.fix,
  });
}

function isObjectKind(kind: unknown): kind is ObjectKind {
  return OBJECT_KINDS.some((known) => known === kind);
}

/** Adds the pods and objects of one document; a list gives one document an item. */
function split(value: unknown, locate: Locate, origin: string, found: Found): void {
  const fail = (path: FieldPath, message: string, fix: string): void => {
    const place = locate(path, "value");
    const position = place === undefined ? "" : `:${place.line}:${place.column}`;
    const field = path.length === 0 ? "" : `: ${String(path.at(-1))}`;
    found.problems.push(new NodeletError("invalid", message, { where: `${origin}${position}${field}`, fix }));
  };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const what = Array.isArray(value) ? "a list" : "a single value";
    fail([], `A document must be a mapping: it is ${what}`, "Begin it with apiVersion: v1 and kind: Pod");
    return;
  }
  const document = value as Record<string, unknown>;
  const { apiVersion, kind } = document;
  if (apiVersion === undefined) {
    fail([], "Required field apiVersion is missing", "Write apiVersion: v1");
  } else if (kind === undefined) {
    fail([], "Required field kind is missing", "Write kind: Pod");
  } else if (apiVersion !== "v1") {
    fail(["apiVersion"], `Must be v1: it is ${JSON.stringify(apiVersion)}`, USED);
  } else if (kind === "Pod") {
    found.documents.push({ value, locate });
  } else if (isObjectKind(kind)) {
    found.objects.push({ kind, value, locate });
  } else if (typeof kind === "string" && Object.hasOwn(LISTS, kind)) {
    if (!Array.isArray(document["items"])) {
      fail([], `A ${kind} must have a list called items`, "Write items:");
      return;
    }
    const itemKind = LISTS[kind];
    for (const [index, item] of document["items"].entries()) {
      const inner: Locate = (path, at) => locate(["items", index, ...path], at);
      const typed: unknown =
        itemKind !== undefined && typeof item === "object" && item !== null
          ? { apiVersion: "v1", kind: itemKind, ...item }
          : item;
      split(typed, inner, origin, found);
    }
  } else {
    fail(["kind"], `Documents of kind ${JSON.stringify(kind)} are not used`, USED);
  }
}
