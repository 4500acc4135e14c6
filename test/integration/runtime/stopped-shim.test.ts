// A shim that is stopped keeps nobody waiting for ever, and its container is well once it goes on.

import { execFileSync } from "node:child_process";

import t from "tap";

import { containerConfig, sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";

t.test("exec with a stopped shim", async (t) => {
  const fixture = await startRuntime("stopped", { subnet: "10.217.0.0/16" });
  t.teardown(() => fixture.remove());
  const { runtime } = fixture;
  const config = sandboxConfig(fixture.logs);
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const { containerId = "" } = await runtime.createContainer({
    podSandboxId,
    sandboxConfig: config,
    config: containerConfig(["sleep", "1000"]),
  });
  await runtime.startContainer({ containerId });
  const children = execFileSync("ps", ["--ppid", String(process.pid), "-o", "pid=,comm="], { encoding: "utf8" });
  const shim = Number(/(\d+) nodelet-shim/.exec(children)?.[1]);
  process.kill(shim, "SIGSTOP");
  await t.rejects(runtime.execSync({ containerId, cmd: ["true"] }), { code: "timeout" });
  process.kill(shim, "SIGCONT");
  t.equal((await runtime.execSync({ containerId, cmd: ["true"] })).exitCode, 0);
});
