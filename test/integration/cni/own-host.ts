/**
 * A host of a test's own: a fresh network and mount namespace, in which `ip netns`, sysctls and nftables are nobody else's.
 * With its last process all of it is gone.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { packageRoot } from "../../../agent/base/paths.ts";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import type { PortMapping, NetworkAttachment } from "../../../cni/network.ts";

const run = promisify(execFile);

/** Runs a file there, and passes on what it prints and its exit code. */
export async function runOnOwnHost(file: string, args: readonly string[] = []): Promise<void> {
  const script = [
    // A /tmp of the tests' own, with the project in it if that is where it lies.
    'root="$1"; shift',
    'mount --bind "$root" /mnt',
    "mount -t tmpfs tmpfs /tmp",
    'case "$root" in /tmp/*) mkdir -p "$root"; mount --move /mnt "$root" ;; *) umount /mnt ;; esac',
    "mkdir -p /run/netns",
    "mount -t tmpfs tmpfs /run/netns",
    // The new /sys covers the cgroups.
    "mount --rbind /sys/fs/cgroup /mnt",
    "mount -t sysfs sysfs /sys",
    "mount --move /mnt /sys/fs/cgroup",
    "ip link set lo up",
    'exec "$@"',
  ].join(" && ");
  const child = spawn(
    "unshare",
    ["--net", "--mount", "sh", "-c", script, "sh", packageRoot(), process.execPath, file, ...args],
    {
      stdio: "inherit",
    },
  );
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}

export async function sh(command: string): Promise<string> {
  const { stdout } = await run("sh", ["-c", command], { timeout: 30_000, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

export async function addNetns(name: string): Promise<string> {
  await sh(`ip netns add ${name} && ip -n ${name} link set lo up`);
  return `/run/netns/${name}`;
}

export async function deleteNetns(name: string): Promise<void> {
  await sh(`ip netns delete ${name}`);
}

export function attachment(name: string, ...ports: readonly string[]): NetworkAttachment {
  return {
    sandboxId: `sandbox-${name}`,
    podNamespace: "default",
    podName: name,
    podUid: `uid-${name}`,
    netns: `/run/netns/${name}`,
    annotations: {},
    dns: undefined,
    cgroupParent: "",
    portMappings: ports.map(parsePort),
  };
}

/** `tcp 8080:80` or `udp 192.0.2.1:53:53`. */
function parsePort(text: string): PortMapping {
  const [protocol, rest = ""] = text.split(" ");
  const parts = rest.split(":");
  const containerPort = Number(parts.pop());
  const hostPort = Number(parts.pop());
  return { protocol: protocol as "tcp", containerPort, hostPort, hostIp: parts[0] ?? "" };
}

/** What a program in a network namespace is asked for. `peer.ts` is that program. */
export type PeerRequest =
  | { readonly do: "listen"; readonly protocol: "tcp" | "udp"; readonly host: string; readonly port: number }
  | {
      readonly do: "ask";
      readonly protocol: "tcp" | "udp";
      readonly host: string;
      readonly port: number;
      /** UDP only: the client's own port; asked again from it, the kernel sees the same flow. */
      readonly from?: number | undefined;
      readonly milliseconds: number;
    };

/** A program in a network namespace that listens and connects. Its servers answer with the client's address as they see it. */
export class Peer implements AsyncDisposable {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** In a named network namespace, or where the test is. */
  static async start(netns?: string): Promise<Peer> {
    const node = [process.execPath, new URL("peer.ts", import.meta.url).pathname];
    const [program = "", ...args] = netns === undefined ? node : ["ip", "netns", "exec", netns, ...node];
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const peer = new Peer(child);
    await once(child, "message");
    return peer;
  }

  async #request(request: PeerRequest): Promise<string> {
    this.#process.send(request);
    const [answer] = (await once(this.#process, "message")) as [string];
    return answer;
  }

  async listen(protocol: "tcp" | "udp", port: number, host = "0.0.0.0"): Promise<void> {
    const answer = await this.#request({ do: "listen", protocol, host, port });
    if (answer !== "listening") throw new Error(`cannot listen on ${protocol} ${host}:${port}: ${answer}`);
  }

  /** The server's words, or the code of the error; `timeout` when nothing comes. */
  async ask(
    protocol: "tcp" | "udp",
    host: string,
    port: number,
    options: { from?: number; milliseconds?: number } = {},
  ): Promise<string> {
    return await this.#request({
      do: "ask",
      protocol,
      host,
      port,
      from: options.from,
      milliseconds: options.milliseconds ?? 30_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

export const system = createLinuxSystem();

/** A descriptor of a named network namespace. */
export function openNetns(name: string): Disposable & { readonly fd: number } {
  const fd = openSync(`/run/netns/${name}`, "r");
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
