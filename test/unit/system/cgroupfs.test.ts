import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import type { LogFields } from "../../../agent/base/log.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import {
  Cgroups,
  findHierarchy,
  limitFiles,
  limitsOf,
  parseFlags,
  parseIo,
  parsePressure,
  sharesFromWeight,
  weightFromShares,
  type CgroupDriver,
  type CgroupsOptions,
} from "../../../agent/system/cgroupfs.ts";
import { FakeSystem, systemError } from "../../../agent/system/fake.ts";
import { parseMountinfo } from "../../../agent/system/mountinfo.ts";

const ALL = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"];

/** Makes directories with the kernel's files in them, as plain files. */
class PlainDriver implements CgroupDriver {
  readonly name = "cgroupfs";
  readonly made: string[] = [];
  busy = 0;

  make(directory: string): void {
    if (existsSync(directory)) return;
    mkdirSync(directory);
    this.made.push(directory);
    for (const file of ["cgroup.subtree_control", "cgroup.procs", "memory.max", "pids.max", "cpu.max"]) {
      writeFileSync(join(directory, file), "");
    }
    writeFileSync(join(directory, "cgroup.events"), "populated 0\nfrozen 0\n");
  }

  remove(directory: string): void {
    if (this.busy-- > 0) throw systemError("EBUSY", "rmdir", directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

interface World {
  readonly root: string;
  readonly driver: PlainDriver;
  readonly fake: FakeSystem;
  readonly warnings: LogFields[];
  readonly cgroups: Cgroups;
}

async function makeWorld(
  t: { teardown(done: () => unknown): void },
  options: Partial<CgroupsOptions> & { controllers?: string[] } = {},
): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), "nodelet-cgroups-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  writeFileSync(join(root, "cgroup.subtree_control"), "cpu");
  const driver = new PlainDriver();
  const fake = new FakeSystem();
  const warnings: LogFields[] = [];
  const log = { ...silentLogger, warn: (fields: LogFields | string) => void warnings.push(fields as LogFields) };
  const hierarchy = { root, pure: true, controllers: options.controllers ?? ALL };
  const cgroups = new Cgroups({ system: fake.system, hierarchy, driver, log, ...options });
  return { root, driver, fake, warnings, cgroups };
}

test("shares and weight meet at both ends and at the defaults, and never cross", async (t) => {
  t.strictSame([0, 2, 1024, 262144, 999999].map(weightFromShares), [1, 1, 100, 10000, 10000]);
  t.equal(weightFromShares(1024n), 100);
  let last = 0;
  for (let shares = 2; shares <= 262_144; shares = Math.ceil(shares * 1.07)) {
    const weight = weightFromShares(shares);
    t.ok(weight >= last && weight >= 1 && weight <= 10_000, `${shares} gives ${weight}`);
    last = weight;
  }
  for (const weight of [1, 2, 39, 100, 101, 5_000, 9_999, 10_000]) {
    t.ok(Math.abs(weightFromShares(sharesFromWeight(weight)) - weight) <= 1, `weight ${weight}`);
  }
});

test("limits as files, in order", async (t) => {
  t.strictSame(limitFiles({}), []);
  t.strictSame(limitFiles({ cpuShares: 0n, memoryLimitInBytes: 0n, cpusetCpus: "", pidsLimit: 0 }), []);
  t.strictSame(
    limitFiles({
      cpuShares: 1024n,
      cpuQuota: 50_000n,
      cpusetCpus: "0-1",
      memoryLimitInBytes: 1_000n,
      memorySwapLimitInBytes: 1_500n,
      memoryLow: 10,
      pidsLimit: -1,
      hugepageLimits: [{ pageSize: "2MB", limit: 0n }],
      unified: { "memory.high": "900", "io.max": "8:0 rbps=1" },
    }),
    [
      ["cpu.weight", "100"],
      ["cpu.max", "50000 100000"],
      ["cpuset.cpus", "0-1"],
      ["memory.low", "10"],
      ["memory.max", "1000"],
      ["memory.swap.max", "500"],
      ["pids.max", "max"],
      ["hugetlb.2MB.max", "0"],
      ["hugetlb.2MB.rsvd.max", "0"],
      ["memory.high", "900"],
      ["io.max", "8:0 rbps=1"],
    ],
  );
  t.strictSame(limitFiles({ cpuQuota: -1, cpuPeriod: 10_000 }), [["cpu.max", "max 10000"]]);
  t.strictSame(limitFiles({ memorySwapLimitInBytes: -1, memoryLimitInBytes: -1 }), [
    ["memory.max", "max"],
    ["memory.swap.max", "max"],
  ]);
  t.throws(() => limitFiles({ memoryLimitInBytes: 2n, memorySwapLimitInBytes: 1n }), { code: "invalid" });
  for (const file of ["../x", "cgroup/procs", "memory", "", "memory.max/../../x"]) {
    t.throws(() => limitFiles({ unified: { [file]: "1" } }), { code: "invalid" }, file);
  }
  t.strictSame(limitFiles(limitsOf({ cpu: { shares: 2 }, memory: { limit: 5, swap: 5 }, pids: { limit: 7 } })), [
    ["cpu.weight", "1"],
    ["memory.max", "5"],
    ["memory.swap.max", "0"],
    ["pids.max", "7"],
  ]);
});

test("the hierarchy is found in the mount table", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "nodelet-cgroups-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  writeFileSync(join(root, "cgroup.controllers"), "cpu memory\n");
  const v1 = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
  const v2 = `41 31 0:38 / ${root} rw - cgroup2 cgroup2 rw\n`;
  t.strictSame(findHierarchy(parseMountinfo(v1 + v2)), { root, pure: false, controllers: ["cpu", "memory"] });
  t.strictSame(findHierarchy(parseMountinfo(v2)), { root, pure: true, controllers: ["cpu", "memory"] });
  t.equal(findHierarchy(parseMountinfo(v1)), undefined);
});

test("a group is made with those above it, which pass their controllers on", async (t) => {
  const { cgroups, root, driver } = await makeWorld(t);
  const directory = cgroups.create("/pods/pod1/c1", { memory: { limit: 4096 }, pids: { limit: 10 } });
  t.equal(directory, join(root, "pods/pod1/c1"));
  t.strictSame(
    driver.made,
    ["pods", "pods/pod1", "pods/pod1/c1"].map((name) => join(root, name)),
  );
  t.equal(
    readFileSync(join(root, "cgroup.subtree_control"), "utf8"),
    "+cpuset +memory +pids +io +hugetlb",
    "cpu was there",
  );
  t.equal(
    readFileSync(join(root, "pods/pod1/cgroup.subtree_control"), "utf8"),
    "+cpu +cpuset +memory +pids +io +hugetlb",
  );
  t.equal(readFileSync(join(directory, "cgroup.subtree_control"), "utf8"), "", "the last one holds processes");
  t.equal(readFileSync(join(directory, "memory.max"), "utf8"), "4096");
  t.equal(readFileSync(join(directory, "pids.max"), "utf8"), "10");
  t.equal(cgroups.create("/pods/pod1/c1"), directory, "again");
  cgroups.update("/pods/pod1/c1", { memoryLimitInBytes: -1n });
  t.equal(readFileSync(join(directory, "memory.max"), "utf8"), "max");
});

test("a parent that was removed by somebody else is made again", async (t) => {
  const { cgroups, root } = await makeWorld(t);
  cgroups.create("/pods/pod1/c1");
  rmSync(join(root, "pods"), { recursive: true });
  t.ok(existsSync(cgroups.create("/pods/pod1/c2")));
});

test("paths stay within the tree", async (t) => {
  const { cgroups } = await makeWorld(t);
  for (const path of ["", "/", "/../x", "/a/../../b", "/a/./b", "/a\0b", `/${"x".repeat(256)}`]) {
    t.throws(() => cgroups.create(path), { code: "invalid" }, JSON.stringify(path));
  }
});

test("missing controllers fail, or are reported once each when that is allowed", async (t) => {
  const strict = await makeWorld(t, { controllers: ["cpu", "pids"] });
  t.strictSame(strict.cgroups.missing, ["cpuset", "memory"]);
  t.throws(() => strict.cgroups.create("/a"), { code: "unsupported", message: /cpuset, memory/ });

  const lenient = await makeWorld(t, { controllers: ["pids"], allowMissingControllers: true });
  const limits = { memory: { limit: 1 }, pids: { limit: 5 }, unified: { "io.max": "8:0 rbps=1" } };
  const directory = lenient.cgroups.create("/a", limits);
  lenient.cgroups.create("/b", limits);
  t.equal(readFileSync(join(directory, "memory.max"), "utf8"), "");
  t.equal(readFileSync(join(directory, "pids.max"), "utf8"), "5");
  t.strictSame(
    lenient.warnings.map((fields) => fields["controllers"]),
    [["cpu", "cpuset", "memory"], ["io"]],
  );
});

test("the shims' group is opened once", async (t) => {
  const { cgroups, fake, root } = await makeWorld(t, { shimCgroup: "/nodelet/shims" });
  const fd = cgroups.shimCgroupFd();
  t.equal(cgroups.shimCgroupFd(), fd);
  t.equal(fake.callsOf("openat2").length, 1);
  t.equal(fake.callsOf("openat2")[0]?.[1], join(root, "nodelet/shims"));
  rmSync(join(root, "nodelet/shims"), { recursive: true });
  t.not(cgroups.shimCgroupFd(), fd, "another agent removed it");
  t.ok(existsSync(join(root, "nodelet/shims")));
  t.strictSame(fake.callsOf("close"), [[fd]]);
  t.equal((await makeWorld(t)).cgroups.shimCgroupFd(), undefined);
});

test("kill waits until the kernel says that nobody is left", async (t) => {
  const { cgroups, fake } = await makeWorld(t);
  const directory = cgroups.create("/a");
  await cgroups.kill("/a");
  t.notOk(existsSync(join(directory, "cgroup.kill")), "an empty group needs no kill");

  writeFileSync(join(directory, "cgroup.events"), "populated 1\nfrozen 0\n");
  let notices = 0;
  fake.answer("fdReady", async (_fd, options) => {
    t.equal(options?.priority, true);
    if (++notices === 2) writeFileSync(join(directory, "cgroup.events"), "populated 0\nfrozen 0\n");
  });
  await cgroups.kill("/a");
  t.equal(notices, 2);
  t.equal(readFileSync(join(directory, "cgroup.kill"), "utf8"), "1");
  await cgroups.kill("/never-made");
});

test("kill gives up when a process hangs, and when told to", async (t) => {
  let now = 0n;
  const clock = { now: () => 0n, monotonic: () => (now += 3_000_000_000n), sleep: async () => undefined };
  const { cgroups, fake } = await makeWorld(t, { clock });
  writeFileSync(join(cgroups.create("/a"), "cgroup.events"), "populated 1\n");
  await t.rejects(cgroups.kill("/a"), { code: "timeout" });
  fake.answer("fdReady", (_fd, options) => {
    controller.abort(new Error("stopping"));
    return Promise.reject(options?.signal?.reason as Error);
  });
  const controller = new AbortController();
  await t.rejects(cgroups.kill("/a", { signal: controller.signal }), /stopping/);
});

test("a busy group is tried again, a missing one is success", async (t) => {
  const pauses: number[] = [];
  const clock = {
    now: () => 0n,
    monotonic: () => 0n,
    sleep: async (milliseconds: number) => void pauses.push(milliseconds),
  };
  const { cgroups, driver } = await makeWorld(t, { clock });
  const directory = cgroups.create("/pods/a/b");
  driver.busy = 2;
  await cgroups.remove("/pods/a");
  t.notOk(existsSync(directory));
  t.equal(pauses.length, 2);
  await cgroups.remove("/pods/a");
  driver.busy = 1_000;
  cgroups.create("/pods/a/b");
  await t.rejects(cgroups.remove("/pods/a/b"), { code: "conflict" });
  await cgroups.removeEmptyParent("/pods/a/b");
  driver.busy = 0;
  await cgroups.removeEmptyParent("/pods/a/b");
  t.notOk(cgroups.exists("/pods/a"));
  await cgroups.removeEmptyParent("/pods");
});

test("figures", async (t) => {
  const { cgroups } = await makeWorld(t);
  const directory = cgroups.create("/a");
  t.equal(cgroups.stats("/gone"), undefined);
  const files: Record<string, string> = {
    "cpu.stat": "usage_usec 300\nuser_usec 200\nsystem_usec 100\nnr_periods 5\nnr_throttled 1\nthrottled_usec 9\n",
    "memory.current": "4096\n",
    "memory.max": "max\n",
    "memory.swap.max": "10\n",
    "memory.stat": "anon 1\nfile 2\ninactive_file 1\n",
    "memory.events": "low 0\noom 1\noom_kill 2\n",
    "pids.current": "3\n",
    "io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n252:1\n",
    "cpu.pressure": "some avg10=1.50 avg60=0.00 avg300=0.00 total=77\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
    "cgroup.procs": "12\n34\n",
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  const stats = cgroups.stats("/a");
  t.match(stats?.cpu, { usageUs: 300n, throttledPeriods: 1n, pressure: { some: { avg10: 1.5, totalUs: 77n } } });
  t.match(stats?.memory, { usage: 4096n, limit: undefined, swapUsage: undefined, swapLimit: 10n, pressure: undefined });
  t.equal(stats?.memory?.stat.get("inactive_file"), 1n);
  t.equal(stats?.memory?.oomKills, 2n);
  t.equal(stats?.tasks, 3n);
  t.strictSame(stats?.io, [
    { device: "8:0", readBytes: 1n, writeBytes: 2n, reads: 3n, writes: 4n },
    { device: "252:1", readBytes: 0n, writeBytes: 0n, reads: 0n, writes: 0n },
  ]);
  t.equal(cgroups.oomKills("/a"), 2);
  t.equal(cgroups.oomKills("/gone"), 0);
  t.strictSame(cgroups.processes("/a"), [12, 34]);
});

test("a group was made before the last one in it was", async (t) => {
  const { root, cgroups } = await makeWorld(t);
  cgroups.create("/pods");
  const directory = join(root, "pods");
  utimesSync(join(directory, "cgroup.events"), 100, 100);
  utimesSync(directory, 200, 200);
  t.equal(cgroups.madeAt("/pods"), 100_000);
  utimesSync(directory, 50, 50);
  t.equal(cgroups.madeAt("/pods"), 50_000);
  t.equal(cgroups.madeAt("/gone"), undefined);
});

test("texts that are not what they should be", async (t) => {
  t.equal(parsePressure(""), undefined);
  t.equal(parsePressure("some avg10=1.00 avg60=0.00 avg300=0.00 total=5\n")?.full, undefined);
  t.equal(parseFlags("a b\nc\n 5\nd 6").size, 1);
  t.strictSame(parseIo("garbage\n"), []);
});
