// Pods with volumes on a daemon of their own, looked at from outside: by their logs and the host.

import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { V1Pod } from "@kubernetes/client-node";

import { readMounts } from "../../../agent/system/mountinfo.ts";
import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { settledDifference, takePicture, type Picture, type PictureOptions } from "../../fixtures/picture.ts";

/** A hang, on a machine that is ten times slower. */
const LIMIT_MS = 90_000;

export async function startAgent(number: number, flags: readonly string[] = []): Promise<TestAgent> {
  const agent = await TestAgent.create(number, flags);
  await agent.start();
  const layout = join(agent.directory, "busybox");
  await writeOciLayout(layout, busyboxImage());
  const { code, err } = await agent.command("load", layout);
  if (code !== 0) throw new Error(err);
  return agent;
}

/** Writes a manifest at once: JSON, or YAML text. */
export function put(agent: TestAgent, name: string, content: object | string): void {
  const file = join(agent.manifests, `.${name}.new`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  renameSync(file, join(agent.manifests, name));
}

/** A pod whose containers run scripts and stay. */
export function pod(name: string, scripts: Record<string, string>, spec: object = {}, containers: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      restartPolicy: "Never",
      ...spec,
      containers: Object.entries(scripts).map(([container, script]) => ({
        name: container,
        image: BUSYBOX_REF,
        command: ["sh", "-c", `${script}\necho END; exec sleep 1000000`],
        ...(containers as Record<string, object>)[container],
      })),
    },
  };
}

export async function until<T>(
  agent: TestAgent,
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(100)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  const { out } = await agent.command("events");
  throw new Error(`${what} did not come about\n${out}\n${agent.log()}`);
}

export async function pods(
  agent: TestAgent,
): Promise<readonly (V1Pod & { metadata: { name: string; uid: string } })[]> {
  const { code, out, err } = await agent.command("pods", "-o", "json");
  if (code !== 0) throw new Error(err);
  return (JSON.parse(out) as { items: (V1Pod & { metadata: { name: string; uid: string } })[] }).items;
}

/** What the first instance of a container has written so far. */
export function output(agent: TestAgent, name: string, container: string): string {
  const root = join(agent.directory, "logs", "pods");
  const directory = names(root).find((entry) => entry.startsWith(`default_${name}_`));
  if (directory === undefined) return "";
  try {
    return readFileSync(join(root, directory, container, "0.log"), "utf8")
      .split("\n")
      .map((line) => line.split(" ").slice(3).join(" "))
      .join("\n");
  } catch {
    return "";
  }
}

/** The lines of a container once its script is through. */
export function finished(agent: TestAgent, name: string, container: string): Promise<string[]> {
  return until(agent, `the end of ${name}/${container}`, () => {
    const lines = output(agent, name, container).trimEnd().split("\n");
    return lines.at(-1) === "END" && lines.slice(0, -1);
  });
}

export function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export function podDirectory(agent: TestAgent, name: string): string {
  const entry = names(join(agent.directory, "logs", "pods")).find((item) => item.startsWith(`default_${name}_`)) ?? "";
  return join(agent.directory, "root", "pods", entry.split("_").at(-1) ?? "");
}

const pidNamespace = (pid: number | "self"): string => readlinkSync(`/proc/${pid}/ns/pid`);

/** Cgroups are the runtime's, and its tests'. */
const pictureOptions: PictureOptions = {
  without: ["sockets", "network namespaces", "cgroups"],
  ignoreProcess: ({ pid, comm }) => {
    try {
      // Others' daemons on the same host, seen from outside.
      if (comm.startsWith("nodelet-")) return pidNamespace(pid) !== pidNamespace("self");
      return !/kubepods|nodelet-shims/.test(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    } catch {
      return true; // it has ended
    }
  },
};

/** Ends all pods by removing their manifests. What is still below pods/ then. */
export async function afterAll(agent: TestAgent): Promise<string[]> {
  for (const name of names(agent.manifests)) rmSync(join(agent.manifests, name));
  await until(agent, "the end of all pods", async () => (await pods(agent)).length === 0);
  const directory = join(agent.directory, "root", "pods");
  const mounted = readMounts().filter(({ mountPoint }) => mountPoint.startsWith(`${directory}/`));
  return [...names(directory), ...mounted.map(({ mountPoint }) => mountPoint)];
}

export const picture = (): Promise<Picture> => takePicture(pictureOptions);

export async function leftBehind(before: Picture): Promise<readonly string[]> {
  return (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
}
