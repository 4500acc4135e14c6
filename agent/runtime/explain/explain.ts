// A plan as it ran: a row for each step, for `nodelet explain`.

import { errnoName } from "../errno.ts";
import type { Actor, OperationName, Plan, StepResult } from "../plan/operations.ts";
import { argumentsText } from "./arguments.ts";

export interface ExplainRow {
  readonly index: number;
  readonly actor: Actor;
  readonly op: OperationName;
  readonly arguments: string;
  /** `ENOENT`; empty for success; undefined when the step was not run. */
  readonly errno: string | undefined;
  /** Undefined when the step was not run. */
  readonly microseconds: number | undefined;
  /** The field of the spec that asked for it. */
  readonly cause: string;
}

/** Results may be fewer than steps: a plan that failed, or one that is only being looked at. */
export function explainRows(plan: Plan, results: readonly StepResult[]): ExplainRow[] {
  return plan.steps.map((step, index) => {
    const result = results[index];
    const ran = result !== undefined && result.startedNs !== 0n;
    return {
      index,
      actor: step.actor,
      op: step.op,
      arguments: argumentsText(step),
      errno: !ran ? undefined : result.errno === 0 ? "" : errnoName(result.errno),
      microseconds: ran ? Number(result.durationNs) / 1000 : undefined,
      cause: step.cause,
    };
  });
}

const HEADER = ["STEP", "ACTOR", "OPERATION", "RESULT", "µs", "CAUSE", "ARGUMENTS"];
/** Columns of numbers are aligned to the right. */
const RIGHT = new Set([0, 4]);

/** Aligned columns with a header, a line each; the last column is not padded. */
export function formatExplain(rows: readonly ExplainRow[]): string {
  const table = [
    HEADER,
    ...rows.map((row) => [
      String(row.index),
      row.actor,
      row.op,
      row.errno === undefined ? "not run" : row.errno === "" ? "ok" : row.errno,
      row.microseconds === undefined ? "" : row.microseconds.toFixed(1),
      row.cause,
      row.arguments,
    ]),
  ];
  const widths = HEADER.map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? "").length)));
  return table
    .map((cells) =>
      cells
        .map((cell, column) => {
          if (column === cells.length - 1) return cell;
          const width = widths[column] ?? 0;
          return RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
    .concat("\n");
}
