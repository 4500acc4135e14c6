// time limit: 300 s
// soak limit: 1200 s
// Exec after exec into the same container: daemon and shim hold nothing of those that are over. NODELET_EXECS.

import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import t from "tap";

import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";
import { countOf } from "../../fixtures/soak.ts";
import { heldBy } from "./support.ts";

const EXECS = countOf("NODELET_EXECS", { short: 500, soak: 10_000 });
const AT_ONCE = 8;
/** First of all buffers and code are loaded. */
const WARM_UP = 200;
const SETTLE_MS = 1_000;
const LIMIT_MS = 30_000;
const SHIM_GROWTH_KIB = 128;
/** Of what lives in the daemon: code that was compiled meanwhile, and buffers that are used again. */
const DAEMON_GROWTH_KIB = 4 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What lives in this process, which is the daemon here, in KiB. */
function living(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / 1024);
}

function shimOf(parent: number): number {
  const found = readdirSync("/proc").find((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      return stat.includes("(nodelet-shim") && Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error("there is no shim");
  return Number(found);
}

/** Others' pods may come and go in the same tree. */
const settle: PictureOptions = {
  ...ownProcesses,
  ignore: (kind, line) => kind === "cgroups" && !line.includes("nodelet-execs"),
};

t.test("execs leave nothing", async (t) => {
  const before = await takePicture(settle);
  const fixture = await startRuntime("execs", { subnet: "10.216.0.0/16" });
  t.teardown(() => fixture.remove());
  const { runtime } = fixture;
  const config = sandboxConfig(fixture.logs);
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const { containerId = "" } = await runtime.createContainer({
    podSandboxId,
    sandboxConfig: config,
    config: containerConfig(["sleep", "1000000"]),
  });
  await runtime.startContainer({ containerId });
  const shim = shimOf(process.pid);

  const run = async (count: number): Promise<number> => {
    let [begun, wrong] = [0, 0];
    const worker = async (): Promise<void> => {
      while (begun < count) {
        const number = String(begun++);
        const { exitCode, stdout } = await runtime.execSync({ containerId, cmd: ["echo", number], timeout: 60n });
        if ((exitCode ?? 0) !== 0 || Buffer.from(stdout ?? []).toString() !== `${number}\n`) wrong += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return wrong;
  };
  t.equal(await run(WARM_UP), 0);
  await sleep(SETTLE_MS);
  const [daemonBefore, shimBefore, livingBefore] = [heldBy(process.pid), heldBy(shim), living()];
  t.equal(await run(EXECS), 0, `${EXECS} execs, each with its own output`);
  // The last connections may be closing still.
  for (const end = Date.now() + LIMIT_MS; heldBy(shim).descriptors > shimBefore.descriptors && Date.now() < end;)
    await sleep(100);
  const [daemonAfter, shimAfter, livingAfter] = [heldBy(process.pid), heldBy(shim), living()];
  t.comment(
    `living in the daemon ${livingBefore} KiB, then ${livingAfter}; shim ${shimBefore.kib} KiB, then ${shimAfter.kib}`,
  );
  t.ok(shimAfter.descriptors <= shimBefore.descriptors, "the shim's descriptors");
  t.ok(shimAfter.kib - shimBefore.kib < SHIM_GROWTH_KIB, "the shim's memory");
  t.ok(daemonAfter.descriptors <= daemonBefore.descriptors, "the daemon's descriptors");
  t.ok(livingAfter - livingBefore < DAEMON_GROWTH_KIB, "the daemon's memory");
  const { stdout } = await runtime.execSync({
    containerId,
    cmd: ["sh", "-c", "ls -d /proc/[0-9]* | wc -l"],
    timeout: 60n,
  });
  t.ok(Number(Buffer.from(stdout ?? []).toString()) <= 4, "no process of them is left in the container");
  await fixture.remove();
  t.same(
    (await settledDifference(before, settle)).filter((line) => line.includes("left behind")),
    [],
    "nothing is left",
  );
});
