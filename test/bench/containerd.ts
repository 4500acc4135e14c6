// containerd in directories of its own, with a CNI network.

import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { connectCri } from "../fixtures/cri-client.ts";
import type { BridgeNetwork } from "./bridge-network.ts";
import { endDaemon, removeGroups, startDaemon } from "./daemon.ts";

const START_LIMIT_MS = 60_000;

export interface ContainerdOptions {
  /** Of its own. */
  readonly directory: string;
  /** A directory of hosts.toml files. */
  readonly certs: string;
  /** The image of sandboxes. */
  readonly pause: string;
  readonly network: BridgeNetwork;
  /** Where version 2.3 and its shim are; undefined: Debian's, 1.6. */
  readonly programs?: string;
}

const SOCKET = "/run/bench-containerd.sock";
const DISABLED = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.zfs",
];

/** Apart from what a host like this one needs, as it comes. The format is of version 1.6 or of 2. */
function configuration({ directory, certs, pause, programs }: ContainerdOptions, netDir: string): string {
  const common = `root = "${directory}/root"
state = "/run/bench-containerd"
disabled_plugins = ${JSON.stringify(DISABLED)}
[grpc]
  address = "${SOCKET}"
[ttrpc]
  address = "${SOCKET}.ttrpc"
`;
  if (programs === undefined) {
    return `version = 2
${common}[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${netDir}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${certs}"
`;
  }
  return `version = 3
${common}[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${pause}"
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "${certs}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${netDir}"
`;
}

export class Containerd implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly socket: string;

  private constructor(child: ChildProcess, socket: string) {
    this.#child = child;
    this.socket = socket;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  static async start(options: ContainerdOptions): Promise<Containerd> {
    const { directory, network, programs } = options;
    const netDir = join(directory, "net.d");
    mkdirSync(netDir, { recursive: true });
    writeFileSync(join(netDir, "10-bench.conflist"), JSON.stringify(network));
    const configFile = join(directory, "config.toml");
    writeFileSync(configFile, configuration(options, netDir));
    const log = join(directory, "log");
    // It looks for its shim there as well.
    const path = `${programs === undefined ? "" : `${programs}:`}${process.env["PATH"]}`;
    const child = startDaemon("containerd", ["--config", configFile], log, { ...process.env, PATH: path });
    const containerd = new Containerd(child, SOCKET);
    for (const limit = Date.now() + START_LIMIT_MS; Date.now() < limit; await sleep(100)) {
      using client = connectCri(SOCKET, { timeoutMs: 1_000 });
      const { status } = await client.status({}).catch(() => ({ status: undefined }));
      const holds = (type: string): boolean =>
        status?.conditions?.some((condition) => condition.type === type && condition.status === true) === true;
      if (holds("RuntimeReady") && holds("NetworkReady")) return containerd;
      if (child.exitCode !== null || child.signalCode !== null) break;
    }
    await containerd[Symbol.asyncDispose]();
    throw new Error(`containerd did not start:\n${readFileSync(log, "utf8").slice(-4_000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endDaemon(this.#child);
    // runc leaves the parent of containers without one.
    removeGroups("k8s.io");
  }
}
