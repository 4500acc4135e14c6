// The measurements of cri.ts, on a host of their own. Arguments: the layout of images, and --quick.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Registry, writeMirrors } from "../conformance/images/serve.ts";
import { connectCri, type CriClient } from "../fixtures/cri-client.ts";
import { TestCri } from "../fixtures/cri-daemon.ts";
import { sandboxConfig } from "../fixtures/runtime.ts";
import { bridgeNetwork, type BridgeNetwork } from "./bridge-network.ts";
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
const SANDBOX = "of it RunPodSandbox";
const NETWORK = "of that its network";
const RATE = "pods per second, 8 at a time";
const EXEC = "ExecSync of true";
const END = "stop and remove of a pod";
const MEMORY = "PSS of daemon and shims at rest, pods";

const BUILTIN = "nodelet";
const PLUGIN = "nodelet, bridge";
const MASQUERADE = "nodelet, bridge, ipMasq, portmap";
/** With ipMasq and portmap, which do what the built-in network does. */
const CONTAINERD = "containerd";
const CONTAINERD_PLUGIN = "containerd, bridge";

/** Parts of containerd's figure. */
const GOALS: readonly { what: string; who?: string; than?: string; goal: number; more?: boolean }[] = [
  { what: START, goal: 0.1 },
  { what: START, who: PLUGIN, than: CONTAINERD_PLUGIN, goal: 0.2 },
  { what: START, who: MASQUERADE, goal: 0.2 },
  { what: RATE, goal: 6, more: true },
  { what: EXEC, goal: 0.2 },
  { what: END, goal: 0.1 },
];

/** Of nodelet with 100 pods. */
const MEMORY_GOAL_MB = 100;

interface Pod {
  readonly podSandboxId: string | undefined;
  readonly containerId: string | undefined;
  /** Milliseconds. */
  readonly sandboxTook: number;
}

const series: Series[] = [];

async function startPod(client: CriClient, logs: string): Promise<Pod> {
  const config = sandboxConfig(logs, { linux: {} });
  const from = performance.now();
  const { podSandboxId } = await client.runPodSandbox({ config });
  const sandboxTook = performance.now() - from;
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
  return { podSandboxId, containerId, sandboxTook };
}

async function endPod(client: CriClient, { podSandboxId, containerId }: Pod): Promise<void> {
  await client.stopContainer({ containerId, timeout: 0n });
  await client.stopPodSandbox({ podSandboxId });
  await client.removePodSandbox({ podSandboxId });
}

/** Milliseconds that each plugin took to connect the pod, or the built-in network, as nodelet tells them; none of others. */
async function networkTimes(client: CriClient, { podSandboxId }: Pod): Promise<number[]> {
  const { info } = await client.podSandboxStatus({ podSandboxId, verbose: true });
  const network = JSON.parse(info?.["network"] ?? "{}") as { times?: number[] };
  return network.times ?? [];
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
  const [sandboxes, networks]: [number[], number[]] = [[], []];
  for (let count = -WARMUP; count < COUNT; count++) {
    const pod = await timed(count < 0 ? [] : starts, () => startPod(client, logs));
    const { containerId } = pod;
    if (count >= 0) {
      await timed(execs, () => client.execSync({ containerId, cmd: ["true"] }));
      sandboxes.push(pod.sandboxTook);
      const times = await networkTimes(client, pod);
      if (times.length > 0) networks.push(times.reduce((sum, time) => sum + time));
    }
    await timed(count < 0 ? [] : ends, () => endPod(client, pod));
  }
  series.push(
    { what: START, who, values: starts, unit: "ms" },
    { what: SANDBOX, who, values: sandboxes, unit: "ms" },
    ...(networks.length > 0 ? [{ what: NETWORK, who, values: networks, unit: "ms" }] : []),
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

function networkOf(number: number, masquerade: boolean): BridgeNetwork {
  const dataDir = join(directory, `addresses-${number}`);
  return bridgeNetwork({ name: `bench${number}`, subnet: `10.${216 + number}.0.0/16`, dataDir, masquerade });
}

/** Flags of the daemon, over and above the fixture's. */
function networkFlags(network: BridgeNetwork): string[] {
  const configurations = join(directory, `net.d-${network.name}`);
  mkdirSync(configurations);
  writeFileSync(join(configurations, "10-bench.conflist"), JSON.stringify(network));
  return ["--network=cni", `--cni-conf-dir=${configurations}`, `--cni-cache-dir=${join(directory, "cni-cache")}`];
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
  for (const [number, who, masquerade] of [
    [1, PLUGIN, false],
    [2, MASQUERADE, true],
  ] as const) {
    const flags = [`--registry-config-path=${CERTS}`, ...networkFlags(networkOf(number, masquerade))];
    await using daemon = new TestCri(number, flags, { shipped: true });
    await daemon.start();
    using client = daemon.connect();
    await measureSerial(who, client, daemon.logs);
  }
  const logs = join(directory, "logs");
  const common = { certs: CERTS, pause: PAUSE };
  {
    const options = { ...common, directory: join(directory, "containerd-bridge"), network: networkOf(3, false) };
    await using containerd = await Containerd.start(options);
    using client = connectCri(containerd.socket);
    await measureSerial(CONTAINERD_PLUGIN, client, logs);
  }
  const options = { ...common, directory: join(directory, "containerd"), network: networkOf(4, true) };
  await using containerd = await Containerd.start(options);
  await measure(CONTAINERD, containerd.socket, logs, () => [containerd.pid, ...pidsNamed(/^containerd-shim/)]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

console.log(formatSeries(series));
const middle = (what: string, who: string): number =>
  percentile(series.find((one) => one.what.startsWith(what) && one.who === who)?.values ?? [], 0.5);
for (const { what, who = BUILTIN, than = CONTAINERD, goal, more } of GOALS) {
  const ratio = middle(what, who) / middle(what, than);
  const bound = more === true ? "at least" : "at most";
  console.log(`${what}, ${who}: ${ratio.toFixed(2)} of containerd's (goal: ${bound} ${goal})`);
}
console.log(`${MEMORY}: ${middle(MEMORY, BUILTIN).toFixed(0)} MB (goal: at most ${MEMORY_GOAL_MB} MB with 100)`);
