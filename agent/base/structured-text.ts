// YAML with several documents, or JSON, as values whose places in the text can be asked for.

import type { CollectionTag, Document, LineCounter, ScalarTag, Tags } from "yaml";

import { NodeletError } from "./errors.ts";
import type { FieldPath } from "./field-path.ts";
import { jsonOffset } from "./json-position.ts";

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

export interface TextDocument {
  readonly value: unknown;
  /** One-based place of a field, or of the nearest one around it. */
  readonly locate: (
    path: FieldPath,
    at: "key" | "value",
  ) => { readonly line: number; readonly column: number } | undefined;
}

export interface StructuredText {
  readonly documents: readonly TextDocument[];
  /** Documents that could not be read, with file and line. */
  readonly problems: readonly NodeletError[];
}

type Locate = TextDocument["locate"];

/** Never throws: what is wrong with the text is in `problems`. Empty documents are left out. */
export async function parseStructured(text: string, origin: string): Promise<StructuredText> {
  const json = parseJson(text);
  if (json === undefined) return await parseYaml(text, origin);
  const locate: Locate = (path, at) => lineAndColumn(text, jsonOffset(text, path, at));
  return { documents: [{ value: json.value, locate }], problems: [] };
}

function parseJson(text: string): { value: unknown } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // YAML is wider than JSON: it may read this, or else says where the error is.
    return undefined;
  }
}

async function parseYaml(text: string, origin: string): Promise<StructuredText> {
  const documents: TextDocument[] = [];
  const problems: NodeletError[] = [];
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
    documents.push({ value, locate: yamlLocate(yaml, document, lines) });
  }
  return { documents, problems };
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
