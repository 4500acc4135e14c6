// Text to the documents of a source: lists of pods are taken apart, other kinds are named.

import { NodeletError } from "../base/errors.ts";
import type { FieldPath } from "../base/field-path.ts";
import { parseStructured } from "../base/structured-text.ts";
import type { SourceContent, SourceDocument } from "./source.ts";

type Locate = SourceDocument["locate"];

/** Never throws: what is wrong with the text is in `problems`. */
export async function parseContent(text: string, origin: string): Promise<SourceContent> {
  const documents: SourceDocument[] = [];
  const parsed = await parseStructured(text, origin);
  const problems: NodeletError[] = [...parsed.problems];
  for (const document of parsed.documents) {
    split(document.value, document.locate, origin, documents, problems);
  }
  if (documents.length === 0 && problems.length === 0) {
    problems.push(
      new NodeletError("invalid", "The file has no document", {
        where: origin,
        fix: "Write a Pod into it, or remove the file to end its pods",
      }),
    );
  }
  return { origin, documents, problems };
}

/** Adds the pods of one document; a list gives one document an item. */
function split(
  value: unknown,
  locate: Locate,
  origin: string,
  documents: SourceDocument[],
  problems: NodeletError[],
): void {
  const fail = (path: FieldPath, message: string, fix: string): void => {
    const place = locate(path, "value");
    const position = place === undefined ? "" : `:${place.line}:${place.column}`;
    const field = path.length === 0 ? "" : `: ${String(path.at(-1))}`;
    problems.push(new NodeletError("invalid", message, { where: `${origin}${position}${field}`, fix }));
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
    fail(["apiVersion"], `Must be v1: it is ${JSON.stringify(apiVersion)}`, "Only v1 Pod, List and PodList are used");
  } else if (kind === "Pod") {
    documents.push({ value, locate });
  } else if (kind === "List" || kind === "PodList") {
    if (!Array.isArray(document["items"])) {
      fail([], `A ${kind} must have a list called items`, "Write items:");
      return;
    }
    for (const [index, item] of document["items"].entries()) {
      const inner: Locate = (path, at) => locate(["items", index, ...path], at);
      const typed: unknown =
        kind === "PodList" && typeof item === "object" && item !== null
          ? { apiVersion: "v1", kind: "Pod", ...item }
          : item;
      split(typed, inner, origin, documents, problems);
    }
  } else {
    fail(["kind"], `Documents of kind ${JSON.stringify(kind)} are not used`, "Only v1 Pod, List and PodList are");
  }
}
