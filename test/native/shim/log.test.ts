// time limit: 180 s
// Output: the log's format, its splitting, rotation, and what attached connections see of it.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import type { Plan } from "../../../agent/runtime/plan/operations.ts";
import { container, eventually, Ground, isAlive, readLog, type Container, type LogLine } from "./container.ts";

const LINE_MAX = 16_384;
const ATTACHED = { stdin: 1, stdout: 2, stderr: 4 } as const;

const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

/** Runs a script to its end and returns the lines of its log. */
async function logOf(script: string): Promise<LogLine[]> {
  const made = container(ground, { argv: ["sh", "-c", script] });
  const shim = await ground.shim();
  await shim.run(made.plan);
  await shim.exited();
  await shim.ending;
  return readLog(made.log);
}

const brief = (lines: readonly LogLine[]): string[] => lines.map(({ stream, tag, text }) => `${stream} ${tag} ${text}`);
const summary = (lines: readonly LogLine[]): [string, number][] => lines.map(({ tag, text }) => [tag, text.length]);

t.test("lines of both streams", async (t) => {
  const lines = await logOf("echo one; sleep 0.02; echo two >&2; sleep 0.02; echo; printf 'a\\nb\\nunfinished'");
  t.same(brief(lines), [
    "stdout F one",
    "stderr F two",
    "stdout F ",
    "stdout F a",
    "stdout F b",
    "stdout P unfinished",
  ]);
  const times = lines.map(({ time }) => time);
  t.same(times.toSorted(), times, "times never go back");
  for (const time of times) t.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
});

t.test("bytes that are no text pass unchanged", async (t) => {
  const lines = await logOf("printf '\\000\\377\\r\\n\\t\\n'");
  t.same(brief(lines), ["stdout F \0\xff\r", "stdout F \t"]);
});

t.test("an unfinished line waits for its end", async (t) => {
  const made = container(ground, {
    argv: ["sh", "-c", "printf abc; sleep 0.2; printf 'def\\nrest'; read x"],
    stdin: 1,
  });
  const shim = await ground.shim();
  await shim.run(made.plan);
  await sleep(100);
  t.equal(statSync(made.log).size, 0);
  await eventually("the line is written", () => statSync(made.log).size > 0);
  t.same(brief(readLog(made.log)), ["stdout F abcdef"]);
  shim.signal(0, 9);
  await shim.done();
  await shim.exited();
  t.same(brief(readLog(made.log)), ["stdout F abcdef", "stdout P rest"]);
});

t.test("long lines are split", async (t) => {
  const of = (count: number): string => `head -c ${count} /dev/zero | tr '\\000' x`;
  t.same(summary(await logOf(`${of(LINE_MAX)}; echo`)), [["F", LINE_MAX]]);
  t.same(summary(await logOf(`${of(LINE_MAX + 1)}; echo`)), [
    ["P", LINE_MAX],
    ["F", 1],
  ]);
  t.same(summary(await logOf(of(LINE_MAX))), [["P", LINE_MAX]]);
  t.same(summary(await logOf(of(3 * LINE_MAX + 5))), [
    ["P", LINE_MAX],
    ["P", LINE_MAX],
    ["P", LINE_MAX],
    ["P", 5],
  ]);
  t.same(summary(await logOf(`${of(200_000)}; echo; echo next`)), [
    ...Array.from({ length: 12 }, (): [string, number] => ["P", LINE_MAX]),
    ["F", 200_000 - 12 * LINE_MAX],
    ["F", 4],
  ]);
});

t.test("many lines at once lose nothing", async (t) => {
  const lines = await logOf("seq 1 200000 & seq 1 100000 >&2; wait");
  const of = (stream: string): number[] =>
    lines.filter((line) => line.stream === stream).map(({ text }) => Number(text));
  for (const [stream, count] of [
    ["stdout", 200_000],
    ["stderr", 100_000],
  ] as const) {
    const numbers = of(stream);
    t.equal(numbers.length, count);
    t.ok(
      numbers.every((value, index) => value === index + 1),
      `${stream} is complete and in order`,
    );
  }
  t.ok(lines.every(({ tag }) => tag === "F"));
});

/** A container that writes a line for every line that it is sent. */
async function echoing(): Promise<{
  made: Container;
  shim: Awaited<ReturnType<Ground["shim"]>>;
  say: (text: string) => void;
}> {
  const made = container(ground, { argv: ["cat"], stdin: 1 });
  const shim = await ground.shim();
  await shim.run(made.plan);
  await shim.attach(ATTACHED.stdin);
  return { made, shim, say: (text) => shim.send(FrameType.STDIN, Buffer.from(text)) };
}

t.test("rotation", async (t) => {
  const { made, shim, say } = await echoing();
  const lines = (path: string): string[] => brief(readLog(path));
  say("first\n");
  await eventually("it is logged", () => lines(made.log).length === 1);
  renameSync(made.log, `${made.log}.1`);
  say("still the old\n");
  await eventually("it is logged", () => lines(`${made.log}.1`).length === 2);
  shim.send(FrameType.REOPEN_LOG);
  t.equal(await shim.done(), 0);
  say("new\n");
  await eventually("it is logged", () => lines(made.log).length === 1);
  t.same(lines(`${made.log}.1`), ["stdout F first", "stdout F still the old"]);

  // What a hostile container could put in the place of its log
  const refused: readonly (readonly [string, () => void, number])[] = [
    ["a link", () => symlinkSync("/etc/hostname", made.log), constants.errno.ELOOP],
    ["a FIFO", () => execFileSync("mkfifo", [made.log]), constants.errno.ENXIO],
    ["a directory", () => mkdirSync(made.log), constants.errno.EISDIR],
    ["a device", () => execFileSync("mknod", [made.log, "c", "1", "3"]), constants.errno.EINVAL],
  ];
  renameSync(made.log, `${made.log}.2`);
  for (const [what, make, errno] of refused) {
    make();
    shim.send(FrameType.REOPEN_LOG);
    t.equal(await shim.done(), errno, what);
    rmSync(made.log, { recursive: true });
  }
  say("kept\n");
  await eventually("the old file is kept", () => lines(`${made.log}.2`).length === 2);
  truncateSync(`${made.log}.2`, 0);
  say("appended\n");
  await eventually("writes go to the end", () => lines(`${made.log}.2`).length === 1);
  shim.signal(0, 9);
  await shim.done();
  await shim.exited();
});

t.test("a log that cannot be written stops nothing", async (t) => {
  const loggingTo = ({ plan }: Container, log: string): Plan => ({
    steps: plan.steps.map((step) => (step.op === "io" ? { ...step, args: { ...step.args, log } } : step)),
  });
  const refused = await ground.shim();
  refused.plan(loggingTo(container(ground, { argv: ["true"] }), "/dev/full"));
  t.match(await refused.failure(), { errno: constants.errno.EINVAL, detail: "/dev/full" }, "not a regular file");

  const small = ground.make("small");
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
  try {
    const full = container(ground, {
      argv: ["sh", "-c", "seq 1 100000; echo done >&2; read x; echo last; exit 4"],
      stdin: 1,
    });
    const log = `${small}/log`;
    const shim = await ground.shim();
    await shim.run(loggingTo(full, log));
    await eventually("it is full", () => statSync(log).size >= 65_536);
    await sleep(300);
    const kept = readFileSync(log, "latin1");
    truncateSync(log, 0);
    await shim.attach(ATTACHED.stdin);
    shim.send(FrameType.STDIN, Buffer.from("\n"));
    t.match(await shim.exited(), { code: 4 });
    t.ok(kept.startsWith("2"));
    // The line that was cut off is ended before the next.
    t.match(readFileSync(log, "latin1"), /^\n?\S+ stdout F last\n$/);
  } finally {
    execFileSync("umount", [small]);
  }
});

t.test("attached connections see the output", async (t) => {
  const made = container(ground, {
    argv: ["sh", "-c", "read x; echo out; echo err >&2; read x; exec >&-; read x"],
    stdin: 1,
  });
  const shim = await ground.shim();
  await shim.run(made.plan);
  const [both, out, none] = await Promise.all([1, 2, 3].map(() => ground.connect(made.socket)));
  await both!.attach(ATTACHED.stdin | ATTACHED.stdout | ATTACHED.stderr);
  await out!.attach(ATTACHED.stdout);
  none!.send(FrameType.WATCH);
  t.equal(await none!.done(), 0);
  both!.send(FrameType.STDIN, Buffer.from("\n"));
  await both!.until("output", () => both!.stdout === "out\n" && both!.stderr === "err\n");
  await out!.until("output", () => out!.stdout === "out\n");
  t.equal(out!.stderr, "");
  both!.send(FrameType.STDIN, Buffer.from("\n"));
  await both!.until("the end of the stream", () => both!.stdoutEnded);
  t.notOk(both!.stderrEnded);
  const late = await ground.connect(made.socket);
  await late.attach(ATTACHED.stdout);
  await late.until("the end of the stream", () => late.stdoutEnded);
  both!.send(FrameType.STDIN, Buffer.from("\n"));
  for (const connection of [both!, out!, none!, late, shim]) t.match(await connection.exited(), { code: 0, signal: 0 });
  t.ok(both!.stderrEnded);
  t.same(brief(readLog(made.log)), ["stdout F out", "stderr F err"]);
});

t.test("a connection that does not read is dropped and the container goes on", async (t) => {
  const made = container(ground, { argv: ["sh", "-c", "read x; seq 1 300000; echo done >&2; sleep 1000"], stdin: 1 });
  const shim = await ground.shim();
  const { pid } = await shim.run(made.plan);
  const slow = await ground.connect(made.socket);
  const quick = await ground.connect(made.socket);
  await slow.attach(ATTACHED.stdout);
  await quick.attach(ATTACHED.stdin | ATTACHED.stdout | ATTACHED.stderr);
  slow.socket.pause();
  const began = performance.now();
  quick.send(FrameType.STDIN, Buffer.from("\n"));
  await quick.until("the end", () => quick.stderr === "done\n");
  const took = performance.now() - began;
  t.ok(took > 900, `back-pressure for about a second: ${Math.round(took)} ms`);
  t.equal(quick.stdout.split("\n").length - 1, 300_000);
  slow.socket.resume();
  t.match((await slow.expect(FrameType.ERROR)).toString(), /not read/);
  await eventually("it is closed", () => slow.ended);
  t.ok(isAlive(pid));
  t.equal(readLog(made.log).filter(({ stream }) => stream === "stdout").length, 300_000);
  shim.signal(0, 9);
  await shim.done();
  await shim.exited();
});

t.test("stdin: none, open, once", async (t) => {
  const shim = await ground.shim();
  const none = container(ground, { argv: ["sh", "-c", "cat; readlink /proc/self/fd/0"] });
  await shim.run(none.plan);
  await shim.exited();
  t.same(brief(readLog(none.log)), ["stdout F /dev/null"]);

  const open = container(ground, { argv: ["cat"], stdin: 1 });
  const second = await ground.shim();
  const { pid } = await second.run(open.plan);
  for (const text of ["one\n", "two\n"]) {
    const writer = await ground.connect(open.socket);
    await writer.attach(ATTACHED.stdin | ATTACHED.stdout);
    writer.send(FrameType.STDIN, Buffer.from(text));
    await writer.until("the echo", () => writer.stdout === text);
    writer.send(FrameType.STDIN);
    writer.close();
    await sleep(50);
    t.ok(isAlive(pid), "it is kept open");
  }
  second.signal(0, 9);
  await second.done();
  await second.exited();

  for (const how of ["an empty frame", "the end of the connection"]) {
    const once = container(ground, { argv: ["sh", "-c", "wc -c"], stdin: 2 });
    const third = await ground.shim();
    await third.run(once.plan);
    const writer = await ground.connect(once.socket);
    await writer.attach(ATTACHED.stdin);
    writer.send(FrameType.STDIN, Buffer.alloc(3_000_000, "x"));
    if (how === "an empty frame") writer.send(FrameType.STDIN);
    else writer.socket.end();
    t.match(await third.exited(), { code: 0 }, how);
    t.same(brief(readLog(once.log)), ["stdout F 3000000"]);
  }
});

t.test("input that nobody takes is bounded", async (t) => {
  const made = container(ground, { argv: ["sleep", "1000"], stdin: 1 });
  const shim = await ground.shim();
  await shim.run(made.plan);
  const writer = await ground.connect(made.socket);
  await writer.attach(ATTACHED.stdin);
  for (let i = 0; i < 20; i++) writer.send(FrameType.STDIN, Buffer.alloc(1_000_000));
  await sleep(300);
  t.ok(writer.socket.writableLength > 15_000_000, "the rest stays with the writer");
  const rss = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${shim.pid}/status`, "utf8"))?.[1]);
  if (!process.env["NODELET_NATIVE_DIR"]) t.ok(rss < 2_000, `${rss} kB`);
  shim.signal(0, 15);
  t.equal(await shim.done(), 0, "the shim still answers");
  shim.signal(0, 9);
  await shim.done();
  await shim.exited();
});
