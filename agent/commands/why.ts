// `nodelet why`

import type { Why } from "../pods/why.ts";
import { defineCommand, EXIT, NAMESPACE_OPTION, OUTPUT_OPTION, podName, type OptionSpecs } from "./cli.ts";
import { formatOf, render } from "./output.ts";
import { harmless } from "./table.ts";

const OPTIONS = { ...NAMESPACE_OPTION, ...OUTPUT_OPTION } as const satisfies OptionSpecs;

export const whyCommand = defineCommand({
  name: "why",
  summary: "why a pod is not running: one causal chain, evidence, next step",
  usage: ["POD [-o json|yaml]"],
  notes: "Ends with 0 when nothing is wrong, with 1 when something is.",
  options: OPTIONS,
  args: { min: 1, max: 1 },
  async run({ options, args, client, print, signal }) {
    const { namespace, pod } = podName(args[0] ?? "", options.namespace);
    const format = formatOf(options.output);
    const why = await client.get<Why>("/nodelet/v1/why", { query: { namespace, name: pod }, signal });
    await print(format === undefined ? formatWhy(why) : await render(why, format));
    return why.well ? EXIT.ok : EXIT.failure;
  },
});

/** Each cause below what it caused, its evidence behind a bar. */
export function formatWhy(why: Why): string {
  const lines = why.chain.flatMap(({ says, evidence }, depth) => {
    const indent = "  ".repeat(depth);
    const arrow = depth === 0 ? "" : "because ";
    return [
      `${indent}${arrow}${harmless(says)}`,
      ...evidence.flatMap((text) => text.split("\n")).map((text) => `${indent}  | ${harmless(text)}`),
    ];
  });
  if (why.next !== "") lines.push(`next: ${harmless(why.next)}`);
  return `${lines.join("\n")}\n`;
}
