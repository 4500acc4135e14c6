// `nodelet cri` from outside: over its socket, through kills and restarts, and what is left of it.
// time limit: 300 s

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import t from "tap";

import { ContainerEventType, ContainerState, PodSandboxState } from "../../../agent/cri/runtime.ts";
import { BUSYBOX, TestCri } from "../../fixtures/cri-daemon.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig } from "../../fixtures/runtime.ts";

const main = resolve(import.meta.dirname, "..", "..", "..", "agent", "main.ts");

t.test("pods over the socket, through a kill of the daemon, and nothing left", async (t) => {
  const before = await takePicture(ownProcesses);
  {
    await using daemon = new TestCri(0);
    await daemon.start();
    await daemon.loadBusybox();
    using client = daemon.connect();

    const config = sandboxConfig(daemon.logs);
    const events: [string, string | undefined][] = [];
    const following = t.rejects(
      async () => {
        for await (const event of client.getContainerEvents({})) {
          const type = Object.entries(ContainerEventType).find(
            ([, value]) => value === (event.containerEventType ?? 0),
          );
          events.push([type?.[0] ?? "", event.containerId]);
          t.equal(event.podSandboxStatus?.metadata?.name, config.metadata?.name);
        }
      },
      { code: 14 },
      "the stream of events ends with the daemon",
    );
    const { podSandboxId } = await client.runPodSandbox({ config });
    t.match(await client.runPodSandbox({ config }), { podSandboxId }, "asked again it is the same");
    const container = containerConfig(["sleep", "1000"]);
    const create = { podSandboxId, config: container, sandboxConfig: config };
    const { containerId } = await client.createContainer(create);
    t.match(await client.createContainer(create), { containerId }, "asked again it is the same");
    await client.startContainer({ containerId });

    const { stdout, exitCode } = await client.execSync({ containerId, cmd: ["sh", "-c", "echo hello; exit 3"] });
    t.equal(Buffer.from(stdout ?? []).toString(), "hello\n");
    t.equal(exitCode, 3);
    await t.rejects(client.execSync({ containerId, cmd: ["sleep", "100"], timeout: 1n }), { code: 4 });
    await t.rejects(client.execSync({ containerId: "nothing", cmd: ["true"] }), { code: 5 });
    await t.rejects(
      client.createContainer({ ...create, config: { metadata: { name: "x" }, image: { image: "none" } } }),
      {
        code: 5,
      },
    );
    await t.rejects(client.runPodSandbox({ config: { metadata: {} } }), { code: 3 });
    await t.rejects(client.checkpointContainer({ containerId }), { code: 12 });

    t.equal(await daemon.end("SIGKILL"), null);
    await daemon.start();
    using again = daemon.connect();
    t.match(await again.containerStatus({ containerId }), {
      status: { state: ContainerState.CONTAINER_RUNNING, image: { image: BUSYBOX } },
    });
    const streamed: unknown[] = [];
    for await (const { podSandboxes } of again.streamPodSandboxes({})) streamed.push(...(podSandboxes ?? []));
    t.match(streamed, [{ id: podSandboxId, metadata: { name: config.metadata?.name } }]);
    t.match(await again.listPodSandbox({ filter: { state: { state: PodSandboxState.SANDBOX_READY } } }), {
      items: [{ id: podSandboxId }],
    });
    await following;
    t.same(events, [
      ["CONTAINER_CREATED_EVENT", podSandboxId],
      ["CONTAINER_STARTED_EVENT", podSandboxId],
      ["CONTAINER_CREATED_EVENT", containerId],
      ["CONTAINER_STARTED_EVENT", containerId],
    ]);

    await again.stopContainer({ containerId, timeout: 0n });
    await again.stopContainer({ containerId, timeout: 0n });
    await again.removeContainer({ containerId });
    for (const id of [containerId, "nothing"]) {
      await again.stopContainer({ containerId: id, timeout: 0n });
      await again.removeContainer({ containerId: id });
    }
    for (const id of [podSandboxId, podSandboxId, "nothing"]) {
      await again.stopPodSandbox({ podSandboxId: id });
      await again.removePodSandbox({ podSandboxId: id });
    }
    t.match(await again.listPodSandbox({}), { items: [] });
    t.equal(await daemon.end("SIGTERM"), 0);
    t.notOk(existsSync(daemon.socket), "an orderly end removes the socket");
  }
  t.same(await settledDifference(before, ownProcesses), []);
});

t.test("two daemons never share a directory", async (t) => {
  await using daemon = new TestCri(1);
  await daemon.start();
  const other = mkdtempSync(join(tmpdir(), "ndl-cri-"));
  t.teardown(() => rmSync(other, { recursive: true, force: true }));
  for (const [what, flags] of [
    ["the run directory", [`--run-dir=${daemon.runDir}`, `--state-dir=${other}`]],
    ["the state directory", [`--run-dir=${other}`, `--state-dir=${daemon.stateDir}`]],
  ] as const) {
    const second = spawn(process.execPath, [main, "cri", "--allow-missing-cgroup-controllers", ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const chunks: Buffer[] = [];
    second.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    const code = await new Promise((done) => second.once("close", done));
    t.equal(code, 1, what);
    t.match(Buffer.concat(chunks).toString(), String(daemon.pid), "it names the process that has it");
  }
  using client = daemon.connect();
  t.match(await client.version({}), { runtimeName: "nodelet" }, "the first is unharmed");
});
