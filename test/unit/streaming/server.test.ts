import { once } from "node:events";
import { connect } from "node:net";
import { type Duplex, duplexPair } from "node:stream";

import t, { type Test } from "tap";

import { silentLogger } from "../../../agent/base/log.ts";
import { NodeletError } from "../../../agent/base/errors.ts";
import { ContainerState, PodSandboxState, type StreamSession } from "../../../agent/cri/runtime.ts";
import {
  createStreamingServer,
  type Sessions,
  type StreamingServer,
  type StreamingServerOptions,
} from "../../../agent/streaming/server.ts";
import { WebSocketTunnel, TUNNEL_PROTOCOL } from "../../../agent/streaming/tunnel.ts";
import { SpdyConnection } from "../../../agent/streaming/spdy/connection.ts";
import { dial, dialSpdy, dialWebSocket, textOf, type SpdyClient } from "../../fixtures/spdy-client.ts";
import { EchoSession } from "../server/fakes.ts";

const SPDY = { Connection: "Upgrade", Upgrade: "SPDY/3.1" };

interface Setup {
  readonly server: StreamingServer;
  readonly sessions: EchoSession[];
  readonly opened: unknown[];
  /** Our ends of the ports that were opened, each an echo unless taken. */
  readonly ports: Duplex[];
  fail: Error | undefined;
}

function setUp(t: Test, options: Partial<StreamingServerOptions> & { echoPorts?: boolean } = {}): Setup {
  const { echoPorts = true, ...rest } = options;
  const sessions: EchoSession[] = [];
  const opened: unknown[] = [];
  const ports: Duplex[] = [];
  const open = async (request: unknown): Promise<StreamSession> => {
    opened.push(request);
    if (setup.fail !== undefined) throw setup.fail;
    const session = new EchoSession();
    sessions.push(session);
    return session;
  };
  const cri: Sessions = {
    openExec: open,
    openAttach: open,
    openPort: async (request) => {
      opened.push(request);
      if (setup.fail !== undefined) throw setup.fail;
      const [ours, theirs] = duplexPair();
      ours.on("error", () => undefined);
      if (echoPorts) ours.pipe(ours);
      ports.push(ours);
      return theirs;
    },
    containerStatus: async ({ containerId = "" }) => {
      if (containerId === "none") throw new NodeletError("not-found", "there is no container none");
      const state = containerId === "old" ? ContainerState.CONTAINER_EXITED : ContainerState.CONTAINER_RUNNING;
      return { status: { id: containerId, state } };
    },
    podSandboxStatus: async ({ podSandboxId = "" }) => ({
      status: {
        id: podSandboxId,
        state: podSandboxId === "old" ? PodSandboxState.SANDBOX_NOTREADY : PodSandboxState.SANDBOX_READY,
      },
    }),
  };
  const server = createStreamingServer({ cri, log: silentLogger, ...rest });
  t.teardown(() => server[Symbol.asyncDispose]());
  const setup: Setup = { server, sessions, opened, ports, fail: undefined };
  return setup;
}

const EXEC = { containerId: "c", cmd: ["sh"], stdin: true, stdout: true, stderr: true };

async function exec(server: StreamingServer, change: object = {}): Promise<string> {
  return (await server.exec({ ...EXEC, ...change })).url ?? "";
}

async function portForward(server: StreamingServer): Promise<string> {
  return (await server.portForward({ podSandboxId: "p", port: [] })).url ?? "";
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

t.test("requests are checked before a URL is handed out", async (t) => {
  const { server } = setUp(t);
  await t.rejects(exec(server, { stdin: false, stdout: false, stderr: false }), { code: "invalid" });
  await t.rejects(exec(server, { tty: true }), { code: "invalid", where: "stderr" });
  await t.rejects(exec(server, { cmd: [] }), { code: "invalid", where: "cmd" });
  await t.rejects(exec(server, { containerId: "none" }), { code: "not-found" });
  await t.rejects(exec(server, { containerId: "old" }), { code: "conflict" });
  await t.rejects(server.attach({ containerId: "c" }), { code: "invalid" });
  await t.rejects(server.portForward({ podSandboxId: "old" }), { code: "conflict" });
  t.match(await exec(server), /^http:\/\/127\.0\.0\.1:\d+\/exec\/[\w-]{22}$/);
  t.match((await server.attach({ containerId: "c", stdout: true })).url, /\/attach\//);
  t.match(await portForward(server), /\/portforward\//);
});

t.test("a token is good once, for a while, for what it was made", async (t) => {
  const { server } = setUp(t);
  const url = await exec(server);
  t.equal((await dial(url.replace(/exec\/.*/, "exec/unknown"), SPDY)).status, 404);
  t.equal((await dial(url.replace("exec", "attach"), SPDY)).status, 404);
  t.equal((await dial(url, {}, "PUT")).status, 404);
  t.equal((await dial(url, {}, "GET")).status, 400, "no upgrade is asked for");
  t.equal((await dial(url, SPDY)).status, 404, "used up");
  const late = await exec(setUp(t, { tokenTtlMs: 1 }).server);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal((await dial(late, SPDY)).status, 404, "expired");
  t.equal((await dial(await exec(server), { Connection: "Upgrade", Upgrade: "h2c" })).status, 400);
});

t.test("no more than 1000 tokens wait, and those that expire make room", async (t) => {
  const { server } = setUp(t, { tokenTtlMs: 2_000 });
  for (let index = 0; index < 1000; index++) await exec(server);
  await t.rejects(exec(server), { code: "exhausted" });
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  t.ok(await exec(server));
});

t.test("the protocol is negotiated", async (t) => {
  const { server } = setUp(t);
  const missing = await dial(await exec(server), SPDY);
  t.equal(missing.status, 400);
  t.match(missing.body, /X-Stream-Protocol-Version/);
  const unknown = await dial(await exec(server), { ...SPDY, "X-Stream-Protocol-Version": "v9.channel.k8s.io" });
  t.equal(unknown.status, 403);
  t.match(unknown.headers["x-accepted-stream-protocol-versions"], /v4\.channel\.k8s\.io.*channel\.k8s\.io/);
  for (const [offered, chosen] of [
    [["v9.channel.k8s.io", "v3.channel.k8s.io", "v4.channel.k8s.io"], "v3.channel.k8s.io"],
    [["v9.channel.k8s.io, v2.channel.k8s.io"], "v2.channel.k8s.io"],
  ] as const) {
    const client = await dialSpdy(await exec(server), offered);
    t.equal(client.protocol, chosen);
    client.connection.close();
  }
});

/** Opens the streams of EXEC; a status is what the error stream says. */
function streams(client: SpdyClient): Record<"error" | "stdin" | "stdout" | "stderr", Duplex> {
  return {
    error: client.open("error"),
    stdin: client.open("stdin"),
    stdout: client.open("stdout"),
    stderr: client.open("stderr"),
  };
}

t.test("exec over SPDY: input, output and the status of success", async (t) => {
  const { server, sessions, opened } = setUp(t);
  const client = await dialSpdy(await exec(server));
  const { error, stdin, stdout, stderr } = streams(client);
  stdin.end("hello");
  t.equal(await textOf(stdout), "hello", "its end was passed on");
  t.equal(await textOf(stderr), "");
  t.same(JSON.parse(await textOf(error)), { metadata: {}, status: "Success" });
  t.equal(await client.connection.closed, undefined);
  t.match(opened, [{ cmd: ["sh"] }]);
  await until(() => sessions[0]?.closed === true);
});

t.test("exit codes and failures, by version", async (t) => {
  const setup = setUp(t);
  const outcome = async (protocol: string, change: object = {}): Promise<string> => {
    const before = setup.sessions.length;
    const client = await dialSpdy(await exec(setup.server, { stdin: false, ...change }), [protocol]);
    const error = client.open("error");
    const stdout = client.open("stdout");
    const stderr = client.open("stderr");
    if (setup.fail === undefined) {
      await until(() => setup.sessions.length > before);
      setup.sessions[before]?.end(3);
    }
    const [text] = await Promise.all([textOf(error), textOf(stdout), textOf(stderr)]);
    return text;
  };
  t.match(JSON.parse(await outcome("v4.channel.k8s.io")), {
    status: "Failure",
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "3" }] },
  });
  t.match(await outcome("v2.channel.k8s.io"), /exit status 3/);
  t.match(await outcome("channel.k8s.io"), /^command terminated/);
  setup.fail = new NodeletError("not-found", 'cannot run "x" in the container');
  t.match(JSON.parse(await outcome("v4.channel.k8s.io")), {
    status: "Failure",
    reason: "InternalError",
    message: 'Internal error occurred: error executing command in container: cannot run "x" in the container',
    code: 500,
  });
});

t.test("attach ends with success, whatever the container ended with", async (t) => {
  const { server, sessions } = setUp(t);
  const url = (await server.attach({ containerId: "c", stdout: true })).url ?? "";
  const client = await dialSpdy(url);
  const error = client.open("error");
  const stdout = client.open("stdout");
  await until(() => sessions.length === 1);
  sessions[0]?.stdout.write("seen");
  sessions[0]?.end(7);
  t.equal(await textOf(stdout), "seen");
  t.match(JSON.parse(await textOf(error)), { status: "Success" });
});

t.test("a terminal has its size changed", async (t) => {
  const { server, sessions } = setUp(t);
  const client = await dialSpdy(await exec(server, { tty: true, stderr: false }));
  const error = client.open("error");
  const stdin = client.open("stdin");
  const stdout = client.open("stdout");
  const sizes = client.open("resize");
  sizes.write('{"Width":80,"Height":24}\n{"Width":1');
  sizes.write('00,"Height":50} {"Width":-1,"Height":0} nonsense}{"Width":70000,"Height":1}');
  await until(() => sessions[0]?.sizes.length === 2);
  t.same(sessions[0]?.sizes, ["80x24", "100x50"]);
  stdin.end();
  await textOf(stdout);
  t.match(JSON.parse(await textOf(error)), { status: "Success" });
});

t.test("streams that nobody asked for are reset; those that do not come are not awaited for ever", async (t) => {
  const { server, opened } = setUp(t, { creationTimeoutMs: 300 });
  const client = await dialSpdy(await exec(server));
  const strange = client.open("strange");
  await once(strange, "close");
  client.open("error");
  const again = client.open("error");
  await once(again, "close");
  await client.connection.closed;
  t.same(opened, [], "nothing was started");
});

t.test("a client that goes away lets go of the session", async (t) => {
  const { server, sessions } = setUp(t);
  const client = await dialSpdy(await exec(server));
  streams(client);
  await until(() => sessions.length === 1);
  client.socket.destroy();
  await until(() => sessions[0]?.closed === true);
});

t.test("a silent session is ended", async (t) => {
  const { server, sessions } = setUp(t, { idleTimeoutMs: 200 });
  const client = await dialSpdy(await exec(server));
  streams(client);
  await client.connection.closed;
  await until(() => sessions[0]?.closed === true);
});

t.test("exec over WebSocket, in every form", async (t) => {
  for (const protocol of [
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "channel.k8s.io",
    "base64.channel.k8s.io",
  ]) {
    const { server, sessions } = setUp(t);
    const { connection, protocol: chosen } = await dialWebSocket(await exec(server), ["v8.channel.k8s.io", protocol]);
    t.equal(chosen, protocol);
    const base64 = protocol.includes("base64");
    const encode = (channel: number, text: string): void => {
      if (base64) connection.sendText(`${channel}${Buffer.from(text).toString("base64")}`);
      else connection.send(Buffer.from([channel]), Buffer.from(text));
    };
    const messages: [number, string][] = [];
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    connection.listen({
      message(data) {
        if (base64)
          messages.push([
            Number(data.toString("latin1", 0, 1)),
            Buffer.from(data.toString("latin1", 1), "base64").toString(),
          ]);
        else messages.push([data[0] ?? -1, data.toString("utf8", 1)]);
      },
      closed: () => resolve(),
    });
    encode(0, "hello");
    encode(4, '{"Width":9,"Height":8}');
    await until(() => messages.some(([, text]) => text === "hello"));
    t.same(messages[0], [1, ""], `${protocol}: an empty message first`);
    if (protocol.startsWith("v5")) connection.send(Buffer.from([255, 0]));
    else sessions[0]?.end(0);
    await closed;
    t.same(sessions[0]?.sizes, ["9x8"]);
    const status = messages.find(([channel]) => channel === 3)?.[1];
    if (/^v[45]/.test(protocol)) t.match(JSON.parse(status ?? ""), { status: "Success" });
    else t.equal(status, undefined, "success is silent");
  }
  const setup = setUp(t);
  setup.fail = new NodeletError("unavailable", "it has just ended");
  const { connection } = await dialWebSocket(await exec(setup.server), ["v5.channel.k8s.io"]);
  const texts: string[] = [];
  await new Promise<void>((resolve) => {
    connection.listen({ message: (data) => void texts.push(data.toString()), closed: () => resolve() });
  });
  t.match(texts.at(-1), /it has just ended/);
  t.equal((await dial(await exec(setup.server), { Connection: "Upgrade", Upgrade: "websocket" }, "GET")).status, 400);
});

t.test("port-forward over SPDY: 16 connections at once, each half closed by itself", async (t) => {
  const { server, opened } = setUp(t);
  const client = await dialSpdy(await portForward(server), ["portforward.k8s.io"]);
  t.equal(client.protocol, "portforward.k8s.io");
  const results = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const headers = { port: String(8000 + index), requestid: String(index) };
      const error = client.open("error", headers);
      error.end();
      const data = client.open("data", headers);
      data.end(`${index} `.repeat(50_000));
      return [await textOf(data), await textOf(error)] as const;
    }),
  );
  t.ok(results.every(([text, error], index) => text === `${index} `.repeat(50_000) && error === ""));
  t.equal(opened.length, 16);
  client.connection.close();
});

t.test("port-forward: a failure concerns its own pair", async (t) => {
  const setup = setUp(t);
  const client = await dialSpdy(await portForward(setup.server), ["portforward.k8s.io"]);
  const pair = (port: string): { data: Duplex; error: Duplex } => ({
    error: client.open("error", { port }),
    data: client.open("data", { port }),
  });
  const good = pair("80");
  good.data.write("still ");
  await until(() => setup.ports.length === 1);
  setup.fail = new NodeletError("unavailable", "nothing listens on port 81");
  const bad = pair("81");
  t.match(await textOf(bad.error), /port 81 of the pod: nothing listens/);
  await until(() => bad.data.destroyed);
  for (const port of ["0", "70000", "x", ""]) {
    const wrong = client.open("data", { port, requestid: `wrong${port}` });
    await once(wrong, "close");
  }
  good.data.end("there");
  t.equal(await textOf(good.data), "still there");
  client.connection.close();
});

t.test("port-forward: a client that resets a connection when it is done with it hears of no failure", async (t) => {
  const { server } = setUp(t);
  const client = await dialSpdy(await portForward(server), ["portforward.k8s.io"]);
  const error = client.open("error", { port: "80" });
  const data = client.open("data", { port: "80" });
  data.write("said");
  const [said] = (await once(data, "data")) as [Buffer];
  t.equal(said.toString(), "said");
  data.destroy();
  t.equal(await textOf(error), "");
  client.connection.close();
});

t.test("port-forward: one stream alone is reset after a while", async (t) => {
  const { server } = setUp(t, { creationTimeoutMs: 200 });
  const client = await dialSpdy(await portForward(server), ["portforward.k8s.io"]);
  const alone = client.open("data", { port: "80", requestid: "1" });
  await once(alone, "close");
  t.notOk(client.socket.destroyed);
  client.connection.close();
});

t.test("port-forward: SPDY within a WebSocket", async (t) => {
  const { server } = setUp(t);
  const { connection, protocol } = await dialWebSocket(await portForward(server), [TUNNEL_PROTOCOL]);
  t.equal(protocol, TUNNEL_PROTOCOL);
  const client = new SpdyConnection(new WebSocketTunnel(connection), { role: "client" });
  const headers = { port: "80", requestid: "1" };
  const error = client.open({ ...headers, streamtype: "error" });
  const data = client.open({ ...headers, streamtype: "data" });
  data.end("x".repeat(400_000));
  t.equal((await textOf(data)).length, 400_000);
  t.equal(await textOf(error), "");
  client.close();
  t.equal(await client.closed, undefined);
});

t.test("port-forward: channels of a WebSocket", async (t) => {
  const { server, ports } = setUp(t);
  const url = (await server.portForward({ podSandboxId: "p", port: [80, 443] })).url ?? "";
  const { connection } = await dialWebSocket(url, ["v4.channel.k8s.io"]);
  const got = new Map<number, Buffer>();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  connection.listen({
    message: (data) =>
      void got.set(data[0] ?? -1, Buffer.concat([got.get(data[0] ?? -1) ?? Buffer.alloc(0), data.subarray(1)])),
    closed: () => resolve(),
  });
  await until(() => got.size === 4);
  connection.send(Buffer.from([2]), Buffer.from("to 443"));
  await until(() => (got.get(2)?.length ?? 0) === 8);
  t.same(got.get(0), Buffer.from([80, 0]));
  t.same(got.get(1), Buffer.from([80, 0]));
  t.equal(got.get(2)?.readUInt16LE(0), 443);
  t.equal(got.get(2)?.toString("utf8", 2), "to 443");
  for (const port of ports) port.end();
  await closed;
  t.equal(
    (
      await dial(
        await portForward(server),
        { ...(await import("../../../agent/streaming/websocket.ts")).clientHandshake(["v4.channel.k8s.io"]).headers },
        "GET",
      )
    ).status,
    400,
    "no port is named",
  );
});

t.test("the end of the daemon ends the sessions", async (t) => {
  const { server, sessions } = setUp(t);
  const client = await dialSpdy(await exec(server));
  streams(client);
  await until(() => sessions.length === 1);
  await server[Symbol.asyncDispose]();
  await client.connection.closed;
  await until(() => sessions[0]?.closed === true);
  await t.rejects(exec(server), { code: "unavailable" });
});

t.test("what is no HTTP harms nobody", async (t) => {
  const { server } = setUp(t);
  const { port } = new URL(await exec(server));
  const socket = connect(Number(port), "127.0.0.1");
  socket.end("\0\x01\x02 nonsense\r\n\r\n");
  await textOf(socket);
  t.ok(await exec(server));
});
