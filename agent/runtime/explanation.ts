// Keeps how something was built for `nodelet explain`: the plan and what each step reported.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { isErrno } from "../base/errors.ts";
import { decodeRecord, encodeRecord } from "../base/json.ts";
import type { Plan, StepResult } from "./plan/operations.ts";

export interface Explanation {
  readonly plan: Plan;
  readonly results: readonly StepResult[];
}

/** Writing costs as much as a step of the start; it waits until the start is over. */
const WRITE_DELAY_MS = 50;

/** Not written yet, by file. */
const waiting = new Map<string, () => Explanation>();

/** Its loss harms nobody but the curious; that of a container removed meanwhile is not made. */
export function keepExplanation(file: string, explain: () => Explanation): void {
  if (waiting.size === 0) setTimeout(writeWaiting, WRITE_DELAY_MS);
  waiting.set(file, explain);
}

function writeWaiting(): void {
  for (const [file, explain] of waiting) {
    if (!existsSync(dirname(file))) continue;
    try {
      // Synchronous, as a removal must not meet a file that appears while it works.
      writeFileSync(file, encodeRecord(printable(explain())), { mode: 0o600 });
    } catch {
      // A full run directory: the container runs all the same.
    }
  }
  waiting.clear();
}

export function readExplanation(file: string): string | undefined {
  const unwritten = waiting.get(file);
  if (unwritten !== undefined) return encodeRecord(printable(unwritten()));
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
