import t from "tap";

import { argumentsText } from "../../../../agent/runtime/explain/arguments.ts";
import { explainRows, formatExplain } from "../../../../agent/runtime/explain/explain.ts";
import type { Plan, Step } from "../../../../agent/runtime/plan/operations.ts";

const PLAN: Plan = {
  steps: [
    {
      op: "open",
      actor: "host",
      args: { out: 3, at: -1, path: "/x", flags: 0o10000000, mode: 0, resolve: 0 },
      cause: "root.path",
    },
    {
      op: "write",
      actor: "child",
      args: { at: -1, path: "/proc/self/oom_score_adj", data: Buffer.from("-5"), flags: 0 },
      cause: "process.oomScoreAdj",
      tolerate: "denied",
    },
    { op: "exec", actor: "inside", args: { argv: ["/bin/sh", "-c", "x\ny"], env: ["A=1"] }, cause: "process.args" },
  ],
};

t.test("rows", async (t) => {
  const rows = explainRows(PLAN, [
    { errno: 0, startedNs: 5n, durationNs: 1500n },
    { errno: 13, startedNs: 9n, durationNs: 400n },
    { errno: 0, startedNs: 0n, durationNs: 0n },
  ]);
  t.match(rows, [
    {
      index: 0,
      actor: "host",
      op: "open",
      arguments: 'out=r3 path="/x" flags=O_PATH',
      errno: "",
      microseconds: 1.5,
      cause: "root.path",
    },
    { errno: "EACCES", microseconds: 0.4, arguments: 'path="/proc/self/oom_score_adj" data="-5"' },
    { errno: undefined, microseconds: undefined },
  ]);
  t.same(
    explainRows(PLAN, []).map(({ errno }) => errno),
    [undefined, undefined, undefined],
  );
});

t.test("aligned text", async (t) => {
  const text = formatExplain(explainRows(PLAN, [{ errno: 0, startedNs: 5n, durationNs: 1500n }]));
  const lines = text.trimEnd().split("\n");
  t.equal(lines.length, 4);
  const column = lines[0]!.indexOf("CAUSE");
  t.ok(lines[1]!.slice(column).startsWith("root.path"));
  t.ok(lines[2]!.slice(column).startsWith("process.oomScoreAdj"));
  t.notOk(text.includes("x\ny"), "a line each, whatever the arguments hold");
  t.equal(formatExplain([]).split("\n").length, 2);
});

t.test("arguments for people", async (t) => {
  const text = (step: Omit<Step, "actor" | "cause">): string =>
    argumentsText({ ...step, actor: "child", cause: "x" } as Step);
  t.equal(
    text({ op: "fork", args: { out: 1, who: 2, flags: 0x20020000, cgroup: -1 } }),
    "out=r1 who=child flags=CLONE_NEWNS|CLONE_NEWPID",
  );
  t.equal(
    text({ op: "new_mount", args: { out: 1, fstype: "tmpfs", options: ["mode=755"], attributes: 2 } }),
    'out=r1 fstype="tmpfs" options=["mode=755"] attributes=NOSUID',
  );
  t.equal(text({ op: "bounding", args: { keep: 2 ** 40 + 1 } }), "keep=CHOWN,CHECKPOINT_RESTORE");
  t.equal(text({ op: "bounding", args: { keep: 0 } }), "keep=none");
  t.equal(text({ op: "bounding", args: { keep: 2 ** 41 - 1 } }), "keep=ALL");
  t.equal(text({ op: "seccomp", args: { filter: new Uint8Array([0, 255]), flags: 0 } }), "filter=<2 bytes> flags=0");
  t.equal(
    text({ op: "rlimit", args: { resource: 7, soft: 1, hard: -1 } }),
    "resource=RLIMIT_NOFILE soft=1 hard=unlimited",
  );
  t.equal(
    text({ op: "mknod", args: { at: 1, path: "null", mode: 0o20666, major: 1, minor: 3, uid: 0, gid: 0 } }),
    'at=r1 path="null" mode=020666 major=1 minor=3',
  );
  t.equal(
    text({ op: "mount_setattr", args: { reg: 1, set: 1, clear: 0, propagation: 0, userns: -1, recursive: 1 } }),
    "reg=r1 set=RDONLY recursive=yes",
  );
  t.equal(text({ op: "parent_death_signal", args: { signal: 9 } }), "signal=SIGKILL");
  t.ok(text({ op: "symlink", args: { at: 1, path: "x", target: "y".repeat(1000) } }).length < 250);
  const kept = {
    op: "write",
    args: { at: -1, path: "/x", data: "text", flags: 0 },
    actor: "child",
    cause: "x",
  } as unknown as Step;
  t.equal(argumentsText(kept), 'path="/x" data="text"', "bytes that became text in a kept plan");
});
