// time limit: 240 s
// What a trace of the system calls says of how a container is built: the shim and the workload are all that is executed, and the
// steps and errnos of `explain` are those of the trace.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";

import t, { type Test } from "tap";

import { NamespaceMode } from "../../../agent/cri/runtime.ts";
import { errnoName } from "../../../agent/runtime/errno.ts";
import { decodeExplanation, type Explanation } from "../../../agent/runtime/explanation.ts";
import { explainRows, type ExplainRow } from "../../../agent/runtime/explain/explain.ts";
import { compileReleasePlan } from "../../../agent/runtime/plan/release-plan.ts";
import { OPERATIONS, type Actor, type OperationName } from "../../../agent/runtime/plan/operations.ts";
import { settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { matchSteps, type ExpectedStep } from "../../fixtures/step-matcher.ts";
import { parseStrace, type TracedCall } from "../../fixtures/strace.ts";
import type { Created, Scenario, Traced } from "../../fixtures/trace-container.ts";

/** Calls that belong to no step. */
const INCIDENTAL: Readonly<Record<string, string>> = {
  mmap: "memory for a report to the daemon",
  munmap: "the same, given back",
  clock_gettime: "the time of a step, where the kernel does not lend its clock to programs",
  restart_syscall: "a wait that the tracer interrupted, taken up again",
};

/** Calls that gave up and are made again at once: a lookup that a rename or mount elsewhere disturbed, an interrupted wait. */
const REPEATED = new Set(["EAGAIN", "EINTR", "ERESTARTSYS", "ERESTARTNOHAND"]);

/** Steps that find an error in what their calls gave, not in a call that failed. */
const JUDGED: { readonly [N in OperationName]?: readonly string[] } = {
  check_node: ["EINVAL"],
  check_fs: ["EINVAL"],
  refuse_fs: ["ELOOP"],
  // The other actor has failed and gone.
  wait: ["ECANCELED"],
  started: ["ECANCELED"],
  commit: ["ECANCELED"],
};

/** Steps whose last call may fail: the capabilities end where the kernel says so. */
const ENDS_WITH: { readonly [N in OperationName]?: readonly string[] } = { bounding: ["EINVAL"] };

/** What an actor does before its first step. */
const PRELUDE: Readonly<Record<"host" | "other", ExpectedStep>> = {
  host: { label: "socket pairs between actors", syscalls: ["socketpair*"], errno: "" },
  other: { label: "ends of the others' socket pairs", syscalls: ["close*"], errno: "" },
};

const EXEC = new Set(["execve", "execveat"]);
const NEW_PROCESS = new Set(["clone", "clone3", "fork", "vfork"]);

const DEFAULT_PATHS = {
  maskedPaths: ["/proc/kcore", "/sys/firmware", "/proc/acpi", "/proc/no-such-file"],
  readonlyPaths: ["/proc/bus", "/proc/sys"],
};

interface TracedRun extends Traced {
  readonly calls: readonly TracedCall[];
  /** What the start changed on the host, and what the whole run did. */
  readonly changedByStart: readonly string[];
  readonly left: readonly string[];
}

/** Namespaces and processes have no names of ours; that they have gone is seen elsewhere. */
const PICTURE = { without: ["network namespaces", "processes"] } as const;

/** Of the runtime: another run of these tests may be under way on the same host. */
const NAME = `tr${process.pid % 1_000_000}`;
/** The parent of all pods' cgroups stays when the first container has made it. */
const PODS_CGROUP = `/nodelet-${NAME}/pods`;

/** Runs the scenario under strace, in a directory that is removed behind it. */
async function traceRun(scenario: Scenario): Promise<TracedRun> {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-trace-"));
  const trace = `${directory}.strace`;
  // What the run makes has one of these in its name.
  const names = [basename(directory), `nodelet-${NAME}`, `nl${NAME}`];
  const options: PictureOptions = { ...PICTURE, ignore: (_, line) => !names.some((name) => line.includes(name)) };
  try {
    const untouched = await takePicture(options);
    const program = join(import.meta.dirname, "../../fixtures/trace-container.ts");
    const args = ["-f", "-o", trace, "-e", "trace=all", "-e", "signal=none"];
    const child = spawn("strace", [...args, process.execPath, program, NAME, directory, JSON.stringify(scenario)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async <T>(): Promise<T> => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`the traced program ended early, with ${await ended}`);
      return JSON.parse(line.value) as T;
    };
    const { pid, podSandboxId } = await next<Created>();
    names.push(podSandboxId.slice(0, 24));
    const created = await takePicture(options);
    const children = childrenOf(pid);
    child.stdin.write("\n");
    const traced = await next<Traced>();
    const changedByStart = (await settledDifference(created, options, 2_000)).filter(
      (line) => !line.endsWith(PODS_CGROUP),
    );
    changedByStart.push(...(await newChildren(pid, children)).map((other) => `process ${other}`));
    child.stdin.write("\n");
    // strace ends after the last process that it followed: then no process is left.
    const status = await ended;
    if (status !== 0) throw new Error(`the traced program ended with ${status}`);
    return {
      ...traced,
      calls: parseStrace(readFileSync(trace, "utf8")),
      changedByStart,
      left: await settledDifference(untouched, options),
    };
  } finally {
    for (const path of [trace, directory, join("/dev/shm", basename(directory))])
      rmSync(path, { recursive: true, force: true });
  }
}

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
}

/** Children that stay: the last shim is reaped some time after it ended. */
async function newChildren(pid: number, known: readonly string[]): Promise<string[]> {
  for (let tries = 0; ; tries += 1) {
    const found = childrenOf(pid).filter((child) => !known.includes(child));
    if (found.length === 0 || tries === 100) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Calls of the shim's own from its exec on, in the order in which the shims were started: the sandbox's, the container's, that of the end. */
function shims(calls: readonly TracedCall[]): { readonly pid: number; readonly at: number }[] {
  return calls.flatMap((call, at) =>
    call.name === "execveat" && call.errno === undefined && call.args.includes('["nodelet-shim"]')
      ? [{ pid: call.pid, at }]
      : [],
  );
}

/** Calls of one process from a place on, without those of no step, and without what a program does that it became. */
function callsOf(calls: readonly TracedCall[], pid: number, from: number): TracedCall[] {
  const own = calls.filter((call, index) => call.pid === pid && index > from);
  const becomes = own.findIndex((call) => EXEC.has(call.name) && call.errno === undefined);
  return (becomes < 0 ? own : own.slice(0, becomes + 1)).filter(
    ({ name, errno }) => !(name in INCIDENTAL) && !(errno !== undefined && REPEATED.has(errno)),
  );
}

/** A shim reads its plan before the first step: what follows the last read and starts with the socket pairs is the plan's. */
function callsOfPlan(calls: readonly TracedCall[]): TracedCall[] {
  const first = calls.findIndex(({ name }) => name === "socketpair");
  const read = calls.findIndex(({ name }, index) => name === "recvfrom" && calls[index + 1]?.name !== "recvfrom");
  return calls.slice(first >= 0 ? first : read + 1);
}

const processOf = (actor: Actor): "host" | "joined" | "child" => (actor === "inside" ? "child" : actor);
const ACTOR_NUMBERS = ["host", "joined", "child"] as const;

interface Checked {
  /** Calls that the trace has for each step that ran, by the step's index. */
  readonly calls: ReadonlyMap<number, readonly TracedCall[]>;
  readonly pids: ReadonlyMap<string, number>;
}

/** Compares a plan that ran with the calls of its actors. */
function check(
  t: Test,
  name: string,
  explanation: Explanation,
  calls: readonly TracedCall[],
  shim: { pid: number; at: number },
): Checked {
  const { steps } = explanation.plan;
  const found = new Map<number, readonly TracedCall[]>();
  const pids = new Map<string, number>([["host", shim.pid]]);
  const check = (actor: "host" | "joined" | "child", from: number): void => {
    const indexes = steps.flatMap((step, index) =>
      processOf(step.actor) === actor && (explanation.results[index]?.startedNs ?? 0n) !== 0n ? [index] : [],
    );
    const expected = indexes.map((index): ExpectedStep => {
      const { op, cause } = steps[index] ?? { op: "close", cause: "" };
      const number = explanation.results[index]?.errno ?? 0;
      const errno = number === 0 ? "" : errnoName(number);
      return {
        label: `${index} ${op} (${cause})`,
        syscalls: OPERATIONS[op].syscalls,
        errno,
        endsWith: ENDS_WITH[op],
        judged: JUDGED[op]?.includes(errno),
      };
    });
    const all = callsOf(calls, pids.get(actor) ?? 0, from);
    const own = actor === "host" ? callsOfPlan(all) : all;
    // Behind its steps the shim holds the container; an actor ends, or became the workload with its last call.
    const rest = actor === "host" || !EXEC.has(own.at(-1)?.name ?? "");
    const match = matchSteps([actor === "host" ? PRELUDE.host : PRELUDE.other, ...expected], own, { tail: rest });
    if (!match.ok) {
      const { step, expected, found, at } = match.mismatch;
      const around = own
        .slice(Math.max(0, at - 4), at + 3)
        .map((call) => `${call.name}(${call.args}) ${call.errno ?? call.result}`);
      t.comment(`calls around it:\n${around.join("\n")}`);
      t.fail(`${name}: ${actor} in step ${step}: ${expected.join(" or ")} could have come, but ${found} did`);
      return;
    }
    t.pass(`${name}: the ${own.length} calls of ${actor} are those of its ${indexes.length} steps`);
    for (const [position, index] of indexes.entries()) {
      const [begin, end] = match.ranges[position + 1] ?? [0, 0];
      found.set(index, own.slice(begin, end));
    }
    for (const index of indexes) {
      const step = steps[index];
      const forked = found.get(index)?.find(({ name, errno }) => name === "clone3" && errno === undefined);
      if (step?.op !== "fork" || forked === undefined) continue;
      const who = ACTOR_NUMBERS[step.args.who] ?? "child";
      pids.set(who, forked.result);
      check(who, calls.indexOf(forked));
    }
  };
  check("host", shim.at);
  return { calls: found, pids };
}

/** What an execve or execveat executes: its path, or the name that a file without a path is given. */
function executed(call: TracedCall): string {
  return /^(?:\d+, "", \[)?"([^"]*)"/.exec(call.args)?.[1] ?? call.args;
}

/** Everything that was executed or started as a process since the sandbox's shim: one shim each, its actors, the workload. */
function checkExecuted(t: Test, run: TracedRun, workload: readonly string[], parts: readonly Checked[]): void {
  const since = run.calls.slice(shims(run.calls)[0]?.at ?? 0);
  t.strictSame(
    since.filter(({ name, errno }) => EXEC.has(name) && errno === undefined).map(executed),
    ["nodelet-shim", "nodelet-shim", ...workload, "nodelet-shim"],
    "the shim and the workload are executed, and nothing else",
  );
  t.ok(
    since.every(
      ({ name, errno, pid }) =>
        !EXEC.has(name) || errno === undefined || parts.some(({ pids }) => pids.get("child") === pid),
    ),
    "only a container's own process looks for a program to execute",
  );
  const actors = parts.flatMap(({ pids }) => [...pids.values()]);
  t.strictSame(
    since.filter(startsProcess).filter(({ result }) => !actors.includes(result)),
    [],
    "no process is started but the shims and their actors",
  );
}

function startsProcess({ name, args, errno, result }: TracedCall): boolean {
  return NEW_PROCESS.has(name) && errno === undefined && result > 0 && !args.includes("CLONE_THREAD");
}

/** The end of a sandbox keeps no explanation. That all is unmounted is seen by what is left. */
function releaseOf(calls: readonly TracedCall[], shim: { pid: number }): Explanation {
  const unmounted = calls.filter(({ pid, name }) => pid === shim.pid && name === "umount2");
  const plan = compileReleasePlan(unmounted.map(({ args }) => ({ path: args, cause: "the sandbox" })));
  return { plan, results: plan.steps.map(() => ({ errno: 0, startedNs: 1n, durationNs: 0n })) };
}

function checkAll(
  t: Test,
  run: TracedRun,
  workload: readonly string[],
): { readonly rows: ExplainRow[]; readonly checked: Checked } {
  const found = shims(run.calls);
  t.equal(found.length, 3, "one shim for the sandbox, one for the container, one that unmounts what the sandbox had");
  const [ofSandbox, ofContainer] = [decodeExplanation(run.sandboxExplain), decodeExplanation(run.explain)];
  const none = { pid: 0, at: 0 };
  const sandbox = check(t, "sandbox", ofSandbox, run.calls, found[0] ?? none);
  const checked = check(t, "container", ofContainer, run.calls, found[1] ?? none);
  const release = check(t, "release", releaseOf(run.calls, found[2] ?? none), run.calls, found[2] ?? none);
  checkExecuted(t, run, workload, [sandbox, checked, release]);
  t.strictSame(run.left, [], "nothing is left");
  return { rows: explainRows(ofContainer.plan, ofContainer.results), checked };
}

t.test("a container with masked paths, no_new_privs and seccomp", async (t) => {
  const run = await traceRun({
    command: ["true"],
    container: {
      linux: {
        securityContext: {
          namespaceOptions: { pid: NamespaceMode.CONTAINER },
          ...DEFAULT_PATHS,
          noNewPrivs: true,
          seccomp: { profileType: 0 },
        },
      },
    },
  });
  t.equal(run.failure, "", "it starts");
  t.equal(run.ended.exitCode, 0);
  const { rows, checked } = checkAll(t, run, ["/bin/true"]);
  t.strictSame(
    rows.filter(({ errno }) => errno === undefined),
    [],
    "every step ran",
  );
  t.ok(
    rows.some(({ op, errno, arguments: args }) => op === "mask" && errno === "ENOENT" && args.includes("no-such-file")),
    "a masked path that is missing is tolerated and said",
  );
  for (const { index, errno } of rows.filter(({ errno }) => errno !== "")) {
    t.equal(
      checked.calls.get(index)?.find((call) => call.errno !== undefined)?.errno,
      errno,
      `step ${index} has the errno of its call`,
    );
  }
  for (const op of ["mask", "readonly", "no_new_privs", "seccomp", "pivot_root", "exec"]) {
    t.ok(
      rows.some((row) => row.op === op && row.errno === ""),
      `${op} is among the steps`,
    );
  }
});

t.test("a container with a terminal, in a pod with a process namespace of its own", async (t) => {
  const run = await traceRun({
    command: ["true"],
    sandbox: { linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } } },
    container: {
      tty: true,
      workingDir: "/srv/not/yet",
      linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } },
    },
    user: 1000,
  });
  t.equal(run.failure, "", "it starts");
  const { rows } = checkAll(t, run, ["/bin/true"]);
  t.ok(
    rows.some(({ op }) => op === "console"),
    "there is a console",
  );
});

t.test("a container in a user namespace", async (t) => {
  const ids = [{ containerId: 0, hostId: 1_000_000, length: 65536 }];
  const namespaceOptions = {
    pid: NamespaceMode.CONTAINER,
    usernsOptions: { mode: NamespaceMode.POD, uids: ids, gids: ids },
  };
  const linux = { securityContext: { namespaceOptions } };
  const run = await traceRun({ command: ["true"], sandbox: { linux }, container: { linux } });
  t.equal(run.failure, "", "it starts");
  const { rows } = checkAll(t, run, ["/bin/true"]);
  t.ok(
    rows.some(({ op, actor }) => op === "fork" && actor === "joined"),
    "an actor joins the pod's namespaces and starts the child",
  );
});

interface Failing {
  readonly what: string;
  readonly scenario: Scenario;
  readonly op: OperationName;
  readonly actor: Actor;
  readonly errno: string;
  /** In the error of the call. @default errno */
  readonly says?: string;
  readonly cause: string | RegExp;
  /** The call that gives the errno. */
  readonly call: string;
}

const scratch = mkdtempSync(join(tmpdir(), "nodelet-trace-source-"));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
const source = join(scratch, "source");
const vanishing = join(scratch, "vanishing");
for (const path of [source, vanishing]) writeFileSync(path, "");

const FAILING: readonly Failing[] = [
  {
    what: "a program that does not exist",
    scenario: { command: ["no-such-program"] },
    op: "exec",
    actor: "inside",
    errno: "ENOENT",
    says: "executable file not found in $PATH",
    cause: "process.args",
    call: "execve",
  },
  {
    what: "a mount whose destination is below a file",
    scenario: { command: ["true"], container: { mounts: [{ hostPath: source, containerPath: "/bin/busybox/file" }] } },
    op: "ensure_like",
    actor: "child",
    errno: "ENOTDIR",
    cause: /^mounts\[\d+\]\.destination$/,
    call: "openat2",
  },
  {
    what: "a mount source that disappears between create and start",
    scenario: {
      command: ["true"],
      container: { mounts: [{ hostPath: vanishing, containerPath: "/srv/file" }] },
      vanishes: vanishing,
    },
    op: "open_tree",
    actor: "host",
    errno: "ENOENT",
    cause: /^mounts\[\d+\]\.source$/,
    call: "open_tree",
  },
];

for (const { what, scenario, op, actor, errno, says = errno, cause, call } of FAILING) {
  t.test(`a step made to fail: ${what}`, async (t) => {
    const run = await traceRun(scenario);
    t.match(run.failure, says, "StartContainer fails and says why");
    t.match(run.failure, cause instanceof RegExp ? new RegExp(cause.source.slice(1, -1)) : cause, "and the field");
    t.equal(run.ended.reason, "StartError");
    const { rows, checked } = checkAll(t, run, []);
    const failed = rows.filter((row) => row.errno !== undefined && row.errno !== "" && row.errno !== "ECANCELED");
    t.match(failed, [{ op, actor, errno, cause }], "explain shows the step, its errno and its field");
    t.equal(failed.length, 1, "and no other");
    const index = failed[0]?.index ?? 0;
    const failedCall = checked.calls.get(index)?.findLast((made) => made.errno !== undefined);
    t.match(failedCall, { name: call, errno }, "the trace has the errno in the same step");
    const ran = rows.filter((row) => row.errno !== undefined);
    for (const process of ["host", "joined", "child"]) {
      const own = ran.filter((row) => processOf(row.actor) === process);
      const stopped = own.findIndex((row) => row.errno !== "");
      t.ok(stopped < 0 || stopped === own.length - 1, `${process} ran no step behind the one that stopped it`);
    }
    const waiting = rows.filter((row) => row.errno === "ECANCELED");
    t.ok(
      waiting.every((row) => ["wait", "started", "commit"].includes(row.op)),
      "who waited for it was told",
    );
    t.strictSame(run.changedByStart, [], "the start left nothing, though the pod is still there");
  });
}
