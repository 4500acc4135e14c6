// Starts and removes pods of a CNI network, several at a time, until it has done COUNT or is killed: the program of kills.test.ts.
// Usage: pods-churn.ts NAME DIRECTORY CONF_DIR CACHE_DIR BIN_DIR COUNT. Prints a line for each pod that has come and gone; with a COUNT of 0 it
// removes what earlier ones left, and all that the runtime made.

import { Protocol } from "../../../agent/cri/runtime.ts";
import { bootId } from "../../../agent/system/procfs.ts";
import { openCniNetwork } from "../../../cni/plugins/cni-network.ts";
import { sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";

const WORKERS = 4;

const [name = "", directory = "", confDir = "", cacheDir = "", binDir = "", countText = "0"] = process.argv.slice(2);
const count = Number(countText);
const fixture = await startRuntime(name, {
  directory,
  network: async ({ stateDir, system }) => {
    const network = await openCniNetwork({
      system,
      confDir,
      pluginDirs: [binDir],
      cacheDir,
      owner: stateDir,
      bootId: bootId(),
    });
    await network.start();
    return network;
  },
});
const { runtime } = fixture;
if (count === 0) {
  await fixture.remove();
  process.exit(0);
}
// What the one that was killed had ready is stopped like any other pod.
for (const { id = "" } of (await runtime.listPodSandbox({})).items ?? [])
  await runtime.removePodSandbox({ podSandboxId: id });
let started = 0;
const worker = async (): Promise<void> => {
  while (started < count) {
    const number = started++;
    const mappings = number % 2 === 0 ? [] : [{ protocol: Protocol.TCP, containerPort: 80, hostPort: 20_000 + number }];
    const { podSandboxId = "" } = await runtime.runPodSandbox({
      config: sandboxConfig(fixture.logs, { portMappings: mappings }),
    });
    await runtime.stopPodSandbox({ podSandboxId });
    await runtime.removePodSandbox({ podSandboxId });
    process.stdout.write("gone\n");
  }
};
await Promise.all(Array.from({ length: WORKERS }, worker));
await fixture.release();
