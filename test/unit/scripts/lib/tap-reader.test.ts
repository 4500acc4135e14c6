import { test } from "tap";
import { countPoints, TapReader } from "../../../../scripts/lib/tap-reader.ts";

const read = (lines: string[]): TapReader => {
  const reader = new TapReader();
  // In pieces that end in the middle of lines, as a pipe gives them.
  for (const piece of lines.join("\n").match(/[\s\S]{1,7}/g) ?? []) reader.write(piece);
  return reader;
};

test("top-level points are counted, those within them are not", async (t) => {
  const { points, planned } = read([
    "TAP version 14",
    "# Subtest: outer",
    "    # Subtest: inner",
    "        not ok 1 - deep",
    "    not ok 1 - inner # time=1ms",
    "    1..1",
    "not ok 1 - outer # time=2.5ms",
    "ok 2 - fine \\# 2 # time=1ms",
    "ok 3 - later # TODO not written",
    "some output that is no TAP",
    "1..3",
  ]).end();
  t.equal(planned, 3);
  t.same(
    points.map(({ name, ok }) => [name, ok]),
    [
      ["outer", false],
      ["fine \\# 2", true],
      ["later", true],
    ],
  );
  t.same(countPoints(points), { passed: 2, failed: 1, skipped: 0 });
});

test("a test is skipped by its directive, or when all within it was", async (t) => {
  const { points } = read([
    "ok 1 - one # SKIP needs root",
    "# Subtest: two",
    "    ok 1 - no kernel for it # SKIP",
    "    1..1",
    "ok 2 - two # time=1ms",
    "# Subtest: three",
    "    ok 1 - a part # SKIP",
    "    ok 2 - the rest",
    "    1..2",
    "ok 3 - three # time=1ms",
    "1..3",
  ]).end();
  t.same(
    points.map(({ skip }) => skip),
    ["needs root", "no kernel for it", undefined],
  );
  t.same(countPoints(points), { passed: 1, failed: 0, skipped: 2 });
});
