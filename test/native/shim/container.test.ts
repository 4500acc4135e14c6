// time limit: 180 s
// A whole container: what the process finds itself in, and what is left after it.

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import { container, eventually, Ground, isAlive, readLog, readRecord } from "./container.ts";

const ground = new Ground();
t.teardown(() => ground[Symbol.asyncDispose]());

t.test("a process with namespaces, root, devices and identity of its own", async (t) => {
  const script = [
    "echo pid=$$",
    "echo host=$(hostname)",
    "echo cwd=$(pwd)",
    "echo umask=$(umask)",
    "echo fds=$(ls /proc/self/fd)",
    "grep -E '^(Uid|Gid|Groups|CapEff|CapPrm|CapInh|CapBnd|CapAmb|NoNewPrivs|SigBlk|SigIgn):' /proc/self/status",
    "echo lo=$(ip link show lo | grep -c UP,LOWER_UP)",
    "echo dev=$(ls /dev)",
    "stat -c 'null=%t:%T:%a' /dev/null",
    "echo hello > /tmp/written",
    "echo cgroup=$(cat /proc/self/cgroup | grep ^0:)",
    "awk '{print \"mount=\" $5}' /proc/self/mountinfo",
    "echo hidden=$(cat /proc/cmdline | wc -c)$(ls -A /proc/fs | wc -l)$(ls -A /proc/irq | wc -l)",
    "echo x 2>/dev/null > /proc/fs/made || echo mask-read-only",
    "echo x 2>/dev/null > /proc/sys/kernel/hostname || echo sys-read-only",
    "ulimit -n",
    "echo err >&2",
    "exit 7",
  ].join("\n");
  const made = container(ground, {
    argv: ["sh", "-c", script],
    uid: 1234,
    gid: 2345,
    groups: [3456, 4567],
    capabilities: 0x400,
    cwd: "/srv/made",
    masked: ["/proc/cmdline", "/proc/fs", "/proc/irq", "/nothing/here"],
    readonlyPaths: ["/proc/sys", "/nothing"],
    inside: (plan) => plan.add("inside", "rlimit", { resource: 7, soft: 256, hard: 512 }, "test"),
  });
  const shim = await ground.shim({ extraFds: 50 });
  const { pid, results } = await shim.run(made.plan);
  t.ok(pid > 0);
  made.plan.steps.forEach((step, index) => {
    const result = results[index];
    t.ok(result !== undefined && result.startedNs > 0n && result.durationNs > 0n, `${index} ${step.op} has times`);
    t.ok(result?.errno === 0 || step.tolerate !== undefined, `${index} ${step.op} succeeded`);
  });
  const exit = await shim.exited();
  t.match(exit, { code: 7, signal: 0 });
  t.equal(await shim.ending, 0);

  const lines = readLog(made.log);
  const out = lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text);
  const has = (line: string): void => {
    t.ok(out.includes(line), line);
  };
  for (const line of [
    "pid=1",
    "host=tested",
    "cwd=/srv/made",
    "umask=0022",
    "fds=0 1 2 3", // 3 is the directory that ls reads
    "Uid:\t1234\t1234\t1234\t1234",
    "Gid:\t2345\t2345\t2345\t2345",
    "CapInh:\t0000000000000000",
    "CapAmb:\t0000000000000000",
    "CapEff:\t0000000000000000", // not root, and none of them ambient
    "CapPrm:\t0000000000000000",
    "CapBnd:\t0000000000000400",
    "NoNewPrivs:\t1",
    "SigBlk:\t0000000000000000",
    "SigIgn:\t0000000000000000",
    "lo=1",
    "dev=null ptmx pts stdout tty zero",
    "null=1:3:666",
    "cgroup=0::/",
    "hidden=000",
    "mask-read-only",
    "sys-read-only",
    "256",
  ]) {
    has(line);
  }
  t.ok(
    out.some((line) => /^Groups:\t3456 4567 ?$/.test(line)),
    "groups",
  );
  t.same(
    out
      .filter((line) => line.startsWith("mount="))
      .map((line) => line.slice(6))
      .toSorted(),
    ["/", "/dev", "/dev/pts", "/proc", "/proc/cmdline", "/proc/fs", "/proc/irq", "/proc/sys", "/sys"],
  );
  t.same(
    lines.filter(({ stream }) => stream === "stderr").map(({ text, tag }) => [tag, text]),
    [["F", "err"]],
  );
  t.equal(readFileSync(join(made.upper, "tmp/written"), "utf8"), "hello\n");

  const record = readRecord(made.record);
  t.match(record, { version: 1, pid, exitCode: 7, signal: 0 });
  t.equal(BigInt(record["finishedAt"] as string), exit.at);
  t.ok(BigInt(record["startedAt"] as string) < exit.at);
  t.equal(statSync(made.log).mode & 0o777, 0o640);
  t.equal(statSync(made.record).mode & 0o777, 0o600);
  t.notOk(existsSync(`${made.record}.tmp`));
  t.notOk(isAlive(pid));
});

t.test("exit by a signal", async (t) => {
  const made = container(ground, { argv: ["sleep", "1000"] });
  const shim = await ground.shim();
  const { pid } = await shim.run(made.plan);
  shim.signal(0, 9);
  t.equal(await shim.done(), 0);
  t.match(await shim.exited(), { code: 137, signal: 9 });
  t.match(readRecord(made.record), { pid, exitCode: 137, signal: 9 });
  await shim.ending;
});

t.test("the rest of the cgroup ends with init, without a pid namespace too", async (t) => {
  const made = container(ground, {
    argv: ["sh", "-c", "(trap '' HUP TERM; sleep 1000) & (sleep 1001 &) ; echo started"],
    newFlags: 0x20000, // NEWNS
  });
  const shim = await ground.shim();
  await shim.run(made.plan);
  t.match(await shim.exited(), { code: 0 }, "their ends are not waited for");
  await shim.ending;
  await eventually("the cgroup is empty", () => readFileSync(join(made.cgroup!, "cgroup.procs"), "utf8") === "");
  t.same(
    readLog(made.log).map(({ text }) => text),
    ["started"],
  );
});

t.test("without a cgroup, what is left behind does not hold up the exit", async (t) => {
  const made = container(ground, {
    argv: ["sh", "-c", "sleep 60 & echo $!"],
    newFlags: 0x20000,
    cgroup: false,
  });
  const shim = await ground.shim();
  await shim.run(made.plan);
  const began = performance.now();
  t.match(await shim.exited(), { code: 0 });
  const took = performance.now() - began;
  t.ok(took > 150, `${Math.round(took)} ms`);
  t.equal(await shim.ending, 0);
  const left = Number(readLog(made.log)[0]?.text);
  t.ok(isAlive(left), "it runs on");
  process.kill(left, "SIGKILL");
});

t.test("orphans of a shared pid namespace are reaped", async (t) => {
  const made = container(ground, {
    argv: ["sh", "-c", "(sh -c 'sleep 0.05' &); sleep 1000"],
    newFlags: 0x20000,
  });
  const shim = await ground.shim();
  const { pid } = await shim.run(made.plan);
  const children = (): string => readFileSync(`/proc/${shim.pid}/task/${shim.pid}/children`, "utf8").trim();
  await eventually("the orphan is gone", () => children() === String(pid));
  shim.signal(0, 15);
  t.equal(await shim.done(), 0);
  t.match(await shim.exited(), { signal: 15 });
});

t.test("a descriptor of the host is no way out for the working directory", async (t) => {
  for (let fd = 3; fd < 24; fd++) {
    const made = container(ground, { argv: ["true"], cwd: `/proc/self/fd/${fd}` });
    const shim = await ground.shim();
    shim.plan(made.plan);
    await shim.ready();
    shim.send(FrameType.COMMIT);
    const frame = await shim.next();
    // Only directories that lie within the container's own root can be reached.
    if (frame.type === FrameType.STARTED) await shim.exited();
    else t.equal(frame.type, FrameType.FAILED, `fd ${fd}`);
    await shim.end();
  }
});
