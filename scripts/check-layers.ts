// Checks the order of imports between folders, and that no files import each other in a circle.
//
// An import may point to its own folder or to one further down the list below. proto/ may be imported from anywhere;
// scripts/ and test/ may import anything, and nothing of the product may import them.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";

/**
 * From the top down. Folders in one row do not know each other, but where the row says so (`ordered`), the left ones may
 * import the right ones.
 */
const ROWS: readonly { folders: readonly string[]; ordered?: boolean }[] = [
  { folders: ["agent/main.ts", "agent/commands"], ordered: true },
  { folders: ["agent/server"] },
  { folders: ["agent/node"] },
  { folders: ["agent/pods"] },
  { folders: ["agent/sources"] },
  { folders: ["agent/volumes", "csi"], ordered: true },
  { folders: ["agent/resources", "deviceplugins"], ordered: true },
  { folders: ["agent/cri-server", "agent/cri-client"] },
  { folders: ["agent/streaming"] },
  { folders: ["agent/runtime"] },
  { folders: ["agent/images", "cni"] },
  { folders: ["agent/kube"] },
  { folders: ["agent/cri"] },
  { folders: ["agent/config"] },
  { folders: ["agent/store"] },
  { folders: ["agent/system"] },
  { folders: ["agent/base"] },
];

const FREE = ["scripts", "test"];
const CONTRACTS = "proto";

export interface ImportStatement {
  /** As written: "../base/ids.ts", "node:fs". */
  specifier: string;
  /** `import type` and `export type`: gone at run time. */
  typeOnly: boolean;
  /** From 1. */
  line: number;
}

/** Source text by path relative to the root, with "/" between the parts. */
export type Sources = ReadonlyMap<string, string>;

/** The imports and re-exports of a module, in order. Comments, strings and templates are passed over. */
export function findImports(source: string): ImportStatement[] {
  const code = blankComments(source);
  const found: ImportStatement[] = [];
  const lineAt = (index: number): number => code.slice(0, index).split("\n").length;

  // Statements begin a line; between the keyword and `from` stand names, braces, commas, stars and white space only.
  const statement =
    /^[ \t]*(?:import|export)(\s+type(?=\s+[\w${*])(?!\s+from\s))?(?:\s*[\w$\s{},*"-]*?\bfrom)?\s*(["'])([^"'\n]+)\2/gm;
  for (const match of code.matchAll(statement)) {
    const [text, type, , specifier] = match;
    if (specifier === undefined) continue;
    if (text.trimStart().startsWith("export") && !/\bfrom\s*["']/.test(text)) continue;
    found.push({ specifier, typeOnly: type !== undefined, line: lineAt(match.index + text.search(/\S/)) });
  }

  // import("...") as an expression, or as a type: `import("./a.ts").Name`, `typeof import("./a.ts")`.
  const call = /(\btypeof\s+)?\bimport\(\s*(["'])([^"'\n]+)\2\s*[,)]\s*(?:\.\s*(\w))?/g;
  for (const match of code.matchAll(call)) {
    const [, typeOf, , specifier, member] = match;
    if (specifier === undefined) continue;
    const typeOnly = typeOf !== undefined || (member !== undefined && /[A-Z]/.test(member));
    found.push({ specifier, typeOnly, line: lineAt(match.index) });
  }
  return found.toSorted((a, b) => a.line - b.line);
}

/** The source with comments and the text of templates replaced by spaces; quoted strings and line breaks stay. */
function blankComments(source: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|\$\{(?:[^{}`]|\{[^{}`]*\}|`[^`]*`)*\}|[^`\\])*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g;
  return source.replace(token, (text) => (/^["']/.test(text) ? text : text.replace(/[^\n]/g, " ")));
}

interface Place {
  /** The folder as named in the list: "agent/runtime", "cni", "test". */
  folder: string;
  kind: "layer" | "contracts" | "free" | "unknown";
  row: number;
  column: number;
}

function placeOf(file: string): Place {
  const top = file.split("/")[0] ?? file;
  if (FREE.includes(top)) return { folder: top, kind: "free", row: -1, column: 0 };
  if (top === CONTRACTS) return { folder: top, kind: "contracts", row: ROWS.length, column: 0 };
  for (const [row, { folders }] of ROWS.entries()) {
    for (const [column, folder] of folders.entries()) {
      if (file === folder || file.startsWith(`${folder}/`)) return { folder, kind: "layer", row, column };
    }
  }
  return { folder: posix.dirname(file), kind: "unknown", row: -1, column: 0 };
}

/** Why `from` may not import `to`, or undefined if it may. */
function objection(from: Place, to: Place): string | undefined {
  if (from.kind === "free" || from.kind === "unknown") return undefined;
  if (to.kind === "free") return `${from.folder} is part of the product and must not import ${to.folder}/`;
  if (to.kind === "unknown" || from.folder === to.folder || to.kind === "contracts") return undefined;
  if (from.kind === "contracts") return `${CONTRACTS}/ imports nothing but itself`;
  if (to.row > from.row) return undefined;
  if (to.row < from.row) return `${to.folder} is above ${from.folder}; imports point downward`;
  if (ROWS[from.row]?.ordered && to.column > from.column) return undefined;
  return `${to.folder} and ${from.folder} stand side by side; neither imports the other`;
}

/** One message for each import that points the wrong way, each file without a layer, and each circle of imports. */
export function checkLayers(sources: Sources): string[] {
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, source] of sources) {
    const from = placeOf(file);
    if (from.kind === "unknown") {
      problems.push(`${file}: is in no folder of the list of layers: ${ROWS.flatMap((row) => row.folders).join(", ")}`);
    }
    const targets: string[] = [];
    for (const { specifier, typeOnly, line } of findImports(source)) {
      if (!specifier.startsWith(".")) continue;
      const target = posix.normalize(posix.join(posix.dirname(file), specifier));
      const why = objection(from, placeOf(target));
      if (why !== undefined) problems.push(`${file}:${line}: imports ${target}: ${why}`);
      if (!typeOnly && sources.has(target)) targets.push(target);
    }
    graph.set(file, targets);
  }
  for (const cycle of findCycles(graph)) problems.push(`circle of imports: ${[...cycle, cycle[0]].join(" -> ")}`);
  return problems;
}

/** One shortest circle for every group of files that reach each other. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  return strongComponents(graph)
    .filter((group) => group.length > 1 || graph.get(group[0] ?? "")?.includes(group[0] ?? ""))
    .map((group) => shortestCycle(graph, new Set(group)));
}

/** Tarjan's algorithm, without recursion. */
function strongComponents(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const groups: string[][] = [];
  for (const start of graph.keys()) {
    if (index.has(start)) continue;
    const work: { node: string; next: number }[] = [{ node: start, next: 0 }];
    while (work.length > 0) {
      const frame = work.at(-1);
      if (frame === undefined) break;
      const { node } = frame;
      if (frame.next === 0) {
        index.set(node, index.size);
        low.set(node, index.size - 1);
        stack.push(node);
        onStack.add(node);
      }
      const target = graph.get(node)?.[frame.next++];
      if (target !== undefined) {
        if (!index.has(target)) work.push({ node: target, next: 0 });
        else if (onStack.has(target)) low.set(node, Math.min(low.get(node) ?? 0, index.get(target) ?? 0));
        continue;
      }
      work.pop();
      const parent = work.at(-1)?.node;
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent) ?? 0, low.get(node) ?? 0));
      if (low.get(node) === index.get(node)) {
        const group = stack.splice(stack.indexOf(node));
        for (const member of group) onStack.delete(member);
        groups.push(group);
      }
    }
  }
  return groups;
}

function shortestCycle(graph: ReadonlyMap<string, readonly string[]>, group: ReadonlySet<string>): string[] {
  let best: string[] = [...group];
  for (const start of group) {
    const cameFrom = new Map<string, string>();
    const queue = [start];
    search: for (const node of queue) {
      for (const target of graph.get(node) ?? []) {
        if (target === start) {
          const path = [node];
          for (let at = cameFrom.get(node); at !== undefined; at = cameFrom.get(at)) path.unshift(at);
          if (path.length <= best.length) best = path;
          break search;
        }
        if (!group.has(target) || cameFrom.has(target)) continue;
        cameFrom.set(target, node);
        queue.push(target);
      }
    }
  }
  return best;
}

function readSources(root: string): Sources {
  const sources = new Map<string, string>();
  for (const top of ["agent", "cni", "csi", "deviceplugins", CONTRACTS, ...FREE]) {
    let names: string[];
    try {
      names = readdirSync(join(root, top), { recursive: true, encoding: "utf8" });
    } catch {
      continue; // the folder has not been made yet
    }
    for (const name of names.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts")).toSorted()) {
      sources.set(posix.join(top, name), readFileSync(join(root, top, name), "utf8"));
    }
  }
  return sources;
}

if (import.meta.main) {
  const root = resolve(dirname(import.meta.filename), "..");
  const sources = readSources(root);
  const problems = checkLayers(sources);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(`layers: ${problems.length} problem(s); the order stands in ${relative(root, import.meta.filename)}`);
    process.exit(1);
  }
  console.error(`layers: ${sources.size} files in order`);
}
