// Flags that set fields of KubeletConfiguration, in the forms that kubelet's have.

import { NodeletError } from "../../base/errors.ts";
import { formatPath } from "../../base/field-path.ts";
import { check, kindOf, Problems, type Shape } from "../../base/shapes.ts";
import type { Field } from "./field.ts";
import { allFields, type Values } from "./tree.ts";

export interface FieldFlag {
  readonly path: string;
  readonly field: Field;
  /** May stand without a value. */
  readonly isSwitch: boolean;
}

const BY_FLAG: ReadonlyMap<string, FieldFlag> = new Map(
  allFields.flatMap(([path, field]) =>
    field.flag === undefined ? [] : [[field.flag, { path, field, isSwitch: field.shape.type === "bool" }]],
  ),
);

export function fieldFlag(name: string): FieldFlag | undefined {
  return BY_FLAG.get(name);
}

export const fieldFlagNames: readonly string[] = [...BY_FLAG.keys()];

/** The field's value as a file would have it; `before` is what the same flag said further to the left. Throws `invalid`. */
export function parseFieldFlag(name: string, { field }: FieldFlag, text: string, before: unknown): unknown {
  const where = `--${name}`;
  const fail = (message: string, fix?: string): never => {
    throw new NodeletError("invalid", message, { where, fix });
  };
  const value = read(field, text, before, fail);
  const problems = new Problems();
  // A flag's 0 counts, where a file's would stand for the default.
  const checked = check(value, field.shape, [], problems);
  const problem = problems.list[0];
  if (problem !== undefined) {
    const at = problem.path.length === 0 ? "" : `${formatPath(problem.path)}: `;
    fail(`${at}${problem.message}`, problem.fix);
  }
  return checked;
}

type Fail = (message: string, fix?: string) => never;

function read(field: Field, text: string, before: unknown, fail: Fail): unknown {
  const items = text.split(",").filter((item) => item !== "");
  const earlier = (before ?? {}) as Values;
  switch (field.form) {
    case "threshold-map":
      return { ...earlier, ...pairs(items, "<", fail) };
    case "one-pair":
      return { ...earlier, ...pairs([text], "=", fail) };
    case "gates":
      return {
        ...earlier,
        ...Object.fromEntries(Object.entries(pairs(items, "=", fail)).map(([gate, on]) => [gate, toBool(on, fail)])),
      };
    case "header-map": {
      const headers: Record<string, string[]> = { ...(earlier as Record<string, string[]>) };
      for (const item of items) {
        const colon = item.indexOf(":");
        if (colon < 1) fail(`Must be NAME:VALUE with ',' between: it is ${JSON.stringify(text)}`);
        const header = item.slice(0, colon).trim();
        headers[header] = [...(headers[header] ?? []), item.slice(colon + 1).trim()];
      }
      return headers;
    }
    case "vmodule":
      return Object.entries(pairs(items, "=", fail)).map(([filePattern, verbosity]) => ({
        filePattern,
        verbosity: toInt(verbosity, fail),
      }));
    case "taints":
      return [...((before ?? []) as unknown[]), ...items.map((item) => taint(item, fail))];
    case "reserved-memory": {
      const [, node = "", limits = ""] = /^(\d+):(.+)$/.exec(text) ?? [];
      if (node === "") fail(`Must be NODE:memory=QUANTITY,...: it is ${JSON.stringify(text)}`);
      const reserved = pairs(limits.split(","), "=", fail);
      return [...((before ?? []) as unknown[]), { numaNode: Number(node), limits: reserved }];
    }
    default:
      return plain(field.shape, text, items, before, fail);
  }
}

function plain(shape: Shape, text: string, items: readonly string[], before: unknown, fail: Fail): unknown {
  switch (shape.type) {
    case "bool":
      return toBool(text, fail);
    case "int":
      return toInt(text, fail);
    case "number":
      return Number(text);
    case "list": {
      const own = shape.of.type === "int" ? items.map((item) => toInt(item, fail)) : items;
      return [...((before ?? []) as unknown[]), ...own];
    }
    case "map":
      return { ...(before as object | undefined), ...pairs(items, "=", fail) };
    default:
      return text;
  }
}

function pairs(items: readonly string[], separator: string, fail: Fail): Record<string, string> {
  return Object.fromEntries(
    items.map((item) => {
      const at = item.indexOf(separator);
      if (at < 1) fail(`Must be NAME${separator}VALUE with ',' between: it is ${JSON.stringify(item)}`);
      return [item.slice(0, at).trim(), item.slice(at + separator.length).trim()];
    }),
  );
}

function taint(text: string, fail: Fail): unknown {
  const [, key = "", value, effect = ""] = /^([^=:]+)(?:=([^:]*))?:([^:]+)$/.exec(text) ?? [];
  if (key === "") fail(`Must be KEY=VALUE:EFFECT: it is ${JSON.stringify(text)}`);
  return value === undefined || value === "" ? { key, effect } : { key, value, effect };
}

/** As Go reads it. */
function toBool(text: string, fail: Fail): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  return fail(`Must be true or false: it is ${JSON.stringify(text)}`);
}

function toInt(text: string, fail: Fail): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) fail(`Must be a whole number: it is ${kindOf(text)}`);
  return Number(text);
}
