import t from "tap";

import {
  cut,
  displayWidth,
  formatAge,
  formatBytes,
  formatDuration,
  formatTable,
  harmless,
  parseDuration,
} from "../../../agent/commands/table.ts";

t.test("columns", async (t) => {
  t.same(
    formatTable(
      ["NAME", "N"],
      [
        ["a", "1"],
        ["longer", "22"],
      ],
    ),
    ["NAME     N", "a        1", "longer   22"],
  );
  t.same(
    formatTable(
      ["NAME", "N"],
      [
        ["a", "1"],
        ["b", "22"],
      ],
      { right: new Set([1]) },
    ),
    ["NAME    N", "a       1", "b      22"],
  );
  t.same(formatTable(["A", "B"], [["日本", "x"]]), ["A      B", "日本   x"], "wide characters take two columns");
  t.same(formatTable(["A"], [["0123456789"]], { width: 5 }), ["A", "0123…"]);
});

t.test("text from elsewhere cannot steer the terminal", async (t) => {
  t.equal(harmless("a\u001b[2Jb"), "a�[2Jb");
  t.equal(harmless("one\r\n two\tthree"), "one   two three".replace("   ", "  "));
  t.equal(harmless("a\u009b31mb\u202e"), "a�31mb�");
  t.notMatch(formatTable(["X"], [["\u001b]0;title\u0007"]]).join(), "\u001b");
  t.equal(harmless("ümlaut 日本 🚀"), "ümlaut 日本 🚀");
});

t.test("widths", async (t) => {
  t.equal(displayWidth("abc"), 3);
  t.equal(displayWidth("日本"), 4);
  t.equal(displayWidth("e\u0301"), 1);
  t.equal(cut("日本語", 5), "日本…");
  t.equal(cut("abc", 3), "abc");
});

t.test("durations as kubectl has them", async (t) => {
  const s = 1000;
  const m = 60 * s;
  const h = 60 * m;
  const d = 24 * h;
  for (const [milliseconds, text] of [
    [-5, "0s"],
    [0, "0s"],
    [59_999, "59s"],
    [119 * s, "119s"],
    [2 * m, "2m"],
    [2 * m + 5 * s, "2m5s"],
    [10 * m + 5 * s, "10m"],
    [179 * m, "179m"],
    [3 * h, "3h"],
    [3 * h + 7 * m, "3h7m"],
    [8 * h + 7 * m, "8h"],
    [47 * h, "47h"],
    [2 * d, "2d"],
    [2 * d + 5 * h, "2d5h"],
    [8 * d + 5 * h, "8d"],
    [400 * d, "400d"],
  ] as const) {
    t.equal(formatDuration(milliseconds), text);
  }
  t.equal(formatAge(undefined, 0), "<unknown>");
  t.equal(formatAge(Number.NaN, 0), "<unknown>");
  t.equal(formatAge(1000, 6000), "5s");
});

t.test("sizes", async (t) => {
  for (const [bytes, text] of [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [4_321_000, "4.32 MB"],
    [43_210_000, "43.2 MB"],
    [432_100_000, "432 MB"],
    [999_700, "1.00 MB"],
    [5e15, "5.00 PB"],
  ] as const) {
    t.equal(formatBytes(bytes), text);
  }
});

t.test("durations as they are written", async (t) => {
  t.equal(parseDuration("30s"), 30);
  t.equal(parseDuration("1h30m"), 5400);
  t.equal(parseDuration("2d"), 172_800);
  for (const wrong of ["", "5", "0s", "m", "1m1h", "-5s", "1.5h"]) t.equal(parseDuration(wrong), undefined, wrong);
});
