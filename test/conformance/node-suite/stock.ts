// How the specs ended with the stock kubelet 1.36.3 on containerd 2.3.4, on a development host without cgroup v2 controllers.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { HostFacts } from "../expectations.ts";
import { ownName, type SpecResult } from "../junit.ts";
import { isSpec } from "../report.ts";

/** By the name of the spec. */
export type StockResults = ReadonlyMap<string, StockResult>;

interface StockResult {
  readonly outcome: SpecResult["outcome"];
  /** Why it did not pass; empty when it did. */
  readonly reason: string;
}

/** Lines of outcome, seconds, name and reason, with a head. */
export function parseStock(text: string): StockResults {
  const lines = text.split("\n").slice(1).filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [outcome = "", , name = "", reason = ""] = line.split("\t");
      if (outcome !== "passed" && outcome !== "failed" && outcome !== "skipped")
        throw new Error(`No outcome of a spec: ${line}`);
      return [ownName(name), { outcome, reason }];
    }),
  );
}

export function readStock(): StockResults {
  return parseStock(readFileSync(join(import.meta.dirname, "stock.tsv"), "utf8"));
}

/** What does not pass here though it does with stock; each with its reason. */
interface Difference {
  readonly spec: RegExp;
  readonly reason: string;
  readonly when: (host: HostFacts) => boolean;
}

export const DIFFERENCES: readonly Difference[] = [];

export interface NodeVerdict extends SpecResult {
  /** Undefined: not expected. */
  readonly reason: string | undefined;
}

/**
 * The specs that were selected, each judged by stock's result. One that stock's file has and that did not run counts as
 * failed, if `complete`: that all of them were to run.
 */
export function judgeByStock(
  results: readonly SpecResult[],
  stock: StockResults,
  {
    host,
    complete,
    differences = DIFFERENCES,
  }: { host: HostFacts; complete: boolean; differences?: readonly Difference[] },
): readonly NodeVerdict[] {
  const verdicts = results
    .map((result) => ({ ...result, name: ownName(result.name) }))
    .filter(({ outcome, message }) => outcome !== "skipped" || message !== "")
    .filter(({ name, outcome }) => outcome !== "passed" || isSpec(name))
    .map((result) => ({ ...result, reason: reasonOf(result, stock, differences, host) }));
  const ran = new Set(verdicts.map(({ name }) => name));
  const missing = [...stock.keys()].filter((name) => complete && !ran.has(name));
  return [
    ...verdicts,
    ...missing.map((name) => ({
      name,
      outcome: "failed" as const,
      seconds: 0,
      message: "did not run",
      reason: undefined,
    })),
  ];
}

/** Those that may fail on such a host, and have to pass where they can: test/vm/node-suite.test.ts has such a host. */
export function excused(stock: StockResults, host: HostFacts): readonly string[] {
  return [...stock.keys()].filter(
    (name) => reasonOf({ name, outcome: "failed" }, stock, DIFFERENCES, host) !== undefined,
  );
}

function reasonOf(
  { name, outcome }: Pick<SpecResult, "name" | "outcome">,
  stock: StockResults,
  differences: readonly Difference[],
  host: HostFacts,
): string | undefined {
  if (outcome === "passed") return undefined;
  const before = stock.get(name);
  if (before !== undefined && before.outcome === outcome)
    return `stock ${outcome === "failed" ? "fails" : "skips"} too: ${before.reason}`;
  if (outcome === "skipped") return undefined;
  return differences.find(({ spec, when }) => spec.test(name) && when(host))?.reason;
}
