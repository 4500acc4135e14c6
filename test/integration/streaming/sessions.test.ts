// time limit: 300 s
// soak limit: 1200 s
// Sessions by URL with real containers: exec, attach and port-forward over SPDY and WebSocket. STREAM_MIB says how much goes
// through each of them.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";

import t from "tap";

import { CHANNEL } from "../../../agent/streaming/channels.ts";
import type { Cri } from "../../../agent/cri/runtime.ts";
import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { echoServer } from "../../fixtures/echo-server.ts";
import { dialSpdy, dialWebSocket, textOf } from "../../fixtures/spdy-client.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";
import { countOf } from "../../fixtures/soak.ts";

const MIB = 1024 * 1024;
const STREAM_BYTES = countOf("STREAM_MIB", { short: 128, soak: 1024 }) * MIB;

/**
 * What the process may grow by while the bytes pass, however many they are: streams and sockets hold some MiB at once, the rest is buffers
 * that the collector has yet to take. Both ends are in this process.
 */
const GROWTH_BYTES_MAX = 96 * MIB;

/** What is between a container's shim and this process is as much however many bytes pass: a few buffers of 64 KiB. */
const SHIM_BYTES_MAX = 4 * MIB;

const before = await takePicture(ownProcesses);
const node = await startRuntime("strm");
t.teardown(() => node.remove());
const { runtime } = node;

async function start(command: readonly string[], change: object = {}): Promise<{ sandbox: string; container: string }> {
  const config = sandboxConfig(node.logs);
  const { podSandboxId = "" } = await runtime.runPodSandbox({ config });
  const { containerId = "" } = await runtime.createContainer({
    podSandboxId,
    config: containerConfig(command, change),
    sandboxConfig: config,
  });
  await runtime.startContainer({ containerId });
  return { sandbox: podSandboxId, container: containerId };
}

const url = async (request: ReturnType<Cri["exec"]>): Promise<string> => (await request).url ?? "";

const { sandbox, container } = await start(["sh", "-c", `${echoServer(8080)} & exec sleep 1000`]);

/** Drops what comes, and counts it. */
function count(stream: Duplex): Promise<number> {
  let size = 0;
  stream.on("data", (part: Buffer) => (size += part.length));
  return once(stream, "end").then(() => size);
}

/** Writes so much without waiting in vain. */
async function pour(stream: Duplex, bytes: number): Promise<void> {
  const chunk = Buffer.alloc(256 * 1024, "x");
  for (let left = bytes; left > 0; left -= chunk.length) {
    if (!stream.write(left < chunk.length ? chunk.subarray(0, left) : chunk)) await once(stream, "drain");
  }
  stream.end();
}

/** The most that the process grew by while the task ran. */
async function growthDuring(task: () => Promise<void>): Promise<number> {
  const start = process.memoryUsage.rss();
  let most = start;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  try {
    await task();
  } finally {
    clearInterval(timer);
  }
  return most - start;
}

t.test("exec: both ways, exit code, stderr", async (t) => {
  const client = await dialSpdy(
    await url(
      runtime.exec({
        containerId: container,
        cmd: ["sh", "-c", "cat; echo oops >&2; exit 3"],
        stdin: true,
        stdout: true,
        stderr: true,
      }),
    ),
  );
  const error = client.open("error");
  const stdin = client.open("stdin");
  const stdout = client.open("stdout");
  const stderr = client.open("stderr");
  stdin.end("through cat");
  t.equal(await textOf(stdout), "through cat");
  t.equal(await textOf(stderr), "oops\n");
  t.match(JSON.parse(await textOf(error)), {
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "3" }] },
  });
  await client.connection.closed;
});

t.test("exec: a terminal and its size", async (t) => {
  const client = await dialSpdy(
    await url(
      runtime.exec({
        containerId: container,
        cmd: ["sh", "-c", "read line; stty size; tty"],
        stdin: true,
        stdout: true,
        tty: true,
      }),
    ),
  );
  client.open("error").resume();
  const stdin = client.open("stdin");
  const stdout = client.open("stdout");
  client.open("resize").write('{"Width":132,"Height":43}');
  // Bytes of one connection keep their order, streams of it do not: the size is set before the line is read.
  await new Promise((resolve) => setTimeout(resolve, 200));
  stdin.write("go\n");
  const text = await textOf(stdout);
  t.match(text, /43 132/);
  t.match(text, /\/dev\/pts\//);
});

t.test("exec: a program that is not there", async (t) => {
  const client = await dialSpdy(
    await url(runtime.exec({ containerId: container, cmd: ["no-such-program"], stdout: true })),
  );
  const error = client.open("error");
  client.open("stdout").resume();
  t.match(JSON.parse(await textOf(error)), {
    status: "Failure",
    message:
      /^Internal error occurred: error executing command in container: cannot run "no-such-program".*executable file not found in \$PATH/,
  });
});

t.test("exec: a command that closes its stdin early", async (t) => {
  const client = await dialSpdy(
    await url(
      runtime.exec({
        containerId: container,
        cmd: ["sh", "-c", "exec <&-; sleep 0.3; echo done"],
        stdin: true,
        stdout: true,
      }),
    ),
  );
  const error = client.open("error");
  const stdin = client.open("stdin");
  const stdout = client.open("stdout");
  void pour(stdin, 4 * MIB).catch(() => undefined); // reset at some point
  t.equal(await textOf(stdout), "done\n");
  t.match(JSON.parse(await textOf(error)), { status: "Success" });
});

t.test("a client that goes away while the command takes nothing", async (t) => {
  const client = await dialSpdy(
    await url(runtime.exec({ containerId: container, cmd: ["sleep", "1000"], stdin: true, stdout: true })),
  );
  client.open("error").resume();
  const stdin = client.open("stdin");
  client.open("stdout").resume();
  const chunk = Buffer.alloc(MIB);
  while (stdin.write(chunk)) await new Promise(setImmediate);
  client.socket.destroy();
  await client.connection.closed;
  const { stdout } = await runtime.execSync({ containerId: container, cmd: ["echo", "well"], timeout: 30n });
  t.equal(Buffer.from(stdout ?? []).toString(), "well\n", "others go on");
});

t.test("exec: much output and much input, in bounded memory", async (t) => {
  const growth = await growthDuring(async () => {
    const client = await dialSpdy(
      await url(runtime.exec({ containerId: container, cmd: ["cat"], stdin: true, stdout: true })),
    );
    const error = client.open("error");
    const stdin = client.open("stdin");
    const received = count(client.open("stdout"));
    await pour(stdin, STREAM_BYTES);
    t.equal(await received, STREAM_BYTES);
    t.match(JSON.parse(await textOf(error)), { status: "Success" });
  });
  t.ok(growth < GROWTH_BYTES_MAX, `the process grew by ${(growth / MIB).toFixed(1)} MiB`);
});

t.test("exec: a reader that pauses holds the command, not memory", async (t) => {
  const client = await dialSpdy(
    await url(
      runtime.exec({ containerId: container, cmd: ["dd", "if=/dev/zero", "bs=1M", "count=128"], stdout: true }),
    ),
  );
  client.open("error").resume();
  const stdout = client.open("stdout");
  const growth = await growthDuring(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  t.ok(growth < GROWTH_BYTES_MAX, `the process grew by ${(growth / MIB).toFixed(1)} MiB`);
  t.equal(await count(stdout), 128 * MIB);
});

t.test("attach: input, output, and the container's end", async (t) => {
  const attached = await start(["sh", "-c", "read line; echo got $line; exit 4"], { stdin: true, stdinOnce: true });
  const client = await dialSpdy(
    await url(runtime.attach({ containerId: attached.container, stdin: true, stdout: true, stderr: true })),
  );
  const error = client.open("error");
  const stdin = client.open("stdin");
  const stdout = client.open("stdout");
  client.open("stderr").resume();
  stdin.write("hello\n");
  t.equal(await textOf(stdout), "got hello\n");
  t.match(JSON.parse(await textOf(error)), { status: "Success" });
  await runtime.removePodSandbox({ podSandboxId: attached.sandbox });
});

t.test("attach: much output, in bounded memory", async (t) => {
  const attached = await start(["sh", "-c", "read line; exec cat"], { stdin: true, stdinOnce: true, logPath: "" });
  const growth = await growthDuring(async () => {
    const client = await dialSpdy(
      await url(runtime.attach({ containerId: attached.container, stdin: true, stdout: true })),
    );
    const error = client.open("error");
    const stdin = client.open("stdin");
    const received = count(client.open("stdout"));
    stdin.write("go\n");
    await pour(stdin, STREAM_BYTES);
    t.equal(await received, STREAM_BYTES);
    t.match(JSON.parse(await textOf(error)), { status: "Success" });
  });
  t.ok(growth < GROWTH_BYTES_MAX, `the process grew by ${(growth / MIB).toFixed(1)} MiB`);
  await runtime.removePodSandbox({ podSandboxId: attached.sandbox });
});

t.test("port-forward: 16 connections at once, and one to a port where nothing listens", async (t) => {
  const client = await dialSpdy(await url(runtime.portForward({ podSandboxId: sandbox })), ["portforward.k8s.io"]);
  const pair = (port: string, requestid: string): { error: Duplex; data: Duplex } => ({
    error: client.open("error", { port, requestid }),
    data: client.open("data", { port, requestid }),
  });
  const bad = pair("81", "bad");
  t.match(await textOf(bad.error), /nothing listens on port 81/);
  const texts = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const { error, data } = pair("8080", String(index));
      error.resume();
      data.end(`${index} `.repeat(10_000));
      return textOf(data);
    }),
  );
  t.ok(texts.every((text, index) => text === `${index} `.repeat(10_000)));
  client.connection.close();
});

t.test("port-forward: much both ways, in bounded memory", async (t) => {
  const growth = await growthDuring(async () => {
    const client = await dialSpdy(await url(runtime.portForward({ podSandboxId: sandbox })), ["portforward.k8s.io"]);
    const headers = { port: "8080", requestid: "1" };
    client.open("error", headers).resume();
    const data = client.open("data", headers);
    const received = count(data);
    await pour(data, STREAM_BYTES);
    t.equal(await received, STREAM_BYTES);
    client.connection.close();
  });
  t.ok(growth < GROWTH_BYTES_MAX, `the process grew by ${(growth / MIB).toFixed(1)} MiB`);
});

t.test("port-forward: to the host's network, and to IPv6 alone", async (t) => {
  const { podSandboxId = "" } = await runtime.runPodSandbox({
    config: sandboxConfig(node.logs, { linux: { securityContext: { namespaceOptions: { network: 2, pid: 1 } } } }),
  });
  const { createServer } = await import("node:net");
  const server = createServer((socket) => socket.end("the host")).listen(0, "::1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const client = await dialSpdy(await url(runtime.portForward({ podSandboxId })), ["portforward.k8s.io"]);
  client.open("error", { port, requestid: "1" }).resume();
  const data = client.open("data", { port, requestid: "1" });
  data.end();
  t.equal(await textOf(data), "the host");
  client.connection.close();
  server.close();
  await runtime.removePodSandbox({ podSandboxId });
});

t.test("exec over WebSocket: much both ways, in bounded memory", async (t) => {
  const growth = await growthDuring(async () => {
    const { connection } = await dialWebSocket(
      await url(runtime.exec({ containerId: container, cmd: ["cat"], stdin: true, stdout: true })),
      ["v5.channel.k8s.io"],
    );
    let received = 0;
    let status = "";
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    connection.listen({
      message(data) {
        if (data[0] === CHANNEL.stdout) received += data.length - 1;
        if (data[0] === CHANNEL.error) status = data.toString("utf8", 1);
      },
      closed: () => resolve(),
    });
    const chunk = Buffer.alloc(32 * 1024, "x");
    for (let left = STREAM_BYTES; left > 0; left -= chunk.length)
      if (!connection.send(Buffer.from([CHANNEL.stdin]), chunk)) await connection.drained();
    connection.send(Buffer.from([CHANNEL.close, CHANNEL.stdin]));
    await closed;
    t.equal(received, STREAM_BYTES);
    t.match(JSON.parse(status), { status: "Success" });
  });
  t.ok(growth < GROWTH_BYTES_MAX, `the process grew by ${(growth / MIB).toFixed(1)} MiB`);
});

t.test("exec over WebSocket, version 5", async (t) => {
  const { connection } = await dialWebSocket(
    await url(runtime.exec({ containerId: container, cmd: ["cat"], stdin: true, stdout: true })),
    ["v5.channel.k8s.io"],
  );
  const parts: Buffer[] = [];
  let status = "";
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  connection.listen({
    message(data) {
      if (data[0] === 1) parts.push(data.subarray(1));
      if (data[0] === 3) status = data.toString("utf8", 1);
    },
    closed: () => resolve(),
  });
  connection.send(Buffer.from([0]), Buffer.from("hello"));
  connection.send(Buffer.from([255, 0]));
  await closed;
  t.equal(Buffer.concat(parts).toString(), "hello");
  t.match(JSON.parse(status), { status: "Success" });
});

t.test("the shims have stayed small", async (t) => {
  const procs = join(findHierarchy()?.root ?? "", node.cgroup, "shims", "cgroup.procs");
  const shims = readFileSync(procs, "utf8").split("\n").filter(Boolean);
  t.not(shims.length, 0);
  for (const pid of shims) {
    const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
    t.ok(peak < SHIM_BYTES_MAX, `${(peak / MIB).toFixed(1)} MiB at most`);
  }
});

t.test("what was made is gone", async (t) => {
  await node.remove();
  t.strictSame(await settledDifference(before, ownProcesses), [], "nothing is left");
});
