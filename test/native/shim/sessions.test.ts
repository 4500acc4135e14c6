// time limit: 120 s
// Exec sessions: processes that join the running container.

import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { encodePlan } from "../../../agent/runtime/plan/encode.ts";
import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import type { Plan } from "../../../agent/runtime/plan/operations.ts";
import type { Connection, Shim } from "./client.ts";
import { container, eventually, execPlan, Ground, isAlive, type Container, type ExecOptions } from "./container.ts";

const { ENOENT, EBADF, ESRCH } = constants.errno;
const EPROTO = 71;

const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

interface Running {
  readonly made: Container;
  readonly shim: Shim;
  readonly pid: number;
  readonly exec: (options: ExecOptions) => Promise<Connection & { readonly execPid: number }>;
  readonly stop: () => Promise<void>;
}

async function running(): Promise<Running> {
  const made = container(ground, { argv: ["sleep", "1000"] });
  const shim = await ground.shim({ extraFds: 20 });
  const { pid } = await shim.run(made.plan);
  return {
    made,
    shim,
    pid,
    async exec(options) {
      const connection = await ground.connect(made.socket);
      const started = await connection.exec(execPlan(options));
      return Object.assign(connection, { execPid: started.pid });
    },
    async stop() {
      shim.signal(0, 9);
      await shim.done();
      await shim.exited();
      t.equal(await shim.ending, 0);
    },
  };
}

/** What a shim at rest holds open; what it inherited is not among it. */
const RESTING_FDS = 13;

const openFds = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function settledFds(pid: number): Promise<number> {
  await eventually("the shim has settled", () => openFds(pid) === RESTING_FDS);
  return RESTING_FDS;
}

t.test("output of both streams, then the exit", async (t) => {
  const { made, exec, stop } = await running();
  const script =
    "echo out; echo err >&2; echo host=$(hostname); echo fds=$(ls /proc/self/fd); cat /proc/self/cgroup | grep ^0; exit 9";
  const session = await exec({ argv: ["sh", "-c", script], cgroup: made.cgroup });
  t.match(await session.exited(), { code: 9, signal: 0 });
  t.equal(session.stdout, "out\nhost=tested\nfds=0 1 2 3\n0::/\n");
  t.equal(session.stderr, "err\n");
  t.ok(session.stdoutEnded && session.stderrEnded);
  t.notOk(isAlive(session.execPid));
  t.equal(readFileSync(made.log, "utf8"), "", "nothing of it is in the log");
  await stop();
});

t.test("a great deal of output, to a slow reader", async (t) => {
  const { exec, stop } = await running();
  const session = await exec({ argv: ["seq", "1", "400000"] });
  session.socket.pause();
  await sleep(2_000);
  session.socket.resume();
  t.match(await session.exited(), { code: 0 });
  const lines = session.stdout.split("\n");
  t.equal(lines.length, 400_001);
  t.ok(lines.slice(0, -1).every((line, index) => Number(line) === index + 1));
  await stop();
});

t.test("input", async (t) => {
  const { exec, stop } = await running();
  const session = await exec({ argv: ["sh", "-c", "md5sum; echo end"], stdin: 1 });
  const block = Buffer.alloc(100_000, "abcdefghij");
  for (let i = 0; i < 50; i++) session.send(FrameType.STDIN, block);
  session.send(FrameType.STDIN);
  t.match(await session.exited(), { code: 0 });
  t.match(session.stdout, /^[0-9a-f]{32} {2}-\nend\n$/);
  const echo = await exec({ argv: ["cat"], stdin: 1 });
  echo.send(FrameType.STDIN, block);
  await echo.until("the echo", () => echo.stdout.length === block.length);
  t.equal(echo.stdout, block.toString());
  echo.send(FrameType.STDIN);
  t.match(await echo.exited(), { code: 0 });
  await stop();
});

t.test("a process left behind with the output delays the exit only a moment", async (t) => {
  const { exec, stop } = await running();
  const began = performance.now();
  const quiet = await exec({ argv: ["sh", "-c", "sleep 1000 & echo started"] });
  t.match(await quiet.exited(), { code: 0 });
  const took = performance.now() - began;
  t.ok(took > 150, `${Math.round(took)} ms`);
  t.equal(quiet.stdout, "started\n");
  t.ok(quiet.stdoutEnded);
  const noisy = await exec({ argv: ["sh", "-c", "(while :; do echo more; sleep 0.05; done) & echo started"] });
  t.match(await noisy.exited(), { code: 0 }, "noise is followed for a while only");
  await stop();
});

t.test("signals", async (t) => {
  const { shim, exec, stop } = await running();
  const one = await exec({ argv: ["sleep", "1000"] });
  const two = await exec({ argv: ["sh", "-c", "trap 'exit 3' TERM; sleep 1000 & echo ready; wait"] });
  const group = await exec({ argv: ["sh", "-c", "sleep 1001; echo not killed"] });
  shim.signal(one.execPid, 15);
  t.equal(await shim.done(), 0);
  t.match(await one.exited(), { code: 143, signal: 15 });
  await two.until("its trap", () => two.stdout === "ready\n");
  two.signal(two.execPid, 15);
  t.equal(await two.done(), 0);
  t.match(await two.exited(), { code: 3, signal: 0 });
  shim.signal(group.execPid, 9, true);
  t.equal(await shim.done(), 0);
  t.match(await group.exited(), { code: 137, signal: 9 });
  t.equal(group.stdout, "");
  shim.signal(one.execPid, 15);
  t.equal(await shim.done(), ESRCH, "one that has ended");
  shim.signal(process.pid, 0);
  t.equal(await shim.done(), ESRCH, "a stranger");
  await stop();
});

t.test("a connection that goes leaves the process alone", async (t) => {
  const { exec, made, stop } = await running();
  const session = await exec({ argv: ["sh", "-c", "seq 1 300000; read x; echo > /tmp/went-on; sleep 1000"], stdin: 1 });
  session.close();
  await eventually("it went on", () => {
    try {
      return readFileSync(join(made.upper, "tmp/went-on"), "utf8") === "\n";
    } catch {
      return false;
    }
  });
  t.ok(isAlive(session.execPid));
  await stop();
  t.notOk(isAlive(session.execPid));
});

t.test("a plan that fails harms nothing", async (t) => {
  const { exec, made, pid, stop } = await running();
  const connection = await ground.connect(made.socket);
  const failing = async (plan: Plan | Buffer): Promise<unknown> => {
    connection.send(FrameType.EXEC, "steps" in plan ? encodePlan(plan) : plan);
    const { step, errno, detail } = await connection.failure();
    return { step, errno, detail };
  };
  const good = execPlan({ argv: ["true"] });
  for (let at = 0; at < good.steps.length; at++) {
    const steps = [...good.steps];
    steps.splice(at, 0, { op: "close", actor: steps[at]!.actor, args: { reg: 200 }, cause: "" });
    t.match(await failing({ steps }), { step: at, errno: EBADF });
  }
  t.match(await failing(execPlan({ argv: ["nowhere"] })), { errno: ENOENT, detail: "nowhere" });
  t.match(await failing(execPlan({ argv: ["true"], cwd: "/no/cwd" })), { errno: ENOENT, detail: "/no/cwd" });
  t.match(await failing(Buffer.from("nonsense")), { step: 0xffff, errno: EPROTO });
  t.match(await failing(Buffer.alloc(0)), { errno: EPROTO });
  const listening = execPlan({ argv: ["true"] });
  t.match(await failing({ steps: [{ op: "commit", actor: "host", args: {}, cause: "" }, ...listening.steps] }), {
    step: 0,
    errno: EPROTO,
  });
  // The same connection can still become a session, and the shim keeps no more descriptors than before.
  t.ok(isAlive(pid));
  await connection.exec(good);
  t.match(await connection.exited(), { code: 0 });
  const session = await exec({ argv: ["true"] });
  t.match(await session.exited(), { code: 0 });
  await stop();
});

t.test("descriptors and children of the shim stay few", async (t) => {
  const { exec, shim, pid, stop } = await running();
  const before = await settledFds(shim.pid);
  for (let i = 0; i < 30; i++) {
    const session = await exec({ argv: ["sh", "-c", "echo x; exit 1"] });
    t.match(await session.exited(), { code: 1 });
    session.close();
  }
  await eventually("they are closed", () => openFds(shim.pid) === before);
  const children = (): string => readFileSync(`/proc/${shim.pid}/task/${shim.pid}/children`, "utf8").trim();
  await eventually("only init is left", () => children() === String(pid));
  await stop();
});

t.test("many at once, and the end of the container under them", async (t) => {
  const { exec, made, shim } = await running();
  const sessions = await Promise.all(
    Array.from({ length: 20 }, () => exec({ argv: ["sh", "-c", "echo up; sleep 1000"], cgroup: made.cgroup })),
  );
  await Promise.all(sessions.map((session) => session.until("its output", () => session.stdout === "up\n")));
  shim.signal(0, 9);
  await shim.done();
  t.match(await shim.exited(), { code: 137 });
  for (const session of sessions) t.match(await session.exited(), { code: 137, signal: 9 });
  t.equal(await shim.ending, 0);
});

t.test("too many connections", async (t) => {
  const { made, exec, shim, stop } = await running();
  const before = await settledFds(shim.pid);
  const connections: Connection[] = [];
  for (let i = 0; i < 63; i++) connections.push(await ground.connect(made.socket));
  const refused = ground.connect(made.socket);
  await t.rejects(refused);
  for (const connection of connections) connection.close();
  await eventually("the shim has let go of them", () => openFds(shim.pid) === before);
  const session = await exec({ argv: ["true"] });
  t.match(await session.exited(), { code: 0 });
  await stop();
});
