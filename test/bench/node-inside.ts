// The measurements of node.ts, on a host of their own. Arguments: a directory, the layout of images, and its flags.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { systemClock } from "../../agent/base/clock.ts";
import { silentLogger } from "../../agent/base/log.ts";
import type { KubeClient } from "../../agent/kube/client.ts";
import { follow } from "../../agent/kube/list-watch.ts";
import { NODES, PODS } from "../../agent/kube/resources.ts";
import { Registry, writeMirrors } from "../conformance/images/serve.ts";
import { setUpHost } from "../conformance/node-suite/host.ts";
import { ControlPlane } from "../fixtures/control-plane.ts";
import { apiCalls, callsEach } from "./api-calls.ts";
import { idleNode } from "./idle-node.ts";
import { Profiler } from "./inspector.ts";
import { type MeasuredNode, nodeletNode, type NodeOptions, stockNode } from "./nodes.ts";
import { processorSeconds, processorSecondsInAll, proportionalMemory } from "./processes.ts";
import { formatSeries, percentile, type Series } from "./report.ts";

const [directory = "", images = "", ...flags] = process.argv.slice(2);
const quick = flags.includes("--quick");
const valueOf = (name: string): string | undefined =>
  flags.find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);
const only = valueOf("--only");
const profiles = valueOf("--profile");
const COUNT = quick ? 10 : 60;
const WARMUP = 5;
const FULL = quick ? 20 : 110;
const SETTLE_MS = quick ? 5_000 : 30_000;
const REST_MS = quick ? 10_000 : 60_000;
/** A program has set up its signal handlers by then. */
const HANDLER_MS = 200;
/** A hang limit. */
const LIMIT_MS = 300_000;

/** Ends on SIGTERM at once. */
const IMAGE = "registry.k8s.io/pause:3.9";
const CERTS = "/run/certs.d";
const NAMESPACE = "default";

const RUNNING = "created to Running seen";
const GONE = "deleted to gone";
const UP = `${FULL} pods at once, all Running`;
const DOWN = `${FULL} pods at once, all gone`;
const UP_BY_NODE = `processor time of the node, ${FULL} pods up`;
const UP_BY_PLANE = `processor time of etcd and API server, ${FULL} pods up`;
const DOWN_BY_NODE = `processor time of the node, ${FULL} pods down`;
const DOWN_BY_PLANE = `processor time of etcd and API server, ${FULL} pods down`;
const MEMORY = `memory (PSS) at rest with ${FULL} pods`;
const CPU = `processor time at rest with ${FULL} pods`;

const NODELET = "nodelet";
const STOCK = "kubelet + containerd 2.3";

/** Thousandths of a processor are `m`. Parts of the stock node's p50, or figures of their own. Source: docs/architecture.md, what is aimed at. */
const GOALS: readonly { what: string; most: number; absolute?: true }[] = [
  { what: RUNNING, most: 1 / 6 },
  { what: GONE, most: 100, absolute: true },
  { what: UP, most: 5, absolute: true },
  { what: DOWN, most: 5, absolute: true },
  { what: MEMORY, most: 140, absolute: true },
  { what: CPU, most: 10, absolute: true },
];

const series: Series[] = [];

/** What an observer of the API server sees, and when. */
class Watcher implements AsyncDisposable {
  readonly #phases = new Map<string, string>();
  readonly #following;
  #changed = Promise.withResolvers<void>();

  constructor(client: KubeClient) {
    const told = (): void => {
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    };
    this.#following = follow({
      client,
      resource: PODS,
      namespace: NAMESPACE,
      clock: systemClock,
      log: silentLogger,
      handlers: {
        replace: (pods) => {
          this.#phases.clear();
          for (const { metadata, status } of pods) this.#phases.set(metadata?.name ?? "", status?.phase ?? "");
          told();
        },
        put: ({ metadata, status }) => {
          this.#phases.set(metadata?.name ?? "", status?.phase ?? "");
          told();
        },
        remove: ({ metadata }) => {
          this.#phases.delete(metadata?.name ?? "");
          told();
        },
      },
    });
  }

  /** Undefined: gone. */
  async until(names: readonly string[], phase: string | undefined): Promise<void> {
    const left = new Set(names);
    const limit = Date.now() + LIMIT_MS;
    for (;;) {
      const changed = this.#changed.promise;
      for (const name of left) if (this.#phases.get(name) === phase) left.delete(name);
      if (left.size === 0) return;
      if (Date.now() > limit) throw new Error(`${left.size} of ${names.length} pods never were ${phase ?? "gone"}`);
      await Promise.race([changed, sleep(1_000, undefined, { ref: false })]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#following[Symbol.asyncDispose]();
  }
}

async function createPod(client: KubeClient, node: string, name: string): Promise<void> {
  await client.create(PODS, {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      nodeName: node,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [{ name: "main", image: IMAGE }],
    },
  });
}

async function seconds(action: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await action();
  return (performance.now() - from) / 1_000;
}

interface Plane {
  readonly client: KubeClient;
  readonly pids: readonly number[];
}

interface Effort {
  readonly seconds: number;
  /** Processor time. */
  readonly ofNode: number;
  readonly ofPlane: number;
}

/** All pods at once. */
async function effort({ client, pids }: Plane, node: MeasuredNode, action: () => Promise<void>): Promise<Effort> {
  using profiler =
    profiles === undefined || node.who !== NODELET ? undefined : await Profiler.open(node.pids()[0] ?? 0);
  const calls = await apiCalls(client);
  const before = { node: processorSecondsInAll(node.pids()), plane: processorSecondsInAll(pids) };
  await profiler?.start();
  const took = await seconds(action);
  await profiler?.stop(join(profiles ?? "", `${++profiled}.cpuprofile`));
  console.log(`calls of the API server a pod: ${callsEach(calls, await apiCalls(client), FULL)}`);
  return {
    seconds: took,
    ofNode: processorSecondsInAll(node.pids()) - before.node,
    ofPlane: processorSecondsInAll(pids) - before.plane,
  };
}

let profiled = 0;

async function ready(client: KubeClient, node: MeasuredNode, name: string): Promise<void> {
  for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(200)) {
    const found = await client.get(NODES, name).catch(() => undefined);
    if (found?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true) return;
  }
  throw new Error(`the node of ${node.who} was never Ready\n${node.log()}`);
}

async function measure(node: MeasuredNode, name: string, plane: Plane): Promise<void> {
  const { who } = node;
  const { client } = plane;
  console.log(`# ${who}`);
  await ready(client, node, name);
  await using watcher = new Watcher(client);
  const [running, gone]: [number[], number[]] = [[], []];
  for (let count = -WARMUP; count < COUNT; count++) {
    const pod = `${name}-one-${count + WARMUP}`;
    const up = await seconds(async () => {
      await createPod(client, name, pod);
      await watcher.until([pod], "Running");
    });
    // A signal that comes before a first process has a handler for it is lost: pid_namespaces(7).
    await sleep(HANDLER_MS);
    const down = await seconds(async () => {
      await client.delete(PODS, pod, { namespace: NAMESPACE });
      await watcher.until([pod], undefined);
    });
    if (count < 0) continue;
    running.push(up * 1_000);
    gone.push(down * 1_000);
  }
  series.push({ what: RUNNING, who, values: running, unit: "ms" }, { what: GONE, who, values: gone, unit: "ms" });

  const pods = Array.from({ length: FULL }, (_, index) => `${name}-${index}`);
  const up = await effort(plane, node, async () => {
    await Promise.all(pods.map((pod) => createPod(client, name, pod)));
    await watcher.until(pods, "Running");
  });
  const pids = node.pids();
  if (pids.length > 0 && !flags.includes("--no-rest")) await rest(who, pids);
  const down = await effort(plane, node, async () => {
    await Promise.all(pods.map((pod) => client.delete(PODS, pod, { namespace: NAMESPACE })));
    await watcher.until(pods, undefined);
  });
  series.push(
    { what: UP, who, values: [up.seconds], unit: "s" },
    { what: UP_BY_NODE, who, values: [up.ofNode], unit: "s" },
    { what: UP_BY_PLANE, who, values: [up.ofPlane], unit: "s" },
    { what: DOWN, who, values: [down.seconds], unit: "s" },
    { what: DOWN_BY_NODE, who, values: [down.ofNode], unit: "s" },
    { what: DOWN_BY_PLANE, who, values: [down.ofPlane], unit: "s" },
  );
}

/** What its processes use when nothing happens. */
async function rest(who: string, pids: readonly number[]): Promise<void> {
  await sleep(SETTLE_MS);
  const before = processorSeconds(pids);
  const rested = await seconds(() => sleep(REST_MS));
  const used = (processorSeconds(pids) - before) / rested;
  series.push(
    { what: MEMORY, who, values: [proportionalMemory(pids)], unit: "MB" },
    { what: CPU, who, values: [used * 1_000], unit: "m" },
  );
}

{
  setUpHost(join(directory, "host"));
  await using registry = await Registry.start({ directory: join(directory, "registry"), port: 5000, images });
  writeMirrors(CERTS, registry.address);
  await using plane = await ControlPlane.start(join(directory, "plane"));
  const client = await plane.client();
  const optionsOf = (name: string): NodeOptions => ({
    directory: join(directory, name),
    kubeconfig: plane.writeKubeconfig(name, `/O=system:nodes/CN=system:node:${name}`),
    name,
    certs: CERTS,
    maxPods: FULL + 10,
  });
  for (const [name, start] of [
    ["idle", idleNode],
    ["nodelet", nodeletNode],
    ["stock", stockNode],
  ] as const) {
    if (only !== undefined && !only.split(",").includes(name)) continue;
    await using node = await start(optionsOf(name));
    await measure(node, name, { client, pids: plane.pids });
  }
}

console.log(formatSeries(series));
const middle = (what: string, who: string): number =>
  percentile(series.find((one) => one.what === what && one.who === who)?.values ?? [], 0.5);
for (const { what, most, absolute } of GOALS) {
  if (Number.isNaN(middle(what, NODELET))) continue;
  const figure = absolute === true ? middle(what, NODELET) : middle(what, NODELET) / middle(what, STOCK);
  const unit = absolute === true ? (series.find((one) => one.what === what)?.unit ?? "") : "of the stock node's";
  console.log(`${what}: ${figure.toFixed(3)} ${unit} (goal: at most ${most.toFixed(3)})`);
}
