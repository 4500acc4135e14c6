// time limit: 180 s
// Plans that are refused, and plans that fail: what is said, and that nothing is left.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

import t from "tap";

import { encodePlan } from "../../../agent/runtime/plan/encode.ts";
import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import { PlanBuilder } from "../../../agent/runtime/plan/builder.ts";
import { CLONE, WHO } from "../../../agent/runtime/plan/constants.ts";
import { NO_REG, type Plan, type Step } from "../../../agent/runtime/plan/operations.ts";
import { decodeFailure, typeName } from "./client.ts";
import { container, Ground, mountsUnder } from "./container.ts";

const { EBADF, ENOENT, ESRCH } = constants.errno;
const EPROTO = 71;
const WHOLE_PLAN = 0xffff;

const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

const exec: Step = { op: "exec", actor: "child", args: { argv: ["true"], env: [] }, cause: "" };
const fork: Step = { op: "fork", actor: "host", args: { out: NO_REG, who: 2, flags: 0, cgroup: NO_REG }, cause: "" };
const announce: Step = { op: "announce", actor: "host", args: {}, cause: "" };
const give: Step = { op: "give", actor: "host", args: { who: 2, reg: 0 }, cause: "" };
const take: Step = { op: "take", actor: "child", args: { out: 0, who: 0 }, cause: "" };
const umask: Step = { op: "umask", actor: "host", args: { mask: 0 }, cause: "" };

t.test("an encoded plan that is wrong is refused before its first step", async (t) => {
  const good = Buffer.from(encodePlan({ steps: [umask, fork, exec] }));
  const edited = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good);
    copy.set(bytes, at);
    return copy;
  };
  const of = (...steps: Step[]): Buffer => Buffer.from(encodePlan({ steps }));
  const open: Step = {
    op: "open",
    actor: "host",
    args: { out: 5, at: NO_REG, path: "/etc", flags: 0, mode: 0, resolve: 0 },
    cause: "",
  };
  const openAt = 8 + 8;
  const badRegister = (value: number): Buffer => {
    const bytes = of(open);
    bytes.writeInt16LE(value, openAt);
    return bytes;
  };
  const withNul = of(open);
  withNul.set([0], openAt + 4 + 4 + 1);
  const unterminated = of(open);
  unterminated.set([65], openAt + 4 + 4 + 4);
  const longList = of(fork, exec);
  longList.writeUInt32LE(0xffffffff, longList.length - 4 - 4 - 5 - 4);
  const signal = (who: number, actor: Step["actor"] = "host"): Step => ({
    op: "signal",
    actor,
    args: { who },
    cause: "",
  });

  const cases: readonly (readonly [string, Buffer, number])[] = [
    ["nothing", Buffer.alloc(0), WHOLE_PLAN],
    ["half a header", good.subarray(0, 7), WHOLE_PLAN],
    ["another magic number", edited(0, 1), WHOLE_PLAN],
    ["another version", edited(4, 2), WHOLE_PLAN],
    ["more steps than there are", edited(6, 4), 3],
    ["fewer steps than there are", edited(6, 2), WHOLE_PLAN],
    ["bytes behind the end", Buffer.concat([good, Buffer.alloc(1)]), WHOLE_PLAN],
    ["a step that is cut off", good.subarray(0, good.length - 1), 2],
    ["an unknown operation", edited(8, 255, 255), 0],
    ["a hole in the table", edited(8, 0, 0), 0],
    ["an unknown actor", edited(10, 4), 0],
    ["an unknown tolerance", edited(11, 4), 0],
    ["arguments that are too long", edited(12, 9), 0],
    ["arguments that are too short", edited(12, 7), 0],
    ["a register too high", badRegister(256), 0],
    ["a register too low", badRegister(-2), 0],
    ["a descriptor to nowhere", badRegister(-1), 0],
    ["a string that holds a NUL", withNul, 0],
    ["a string without its NUL", unterminated, 0],
    ["a list without end", longList, 1],
    ["a step of an actor that was never started", of(umask, { ...exec, actor: "inside" }), 1],
    ["an actor started twice", of(fork, fork), 1],
    ["a child that starts an actor", of(fork, { ...fork, actor: "child", args: { ...fork.args, who: 1 } }), 1],
    ["the host as an actor to start", of({ ...fork, args: { ...fork.args, who: 0 } }), 0],
    ["exec by the host", of({ ...exec, actor: "host" }), 0],
    ["exec of nothing", of(fork, { ...exec, args: { argv: [], env: [] } }), 1],
    ["a step behind exec", of(fork, exec, { ...umask, actor: "inside" }), 2],
    ["commit by the child", of(fork, { op: "commit", actor: "child", args: {}, cause: "" }), 1],
    ["an announcement by the child", of(fork, { op: "announce", actor: "child", args: {}, cause: "" }), 1],
    ["an announcement of nobody", of(announce, fork), 0],
    ["a second announcement", of(fork, announce, announce), 2],
    ["an actor that gives to itself", of(fork, { ...give, args: { who: 0, reg: 0 } }), 1],
    ["an actor that takes from itself", of(fork, { ...take, args: { who: 3, out: 0 } }), 1],
    ["an actor that waits for itself", of(fork, signal(2, "inside")), 1],
    ["an unknown actor to wait for", of(signal(4)), 0],
    [
      "io behind the start of an actor",
      of(fork, { op: "io", actor: "host", args: { tty: 0, stdin: 0, stdout: 0, stderr: 0, log: "" }, cause: "" }),
      1,
    ],
  ];
  for (const [what, bytes, step] of cases) {
    const shim = await ground.shim();
    shim.send(FrameType.PLAN, bytes);
    const failure = await shim.failure();
    t.equal(failure.errno, EPROTO, what);
    t.equal(failure.step, step, `${what}: step`);
    t.ok(failure.detail.length > 5, `${what}: ${failure.detail}`);
    t.same(failure.results, [], `${what}: nothing ran`);
    await shim.ending;
  }
});

t.test("a frame that is too long, and one that is no plan", async (t) => {
  const shim = await ground.shim();
  shim.send(FrameType.WATCH);
  await shim.expect(FrameType.ERROR);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(4 * 1024 * 1024 + 1, 0);
  header.writeUInt16LE(FrameType.PLAN, 4);
  shim.socket.write(header);
  await shim.expect(FrameType.ERROR);
  t.equal(await shim.ending, 0);
});

t.test("whichever step fails says so, and nothing is left", async (t) => {
  const { plan } = container(ground, { argv: ["true"], masked: ["/proc/fs"], readonlyPaths: ["/proc/sys"] });
  for (let at = 0; at < plan.steps.length; at++) {
    const made = container(ground, { argv: ["true"], masked: ["/proc/fs"], readonlyPaths: ["/proc/sys"] });
    const steps = [...made.plan.steps];
    const failing: Step = { op: "close", actor: steps[at]!.actor, args: { reg: 255 }, cause: "" };
    steps.splice(at, 0, failing);
    const shim = await ground.shim();
    shim.plan({ steps });
    let frame = await shim.next();
    if (frame.type === FrameType.READY) {
      shim.send(FrameType.COMMIT);
      frame = await shim.next();
    }
    t.equal(frame.type, FrameType.FAILED, `before ${at} ${steps[at + 1]!.op}`);
    const failure = decodeFailure(Buffer.from(frame.payload));
    t.equal(failure.step, at);
    t.equal(failure.errno, EBADF);
    t.equal(failure.results[at]?.errno, EBADF);
    t.equal(await shim.ending, 1);
    t.notOk(existsSync(made.socket), "no socket");
    t.notOk(existsSync(made.record), "no exit record");
    t.equal(readFileSync(join(made.cgroup!, "cgroup.procs"), "utf8"), "", "no process");
  }
  t.same(mountsUnder(ground.directory), []);
});

/** Runs a plan that has to fail and returns how. */
async function fail(plan: Plan): Promise<{ errno: string; detail: string; op: string | undefined }> {
  const shim = await ground.shim();
  shim.plan(plan);
  let frame = await shim.next();
  if (frame.type === FrameType.READY) {
    shim.send(FrameType.COMMIT);
    frame = await shim.next();
  }
  if (frame.type !== FrameType.FAILED) throw new Error(`no failure but ${typeName(frame.type)}`);
  const failure = decodeFailure(Buffer.from(frame.payload));
  await shim.ending;
  const name =
    Object.entries(constants.errno).find(([, value]) => value === failure.errno)?.[0] ?? String(failure.errno);
  return { errno: name, detail: failure.detail, op: plan.steps[failure.step]?.op };
}

t.test("a failure names what it concerns", async (t) => {
  const base = { argv: ["true"] };
  const cases: readonly (readonly [Plan, { errno: string; detail: string | RegExp; op: string }])[] = [
    [container(ground, { argv: ["nowhere"] }).plan, { errno: "ENOENT", detail: "nowhere", op: "exec" }],
    [container(ground, { argv: ["/etc/passwd"] }).plan, { errno: "EACCES", detail: "/etc/passwd", op: "exec" }],
    [
      container(ground, { argv: ["passwd"], env: ["PATH=/nothing:/etc:/bin/"] }).plan,
      { errno: "EACCES", detail: "passwd", op: "exec" },
    ],
    [container(ground, { argv: [""] }).plan, { errno: "ENOENT", detail: "", op: "exec" }],
    [
      container(ground, {
        ...base,
        host: (plan) =>
          plan.open("host", "open", { at: NO_REG, path: "/no/such/place", flags: 0, mode: 0, resolve: 0 }, ""),
      }).plan,
      { errno: "ENOENT", detail: "/no/such/place", op: "open" },
    ],
    [
      container(ground, {
        ...base,
        host: (plan) => plan.open("host", "new_mount", { fstype: "tmpfs", options: ["nonsense=1"], attributes: 0 }, ""),
      }).plan,
      { errno: "EINVAL", detail: /^nonsense=1: .*nonsense/, op: "new_mount" },
    ],
    [
      container(ground, {
        ...base,
        host: (plan) =>
          plan.open("host", "new_mount", { fstype: "overlay", options: ["lowerdir=/no/lower"], attributes: 0 }, ""),
      }).plan,
      { errno: "ENOENT", detail: /^lowerdir=\/no\/lower|^overlay/, op: "new_mount" },
    ],
    [
      container(ground, { ...base, inside: (plan) => plan.add("inside", "link_up", { name: "eth7" }, "") }).plan,
      { errno: "ENODEV", detail: "eth7", op: "link_up" },
    ],
    [
      container(ground, {
        ...base,
        assemble: (plan) =>
          plan.add(
            "child",
            "hook",
            { path: "/bin/false", argv: ["false"], env: [], timeout: 5000, state: new Uint8Array() },
            "",
          ),
      }).plan,
      { errno: "EIO", detail: "/bin/false: exit code 1", op: "hook" },
    ],
    [
      container(ground, {
        ...base,
        host: (plan) =>
          plan.add(
            "host",
            "hook",
            { path: "/no/hook", argv: ["x"], env: [], timeout: 5000, state: new Uint8Array() },
            "",
          ),
      }).plan,
      { errno: "ENOENT", detail: "/no/hook", op: "hook" },
    ],
    [
      container(ground, {
        ...base,
        host: (plan) =>
          plan.add(
            "host",
            "hook",
            { path: "/bin/sleep", argv: ["sleep", "60"], env: [], timeout: 50, state: new Uint8Array() },
            "",
          ),
      }).plan,
      { errno: "ETIMEDOUT", detail: "/bin/sleep", op: "hook" },
    ],
    [
      container(ground, {
        ...base,
        inside: (plan) => plan.add("inside", "rlimit", { resource: 99, soft: 1, hard: 1 }, ""),
      }).plan,
      { errno: "EINVAL", detail: "", op: "rlimit" },
    ],
  ];
  for (const [plan, expected] of cases) t.match(await fail(plan), expected);
});

t.test("an actor that is killed is named", async (t) => {
  const made = container(ground, { argv: ["true"] });
  const shim = await ground.shim();
  shim.plan(made.plan);
  const pid = await shim.ready();
  process.kill(pid, "SIGKILL");
  shim.send(FrameType.COMMIT);
  const failure = await shim.failure();
  t.equal(failure.errno, ESRCH);
  t.match(failure.detail, /the child ended early, killed by signal 9/);
  t.equal(await shim.ending, 1);
});

t.test("pins are undone", async (t) => {
  const directory = ground.make("pins");
  const plan = new PlanBuilder();
  plan.open("host", "fork", { who: WHO.child, flags: CLONE.NEWNET | CLONE.NEWUTS, cgroup: NO_REG }, "");
  plan.add("child", "signal", { who: WHO.host }, "");
  plan.add("child", "wait", { who: WHO.host }, "");
  plan.add("host", "wait", { who: WHO.child }, "");
  plan.add("host", "pin", { who: WHO.child, namespace: "net", path: join(directory, "net") }, "");
  plan.add("host", "pin", { who: WHO.child, namespace: "uts", path: join(directory, "uts") }, "");
  plan.add("host", "pin", { who: WHO.child, namespace: "nonsense", path: join(directory, "nonsense") }, "");
  t.match(await fail(plan.build()), { op: "pin", errno: "ENOENT", detail: join(directory, "nonsense") });
  t.same(readdirSync(directory), []);
  t.same(mountsUnder(directory), []);
});

t.test("tolerance", async (t) => {
  const close: Step = { op: "close", actor: "host", args: { reg: 9 }, cause: "", tolerate: "any" };
  const missing: Step = {
    op: "umount",
    actor: "host",
    args: { path: "/no/such", flags: 0 },
    cause: "",
    tolerate: "missing",
  };
  const denied: Step = {
    op: "umount",
    actor: "host",
    args: { path: "/no/such", flags: 0 },
    cause: "",
    tolerate: "denied",
  };
  const shim = await ground.shim();
  shim.plan({ steps: [close, missing, denied, umask] });
  const failure = await shim.failure();
  t.equal(failure.step, 2);
  t.same(
    failure.results.map(({ errno, startedNs }) => [errno, startedNs > 0n]),
    [
      [EBADF, true],
      [ENOENT, true],
      [ENOENT, true],
      [0, false],
    ],
  );
});
