// Keeps how something was built for `nodelet explain`: the plan and what each step reported.

import { readFileSync, writeFile } from "node:fs";

import { isErrno } from "../base/errors.ts";
import { decodeRecord, encodeRecord } from "../base/json.ts";
import type { Plan, StepResult } from "./plan/operations.ts";

export interface Explanation {
  readonly plan: Plan;
  readonly results: readonly StepResult[];
}

/** Not waited for, and its loss harms nobody but the curious. */
export function writeExplanation(file: string, explanation: Explanation): void {
  writeFile(file, encodeRecord(printable(explanation)), { mode: 0o600 }, () => undefined);
}

export function readExplanation(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

export function decodeExplanation(text: string): Explanation {
  return decodeRecord<Explanation>(text);
}

/** Bytes become text where they are text, else their length: a compiled filter is of no use to a reader. */
function printable(explanation: Explanation): unknown {
  const steps = explanation.plan.steps.map((step) => ({
    ...step,
    args: Object.fromEntries(
      Object.entries(step.args as Record<string, unknown>).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? printableBytes(value) : value,
      ]),
    ),
  }));
  return { plan: { steps }, results: explanation.results };
}

function printableBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8");
  return /^[\x09\x0a\x20-\x7e]*$/.test(text) ? text : `<${bytes.length} bytes>`;
}
