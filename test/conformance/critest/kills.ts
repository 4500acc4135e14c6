// Kills the daemon again and again while others use it, and looks each time whether the next one tells the truth.

import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { decodeRecord } from "../../../agent/base/json.ts";
import { ContainerState, PodSandboxState } from "../../../agent/cri/runtime.ts";
import type { ContainerRecord, SandboxRecord } from "../../../agent/runtime/records.ts";
import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { connectCri, type CriClient } from "../../fixtures/cri-client.ts";
import type { TestCri } from "../../fixtures/cri-daemon.ts";
import { startWitnesses } from "./witnesses.ts";

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

/**
 * A line for whatever was not as it should be. A daemon that was started again is looked at on a socket that the others do not know:
 * nobody but the daemon can have changed what the one before left. Then the socket gets its name.
 */
export async function killAndLook(daemon: TestCri, options: KillOptions): Promise<string[]> {
  const problems: string[] = [];
  const witnesses = await startWitnesses(daemon, options.image);
  const quiet = join(daemon.runDir, "looked-at.sock");
  for (let count = 1; count <= options.kills; count++) {
    await sleep(options.random() * PAUSE_MS);
    await daemon.end("SIGKILL");
    const recorded = readRecords(daemon.runDir);
    await daemon.start([`--cri-socket=${quiet}`], quiet);
    {
      using client = connectCri(quiet);
      for (const problem of [
        ...(await lost(client, recorded)),
        ...(await untruths(client, daemon.runDir)),
        ...(await witnesses.problems(client)),
      ])
        problems.push(`after kill ${count}: ${problem}`);
    }
    renameSync(quiet, daemon.socket);
  }
  await witnesses.remove();
  return problems;
}

interface Recorded {
  readonly sandboxes: readonly SandboxRecord[];
  readonly containers: readonly ContainerRecord[];
}

/** What a daemon that is dead now had answered for. */
function readRecords(runDir: string): Recorded {
  const read = <T extends { readonly state: string }>(kind: string): T[] =>
    readdirSync(join(runDir, kind))
      .map((id) => join(runDir, kind, id, "record.json"))
      .filter((path) => existsSync(path))
      .map((path) => decodeRecord<T>(readFileSync(path, "utf8")))
      .filter(({ state }) => state !== "creating");
  return { sandboxes: read("sandboxes"), containers: read("containers") };
}

async function lost(client: CriClient, { sandboxes, containers }: Recorded): Promise<string[]> {
  const { items = [] } = await client.listPodSandbox({});
  const { containers: listed = [] } = await client.listContainers({});
  const shown = new Set([...items, ...listed].map(({ id }) => id));
  return [...sandboxes, ...containers].filter(({ id }) => !shown.has(id)).map(({ id }) => `${id} is lost`);
}

/** What ends while it is looked at is looked at again: only what stays wrong is wrong. */
async function untruths(client: CriClient, runDir: string): Promise<string[]> {
  const first = await look(client, runDir);
  if (first.size === 0) return [];
  await sleep(SETTLE_MS);
  return [...first.intersection(await look(client, runDir))];
}

/** What is shown must be there, and what is there must be shown. */
async function look(client: CriClient, runDir: string): Promise<Set<string>> {
  const wrong = new Set<string>();
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
    const running = state === ContainerState.CONTAINER_RUNNING;
    const answer = await client.containerStatus({ containerId: id, verbose: true }).catch(gone);
    const pid = answer?.info?.["pid"];
    if (running && pid !== undefined && !existsSync(`/proc/${pid}`))
      wrong.add(`container ${id} runs without its process ${pid}`);
    if (!running && hasProcesses(join(runDir, "containers", id, "record.json")))
      wrong.add(`container ${id} has processes in state ${state ?? 0}`);
  }
  const shown = new Set([...containers, ...items].map(({ id }) => id));
  for (const kind of ["containers", "sandboxes"])
    for (const id of readdirSync(join(runDir, kind))) if (!shown.has(id)) wrong.add(`${kind}/${id} is not shown`);
  return wrong;
}

function hasProcesses(record: string): boolean {
  if (!existsSync(record)) return false;
  const { cgroup } = decodeRecord<ContainerRecord>(readFileSync(record, "utf8"));
  const events = join(findHierarchy()?.root ?? "", cgroup, "cgroup.events");
  return existsSync(events) && readFileSync(events, "utf8").includes("populated 1");
}

/** Removed since it was listed. */
function gone(error: unknown): undefined {
  if ((error as { code: number }).code !== NOT_FOUND) throw error;
}
