// time limit: 1200 s
// What the CRI promises about cgroups, on a host that has all controllers: critest's specs of memory that runs out, the limits of pods,
// and figures of containers.

import { cp } from "node:fs/promises";
import { join } from "node:path";

import t from "tap";

import { judge, unexpected, CRITEST } from "../conformance/expectations.ts";
import { cachedImages } from "../conformance/images/cached.ts";
import { readJunit } from "../conformance/junit.ts";
import { buildTools, goObstacle } from "../conformance/tools/build.ts";
import { readOnlyDisk } from "./content-disk.ts";
import {
  CRI_SOCKET,
  crictl,
  mountTools,
  removeSandbox,
  runContainer,
  runSandbox,
  startCri,
  TOOLS,
  toolsDisk,
} from "./cri.ts";
import { Machine } from "./machine.ts";
import { machineDifference, takeMachinePicture } from "./service.ts";

const MIB = 1 << 20;
const SPECS = "Container OOM";
const SUITE_LIMIT_SECONDS = 400;

/** Of the layout of images. */
const BUSYBOX = "registry.k8s.io/e2e-test-images/busybox:1.29-2";

interface Amount {
  readonly value: string;
}

interface PressureFigures {
  readonly psi?: { readonly Some?: { readonly Total: string } };
}

/** As crictl prints them. */
interface ContainerFigures {
  readonly cpu: PressureFigures;
  readonly memory: PressureFigures & Record<"usageBytes" | "availableBytes" | "workingSetBytes", Amount>;
}

interface PodMetrics {
  readonly podSandboxId: string;
  readonly containerMetrics: readonly {
    readonly metrics: readonly { readonly name: string; readonly value: Amount }[];
  }[];
}

const obstacle = goObstacle();

await t.test("with the memory controller", { skip: obstacle ?? false }, async (t) => {
  buildTools("cri");
  const images = await cachedImages();
  await using disk = await toolsDisk(["critest", "crictl"], async (content) => {
    await cp(images, join(content, "images"), { recursive: true });
  });
  await using machine = await Machine.boot({ disks: [readOnlyDisk("tools", disk.path)] });
  await mountTools(machine);
  await startCri(machine);
  await machine.do(`nodelet load ${TOOLS}/images`, { limitSeconds: 300 });

  const limits = async (cgroup: string): Promise<Record<string, string>> =>
    JSON.parse(
      await machine.do(
        `cd /sys/fs/cgroup${cgroup} && echo "{\\"memory\\":\\"$(cat memory.max)\\",\\"cpu\\":\\"$(cat cpu.max)\\",\\"weight\\":\\"$(cat cpu.weight)\\"}"`,
      ),
    ) as Record<string, string>;
  const resources = { cpu_shares: 512, cpu_quota: 20_000, cpu_period: 100_000, memory_limit_in_bytes: 48 * MIB };

  await t.test("a pod's cgroup that the runtime makes has the pod's limits, its overhead counted in", async (t) => {
    const id = await runSandbox(machine, "own", {
      cgroup_parent: "/test/own",
      resources,
      overhead: { cpu_quota: 5_000, cpu_period: 100_000, memory_limit_in_bytes: 16 * MIB },
    });
    t.same(await limits("/test/own"), { memory: String(64 * MIB), cpu: "25000 100000", weight: "59" });
    await removeSandbox(machine, id);
    t.equal((await machine.run("ls -d /sys/fs/cgroup/test/own")).code, 2, "it goes with the pod");
  });

  // What the runtime keeps is there after a first pod.
  const before = await takeMachinePicture(machine);

  await t.test(`critest: ${SPECS}`, async (t) => {
    const { code, out, err } = await machine.run(
      `${TOOLS}/critest -runtime-endpoint=${CRI_SOCKET} -image-endpoint=${CRI_SOCKET} -ginkgo.no-color ` +
        `-ginkgo.focus='${SPECS}' -ginkgo.junit-report=/tmp/junit.xml`,
      { limitSeconds: SUITE_LIMIT_SECONDS },
    );
    if (code !== 0) t.comment(out, err);
    t.equal(code, 0, "critest ends with success");
    const controllers = (await machine.do("cat /sys/fs/cgroup/cgroup.controllers")).trim().split(" ");
    const results = readJunit(await machine.do("cat /tmp/junit.xml"));
    const selected = results.filter(({ name }) => name.includes(SPECS));
    t.not(selected.length, 0, "specs are selected");
    t.same(unexpected(judge(selected, CRITEST, { controllers })), []);
    t.ok(
      selected.every(({ outcome }) => outcome === "passed"),
      selected.map(({ name, outcome }) => `${name}: ${outcome}`).join("; "),
    );
  });

  await t.test("one that is there belongs to who made it, as a kubelet does", async (t) => {
    await machine.do("mkdir -p /sys/fs/cgroup/test/theirs");
    const theirs = { memory: "max", cpu: "max 100000", weight: "100" };
    const id = await runSandbox(machine, "theirs", { cgroup_parent: "/test/theirs", resources });
    t.same(await limits("/test/theirs"), theirs);
    await removeSandbox(machine, id);
    await machine.do("rmdir /sys/fs/cgroup/test/theirs");
  });

  await t.test("figures of a container: its limits, what it uses, and what it waits for", async (t) => {
    const id = await runSandbox(machine, "figures");
    const limited = {
      linux: { resources: { memory_limit_in_bytes: 32 * MIB, cpu_quota: 10_000, cpu_period: 100_000 } },
    };
    const command = ["sh", "-c", "dd if=/dev/zero of=/dev/shm/held bs=1M count=4; while true; do :; done"];
    const container = await runContainer(machine, { name: "figures", id }, BUSYBOX, command, limited);

    const pressure = { Some: { Total: /^\d+$/ }, Full: { Total: /^\d+$/ } };
    const statsOf = async (): Promise<ContainerFigures | undefined> =>
      (JSON.parse(await crictl(machine, `stats -o json ${container}`)) as { stats: ContainerFigures[] }).stats[0];
    let stats = await statsOf();
    const holds = (): boolean => Number(stats?.memory.usageBytes?.value ?? 0) >= 4 * MIB;
    while (!holds() || Number(stats?.cpu.psi?.Some?.Total ?? 0) === 0) stats = await statsOf();
    t.match(stats, { cpu: { psi: pressure }, memory: { psi: pressure }, io: { psi: pressure } });
    const { usageBytes, availableBytes, workingSetBytes } = stats?.memory ?? {};
    t.ok(Number(usageBytes?.value) >= 4 * MIB, `${usageBytes?.value} bytes are used`);
    t.equal(Number(workingSetBytes?.value) + Number(availableBytes?.value), 32 * MIB, "the rest is available");

    const { podMetrics } = JSON.parse(await crictl(machine, "metricsp")) as { podMetrics: PodMetrics[] };
    const metrics = podMetrics.find(({ podSandboxId }) => podSandboxId === id)?.containerMetrics[0]?.metrics ?? [];
    const valueOf = (name: string): number =>
      Number(metrics.find((metric) => metric.name === `container_${name}`)?.value.value ?? Number.NaN);
    for (const resource of [
      "cpu_waiting",
      "cpu_stalled",
      "memory_waiting",
      "memory_stalled",
      "io_waiting",
      "io_stalled",
    ])
      t.ok(valueOf(`pressure_${resource}_seconds_total`) >= 0, `pressure of ${resource}`);
    t.equal(valueOf("spec_memory_limit_bytes"), 32 * MIB);
    t.equal(valueOf("spec_cpu_quota"), 10_000);
    t.ok(valueOf("cpu_cfs_throttled_periods_total") > 0, "it was throttled");
    t.ok(valueOf("memory_usage_bytes") >= 4 * MIB);
    t.equal(valueOf("oom_events_total"), 0);
    await removeSandbox(machine, id);
  });

  await t.test("nothing is left", async (t) => {
    t.same(await machineDifference(machine, before), []);
  });
});
