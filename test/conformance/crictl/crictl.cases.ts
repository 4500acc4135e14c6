// Every command of crictl against `nodelet cri`, on a host of its own: crictl.test.ts starts this with the layout of images.

import { execFile, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { TestCri } from "../../fixtures/cri-daemon.ts";
import { echoServer } from "../../fixtures/echo-server.ts";
import { growthDuring } from "../../fixtures/memory.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { countOf } from "../../fixtures/soak.ts";
import { Registry, writeMirrors } from "../images/serve.ts";
import { TOOLS_DIR } from "../tools/build.ts";

const BUSYBOX = "registry.k8s.io/e2e-test-images/busybox:1.29-2";
const CRICTL = join(TOOLS_DIR, "crictl");
const COMMAND_LIMIT_MS = 60_000;

const MIB = 1024 * 1024;

/** What the daemon may grow by while bytes pass, however many they are: buffers that its collector has yet to take. */
const GROWTH_BYTES_MAX = 96 * MIB;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const registry = await Registry.start({ directory: "/run/registry", port: 5000, images: process.argv[2] ?? "" });
writeMirrors("/run/certs.d", registry.address);
const before = await takePicture(ownProcesses);
const daemon = new TestCri(3, ["--registry-config-path=/run/certs.d"]);
await daemon.start();
t.teardown(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const configuration = join(daemon.directory, "crictl.yaml");
writeFileSync(
  configuration,
  `runtime-endpoint: unix://${daemon.socket}\nimage-endpoint: unix://${daemon.socket}\ntimeout: 30\n`,
);

/** Commands that were run. */
const used = new Set<string>();

function withConfiguration(args: readonly string[]): string[] {
  used.add(args[0] ?? "");
  return ["--config", configuration, ...args];
}

/** One that runs until it is ended. */
function followCrictl(...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(CRICTL, withConfiguration(args), { stdio: ["pipe", "pipe", "inherit"] });
}

/** Does not throw. */
function tryCrictl(args: readonly string[], input = ""): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      CRICTL,
      withConfiguration(args),
      { timeout: COMMAND_LIMIT_MS, killSignal: "SIGKILL" },
      (error, out, err) => {
        const { code } = (error ?? { code: 0 }) as { code?: number | string | null };
        resolve({ code: typeof code === "number" ? code : -1, out, err });
      },
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** What it prints; throws when it fails. */
async function crictl(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await tryCrictl(args);
  if (code !== 0) throw new Error(`crictl ${args.join(" ")} ended with ${code}: ${err}`);
  return out.trim();
}

/** crictl takes options before arguments only. */
async function crictlJson<T>(command: string, ...args: readonly string[]): Promise<T> {
  return JSON.parse(await crictl(command, "-o", "json", ...args)) as T;
}

function file(name: string, content: object): string {
  const path = join(daemon.directory, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const pod = file("pod.json", {
  metadata: { name: "web", namespace: "default", uid: "web-uid", attempt: 1 },
  hostname: "web",
  log_directory: daemon.logs,
  port_mappings: [],
  labels: { app: "web" },
  linux: {},
});
const container = (name: string, command: readonly string[], more: object = {}): string =>
  file(`${name}.json`, {
    metadata: { name, attempt: 0 },
    image: { image: BUSYBOX },
    command,
    log_path: `${name}.log`,
    linux: {},
    ...more,
  });

t.test("of the runtime", async (t) => {
  t.match(await crictl("version"), /RuntimeName: +nodelet/);
  const info = await crictlJson<{ status: { conditions: { type: string; status: boolean }[] } }>("info");
  t.same(
    info.status.conditions.filter(({ status }) => !status),
    [],
  );
  t.match(await crictl("runtime-config"), /CGROUPFS/);
  await crictl("update-runtime-config", "--pod-cidr", "10.0.0.0/24");
  t.match(await crictl("config", "--get", "runtime-endpoint"), daemon.socket);
});

t.test("of images", async (t) => {
  t.match(await crictl("pull", BUSYBOX), /sha256:[0-9a-f]{64}/);
  await crictl("pull", "registry.k8s.io/pause:3.9");
  t.match(await crictl("images"), /e2e-test-images\/busybox +1\.29-2/);
  const { status } = await crictlJson<{ status: { repoTags: string[] } }>("inspecti", BUSYBOX);
  t.same(status.repoTags, [BUSYBOX]);
  t.match(await crictlJson("imagefsinfo"), { status: { imageFilesystems: [{ usedBytes: { value: /^\d+$/ } }] } });
  await crictl("rmi", "registry.k8s.io/pause:3.9");
  t.notMatch(await crictl("images"), /pause/);
  const missing = await tryCrictl(["pull", "registry.k8s.io/nothing:1"]);
  t.not(missing.code, 0);
  t.match(
    missing.err,
    /MANIFEST_UNKNOWN/,
    "the mirror has no such image, and the registry itself cannot be reached from here",
  );
});

t.test("of pods and containers", async (t) => {
  const events = followCrictl("events");
  let followed = "";
  events.stdout.on("data", (chunk: Buffer) => (followed += chunk.toString()));
  const eventsEnded = new Promise((done) => events.once("exit", done));
  await sleep(500); // crictl does not say that it follows

  const sandbox = await crictl("runp", pod);
  t.match(sandbox, /^[0-9a-f]{64}$/);
  t.match(await crictl("pods", "--name", "web", "-q"), sandbox);
  t.match(await crictlJson("inspectp", sandbox), { status: { state: "SANDBOX_READY", metadata: { name: "web" } } });

  const id = await crictl(
    "create",
    sandbox,
    container("main", ["sh", "-c", "echo started; exec cat"], { stdin: true }),
    pod,
  );
  t.match(await crictl("ps", "-a"), /Created +main/);
  await crictl("start", id);
  t.match(await crictl("ps"), /Running +main/);
  t.match(await crictlJson("inspect", id), { status: { state: "CONTAINER_RUNNING" } });
  while ((await crictl("logs", id)) !== "started") await sleep(50);

  t.equal(await crictl("exec", "-s", id, "echo", "hello"), "hello");
  for (const transport of ["spdy", "websocket"]) {
    t.equal(await crictl("exec", "-r", transport, id, "echo", "hello"), "hello", `exec over ${transport}`);
    const code = await tryCrictl(["exec", "-r", transport, id, "sh", "-c", "exit 3"]);
    t.not(code.code, 0);
    t.match(code.err, /exit code 3|exit status 3|terminated with.*3/);
    const piped = await tryCrictl(["exec", "-i", "-r", transport, id, "cat"], "through\n");
    t.equal(piped.out, "through\n", `stdin over ${transport}`);
  }
  t.equal((await tryCrictl(["exec", "-s", id, "nothing"])).code === 0, false);

  const attached = followCrictl("attach", "-i", id);
  let echoed = "";
  attached.stdout.on("data", (chunk: Buffer) => (echoed += chunk.toString()));
  attached.stdin.write("over attach\n");
  while (!echoed.includes("over attach")) await sleep(20);
  attached.kill("SIGKILL");
  while (!(await crictl("logs", id)).includes("over attach")) await sleep(50);
  t.pass("attach");

  await crictl("update", "--cpu-share", "512", id);
  t.match(await crictlJson("inspect", id), { status: { resources: { linux: { cpuShares: "512" } } } });

  t.match(await crictl("stats", "-a"), id.slice(0, 13));
  t.match(await crictl("statsp"), sandbox.slice(0, 13));
  t.match(await crictl("metricsp"), /container_/);
  t.match(await crictl("metricdescs"), /container_cpu_usage_seconds_total/);

  const checkpoint = await tryCrictl(["checkpoint", "--export=/run/checkpoint.tar", id]);
  t.not(checkpoint.code, 0);
  t.match(checkpoint.err, /code = Unimplemented/);

  await crictl("stop", "--timeout", "1", id);
  t.match(await crictl("ps", "-a"), /Exited +main/);
  await crictl("rm", id);
  await crictl("stopp", sandbox);
  t.match(await crictl("pods"), /NotReady +web/);
  await crictl("rmp", sandbox);
  t.equal(await crictl("pods", "-q"), "");

  const wanted = ["CREATED", "STARTED", "STOPPED", "DELETED"].map((name) => `CONTAINER_${name}_EVENT`);
  while (!wanted.every((name) => followed.includes(name))) await sleep(20);
  events.kill("SIGINT");
  await eventsEnded;
  t.pass("events");
});

t.test("a container and its pod in one, and its port", async (t) => {
  const serving = container("serving", ["sh", "-c", "echo found > /tmp/index.html; exec httpd -f -p 80 -h /tmp"]);
  const id = await crictl("run", serving, pod);
  const sandbox = await crictl("pods", "-q");
  const forward = followCrictl("port-forward", sandbox, "18080:80");
  let said = "";
  forward.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  while (!said.includes("Forwarding from 127.0.0.1")) await sleep(20);
  const page = await fetch("http://127.0.0.1:18080/index.html");
  t.equal(await page.text(), "found\n");
  forward.kill("SIGKILL");
  t.match(await crictl("rm", "-f", id), id);
  await crictl("rmp", "-f", "-a");
  await crictl("rmi", "-a");
  t.equal(await crictl("images", "-q"), "");
});

/** Pours zeros into the stream and counts what the other one brings back. */
async function through(bytes: number, into: Writable, from: Readable): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024);
  let received = 0;
  from.on("data", (part: Buffer) => (received += part.length));
  const ended = once(from, "end");
  for (let sent = 0; sent < bytes; sent += chunk.length) if (!into.write(chunk)) await once(into, "drain");
  into.end();
  await ended;
  return received;
}

t.test("much through each stream, as Go's clients read and write them, in bounded memory", async (t) => {
  const bytes = countOf("STREAM_MIB", { short: 64, soak: 1024 }) * MIB;
  const bounded = async (what: string, stream: () => Promise<number>): Promise<void> => {
    let received = 0;
    const growth = await growthDuring(daemon.pid ?? 0, async () => {
      received = await stream();
    });
    t.equal(received, bytes, `${what}: all of ${bytes / MIB} MiB came back`);
    t.ok(growth < GROWTH_BYTES_MAX, `${what}: the daemon grew by ${(growth / MIB).toFixed(1)} MiB`);
  };
  await crictl("pull", BUSYBOX);
  const sandbox = await crictl("runp", pod);
  const serving = await crictl("create", sandbox, container("echo", ["sh", "-c", `exec ${echoServer(80)}`]), pod);
  await crictl("start", serving);
  for (const transport of ["spdy", "websocket"]) {
    await bounded(`exec over ${transport}`, async () => {
      const { stdin, stdout } = followCrictl("exec", "-i", "-r", transport, serving, "cat");
      return await through(bytes, stdin, stdout);
    });

    const more = { stdin: true, stdin_once: true, log_path: "" };
    const cat = await crictl("create", sandbox, container(`cat-${transport}`, ["cat"], more), pod);
    await crictl("start", cat);
    await bounded(`attach over ${transport}`, async () => {
      const { stdin, stdout } = followCrictl("attach", "-i", "-r", transport, cat);
      return await through(bytes, stdin, stdout);
    });
    await crictl("rm", "-f", cat);

    const forward = followCrictl("port-forward", "-r", transport, sandbox, "18080:80");
    let said = "";
    forward.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes("Forwarding from 127.0.0.1")) await sleep(20);
    const dial = (): Socket => connect({ port: 18_080, host: "127.0.0.1", allowHalfOpen: true });
    const texts = await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const socket = dial();
        socket.end(`${index} `.repeat(10_000));
        return await text(socket);
      }),
    );
    t.ok(
      texts.every((answer, index) => answer === `${index} `.repeat(10_000)),
      `16 connections at once over ${transport}`,
    );
    await bounded(`port-forward over ${transport}`, async () => {
      const socket = dial();
      return await through(bytes, socket, socket);
    });
    forward.kill("SIGKILL");
  }
  await crictl("rmp", "-f", sandbox);
  await crictl("rmi", "-a");
});

t.test("every command of its list has been run", async (t) => {
  t.match(await crictl("completion", "bash"), /complete .*crictl/);
  const help = await crictl("help");
  const [, list = ""] = /^COMMANDS:\n(.*?)\n\n/ms.exec(help) ?? [];
  const commands = Array.from(list.matchAll(/^ {3}([a-z-]+)/gm), ([, command]) => command ?? "");
  t.not(commands.length, 0);
  t.same(
    commands.filter((command) => !used.has(command)),
    [],
  );
});

t.test("nothing is left", async (t) => {
  await daemon[Symbol.asyncDispose]();
  t.same(await settledDifference(before, ownProcesses), []);
});
