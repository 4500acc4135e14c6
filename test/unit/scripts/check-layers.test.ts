import { test } from "tap";
import { checkLayers, findCycles, findImports } from "../../../scripts/check-layers.ts";

test("imports of every form are found with their line", async (t) => {
  const source = [
    'import { readFile } from "node:fs/promises";',
    'import type { Clock } from "../base/clock.ts";',
    'import { type Id, makeId } from "../base/ids.ts";',
    "import {",
    "  one,",
    "  two,",
    '} from "./many.ts";',
    'import "./effect.ts";',
    'export * from "./all.ts";',
    'export type { Shape } from "./shape.ts";',
    'const lazy = await import("./lazy.ts");',
    'let mounted: import("./mount.ts").Mount;',
    'import * as proc from "./proc.ts";',
    'import whole, { part } from "./whole.ts";',
  ].join("\n");
  t.same(
    findImports(source).map(({ specifier, typeOnly, line }) => `${line} ${specifier}${typeOnly ? " (type)" : ""}`),
    [
      "1 node:fs/promises",
      "2 ../base/clock.ts (type)",
      "3 ../base/ids.ts",
      "4 ./many.ts",
      "8 ./effect.ts",
      "9 ./all.ts",
      "10 ./shape.ts (type)",
      "11 ./lazy.ts",
      "12 ./mount.ts (type)",
      "13 ./proc.ts",
      "14 ./whole.ts",
    ],
  );
});

test("what only looks like an import is passed over", async (t) => {
  const source = [
    '// import { a } from "./comment.ts";',
    "/*",
    'import { b } from "./block.ts";',
    "*/",
    "const code = `",
    'import { c } from "./template.ts";',
    "`;",
    "const text = \"import { d } from './string.ts'\";",
    'export const from = "./value.ts";',
    "const pattern = /`\\/\\*/;",
    'import { e } from "./real.ts";',
  ].join("\n");
  t.same(
    findImports(source).map(({ specifier }) => specifier),
    ["./real.ts"],
  );
});

const check = (files: Record<string, string>): string[] => checkLayers(new Map(Object.entries(files)));

test("an import may point down and sideways within its folder", async (t) => {
  t.same(
    check({
      "agent/runtime/a.ts": 'import "./b.ts";\nimport "../base/ids.ts";\nimport "../../proto/cri.ts";',
      "agent/runtime/b.ts": "",
      "agent/base/ids.ts": "",
      "agent/volumes/csi.ts": 'import "../../csi/client.ts";',
      "csi/client.ts": "",
      "proto/cri.ts": "",
      "test/unit/a.test.ts": 'import "../../agent/runtime/a.ts";',
      "scripts/x.ts": 'import "../agent/base/ids.ts";',
    }),
    [],
  );
});

test("an import that points up is refused, for types too, with its place and both folders", async (t) => {
  t.same(check({ "agent/base/ids.ts": '\nimport type { Pod } from "../pods/pod.ts";', "agent/pods/pod.ts": "" }), [
    "agent/base/ids.ts:2: imports agent/pods/pod.ts: agent/pods is above agent/base; imports point downward",
  ]);
});

test("folders side by side, tests and unknown folders are refused", async (t) => {
  const problems = check({
    "agent/images/pull.ts": 'import "../../cni/bridge.ts";',
    "cni/bridge.ts": "",
    "csi/client.ts": 'import "../agent/volumes/kinds.ts";',
    "agent/volumes/kinds.ts": "",
    "agent/base/x.ts": 'import "../../test/fixtures/picture.ts";',
    "agent/elsewhere/x.ts": "",
  });
  t.equal(problems.length, 4);
  t.match(problems[0], /agent\/images\/pull\.ts:1: .*side by side/);
  t.match(problems[1], /csi\/client\.ts:1: .*side by side/);
  t.match(problems[2], /must not import test/);
  t.match(problems[3], /agent\/elsewhere\/x\.ts: is in no folder of the list/);
});

test("a circle of imports is shown whole; one of types alone is none", async (t) => {
  const value = check({
    "agent/base/a.ts": 'import { b } from "./b.ts";',
    "agent/base/b.ts": 'import { c } from "./c.ts";',
    "agent/base/c.ts": 'import { a } from "./a.ts";',
  });
  t.equal(value.length, 1);
  t.match(value[0], /circle of imports: .*c\.ts -> .*a\.ts -> .*b\.ts -> .*c\.ts/);
  t.same(
    check({ "agent/base/a.ts": 'import { b } from "./b.ts";', "agent/base/b.ts": 'import type { A } from "./a.ts";' }),
    [],
  );
});

test("each knot of circles is shown once, by its shortest circle", async (t) => {
  const graph = new Map([
    ["a", ["b", "c"]],
    ["b", ["c"]],
    ["c", ["a"]],
    ["d", ["d"]],
    ["e", ["a"]],
  ]);
  const cycles = findCycles(graph).map((cycle) => cycle.toSorted().join(""));
  t.same(cycles.toSorted(), ["ac", "d"]);
});
