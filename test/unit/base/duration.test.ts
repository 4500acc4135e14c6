import { test } from "tap";

import { formatDuration, parseDuration } from "../../../agent/base/duration.ts";

test("durations as Go writes them", async (t) => {
  const cases: [text: string, milliseconds: number, written: string][] = [
    ["1m30s", 90_000, "1m30s"],
    ["300ms", 300, "300ms"],
    ["1.5h", 5_400_000, "1h30m0s"],
    ["90s", 90_000, "1m30s"],
    ["0", 0, "0s"],
    ["-1s", -1_000, "-1s"],
    ["1500us", 1.5, "1.5ms"],
    ["250us", 0.25, "250µs"],
    ["1h2m3.5s", 3_723_500, "1h2m3.5s"],
  ];
  for (const [text, milliseconds, written] of cases) {
    t.equal(parseDuration(text), milliseconds, text);
    t.equal(formatDuration(milliseconds), written, text);
  }
  for (const text of ["", "5", "s", "1d", "1 s", "--1s"]) t.equal(parseDuration(text), undefined, text);
});
