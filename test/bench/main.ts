// `make bench`: figures of nodelet beside crun and runc from Debian, in one run on one machine. ARGS=--quick takes fewer samples.

import { execFile } from "node:child_process";
import { cpus, release } from "node:os";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { memoryUse } from "../../agent/system/procfs.ts";
import { containerConfig, sandboxConfig, startRuntime, type TestRuntime } from "../fixtures/runtime.ts";
import { agentAtRest } from "./agent-memory.ts";
import { timeOciExec, timeOciRun } from "./oci-runtimes.ts";
import { journaledDisk, type Disk } from "./disk.ts";
import { timeStarts } from "./starts.ts";
import { formatSeries, percentile, type Series } from "./report.ts";

const quick = process.argv.includes("--quick");
const COUNT = quick ? 50 : 500;
const WARMUP = 20;
/** runc takes 40 ms each. */
const ANCHOR_COUNT = quick ? 20 : 100;
const SHIMS = 20;

const STARTS = "create+start+exit of true";

const run = promisify(execFile);
const series: Series[] = [];

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function milliseconds(from: bigint): number {
  return Number(process.hrtime.bigint() - from) / 1e6;
}

async function main(): Promise<void> {
  progress(`Linux ${release()}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`);
  {
    using disk = openDisk();
    const fixture = await startRuntime(
      "bench",
      disk && { directory: mkdtempSync(join(disk.directory, "nodelet-bench-")) },
    );
    try {
      await measure(fixture);
    } finally {
      await fixture.remove();
    }
    if (disk !== undefined) await measureHere();
  }
  progress("standalone agent at rest");
  const agent = await agentAtRest();
  if (agent !== undefined)
    series.push({ what: "RSS of the standalone agent at rest", who: "nodelet", values: [agent / 1e6], unit: "MB" });
  process.stdout.write(`${formatSeries(series)}\n`);
  verdict(STARTS, 0.5);
}

/** The goal is a part of crun's time. */
function verdict(what: string, part: number): void {
  const of = (who: string): number =>
    percentile(series.find((one) => one.what === what && one.who === who)?.values ?? [], 0.5);
  const ratio = of("nodelet") / of("crun");
  process.stdout.write(`\n${what}: ${ratio.toFixed(2)} of crun's p50 (goal ${part})\n`);
}

function openDisk(): Disk | undefined {
  try {
    return journaledDisk();
  } catch (error) {
    progress(`on this host's own file system, as there can be no other: ${String(error)}`);
    return undefined;
  }
}

/** Once more on whatever file system the host has. */
async function measureHere(): Promise<void> {
  const fixture = await startRuntime("benchfs");
  try {
    const config = sandboxConfig(fixture.logs);
    const { podSandboxId = "" } = await fixture.runtime.runPodSandbox({ config });
    const { total } = await timeStarts(fixture, podSandboxId, config, { count: COUNT, warmup: WARMUP });
    series.push({ what: `${STARTS}, on this host's file system`, who: "nodelet", values: total, unit: "ms" });
  } finally {
    await fixture.remove();
  }
}

async function measure(fixture: TestRuntime): Promise<void> {
  const { runtime, logs } = fixture;
  const config = sandboxConfig(logs);
  const { podSandboxId = "" } = await runtime.runPodSandbox({ config });
  progress(`${STARTS}, ${COUNT} runs after ${WARMUP}`);
  const { total, spec, ...parts } = await timeStarts(fixture, podSandboxId, config, { count: COUNT, warmup: WARMUP });
  series.push({ what: STARTS, who: "nodelet", values: total, unit: "ms" });
  for (const [name, values] of Object.entries(parts))
    series.push({ what: `  of it ${name}`, who: "nodelet", values, unit: "ms" });

  progress("exec of true");
  const sleeper = await startSleeper(fixture, podSandboxId, config);
  const execs: number[] = [];
  for (let i = 0; i < COUNT + WARMUP; i += 1) {
    const before = process.hrtime.bigint();
    await runtime.execSync({ containerId: sleeper, cmd: ["true"], timeout: 10n });
    if (i >= WARMUP) execs.push(milliseconds(before));
  }
  series.push({ what: "exec of true", who: "nodelet", values: execs, unit: "ms" });

  progress(`PSS of ${SHIMS} shims`);
  for (let i = 1; i < SHIMS; i += 1) await startSleeper(fixture, podSandboxId, config);
  series.push({ what: `PSS of one shim, of ${SHIMS}`, who: "nodelet", values: await shimSizes(), unit: "kB" });

  const pods: number[] = [];
  progress("pod sandboxes");
  for (let i = 0; i < COUNT / 10 + 5; i += 1) {
    const before = process.hrtime.bigint();
    const { podSandboxId } = await runtime.runPodSandbox({ config: sandboxConfig(logs) });
    if (i >= 5) pods.push(milliseconds(before));
    await runtime.removePodSandbox({ podSandboxId });
  }
  series.push({ what: "sandbox with built-in network", who: "nodelet", values: pods, unit: "ms" });

  const rootfs = join(fixture.directory, "rootfs");
  await unpackRootfs(fixture, rootfs);
  for (const binary of ["crun", "runc"]) {
    progress(`${binary}: run and exec, ${ANCHOR_COUNT} runs after ${WARMUP}`);
    const options = {
      spec: anchorSpec(spec, ["true"]),
      rootfs,
      directory: fixture.directory,
      count: ANCHOR_COUNT,
      warmup: WARMUP,
    };
    series.push({
      what: STARTS,
      who: binary,
      values: await timeOciRun(binary, options),
      unit: "ms",
    });
    const sleep = { ...options, spec: anchorSpec(spec, ["sleep", "1000"]) };
    series.push({ what: "exec of true", who: binary, values: await timeOciExec(binary, sleep), unit: "ms" });
  }
}

async function startSleeper(
  fixture: TestRuntime,
  podSandboxId: string,
  config: ReturnType<typeof sandboxConfig>,
): Promise<string> {
  const { containerId = "" } = await fixture.runtime.createContainer({
    podSandboxId,
    config: containerConfig(["sleep", "1000"]),
    sandboxConfig: config,
  });
  await fixture.runtime.startContainer({ containerId });
  return containerId;
}

/** kB of each running shim that this process started. */
async function shimSizes(): Promise<number[]> {
  const { stdout } = await run("ps", ["--ppid", String(process.pid), "-o", "pid=,comm="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, comm]) => comm?.startsWith("nodelet-shim") === true)
    .map(([pid]) => (memoryUse(Number(pid))?.pss ?? 0) / 1024);
}

/**
 * The same container, with a cgroup path of its own and without the device program: crun raises RLIMIT_MEMLOCK for it, which
 * hosts without CAP_SYS_RESOURCE refuse. The anchors do less than nodelet here.
 */
function anchorSpec(spec: string, args: readonly string[]): object {
  const parsed = JSON.parse(spec) as { process: object; linux: object };
  return {
    ...parsed,
    ociVersion: "1.0.2", // Debian 12's runtimes know no newer one
    process: { ...parsed.process, args },
    linux: { ...parsed.linux, resources: {}, cgroupsPath: "/nodelet-bench/anchor" },
  };
}

async function unpackRootfs(fixture: TestRuntime, target: string): Promise<void> {
  const script = `
    mkdir -p ${target}
    cp -a ${join(fixture.stateDir, "layers")}/*/. ${target}/ 2>/dev/null || true
    mkdir -p ${target}/proc ${target}/sys ${target}/dev`;
  await run("bash", ["-c", script]);
}

await main();
