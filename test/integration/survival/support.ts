// What the tests of overload share: pods by manifests, and what a process holds.

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import type { TestAgent } from "../../fixtures/agent.ts";

const LIMIT_MS = 180_000;

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly containerID: string;
      readonly state?: {
        readonly waiting?: { readonly reason: string; readonly message?: string };
        readonly running?: object;
      };
    }[];
  };
}

export async function loadBusybox(agent: TestAgent): Promise<void> {
  const layout = join(agent.directory, "busybox");
  await writeOciLayout(layout, busyboxImage());
  const { code, err } = await agent.command("load", layout);
  if (code !== 0) throw new Error(err);
}

/** A pod of one container that runs a script. */
export function putPod(
  agent: TestAgent,
  name: string,
  script: string,
  spec: object = {},
  container: object = {},
): void {
  const file = join(agent.manifests, `.${name}`);
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      ...spec,
      containers: [
        { name: "main", image: BUSYBOX_REF, imagePullPolicy: "Never", command: ["sh", "-c", script], ...container },
      ],
    },
  };
  writeFileSync(file, JSON.stringify(pod));
  renameSync(file, join(agent.manifests, `${name}.json`));
}

export function removePods(agent: TestAgent): void {
  for (const name of readdirSync(agent.manifests)) rmSync(join(agent.manifests, name));
}

/** Looks until `wanted` holds for the pods, also while the daemon does not answer. */
export async function untilPods(
  agent: TestAgent,
  what: string,
  wanted: (pods: readonly Pod[]) => boolean,
  limitMs = LIMIT_MS,
): Promise<readonly Pod[]> {
  let last = "";
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(200)) {
    const { code, out, err } = await agent.command("pods", "-o", "json");
    last = `${out}${err}`;
    if (code !== 0) continue;
    const { items } = JSON.parse(out) as { items: readonly Pod[] };
    if (wanted(items)) return items;
  }
  throw new Error(`${what} did not come about\n${last.slice(0, 5_000)}\n${agent.log().slice(-5_000)}`);
}

export function podOf(all: readonly Pod[], name: string): Pod | undefined {
  return all.find(({ metadata }) => metadata.name === name);
}

export function runs(pod: Pod | undefined): boolean {
  return pod?.status.containerStatuses?.every(({ state }) => state?.running !== undefined) === true;
}

/** Files of the log of the pod's container, oldest first. */
export function logFiles(agent: TestAgent, { metadata }: Pod): string[] {
  const directory = join(agent.directory, "logs", "pods", `default_${metadata.name}_${metadata.uid}`, "main");
  const rotated = readdirSync(directory).filter((name) => name.startsWith("0.log.") && !name.endsWith(".tmp"));
  return [...rotated.toSorted(), "0.log"].map((name) => join(directory, name));
}

export interface Held {
  readonly descriptors: number;
  /** Anonymous and shared memory that is resident, without files that others have as well. */
  readonly kib: number;
}

export function heldBy(pid: number): Held {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const value = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, kib: value("RssAnon") + value("RssShmem") };
}
