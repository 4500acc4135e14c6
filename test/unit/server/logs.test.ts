import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import t, { type Test } from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { parseLogRecord, parseTime, readLog, type LogOptions } from "../../../agent/server/logs.ts";
import { logFile, openingSystem } from "./fakes.ts";

const T = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000000Z`;
const line = (second: number, content: string, options: { stream?: string; tag?: string } = {}): string =>
  `${T(second)} ${options.stream ?? "stdout"} ${options.tag ?? "F"} ${content}\n`;

function directory(test: Test): string {
  const path = mkdtempSync(join(tmpdir(), "nodelet-logs-"));
  test.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const context = { clock: systemClock, signal: new AbortController().signal };

async function read(test: Test, text: string | Buffer, options: LogOptions = {}): Promise<string> {
  const path = logFile(directory(test));
  writeFileSync(path, text);
  return collect(path, options);
}

async function collect(path: string, options: LogOptions = {}): Promise<string> {
  const { system, open } = openingSystem();
  const chunks: Buffer[] = [];
  for await (const chunk of readLog(system, path, options, undefined, context)) chunks.push(chunk);
  if (open() !== 0) throw new Error(`${open()} descriptors are open`);
  return Buffer.concat(chunks).toString();
}

t.test("records", async (t) => {
  t.match(parseLogRecord(Buffer.from(`${T(1)} stdout F hello`)), { time: T(1), stream: "stdout", full: true });
  t.equal(parseLogRecord(Buffer.from(`${T(1)} stderr P  two`))?.content.toString(), " two");
  t.equal(parseLogRecord(Buffer.from(`${T(1)} stdout F:x y`))?.content.toString(), "y", "further tags");
  t.equal(parseLogRecord(Buffer.from(`${T(1)} stdout F `))?.content.length, 0, "an empty line");
  for (const wrong of [
    "",
    "x",
    "no time here at all really F x",
    `${T(1)} stdin_ F x`,
    `${T(1)} stdout X x`,
    `${T(1)} stdout Fx`,
    `${T(1)} stdout F`,
  ]) {
    t.equal(parseLogRecord(Buffer.from(wrong)), undefined, JSON.stringify(wrong));
  }
});

t.test("times", async (t) => {
  t.equal(parseTime("2026-01-01T00:00:00Z"), 1_767_225_600_000_000_000n);
  t.equal(parseTime("2026-01-01T00:00:00.5Z"), 1_767_225_600_500_000_000n);
  t.equal(parseTime("2026-01-01T01:00:00.000000001+01:00"), 1_767_225_600_000_000_001n);
  t.equal(parseTime("2026-01-01"), undefined);
  t.equal(parseTime("2026-13-41T00:00:00Z"), undefined);
});

t.test("a file as it is", async (t) => {
  t.equal(await read(t, line(1, "one") + line(2, "two", { stream: "stderr" })), "one\ntwo\n");
  t.equal(await read(t, ""), "");
  t.equal(await read(t, line(1, "a", { tag: "P" }) + line(1, "b")), "ab\n", "parts are joined");
  t.equal(
    await read(t, line(1, "a", { tag: "P" }) + line(1, "error", { stream: "stderr" }) + line(1, "b")),
    "error\nab\n",
    "the parts of one stream are not torn apart by the other",
  );
  t.equal(
    await read(t, line(1, "one") + line(2, "no newline", { tag: "P" })),
    "one\nno newline",
    "the last line has none",
  );
  t.equal(await read(t, line(1, "one") + `${T(2)} stdout F half`), "one\n", "half a record is not there yet");
  t.equal(await read(t, line(1, "one"), { timestamps: true }), `${T(1)} one\n`);
  t.equal(
    await read(t, line(1, "a", { tag: "P" }) + line(2, "b"), { timestamps: true }),
    `${T(1)} ab\n`,
    "one time a line",
  );
  t.equal(await read(t, line(1, "one") + line(2, "two", { stream: "stderr" }), { stream: "stderr" }), "two\n");
  t.equal(await read(t, line(1, "one") + line(2, "two"), { limitBytes: 6 }), "one\ntw");
  t.equal(await read(t, line(1, "one") + line(5, "five"), { since: parseTime(T(3)) }), "five\n");
  t.equal(
    await read(t, line(1, "a", { tag: "P" }) + line(5, "b"), { since: parseTime(T(3)) }),
    "",
    "a line is as old as its beginning",
  );
});

t.test("tail", async (t) => {
  const ten = Array.from({ length: 10 }, (_, index) => line(index, `line ${index}`)).join("");
  t.equal(await read(t, ten, { tailLines: 2 }), "line 8\nline 9\n");
  t.equal(await read(t, ten, { tailLines: 10 }), ten.replaceAll(/^\S+ \S+ F /gm, ""));
  t.equal(await read(t, ten, { tailLines: 11 }), ten.replaceAll(/^\S+ \S+ F /gm, ""));
  t.equal(await read(t, ten, { tailLines: 0 }), "");
  t.equal(await read(t, "", { tailLines: 3 }), "");
  t.equal(await read(t, `${T(1)} stdout F half`, { tailLines: 3 }), "");
  const long =
    line(1, "before") +
    line(2, "x".repeat(20_000), { tag: "P" }) +
    line(2, "y".repeat(20_000), { tag: "P" }) +
    line(2, "z");
  t.equal(
    await read(t, long, { tailLines: 1 }),
    `${"x".repeat(20_000)}${"y".repeat(20_000)}z\n`,
    "a line in parts is one",
  );
  const mixed =
    line(1, "first") +
    line(2, "A", { tag: "P" }) +
    line(3, "e1", { stream: "stderr" }) +
    line(4, "e2", { stream: "stderr" }) +
    line(5, "B");
  t.equal(await read(t, mixed, { tailLines: 1 }), "AB\n", "although the other stream wrote in between");
  t.equal(await read(t, mixed, { tailLines: 2 }), "e2\nAB\n");
  t.equal(
    await read(t, line(1, "a") + line(2, "b", { tag: "P" }), { tailLines: 1 }),
    "b",
    "a line that was never ended",
  );
  const many = Array.from({ length: 50_000 }, (_, index) =>
    line(index % 60, `number ${index} ${"x".repeat(index % 97)}`),
  ).join("");
  const tail = await read(t, many, { tailLines: 1234 });
  t.equal(tail.split("\n").length, 1235, "over many blocks");
  t.match(tail, /^number 48766 /);
  t.match(tail, /\nnumber 49999 x*\n$/);
});

t.test("junk is passed over", async (t) => {
  t.equal(await read(t, `garbage\n${line(1, "one")}\n\0\0\0\n${line(2, "two")}`), "one\ntwo\n");
  const giant = Buffer.concat([
    Buffer.from(line(1, "one")),
    Buffer.alloc(3_000_000, "x"),
    Buffer.from(`\n${line(2, "two")}`),
  ]);
  t.equal(await read(t, giant), "one\ntwo\n", "a line of three megabytes");
  t.equal(await read(t, giant, { tailLines: 2 }), "one\ntwo\n", "from behind too");
  t.equal(await read(t, Buffer.alloc(500_000, "x")), "", "no line at all");
});

t.test("a part that is longer than is kept", async (t) => {
  const parts = Array.from({ length: 40 }, () => line(1, "x".repeat(16_384), { tag: "P" })).join("");
  const text = await read(t, parts + line(2, "end"), { timestamps: true });
  t.equal(text, `${T(1)} ${"x".repeat(16_384 * 40)}end\n`, "is still one line with one time");
});

t.test("what is not a log", async (t) => {
  t.test("a link", async (t) => {
    const base = directory(t);
    const path = logFile(base);
    writeFileSync(join(base, "secret"), line(1, "secret"));
    symlinkSync(join(base, "secret"), path);
    await t.rejects(collect(path), { code: "denied" });
  });
  t.test("a link on the way", async (t) => {
    const base = directory(t);
    const path = logFile(base);
    mkdirSync(join(base, "elsewhere"));
    writeFileSync(join(base, "elsewhere", "0.log"), line(1, "secret"));
    rmSync(dirname(path), { recursive: true });
    symlinkSync(join(base, "elsewhere"), dirname(path));
    await t.rejects(collect(path), { code: "denied" });
  });
  t.test("a FIFO", async (t) => {
    const path = logFile(directory(t));
    execFileSync("mkfifo", [path]);
    await t.rejects(collect(path), { code: "denied" });
  });
  t.test("a directory", async (t) => {
    const path = logFile(directory(t));
    mkdirSync(path);
    await t.rejects(collect(path), { code: "denied" });
  });
  t.test("nothing", async (t) => {
    await t.rejects(collect(logFile(directory(t))), { code: "not-found" });
  });
  t.test("the benign twin", async (t) => {
    const path = logFile(directory(t));
    writeFileSync(path, line(1, "fine"));
    t.equal(await collect(path), "fine\n");
  });
});

/** Follows a file and collects what comes. */
function follow(path: string, options: LogOptions = {}) {
  const { system, open } = openingSystem();
  let text = "";
  let ended = false;
  const abort = new AbortController();
  const wakers = new Set<() => void>();
  const done = (async () => {
    const source = {
      ended: async () => ended,
      onChange: (wake: () => void) => {
        wakers.add(wake);
        return { [Symbol.dispose]: () => void wakers.delete(wake) };
      },
    };
    for await (const chunk of readLog(system, path, options, source, { clock: systemClock, signal: abort.signal }))
      text += chunk.toString();
  })();
  return {
    done,
    abort: () => abort.abort(),
    end() {
      ended = true;
      for (const wake of wakers) wake();
    },
    open,
    text: () => text,
    async until(expected: string): Promise<boolean> {
      for (let attempt = 0; attempt < 300 && text !== expected; attempt++) await systemClock.sleep(10);
      return text === expected;
    },
  };
}

t.test("follow", async (t) => {
  t.test("goes on, and ends with the container", async (t) => {
    const path = logFile(directory(t));
    writeFileSync(path, line(1, "one"));
    const reader = follow(path);
    t.ok(await reader.until("one\n"));
    appendFileSync(path, line(2, "two"));
    t.ok(await reader.until("one\ntwo\n"));
    appendFileSync(path, line(3, "last"));
    reader.end();
    await reader.done;
    t.equal(reader.text(), "one\ntwo\nlast\n");
    t.equal(reader.open(), 0);
  });
  t.test("waits for a file that is not there yet", async (t) => {
    const path = logFile(directory(t));
    const reader = follow(path);
    await systemClock.sleep(20);
    writeFileSync(path, line(1, "one"));
    t.ok(await reader.until("one\n"));
    reader.end();
    await reader.done;
  });
  t.test("over a rotation, without losing or repeating", async (t) => {
    const path = logFile(directory(t));
    writeFileSync(path, line(1, "one"));
    const reader = follow(path);
    t.ok(await reader.until("one\n"));
    renameSync(path, `${path}.20260101-000000`);
    // The writer has not been told yet.
    appendFileSync(`${path}.20260101-000000`, line(2, "late"));
    writeFileSync(path, line(3, "new"));
    t.ok(await reader.until("one\nlate\nnew\n"));
    appendFileSync(path, line(4, "newer"));
    t.ok(await reader.until("one\nlate\nnew\nnewer\n"));
    reader.end();
    await reader.done;
    t.equal(reader.open(), 0);
  });
  t.test("over a truncation", async (t) => {
    const path = logFile(directory(t));
    writeFileSync(path, line(1, "one") + line(1, "more"));
    const reader = follow(path);
    t.ok(await reader.until("one\nmore\n"));
    truncateSync(path, 0);
    await systemClock.sleep(30);
    appendFileSync(path, line(2, "two"));
    t.ok(await reader.until("one\nmore\ntwo\n"));
    reader.end();
    await reader.done;
  });
  for (const [what, replace] of [
    ["a FIFO", (path: string) => void execFileSync("mkfifo", [path])],
    ["a link", (path: string) => symlinkSync("/etc/passwd", path)],
  ] as const) {
    t.test(`replaced by ${what}: ends with the container, shows nothing of it`, async (t) => {
      const path = logFile(directory(t));
      writeFileSync(path, line(1, "one"));
      const reader = follow(path);
      t.ok(await reader.until("one\n"));
      rmSync(path);
      replace(path);
      await systemClock.sleep(50);
      reader.end();
      await reader.done;
      t.equal(reader.text(), "one\n");
      t.equal(reader.open(), 0);
    });
  }
  t.test("tail, then what comes", async (t) => {
    const path = logFile(directory(t));
    writeFileSync(path, line(1, "one") + line(2, "two"));
    const reader = follow(path, { tailLines: 1 });
    t.ok(await reader.until("two\n"));
    appendFileSync(path, line(3, "three"));
    t.ok(await reader.until("two\nthree\n"));
    reader.abort();
    await reader.done;
    t.equal(reader.open(), 0);
  });
  t.test("nobody listens any more", async (t) => {
    const path = logFile(directory(t));
    const reader = follow(path);
    await systemClock.sleep(10);
    reader.abort();
    await reader.done;
    t.pass("it ended");
  });
});
