// time limit: 300 s
// soak limit: 7200 s
// The daemon is killed before each step of a pod's life that changes something (make soak: before every one; NODELET_CRASHES), and the one
// after it takes over: what it says is true, nothing ran twice, and nothing is left. NODELET_SEED chooses the steps.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import t, { type Test } from "tap";

import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime, type TestRuntime } from "../../fixtures/runtime.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";

const FIXTURES = resolve(import.meta.dirname, "..", "..", "fixtures");
const RUN_LIMIT_MS = 120_000;

const seed = seedOf("NODELET_SEED");
const crashes = countOf("NODELET_CRASHES", { short: 24, soak: Number.MAX_SAFE_INTEGER });

interface Ended {
  readonly signal: string | null;
  readonly out: string;
}

/** The scenario, killed before step `at`; 0 lets it come to its end. */
async function runScenario(directory: string, at: number, fromStart = false): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ["--import", join(FIXTURES, "crash-point.ts"), join(FIXTURES, "crash-scenario.ts"), directory],
    {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: RUN_LIMIT_MS,
      killSignal: "SIGABRT",
      env: { ...process.env, NODELET_CRASH_AT: String(at), ...(fromStart ? { NODELET_CRASH_FROM_START: "1" } : {}) },
    },
  );
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const signal = await new Promise<string | null>((done) => child.once("close", (_code, name) => done(name)));
  if (signal === "SIGABRT") throw new Error(`the scenario hung before step ${at}`);
  return { signal, out };
}

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

t.test("killed before a step", async (t) => {
  t.comment(`NODELET_SEED=${seed}`);
  const directory = mkdtempSync(join(tmpdir(), "ndl-crash-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "out"));
  const out = join(directory, "out", "ran");
  const whole = await runScenario(directory, 0);
  const steps = JSON.parse(whole.out) as string[];
  t.ok(steps.length > 50, `${steps.length} steps: ${[...new Set(steps)].join(" ")}`);
  t.equal(timesRan(directory), 1);

  const random = seeded(seed);
  const all = steps.map((_step, index) => index + 1);
  while (all.length > crashes) all.splice(random(all.length), 1);

  // What is there between two lives: the runtime's own directories, and the cgroups under its own root.
  const settle: PictureOptions = {
    ...ownProcesses,
    directories: ["containers", "sandboxes"].map((part) =>
      join("/dev/shm", directory.slice(tmpdir().length + 1), part),
    ),
    without: ["sockets", "network namespaces"],
    ignore: (kind, line) => kind === "cgroups" && !line.includes("nodelet-crash"),
  };
  await (await startRuntime("crash", { directory })).release();
  const before = await takePicture(settle);

  const takeOver = async (t: Test): Promise<void> => {
    const fixture = await startRuntime("crash", { directory });
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
  };

  for (const at of all) {
    await t.test(`${at}: ${steps[at - 1]}`, async (t) => {
      rmSync(out, { force: true });
      const { signal } = await runScenario(directory, at);
      // A life has a step more or less, by what comes first of two things at the same time.
      t.ok(signal === "SIGKILL" || at > steps.length - 5, "it was killed there");
      await takeOver(t);
    });
  }

  await t.test("and the one that takes over is killed as well", async (t) => {
    const pairs = Array.from({ length: Math.min(Math.ceil(crashes / 4), steps.length) }, () => [
      random(steps.length) + 1,
      random(40) + 1,
    ]);
    for (const [at = 1, then = 1] of pairs) {
      await t.test(`${at}: ${steps[at - 1]}, then at ${then} from its start`, async (t) => {
        rmSync(out, { force: true });
        await runScenario(directory, at);
        rmSync(out, { force: true });
        await runScenario(directory, then, true);
        await takeOver(t);
      });
    }
  });
  await (await startRuntime("crash", { directory })).remove();
});
