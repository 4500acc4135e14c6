// time limit: 240 s
// A pod whose shared pid namespace has lost its init is started anew, in a sandbox of its own.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { BUSYBOX } from "../../fixtures/runtime.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: { name: shared }
spec:
  shareProcessNamespace: true
  terminationGracePeriodSeconds: 1
  containers:
    - { name: main, image: "${BUSYBOX}", command: [sleep, "1000"] }
`;

interface Sandbox {
  readonly id: string;
  readonly initPid: number;
  readonly state: string;
}

function sandboxes(agent: TestAgent): Sandbox[] {
  const directory = join(agent.runDir, "sandboxes");
  return readdirSync(directory).map(
    (id) => JSON.parse(readFileSync(join(directory, id, "record.json"), "utf8")) as Sandbox,
  );
}

t.test("a pod comes back after its init was killed", async (t) => {
  const before = await takePicture(ownProcesses);
  const layout = mkdtempSync(join(tmpdir(), "ndl-layout-"));
  t.teardown(() => rmSync(layout, { recursive: true, force: true }));
  await writeOciLayout(layout, busyboxImage());
  {
    await using agent = await TestAgent.create(44);
    await agent.start();
    t.equal((await agent.command("load", layout)).code, 0);
    writeFileSync(join(agent.manifests, "shared.yaml"), POD);
    const running = async (): Promise<boolean> => /1\/1 +Running/.test((await agent.command("pods")).out);
    while (!(await running())) await sleep(100);
    const first = sandboxes(agent)[0];
    process.kill(first?.initPid ?? 0, "SIGKILL");
    const successor = (): boolean => sandboxes(agent).some(({ id, state }) => id !== first?.id && state === "ready");
    while (!successor() || !(await running())) await sleep(100);
    t.pass("in another sandbox");
  }
  t.same(await settledDifference(before, ownProcesses), []);
});
