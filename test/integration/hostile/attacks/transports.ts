// Attacks on what nodelet says and hears: sockets, logs, output, hooks.

import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { systemClock } from "../../../../agent/base/clock.ts";
import { describeError } from "../../../../agent/base/errors.ts";
import { readLog } from "../../../../agent/server/logs.ts";
import { NamespaceMode } from "../../../../agent/cri/runtime.ts";
import { TestAgent } from "../../../fixtures/agent.ts";
import { countOf } from "../../../fixtures/soak.ts";
import { containerConfig, sandboxConfig, untilExited } from "../../../fixtures/runtime.ts";
import type { Attack } from "../attack.ts";
import type { Host, Ran } from "../host.ts";

const execute = promisify(execFile);

const ATTACHES = countOf("NODELET_ATTACHES", { short: 300, soak: 10_000 });
const OUTPUT_MIB = countOf("NODELET_OUTPUT_MIB", { short: 48, soak: 1024 });
const NOBODY = 65534;

const hostNetwork = {
  linux: { securityContext: { namespaceOptions: { network: NamespaceMode.NODE, pid: NamespaceMode.CONTAINER } } },
};

async function throughAbstract(host: Host, name: string): Promise<string> {
  const image = await host.image([]);
  await host.start(["/bin/sleep", "60"]);
  const { output, refused } = await host.run(["/bin/hostile", "connect-abstract", name], {
    image,
    sandbox: hostNetwork,
  });
  return refused || output;
}

/** Connects as a user of the host to what it should not even reach. */
async function asUser(host: Host, path: string, uid: number): Promise<string> {
  for (let at = dirname(path); at !== "/" && at !== "/dev/shm" && at !== "/tmp"; at = dirname(at)) chmodSync(at, 0o755);
  chmodSync(path, 0o666);
  const program = host.program();
  chmodSync(dirname(program), 0o755);
  const { stdout } = await execute(program, ["connect-path", path, String(uid)], { timeout: 30_000 });
  return stdout.trim();
}

const logOf = async (host: Host, { containerId }: Ran): Promise<string> =>
  (await host.runtime.containerStatus({ containerId })).status?.logPath ?? "";

/** Puts something in the place of a log that is being written, and has it opened anew. */
async function reopened(host: Host, replace: (log: string) => void): Promise<string> {
  const ran = await host.start(["/bin/sh", "-c", "while true; do echo line; sleep 0.02; done"]);
  await host.said(ran, /line/);
  const log = await logOf(host, ran);
  renameSync(log, `${log}.1`);
  replace(log);
  const said = await host.runtime.reopenContainerLog({ containerId: ran.containerId }).then(
    () => "opened",
    (error: unknown) => (/ELOOP|EINVAL|ENXIO/.test(describeError(error)) ? "refused" : describeError(error)),
  );
  await sleep(200);
  const { status } = await host.runtime.containerStatus({ containerId: ran.containerId });
  return `${said}, ${status?.state === 1 ? "runs on" : "has ended"}, ${host.touched().replace(/:.*/, "")}`;
}

async function readsLog(host: Host, replace: (log: string) => void): Promise<string> {
  const directory = join(host.make("logs"), "pod", "container");
  mkdirSync(directory, { recursive: true });
  const log = join(directory, "0.log");
  replace(log);
  const parts: Buffer[] = [];
  const context = { clock: systemClock, signal: AbortSignal.timeout(20_000) };
  try {
    for await (const part of readLog(host.system, log, {}, undefined, context)) parts.push(part);
    return `read ${JSON.stringify(Buffer.concat(parts).toString().trim())}`;
  } catch (error) {
    return describeError(error);
  }
}

const LINE = "2024-01-02T03:04:05.123456789Z stdout F ";

async function execOutput(host: Host, command: string): Promise<string> {
  const { containerId } = await host.start(["/bin/sleep", "600"]);
  const { stdout } = await host.runtime.execSync({ containerId, cmd: ["/bin/sh", "-c", command], timeout: 300n });
  return `${stdout?.length ?? 0} bytes`;
}

/** The process that holds a container: it has the container's control socket open. */
function shimOf(host: Host, containerId: string): number {
  const socket = join(host.runDir, "containers", containerId);
  for (const pid of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/comm`, "utf8") !== "nodelet-shim\n") continue;
      if (readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === socket))
        return Number(pid);
    } catch {
      continue; // it has ended
    }
  }
  throw new Error("the container has no shim");
}

/** What the shim holds: descriptors, and whether its memory stays small. */
function held(pid: number): { descriptors: number; kilobytes: number } {
  const kilobytes = Number(/VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, kilobytes };
}

async function attaches(host: Host, count: number): Promise<string> {
  const ran = await host.start(["/bin/sh", "-c", "while true; do echo line; sleep 0.05; done"]);
  await host.said(ran, /line/);
  const { containerId } = ran;
  const shim = shimOf(host, containerId);
  const before = held(shim);
  const request = { containerId, stdin: false, stdout: true, stderr: true, tty: false };
  for (let done = 0; done < count; done++) {
    const session = await host.runtime.openAttach(request);
    session.exited.catch(() => undefined);
    session.close();
  }
  const last = await host.runtime.openAttach(request);
  last.exited.catch(() => undefined);
  const [line] = (await last.stdout?.iterator().next())?.value?.toString().split("\n") ?? [];
  last.close();
  for (let tries = 0; tries < 200 && held(shim).descriptors > before.descriptors; tries++) await sleep(50);
  const after = held(shim);
  const grown = after.kilobytes > before.kilobytes + 1024 ? "more memory" : "same memory";
  return `${line}, ${after.descriptors > before.descriptors ? "more descriptors" : "same descriptors"}, ${grown}`;
}

async function slowReader(host: Host, reads: boolean): Promise<string> {
  const ran = await host.start(["/bin/sh", "-c", "while ! test -e /go; do sleep 0.05; done; yes | head -c 8000000"]);
  const { containerId } = ran;
  const session = await host.runtime.openAttach({ containerId, stdin: false, stdout: true, stderr: true, tty: false });
  session.exited.catch(() => undefined);
  if (reads) session.stdout?.resume();
  await host.exec(containerId, "/bin/touch", "/go");
  const outcome = await Promise.race([
    untilExited(host.runtime, containerId).then(() => "the container ended"),
    sleep(15_000, "the container is held up", { ref: false }),
  ]);
  session.close();
  return outcome;
}

/** Starts a container of an image with a hook, and tells what the hook was started with. */
async function hook(host: Host, own: Record<string, unknown>): Promise<string> {
  const image = await host.image([], { Env: ["PATH=/bin", "LD_PRELOAD=/evil.so"] });
  const directory = host.make("hook");
  const program = join(directory, "hook");
  const seen = join(directory, "seen");
  writeFileSync(program, `#!/bin/sh\n{ /bin/pwd; /usr/bin/env; } > ${seen} 2> /dev/null\n`);
  chmodSync(program, 0o755);
  const config = sandboxConfig(host.logs);
  const { podSandboxId } = await host.runtime.runPodSandbox({ config });
  const { containerId = "" } = await host.runtime.createContainer({
    podSandboxId,
    sandboxConfig: config,
    config: containerConfig(["/bin/true"], { image: { image }, workingDir: "/home" }),
  });
  // The CRI has no hooks; whoever edits the spec has.
  const file = join(host.runDir, "containers", containerId, "config.json");
  const spec = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...spec, hooks: { poststop: [{ path: program, ...own }] } }));
  await host.runtime.startContainer({ containerId });
  await untilExited(host.runtime, containerId);
  await host.runtime.removeContainer({ containerId });
  const [cwd, ...env] = readFileSync(seen, "utf8").trim().split("\n");
  const named = env.filter((line) => /^(LD_PRELOAD|OWN|HOSTNAME)=/.test(line)).toSorted();
  return `${cwd} ${named.join(" ")}`.trim();
}

/** TCP ports that a process of the agent listens on. */
function portsOf(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[([0-9]+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inode !== undefined && sockets.has(inode))
      .map(([, address = ""]) => address),
  );
}

async function agentSocket(host: Host, uid: number): Promise<string> {
  await using agent = await TestAgent.create(44);
  await agent.start();
  const ports = portsOf(agent.pid ?? 0).filter((address) => !address.startsWith("0100007F"));
  const path = join(agent.runDir, "nodelet.sock");
  for (const at of [agent.runDir, path]) chmodSync(at, 0o777);
  const program = host.program();
  chmodSync(dirname(program), 0o755);
  const request = "GET /pods HTTP/1.0\r\n\r\n";
  const { stdout } = await execute(program, ["ask", path, String(uid), request], { timeout: 30_000 });
  return `${ports.length} open ports, ${/HTTP\/1.1 200/.test(stdout) ? "answered" : "not answered"}`;
}

const twoLines = (log: string): void => writeFileSync(log, `${LINE}one\n${LINE}two\n`);

export const attacks: readonly Attack[] = [
  {
    name: "an abstract socket of nodelet's in the host's network",
    rows: ["2020-15257"],
    attack: (host) => throughAbstract(host, "nodelet"),
    async twin(host) {
      const server = createServer((socket) => socket.on("error", () => undefined).end("hello")).listen(
        "\0own-of-the-test",
      );
      try {
        return await throughAbstract(host, "own-of-the-test");
      } finally {
        server.close();
      }
    },
    held: /^no abstract socket$/,
    works: /^connected and answered$/,
    without: [
      [
        "native/shim/ops_streams.c",
        "long rc = checked(bind(fd, (struct sockaddr *)&address, sizeof address));",
        'int named = snprintf(address.sun_path + 1, 64, "nodelet-shim-%d", (int)getpid());\n  address.sun_path[0] = 0;\n  long rc = checked(bind(fd, (struct sockaddr *)&address, (socklen_t)(sizeof(sa_family_t) + 1 + (size_t)named)));',
      ],
      ["native/shim/ops_streams.c", "rc = sys_fchmodat(at, name, 0600);", "rc = 0;"],
      [
        "native/shim/ops_streams.c",
        "#include <string.h>",
        "#include <stdio.h>\n#include <string.h>\n#include <unistd.h>",
      ],
    ],
    fallen: /^connected and answered$/,
  },
  {
    name: "a user who reaches a shim's socket",
    rows: ["2020-15257"],
    async attack(host) {
      const { containerId } = await host.start(["/bin/sleep", "60"]);
      return asUser(host, join(host.runDir, "containers", containerId, "shim.sock"), NOBODY);
    },
    async twin(host) {
      const { containerId } = await host.start(["/bin/sleep", "60"]);
      return asUser(host, join(host.runDir, "containers", containerId, "shim.sock"), 0);
    },
    held: /^connected and not answered$/,
    works: /^connected and answered$/,
    without: [["native/shim/connections.c", "|| peer.uid != geteuid()) return;", ") return;"]],
    fallen: /^connected and answered$/,
  },
  {
    name: "a user who reaches the agent's socket, and ports that need no credentials",
    rows: ["2025-0426"],
    attack: (host) => agentSocket(host, NOBODY),
    twin: (host) => agentSocket(host, 0),
    held: /^0 open ports, not answered$/,
    works: /^0 open ports, answered$/,
    without: [
      [
        "agent/system/local-socket.ts",
        "if (uid === 0 || uid === process.geteuid?.()) return true;",
        "if (uid >= 0) return true;",
      ],
    ],
    fallen: /, answered$/,
  },
  {
    name: "a log that became a link before it is opened anew",
    rows: ["suite 10"],
    attack: (host) => reopened(host, (log) => symlinkSync(join(host.outside, "victim"), log)),
    twin: (host) => reopened(host, () => undefined),
    held: /^refused, runs on, untouched$/,
    works: /^opened, runs on, untouched$/,
    without: [["native/shim/log.c", "O_APPEND | O_NOFOLLOW | O_NONBLOCK", "O_APPEND | O_NONBLOCK"]],
    fallen: /TOUCHED/,
  },
  {
    name: "a log that became a FIFO before it is opened anew",
    rows: ["suite 10"],
    attack: (host) => reopened(host, (log) => execFileSync("mkfifo", [log])),
    twin: (host) => reopened(host, (log) => writeFileSync(log, "")),
    held: /^refused, runs on, untouched$/,
    works: /^opened, runs on, untouched$/,
    without: [
      ["native/shim/log.c", "O_WRONLY | O_CREAT", "O_RDWR | O_CREAT"],
      ["native/shim/log.c", "if (rc == 0 && !S_ISREG(info.st_mode)) rc = -EINVAL;", ""],
    ],
    fallen: /^opened/,
  },
  {
    name: "a log that became a link before it is read",
    rows: ["suite 10"],
    attack: (host) =>
      readsLog(host, (log) => (twoLines(join(host.outside, "victim")), symlinkSync(join(host.outside, "victim"), log))),
    twin: (host) => readsLog(host, twoLines),
    held: /is not a regular file/,
    works: /^read "one\\ntwo"$/,
    without: [
      ["agent/server/logs.ts", "flags: O.RDONLY | O.NOFOLLOW | O.NONBLOCK,", "flags: O.RDONLY | O.NONBLOCK,"],
      [
        "agent/server/logs.ts",
        "resolve: RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS,",
        "resolve: 0,",
      ],
    ],
    fallen: /^read "one/,
  },
  {
    name: "a log that became a FIFO before it is read",
    rows: ["suite 10"],
    attack: (host) => readsLog(host, (log) => execFileSync("mkfifo", [log])),
    twin: (host) => readsLog(host, twoLines),
    held: /is not a regular file/,
    works: /^read "one\\ntwo"$/,
    without: [["agent/server/logs.ts", "if (fstatSync(fd).isFile()) return fd;", "if (fd >= 0) return fd;"]],
    fallen: /^(?!.*is not a regular file)/,
  },
  {
    name: "output without end of a command in a container",
    rows: ["2022-1708", "2022-31030", "suite 12"],
    attack: (host) => execOutput(host, `head -c ${OUTPUT_MIB}m /dev/zero`),
    twin: (host) => execOutput(host, "head -c 100000 /dev/zero"),
    held: /^16777216 bytes$/,
    works: /^100000 bytes$/,
    without: [
      [
        "agent/runtime/exec.ts",
        "const EXEC_SYNC_BYTES_MAX = 16 * 1024 * 1024;",
        "const EXEC_SYNC_BYTES_MAX = 2 ** 40;",
      ],
    ],
    fallen: /^(?!16777216)[0-9]{8,} bytes$/,
  },
  {
    name: "attach and detach, over and over",
    rows: ["suite 12"],
    attack: (host) => attaches(host, ATTACHES),
    twin: (host) => attaches(host, 1),
    held: /^line, same descriptors, same memory$/,
    works: /^line, same descriptors, same memory$/,
    without: [
      [
        "native/shim/connections.c",
        "  buffer_free(&connection->out);\n  close_descriptor(&connection->fd);",
        "  buffer_free(&connection->out);\n  connection->fd = -1;",
      ],
    ],
    fallen: /more descriptors|error/,
  },
  {
    name: "an attached reader who does not read",
    rows: ["suite 12"],
    attack: (host) => slowReader(host, false),
    twin: (host) => slowReader(host, true),
    held: /^the container ended$/,
    works: /^the container ended$/,
    without: [["native/shim/connections.c", "#define SLOW_LIMIT_MS 1000", "#define SLOW_LIMIT_MS 1000000"]],
    fallen: /^the container is held up$/,
  },
  {
    name: "an image whose LD_PRELOAD a hook would inherit",
    rows: ["2025-23266"],
    attack: (host) => hook(host, {}),
    twin: (host) => hook(host, { env: ["OWN=yes"] }),
    held: /^\/$/,
    works: /^\/ OWN=yes$/,
    without: [
      [
        "agent/runtime/plan/hooks.ts",
        "env: hook.env ?? [],",
        "env: [...(hook.env ?? []), ...(spec.process?.env ?? [])],",
      ],
    ],
    fallen: /LD_PRELOAD=\/evil\.so/,
  },
];
