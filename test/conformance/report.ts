// A run in words, as Markdown.

import type { Verdict } from "./expectations.ts";
import type { SpecResult } from "./junit.ts";

export interface Run {
  readonly title: string;
  readonly seconds: number;
  readonly verdicts: readonly Verdict[];
}

/** Set-up and tear-down of the suite that went well are no specs. */
export function counts(verdicts: readonly SpecResult[]): { passed: number; failed: number; skipped: number } {
  const of = (wanted: Verdict["outcome"]): number =>
    verdicts.filter(({ name, outcome }) => outcome === wanted && (outcome !== "passed" || isSpec(name))).length;
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

export function countText(results: readonly SpecResult[]): string {
  const { passed, failed, skipped } = counts(results);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Not set-up, tear-down or a report, which ginkgo lists beside the specs. */
export function isSpec(name: string): boolean {
  return !/^\[(Synchronized|Report)?(Before|After)Suite\]/.test(name);
}

export function reportText({ title, seconds, verdicts }: Run): string {
  const lines = [`# ${title}`, "", `${countText(verdicts)}, in ${Math.round(seconds)} s.`];
  for (const outcome of ["failed", "skipped"] as const) {
    const found = verdicts.filter((verdict) => verdict.outcome === outcome);
    if (found.length === 0) continue;
    lines.push("", `## ${outcome === "failed" ? "Failed" : "Skipped"}`, "");
    for (const { name, message, reason } of found) {
      const said = message.split("\n", 1)[0] ?? "";
      lines.push(`- ${name}: ${reason ?? `**unexpected**${said === "" ? "" : `: ${said}`}`}`);
    }
  }
  lines.push("", "## Slowest", "");
  for (const { name, seconds: time } of verdicts.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10))
    lines.push(`- ${time.toFixed(1)} s ${name}`);
  return `${lines.join("\n")}\n`;
}
