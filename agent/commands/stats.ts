// `nodelet stats`

import { setTimeout as sleep } from "node:timers/promises";

import { NodeletError } from "../base/errors.ts";
import type { ContainerStats, FilesystemUsage, NetworkUsage, PodSandboxStats } from "../cri/types.gen.ts";
import { defineCommand, EXIT, NAMESPACE_OPTION, OUTPUT_OPTION, podName, type OptionSpecs } from "./cli.ts";
import { formatOf, listOf, render } from "./output.ts";
import { formatBytes, formatTable } from "./table.ts";

const OPTIONS = {
  ...NAMESPACE_OPTION,
  ...OUTPUT_OPTION,
  watch: { kind: "flag", short: "w", help: "go on until Ctrl-C" },
} as const satisfies OptionSpecs;

/** CPU is a rate: it takes two readings. */
const INTERVAL_MS = 1_000;

/** 64-bit integers come as strings. */
type Json<T> = T extends bigint ? string : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
export type PodStats = Json<PodSandboxStats>;

export const statsCommand = defineCommand({
  name: "stats",
  summary: "what pods and their containers use now",
  usage: ["[POD] [-w] [-o json|yaml]"],
  notes:
    "CPU is of the last second, in thousandths of a CPU. Memory is the working set. Disk is what the container has\n" +
    "written to its own layer, measured once a minute. RX and TX are the pod's since its start.",
  options: OPTIONS,
  args: { min: 0, max: 1 },
  async run({ options, args, client, print, warn, signal, streams }) {
    const format = formatOf(options.output);
    const wanted = args[0] === undefined ? undefined : podName(args[0], options.namespace);
    const read = async (): Promise<PodStats[]> => {
      const { pods } = await client.get<{ pods: PodStats[] }>("/nodelet/v1/stats", { signal });
      const shown = pods.filter(({ attributes }) =>
        wanted === undefined
          ? options.namespace === undefined || attributes?.metadata?.namespace === options.namespace
          : attributes?.metadata?.namespace === wanted.namespace && attributes.metadata.name === wanted.pod,
      );
      if (wanted !== undefined && shown.length === 0) {
        throw new NodeletError("not-found", `pod ${wanted.namespace}/${wanted.pod} does not run`, {
          fix: `see \`nodelet why ${wanted.namespace}/${wanted.pod}\``,
        });
      }
      return shown;
    };
    const { LiveView } = await import("./live-view.ts");
    let before = await read();
    let lines: readonly string[] = [];
    using view = options.watch && LiveView.suits(streams) ? new LiveView(streams.stdout, () => lines) : undefined;
    try {
      do {
        await sleep(INTERVAL_MS, undefined, { signal });
        const now = await read();
        if (format !== undefined) await print(await render(listOf(now), format));
        else {
          const rows = statsRows(before, now);
          if (rows.length === 0) warn("no pod runs");
          lines = formatTable(["POD", "CONTAINER", "CPU", "MEMORY", "LIMIT", "DISK", "RX", "TX", "PROCS"], rows);
          if (view === undefined) await print(rows.length === 0 ? "" : `${lines.join("\n")}\n`);
          else view.changed();
        }
        before = now;
      } while (options.watch && !signal.aborted);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return EXIT.ok;
  },
});

/** A line for each pod, then one for each of its containers. */
export function statsRows(before: readonly PodStats[], now: readonly PodStats[]): string[][] {
  const rows: string[][] = [];
  const sorted = now.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  for (const pod of sorted) {
    const { linux } = pod;
    const earlier = before.find(({ attributes }) => attributes?.id === pod.attributes?.id)?.linux;
    const network = linux?.network;
    rows.push([
      nameOf(pod),
      "",
      milliCpus(earlier?.cpu, linux?.cpu),
      bytes(linux?.memory?.workingSetBytes?.value),
      "",
      "",
      bytes(trafficOf(network, "rxBytes")),
      bytes(trafficOf(network, "txBytes")),
      linux?.process?.processCount?.value ?? "",
    ]);
    for (const container of linux?.containers ?? []) {
      const was = earlier?.containers?.find(({ attributes }) => attributes?.id === container.attributes?.id);
      rows.push(["", ...containerCells(was, container), "", "", ""]);
    }
  }
  return rows;
}

function containerCells(before: Json<ContainerStats> | undefined, now: Json<ContainerStats>): string[] {
  const { memory } = now;
  const available = memory?.availableBytes?.value;
  const limit =
    available === undefined ? undefined : String(BigInt(available) + BigInt(memory?.workingSetBytes?.value ?? 0));
  const layer: Json<FilesystemUsage> | undefined = now.writableLayer;
  return [
    now.attributes?.metadata?.name ?? "",
    milliCpus(before?.cpu, now.cpu),
    bytes(memory?.workingSetBytes?.value),
    bytes(limit),
    bytes(layer?.usedBytes?.value),
  ];
}

function nameOf({ attributes }: PodStats): string {
  return `${attributes?.metadata?.namespace}/${attributes?.metadata?.name}`;
}

type Cpu = Json<ContainerStats>["cpu"];

function milliCpus(before: Cpu, now: Cpu): string {
  const used = Number(now?.usageCoreNanoSeconds?.value) - Number(before?.usageCoreNanoSeconds?.value);
  const elapsed = Number(now?.timestamp) - Number(before?.timestamp);
  return used >= 0 && elapsed > 0 ? `${Math.round((used / elapsed) * 1000)}m` : "-";
}

function bytes(value: string | undefined): string {
  return value === undefined ? "-" : formatBytes(Number(value));
}

function trafficOf(network: Json<NetworkUsage> | undefined, direction: "rxBytes" | "txBytes"): string | undefined {
  if (network === undefined) return undefined;
  const all = [network.defaultInterface, ...(network.interfaces ?? [])];
  return String(all.reduce((sum, link) => sum + BigInt(link?.[direction]?.value ?? 0), 0n));
}
