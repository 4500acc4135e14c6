import { test } from "tap";
import { PullProgress } from "../../../agent/commands/pull-progress.ts";

const layer = `sha256:${"ab".repeat(32)}`;
const other = `sha256:${"cd".repeat(32)}`;

test("lines tell each step once", (t) => {
  const progress = new PullProgress();
  const add = (
    phase: "read" | "download" | "unpack" | "sync" | "done",
    bytes: number,
    total: number | undefined = 2000,
  ): string | undefined => progress.add({ layer, phase, bytes, total }, 0);
  t.equal(add("read", 0), undefined);
  t.match(add("download", 10), /^abababab\w*: downloading 2.00 kB$/);
  t.equal(add("download", 20), undefined);
  t.match(add("unpack", 20), /: unpacking$/);
  t.match(add("done", 2000), /: done$/);
  t.match(add("sync", 0, undefined), /: writing$/);
  t.match(progress.add({ layer: other, phase: "done", bytes: 0, total: 0 }, 0), /already here/);
  t.end();
});

test("bars fit the terminal", (t) => {
  const progress = new PullProgress();
  t.strictSame(progress.bars(80, 0), ["looking up the image"]);
  progress.add({ layer, phase: "download", bytes: 0, total: 10_000_000 }, 0);
  progress.add({ layer, phase: "download", bytes: 5_000_000, total: 10_000_000 }, 1000);
  progress.add({ layer: other, phase: "read", bytes: 0, total: 1000 }, 1000);
  const [bar = "", waiting = "", sum = ""] = progress.bars(80, 1000);
  const [, filled = "", empty = ""] = /\[(=*)( *)\]/.exec(bar) ?? [];
  t.ok(filled.length >= 5 && filled.length === empty.length, bar);
  t.ok(bar.length <= 80);
  t.match(waiting, /waiting$/);
  t.equal(sum, "5.00 MB of 10.0 MB, 5.00 MB/s");
  t.notMatch(progress.bars(30, 1000)[0], /\[/, "no bar where there is no room");
  t.end();
});
