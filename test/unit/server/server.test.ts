import { connect } from "node:net";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { NodeletError, type ErrorCode } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { ContainerState } from "../../../agent/cri/runtime.ts";
import { statusOf } from "../../../agent/server/http.ts";
import { Router } from "../../../agent/server/router.ts";
import { createLocalServer, type ServerDeps } from "../../../agent/server/server.ts";
import { FakeSystem } from "../../../agent/system/fake.ts";
import type { PodEvent } from "../../../agent/pods/manager.ts";
import { EchoSession, logFile, podView, serve } from "./fakes.ts";

t.test("router", async (t) => {
  const handle = (): void => undefined;
  const router = new Router([
    { method: "GET", path: "/pods", handle },
    { method: "GET", path: "/logs/{namespace}/{pod}", handle },
    { method: "POST", path: "/pods", handle },
  ]);
  t.same(router.find("GET", "/logs/default/a%2Fb").params, { namespace: "default", pod: "a/b" });
  t.equal(router.find("GET", "/pods/").route.path, "/pods");
  t.equal(router.find("HEAD", "/pods").route.path, "/pods", "HEAD is answered as GET is");
  t.throws(() => router.find("GET", "/logs/default"), { code: "not-found" });
  t.throws(() => router.find("GET", "/logs//x"), { code: "not-found" });
  t.throws(() => router.find("DELETE", "/pods"), { code: "invalid", fix: "use GET or POST" });
  t.throws(() => router.find("GET", "/logs/%zz/x"), { code: "invalid" });
});

t.test("HTTP status of each kind of error", async (t) => {
  const codes: readonly ErrorCode[] = [
    "invalid",
    "denied",
    "not-found",
    "exists",
    "conflict",
    "cancelled",
    "internal",
    "unsupported",
    "unavailable",
    "timeout",
    "exhausted",
  ];
  t.same(
    codes.map((code) => statusOf(new NodeletError(code, "x"))),
    [400, 403, 404, 409, 409, 499, 500, 501, 503, 504, 507],
  );
  t.equal(statusOf(new Error("x")), 500);
});

t.test("the socket", async (t) => {
  await using served = await serve();
  t.equal(statSync(served.client.socket).mode & 0o777, 0o600);
  t.equal(await served.client.text("GET", "/healthz"), "ok");
});

t.test("another user is refused before anything is read", async (t) => {
  const fake = new FakeSystem();
  fake.answer("peerCredentials", () => ({ pid: 1, uid: 12_345, gid: 12_345 }));
  await using served = await serve({ system: fake.system });
  await t.rejects(served.client.get("/pods"), { code: "denied", fix: "run the command as root" });
});

t.test("a stale socket is replaced, a live one is not", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-socket-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  await using first = await serve();
  const second = createLocalServer({ system: new FakeSystem().system, log: silentLogger } as unknown as ServerDeps);
  await t.rejects(second.listen(first.client.socket), { code: "conflict" });

  const file = join(directory, "file");
  writeFileSync(file, "");
  await t.rejects(createLocalServer({} as ServerDeps).listen(file), { code: "conflict", where: file });
  t.equal(statSync(file).size, 0, "a file that is no socket is left alone");

  await t.rejects(createLocalServer({} as ServerDeps).listen(join(directory, "x".repeat(200))), { code: "invalid" });
  chmodSync(directory, 0o700);
});

t.test("errors come as JSON with what to do", async (t) => {
  await using served = await serve();
  await t.rejects(served.client.get("/nothing"), { code: "not-found", message: /nothing at \/nothing/ });
  const status = await new Promise((resolve) => {
    request({ socketPath: served.client.socket, path: "/nothing" }, (response) => {
      resolve(response.statusCode);
      response.resume();
    }).end();
  });
  t.equal(status, 404);
});

t.test("pods", async (t) => {
  await using served = await serve();
  const { pods, client } = served;
  pods.views = [podView("web", { problem: "bad.yaml: wrong" }), podView("db")];
  t.match(await client.get("/pods"), { kind: "PodList", apiVersion: "v1", items: [{ metadata: { name: "web" } }, {}] });
  t.match(await client.get("/nodelet/v1/pods"), { pods: [{ source: "file", problem: "bad.yaml: wrong" }, {}] });

  t.match(await client.post("/nodelet/v1/pods", { body: { metadata: { name: "new" }, spec: {} } }), {
    source: "local",
  });
  t.equal(pods.ran.length, 1);
  await t.rejects(client.post("/nodelet/v1/pods", { body: {} }), { code: "invalid", where: "metadata", fix: "set it" });
  await t.rejects(client.post("/nodelet/v1/pods", { body: [1] }), { code: "invalid", message: /not a pod/ });
  await t.rejects(client.post("/nodelet/v1/pods", { body: "x".repeat(4_000_000) }), {
    code: "invalid",
    message: /longer than/,
  });
  await client.delete("/nodelet/v1/pods/default/web");
  t.same(pods.removed, ["default/web"]);
  await t.rejects(client.delete("/nodelet/v1/pods/default/none"), { code: "not-found" });
  await t.rejects(client.delete("/nodelet/v1/pods/default/web", { query: { graceSeconds: -1 } }), {
    code: "invalid",
    where: "graceSeconds",
  });
});

t.test("container logs", async (t) => {
  await using served = await serve();
  const { pods, cri, client, directory } = served;
  const path = logFile(directory);
  pods.views = [podView("web", { containers: ["app", "side"] })];
  pods.containers.set("default/web/app", { id: "c1", logPath: path });
  cri.states.set("c1", ContainerState.CONTAINER_RUNNING);
  writeFileSync(path, "2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:01Z stderr F two\n");

  t.equal(await client.text("GET", "/containerLogs/default/web/app"), "one\ntwo\n");
  t.equal(await client.text("GET", "/containerLogs/default/web/app", { query: { tailLines: 1 } }), "two\n");
  t.equal(await client.text("GET", "/containerLogs/default/web/app", { query: { stream: "Stdout" } }), "one\n");
  t.equal(
    await client.text("GET", "/containerLogs/default/web/app", {
      query: { sinceTime: "2026-01-01T00:00:01Z", timestamps: true },
    }),
    "2026-01-01T00:00:01Z two\n",
  );
  t.equal(await client.text("GET", "/containerLogs/default/web/app", { query: { sinceSeconds: 10 } }), "");

  for (const [query, where] of [
    [{ tailLines: "x" }, "tailLines"],
    [{ tailLines: -1 }, "tailLines"],
    [{ limitBytes: 0 }, "limitBytes"],
    [{ sinceTime: "yesterday" }, "sinceTime"],
    [{ follow: "maybe" }, "follow"],
    [{ stream: "stdin" }, "stream"],
    [{ sinceTime: "2026-01-01T00:00:01Z", sinceSeconds: 1 }, undefined],
  ] as const) {
    await t.rejects(client.text("GET", "/containerLogs/default/web/app", { query }), {
      code: "invalid",
      ...(where === undefined ? {} : { where }),
    });
  }
  await t.rejects(client.text("GET", "/containerLogs/default/none/app"), {
    code: "not-found",
    message: /no pod default\/none/,
  });
  await t.rejects(client.text("GET", "/containerLogs/default/web/nope"), {
    code: "not-found",
    fix: "name one of app, side",
  });
  await t.rejects(client.text("GET", "/containerLogs/default/web/side"), {
    code: "conflict",
    message: /has not started yet/,
  });
  await t.rejects(client.text("GET", "/containerLogs/default/web/app", { query: { previous: true } }), {
    code: "not-found",
    message: /no run before/,
  });

  rmSync(path);
  await t.rejects(client.text("GET", "/containerLogs/default/web/app"), { code: "not-found", where: path });
  cri.states.set("c1", ContainerState.CONTAINER_CREATED);
  t.equal(
    await client.text("GET", "/containerLogs/default/web/app"),
    "",
    "a container that has not run has written nothing",
  );
  t.equal(served.openFiles(), 0);
});

t.test("following a log ends when the container has ended", async (t) => {
  await using served = await serve();
  const { pods, cri, client, directory } = served;
  const path = logFile(directory);
  const view = podView("web");
  pods.views = [view];
  pods.containers.set("default/web/app", { id: "c1", logPath: path });
  cri.states.set("c1", ContainerState.CONTAINER_RUNNING);
  writeFileSync(path, "2026-01-01T00:00:00Z stdout F one\n");
  const text = client.text("GET", "/containerLogs/default/web/app", { query: { follow: true } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  writeFileSync(path, "2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:00Z stdout F two\n");
  cri.states.set("c1", ContainerState.CONTAINER_EXITED);
  pods.tell({ pod: view });
  t.equal(await text, "one\ntwo\n");
  t.equal(pods.listeners.size, 0);
  t.equal(served.openFiles(), 0);
});

t.test("a follower that goes away leaves nothing", async (t) => {
  await using served = await serve();
  const { pods, cri, client, directory } = served;
  pods.views = [podView("web")];
  pods.containers.set("default/web/app", { id: "c1", logPath: logFile(directory) });
  cri.states.set("c1", ContainerState.CONTAINER_RUNNING);
  const abort = new AbortController();
  const response = await client.stream("GET", "/containerLogs/default/web/app", {
    query: { follow: true },
    signal: abort.signal,
  });
  response.on("error", () => undefined);
  t.equal(pods.listeners.size, 1);
  abort.abort();
  for (let attempt = 0; attempt < 100 && pods.listeners.size > 0; attempt++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal(pods.listeners.size, 0);
});

t.test("images", async (t) => {
  await using served = await serve();
  const { client, images } = served;
  t.match(await client.get("/nodelet/v1/images"), { images: [{ tags: ["localhost/test:1"], size: "4321000" }] });
  const lines: unknown[] = [];
  for await (const line of client.lines("POST", "/nodelet/v1/images/load", { query: { path: "/x.tar", name: "y:1" } }))
    lines.push(line);
  t.match(lines, [{ progress: { phase: "unpack" } }, { images: [{ tags: ["localhost/test:1"] }] }]);
  t.same(images.calls.at(-1), ["load", "/x.tar", "y:1"]);
  images.failure = new NodeletError("invalid", "is no archive", { where: "/x.tar", fix: "give another" });
  const failed: unknown[] = [];
  for await (const line of client.lines("POST", "/nodelet/v1/images/load", { query: { path: "/x.tar" } }))
    failed.push(line);
  t.match(failed.at(-1), {
    error: { code: "invalid", where: "/x.tar", message: "is no archive", fix: "give another" },
  });
  await t.rejects(client.text("POST", "/nodelet/v1/images/load", { query: { path: "x.tar" } }), {
    code: "invalid",
    where: "path",
  });
  await t.rejects(client.text("POST", "/nodelet/v1/images/load"), { code: "invalid", where: "path" });
  await client.post("/nodelet/v1/images/tag", { query: { reference: "a", name: "b" } });
  t.same(images.calls.at(-1), ["tag", "a", "b"]);
  await client.delete("/nodelet/v1/images", { query: { reference: "localhost/test:1", force: true } });
  t.same(images.calls.at(-1), ["remove", "localhost/test:1", { force: true }]);
  await t.rejects(client.delete("/nodelet/v1/images", { query: { reference: "none" } }), { code: "not-found" });
});

const event = (sequence: number, pod = "default/web"): PodEvent => ({
  sequence,
  time: sequence * 1000,
  type: "Normal",
  reason: "Started",
  message: `event ${sequence}`,
  pod,
  container: undefined,
  count: 1,
});

t.test("events", async (t) => {
  await using served = await serve();
  const { client, pods } = served;
  pods.log = [event(1), event(2, "default/db"), event(3)];
  t.match(await client.get("/nodelet/v1/events"), { events: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }] });
  t.match(await client.get("/nodelet/v1/events", { query: { since: 1, pod: "default/web" } }), {
    events: [{ sequence: 3 }],
  });
  const abort = new AbortController();
  const got: number[] = [];
  for await (const line of client.lines<PodEvent>("GET", "/nodelet/v1/events", {
    query: { follow: true },
    signal: abort.signal,
  })) {
    got.push(line.sequence);
    if (line.sequence === 3) pods.tell({ event: event(4) });
    if (line.sequence === 4) abort.abort();
  }
  t.same(got, [1, 2, 3, 4]);
});

t.test("watch", async (t) => {
  await using served = await serve();
  const { client, pods } = served;
  pods.views = [podView("web")];
  const abort = new AbortController();
  const got: unknown[] = [];
  for await (const line of client.lines<Record<string, unknown>>("GET", "/nodelet/v1/watch", {
    signal: abort.signal,
  })) {
    got.push(Object.keys(line)[0]);
    if (line["synced"] === true) pods.tell({ pod: podView("web"), event: event(1) });
    if (line["event"] !== undefined) pods.tell({ removed: podView("web") });
    if (line["removed"] !== undefined) abort.abort();
  }
  t.same(got, ["pod", "synced", "pod", "event", "removed"]);
});

t.test("inspect and explain find what a name means", async (t) => {
  await using served = await serve();
  const { client, pods, cri } = served;
  pods.views = [
    podView("web", { containers: ["app", "side"] }),
    podView("app"),
    podView("web", { namespace: "other" }),
  ];
  pods.containers.set("default/web/app", { id: "aaaa1111", logPath: "" });
  pods.containers.set("default/web/side", { id: "aaaa2222", logPath: "" });
  pods.containers.set("other/web/app", { id: "bbbb1111", logPath: "" });
  pods.sandboxes.set("default/web", "5555aaaa");
  cri.containers = [{ id: "aaaa1111" }, { id: "aaaa2222" }, { id: "bbbb1111" }];
  cri.sandboxes = [{ id: "5555aaaa", metadata: { namespace: "default", name: "web" } }];
  for (const id of ["aaaa1111", "aaaa2222", "bbbb1111"]) cri.states.set(id, ContainerState.CONTAINER_RUNNING);
  const explain = {
    explain: '{"plan":{"steps":[]},"results":[{"errno":0,"startedNs":{"$int64":"5"},"durationNs":{"$int64":"6"}}]}',
    pid: "12",
    text: "not {json",
  };
  cri.infos.set("aaaa1111", explain);
  cri.infos.set("5555aaaa", explain);

  const inspect = (name: string, query: Record<string, string> = {}) =>
    client.get("/nodelet/v1/inspect", { query: { name, ...query } });
  t.match(await inspect("web"), { kind: "pod", source: "file", sandbox: { status: { id: "5555aaaa" } } });
  t.match(await inspect("web/app"), {
    kind: "container",
    status: { id: "aaaa1111", createdAt: "12345678901234567" },
    info: { pid: 12, text: "not {json" },
  });
  t.match(await inspect("default/web/side"), { status: { id: "aaaa2222" } });
  t.match(await inspect("other/web"), { kind: "pod", pod: { metadata: { namespace: "other" } } });
  t.match(await inspect("web", { container: "side" }), { status: { id: "aaaa2222" } });
  t.match(await inspect("other/web", { container: "app" }), { status: { id: "bbbb1111" } });
  t.match(await inspect("aaaa1"), { status: { id: "aaaa1111" } });
  t.match(await inspect("5555aaaa"), { kind: "pod" });
  t.match(await inspect("side"), { status: { id: "aaaa2222" } }, "a name that one pod has");
  t.match(await inspect("app"), { kind: "pod" }, "a pod goes first");
  t.match(await inspect("app", { kind: "container" }), { status: { id: "aaaa1111" } });
  t.match(await inspect("localhost/test:1"), { kind: "image", image: { size: "4321000" } });
  await t.rejects(inspect("aaaa"), { code: "invalid", message: /2 ids begin with aaaa/ });
  await t.rejects(inspect("none"), { code: "not-found" });
  await t.rejects(inspect("web/nope"), { code: "not-found", fix: "name one of app, side" });
  await t.rejects(inspect("web", { kind: "image" }), { code: "not-found" });
  await t.rejects(inspect("web", { kind: "thing" }), { code: "invalid", where: "kind" });

  const explained = (name: string) => client.get("/nodelet/v1/explain", { query: { name } });
  t.match(await explained("web/app"), {
    kind: "container",
    id: "aaaa1111",
    info: { explain: { results: [{ startedNs: { $int64: "5" } }] } },
  });
  t.match(await explained("web"), { kind: "pod", id: "5555aaaa" });
  await t.rejects(explained("web/side"), { code: "not-found", message: /nothing is kept/ });
  await t.rejects(explained("app"), { code: "conflict", message: /no sandbox/ });
  await t.rejects(explained("localhost/test:1"), { code: "not-found" });
});

t.test("containers come with their status; one that is gone meanwhile is left out", async (t) => {
  await using served = await serve();
  const { client, cri } = served;
  cri.containers = [{ id: "one" }, { id: "gone" }];
  cri.states.set("one", ContainerState.CONTAINER_EXITED);
  const { containers } = await client.get<{ containers: unknown[] }>("/nodelet/v1/containers");
  t.match(containers, [{ id: "one", status: { state: ContainerState.CONTAINER_EXITED } }]);
  t.equal(containers.length, 1);
});

t.test("stop, info", async (t) => {
  await using served = await serve();
  t.match(await served.client.get("/nodelet/v1/info"), { version: "0.0.1", pid: process.pid });
  t.same(await served.client.post("/nodelet/v1/stop", { query: { pods: true, graceSeconds: 3 } }), {
    pid: process.pid,
  });
  t.same(served.stops, [{ pods: true, graceSeconds: 3 }]);
});

t.test("closing ends streams, and lets the answer to stop out", async (t) => {
  let close: () => Promise<void> = async () => undefined;
  let closed: Promise<void> | undefined;
  await using served = await serve({
    stop: async () => {
      setImmediate(() => {
        closed = close();
      });
    },
  });
  close = async () => served[Symbol.asyncDispose]();
  const lines = served.client.lines("GET", "/nodelet/v1/watch");
  await lines.next();
  t.same(await served.client.post("/nodelet/v1/stop"), { pid: process.pid });
  for await (const _line of lines) t.fail("nothing more comes");
  await closed;
  await t.rejects(served.client.get("/pods"), { name: "NotRunningError" });
});

t.test("a client that sends rubbish is let go", async (t) => {
  await using served = await serve();
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(served.client.socket, () => socket.end("\x16\x03\x01rubbish\r\n\r\n"));
    let text = "";
    socket.on("data", (data) => (text += data.toString()));
    socket.on("close", () => resolve(text));
  });
  t.match(answer, /^HTTP\/1\.1 400/);
  t.equal(await served.client.text("GET", "/healthz"), "ok");
});

t.test("exec", async (t) => {
  const { runSession } = await import("../../../agent/commands/session.ts");
  const { PassThrough } = await import("node:stream");
  await using served = await serve();
  const { client, pods, cri } = served;
  pods.views = [podView("web")];
  pods.containers.set("default/web/app", { id: "c1", logPath: "" });
  const open = (query: Record<string, unknown>) => client.upgrade("/exec/default/web/app", { query: query as never });

  await t.test("carries the streams, the size and the exit code", async (t) => {
    const session = new EchoSession();
    cri.session = session;
    const connection = await open({ command: ["sh", "-c", "cat"], input: true, output: true, error: true });
    t.match(cri.execs.at(-1), {
      containerId: "c1",
      cmd: ["sh", "-c", "cat"],
      stdin: true,
      stdout: true,
      stderr: true,
      tty: false,
    });
    const stdin = new PassThrough();
    const stdout = Object.assign(new PassThrough(), { columns: 80, rows: 24 });
    const stderr = new PassThrough();
    const code = runSession(
      connection,
      { stdin: true, tty: false },
      { stdin, stdout, stderr, env: {} },
      new AbortController().signal,
    );
    session.stderr.write("warned\n");
    const large = Buffer.alloc(3_000_000, "0123456789");
    const collected: Buffer[] = [];
    stdout.on("data", (data: Buffer) => collected.push(data));
    stdin.end(large);
    t.equal(await code, 0);
    t.ok(Buffer.concat(collected).equals(large), "3 MB there and back");
    t.equal(String(stderr.read()), "warned\n");
    t.equal(session.closed, true);
  });

  await t.test("passes on a code that is not zero", async (t) => {
    const session = new EchoSession();
    cri.session = session;
    const connection = await open({ command: "false", output: true });
    setTimeout(() => session.end(42), 10);
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
    t.equal(await runSession(connection, { stdin: false, tty: false }, streams, new AbortController().signal), 42);
  });

  await t.test("a terminal: raw mode, and its size at once and when it changes", async (t) => {
    const session = new EchoSession();
    cri.session = session;
    const connection = await open({ command: "sh", input: true, output: true, tty: true });
    const modes: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => modes.push(on) });
    const stdout = Object.assign(new PassThrough(), { columns: 80, rows: 24 });
    const code = runSession(
      connection,
      { stdin: true, tty: true },
      { stdin, stdout, stderr: new PassThrough(), env: {} },
      new AbortController().signal,
    );
    stdout.columns = 100;
    stdout.emit("resize");
    stdin.end("x");
    t.equal(await code, 0);
    t.same(session.sizes, ["80x24", "100x24"]);
    t.same(modes, [true, false], "the terminal is put back");
  });

  await t.test("a client that goes away closes the session", async (t) => {
    const session = new EchoSession();
    cri.session = session;
    const connection = await open({ command: "sleep", output: true });
    connection.listen({ message: () => undefined, closed: () => undefined });
    connection.close();
    for (let attempt = 0; attempt < 100 && !session.closed; attempt++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    t.equal(session.closed, true);
  });

  await t.test("the daemon goes away", async (t) => {
    await using other = await serve();
    other.pods.containers.set("default/web/app", { id: "c1", logPath: "" });
    const connection = await other.client.upgrade("/exec/default/web/app", { query: { command: "x", output: true } });
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
    const code = runSession(connection, { stdin: false, tty: false }, streams, new AbortController().signal);
    const closed = other[Symbol.asyncDispose]();
    await t.rejects(code, { code: "unavailable" });
    await closed;
  });

  await t.test("a failure before it began is an ordinary error", async (t) => {
    cri.session = new NodeletError("not-found", 'cannot run "nope" in the container: ENOENT', {
      fix: "name a program that the image has",
    });
    await t.rejects(open({ command: "nope", output: true }), { code: "not-found", message: /cannot run "nope"/ });
    await t.rejects(open({ output: true }), { code: "invalid", where: "command" });
    await t.rejects(open({ command: "x" }), { code: "invalid", message: /no stream/ });
    await t.rejects(open({ command: "x", output: true, error: true, tty: true }), {
      code: "invalid",
      message: /terminal/,
    });
    await t.rejects(client.upgrade("/exec/default/none/app", { query: { command: "x", output: true } }), {
      code: "not-found",
    });
    await t.rejects(client.upgrade("/pods"), { code: "invalid", message: /WebSocket/ });
    await t.rejects(client.get("/exec/default/web/app", { query: { command: "x", output: true } }), {
      code: "invalid",
      message: /WebSocket only/,
    });
  });

  await t.test("attach", async (t) => {
    const session = new EchoSession();
    cri.session = session;
    const connection = await client.upgrade("/attach/default/web/app", { query: { output: true, error: true } });
    t.match(cri.execs.at(-1), { containerId: "c1", stdin: false, stdout: true, stderr: true });
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
    const code = runSession(connection, { stdin: false, tty: false }, streams, new AbortController().signal);
    session.stdout.write("hello");
    setTimeout(() => session.end(7), 20);
    t.equal(await code, 7);
    t.equal(String(streams.stdout.read()), "hello");
  });
});
