import { test } from "tap";

import { check, Problems, type Shape } from "../../../agent/base/shapes.ts";
import { podShape } from "../../../agent/pods/schema/tables.ts";
import { document, expandBraces, leaves, registrations, shapeAt, table } from "../../../scripts/pod-fields.ts";

test("braces", async (t) => {
  t.strictSame(expandBraces("a.b"), ["a.b"]);
  t.strictSame(expandBraces("a.{b,c.d}[].{e,f}"), ["a.b[].e", "a.b[].f", "a.c.d[].e", "a.c.d[].f"]);
});

test("fields of a type", async (t) => {
  t.strictSame(leaves("V1EnvVar", "env[]").slice(0, 2), ["env[].name", "env[].value"]);
  const all = leaves("V1PodSpec", "spec");
  for (const path of [
    "spec.hostname",
    "spec.nodeSelector",
    "spec.containers[].command",
    "spec.containers[].livenessProbe.httpGet.port",
    "spec.containers[].env[].valueFrom.fileKeyRef.path",
    "spec.volumes[].projected.sources[].secret.items[].key",
  ]) {
    t.ok(all.includes(path), path);
  }
});

test("calls in a source", async (t) => {
  const source = `
    field(t, "spec.a", "holds", async (t) => {});
    field(
      t,
      ["spec.{b,c}", "spec.d[].e"],
      "with \\"quotes\\"",
      async (t) => {},
    );
    t.test("spec.x", async () => {});
  `;
  t.strictSame(registrations(source, "x.test.ts"), [
    { paths: ["spec.a"], holds: "holds", file: "x.test.ts" },
    { paths: ["spec.b", "spec.c", "spec.d[].e"], holds: 'with "quotes"', file: "x.test.ts" },
  ]);
});

test("a field without a test is told, and a test without a field", async (t) => {
  const { rows, problems } = table([{ paths: ["spec.hostname", "spec.hostnam"], holds: "h", file: "x.test.ts" }]);
  t.match(
    rows.find(({ path }) => path === "spec.hostname"),
    { state: "works", holds: "h" },
  );
  t.match(
    rows.find(({ path }) => path === "spec.ephemeralContainers"),
    { state: "refused" },
  );
  t.match(
    rows.find(({ path }) => path === "spec.tolerations"),
    { state: "no effect" },
  );
  t.ok(problems.includes("spec.hostPID: no test shows what holds of it"));
  t.ok(problems.includes("spec.hostnam: no such field, in x.test.ts"));
  t.notOk(
    problems.some((problem) => problem.includes("tables.ts does not have")),
    "every field of core/v1 is known",
  );
  t.match(document(rows), "| `spec.hostname` | works | h | x.test.ts |");
});

/** A value whose only content is at a path. */
function holding(path: string, value: unknown): unknown {
  return path
    .replaceAll("[]", ".[]")
    .split(".")
    .reduceRight<unknown>((inner, part) => (part === "[]" ? [inner] : { [part]: inner }), value);
}

test("what the table says is refused is refused, and what is without effect is accepted", async (t) => {
  const { rows } = table([]);
  const hidden = rows.filter(({ state }) => state === "refused" || state === "no effect");
  t.ok(hidden.length > 40);
  for (const { path, state } of hidden) {
    const problems = new Problems();
    check(holding(path, {}), podShape, [], problems);
    const own = problems.list.filter(
      (problem) => problem.path.filter((part) => typeof part === "string").join(".") === path.replaceAll("[]", ""),
    );
    t.equal(own.length, state === "refused" ? 1 : 0, `${path}: ${state}`);
    const shape: Shape | undefined = shapeAt(path);
    t.ok(shape !== undefined);
  }
});
