// time limit: 60 s
// Operations that the other tests do not use, by what the workload then finds.

import { statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

import t from "tap";

import type { PlanBuilder } from "../../../agent/runtime/plan/builder.ts";
import { NO_REG, type Step } from "../../../agent/runtime/plan/operations.ts";
import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import { decodeFailure } from "./client.ts";
import { container, Ground, readLog, type ContainerOptions } from "./container.ts";

const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

async function outputOf(
  script: string,
  options: Partial<ContainerOptions> = {},
): Promise<{ out: string[]; upper: string }> {
  const made = container(ground, { argv: ["sh", "-c", script], ...options });
  const shim = await ground.shim();
  await shim.run(made.plan);
  await shim.exited();
  return { out: readLog(made.log).map(({ text }) => text), upper: made.upper };
}

async function failureOf(options: Partial<ContainerOptions>): Promise<[string | undefined, number]> {
  const { plan } = container(ground, { argv: ["true"], ...options });
  const shim = await ground.shim();
  shim.plan(plan);
  const { step, errno } = await shim.failure();
  return [plan.steps[step]?.op, errno];
}

/** struct sock_filter: one instruction. */
function instruction(code: number, jumpTrue: number, jumpFalse: number, k: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jumpTrue, 2);
  bytes.writeUInt8(jumpFalse, 3);
  bytes.writeUInt32LE(k, 4);
  return bytes;
}

const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const sethostname = process.arch === "arm64" ? 161 : 170;

t.test("descriptors are given and taken in order, and nothing else for them", async (t) => {
  const open = (path: string, out: number): Step => ({
    op: "open",
    actor: "host",
    args: { out, at: NO_REG, path, flags: 0, mode: 0, resolve: 0 },
    cause: "",
  });
  const fork: Step = { op: "fork", actor: "host", args: { out: NO_REG, who: 2, flags: 0, cgroup: NO_REG }, cause: "" };
  const give = (reg: number): Step => ({ op: "give", actor: "host", args: { who: 2, reg }, cause: "" });
  const take = (out: number): Step => ({ op: "take", actor: "child", args: { out, who: 0 }, cause: "" });
  const signal: Step = { op: "signal", actor: "host", args: { who: 2 }, cause: "" };
  const wait: Step = { op: "wait", actor: "child", args: { who: 0 }, cause: "" };
  const chdir = (reg: number): Step => ({ op: "chdir_fd", actor: "child", args: { reg }, cause: "" });
  /** Is there only in the root directory. */
  const look: Step = {
    op: "open",
    actor: "child",
    args: { out: 9, at: NO_REG, path: "etc", flags: 0, mode: 0, resolve: 0 },
    cause: "",
  };
  const run = async (...steps: Step[]): Promise<{ step: number; errno: number } | undefined> => {
    const shim = await ground.shim();
    shim.plan({ steps });
    const frame = await shim.next();
    if (frame.type === FrameType.FINISHED) return undefined;
    t.equal(frame.type, FrameType.FAILED);
    const { step, errno } = decodeFailure(Buffer.from(frame.payload));
    return { step, errno };
  };
  t.equal(
    await run(fork, open("/etc", 0), open("/", 1), give(0), give(1), signal, take(0), take(1), wait, chdir(1), look),
    undefined,
  );
  t.match(await run(fork, open("/etc", 0), give(0), take(0), chdir(0), look), { step: 5, errno: 2 });
  t.match(await run(fork, give(0), take(0)), { step: 1, errno: 9 }, "what is not open");
  t.match(await run(fork, signal, take(0)), { step: 2, errno: 71 }, "a signal instead");
  t.match(await run(fork, open("/", 0), give(0), wait), { step: 3, errno: 71 }, "instead of a signal");
  t.match(
    await run(open("/", 0), fork, open("/", 1), give(1), take(0)),
    { step: 4, errno: 17 },
    "the register is in use",
  );
});

t.test("a seccomp filter", async (t) => {
  const filter = Buffer.concat([
    instruction(0x20, 0, 0, 0), // load the call's number
    instruction(0x15, 0, 1, sethostname),
    instruction(0x06, 0, 0, ERRNO | 99),
    instruction(0x06, 0, 0, ALLOW),
  ]);
  const inside = (plan: PlanBuilder): void => {
    plan.add("inside", "no_new_privs", {}, "");
    plan.add("inside", "seccomp", { filter, flags: 0 }, "");
  };
  const { out } = await outputOf("grep Seccomp: /proc/self/status; hostname other 2>&1; echo after", { inside });
  t.equal(out[0], "Seccomp:\t2");
  t.match(out[1], /hostname/);
  t.equal(out[2], "after");
  for (const bad of [Buffer.alloc(0), filter.subarray(1), instruction(0xffff, 0, 0, 0)]) {
    t.same(
      await failureOf({
        inside: (plan) => {
          plan.add("inside", "no_new_privs", {}, "");
          plan.add("inside", "seccomp", { filter: bad, flags: 0 }, "");
        },
      }),
      ["seccomp", constants.errno.EINVAL],
    );
  }
});

t.test("a device program", async (t) => {
  // Nodes may be made, and nothing opened: r2 = access_type; r2 >>= 16; r0 = 1; if r2 is mknod, skip r0 = 0; exit
  const refuse = Buffer.from(
    "6112000000000000" +
      "7702000010000000" +
      "b700000001000000" +
      "1502010001000000" +
      "b700000000000000" +
      "9500000000000000",
    "hex",
  );
  const allow = Buffer.from("b700000001000000" + "9500000000000000", "hex");
  const run = async (program: Buffer): Promise<string[]> => {
    const made = container(ground, {
      argv: ["sh", "-c", "head -c 1 /dev/zero >/tmp/byte && echo opened || echo refused"],
    });
    const open = made.plan.steps.findIndex((step) => step.op === "open" && step.args.path === made.cgroup);
    const opened = made.plan.steps[open];
    if (opened?.op !== "open") throw new Error("the plan opens no cgroup");
    const steps = made.plan.steps.toSpliced(open + 1, 0, {
      op: "device_program",
      actor: "host",
      args: { cgroup: opened.args.out, program },
      cause: "",
    });
    const shim = await ground.shim();
    await shim.run({ steps });
    await shim.exited();
    // Which of two pipes is read first is left to chance.
    return readLog(made.log).flatMap(({ stream, text }) => (stream === "stdout" ? [text] : []));
  };
  t.same(await run(allow), ["opened"]);
  t.same(await run(refuse), ["refused"]);
});

t.test("files", async (t) => {
  const script = "stat -c '%n %a %u:%g %F' /made /dev/node /dev/link; readlink /dev/link; cat /made; ls -d /a/b/c";
  const { out, upper } = await outputOf(script, {
    assemble: (plan, root) => {
      const made = plan.open("child", "ensure", { at: root, path: "/made", kind: 1, mode: 0o600 }, "");
      plan.add("child", "chown", { reg: made, uid: 5, gid: 6 }, "");
      plan.add("child", "chmod", { at: root, path: "made", mode: 0o4755 }, "");
      plan.add("child", "write", { at: root, path: "made", data: Buffer.from("content\n"), flags: 0 }, "");
      const dev = plan.open("child", "open", { at: root, path: "dev", flags: 0, mode: 0, resolve: 0x10 }, "");
      const node = { at: dev, path: "node", mode: 0o010666, major: 0, minor: 0, uid: 7, gid: 8 };
      plan.add("child", "mknod", node, "");
      plan.add("child", "symlink", { at: dev, path: "link", target: "to/nowhere" }, "");
      const like = plan.open("child", "ensure_like", { at: root, path: "/a/b/c", like: dev, mode: 0o700 }, "");
      plan.close("child", like, "");
    },
  });
  t.same(out, [
    "/made 4755 5:6 regular file",
    "/dev/node 666 7:8 fifo",
    "/dev/link 777 0:0 symbolic link",
    "to/nowhere",
    "content",
    "/a/b/c",
  ]);
  t.equal(statSync(join(upper, "a/b/c")).mode & 0o777, 0o700);
  t.equal(statSync(join(upper, "a/b")).mode & 0o777, 0o755);
  for (const path of ["../x", "a/b", "..", ".", ""]) {
    const node = { path, mode: 0o010600, major: 0, minor: 0, uid: 0, gid: 0 };
    t.same(await failureOf({ assemble: (plan, root) => plan.add("child", "mknod", { at: root, ...node }, "") }), [
      "mknod",
      constants.errno.EINVAL,
    ]);
  }
});

t.test("mounts", async (t) => {
  const source = ground.make("source");
  const { out } = await outputOf("cat /proc/self/mountinfo | grep ' /mnt/'", {
    host: (plan) => plan.open("host", "open_tree", { at: NO_REG, path: source, flags: 1 }, ""),
    assemble: (plan, root) => {
      const tree = plan.open("child", "open_tree", { at: NO_REG, path: source, flags: 1 }, "");
      const set = { set: 0x1 | 0x8, clear: 0, propagation: 1 << 19, userns: NO_REG, recursive: 1 };
      plan.add("child", "mount_setattr", { reg: tree, ...set }, "");
      const to = plan.open("child", "ensure_like", { at: root, path: "/mnt/bound", like: tree, mode: 0o755 }, "");
      plan.add("child", "move_mount", { from: tree, to }, "");
    },
  });
  t.equal(out.length, 1);
  t.match(out[0], / \/mnt\/bound ro,noexec,relatime /);
});

t.test("the process", async (t) => {
  const { out } = await outputOf(
    "uname -m; cat /proc/self/personality; grep -E 'SigPnd|^NSpid' /proc/self/status; umask",
    {
      inside: (plan) => {
        plan.add("inside", "personality", { persona: 0x0040000 }, ""); // ADDR_NO_RANDOMIZE
        plan.add("inside", "session_keyring", { name: "_ses.test" }, "", "any");
        plan.add("inside", "parent_death_signal", { signal: 9 }, "");
        plan.add("inside", "rlimit", { resource: 4, soft: 0, hard: -1 }, "", "denied");
        plan.add("inside", "umask", { mask: 0o77 }, "");
      },
    },
  );
  t.ok(out.includes("00040000"));
  t.equal(out.at(-1), "0022", "the last umask counts");
  const bad = { uid: 0, gid: 0, groups: [] as string[] };
  for (const ids of [
    { ...bad, uid: 2 ** 32 - 1 },
    { ...bad, gid: 2 ** 32 },
    { ...bad, uid: -1 },
    { ...bad, groups: ["1x"] },
    { ...bad, groups: [""] },
    { ...bad, groups: ["4294967295"] },
  ]) {
    t.same(await failureOf({ inside: (plan) => plan.add("inside", "ids", ids, "") }), ["ids", constants.errno.EINVAL]);
  }
});

t.test("a plan that loses track of its descriptors is stopped", async (t) => {
  const open = { out: 0, at: NO_REG, path: "/", flags: 0, mode: 0, resolve: 0 };
  t.same(await failureOf({ host: (plan) => plan.add("host", "open", open, "") }), ["open", constants.errno.EEXIST]);
  t.same(await failureOf({ host: (plan) => plan.add("host", "close", { reg: 0 }, "") }), [
    "close",
    constants.errno.EBUSY,
  ]);
});
