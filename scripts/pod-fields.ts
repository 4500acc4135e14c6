// docs/pod-fields.md: every field of core/v1 PodSpec, and what holds of it here.
//
//     node scripts/pod-fields.ts [--check]
//
// The fields come from the types of @kubernetes/client-node, what is refused or without effect from the table that manifests are
// checked by (agent/pods/schema/tables.ts), and the rest from the calls of `field` in tests. A field that none of them has is an error.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import * as kubernetes from "@kubernetes/client-node";

import { podShape } from "../agent/pods/schema/tables.ts";
import type { Shape } from "../agent/base/shapes.ts";

const root = resolve(import.meta.dirname, "..");
const DOCUMENT = "docs/pod-fields.md";
const TESTS = "test/integration/**/*.test.ts";

/** The same type as another field's: listed once. */
const SAME: Readonly<Record<string, string>> = { "spec.initContainers[]": "spec.containers[]" };

/** Fields that work and whose tests from outside are yet to be written, with all below them. */
const UNSHOWN: readonly string[] = [];

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

/** The attributes of a class of the client, or undefined for what is no class: strings, numbers, maps. */
function attributesOf(type: string): readonly Attribute[] | undefined {
  const found: unknown = (kubernetes as Readonly<Record<string, unknown>>)[type];
  if (typeof found !== "function" || !("getAttributeTypeMap" in found)) return undefined;
  return (found.getAttributeTypeMap as () => readonly Attribute[])();
}

/** Paths of all fields that have no fields of their own, such as `spec.containers[].env[].name`. */
export function leaves(type: string, prefix: string, stop: (path: string) => boolean = () => false): string[] {
  return (attributesOf(type) ?? []).flatMap(({ baseName, type: attribute }) => {
    const element = /^Array<(.*)>$/.exec(attribute)?.[1];
    const path = `${prefix}.${baseName}`;
    const inner = element === undefined ? path : `${path}[]`;
    if (stop(path) || stop(inner)) return [path];
    const below = leaves(element ?? attribute, inner, stop);
    return below.length === 0 ? [path] : below;
  });
}

/** What the table of manifests has at a path; undefined: nothing. */
export function shapeAt(path: string, shape: Shape = podShape): Shape | undefined {
  let current: Shape | undefined = shape;
  for (const part of path.replaceAll("[]", ".[]").split(".")) {
    if (current === undefined) return undefined;
    if (part === "[]") current = current.type === "list" ? current.of : undefined;
    else current = current.type === "object" ? current.fields[part] : undefined;
  }
  return current;
}

export interface Registration {
  readonly paths: readonly string[];
  readonly holds: string;
  readonly file: string;
}

/** `a.{b,c}` stands for `a.b` and `a.c`. */
export function expandBraces(path: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(path);
  if (match === null) return [path];
  const [, head = "", choices = "", tail = ""] = match;
  return choices.split(",").flatMap((choice) => expandBraces(`${head}${choice}${tail}`));
}

/** The calls of `field(t, "PATH" or ["PATH", ...], "what holds", ...)`, or of another `name`, whose arguments are literals. */
export function registrations(source: string, file: string, name = "field"): Registration[] {
  const text = String.raw`"(?:[^"\\]|\\.)*"`;
  const call = new RegExp(
    String.raw`\b${name}\(\s*t,\s*(${text}|\[\s*(?:${text},?\s*)+\])\s*,\s*(${text}|'[^'\n]*')\s*,`,
    "g",
  );
  return Array.from(source.matchAll(call), ([, paths = "", holds = ""]) => ({
    paths: Array.from(paths.matchAll(new RegExp(text, "g")), ([path]) => JSON.parse(path) as string).flatMap(
      expandBraces,
    ),
    holds: holds.startsWith("'") ? holds.slice(1, -1) : (JSON.parse(holds) as string),
    file,
  }));
}

const STATES = ["works", "untested", "no effect", "refused"] as const;
type State = (typeof STATES)[number];

interface Row {
  readonly path: string;
  readonly state: State;
  readonly holds: string;
  readonly file: string;
}

function hidden(path: string): string | undefined {
  const shape = shapeAt(path);
  if (shape?.type === "inert") return `accepted, without effect: ${shape.why}`;
  if (shape?.type === "refused") return `refused: ${shape.why}`;
  if (shape?.type === "later")
    return `refused, not supported yet${shape.instead === undefined ? "" : `: ${shape.instead}`}`;
  return undefined;
}

/** The rows of the table, and what is wrong with them. */
export function table(found: readonly Registration[]): { readonly rows: readonly Row[]; readonly problems: string[] } {
  const problems: string[] = [];
  const rows: Row[] = [];
  const byPath = new Map<string, Registration[]>();
  for (const registration of found)
    for (const path of registration.paths) byPath.set(path, [...(byPath.get(path) ?? []), registration]);
  const all = leaves("V1PodSpec", "spec", (path) => hidden(path) !== undefined || path in SAME);
  for (const path of all) {
    const shown = byPath.get(path);
    byPath.delete(path);
    const why = hidden(path);
    if (why !== undefined) {
      if (shown !== undefined)
        problems.push(`${path}: a test shows it (${shown[0]?.file}), and manifests have it ${why}`);
      rows.push({ path, state: why.startsWith("refused") ? "refused" : "no effect", holds: why, file: "" });
    } else if (shapeAt(path) === undefined && !(`${path}[]` in SAME)) {
      problems.push(`${path}: a field of core/v1 that agent/pods/schema/tables.ts does not have`);
    } else if (shown === undefined && UNSHOWN.some((prefix) => `${path}.`.startsWith(`${prefix}.`))) {
      rows.push({ path, state: "untested", holds: "", file: "" });
    } else if (shown === undefined) {
      problems.push(`${path}: no test shows what holds of it`);
    } else {
      const holds = [...new Set(shown.map((registration) => registration.holds))].join("; ");
      const files = [...new Set(shown.map(({ file }) => file))].map((file) => file.replace("test/integration/", ""));
      rows.push({ path, state: "works", holds, file: files.join(", ") });
    }
  }
  for (const prefix of UNSHOWN) {
    if (!rows.some(({ path, state }) => state === "untested" && `${path}.`.startsWith(`${prefix}.`)))
      problems.push(`${prefix}: all of it is shown by tests now: remove it from UNSHOWN`);
  }
  for (const [path, [first]] of byPath) problems.push(`${path}: no such field, in ${first?.file}`);
  return { rows, problems };
}

const HEAD = `<!-- Written by scripts/pod-fields.ts. -->

# Fields of a pod

Every field of core/v1 PodSpec, as of Kubernetes 1.36, in a manifest on a node without an API server. \`works\`: the test named beside it
shows it from outside, with real containers (below test/integration/). \`untested\`: it works, and such a test is yet to be
written. \`refused\`: a manifest that has it is not taken, and told
so with file, line and field. Init containers have the fields of containers. Resources are cpu, memory, ephemeral-storage and
those of device plugins (deviceplugins/pods.test.ts): hugepages, also as the medium of an emptyDir, are refused.

`;

export function document(rows: readonly Row[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const counts = STATES.map((state) => `${rows.filter((row) => row.state === state).length} ${state}`).join(", ");
  const lines = rows.map(({ path, state, holds, file }) => `| \`${path}\` | ${state} | ${cell(holds)} | ${file} |`);
  return `${HEAD}${counts}.\n\n| field | | what holds | test |\n| --- | --- | --- | --- |\n${lines.join("\n")}\n`;
}

if (import.meta.main) {
  const files = globSync(TESTS, { cwd: root }).toSorted();
  const found = files.flatMap((file) => registrations(readFileSync(join(root, file), "utf8"), file));
  const { rows, problems } = table(found);
  for (const problem of problems) console.error(`pod-fields: ${problem}`);
  const text = document(rows);
  const path = join(root, DOCUMENT);
  if (problems.length > 0) {
    process.exitCode = 1;
  } else if (process.argv.includes("--check")) {
    if (readFileSync(path, "utf8") !== text) {
      console.error(`pod-fields: ${DOCUMENT} is out of date: run \`make generate\` and commit it`);
      process.exitCode = 1;
    }
  } else {
    writeFileSync(path, text);
  }
}
