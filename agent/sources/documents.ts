// Text to documents: YAML with several documents, or JSON; lists of pods are taken apart.

import type { CollectionTag, Document, LineCounter, ScalarTag, Tags } from "yaml";

import { NodeletError } from "../base/errors.ts";
import type { FieldPath } from "../base/field-path.ts";
import { jsonOffset } from "./json-position.ts";
import type { SourceContent, SourceDocument } from "./source.ts";

/** Aliases that one document may expand to; a bomb has millions. */
const MAX_ALIASES = 100;

/**
 * YAML 1.1 as Kubernetes reads it: JSON's types, with yes/no/on/off and octal numbers. Tags whose values JSON does not have
 * are left out, so that what they would match stays a string; so are numbers in base 60.
 */
const FOREIGN_TAGS = ["timestamp", "intTime", "floatTime", "binary", "omap", "pairs", "set"];

function withoutForeignTags(tags: Tags): Tags {
  return tags.filter((tag: string | ScalarTag | CollectionTag) => {
    if (typeof tag === "string") return !FOREIGN_TAGS.includes(tag);
    if (FOREIGN_TAGS.some((name) => tag.tag === `tag:yaml.org,2002:${name}`)) return false;
    return !("format" in tag && tag.format === "TIME");
  });
}

/** Never throws: what is wrong with the text is in `problems`. */
export async function parseContent(text: string, origin: string): Promise<SourceContent> {
  const documents: SourceDocument[] = [];
  const problems: NodeletError[] = [];
  const json = parseJson(text);
  if (json !== undefined) {
    const locate: Locate = (path, at) => lineAndColumn(text, jsonOffset(text, path, at));
    split(json.value, locate, origin, documents, problems);
  } else {
    await parseYaml(text, origin, documents, problems);
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

type Locate = SourceDocument["locate"];

function parseJson(text: string): { value: unknown } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // YAML is wider than JSON: it may read this, or else says where the error is.
    return undefined;
  }
}

async function parseYaml(
  text: string,
  origin: string,
  documents: SourceDocument[],
  problems: NodeletError[],
): Promise<void> {
  // Loaded on first use: an agent that reads JSON or an API server does not need its memory.
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const parsed = yaml.parseAllDocuments(text, {
    version: "1.1",
    customTags: withoutForeignTags,
    lineCounter: lines,
    prettyErrors: false,
  });
  for (const document of parsed) {
    const error = document.errors[0];
    if (error !== undefined) {
      const place = lines.linePos(error.pos[0]);
      const fix = error.code === "TAB_AS_INDENT" ? "Indent with spaces" : "Correct the YAML there";
      problems.push(
        new NodeletError("invalid", `Not valid YAML: ${error.message}`, {
          where: `${origin}:${place.line}:${place.col}`,
          fix,
        }),
      );
      continue;
    }
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (cause) {
      const line = lines.linePos(document.range[0]).line;
      problems.push(
        new NodeletError("invalid", "The aliases of the document cannot be resolved", {
          where: `${origin}:${line}`,
          cause,
          fix: "Write the values out",
        }),
      );
      continue;
    }
    if (value === null || value === undefined) continue;
    split(value, yamlLocate(yaml, document, lines), origin, documents, problems);
  }
}

function yamlLocate(yaml: typeof import("yaml"), document: Document, lines: LineCounter): Locate {
  return (path, at) => {
    let node: unknown = document.contents;
    let offset = yaml.isNode(node) ? (node.range?.[0] ?? 0) : 0;
    for (const [depth, part] of path.entries()) {
      if (yaml.isAlias(node)) node = node.resolve(document);
      if (yaml.isMap(node)) {
        const pair = node.items.find((item) => yaml.isScalar(item.key) && String(item.key.value) === String(part));
        if (pair === undefined) break;
        const key = yaml.isNode(pair.key) ? pair.key.range?.[0] : undefined;
        const value = yaml.isNode(pair.value) ? pair.value.range?.[0] : undefined;
        const wanted = at === "key" && depth === path.length - 1 ? key : (value ?? key);
        if (wanted !== undefined) offset = wanted;
        node = pair.value;
      } else if (yaml.isSeq(node) && typeof part === "number") {
        node = node.items[part];
        if (!yaml.isNode(node)) break;
        if (node.range !== null && node.range !== undefined) offset = node.range[0];
      } else {
        break;
      }
    }
    const place = lines.linePos(offset);
    return { line: place.line, column: place.col };
  };
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
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
        kind === "PodList" && typeof item === "object" && item !== null ? { apiVersion: "v1", kind: "Pod", ...item } : item;
      split(typed, inner, origin, documents, problems);
    }
  } else {
    fail(["kind"], `Documents of kind ${JSON.stringify(kind)} are not used`, "Only v1 Pod, List and PodList are");
  }
}
