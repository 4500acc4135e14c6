// Resident memory of the standalone agent at rest: started as it ships, no pod, measured when it has settled.

import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { packageRoot } from "../../agent/base/paths.ts";
import { memoryUse } from "../../agent/system/procfs.ts";

/** Long enough for start-up's garbage to be collected. */
const SETTLE_MS = 15_000;

/** Bytes, or undefined when the agent did not stay up. */
export async function agentAtRest(): Promise<number | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-rest-"));
  const manifests = join(directory, "manifests");
  mkdirSync(manifests);
  const agent = spawn(
    join(packageRoot(), "bin/nodelet"),
    [
      "agent",
      `--pod-manifest-path=${manifests}`,
      ...["root-dir", "state-dir", "run-dir", "pod-logs-dir", "container-logs-dir"].map(
        (name) => `--${name}=${join(directory, name)}`,
      ),
      "--allow-missing-cgroup-controllers",
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const ended = new Promise<void>((resolve) => agent.once("exit", () => resolve()));
  try {
    await Promise.race([new Promise((resolve) => setTimeout(resolve, SETTLE_MS)), ended]);
    return agent.exitCode === null && agent.pid !== undefined ? memoryUse(agent.pid)?.rss : undefined;
  } finally {
    await promisify(execFile)(join(packageRoot(), "bin/nodelet"), [
      "stop",
      "--all",
      `--run-dir=${join(directory, "run-dir")}`,
    ]).catch(() => agent.kill("SIGTERM"));
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
}
