// What happens to pods behind the daemon's back: their init is killed, a file system under a container stops to answer.
// time limit: 300 s

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { ContainerState, NamespaceMode, PodSandboxState } from "../../../agent/cri/runtime.ts";
import type { CriClient } from "../../fixtures/cri-client.ts";
import { TestCri } from "../../fixtures/cri-daemon.ts";
import { hungDirectory, noFuse } from "../../fixtures/hung-fuse.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig } from "../../fixtures/runtime.ts";

const DEADLINE_EXCEEDED = 4;

const before = await takePicture(ownProcesses);
const daemon = new TestCri(5);
await daemon.start();
await daemon.loadBusybox();
t.teardown(async () => {
  await daemon[Symbol.asyncDispose]();
});

const shared = { linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } } };

async function runShared(client: CriClient): Promise<{ podSandboxId: string; containerId: string; init: number }> {
  const config = sandboxConfig(daemon.logs, shared);
  const { podSandboxId = "" } = await client.runPodSandbox({ config });
  const { containerId = "" } = await client.createContainer({
    podSandboxId,
    config: containerConfig(["sleep", "1000"], shared),
    sandboxConfig: config,
  });
  await client.startContainer({ containerId });
  const { info } = await client.podSandboxStatus({ podSandboxId, verbose: true });
  return { podSandboxId, containerId, init: Number(info?.["pid"]) };
}

async function sandboxState(client: CriClient, podSandboxId: string): Promise<PodSandboxState> {
  return (await client.podSandboxStatus({ podSandboxId })).status?.state ?? 0;
}

async function untilNotReady(client: CriClient, podSandboxId: string): Promise<void> {
  while ((await sandboxState(client, podSandboxId)) !== PodSandboxState.SANDBOX_NOTREADY) await sleep(5);
}

t.test("a sandbox whose init has ended is not ready", async (t) => {
  using client = daemon.connect();
  const [first, second] = [await runShared(client), await runShared(client)];
  process.kill(first.init, "SIGKILL");
  await untilNotReady(client, first.podSandboxId);
  while (
    (await client.containerStatus({ containerId: first.containerId })).status?.state !== ContainerState.CONTAINER_EXITED
  )
    await sleep(5);
  t.equal(await sandboxState(client, second.podSandboxId), PodSandboxState.SANDBOX_READY, "another's is unharmed");
  await client.removePodSandbox({ podSandboxId: first.podSandboxId });

  await daemon.end("SIGKILL");
  process.kill(second.init, "SIGKILL");
  await daemon.start();
  using again = daemon.connect();
  t.equal(
    await sandboxState(again, second.podSandboxId),
    PodSandboxState.SANDBOX_NOTREADY,
    "also while no daemon was there",
  );
  await again.removePodSandbox({ podSandboxId: second.podSandboxId });

  const third = await runShared(again);
  await daemon.end("SIGKILL");
  await daemon.start();
  using last = daemon.connect();
  t.equal(await sandboxState(last, third.podSandboxId), PodSandboxState.SANDBOX_READY);
  process.kill(third.init, "SIGKILL");
  await untilNotReady(last, third.podSandboxId);
  t.pass("a sandbox that was taken up is watched too");
  await last.removePodSandbox({ podSandboxId: third.podSandboxId });
});

t.test("what hangs in one pod holds up nobody else", { skip: noFuse() }, async (t) => {
  await using hung = await hungDirectory();
  using client = daemon.connect();
  const namespaceOptions = { pid: NamespaceMode.NODE };
  const config = sandboxConfig(daemon.logs, { linux: { securityContext: { namespaceOptions, privileged: true } } });
  const { podSandboxId } = await client.runPodSandbox({ config });
  const { containerId } = await client.createContainer({
    podSandboxId,
    // By the way of the host's mounts: one that hangs cannot be mounted into a container.
    config: containerConfig(["ls", `/proc/${process.pid}/root${hung.path}/there`], {
      linux: { securityContext: { namespaceOptions, privileged: true } },
    }),
    sandboxConfig: config,
  });
  await client.startContainer({ containerId });
  const { info } = await client.containerStatus({ containerId, verbose: true });
  // Its request is on its way and cannot be taken back: from here on the process outlives SIGKILL.
  while (!/fuse|request_wait/.test(readFileSync(`/proc/${info?.["pid"]}/wchan`, "utf8"))) await sleep(5);

  let stopped = false;
  const stop = client.stopPodSandbox({ podSandboxId }).finally(() => {
    stopped = true;
  });
  const stopFails = t.rejects(stop, { code: DEADLINE_EXCEEDED }, "the stop says that it cannot");
  while ((await sandboxState(client, podSandboxId ?? "")) === PodSandboxState.SANDBOX_READY) await sleep(5);
  t.match(await client.listPodSandbox({}), { items: [{ id: podSandboxId }] });
  t.match(await client.listContainers({}), { containers: [{ id: containerId }] });
  t.match(await client.containerStatus({ containerId }), { status: { state: ContainerState.CONTAINER_RUNNING } });
  await client.listPodSandboxStats({});
  const other = await runShared(client);
  await client.removePodSandbox({ podSandboxId: other.podSandboxId });
  t.notOk(stopped, "all of it while the stop waits");
  await stopFails;

  await hung.end();
  await client.removePodSandbox({ podSandboxId });
  t.match(await client.listPodSandbox({}), { items: [] });
});

t.test("nothing is left", async (t) => {
  await daemon[Symbol.asyncDispose]();
  t.same(await settledDifference(before, ownProcesses), []);
});
