// Kills the daemon again and again while others use it, and looks each time whether the next one tells the truth.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ContainerState, PodSandboxState } from "../../../agent/cri/runtime.ts";
import type { TestCri } from "../../fixtures/cri-daemon.ts";
import { containerConfig, sandboxConfig } from "../../fixtures/runtime.ts";

/** Between a start and the next kill: random, up to this. */
const PAUSE_MS = 3_000;
const SETTLE_MS = 1_000;
const NOT_FOUND = 5;

export interface KillOptions {
  readonly kills: number;
  readonly random: () => number;
  /** Of the witness. */
  readonly image: string;
}

/** A line for whatever was not as it should be. */
export async function killAndLook(daemon: TestCri, options: KillOptions): Promise<string[]> {
  const problems: string[] = [];
  const witness = await startWitness(daemon, options.image);
  for (let count = 1; count <= options.kills; count++) {
    await sleep(options.random() * PAUSE_MS);
    await daemon.end("SIGKILL");
    await daemon.start();
    for (const problem of [...(await untruths(daemon)), ...(await witness.problems())])
      problems.push(`after kill ${count}: ${problem}`);
  }
  await witness.remove();
  return problems;
}

/** What changes while it is looked at is looked at again: only what stays wrong is wrong. */
async function untruths(daemon: TestCri): Promise<string[]> {
  const first = await look(daemon);
  if (first.size === 0) return [];
  await sleep(SETTLE_MS);
  return [...first.intersection(await look(daemon))];
}

/** What is shown must be there, and what is there must be shown. */
async function look(daemon: TestCri): Promise<Set<string>> {
  const wrong = new Set<string>();
  using client = daemon.connect();
  const { items = [] } = await client.listPodSandbox({});
  for (const { id = "", state } of items) {
    if ((state ?? 0) !== PodSandboxState.SANDBOX_READY) continue;
    const answer = await client.podSandboxStatus({ podSandboxId: id, verbose: true }).catch(gone);
    const pins = JSON.parse(answer?.info?.["namespaces"] ?? "{}") as Record<string, string>;
    for (const [name, path] of Object.entries(pins))
      if (!existsSync(path)) wrong.add(`sandbox ${id} is ready without its ${name} namespace`);
  }
  const { containers = [] } = await client.listContainers({});
  for (const { id = "", state } of containers) {
    if (state !== ContainerState.CONTAINER_RUNNING) continue;
    const answer = await client.containerStatus({ containerId: id, verbose: true }).catch(gone);
    const pid = answer?.info?.["pid"];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) wrong.add(`container ${id} runs without its process ${pid}`);
  }
  const shown = new Set([...containers, ...items].map(({ id }) => id));
  for (const kind of ["containers", "sandboxes"])
    for (const id of readdirSync(join(daemon.runDir, kind)))
      if (!shown.has(id)) wrong.add(`${kind}/${id} is not shown`);
  return wrong;
}

/** Removed since it was listed, by whoever else uses the daemon. */
function gone(error: unknown): undefined {
  if ((error as { code: number }).code !== NOT_FOUND) throw error;
}

interface Witness {
  problems(): Promise<string[]>;
  remove(): Promise<void>;
}

/** A container that counts from before the first kill to after the last. */
async function startWitness(daemon: TestCri, image: string): Promise<Witness> {
  using client = daemon.connect();
  const config = sandboxConfig(daemon.logs);
  await client.pullImage({ image: { image } });
  const { podSandboxId } = await client.runPodSandbox({ config });
  const counting = containerConfig(["sh", "-c", "n=0; while true; do echo $n; n=$((n+1)); sleep 0.05; done"], {
    image: { image },
  });
  const { containerId } = await client.createContainer({ podSandboxId, config: counting, sandboxConfig: config });
  await client.startContainer({ containerId });
  const log = join(config.logDirectory ?? "", counting.logPath ?? "");
  let counted = 0;
  return {
    async problems() {
      using again = daemon.connect();
      const found: string[] = [];
      const { status } = await again.containerStatus({ containerId });
      if (status?.state !== ContainerState.CONTAINER_RUNNING) found.push(`the witness is in state ${status?.state}`);
      const { stdout } = await again.execSync({ containerId, cmd: ["echo", "here"] });
      if (Buffer.from(stdout ?? []).toString() !== "here\n") found.push("the witness does not answer");
      const lines = readFileSync(log, "utf8").trimEnd().split("\n");
      const wrong = lines.findIndex((line, index) => !line.endsWith(` stdout F ${index}`));
      if (wrong !== -1 && wrong < lines.length - 1) found.push(`line ${wrong} of the witness's log is ${lines[wrong]}`);
      if (lines.length <= counted) found.push("the witness does not count any more");
      counted = lines.length;
      return found;
    },
    async remove() {
      using last = daemon.connect();
      await last.removePodSandbox({ podSandboxId });
    },
  };
}
