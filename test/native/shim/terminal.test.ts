// time limit: 120 s
// A container and an exec with a terminal.

import t from "tap";

import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import { container, eventually, execPlan, Ground, readLog } from "./container.ts";

const ATTACHED = { stdin: 1, stdout: 2 } as const;
const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

t.test("a container's terminal", async (t) => {
  const script = [
    "stty -echo",
    "tty",
    "stty size",
    "for fd in 0 1 2; do readlink /proc/self/fd/$fd; done",
    "stat -c 'owner=%u' /dev/pts/0",
    'awk \'$5 == "/dev/console" { print "console", $(NF-2) }\' /proc/self/mountinfo',
    "echo to the console > /dev/console",
    "echo to the tty > /dev/tty",
    "trap 'stty size' WINCH",
    "echo ready",
    // A read that a signal interrupts is begun again.
    'while :; do read line || continue; [ "$line" = end ] && exit 5; echo got $line; done',
  ].join("\n");
  const made = container(ground, {
    argv: ["sh", "-c", script],
    tty: true,
    columns: 101,
    rows: 33,
    stdin: 1,
    uid: 77,
  });
  const shim = await ground.shim();
  await shim.run(made.plan);
  await shim.attach(ATTACHED.stdin | ATTACHED.stdout);
  const seen = (text: string): Promise<void> => shim.until(JSON.stringify(text), () => shim.stdout.includes(text));
  await eventually("it is ready", () => readLog(made.log).some(({ text }) => text === "ready\r"));
  shim.send(FrameType.STDIN, Buffer.from("hello\n"));
  await seen("got hello\r\n");
  shim.resize(120, 50);
  shim.send(FrameType.STDIN, Buffer.from("again\n"));
  await seen("50 120\r\n");
  await seen("got again\r\n");
  shim.send(FrameType.STDIN, Buffer.from("end\n"));
  t.match(await shim.exited(), { code: 5, signal: 0 });
  t.ok(shim.stdoutEnded);
  const lines = readLog(made.log);
  t.ok(lines.every(({ stream, tag, text }) => stream === "stdout" && tag === "F" && text.endsWith("\r")));
  t.same(
    lines.map(({ text }) => text.slice(0, -1)),
    [
      "/dev/pts/0",
      "33 101",
      "/dev/pts/0",
      "/dev/pts/0",
      "/dev/pts/0",
      "owner=77",
      "console devpts",
      "to the console",
      "to the tty",
      "ready",
      "got hello",
      "50 120",
      "got again",
    ],
  );
});

t.test("the end of the terminal", async (t) => {
  const made = container(ground, { argv: ["sh", "-c", "seq 1 20000"], tty: true });
  const shim = await ground.shim();
  await shim.run(made.plan);
  await shim.exited();
  t.equal(readLog(made.log).length, 20_000, "nothing is lost");
});

t.test("an exec with a terminal, several at once", async (t) => {
  const made = container(ground, { argv: ["sleep", "1000"] });
  const shim = await ground.shim();
  await shim.run(made.plan);
  const script = "stty -echo; stty size; tty; mount | grep -c console; while read x; do echo $x; stty size; done";
  const sessions = await Promise.all(
    [1, 2, 3].map(async (index) => {
      const connection = await ground.connect(made.socket);
      await connection.exec(
        execPlan({ argv: ["sh", "-c", script], tty: true, columns: 10 * index, rows: 7, stdin: 1 }),
      );
      return connection;
    }),
  );
  for (const [index, session] of sessions.entries()) {
    const first = `7 ${10 * (index + 1)}\r\n/dev/pts/${index}\r\n0\r\n`;
    await session.until("its beginning", () => session.stdout === first);
    session.resize(99, 44 + index);
    session.send(FrameType.STDIN, Buffer.from("word\n"));
    await session.until("the echo", () => session.stdout === `${first}word\r\n${44 + index} 99\r\n`);
    session.send(FrameType.STDIN, Buffer.from("\x04"));
    t.match(await session.exited(), { code: 0, signal: 0 });
    t.ok(session.stdoutEnded);
    t.notOk(session.stderrEnded);
  }
  shim.signal(0, 9);
  await shim.done();
  await shim.exited();
});
