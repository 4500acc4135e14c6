// time limit: 120 s
// Sandboxes, user namespaces, the three processes of a plan, and what resolves paths in a root.

import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  chownSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";

import t from "tap";

import { PlanBuilder } from "../../../agent/runtime/plan/builder.ts";
import { CLONE, MOUNT_ATTR, MS, WHO } from "../../../agent/runtime/plan/constants.ts";
import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import { NO_REG, type Plan, type Step } from "../../../agent/runtime/plan/operations.ts";
import { O } from "../../../agent/system/system.ts";
import { container, eventually, Ground, isAlive, mountAt, mountsUnder, openAt, readLog } from "./container.ts";

const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

/** Runs a plan that ends by itself; the pid of what stays. */
async function finish(plan: Plan): Promise<number> {
  const shim = await ground.shim();
  shim.plan(plan);
  const pid = (await shim.expect(FrameType.FINISHED)).readUInt32LE(0);
  t.equal(await shim.ending, 0);
  return pid;
}

/** Pins of a pod: its user namespace and those that belong to it, and a first process when it shares pids. */
function sandbox(directory: string, options: { user?: boolean; pid?: boolean }): Plan {
  const plan = new PlanBuilder();
  const pins: [string, number][] = [
    ["net", CLONE.NEWNET],
    ["uts", CLONE.NEWUTS],
    ["ipc", CLONE.NEWIPC],
  ];
  if (options.user === true) pins.push(["user", CLONE.NEWUSER]);
  if (options.pid === true) pins.push(["pid", CLONE.NEWPID]);
  const flags = pins.reduce((all, [, flag]) => all | flag, 0);
  plan.open("host", "fork", { who: WHO.child, flags, cgroup: NO_REG }, "");
  if (options.user === true) {
    plan.add("host", "map_ids", { who: WHO.child, uids: "0 100000 65536\n", gids: "0 200000 65536\n" }, "");
  }
  plan.add("host", "signal", { who: WHO.child }, "");
  plan.add("child", "wait", { who: WHO.host }, "");
  plan.add("child", "ids", { uid: 0, gid: 0, groups: [] }, "");
  plan.add("child", "hostname", { name: "pod" }, "");
  plan.add("child", "domainname", { name: "example" }, "");
  plan.add("child", "link_up", { name: "lo" }, "");
  plan.add(
    "child",
    "write",
    { at: NO_REG, path: "/proc/sys/net/ipv4/ip_unprivileged_port_start", data: Buffer.from("0"), flags: 0 },
    "",
  );
  plan.add("child", "signal", { who: WHO.host }, "");
  plan.add("child", "wait", { who: WHO.host }, "");
  plan.add("host", "wait", { who: WHO.child }, "");
  for (const [name] of pins)
    plan.add("host", "pin", { who: WHO.child, namespace: name, path: join(directory, name) }, "");
  plan.add("host", "signal", { who: WHO.child }, "");
  if (options.pid === true) plan.add("child", "pause", {}, "");
  return plan.build();
}

function unpin(directory: string): void {
  for (const path of mountsUnder(directory)) execFileSync("umount", [path]);
}

t.test("a sandbox whose process ends leaves its namespaces", async (t) => {
  const directory = ground.make("pod");
  t.equal(await finish(sandbox(directory, {})), 0);
  t.equal(mountsUnder(directory).length, 3);
  const inside = (...command: string[]): string =>
    execFileSync("nsenter", [`--net=${directory}/net`, `--uts=${directory}/uts`, ...command], {
      encoding: "utf8",
    }).trim();
  t.equal(inside("uname", "-n"), "pod");
  t.equal(inside("cat", "/proc/sys/kernel/domainname"), "example");
  t.match(inside("ip", "-o", "link"), /^1: lo: <LOOPBACK,UP/);
  t.equal(inside("cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"), "0");
  unpin(directory);
});

t.test("a first process for shared pids", async (t) => {
  const directory = ground.make("pod");
  const pid = await finish(sandbox(directory, { pid: true }));
  t.teardown(() => {
    unpin(directory);
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
  t.equal(readFileSync(`/proc/${pid}/comm`, "utf8"), "nodelet-init\n");
  t.equal(readlinkSync(`/proc/${pid}/cwd`), "/");
  t.same(execFileSync("ls", [`/proc/${pid}/fd`], { encoding: "utf8" }), "");
  const pss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
  t.comment(`PSS ${pss} kB`);

  // A container in its pid namespace leaves an orphan, which the first process reaps.
  const made = container(ground, {
    argv: ["sh", "-c", "echo pid=$$; (sh -c 'echo orphan; sleep 0.05' &); sleep 0.02; exit 3"],
    newFlags: CLONE.NEWNS | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWNET,
    host: (plan) => {
      const namespace = plan.open(
        "host",
        "open",
        { at: NO_REG, path: `${directory}/pid`, flags: 0, mode: 0, resolve: 0 },
        "",
      );
      plan.add("host", "setns", { reg: namespace, types: CLONE.NEWPID }, "");
    },
  });
  const shim = await ground.shim();
  await shim.run(made.plan);
  t.match(await shim.exited(), { code: 3 });
  const [first] = readLog(made.log);
  t.match(first?.text, /^pid=\d+$/);
  t.not(first?.text, "pid=1");
  const children = (): string => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  await eventually("nothing is left to reap", () => children() === "");
  t.ok(isAlive(pid));
  process.kill(pid, "SIGTERM");
  await eventually("it ends", () => !isAlive(pid));
});

t.test("a container in the user namespace of its pod", async (t) => {
  const directory = ground.make("pod");
  await finish(sandbox(directory, { user: true }));
  t.teardown(() => unpin(directory));
  const run = ground.make("c");
  for (const name of ["upper", "work"]) {
    mkdirSync(join(run, name));
    chownSync(join(run, name), 100_000, 200_000);
  }
  const cgroupPath = ground.cgroup();
  const log = join(run, "log");
  const plan = new PlanBuilder();
  const add = plan.add.bind(plan);
  const open = (path: string): number =>
    plan.open("host", "open", { at: NO_REG, path, flags: 0, mode: 0, resolve: 0 }, "");
  add("host", "io", { tty: 0, stdin: 1, stdout: 1, stderr: 1, log }, "");
  add("host", "io_owner", { uid: 100_500, gid: 200_500 }, "");
  const cgroup = plan.open(
    "host",
    "open",
    { at: NO_REG, path: cgroupPath, flags: O.DIRECTORY, mode: 0, resolve: 0 },
    "",
  );
  const user = open(join(directory, "user"));
  const others = [
    [open(join(directory, "net")), CLONE.NEWNET],
    [open(join(directory, "uts")), CLONE.NEWUTS],
    [open(join(directory, "ipc")), CLONE.NEWIPC],
  ] as const;
  plan.open("host", "fork", { who: WHO.joined, flags: CLONE.NEWNS, cgroup }, "");
  add("joined", "dumpable", { value: 0 }, "");
  add("joined", "mount", { source: "none", target: "/", fstype: "", flags: MS.REC | MS.PRIVATE, data: "" }, "");
  const layers = plan.open("joined", "open_tree", { at: NO_REG, path: ground.rootfs, flags: 1 }, "");
  add(
    "joined",
    "mount_setattr",
    { reg: layers, set: MOUNT_ATTR.IDMAP, clear: 0, propagation: MS.PRIVATE, userns: user, recursive: 0 },
    "",
  );
  const joinedSlash = openAt(plan, "joined", "/");
  add("joined", "move_mount", { from: layers, to: joinedSlash }, "");
  add("joined", "chdir_fd", { reg: layers }, "");
  const overlay = ["lowerdir=.", `upperdir=${run}/upper`, `workdir=${run}/work`];
  const root = plan.open("joined", "new_mount", { fstype: "overlay", options: overlay, attributes: 0 }, "");
  // The overlay has copies of its layers. Left in place, this one would be locked on top of the old root for good.
  add("joined", "chdir", { path: "/", create: 0 }, "");
  add("joined", "umount", { path: "/", flags: 2 }, "");
  add("joined", "setns", { reg: user, types: CLONE.NEWUSER }, "");
  add("joined", "ids", { uid: 0, gid: 0, groups: [] }, "");
  const flags = CLONE.NEWNS | CLONE.NEWPID;
  add("joined", "fork", { out: NO_REG, who: WHO.child, flags, cgroup: NO_REG }, "");
  add("child", "setsid", {}, "");
  for (const [reg, types] of others) add("child", "setns", { reg, types }, "");
  add("child", "mount", { source: "none", target: "/", fstype: "", flags: MS.REC | MS.PRIVATE, data: "" }, "");
  const slash = openAt(plan, "child", "/");
  add("child", "move_mount", { from: root, to: slash }, "");
  mountAt(plan, root, "/proc", "proc", []);
  mountAt(plan, root, "/dev", "tmpfs", ["mode=755"]);
  mountAt(plan, root, "/dev/pts", "devpts", ["newinstance", "ptmxmode=0666", "mode=0620"]);
  add("child", "pivot_root", { root }, "");
  add("inside", "stdio", { uid: 500, gid: 500 }, "");
  add("inside", "signal", { who: WHO.host }, "");
  add("inside", "wait", { who: WHO.host }, "");
  add("inside", "ids", { uid: 500, gid: 500, groups: ["7"] }, "");
  add("inside", "capabilities", { effective: 0, permitted: 0, inheritable: 0, ambient: 0 }, "");
  const script =
    "cat /proc/self/uid_map /proc/self/gid_map; id; stat -c %u /bin/busybox; echo again > /proc/self/fd/1; hostname; echo pid=$$; echo x > /tmp/mine; exit 6";
  add("inside", "exec", { argv: ["sh", "-c", script], env: ["PATH=/bin"] }, "");
  add("host", "wait", { who: WHO.child }, "");
  add("host", "commit", {}, "");
  add("host", "signal", { who: WHO.child }, "");
  add("host", "started", { who: WHO.child }, "");

  const shim = await ground.shim();
  const built = plan.build();
  const { results, pid } = await shim.run(built);
  for (const [index, result] of results.entries()) t.equal(result.errno, 0, `${index} ${built.steps[index]?.op}`);
  t.ok(pid > 0);
  t.match(await shim.exited(), { code: 6 });
  t.same(
    readLog(log).map(({ text }) => text.trim().replaceAll(/ +/g, " ")),
    ["0 100000 65536", "0 200000 65536", "uid=500 gid=500 groups=7", "0", "again", "pod", "pid=1"],
  );
  const { uid, gid } = statSync(join(run, "upper/tmp/mine"));
  t.same([uid, gid], [100_500, 200_500]);
  await shim.ending;
});

t.test("a failure in any actor of a plan with three", async (t) => {
  for (const [actor, errno] of [
    ["joined", 9],
    ["child", 9],
    ["host", 9],
  ] as const) {
    const plan = new PlanBuilder();
    plan.open("host", "fork", { who: WHO.joined, flags: 0, cgroup: NO_REG }, "");
    plan.add("joined", "fork", { out: NO_REG, who: WHO.child, flags: CLONE.NEWPID, cgroup: NO_REG }, "");
    plan.add("joined", "signal", { who: WHO.child }, "");
    plan.add("child", "wait", { who: WHO.joined }, "");
    plan.add("joined", "wait", { who: WHO.child }, "");
    plan.add("child", "signal", { who: WHO.joined }, "");
    const at = plan.build().steps.length;
    plan.build();
    const steps = [
      ...plan.build().steps,
      { op: "close", actor, args: { reg: 99 }, cause: "" },
      { op: "wait", actor: "child", args: { who: WHO.host }, cause: "" },
      { op: "wait", actor: "host", args: { who: WHO.child }, cause: "" },
    ] as const;
    const shim = await ground.shim();
    shim.plan({ steps });
    const failure = await shim.failure();
    t.match({ step: failure.step, errno: failure.errno }, { step: at, errno }, actor);
    t.equal(await shim.ending, 1);
  }
});

t.test("hooks get the state, their own environment and nothing else", async (t) => {
  const directory = ground.make("hook");
  const out = join(directory, "out");
  const script = `cat; echo; pwd; env; ls /proc/self/fd | tr '\\n' ' '; grep SigBlk /proc/self/status`;
  const hook = {
    path: "/bin/sh",
    argv: ["sh", "-c", `{ ${script}; } > ${out}.$1`, "hook"],
    env: ["PATH=/bin:/usr/bin", "A=b"],
    timeout: 5_000,
  };
  const state = Buffer.from('{"pid":@PID@,"x":"@PID@"}');
  const made = container(ground, {
    argv: ["true"],
    assemble: (plan) => plan.add("child", "hook", { ...hook, argv: [...hook.argv, "child"], state }, ""),
  });
  const steps = made.plan.steps.flatMap((step): Step[] =>
    step.op === "started"
      ? [
          step,
          { op: "hook", actor: "host", args: { ...hook, argv: [...hook.argv, "host"], state }, cause: "" } as const,
        ]
      : [step],
  );
  const shim = await ground.shim({ extraFds: 10 });
  const { pid } = await shim.run({ steps });
  await shim.exited();
  for (const who of ["child", "host"]) {
    const [seen, cwd, ...rest] = readFileSync(`${out}.${who}`, "utf8").split("\n");
    t.equal(seen, `{"pid":${pid},"x":"${pid}"}`);
    t.equal(cwd, "/");
    const environment = rest.filter((line) => /^[A-Z_]+=/.test(line) && !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
    t.same(environment.toSorted(), ["A=b", "PATH=/bin:/usr/bin"]);
    t.ok(
      rest.some((line) => line.startsWith("0 1 2 3 ")),
      rest.join("|"),
    );
    t.ok(rest.some((line) => line.endsWith("SigBlk:\t0000000000000000")));
  }
});

t.test("paths that do not exist are made inside the root only", async (t) => {
  const outside = ground.make("outside");
  const cases: readonly (readonly [string, () => void, string | undefined])[] = [
    ["/plain", () => undefined, "plain"],
    ["deep/er/still/", () => undefined, "deep/er/still"],
    ["/a/../b/./c", () => undefined, undefined],
    ["/../../../up", () => undefined, "up"],
    ["/absolute/x", () => symlinkSync("/target1", "absolute"), "target1/x"],
    ["/relative/x", () => symlinkSync("some/where", "relative"), "some/where/x"],
    ["/out/x", () => symlinkSync(outside, "out"), `${outside.slice(1)}/x`],
    ["/dots/x", () => symlinkSync("../../../../climbed", "dots"), "climbed/x"],
    ["/one/x", () => [symlinkSync("two", "one"), symlinkSync("/three/four", "two")], "three/four/x"],
    ["/last", () => symlinkSync("made-by-link", "last"), "made-by-link"],
    ["/loop/x", () => [symlinkSync("loop2", "loop"), symlinkSync("loop", "loop2")], undefined],
    ["/file/x", () => writeFileSync("file", ""), undefined],
    ["/proc/self/root/x", () => symlinkSync("/proc/self/root", "magic"), undefined],
  ];
  const previous = process.cwd();
  t.teardown(() => process.chdir(previous));
  for (const kind of [0, 1]) {
    for (const [path, prepare, expected] of cases) {
      const root = ground.make("root");
      process.chdir(root);
      prepare();
      if (kind === 1 && path.endsWith("/")) continue;
      const plan = new PlanBuilder();
      const at = openAt(plan, "host", root);
      const made = plan.open("host", "ensure", { at, path, kind, mode: 0o750 }, "");
      plan.add("host", "chown", { reg: made, uid: 12, gid: 34 }, "");
      const shim = await ground.shim();
      shim.plan(plan.build());
      const frame = await shim.next();
      await shim.ending;
      if (expected === undefined) {
        if (path.startsWith("/loop")) t.equal(frame.type, FrameType.FAILED, path);
        if (path.startsWith("/file")) t.equal(frame.type, FrameType.FAILED, path);
        continue;
      }
      t.equal(frame.type, FrameType.FINISHED, path);
      const info = statSync(join(root, expected));
      t.equal(info.isDirectory(), kind === 0, `${path} -> ${expected}`);
      t.same([info.mode & 0o777, info.uid, info.gid], [0o750, 12, 34]);
    }
  }
  t.notOk(existsSync(join(outside, "x")), "nothing was made outside");
  t.notOk(existsSync("/climbed") || existsSync("/up") || existsSync("/target1"));
  rmSync(outside, { recursive: true });
});

t.test("checks of what a descriptor is", async (t) => {
  const check = async (add: (plan: PlanBuilder, reg: number) => void, path: string): Promise<number> => {
    const plan = new PlanBuilder();
    const reg = plan.open("host", "open", { at: NO_REG, path, flags: O.PATH, mode: 0, resolve: 0 }, "");
    add(plan, reg);
    const shim = await ground.shim();
    shim.plan(plan.build());
    const frame = await shim.next();
    await shim.ending;
    return frame.type === FrameType.FINISHED ? 0 : Buffer.from(frame.payload).readInt32LE(4);
  };
  const { EINVAL, ELOOP } = constants.errno;
  const node = (major: number, minor: number) => (plan: PlanBuilder, reg: number) =>
    plan.add("host", "check_node", { reg, format: 0o020000, major, minor }, "");
  t.equal(await check(node(1, 3), "/dev/null"), 0);
  t.equal(await check(node(1, 3), "/dev/zero"), EINVAL);
  t.equal(await check(node(1, 3), "/etc/passwd"), EINVAL);
  const fs = (magic: number) => (plan: PlanBuilder, reg: number) => plan.add("host", "check_fs", { reg, magic }, "");
  t.equal(await check(fs(0x9fa0), "/proc/self"), 0);
  t.equal(await check(fs(0x9fa0), "/etc"), EINVAL);
  const refuse = (plan: PlanBuilder, reg: number): void => plan.add("host", "refuse_fs", { reg, magic: 0x9fa0 }, "");
  t.equal(await check(refuse, "/proc/self"), ELOOP);
  t.equal(await check(refuse, "/etc"), 0);
});
