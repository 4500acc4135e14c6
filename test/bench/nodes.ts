// The nodes that are compared: each with an image of its own accord, a network of its own, and as it is shipped.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, globSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../agent/base/paths.ts";
import { TOOLS_DIR } from "../conformance/tools/build.ts";
import { bridgeNetwork } from "./bridge-network.ts";
import { Containerd } from "./containerd.ts";
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
const END_LIMIT_MS = 60_000;
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

/** With its output in a file. */
function startDaemon(program: string, args: readonly string[], log: string): ChildProcess {
  const fd = openSync(log, "a");
  try {
    return spawn(program, args, { stdio: ["ignore", fd, fd] });
  } finally {
    closeSync(fd);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_LIMIT_MS);
  await ended;
  clearTimeout(timer);
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
      await once(spawn(nodelet, ["stop", "--all", "--grace-period", "0"], { stdio: "ignore", env }), "exit");
      await end(child);
    },
  };
}

export async function stockNode(options: NodeOptions): Promise<MeasuredNode> {
  const { directory, kubeconfig, name, certs } = options;
  mkdirSync(directory, { recursive: true });
  const log = join(directory, "log");
  await using parts = new AsyncDisposableStack();
  parts.defer(removeGroups);
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
  parts.defer(() => end(child));
  const owned = parts.move();
  return {
    who: "kubelet + containerd 2.3",
    pids: () => [child.pid ?? 0, containerd.pid, ...pidsNamed(/^containerd-shim/)],
    log: () => readFileSync(log, "utf8").slice(-LOG_TAIL),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The kubelet leaves the cgroups of its classes of pods, in each hierarchy. */
function removeGroups(): void {
  for (const name of ["kubepods/{besteffort,burstable}", "kubepods"]) {
    for (const group of globSync(`/sys/fs/cgroup/{,*/}${name}`)) {
      try {
        rmdirSync(group);
      } catch {
        // in use by another kubelet
      }
    }
  }
}
