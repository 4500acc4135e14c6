// time limit: 400 s
// soak limit: 7200 s
// The daemon is killed before each step of a pod's life that changes something (make soak: before every one; NODELET_CRASHES), and the one
// after it takes over: what it says is true, nothing ran twice, and nothing is left. With the built-in network, and with CNI plugins.
// NODELET_SEED chooses the steps.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import t, { type Test } from "tap";

import { addressDirectory, PLUGIN_BRIDGE, pluginNetwork } from "../../fixtures/crash-network.ts";
import { chooseSteps, runUntilStep, type Ended } from "../../fixtures/crash-run.ts";
import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime, type TestRuntime } from "../../fixtures/runtime.ts";
import { seeded, seedOf, soaking } from "../../fixtures/soak.ts";

const SCENARIO = resolve(import.meta.dirname, "..", "..", "fixtures", "crash-scenario.ts");

const seed = seedOf("NODELET_SEED");

function timesRan(directory: string): number {
  const file = join(directory, "out", "ran");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

/** What the runtime says after a crash is so. */
async function checkWhatIsSaid(t: Test, fixture: TestRuntime): Promise<void> {
  const { runtime, directory } = fixture;
  const { containers = [] } = await runtime.listContainers({});
  const ran = timesRan(directory);
  t.ok(ran <= 1, "the entrypoint ran once at most");
  for (const { id = "" } of containers) {
    const { status } = await runtime.containerStatus({ containerId: id });
    if (status?.state === 1) {
      const { exitCode, stdout } = await runtime.execSync({ containerId: id, cmd: ["echo", "here"], timeout: 30n });
      t.same([exitCode ?? 0, Buffer.from(stdout ?? []).toString()], [0, "here\n"], "a running container runs");
    }
    if (status?.state === 0) t.equal(ran, 0, "a container that was not started did not run");
    await runtime.stopContainer({ containerId: id, timeout: 0n });
  }
}

async function wholeLife({ runtime, logs }: TestRuntime): Promise<number> {
  const config = sandboxConfig(logs);
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const { containerId } = await runtime.createContainer({
    podSandboxId,
    config: containerConfig(["sleep", "1000"]),
    sandboxConfig: config,
  });
  await runtime.startContainer({ containerId });
  const { exitCode } = await runtime.execSync({ containerId, cmd: ["true"], timeout: 30n });
  await runtime.removePodSandbox({ podSandboxId });
  return exitCode ?? 0;
}

/** How many steps `make test` takes of each, and how often the one that takes over is killed as well. */
const NETWORKS = [
  { name: "the built-in network", plugins: false, short: 16, again: 4 },
  { name: "CNI plugins", plugins: true, short: 5, again: 1 },
];

for (const { name, plugins, short, again } of NETWORKS) {
  await t.test(`killed before a step, with ${name}`, async (t) => {
    t.comment(`NODELET_SEED=${seed}`);
    const directory = mkdtempSync(join(tmpdir(), "ndl-crash-"));
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    mkdirSync(join(directory, "out"));
    const out = join(directory, "out", "ran");
    const cni = join(directory, "cni");
    const runScenario = async (at: number, fromStart = false): Promise<Ended> =>
      await runUntilStep(SCENARIO, [directory, ...(plugins ? [cni] : [])], at, { fromStart });
    const start = async (): Promise<TestRuntime> =>
      await startRuntime("crash", { directory, ...(plugins ? { network: pluginNetwork(cni) } : {}) });

    const whole = await runScenario(0);
    const steps = JSON.parse(whole.out) as string[];
    t.ok(steps.length > 50, `${steps.length} steps: ${steps.join(", ")}`);
    t.equal(timesRan(directory), 1);
    const random = seeded(seed);
    const chosen = chooseSteps(steps.length, short, random);

    // What is there between two lives: the runtime's own directories, and the cgroups under its own root.
    const settle: PictureOptions = {
      ...ownProcesses,
      directories: ["containers", "sandboxes"].map((part) =>
        join("/dev/shm", directory.slice(tmpdir().length + 1), part),
      ),
      without: ["sockets", "network namespaces"],
      // The plugins leave their bridge, which the kernel gives addresses to as it likes.
      ignore: (kind, line) =>
        (kind === "cgroups" && !line.includes("nodelet-crash")) ||
        (kind === "addresses and routes" && line.includes(PLUGIN_BRIDGE)),
    };
    await (await start()).release();
    const before = await takePicture(settle);

    const takeOver = async (t: Test): Promise<void> => {
      const fixture = await start();
      try {
        await checkWhatIsSaid(t, fixture);
        for (const { id = "" } of (await fixture.runtime.listPodSandbox({})).items ?? []) {
          await fixture.runtime.stopPodSandbox({ podSandboxId: id });
          await fixture.runtime.removePodSandbox({ podSandboxId: id });
        }
        t.equal(await wholeLife(fixture), 0, "another pod lives and goes");
      } finally {
        await fixture.release();
      }
      const left = (await settledDifference(before, settle)).filter((line) => line.includes("left behind"));
      t.same(left, [], "nothing is left");
      if (plugins) t.same(pluginLeftovers(cni), [], "nor a record or an address of the plugins");
    };

    for (const at of chosen) {
      await t.test(`${at}: ${steps[at - 1]}`, async (t) => {
        rmSync(out, { force: true });
        const { signal } = await runScenario(at);
        // A life has a step more or less, by what comes first of two things at the same time.
        t.ok(signal === "SIGKILL" || at > steps.length - 5, "it was killed there");
        await takeOver(t);
      });
    }

    await t.test("and the one that takes over is killed as well", async (t) => {
      const pairs = Array.from({ length: soaking ? Math.ceil(chosen.length / 4) : again }, () => [
        random(steps.length) + 1,
        random(40) + 1,
      ]);
      for (const [at = 1, then = 1] of pairs) {
        await t.test(`${at}: ${steps[at - 1]}, then at ${then} from its start`, async (t) => {
          rmSync(out, { force: true });
          await runScenario(at);
          rmSync(out, { force: true });
          await runScenario(then, true);
          await takeOver(t);
        });
      }
    });
    await (await start()).remove();
    if (plugins) execFileSync("ip", ["link", "delete", PLUGIN_BRIDGE]);
  });
}

/** Records of results, and addresses that are given away. */
function pluginLeftovers(directory: string): string[] {
  return [
    ...readdirSync(join(directory, "cache", "results")),
    ...readdirSync(addressDirectory(directory)).filter((name) => /^\d+\./.test(name)),
  ];
}
