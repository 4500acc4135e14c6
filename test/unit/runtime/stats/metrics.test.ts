import t from "tap";

import { systemClock, type Clock } from "../../../../agent/base/clock.ts";
import {
  cpuUsage,
  memoryUsage,
  nanoCoresBetween,
  networkUsage,
  swapUsage,
} from "../../../../agent/runtime/stats/cri-stats.ts";
import { DiskSampler } from "../../../../agent/runtime/stats/disk-sampler.ts";
import type { Figures } from "../../../../agent/runtime/stats/figures.ts";
import {
  CONTAINER_METRICS,
  metricDescriptors,
  metricsOf,
  NETWORK_METRICS,
} from "../../../../agent/runtime/stats/metrics.ts";
import type { LinkCounters } from "../../../../agent/system/netlink/rtnetlink.ts";
import { CADVISOR_METRICS } from "../../../fixtures/cadvisor-metrics.ts";

const line = (totalUs: bigint) => ({ avg10: 1, avg60: 2, avg300: 3, totalUs });

const FIGURES: Figures = {
  timestamp: 10_000_000_000n,
  cpu: {
    usageUs: 7_000_000n,
    userUs: 5_000_000n,
    systemUs: 2_000_000n,
    periods: 10n,
    throttledPeriods: 3n,
    throttledUs: 1_500_000n,
    pressure: { some: line(4_000_000n), full: line(0n) },
  },
  cpuNanoseconds: 7_000_000_000n,
  memory: {
    usage: 1000n,
    workingSet: 600n,
    limit: 2000n,
    rss: 500n,
    faults: 40n,
    majorFaults: 2n,
    swapUsage: 10n,
    swapLimit: undefined,
    peak: 1500n,
    limitHits: 6n,
    oomKills: 1n,
    stat: new Map([
      ["file", 400n],
      ["file_mapped", 100n],
      ["kernel", 50n],
    ]),
    pressure: { some: line(1n), full: line(0n) },
  },
  io: [{ device: "8:0", readBytes: 11n, writeBytes: 12n, reads: 1n, writes: 2n }],
  ioPressure: { some: line(2_000_000n), full: line(1_000_000n) },
  hugetlb: new Map([["2MB", 4096n]]),
  pids: [1, 2],
  threads: 5n,
  threadsMax: 100n,
};

const LINK: LinkCounters = {
  name: "eth0",
  receivedPackets: 1n,
  sentPackets: 2n,
  receivedBytes: 3n,
  sentBytes: 4n,
  receiveErrors: 5n,
  sendErrors: 6n,
  receiveDropped: 7n,
  sendDropped: 8n,
};

const LABELS = { id: "/cg", name: "c1", image: "img", container: "app", pod: "web", namespace: "default" };

t.test("the 56 metrics, each with its labels", async (t) => {
  const descriptors = metricDescriptors();
  t.same(new Set(descriptors.map(({ name }) => name)), new Set(CADVISOR_METRICS));
  t.ok(descriptors.every(({ help = "" }) => /^[A-Z].*\.$/.test(help)));
  const from = {
    figures: FIGURES,
    files: { files: 9n, sockets: 4n, softLimit: 1024n },
    disk: { timestamp: 1n, path: "/upper", bytes: 77n, inodes: 8n },
    filesystem: { bytes: 1000n, inodes: 100n, inodesFree: 90n },
    limits: { cpuPeriod: 100_000n, cpuQuota: 0n, cpuShares: 2n, memory: 2000n, memoryReservation: 0n, memorySwap: 0n },
    startedAt: 3_000_000_000n,
  };
  const metrics = [
    ...metricsOf(CONTAINER_METRICS, from, LABELS, 5n),
    ...metricsOf(NETWORK_METRICS, { timestamp: 5n, links: [LINK] }, LABELS, 5n),
  ];
  const missing = CADVISOR_METRICS.filter((name) => !metrics.some((metric) => metric.name === name));
  t.same(missing, [], "all are there");
  for (const metric of metrics) {
    const keys = descriptors.find(({ name }) => name === metric.name)?.labelKeys ?? [];
    t.equal(metric.labelValues?.length, keys.length, metric.name ?? "");
    t.same(metric.labelValues?.slice(0, 6), ["/cg", "c1", "img", "app", "web", "default"]);
  }
  const values = (name: string): unknown[] =>
    metrics
      .filter((metric) => metric.name === `container_${name}`)
      .map(({ value, labelValues }) => [value?.value, ...(labelValues?.slice(6) ?? [])]);
  t.same(values("cpu_usage_seconds_total"), [[7n, "total"]]);
  t.same(values("cpu_cfs_throttled_seconds_total"), [[1n]]);
  t.same(values("blkio_device_usage_total"), [
    [11n, "8:0", "8", "0", "Read"],
    [12n, "8:0", "8", "0", "Write"],
  ]);
  t.same(values("fs_usage_bytes"), [[77n, "/upper"]]);
  t.same(values("memory_failures_total"), [
    [40n, "pgfault", "container"],
    [2n, "pgmajfault", "container"],
    [40n, "pgfault", "hierarchy"],
    [2n, "pgmajfault", "hierarchy"],
  ]);
  t.same(values("network_transmit_packets_dropped_total"), [[8n, "eth0"]]);
  t.same(values("pressure_io_stalled_seconds_total"), [[1n]]);
  t.same(values("ulimits_soft"), [[1024n, "max_open_files"]]);
});

t.test("what the host does not count is left out", async (t) => {
  const bare: Figures = {
    ...FIGURES,
    memory: undefined,
    io: [],
    ioPressure: undefined,
    hugetlb: new Map(),
    cpu: { ...FIGURES.cpu, pressure: undefined },
  };
  const metrics = metricsOf(
    CONTAINER_METRICS,
    {
      figures: bare,
      files: { files: 1n, sockets: 0n, softLimit: undefined },
      disk: undefined,
      filesystem: undefined,
      limits: { cpuPeriod: 0n, cpuQuota: 0n, cpuShares: 0n, memory: 0n, memoryReservation: 0n, memorySwap: 0n },
      startedAt: 0n,
    },
    LABELS,
    5n,
  );
  const names = metrics.map(({ name = "" }) => name);
  t.same(
    names.filter((name) => /^container_(memory|pressure|fs|hugetlb|ulimits|oom)_/.test(name)),
    [],
  );
  t.ok(names.includes("container_processes"));
});

t.test("the CRI's own figures", async (t) => {
  t.match(cpuUsage(FIGURES, 5n), {
    usageCoreNanoSeconds: { value: 7_000_000_000n },
    usageNanoCores: { value: 5n },
    psi: { Some: { Total: 4_000_000_000n, Avg10: 1 } },
  });
  const { memory } = FIGURES;
  if (memory === undefined) return;
  t.match(memoryUsage(memory, 1n), {
    workingSetBytes: { value: 600n },
    availableBytes: { value: 1400n },
    usageBytes: { value: 1000n },
    rssBytes: { value: 500n },
    pageFaults: { value: 40n },
  });
  t.equal(memoryUsage({ ...memory, limit: 100n }, 1n).availableBytes?.value, 0n);
  t.equal(memoryUsage({ ...memory, limit: undefined }, 1n).availableBytes, undefined);
  t.equal(swapUsage(memory, 1n)?.swapUsageBytes?.value, 10n);
  t.equal(swapUsage({ ...memory, swapUsage: undefined }, 1n), undefined);
  const network = networkUsage({ timestamp: 1n, links: [{ ...LINK, name: "net1" }, LINK] });
  t.equal(network.defaultInterface?.name, "eth0");
  t.same(
    network.interfaces?.map(({ name }) => name),
    ["net1"],
  );
  const at = (seconds: bigint, used: bigint) => ({ timestamp: seconds * 1_000_000_000n, cpuNanoseconds: used });
  t.equal(nanoCoresBetween(at(1n, 0n), at(3n, 1_000_000_000n)), 500_000_000n);
  t.equal(nanoCoresBetween(at(1n, 0n), at(1n, 5n)), undefined);
  t.equal(nanoCoresBetween(at(1n, 9n), at(2n, 5n)), undefined, "a counter that began anew");
});

t.test("trees are measured one at a time, and not again at once", async (t) => {
  let walking = 0;
  const walked: string[] = [];
  const failures: string[] = [];
  // No time passes: no rest is due, and no first answer comes too late.
  const clock: Clock = {
    now: () => systemClock.now(),
    monotonic: () => 0n,
    sleep: (milliseconds, options) =>
      milliseconds === 0
        ? Promise.resolve()
        : new Promise((_resolve, reject) => {
            options?.signal?.addEventListener("abort", () => reject(new Error("given up")));
          }),
  };
  const sampler = new DiskSampler({
    clock,
    usage: async (path) => {
      t.equal(++walking, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      walked.push(path);
      walking--;
      if (path === "/bad") throw new Error("cannot");
      return { bytes: 5n, inodes: 1n };
    },
    failed: (path) => failures.push(path),
  });
  t.teardown(() => sampler.close());
  const [a, again, b] = await Promise.all([sampler.get("a", "/a"), sampler.get("a", "/a"), sampler.get("b", "/b")]);
  t.match(a, { bytes: 5n, path: "/a" });
  t.match(again, { bytes: 5n });
  t.match(b, { bytes: 5n, path: "/b" });
  t.match(await sampler.get("a", "/a"), { bytes: 5n });
  t.same(walked, ["/a", "/b"]);
  await sampler.get("bad", "/bad");
  t.same(failures, ["/bad"]);
  sampler.retain(new Set(["b"]));
  await sampler.get("a", "/a");
  t.equal(walked.filter((path) => path === "/a").length, 2, "forgotten");
});
