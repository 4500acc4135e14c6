// Plans as text files under test/fixtures/plans: UPDATE_GOLDEN=1 writes them anew, and the difference is for the reviewer.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { argumentsText } from "../../../../agent/runtime/explain/arguments.ts";
import type { Plan } from "../../../../agent/runtime/plan/operations.ts";

const DIRECTORY = join(import.meta.dirname, "../../../fixtures/plans");

export function planText(plan: Plan): string {
  return plan.steps
    .map((step) => {
      const tolerate = step.tolerate === undefined ? "" : ` (${step.tolerate} tolerated)`;
      return `${step.actor.padEnd(6)} ${`${step.op} ${argumentsText(step)}`.trimEnd()}${tolerate}  # ${step.cause}\n`;
    })
    .join("");
}

/** The text that the plan had when somebody last looked at it. */
export function golden(name: string, text: string): string {
  const file = join(DIRECTORY, `${name}.txt`);
  if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
    mkdirSync(DIRECTORY, { recursive: true });
    writeFileSync(file, text);
  }
  return readFileSync(file, "utf8");
}
