// time limit: 300 s
// A long row of containers leaves the host and the daemon as they were.

import { execFileSync } from "node:child_process";

import t from "tap";

import { settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";

const CONTAINERS = 1000;
const SETTLED_AFTER = 200;
const GROWTH_BYTES_MAX = 5 * 1024 * 1024;

t.test(`${CONTAINERS} containers created, started, stopped and removed in a row`, async (t) => {
  const untouched = await takePicture();
  const fixture = await startRuntime("churn");
  t.teardown(() => fixture.remove());
  const { runtime } = fixture;
  const config = sandboxConfig(fixture.logs);
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const options = { directories: [fixture.runDir, fixture.stateDir, fixture.logs] };
  let before = await takePicture(options);
  let settled = 0;
  for (let i = 0; i < CONTAINERS; i += 1) {
    const container = containerConfig(["sleep", "1000"], {
      metadata: { name: "same", attempt: i },
      logPath: "same.log",
    });
    const { containerId } = await runtime.createContainer({ podSandboxId, config: container, sandboxConfig: config });
    await runtime.startContainer({ containerId });
    await runtime.stopContainer({ containerId, timeout: 0n });
    await runtime.removeContainer({ containerId });
    if (i + 1 === 20) before = await takePicture(options);
    if (i + 1 === SETTLED_AFTER) settled = process.memoryUsage.rss();
  }
  const grown = process.memoryUsage.rss() - settled;
  t.comment(
    `resident after ${SETTLED_AFTER}: ${(settled / 1e6).toFixed(1)} MB, grown by ${(grown / 1e6).toFixed(1)} MB`,
  );
  t.ok(grown < GROWTH_BYTES_MAX, `the process grew by ${grown} bytes`);
  t.strictSame(await settledDifference(before, options), [], "the host looks as before");
  t.strictSame(shims(), [], "no shim is left");
  await fixture.remove();
  t.strictSame(await settledDifference(untouched), [], "nothing is left");
});

/** Shims that this process started and did not reap; the picture leaves out its own children. */
function shims(): string[] {
  const children = execFileSync("ps", ["--ppid", String(process.pid), "-o", "pid=,stat=,comm="], { encoding: "utf8" });
  return children.split("\n").filter((line) => line.includes("shim"));
}
