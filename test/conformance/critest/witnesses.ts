// Pods of a test's own, in every state that there is, which must be found as they were whenever the daemon is started again.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ContainerState, PodSandboxState } from "../../../agent/cri/runtime.ts";
import type { CriClient } from "../../fixtures/cri-client.ts";
import type { TestCri } from "../../fixtures/cri-daemon.ts";
import { containerConfig, sandboxConfig } from "../../fixtures/runtime.ts";

export interface Witnesses {
  /** A line for whatever is not as it was. */
  problems(client: CriClient): Promise<string[]>;
  remove(): Promise<void>;
}

const EXIT_CODE = 7;

/**
 * One container counts from before the first kill to after the last, one was created and never started, one has ended; beside their
 * sandbox there is one that was stopped.
 */
export async function startWitnesses(daemon: TestCri, image: string): Promise<Witnesses> {
  using client = daemon.connect();
  await client.pullImage({ image: { image } });
  const config = sandboxConfig(daemon.logs);
  const { podSandboxId } = await client.runPodSandbox({ config });
  const { podSandboxId: stoppedId } = await client.runPodSandbox({ config: sandboxConfig(daemon.logs) });
  await client.stopPodSandbox({ podSandboxId: stoppedId });
  const create = async (script: string): Promise<{ id: string; log: string }> => {
    const container = containerConfig(["sh", "-c", script], { image: { image } });
    const { containerId = "" } = await client.createContainer({
      podSandboxId,
      config: container,
      sandboxConfig: config,
    });
    return { id: containerId, log: join(config.logDirectory ?? "", container.logPath ?? "") };
  };
  const counting = await create("n=0; while true; do echo $n; n=$((n+1)); sleep 0.05; done");
  const waiting = await create("true");
  const ended = await create(`exit ${EXIT_CODE}`);
  for (const { id } of [counting, ended]) await client.startContainer({ containerId: id });
  const stateOf = async (from: CriClient, { id }: { id: string }): Promise<ContainerState> =>
    (await from.containerStatus({ containerId: id })).status?.state ?? 0;
  while ((await stateOf(client, ended)) !== ContainerState.CONTAINER_EXITED);
  let counted = 0;

  return {
    async problems(again) {
      const found: string[] = [];
      const expect = (what: string, state: number, wanted: number): void => {
        if (state !== wanted) found.push(`the witness that ${what} is in state ${state}`);
      };
      expect("counts", await stateOf(again, counting), ContainerState.CONTAINER_RUNNING);
      expect("was never started", await stateOf(again, waiting), ContainerState.CONTAINER_CREATED);
      const { status } = await again.containerStatus({ containerId: ended.id });
      expect("has ended", status?.state ?? 0, ContainerState.CONTAINER_EXITED);
      if (status?.exitCode !== EXIT_CODE) found.push(`the witness that has ended has exit code ${status?.exitCode}`);
      for (const [what, id, wanted] of [
        ["holds the others", podSandboxId, PodSandboxState.SANDBOX_READY],
        ["was stopped", stoppedId, PodSandboxState.SANDBOX_NOTREADY],
      ] as const)
        expect(what, (await again.podSandboxStatus({ podSandboxId: id })).status?.state ?? 0, wanted);

      const { stdout } = await again.execSync({ containerId: counting.id, cmd: ["echo", "here"] });
      if (Buffer.from(stdout ?? []).toString() !== "here\n") found.push("the witness that counts does not answer");
      const lines = readFileSync(counting.log, "utf8").trimEnd().split("\n");
      const wrong = lines.findIndex((line, index) => !line.endsWith(` stdout F ${index}`));
      if (wrong !== -1 && wrong < lines.length - 1) found.push(`line ${wrong} of the witness's log is ${lines[wrong]}`);
      if (lines.length <= counted) found.push("the witness does not count any more");
      counted = lines.length;
      return found;
    },
    async remove() {
      using last = daemon.connect();
      for (const id of [podSandboxId, stoppedId]) await last.removePodSandbox({ podSandboxId: id });
    },
  };
}
