// The table of fields as a tree, and values in a configuration by path.

import { isMapping, object, type Shape } from "../../base/shapes.ts";
import type { Field } from "./field.ts";
import { FIELDS } from "./fields.ts";

type Tree = { [name: string]: Tree | Shape };

function isShape(node: Tree | Shape): node is Shape {
  return typeof node["type"] === "string";
}

function build(): Shape {
  const root: Tree = {};
  for (const [path, { shape }] of Object.entries(FIELDS)) {
    const parts = path.split(".");
    let at = root;
    for (const part of parts.slice(0, -1)) at = (at[part] ??= {}) as Tree;
    at[parts.at(-1) ?? ""] = shape;
  }
  const shapeOf = (tree: Tree): Shape =>
    object(
      Object.fromEntries(Object.entries(tree).map(([name, node]) => [name, isShape(node) ? node : shapeOf(node)])),
    );
  return shapeOf(root);
}

/** What a document may be, without its `apiVersion` and `kind`. */
export const configurationShape: Shape = build();

/** Pairs of dotted path and field. */
export const allFields: readonly (readonly [path: string, field: Field])[] = Object.entries(FIELDS);

export type Values = { [name: string]: unknown };

/** The value at a dotted path of the table; undefined: absent. */
export function valueAt(values: unknown, path: string): unknown {
  let at: unknown = values;
  for (const part of path.split(".")) at = isMapping(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  return at;
}

/** Sets the value at a dotted path, and makes the mappings above it. */
export function setValue(values: Values, path: string, value: unknown): void {
  const parts = path.split(".");
  let at = values;
  for (const part of parts.slice(0, -1)) {
    if (!isMapping(at[part])) at[part] = {};
    at = at[part] as Values;
  }
  at[parts.at(-1) ?? ""] = value;
}

/** Merges as RFC 7386 has it: mappings are merged, null removes, all else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const result: Values = isMapping(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}
