// time limit: 1200 s
// What the CRI promises about cgroups, on a host that has all controllers: critest's specs of memory that runs out, and the limits of
// pods.

import { cp } from "node:fs/promises";
import { join } from "node:path";

import t from "tap";

import { judge, unexpected, CRITEST } from "../conformance/expectations.ts";
import { cachedImages } from "../conformance/images/cached.ts";
import { readJunit } from "../conformance/junit.ts";
import { buildTools, goObstacle } from "../conformance/tools/build.ts";
import { readOnlyDisk } from "./content-disk.ts";
import { CRI_SOCKET, mountTools, removeSandbox, runSandbox, startCri, TOOLS, toolsDisk } from "./cri.ts";
import { Machine } from "./machine.ts";
import { machineDifference, takeMachinePicture } from "./service.ts";

const MIB = 1 << 20;
const SPECS = "Container OOM";
const SUITE_LIMIT_SECONDS = 400;

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

  await t.test("nothing is left", async (t) => {
    t.same(await machineDifference(machine, before), []);
  });
});
