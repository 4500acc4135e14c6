// `-o json|yaml`.

import { toDisplayJson } from "../base/json.ts";
import { UsageError } from "./cli.ts";

export type Format = "json" | "yaml";

/** Undefined: for people. Throws UsageError. */
export function formatOf(option: string | undefined): Format | undefined {
  if (option === undefined || option === "json" || option === "yaml") return option;
  throw new UsageError(`${JSON.stringify(option)} is no output format: write -o json or -o yaml`);
}

export async function render(value: unknown, format: Format): Promise<string> {
  if (format === "json") return `${toDisplayJson(value)}\n`;
  const { stringify } = await import("yaml");
  // Through JSON, so that 64-bit integers and dates read the same in both formats.
  return stringify(JSON.parse(toDisplayJson(value, 0)), { lineWidth: 0 });
}

/** As kubectl prints several objects. */
export function listOf(items: readonly unknown[]): unknown {
  return { apiVersion: "v1", kind: "List", metadata: {}, items };
}
