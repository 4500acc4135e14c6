import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { systemClock } from "../../../../agent/base/clock.ts";
import { silentLogger } from "../../../../agent/base/log.ts";
import type { Cri, PodSandboxStats } from "../../../../agent/cri/runtime.ts";
import { linkName } from "../../../../cni/names.ts";
import { readHost } from "../../../../agent/server/kubelet/stats/host.ts";
import { createStatsSource } from "../../../../agent/server/kubelet/stats/source.ts";
import { summaryRoute } from "../../../../agent/server/kubelet/stats/summary.ts";
import { SystemContainers } from "../../../../agent/server/kubelet/stats/system-containers.ts";
import type { Call } from "../../../../agent/server/http.ts";
import type { CgroupStats } from "../../../../agent/system/cgroupfs.ts";
import { FakePods, podView } from "../fakes.ts";

const line = { avg10: 1.5, avg60: 2, avg300: 3, totalUs: 4n };
const pressure = { some: line, full: line };

const group = (usage: bigint | undefined, limit?: bigint): CgroupStats => ({
  cpu: { usageUs: 5_000_000n, userUs: 0n, systemUs: 0n, periods: 0n, throttledPeriods: 0n, throttledUs: 0n, pressure },
  memory:
    usage === undefined
      ? undefined
      : {
          usage,
          limit,
          swapUsage: 0n,
          swapLimit: undefined,
          peak: undefined,
          limitHits: 0n,
          oomKills: 0n,
          stat: new Map([
            ["anon", 700n],
            ["inactive_file", 100n],
            ["pgfault", 9n],
            ["pgmajfault", 2n],
          ]),
          pressure,
        },
  tasks: 3n,
  tasksMax: undefined,
  hugetlb: new Map(),
  io: [],
  ioPressure: pressure,
});

const groups = (all: Readonly<Record<string, CgroupStats>>) => ({
  stats: (path: string) => all[path],
  processes: () => [],
  madeAt: () => 2_000,
});

t.test("system containers", async (t) => {
  const containers = new SystemContainers({
    cgroups: groups({ "/system.slice/agent": group(1_000n), kubepods: group(2_000n, 10_000n) }),
    ownCgroup: "/system.slice/agent",
    podCgroup: "kubepods",
    startedAt: 1_000,
  });
  const [kubelet, runtime, pods] = containers.read(10_000_000_000n);
  t.match(kubelet, { name: "kubelet", startedAt: 1_000, figures: { memory: { usage: 1_000n } }, nanoCores: undefined });
  t.match(runtime, { name: "runtime", startedAt: 1_000, figures: { memory: { usage: 1_000n } } });
  t.match(pods, { name: "pods", startedAt: 2_000, figures: { memory: { limit: 10_000n } } });
  t.equal(containers.read(12_000_000_000n)[0]?.nanoCores, 0n, "since the reading before");

  const without = new SystemContainers({
    cgroups: groups({ kubepods: group(undefined) }),
    ownCgroup: undefined,
    podCgroup: "kubepods",
    startedAt: 1_000,
  });
  const all = without.read(1n);
  t.same(
    all.map(({ name }) => name),
    ["pods"],
  );
  t.equal(all[0]?.figures.memory, undefined, "no controller: not 0");
});

const PROC = {
  stat: "cpu  100 0 50 800 10 0 0 0 0 0\nbtime 1700000000\n",
  meminfo: "MemTotal: 1000 kB\nMemFree: 400 kB\nInactive(file): 100 kB\n",
  vmstat: "pgfault 5000\npgmajfault 7\n",
  pressure: {
    cpu: "some avg10=1.50 avg60=0.00 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    memory: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
  },
  net: {
    dev: `Inter-|   Receive  | Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
${["lo", "veth0a1b2c3d", linkName("nodelet0", "s"), "eth0"].map((name) => `${name}: 100 1 2 0 0 0 0 0 300 3 4 0 0 0 0 0\n`).join("")}`,
  },
};

t.test("the host", async (t) => {
  const proc = t.testdir(PROC);
  t.same(
    readHost(1, proc).interfaces,
    [{ name: "eth0", rxBytes: 100n, rxErrors: 2n, txBytes: 300n, txErrors: 4n }],
    "without those of pods",
  );
  t.match(readHost(1, proc), {
    bootTime: 1_700_000_000_000,
    cpuNanoseconds: 1_500_000_000n,
    memory: { faults: 5_000n, majorFaults: 7n },
    pressure: { cpu: { some: { avg10: 1.5, totalUs: 12n } }, memory: { full: undefined }, io: undefined },
  });
});

const usage = (bytes: bigint) => ({
  timestamp: 1_000_000_000n,
  fsId: { mountpoint: "/" },
  usedBytes: { value: bytes },
  inodesUsed: { value: 2n },
});

t.test("a summary has what kubelet's has", async (t) => {
  const directory = t.testdir({ proc: PROC });
  const view = podView("web");
  if (view.pod.spec === undefined) throw new Error("no specification");
  view.pod.spec.volumes = [
    { name: "data", emptyDir: {} },
    { name: "fast", emptyDir: { medium: "Memory" } },
    { name: "host", hostPath: { path: "/" } },
    { name: "other", nfs: { server: "a", path: "/" } },
  ];
  for (const path of [
    "root/pods/uid-default-web/volumes/kubernetes.io~empty-dir/data",
    "root/pods/uid-default-web/volumes/kubernetes.io~empty-dir/fast",
    "logs/default_web_uid-default-web/app",
  ])
    mkdirSync(join(directory, path), { recursive: true });
  writeFileSync(join(directory, "logs/default_web_uid-default-web/app/0.log"), "a line\n");
  const pods = new FakePods();
  pods.views = [view];
  const psi = { Some: { Total: 4n, Avg10: 1, Avg60: 2, Avg300: 3 }, Full: undefined };
  const stats: PodSandboxStats = {
    attributes: { id: "s", metadata: { name: "web", namespace: "default", uid: "uid-default-web", attempt: 0 } },
    linux: {
      io: { timestamp: 1n, psi },
      containers: [
        {
          attributes: { id: "c", metadata: { name: "app", attempt: 0 } },
          io: { timestamp: 1n, psi },
          writableLayer: usage(1_000n),
          swap: { timestamp: 1n, swapAvailableBytes: { value: 6n }, swapUsageBytes: { value: 4n } },
        },
      ],
    },
  };
  const source = createStatsSource({
    cri: { listPodSandboxStats: async () => ({ stats: [stats] }) } as unknown as Cri,
    pods,
    clock: systemClock,
    log: silentLogger,
    layout: { rootDir: join(directory, "root"), podLogsDir: join(directory, "logs") },
    cgroups: groups({ "/own": group(1_000n), kubepods: group(2_000n, 10_000n) }),
    ownCgroup: "/own",
    podCgroup: "kubepods",
    startedAt: 1_000,
    volumesMs: 60_000,
    proc: join(directory, "proc"),
    usage: async () => ({ bytes: 4_096n, inodes: 1n }),
  });
  t.teardown(() => source[Symbol.dispose]());
  const route = summaryRoute({
    cri: { imageFsInfo: async () => ({ imageFilesystems: [usage(5n)] }) } as unknown as Cri,
    source,
    nodeName: "n",
    rootDir: directory,
    podLogsDir: join(directory, "logs"),
  });
  const ask = async (query: string): Promise<object> => {
    let answer: unknown;
    const call = {
      query: new URLSearchParams(query),
      signal: new AbortController().signal,
      json: (body: unknown) => void (answer = body),
    };
    await route.handle?.(call as unknown as Call);
    return JSON.parse(JSON.stringify(answer)) as object;
  };
  const fs = { availableBytes: Number, capacityBytes: Number, inodes: Number, inodesFree: Number };
  // The trees are measured away from the request, one after the other.
  let full = await ask("");
  const complete = (): boolean =>
    /"volume":\[.*"data".*"fast"/.test(JSON.stringify(full)) && /"logs"/.test(JSON.stringify(full));
  for (const end = Date.now() + 30_000; !complete() && Date.now() < end;) full = await ask("");
  t.match(full, {
    node: {
      startTime: "2023-11-14T22:13:20Z",
      cpu: { psi: { some: { total: 12_000 } } },
      network: { name: "eth0", interfaces: [{ name: "eth0" }] },
      systemContainers: [
        { name: "kubelet", memory: { usageBytes: 1_000, workingSetBytes: 900, rssBytes: 700, pageFaults: 9 } },
        { name: "runtime", io: { psi: { full: { avg10: 1.5, total: 4_000 } } } },
        { name: "pods", memory: { availableBytes: 8_100 }, cpu: { usageCoreNanoSeconds: 5_000_000_000 } },
      ],
    },
    pods: [
      {
        podRef: { name: "web", uid: "uid-default-web" },
        io: { psi: { some: { total: 4, avg10: 1 }, full: { total: 0 } } },
        swap: { swapAvailableBytes: 6, swapUsageBytes: 4 },
        containers: [
          {
            name: "app",
            io: { psi: { some: { total: 4 } } },
            rootfs: { ...fs, usedBytes: 1_000, inodesUsed: 2 },
            logs: { ...fs, usedBytes: 4_096, inodesUsed: 1 },
          },
        ],
        volume: [
          { name: "data", ...fs, usedBytes: 4_096 },
          { name: "fast", usedBytes: 4_096 },
        ],
        // The layer, the log, and the volume that is not memory.
        "ephemeral-storage": { ...fs, usedBytes: 1_000 + 2 * 4_096, inodesUsed: 4 },
      },
    ],
  });
  const few = await ask("only_cpu_and_memory=true");
  t.notMatch(JSON.stringify(few), /"(rootfs|logs|volume|io|fs|network)":/, "and less when less is asked for");
  t.match(few, { node: { systemContainers: [{ name: "kubelet", cpu: {} }, {}, {}] } });
});
