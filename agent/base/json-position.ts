// Where a field stands in a JSON text. The text is known to be valid: JSON.parse read it before.

import type { FieldPath } from "./field-path.ts";

/** Offset of the key or value at `path`, or of the nearest value around it. */
export function jsonOffset(text: string, path: FieldPath, at: "key" | "value"): number {
  let offset = skipSpace(text, 0);
  for (const [depth, part] of path.entries()) {
    const found = typeof part === "number" ? findItem(text, offset, part) : findMember(text, offset, part);
    if (found === undefined) return offset;
    if (at === "key" && depth === path.length - 1) return found.key;
    offset = found.value;
  }
  return offset;
}

interface Found {
  readonly key: number;
  readonly value: number;
}

function skipSpace(text: string, from: number): number {
  let offset = from;
  while (/\s/.test(text.charAt(offset))) offset++;
  return offset;
}

/** The end of the string whose opening quote is at `from`. */
function endOfString(text: string, from: number): number {
  let offset = from + 1;
  while (offset < text.length && text[offset] !== '"') offset += text[offset] === "\\" ? 2 : 1;
  return offset + 1;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== "{" && first !== "[") {
    let offset = from;
    while (offset < text.length && !/[\s,\]}]/.test(text.charAt(offset))) offset++;
    return offset;
  }
  let depth = 0;
  let offset = from;
  while (offset < text.length) {
    const character = text[offset];
    if (character === '"') {
      offset = endOfString(text, offset);
      continue;
    }
    if (character === "{" || character === "[") depth++;
    if (character === "}" || character === "]") depth--;
    offset++;
    if (depth === 0) break;
  }
  return offset;
}

function findItem(text: string, list: number, index: number): Found | undefined {
  if (text[list] !== "[") return undefined;
  let offset = skipSpace(text, list + 1);
  for (let current = 0; offset < text.length && text[offset] !== "]"; current++) {
    if (current === index) return { key: offset, value: offset };
    offset = skipSpace(text, endOfValue(text, offset));
    if (text[offset] === ",") offset = skipSpace(text, offset + 1);
  }
  return undefined;
}

/** The last member with this name, as JSON.parse takes it. */
function findMember(text: string, mapping: number, name: string): Found | undefined {
  if (text[mapping] !== "{") return undefined;
  let found: Found | undefined;
  let offset = skipSpace(text, mapping + 1);
  while (offset < text.length && text[offset] !== "}") {
    const end = endOfString(text, offset);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (JSON.parse(text.slice(offset, end)) === name) found = { key: offset, value };
    offset = skipSpace(text, endOfValue(text, value));
    if (text[offset] === ",") offset = skipSpace(text, offset + 1);
  }
  return found;
}
