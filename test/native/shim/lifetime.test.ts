// time limit: 120 s
// The shim and the daemon: who may go when, what stays, and what it costs to stay.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import { SANITIZED, type Shim } from "./client.ts";
import {
  container,
  eventually,
  execPlan,
  Ground,
  isAlive,
  mountsUnder,
  readLog,
  readRecord,
  type Container,
} from "./container.ts";

/** Proportional set size of one shim that holds a quiet container, with a few others running. */
const PSS_LIMIT_KB = 200;

const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

async function leavesNothing(made: Container): Promise<void> {
  t.notOk(existsSync(made.socket), "no socket");
  t.notOk(existsSync(made.record), "no exit record");
  t.same(mountsUnder(ground.directory), []);
  await eventually("the cgroup is empty", () => readFileSync(join(made.cgroup!, "cgroup.procs"), "utf8") === "");
}

t.test("the daemon goes before the plan", async (t) => {
  const shim = await ground.shim();
  shim.close();
  t.equal(await shim.ending, 0);
});

t.test("the daemon goes before it commits", async (t) => {
  const made = container(ground, { argv: ["true"] });
  const shim = await ground.shim();
  shim.plan(made.plan);
  const pid = await shim.ready();
  shim.close();
  t.equal(await shim.ending, 1);
  t.notOk(isAlive(pid));
  await leavesNothing(made);
});

t.test("the daemon goes while the plan runs", async (t) => {
  const made = container(ground, {
    argv: ["true"],
    inside: (plan) => {
      // Nobody ever sends this signal: only the daemon's end gets the host out of its wait.
      plan.add("inside", "wait", { who: 0 }, "");
    },
  });
  const shim = await ground.shim();
  shim.plan(made.plan);
  await sleep(200);
  t.ok(existsSync(made.socket));
  shim.close();
  t.equal(await shim.ending, 1);
  await leavesNothing(made);
});

t.test("the shim is killed before it commits", async (t) => {
  const made = container(ground, { argv: ["touch", "/tmp/ran"] });
  const shim = await ground.shim();
  shim.plan(made.plan);
  const pid = await shim.ready();
  shim.process.kill("SIGKILL");
  await shim.ending;
  await eventually("the child ends by itself", () => !isAlive(pid));
  t.notOk(existsSync(join(made.upper, "tmp/ran")), "and never became the workload");
});

t.test("the daemon goes after the start", async (t) => {
  const made = container(ground, { argv: ["sh", "-c", "seq 1 5; read x; seq 6 10; exit 12"], stdin: 1 });
  const shim = await ground.shim();
  const { pid } = await shim.run(made.plan);
  shim.close();
  await sleep(100);
  t.ok(isAlive(pid) && isAlive(shim.pid));
  const later = await ground.connect(made.socket);
  await later.attach(1);
  later.send(FrameType.STDIN, Buffer.from("\n"));
  t.match(await later.exited(), { code: 12 });
  t.equal(await shim.ending, 0);
  t.same(
    readLog(made.log).map(({ text }) => Number(text)),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  t.match(readRecord(made.record), { exitCode: 12, pid });
});

t.test("nobody listens at the end", async (t) => {
  const made = container(ground, { argv: ["sh", "-c", "sleep 0.2; exit 13"] });
  const shim = await ground.shim();
  await shim.run(made.plan);
  shim.close();
  t.equal(await shim.ending, 0);
  t.match(readRecord(made.record), { exitCode: 13 });
});

t.test("HELLO tells a later connection what runs", async (t) => {
  const made = container(ground, { argv: ["sleep", "1000"] });
  const shim = await ground.shim();
  const { pid } = await shim.run(made.plan);
  const { connect } = await import("node:net");
  const socket = connect({ path: made.socket });
  const hello = await new Promise<Buffer>((done) => {
    socket.once("data", done);
  });
  socket.destroy();
  t.same(
    [
      hello.readUInt16LE(4),
      hello.readUInt16LE(8),
      hello.readUInt32LE(12),
      hello.readUInt32LE(16),
      hello.readUInt32LE(20),
    ],
    [FrameType.HELLO, 1, shim.pid, 2, pid],
  );
  shim.signal(0, 9);
  await shim.done();
  await shim.exited();
});

t.test("frames that make no sense are answered, those behind them still count", async (t) => {
  const made = container(ground, { argv: ["sleep", "1000"] });
  const shim = await ground.shim();
  await shim.run(made.plan);
  const connection = await ground.connect(made.socket);
  const frame = (type: number, payload: Buffer): void => {
    const header = Buffer.alloc(8);
    header.writeUInt32LE(payload.length, 0);
    header.writeUInt16LE(type, 4);
    connection.socket.write(Buffer.concat([header, payload]));
  };
  for (const [type, size] of [
    [999, 0],
    [0, 70_000],
    [FrameType.PLAN, 1_000],
    [FrameType.SIGNAL, 5],
    [FrameType.COMMIT, 0],
    [FrameType.ATTACH, 2_000],
  ] as const) {
    frame(type, Buffer.alloc(size));
    await connection.expect(FrameType.ERROR);
  }
  // One byte at a time
  for (const byte of [12, 0, 0, 0, FrameType.SIGNAL, 0, 0, 0, 0, 0, 0, 0, 15, 0, 0, 0, 0, 0, 0, 0]) {
    connection.socket.write(Buffer.from([byte]));
    await sleep(1);
  }
  t.equal(await connection.done(), 0);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0xffffffff, 0);
  connection.socket.write(header);
  t.match((await connection.expect(FrameType.ERROR)).toString(), /too long/);
  await eventually("it is closed", () => connection.ended);
  shim.signal(0, 9);
  await shim.done();
  t.match(await shim.exited(), { signal: 9 });
});

t.test("stray signals do not end the shim", async (t) => {
  const made = container(ground, { argv: ["sleep", "1000"] });
  const shim = await ground.shim();
  await shim.run(made.plan);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGPIPE", "SIGUSR1", "SIGALRM", "SIGCHLD"] as const) {
    shim.process.kill(signal);
  }
  await sleep(100);
  shim.signal(0, 9);
  t.equal(await shim.done(), 0);
  t.match(await shim.exited(), { signal: 9 });
});

t.test("a shim shows nothing of itself, and takes little", async (t) => {
  const shims: Shim[] = [];
  const sockets: string[] = [];
  for (let i = 0; i < 5; i++) {
    const made = container(ground, { argv: ["sh", "-c", "echo hello; sleep 1000"] });
    const shim = await ground.shim();
    await shim.run(made.plan);
    shims.push(shim);
    sockets.push(made.socket);
  }
  // After an exec and some output too
  const session = await ground.connect(sockets[0]!);
  await session.exec(execPlan({ argv: ["seq", "1", "100000"] }));
  await session.exited();
  await sleep(1_500);
  const sizes = shims.map((shim) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${shim.pid}/smaps_rollup`, "utf8"))?.[1]),
  );
  t.comment(`PSS ${sizes.join(", ")} kB`);
  if (!SANITIZED) for (const size of sizes) t.ok(size > 0 && size < PSS_LIMIT_KB, `${size} kB`);
  for (const shim of shims) {
    t.equal(readFileSync(`/proc/${shim.pid}/comm`, "utf8"), "nodelet-shim\n");
    t.same(readdirSync(`/proc/${shim.pid}/task`), [String(shim.pid)]);
    shim.signal(0, 9);
    await shim.done();
    await shim.exited();
  }
});

t.test("the exit record is whole or not there", async (t) => {
  const made = container(ground, { argv: ["sh", "-c", "exit 1"] });
  writeFileSync(made.record, "old");
  writeFileSync(
    `${made.record}.tmp`,
    "left by somebody else, and longer than the record that is to be written in its place ".repeat(5),
  );
  const shim = await ground.shim();
  await shim.run(made.plan);
  await shim.exited();
  t.match(readRecord(made.record), { exitCode: 1 });
  t.notOk(existsSync(`${made.record}.tmp`));
});
