// `nodelet explain`

import { decodeRecord } from "../base/json.ts";
import { NodeletError } from "../base/errors.ts";
import type { Snapshot } from "../images/images.ts";
import { explainRows, formatExplain } from "../runtime/explain/explain.ts";
import type { OciSpec } from "../runtime/oci/types.ts";
import type { Plan, StepResult } from "../runtime/plan/operations.ts";
import { defineCommand, EXIT, NAMESPACE_OPTION, OUTPUT_OPTION, type OptionSpecs } from "./cli.ts";
import type { NetworkDetail } from "../../cni/network.ts";
import { formatOf, render } from "./output.ts";
import { harmless } from "./table.ts";

const OPTIONS = {
  ...NAMESPACE_OPTION,
  ...OUTPUT_OPTION,
  container: { kind: "string", short: "c", value: "CONTAINER", help: "this container of the pod" },
  script: { kind: "flag", help: "print a shell script that builds the same container" },
} as const satisfies OptionSpecs;

/** What the daemon tells; see the runtime's verbose status. */
export interface Explained {
  readonly kind: "container" | "pod";
  readonly id: string;
  readonly name: string | undefined;
  readonly status: { readonly reason?: string; readonly message?: string } | undefined;
  readonly info: {
    readonly explain: { readonly plan: Plan; readonly results: readonly StepResult[] };
    readonly runtimeSpec?: OciSpec;
    readonly snapshot?: Snapshot;
    readonly network?: NetworkDetail;
  };
}

export const explainCommand = defineCommand({
  name: "explain",
  summary: "how a container was built: each step, its time, and the field that asked for it",
  usage: ["CONTAINER [--script]", "POD"],
  notes:
    "CONTAINER is POD/CONTAINER, POD -c CONTAINER, or an id or its beginning. A pod alone shows how its sandbox was built, and its\n" +
    "network: what nodelet made, or which CNI plugins ran, how long, with which result.\n" +
    "A step that failed is shown with its error.",
  options: OPTIONS,
  args: { min: 1, max: 1 },
  async run({ options, args, client, print }) {
    const format = formatOf(options.output);
    const text = await client.text("GET", "/nodelet/v1/explain", {
      query: { name: args[0], namespace: options.namespace, container: options.container },
    });
    const explained = decodeRecord<Explained>(text);
    const { plan, results } = explained.info.explain;
    const { network } = explained.info;
    if (options.script) {
      if (explained.kind !== "container") {
        throw new NodeletError("invalid", `${args[0]} is a pod, and only a container has a script`, {
          fix: `name one: \`nodelet explain ${args[0]} -c CONTAINER --script\``,
        });
      }
      const { runtimeSpec, snapshot } = explained.info;
      if (runtimeSpec === undefined || snapshot === undefined) {
        throw new NodeletError("not-found", `the specification or the snapshot of ${args[0]} is gone`, {
          fix: "explain a container that exists",
        });
      }
      const { toScript } = await import("../runtime/explain/script.ts");
      await print(toScript(plan, runtimeSpec, snapshot));
      return EXIT.ok;
    }
    if (format !== undefined) {
      await print(
        await render(
          {
            kind: explained.kind,
            id: explained.id,
            name: explained.name,
            steps: explainRows(plan, results),
            ...(network === undefined ? {} : { network }),
          },
          format,
        ),
      );
      return EXIT.ok;
    }
    const rows = explainRows(plan, results);
    const ran = results.filter(({ startedNs }) => startedNs !== 0n);
    const began = ran.reduce(
      (least, { startedNs }) => (least === undefined || startedNs < least ? startedNs : least),
      undefined as bigint | undefined,
    );
    const finished = ran.reduce(
      (most, { startedNs, durationNs }) => (startedNs + durationNs > most ? startedNs + durationNs : most),
      0n,
    );
    const took =
      began === undefined
        ? ""
        : `, ${(Number(finished - began) / 1e6).toFixed(2)} ms from the first to the end of the last`;
    await print(harmlessLines(formatExplain(rows)));
    await print(
      `\n${explained.kind === "pod" ? "sandbox" : "container"} ${explained.id}: ${ran.length} of ${rows.length} steps${took}\n`,
    );
    if (network !== undefined) await print(harmlessLines(formatNetwork(network)));
    if (explained.status?.reason === "StartError")
      await print(`it did not start: ${harmless(explained.status.message ?? "")}\n`);
    return EXIT.ok;
  },
});

/** Who connected the pod, how long that took, and what came of it. */
export function formatNetwork({ network, plugins, times = [], made = [], result }: NetworkDetail): string {
  const took = (index: number): string => (times[index] === undefined ? "" : `  ${times[index].toFixed(2)} ms`);
  const lines = [
    plugins.length === 0 ? `network ${network}${took(0)}` : `network ${network}, by CNI plugins`,
    ...plugins.map((plugin, index) => `  ${plugin}${took(index)}`),
    ...made.map((line) => `  ${line}`),
    ...(result === undefined ? [] : [`  result ${JSON.stringify(result)}`]),
  ];
  return `\n${lines.join("\n")}\n`;
}

function harmlessLines(text: string): string {
  return text
    .split("\n")
    .map((line) => harmless(line))
    .join("\n");
}
