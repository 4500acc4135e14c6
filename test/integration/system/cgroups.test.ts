// Against the kernel's own tree, in a group of its own, whatever controllers the host has.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "tap";
import { Cgroups, findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { processStat } from "../../../agent/system/procfs.ts";
import { StandIn, standInSystem } from "../../fixtures/stand-in.ts";

const system = standInSystem();
const hierarchy = findHierarchy();
const top = `/nodelet-test-${process.pid}`;

if (hierarchy === undefined) {
  test("cgroups", { skip: "this host has no cgroup v2 tree" }, async () => undefined);
} else {
  const cgroups = new Cgroups({ system, hierarchy, allowMissingControllers: true, shimCgroup: `${top}/shims` });
  after(async () => {
    await cgroups.kill(top);
    await cgroups.remove(top);
  });

  test("a process starts in its group and is killed with all that it made", async (t) => {
    const directory = cgroups.create(`${top}/pods/a`);
    t.ok(statSync(directory).isDirectory());
    const fd = cgroups.open(`${top}/pods/a`);
    const shim = await StandIn.start(system, { cgroupFd: fd });
    system.close(fd);
    const child = shim.fork();
    t.strictSame(new Set(cgroups.processes(`${top}/pods/a`)), new Set([shim.pid, child]));
    t.ok(readFileSync(`/proc/${shim.pid}/cgroup`, "utf8").includes(`${top}/pods/a\n`));
    const stats = cgroups.stats(`${top}/pods/a`);
    t.ok((stats?.cpu.usageUs ?? -1n) >= 0n);

    await t.rejects(cgroups.remove(`${top}/pods/a`), { code: "conflict" }, "not while somebody is in it");
    const began = performance.now();
    await cgroups.kill(`${top}/pods`);
    t.comment(`kill and wait: ${(performance.now() - began).toFixed(2)} ms`);
    t.strictSame(await shim.ended(), { exitCode: 137, signal: 9 });
    t.ok(["Z", undefined].includes(processStat(child)?.state));
    await cgroups.remove(`${top}/pods`);
    t.notOk(cgroups.exists(`${top}/pods`));
    t.equal(cgroups.stats(`${top}/pods`), undefined);
    await cgroups.kill(`${top}/pods`);
    await cgroups.remove(`${top}/pods`);
  });

  test("freezing holds a process until it is let go; a frozen group can be killed", async (t) => {
    const path = `${top}/frozen`;
    cgroups.create(path);
    const fd = cgroups.open(path);
    const shim = await StandIn.start(system, { cgroupFd: fd });
    system.close(fd);
    await cgroups.freeze(path, true);
    t.match(readFileSync(join(cgroups.directory(path), "cgroup.events"), "utf8"), /^frozen 1$/m);
    await cgroups.freeze(path, false);
    t.ok(shim.report().length > 0, "it answers again");
    await cgroups.freeze(path, true);
    await cgroups.kill(path);
    t.equal((await shim.ended()).signal, 9);
    await cgroups.remove(path);
  });

  test("the shims' group", async (t) => {
    const shim = await StandIn.start(system, { cgroupFd: cgroups.shimCgroupFd() });
    t.ok(readFileSync(`/proc/${shim.pid}/cgroup`, "utf8").includes(`${top}/shims\n`));
    await shim.stop();
  });

  test("waiting ends with the caller's signal", async (t) => {
    const path = `${top}/signal`;
    cgroups.create(path);
    await t.rejects(
      cgroups
        .freeze(path, true, { signal: AbortSignal.abort(new Error("stopping")) })
        .then(() => Promise.reject(new Error("stopping"))),
      /stopping/,
    );
    await cgroups.remove(path);
  });

  test(
    "limits are the kernel's afterwards",
    { skip: cgroups.missing.length > 0 && `no ${cgroups.missing.join(", ")} here` },
    async (t) => {
      const path = `${top}/limited`;
      const directory = cgroups.create(path, {
        cpu: { shares: 512, quota: 50_000, period: 100_000 },
        memory: { limit: 64 << 20, swap: 64 << 20, reservation: 1 << 20 },
        pids: { limit: 20 },
      });
      const read = (file: string): string => readFileSync(join(directory, file), "utf8").trim();
      t.equal(read("cpu.max"), "50000 100000");
      t.equal(read("memory.max"), String(64 << 20));
      t.equal(read("memory.low"), String(1 << 20));
      t.equal(read("pids.max"), "20");
      t.throws(() => cgroups.update(path, { unified: { "memory.high": "words" } }), { code: "invalid" });
      await cgroups.remove(path);
    },
  );
}
