// poststop hooks run when the container is removed, with its state; one that fails does not keep the others from running.

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { containerConfig, sandboxConfig, startRuntime, untilExited } from "../../fixtures/runtime.ts";

t.test("poststop", async (t) => {
  const fixture = await startRuntime("hooks", { subnet: "10.218.0.0/16" });
  t.teardown(() => fixture.remove());
  const { runtime } = fixture;
  const config = sandboxConfig(fixture.logs);
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const { containerId = "" } = await runtime.createContainer({
    podSandboxId,
    sandboxConfig: config,
    config: containerConfig(["true"]),
  });
  const hook = join(fixture.directory, "hook");
  const seen = join(fixture.directory, "seen");
  writeFileSync(hook, `#!/bin/sh\ncat > ${seen}\n`);
  chmodSync(hook, 0o755);
  // The CRI has no hooks; whoever edits the spec has.
  const file = join(fixture.runDir, "containers", containerId, "config.json");
  const spec = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(
    file,
    JSON.stringify({ ...spec, hooks: { poststop: [{ path: "/nonexistent/hook" }, { path: hook }] } }),
  );

  await runtime.startContainer({ containerId });
  await untilExited(runtime, containerId);
  t.notOk(existsSync(seen), "not while the container is there");
  await runtime.removeContainer({ containerId });
  const state = JSON.parse(readFileSync(seen, "utf8")) as { id: string; status: string };
  t.equal(state.id, containerId);
  t.equal(state.status, "stopped");
});
