// Figures of a series, and their table.

export interface Series {
  readonly what: string;
  readonly who: string;
  /** In the unit of the table; sorted by `summarize`. */
  readonly values: readonly number[];
  readonly unit: string;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** One line a series: p50, p90, p99 and the count. */
export function formatSeries(all: readonly Series[]): string {
  const rows = all.map(({ what, who, values, unit }) => [
    what,
    who,
    percentile(values, 0.5).toFixed(2),
    percentile(values, 0.9).toFixed(2),
    percentile(values, 0.99).toFixed(2),
    unit,
    String(values.length),
  ]);
  const header = ["figure", "who", "p50", "p90", "p99", "unit", "n"];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          column >= 2 && column <= 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  "),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}
