// The nodes that are compared: each with a network of its own, and as it is shipped.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../agent/base/paths.ts";
import { TOOLS_DIR } from "../conformance/tools/build.ts";
import { bridgeNetwork } from "./bridge-network.ts";
import { Containerd } from "./containerd.ts";
import { endDaemon, removeGroups, startDaemon } from "./daemon.ts";
import { pidsNamed } from "./processes.ts";

export interface MeasuredNode extends AsyncDisposable {
  readonly who: string;
  /** Of the daemons and of what they keep running for containers; not the containers' own. */
  pids(): readonly number[];
  /** The end of its log. */
  log(): string;
}

export interface NodeOptions {
  /** Of its own. */
  readonly directory: string;
  readonly kubeconfig: string;
  /** The Node is called so. */
  readonly name: string;
  /** A directory of hosts.toml files. */
  readonly certs: string;
  readonly maxPods: number;
}

const LOG_TAIL = 4_000;
const STOP_LIMIT_MS = 120_000;
const PAUSE = "registry.k8s.io/pause:3.9";

/** What both are told; the disk of a development host is as full as it is. */
function configurationFile({ directory, maxPods }: NodeOptions, more: object): string {
  const path = join(directory, "kubelet.json");
  const configuration = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    maxPods,
    imageGCHighThresholdPercent: 100,
    failSwapOn: false,
    evictionHard: { "memory.available": "1Mi" },
    ...more,
  };
  writeFileSync(path, JSON.stringify(configuration));
  return path;
}

export async function nodeletNode(options: NodeOptions): Promise<MeasuredNode> {
  const { directory, kubeconfig, name, certs } = options;
  mkdirSync(directory, { recursive: true });
  const log = join(directory, "log");
  const runDir = "/run/nodelet";
  const nodelet = join(packageRoot(), "bin", "nodelet");
  const child = startDaemon(
    nodelet,
    [
      "agent",
      `--kubeconfig=${kubeconfig}`,
      `--config=${configurationFile(options, {})}`,
      `--hostname-override=${name}`,
      `--run-dir=${runDir}`,
      `--registry-config-path=${certs}`,
      "--network=builtin",
      "--pod-cidr=10.218.0.0/16",
      "--allow-missing-cgroup-controllers",
    ],
    log,
  );
  return {
    who: "nodelet",
    pids: () => [child.pid ?? 0, ...pidsNamed(/^nodelet-/)],
    log: () => readFileSync(log, "utf8").slice(-LOG_TAIL),
    async [Symbol.asyncDispose]() {
      const env = { ...process.env, NODELET_RUN_DIR: runDir };
      await once(
        spawn(nodelet, ["stop", "--all", "--grace-period", "0"], { stdio: "ignore", env, timeout: STOP_LIMIT_MS }),
        "exit",
      );
      await endDaemon(child);
    },
  };
}

export async function stockNode(options: NodeOptions): Promise<MeasuredNode> {
  const { directory, kubeconfig, name, certs } = options;
  mkdirSync(directory, { recursive: true });
  const log = join(directory, "log");
  await using parts = new AsyncDisposableStack();
  // The kubelet leaves those of its classes of pods.
  parts.defer(() => removeGroups("kubepods/{besteffort,burstable}", "kubepods"));
  const dataDir = join(directory, "addresses");
  const containerd = parts.use(
    await Containerd.start({
      directory: join(directory, "containerd"),
      certs,
      pause: PAUSE,
      network: bridgeNetwork({ name: "bench0", subnet: "10.217.0.0/16", dataDir, masquerade: true }),
      programs: TOOLS_DIR,
    }),
  );
  const configuration = configurationFile(options, {
    containerRuntimeEndpoint: `unix://${containerd.socket}`,
    // Development hosts have the controllers in version 1 of the tree.
    failCgroupV1: false,
    enforceNodeAllocatable: ["pods"],
  });
  const child = startDaemon(
    join(TOOLS_DIR, "kubelet"),
    [`--kubeconfig=${kubeconfig}`, `--config=${configuration}`, `--hostname-override=${name}`],
    log,
  );
  parts.defer(() => endDaemon(child));
  const owned = parts.move();
  return {
    who: "kubelet + containerd 2.3",
    pids: () => [child.pid ?? 0, containerd.pid, ...pidsNamed(/^containerd-shim/)],
    log: () => readFileSync(log, "utf8").slice(-LOG_TAIL),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
