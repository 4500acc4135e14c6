// The measurements of cri.ts, on a host of their own. Arguments: the layout of images, and --quick.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Registry, writeMirrors } from "../conformance/images/serve.ts";
import { connectCri, type CriClient } from "../fixtures/cri-client.ts";
import { networkFlags } from "../conformance/critest/network.ts";
import { TestCri } from "../fixtures/cri-daemon.ts";
import { sandboxConfig } from "../fixtures/runtime.ts";
import { Containerd } from "./containerd.ts";
import { pidsNamed, proportionalMemory } from "./processes.ts";
import { formatSeries, percentile, type Series } from "./report.ts";

const [images = "", ...flags] = process.argv.slice(2);
const quick = flags.includes("--quick");
const COUNT = quick ? 10 : 100;
const WARMUP = quick ? 2 : 10;
const AT_ONCE = 8;
const AT_REST = quick ? 10 : 100;

const BUSYBOX = "registry.k8s.io/e2e-test-images/busybox:1.29-2";
const PAUSE = "registry.k8s.io/pause:3.9";
const CERTS = "/run/certs.d";

const START = "pod start over CRI, one at a time";
const RATE = "pods per second, 8 at a time";
const EXEC = "ExecSync of true";
const END = "stop and remove of a pod";
const MEMORY = "PSS of daemon and shims at rest, pods";

const BUILTIN = "nodelet";
const PLUGIN = "nodelet, bridge plugin";
const CONTAINERD = "containerd";

/** Parts of containerd's figure. */
const GOALS: readonly { what: string; who?: string; goal: number; more?: boolean }[] = [
  { what: START, goal: 0.1 },
  { what: START, who: PLUGIN, goal: 0.2 },
  { what: RATE, goal: 6, more: true },
  { what: EXEC, goal: 0.2 },
  { what: END, goal: 0.1 },
];

/** Of nodelet with 100 pods. */
const MEMORY_GOAL_MB = 100;

interface Pod {
  readonly podSandboxId: string | undefined;
  readonly containerId: string | undefined;
}

const series: Series[] = [];

async function startPod(client: CriClient, logs: string): Promise<Pod> {
  const config = sandboxConfig(logs, { linux: {} });
  const { podSandboxId } = await client.runPodSandbox({ config });
  const { containerId } = await client.createContainer({
    podSandboxId,
    config: {
      metadata: { name: "main", attempt: 0 },
      image: { image: BUSYBOX },
      command: ["sleep", "100000"],
      logPath: "main.log",
      linux: {},
    },
    sandboxConfig: config,
  });
  await client.startContainer({ containerId });
  return { podSandboxId, containerId };
}

async function endPod(client: CriClient, { podSandboxId, containerId }: Pod): Promise<void> {
  await client.stopContainer({ containerId, timeout: 0n });
  await client.stopPodSandbox({ podSandboxId });
  await client.removePodSandbox({ podSandboxId });
}

async function timed<T>(into: number[], action: () => Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await action();
  into.push(performance.now() - from);
  return result;
}

async function measureSerial(who: string, client: CriClient, logs: string): Promise<void> {
  await client.pullImage({ image: { image: BUSYBOX } });
  const [starts, ends, execs]: [number[], number[], number[]] = [[], [], []];
  for (let count = -WARMUP; count < COUNT; count++) {
    const pod = await timed(count < 0 ? [] : starts, () => startPod(client, logs));
    const { containerId } = pod;
    if (count >= 0) await timed(execs, () => client.execSync({ containerId, cmd: ["true"] }));
    await timed(count < 0 ? [] : ends, () => endPod(client, pod));
  }
  series.push(
    { what: START, who, values: starts, unit: "ms" },
    { what: EXEC, who, values: execs, unit: "ms" },
    { what: END, who, values: ends, unit: "ms" },
  );
}

async function measure(who: string, socket: string, logs: string, pids: () => number[]): Promise<void> {
  using client = connectCri(socket);
  await measureSerial(who, client, logs);
  const pods: Pod[] = [];
  const from = performance.now();
  let left = COUNT;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) pods.push(await startPod(client, logs));
    }),
  );
  const rate = (pods.length * 1_000) / (performance.now() - from);
  while (pods.length < AT_REST) pods.push(await startPod(client, logs));
  const memory = proportionalMemory(pids());
  series.push(
    { what: RATE, who, values: [rate], unit: "/s" },
    { what: `${MEMORY}: ${pods.length}`, who, values: [memory], unit: "MB" },
  );
  for (const pod of pods) await endPod(client, pod);
}

const directory = mkdtempSync(join(tmpdir(), "nodelet-bench-cri-"));
try {
  await using registry = await Registry.start({ directory: join(directory, "registry"), port: 5000, images });
  writeMirrors(CERTS, registry.address);
  {
    await using daemon = new TestCri(0, [`--registry-config-path=${CERTS}`], { shipped: true });
    await daemon.start();
    await measure(BUILTIN, daemon.socket, daemon.logs, () => [daemon.pid ?? 0, ...pidsNamed(/^nodelet-/)]);
  }
  {
    const flags = [`--registry-config-path=${CERTS}`, ...networkFlags("bridge-plugin")];
    await using daemon = new TestCri(1, flags, { shipped: true });
    await daemon.start();
    using client = daemon.connect();
    await measureSerial(PLUGIN, client, daemon.logs);
  }
  await using containerd = await Containerd.start({
    directory: join(directory, "containerd"),
    certs: CERTS,
    pause: PAUSE,
  });
  await measure(CONTAINERD, containerd.socket, join(directory, "logs"), () => [
    containerd.pid,
    ...pidsNamed(/^containerd-shim/),
  ]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

console.log(formatSeries(series));
const middle = (what: string, who: string): number =>
  percentile(series.find((one) => one.what.startsWith(what) && one.who === who)?.values ?? [], 0.5);
for (const { what, who = BUILTIN, goal, more } of GOALS) {
  const ratio = middle(what, who) / middle(what, CONTAINERD);
  const bound = more === true ? "at least" : "at most";
  console.log(`${what}, ${who}: ${ratio.toFixed(2)} of containerd's (goal: ${bound} ${goal})`);
}
console.log(`${MEMORY}: ${middle(MEMORY, BUILTIN).toFixed(0)} MB (goal: at most ${MEMORY_GOAL_MB} MB with 100)`);
