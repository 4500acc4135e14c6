/**
 * A cluster on this machine: a control plane and two nodes, each a nodelet and a kube-proxy in a network namespace of its own.
 *
 *     node scripts/cluster.ts up      builds and starts it, and tells how to use it
 *     node scripts/cluster.ts addons  gives it CoreDNS and metrics-server, which are built at first
 *     node scripts/cluster.ts down    ends it, its pods too
 *     node scripts/cluster.ts run     the same in the foreground, until SIGTERM or SIGINT: what `up` starts
 *
 * Everything lies under NODELET_CLUSTER_HOME and NODELET_CLUSTER_RUN_DIR.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { packageRoot } from "../agent/base/paths.ts";
import { addonImage } from "../test/conformance/images/addons.ts";
import { TOOLS_DIR } from "../test/conformance/tools/build.ts";
import { buildCluster, Cluster, type ClusterOptions } from "../test/fixtures/cluster.ts";

const home = process.env["NODELET_CLUSTER_HOME"] ?? "/var/lib/nodelet-cluster";
const runDirectory = process.env["NODELET_CLUSTER_RUN_DIR"] ?? "/run/nodelet-cluster";
const stateFile = join(home, "processes.json");
const logFile = join(home, "cluster.log");
const kubeconfig = join(home, "admin.kubeconfig");

const UP_LIMIT_MS = 300_000;
const DOWN_LIMIT_MS = 180_000;
const POLL_MS = 200;
const LOG_TAIL = 3_000;

const options: ClusterOptions = { runDirectory, nodelet: [join(packageRoot(), "bin", "nodelet")] };

/** A process, told from a later one of the same number. */
interface Known {
  readonly pid: number;
  /** In clock ticks after boot. */
  readonly started: string;
}

interface State {
  readonly main: Known;
  /** Undefined: it is still starting. */
  readonly others?: readonly Known[];
}

function startTime(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}

function know(pid: number): Known[] {
  const started = startTime(pid);
  return started === undefined ? [] : [{ pid, started }];
}

function lives({ pid, started }: Known): boolean {
  return startTime(pid) === started;
}

function readState(): State | undefined {
  try {
    return JSON.parse(readFileSync(stateFile, "utf8")) as State;
  } catch {
    return undefined;
  }
}

async function run(): Promise<void> {
  const ended = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => ended.resolve());
  const [main] = know(process.pid);
  if (main === undefined) throw new Error("no /proc here");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(stateFile, JSON.stringify({ main } satisfies State));
  await using cluster = await Cluster.start(join(home, "cluster"), options);
  rmSync(kubeconfig, { force: true });
  symlinkSync(cluster.plane.kubeconfig, kubeconfig);
  writeFileSync(stateFile, JSON.stringify({ main, others: cluster.pids.flatMap(know) } satisfies State));
  await ended.promise;
}

async function up(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("making containers and network namespaces needs root");
  const before = readState();
  if (before !== undefined && lives(before.main)) return tell("it is already there");
  if (before !== undefined) await down();
  console.error("cluster: building the control plane's programs; for the first time this takes some ten minutes");
  buildCluster();
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const log = openSync(logFile, "w");
  const child = spawn(process.execPath, [import.meta.filename, "run"], { detached: true, stdio: ["ignore", log, log] });
  child.unref();
  for (const limit = Date.now() + UP_LIMIT_MS; Date.now() < limit; await sleep(POLL_MS)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (readState()?.others !== undefined) return tell("two nodes are ready");
  }
  throw new Error(`it did not start. The end of ${logFile}:\n${readFileSync(logFile, "utf8").slice(-LOG_TAIL)}`);
}

function tell(what: string): void {
  console.log(`
cluster: ${what}
  export KUBECONFIG=${kubeconfig} PATH=${TOOLS_DIR}:$PATH
  kubectl get nodes
  kubectl create deployment web --image=localhost/nodelet/busybox:1 --replicas=4 -- sleep infinity
  a node's own view   nodelet pods --run-dir ${runDirectory}/node-1
  names and figures   make cluster-addons, then kubectl top nodes
  end                 make cluster-stop
`);
}

async function down(): Promise<void> {
  const state = readState();
  if (state === undefined) {
    console.error("cluster: nothing is there");
    return;
  }
  const { main, others = [] } = state;
  if (lives(main)) process.kill(main.pid, "SIGTERM");
  for (const limit = Date.now() + DOWN_LIMIT_MS; lives(main); await sleep(POLL_MS)) {
    if (Date.now() > limit) throw new Error(`process ${main.pid} does not end; its log is ${logFile}`);
  }
  if (existsSync(join(home, "cluster", "node-1"))) {
    console.error("cluster: its main process had ended badly; its pods are ended by agents of their own");
    for (const { pid } of others.filter(lives)) process.kill(pid, "SIGKILL");
    await Cluster.cleanUp(join(home, "cluster"), options);
  }
  for (const path of [home, runDirectory]) rmSync(path, { recursive: true, force: true });
  console.error("cluster: ended");
}

async function addons(): Promise<void> {
  const state = readState();
  if (state?.others === undefined || !lives(state.main))
    throw new Error("there is no cluster; `make cluster` makes one");
  console.error("cluster: building CoreDNS and metrics-server; for the first time this takes some minutes");
  const [nodelet = ""] = options.nodelet ?? [];
  for (const name of ["coredns", "metrics-server"] as const) {
    const layout = await addonImage(name);
    for (const node of ["node-1", "node-2"]) {
      execFileSync(nodelet, ["load", "-q", layout, `--run-dir=${join(runDirectory, node)}`], { stdio: "inherit" });
    }
  }
  for (const name of ["dns", "metrics"]) {
    const file = join(packageRoot(), "examples", "cluster", `${name}.yaml`);
    const command = [`--kubeconfig=${kubeconfig}`, "apply", "-f", file];
    execFileSync(join(TOOLS_DIR, "kubectl"), command, { stdio: "inherit" });
  }
}

const commands: Readonly<Record<string, () => Promise<void>>> = { up, addons, down, run };
const command = commands[process.argv[2] ?? ""];
if (command === undefined) {
  console.error("usage: node scripts/cluster.ts up|addons|down|run");
  process.exit(2);
}
await command();
