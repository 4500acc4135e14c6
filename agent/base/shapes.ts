// The vocabulary of the schema tables: the shape of a field, whether it works here, and the check of a value against it.

import type { FieldPath } from "./field-path.ts";
import { isQuantity } from "./quantity.ts";

/** Says what is wrong with a string, as the end of a sentence about it; undefined when it is right. */
export type StringRule = (value: string) => string | undefined;

export type Shape =
  | { readonly type: "string"; readonly rule?: StringRule | undefined; readonly oneOf?: readonly string[] | undefined }
  | { readonly type: "int"; readonly min: number; readonly max: number }
  /** A number, or a name in its place: core/v1's IntOrString. */
  | { readonly type: "int-or-name"; readonly min: number; readonly max: number; readonly rule: StringRule }
  /** Above `above`, at most `max`. */
  | { readonly type: "number"; readonly above: number; readonly max: number }
  | { readonly type: "bool" }
  | { readonly type: "quantity" }
  | { readonly type: "list"; readonly of: Shape; readonly atLeast: number }
  | { readonly type: "map"; readonly of: Shape; readonly key?: StringRule | undefined }
  | { readonly type: "object"; readonly fields: Fields; readonly required: readonly string[] }
  /** Accepted as it is and without effect, for `why`. */
  | { readonly type: "inert"; readonly why: string }
  /** A field of core/v1 that does not work here yet. `instead` is what the writer can do. */
  | { readonly type: "later"; readonly instead: string | undefined }
  /** A field of core/v1 that cannot work here, for `why`. */
  | { readonly type: "refused"; readonly why: string; readonly instead: string };

export type Fields = Readonly<Record<string, Shape>>;

export const string = (rule?: StringRule): Shape => ({ type: "string", rule });
export const oneOf = (...values: string[]): Shape => ({ type: "string", oneOf: values });
export const int = (min: number, max: number): Shape => ({ type: "int", min, max });
export const intOrName = (min: number, max: number, rule: StringRule): Shape => ({
  type: "int-or-name",
  min,
  max,
  rule,
});
export const number = (above: number, max: number): Shape => ({ type: "number", above, max });
export const bool: Shape = { type: "bool" };
export const quantity: Shape = { type: "quantity" };
export const list = (of: Shape, atLeast = 0): Shape => ({ type: "list", of, atLeast });
export const map = (of: Shape, key?: StringRule): Shape => ({ type: "map", of, key });
export const object = (fields: Fields, required: readonly string[] = []): Shape => ({
  type: "object",
  fields,
  required,
});
export const inert = (why: string): Shape => ({ type: "inert", why });
export const later = (instead?: string): Shape => ({ type: "later", instead });
export const refused = (why: string, instead = "Remove it"): Shape => ({ type: "refused", why, instead });

/** One thing that is wrong with a document. The message is a sentence without the place. */
export interface Problem {
  readonly path: FieldPath;
  readonly message: string;
  readonly fix: string | undefined;
  /** Whether the key or its value is meant, for the line and column. */
  readonly at: "key" | "value";
}

export class Problems {
  readonly list: Problem[] = [];

  add(path: FieldPath, message: string, fix?: string, at: "key" | "value" = "value"): void {
    this.list.push({ path, message, fix, at });
  }
}

/** A value as it was written, short enough for a message. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null || value === undefined) return "empty";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "boolean") return `the boolean ${value}`;
  return `the string ${show(value)}`;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks `value` and gives it back with absent fields (null, as the API server reads it) left out and numeric quantities as strings.
 * What is wrong is added to `problems`; the result is then not to be used.
 */
export function check(value: unknown, shape: Shape, path: FieldPath, problems: Problems): unknown {
  switch (shape.type) {
    case "string":
      return checkString(value, shape.rule, shape.oneOf, path, problems);
    case "int":
      if (typeof value !== "number") {
        const fix = typeof value === "string" && /^-?\d+$/.test(value) ? "Write it without quotes" : undefined;
        problems.add(path, `Must be a whole number: it is ${kindOf(value)}`, fix);
      } else if (!Number.isInteger(value) || value < shape.min || value > shape.max) {
        problems.add(path, `Must be a whole number from ${shape.min} to ${shape.max}: it is ${value}`);
      }
      return value;
    case "number":
      if (typeof value !== "number" || !(value > shape.above && value <= shape.max)) {
        problems.add(path, `Must be a number above ${shape.above} and at most ${shape.max}: it is ${kindOf(value)}`);
      }
      return value;
    case "int-or-name":
      return typeof value === "string"
        ? checkString(value, shape.rule, undefined, path, problems)
        : check(value, { type: "int", min: shape.min, max: shape.max }, path, problems);
    case "bool":
      if (typeof value !== "boolean") {
        const fix = typeof value === "string" ? "Write true or false, without quotes" : "Write true or false";
        problems.add(path, `Must be true or false: it is ${kindOf(value)}`, fix);
      }
      return value;
    case "quantity": {
      const text = typeof value === "number" ? String(value) : value;
      if (typeof text !== "string" || !isQuantity(text)) {
        problems.add(path, `Must be a quantity such as 500m, 2 or 1Gi: it is ${kindOf(value)}`);
      }
      return text;
    }
    case "list":
      if (!Array.isArray(value)) {
        problems.add(path, `Must be a list: it is ${kindOf(value)}`, 'Begin each entry with "- "');
        return value;
      }
      if (value.length < shape.atLeast) problems.add(path, `Must have at least ${shape.atLeast} entry`);
      return value.map((item, index) => check(item, shape.of, [...path, index], problems));
    case "map": {
      if (!isMapping(value)) {
        problems.add(path, `Must be a mapping: it is ${kindOf(value)}`);
        return value;
      }
      const result: Record<string, unknown> = {};
      for (const [key, item] of Object.entries(value)) {
        const wrong = shape.key?.(key);
        if (wrong !== undefined) problems.add([...path, key], `Key ${show(key)} ${wrong}`, undefined, "key");
        result[key] = check(item, shape.of, [...path, key], problems);
      }
      return result;
    }
    case "object":
      return checkObject(value, shape.fields, shape.required, path, problems);
    case "inert":
      return value;
    case "later":
      problems.add(path, "This field is not supported yet", shape.instead ?? "Remove it", "key");
      return value;
    case "refused":
      problems.add(path, `This field is not supported: ${shape.why}`, shape.instead, "key");
      return value;
  }
}

function checkString(
  value: unknown,
  rule: StringRule | undefined,
  values: readonly string[] | undefined,
  path: FieldPath,
  problems: Problems,
): unknown {
  if (typeof value !== "string") {
    const fix = typeof value === "number" || typeof value === "boolean" ? `Put it in quotes: "${value}"` : undefined;
    problems.add(path, `Must be a string: it is ${kindOf(value)}`, fix);
    return value;
  }
  if (values !== undefined && !values.includes(value)) {
    const near = nearest(value, values);
    problems.add(
      path,
      `Must be one of ${values.map((item) => (item === "" ? '""' : item)).join(", ")}: it is ${show(value)}`,
      near === undefined ? undefined : `Did you mean ${near}?`,
    );
  }
  const wrong = value.includes("\0") ? "must not have a NUL character" : rule?.(value);
  if (wrong !== undefined) problems.add(path, `${show(value)} ${wrong}`);
  return value;
}

function checkObject(
  value: unknown,
  fields: Fields,
  required: readonly string[],
  path: FieldPath,
  problems: Problems,
): unknown {
  if (!isMapping(value)) {
    problems.add(path, `Must be a mapping: it is ${kindOf(value)}`);
    return value;
  }
  const result: Record<string, unknown> = {};
  /** Fields that a mistyped name stands for: they are not missing as well. */
  const meant = new Set<string>();
  for (const [name, item] of Object.entries(value)) {
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (shape === undefined) {
      const near = nearest(name, Object.keys(fields));
      const fix = near === undefined ? "Remove it" : `Did you mean ${near}?`;
      if (near !== undefined) meant.add(near);
      problems.add([...path, name], `Unknown field ${show(name)}`, fix, "key");
    } else if (item !== null && item !== undefined) {
      result[name] = check(item, shape, [...path, name], problems);
    }
  }
  for (const name of required) {
    if (meant.has(name)) continue;
    if (result[name] === undefined || result[name] === "") {
      const hasKey = Object.hasOwn(value, name);
      problems.add(
        hasKey ? [...path, name] : path,
        `Required field ${name} is ${hasKey ? "empty" : "missing"}`,
        `Set ${name}`,
      );
    }
  }
  return result;
}

/** The candidate that a typing error most likely stands for; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? limit;
}
