import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import t, { type Test } from "tap";

import { NodeletError } from "../../../agent/base/errors.ts";
import { main } from "../../../agent/commands/main.ts";
import { ContainerState } from "../../../agent/cri/runtime.ts";
import { EchoSession, logFile, podView, serve, type Served } from "../server/fakes.ts";

async function nodelet(
  argv: readonly string[],
  options: { runDir?: string; stdin?: string; env?: Record<string, string>; tty?: boolean } = {},
): Promise<{ code: number; out: string; err: string }> {
  const collect = (stream: PassThrough): (() => string) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  };
  const stdin = new PassThrough();
  stdin.end(options.stdin ?? "");
  const stdout = Object.assign(new PassThrough(), { isTTY: options.tty ?? false, columns: 200, rows: 50 });
  const stderr = new PassThrough();
  const [out, err] = [collect(stdout), collect(stderr)];
  const code = await main(argv, {
    stdin,
    stdout,
    stderr,
    env: { PATH: "/usr/bin", NODELET_RUN_DIR: options.runDir ?? "/nonexistent", ...options.env },
  });
  return { code, out: out(), err: err() };
}

t.test("without a daemon", async (t) => {
  for (const argv of [
    ["pods"],
    ["ps"],
    ["images"],
    ["logs", "web"],
    ["exec", "web", "ls"],
    ["rm", "web"],
    ["rmi", "x"],
    ["events"],
    ["stop"],
    ["explain", "x"],
    ["inspect", "x"],
    ["load", "x"],
    ["pods", "-w"],
  ]) {
    const { code, out, err } = await nodelet(argv);
    t.equal(code, 3, argv.join(" "));
    t.equal(out, "");
    t.match(
      err,
      /^nodelet \w+: the daemon is not running: nothing answers at \/nonexistent\/nodelet\.sock\. Start it with `nodelet agent/,
    );
    t.equal(err.trim().split("\n").length, 1);
  }
  t.match(await nodelet(["version"]), { code: 0, out: /^nodelet \d.*\ndaemon not running\n$/s });
  t.match(await nodelet(["pods", "--run-dir", "/elsewhere"]), { code: 3, err: /\/elsewhere\/nodelet\.sock/ });
});

t.test("usage", async (t) => {
  t.match(await nodelet([]), { code: 2, out: "", err: /Usage: nodelet COMMAND/ });
  t.match(await nodelet(["help"]), { code: 0, err: "", out: /Usage: nodelet COMMAND/ });
  t.match(await nodelet(["--help"]), { code: 0, out: /Usage: nodelet COMMAND/ });
  t.match(await nodelet(["--version"]), { code: 0, out: /^nodelet / });
  t.match(await nodelet(["help", "logs"]), { code: 0, out: /Usage: nodelet logs/ });
  t.match(await nodelet(["logs", "--help"]), { code: 0, out: /Usage: nodelet logs/ });
  t.match(await nodelet(["help", "agent"]), { code: 0, out: /Usage: nodelet agent/ });
  t.match(await nodelet(["agent", "--help"]), { code: 0, out: /Usage: nodelet agent/ });
  t.match(await nodelet(["pod"]), { code: 2, err: /there is no command "pod", did you mean `nodelet pods`\?/ });
  t.match(await nodelet(["constructor"]), { code: 2, err: /there is no command/ });
  t.match(await nodelet(["pods", "--wath"]), { code: 2, err: /did you mean --watch\?\nSee `nodelet pods --help`/ });
  t.match(await nodelet(["pods", "-o", "xml"]), { code: 2, err: /-o json or -o yaml/ });
  t.match(await nodelet(["rm"]), { code: 2 });
  t.match(await nodelet(["run"]), { code: 2 });
  t.match(await nodelet(["agent", "--no-such-flag"]), { code: 2, err: /--no-such-flag/ });
});

/** A server whose run directory is `served.directory`. */
async function withServer(
  test: Test,
  body: (served: Served, run: (...argv: string[]) => ReturnType<typeof nodelet>) => Promise<void>,
): Promise<void> {
  await using served = await serve();
  await body(served, (...argv) => nodelet(argv, { runDir: served.directory }));
  test.equal(served.pods.listeners.size, 0, "nobody listens any more");
}

t.test("pods", (t) =>
  withServer(t, async ({ pods }, run) => {
    t.match(await run("pods"), { code: 0, out: "", err: /there are no pods/ });
    pods.views = [
      podView("web", {
        status: {
          podIP: "10.0.0.7",
          containerStatuses: [{ name: "app", ready: true, restartCount: 0, state: { running: {} } }],
        },
      }),
      podView("db", { namespace: "other", problem: "x.yaml: \u001b[31mwrong" }),
    ];
    const { code, out } = await run("pods");
    t.equal(code, 0);
    t.match(
      out,
      /^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE +IP +FROM\ndefault +web +1\/1 +Running +0 +\S+ +10\.0\.0\.7 +file\nother +db/,
    );
    t.notMatch((await run("pods", "-n", "default")).out, "db");
    t.match(await run("pods", "other/db"), { out: /db/, err: /other\/db runs on as it was, .*: x\.yaml: �\[31mwrong/ });
    t.match(await run("pods", "none"), { code: 1, err: /there is no pod none/ });
    const json = JSON.parse((await run("pods", "-o", "json")).out) as { items: { metadata: { name: string } }[] };
    t.same(
      json.items.map(({ metadata }) => metadata.name),
      ["web", "db"],
    );
    t.match((await run("pods", "web", "-o", "yaml")).out, /^apiVersion: v1\nkind: Pod\nmetadata:\n {2}name: web\n/);
  }),
);

t.test("pods --watch prints a row for each change, and says when the daemon has gone", async (t) => {
  const served = await serve();
  served.pods.views = [podView("web", { status: { phase: "Pending" } })];
  const running = nodelet(["pods", "-w"], { runDir: served.directory });
  while (served.pods.listeners.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  served.pods.tell({ pod: podView("web", { status: { phase: "Running" } }) });
  served.pods.tell({ removed: podView("web") });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await served[Symbol.asyncDispose]();
  const { code, out } = await running;
  t.equal(code, 3);
  t.match(out, /^NAMESPACE.*\ndefault +web .*Pending.*\n(default +web .*Running.*\n)?default +web .*Removed/);
});

t.test("pods --watch draws over what it drew on a terminal", async (t) => {
  const served = await serve();
  served.pods.views = [podView("web")];
  const running = nodelet(["pods", "-w"], { runDir: served.directory, tty: true, env: { TERM: "xterm" } });
  while (served.pods.listeners.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
  served.pods.tell({
    pod: podView("db"),
    event: {
      sequence: 1,
      time: 1,
      type: "Normal",
      reason: "Started",
      message: "x",
      pod: "default/db",
      container: "app",
      count: 1,
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  await served[Symbol.asyncDispose]();
  const { out } = await running;
  t.match(
    out,
    /^NAMESPACE[^\u001b]*web[^\u001b]*\n\u001b\[2A\r\u001b\[JNAMESPACE[^\u001b]*db[^\u001b]*web[^\u001b]*Started {2}default\/db\/app: x\n/,
  );
});

t.test("ps", (t) =>
  withServer(t, async ({ cri }, run) => {
    t.match(await run("ps"), { code: 0, err: /no container is running/ });
    cri.containers = [
      {
        id: "a".repeat(64),
        state: ContainerState.CONTAINER_RUNNING,
        metadata: { name: "app" },
        podSandboxId: "s",
        createdAt: 5n,
        image: { userSpecifiedImage: "x:1" },
      },
      {
        id: "b".repeat(64),
        state: ContainerState.CONTAINER_EXITED,
        metadata: { name: "old", attempt: 2 },
        podSandboxId: "s",
        createdAt: 6n,
      },
    ];
    cri.states.set("a".repeat(64), ContainerState.CONTAINER_RUNNING);
    cri.states.set("b".repeat(64), ContainerState.CONTAINER_EXITED);
    cri.sandboxes = [{ id: "s", metadata: { namespace: "default", name: "web" } }];
    const { out } = await run("ps");
    t.match(out, /^CONTAINER .*\naaaaaaaaaaaaa +x:1 +Running +\S+ +app +0 +default\/web\n$/);
    t.match((await run("ps", "-a")).out, /bbbbbbbbbbbbb .*Exited \(0\).*\naaaaaaaaaaaaa/s, "newest first");
    t.equal((await run("ps", "-q")).out, `${"a".repeat(64)}\n`);
    t.match((await run("ps", "-s")).out, /^SANDBOX .*\ns +Ready /);
    t.equal((JSON.parse((await run("ps", "-a", "-o", "json")).out) as { items: unknown[] }).items.length, 2);
  }),
);

t.test("images, load, tag, rmi", (t) =>
  withServer(t, async ({ images }, run) => {
    t.match(
      (await run("images")).out,
      /^IMAGE +ID +PLATFORM +AGE +SIZE\nlocalhost\/test:1 +ababababababa +linux\/amd64 +\S+ +4\.32 MB\n$/,
    );
    t.match(await run("load", "x.tar"), { code: 0, out: "localhost/test:1 (ababababababa, 4.32 MB)\n" });
    t.same(
      images.calls.at(-1),
      ["load", join(process.cwd(), "x.tar"), undefined],
      "relative to where the command is called",
    );
    images.failure = new NodeletError("invalid", "is no archive", { where: "/x.tar", fix: "give another" });
    t.match(await run("load", "x.tar"), { code: 1, err: "nodelet load: /x.tar: is no archive (give another)\n" });
    t.match(await run("tag", "localhost/test:1", "b"), { code: 0 });
    t.match(await run("rmi", "localhost/test:1", "none"), {
      code: 1,
      out: "localhost/test:1 removed\n",
      err: /there is no image none/,
    });
  }),
);

t.test("run and rm", (t) =>
  withServer(t, async ({ pods }, run) => {
    const directory = mkdtempSync(join(tmpdir(), "nodelet-run-"));
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, "pods.yaml");
    const pod = (name: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n  - {name: app, image: x:1}\n`;
    writeFileSync(file, `${pod("one")}---\n${pod("two")}`);
    t.match(await run("run", file), { code: 0, out: /pod default\/one runs.*\npod default\/two runs/ });
    t.equal(pods.ran.length, 2);

    writeFileSync(file, `${pod("three")}---\n${pod("four").replace("image", "imag")}`);
    const { code, err } = await run("run", file);
    t.equal(code, 1);
    t.match(err, `nodelet run: ${file}:13:`);
    t.match(err, /spec\.containers\[0\]\.imag/);
    t.equal(pods.ran.length, 2, "nothing of a file with an error was run");
    t.match(await nodelet(["run", "-"], { runDir: "/nonexistent", stdin: pod("x") }), { code: 3 }, "standard input");
    t.match(await run("run", join(directory, "none.yaml")), { code: 1, err: /there is no such file/ });

    pods.views = [podView("one"), podView("two")];
    t.match(await run("rm", "one", "default/two"), { code: 0, out: /one is gone/ });
    t.same(pods.removed.toSorted(), ["default/one", "default/two"]);
    t.match(await run("rm", "none", "one"), { code: 1, out: /one is gone/, err: /there is no pod default\/none/ });
    writeFileSync(file, pod("two"));
    t.match(await run("rm", "-f", file), { code: 0, out: "pod default/two is gone\n" });
    t.match(await run("rm", "one", "--grace-period", "-1"), { code: 2 });
  }),
);

t.test("logs", (t) =>
  withServer(t, async ({ pods, cri, directory }, run) => {
    const path = logFile(directory);
    writeFileSync(path, "2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:01Z stderr F two\n");
    pods.views = [podView("web", { containers: ["app", "side"] })];
    pods.containers.set("default/web/app", { id: "c1", logPath: path });
    cri.states.set("c1", ContainerState.CONTAINER_EXITED);
    t.match(await run("logs", "web"), {
      code: 0,
      out: "one\ntwo\n",
      err: /container app is meant.* the others are side/,
    });
    t.match(await run("logs", "web", "app", "--tail", "1"), { code: 0, out: "two\n", err: "" });
    t.match(await run("logs", "-f", "web", "-c", "app", "--stream", "stdout"), { code: 0, out: "one\n" });
    t.match(await run("logs", "web", "nope"), { code: 1, err: /has no container "nope" \(name one of app, side\)/ });
    t.match(await run("logs", "none"), { code: 1, err: /there is no pod default\/none/ });
    t.match(await run("logs", "web", "app", "--since", "soon"), { code: 2 });
    t.match(await run("logs", "web", "app", "-c", "app"), { code: 2 });
  }),
);

t.test("exec ends with the code of what it ran", (t) =>
  withServer(t, async ({ pods, cri, directory }, run) => {
    pods.views = [podView("web")];
    pods.containers.set("default/web/app", { id: "c1", logPath: "" });
    const session = new EchoSession();
    cri.session = session;
    setTimeout(() => session.end(42), 50);
    t.match(await run("exec", "web", "--", "sh", "-c", "exit 42"), { code: 42 });
    t.match(cri.execs.at(-1), { cmd: ["sh", "-c", "exit 42"], stdin: false, tty: false });
    cri.session = new EchoSession();
    t.match(await nodelet(["exec", "-i", "web", "cat"], { runDir: directory, stdin: "hello" }), {
      code: 0,
      out: "hello",
    });
    cri.session = new EchoSession();
    t.match(await nodelet(["exec", "-it", "web", "cat"], { runDir: directory, stdin: "x" }), {
      code: 0,
      err: /not a terminal/,
    });
    cri.session = new NodeletError("not-found", 'cannot run "nope" in the container: ENOENT', {
      fix: "name a program that the image has",
    });
    t.match(await run("exec", "web", "nope"), { code: 127, err: /cannot run "nope".*name a program/ });
    cri.session = new NodeletError("denied", 'cannot run "/" in the container: EACCES');
    t.match(await run("exec", "web", "/"), { code: 126 });
    cri.session = new NodeletError("conflict", "container c1 is not running, it is exited");
    t.match(await run("exec", "web", "ls"), { code: 1, err: /is not running/ });
    t.match(await run("exec", "web"), { code: 2, err: /too few arguments/ });
  }),
);

t.test("explain", (t) =>
  withServer(t, async ({ pods, cri }, run) => {
    pods.views = [podView("web")];
    pods.containers.set("default/web/app", { id: "c1", logPath: "" });
    cri.states.set("c1", ContainerState.CONTAINER_RUNNING);
    const steps = [
      { op: "hostname", actor: "child", args: { name: "web\u001b[2J" }, cause: "hostname" },
      { op: "commit", actor: "host", args: {}, cause: "process.args" },
    ];
    const results = [
      { errno: 0, startedNs: { $int64: "1000" }, durationNs: { $int64: "2500000" } },
      { errno: 1, startedNs: { $int64: "3000000" }, durationNs: { $int64: "1000" } },
    ];
    cri.infos.set("c1", { explain: JSON.stringify({ plan: { steps }, results }) });
    const { code, out } = await run("explain", "web/app");
    t.equal(code, 0);
    t.match(out, /STEP +ACTOR +OPERATION +RESULT/);
    t.match(out, /0 +child +hostname +ok +2500\.0 +hostname +name=/);
    t.match(out, /1 +host +commit +EPERM +1\.0/);
    t.match(out, /container c1: 2 of 2 steps, 3\.00 ms/);
    t.notMatch(out, "\u001b");
    const json = JSON.parse((await run("explain", "web/app", "-o", "json")).out) as { steps: unknown[] };
    t.equal(json.steps.length, 2);
    t.match(await run("explain", "web/app", "--script"), { code: 1, err: /specification or the snapshot/ });
    t.match(await run("explain", "none"), { code: 1, err: /there is no pod or container "none"/ });
  }),
);

t.test("inspect, events", (t) =>
  withServer(t, async ({ pods }, run) => {
    pods.views = [podView("web")];
    t.match(JSON.parse((await run("inspect", "web")).out), {
      kind: "pod",
      source: "file",
      origin: "/etc/manifests/pod.yaml",
    });
    t.match(await run("inspect", "web", "--type", "thing"), { code: 2 });
    t.match(await run("events"), { code: 0, err: /there are no events/ });
    pods.log = [
      {
        sequence: 1,
        time: Date.now() - 5000,
        type: "Warning",
        reason: "BackOff",
        message: "again",
        pod: "default/web",
        container: "app",
        count: 3,
      },
    ];
    t.match((await run("events")).out, /5s +Warning +BackOff +default\/web\/app +again \(3 times\)/);
    t.match(await run("events", "-n", "other"), { err: /there are no events/ });
    t.match(await run("events", "-f", "-o", "yaml"), { code: 2 });
  }),
);

t.test("stop", (t) =>
  withServer(t, async (_served, run) => {
    t.match(await run("stop", "--grace-period", "3"), { code: 2, err: /goes with --all/ });
  }),
);
