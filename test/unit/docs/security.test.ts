// docs/security.md tells of tests that exist, and of every attack that there is.

import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import t from "tap";

const root = resolve(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const text = read("docs/security.md");
const ATTACKS = "test/integration/hostile/attacks";

/** Tables: their rows as cells, by their heading. */
function rowsOf(heading: string): string[][] {
  const part = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return part
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
    .slice(1)
    .map((line) => line.slice(2, -2).split(" | "));
}

interface Named {
  readonly file: string;
  readonly test: string;
}

/** `file: "test", "test"; file: "test"`. */
function namedIn(cell: string): Named[] {
  return cell.split("; ").flatMap((part) => {
    const [, place = "", tests = ""] = /^(\S+): (".*")$/.exec(part) ?? [];
    const file = place.startsWith("attacks/") ? `${ATTACKS}/${place.slice("attacks/".length)}.ts` : place;
    return [...tests.matchAll(/"([^"]+)"/g)].map(([, test = ""]) => ({ file, test }));
  });
}

const cves = rowsOf("What happened to others");
const points = rowsOf("What hostile input may be");

t.test("every test that is named exists", async (t) => {
  const shown = [...cves.map((row) => row[2]), ...points.map((row) => row[1])];
  t.ok(shown.length > 35);
  for (const cell of shown) {
    const named = namedIn(cell ?? "");
    t.ok(named.length > 0, `names a test: ${cell?.slice(0, 60)}`);
    for (const { file, test } of named)
      t.ok(existsSync(join(root, file)) && read(file).includes(`"${test}`), `${file}: ${test}`);
  }
  for (const [, files = ""] of rowsOf("Fuzzing"))
    for (const file of files.split(", ")) t.ok(existsSync(join(root, file)), file);
});

t.test("every row says what became of its defence", async (t) => {
  for (const row of cves) t.ok((row[3] ?? "").length > 1, `${row[0]}`);
  for (const row of points) t.ok((row[2] ?? "").length > 1, `${row[0]}`);
  t.same(
    points.map(([point]) => Number.parseInt(point ?? "", 10)),
    Array.from({ length: 14 }, (_, index) => index + 1),
  );
});

t.test("every attack is named, with the numbers that it has", async (t) => {
  for (const path of globSync(`${ATTACKS}/*.ts`, { cwd: root })) {
    for (const [, name = "", list = ""] of read(path).matchAll(/^ {4}name: "([^"]+)",\n {4}rows: \[([^\]]*)\]/gm)) {
      for (const [, row = ""] of list.matchAll(/"([^"]+)"/g)) {
        const point = /^suite (\d+)$/.exec(row)?.[1];
        const cell =
          point === undefined
            ? cves.find(([numbers]) => numbers?.split(", ").includes(row))?.[2]
            : points.find(([first]) => first?.startsWith(`${point}. `))?.[1];
        t.match(cell ?? "", `"${name}"`, `${row}: ${name}`);
      }
    }
  }
});
