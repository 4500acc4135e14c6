import { test } from "tap";
import { createLogger, prettyLine, silentLogger } from "../../../agent/base/log.ts";

test("lines are JSON with the time, the level by name and the fields of each child", async (t) => {
  const lines: string[] = [];
  const log = await createLogger({ format: "json", write: (line) => lines.push(line) });
  log.child({ pod: "default/web" }).child({ container: "c1" }).warn({ attempt: 2 }, "started late");
  log.debug("not at this level");
  t.equal(lines.length, 1);
  const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  t.match(line, { level: "warn", pod: "default/web", container: "c1", attempt: 2, msg: "started late" });
  t.match(line["time"], /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  t.notOk(log.isEnabled("debug"));
  t.ok(log.isEnabled("error"));
});

test("a level that is set later holds for children that are there", async (t) => {
  const lines: string[] = [];
  const log = await createLogger({ format: "json", write: (line) => lines.push(line) });
  const child = log.child({ part: "a" }).child({ pod: "b" });
  child.debug("not yet");
  log.setLevel("debug");
  child.debug("now");
  child.trace("not this");
  t.ok(child.isEnabled("debug"));
  child.setLevel("error");
  log.warn("no more");
  t.strictSame(
    lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ["now"],
  );
});

test("an error is written with its code and causes", async (t) => {
  const lines: string[] = [];
  const log = await createLogger({ format: "json", write: (line) => lines.push(line) });
  log.error(
    { error: new Error("outer", { cause: Object.assign(new Error("inner"), { code: "ENOENT" }) }) },
    "it failed",
  );
  log.error({ error: "no Error at all" }, "it failed");
  t.match(JSON.parse(lines[0] ?? ""), { error: { message: "outer", cause: { message: "inner", code: "ENOENT" } } });
  t.match(JSON.parse(lines[1] ?? ""), { error: "no Error at all" });
});

test("on a terminal each line is for people", async (t) => {
  const lines: string[] = [];
  const log = await createLogger({ level: "trace", format: "pretty", write: (line) => lines.push(line) });
  log.info({ pod: "default/web", text: "two words", n: 3 }, "pod is running");
  log.trace("plain");
  t.match(lines[0], /^\d\d:\d\d:\d\d\.\d{3} info  pod is running pod=default\/web text="two words" n=3\n$/);
  t.match(lines[1], /trace plain\n$/);
  log.error({ error: new Error("broken") }, "no");
  t.match(lines[2], /error no error=broken\n    Error: broken\n    +at /);
});

test("what is no JSON is passed on as it is", async (t) => {
  t.equal(prettyLine("half a li"), "half a li");
  silentLogger.child({ a: 1 }).error("nothing happens");
  t.notOk(silentLogger.isEnabled("fatal"));
});
