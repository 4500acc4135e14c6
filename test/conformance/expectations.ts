// What a run may show beside passed specs, each with its reason. Whatever else fails or is skipped fails the run.

import type { SpecResult } from "./junit.ts";

export interface HostFacts {
  /** Controllers of the cgroup tree. */
  readonly controllers: readonly string[];
}

interface Expectation {
  readonly spec: RegExp;
  readonly outcome: "failed" | "skipped";
  readonly reason: string;
  /** On such hosts only. */
  readonly when?: (host: HostFacts) => boolean;
}

export const CRITEST: readonly Expectation[] = [
  {
    spec: /public image with digest should be pulled and removed/,
    outcome: "failed",
    reason: "the image is named by a digest, and cannot be built again byte for byte without its registry",
  },
  {
    spec: /OOM.* should terminate with exitCode 137 and reason OOMKilled/,
    outcome: "failed",
    reason: "this host has no memory controller",
    when: ({ controllers }) => !controllers.includes("memory"),
  },
  { spec: /AppArmor/, outcome: "skipped", reason: "this host has no AppArmor" },
  { spec: /SELinux/i, outcome: "skipped", reason: "this host has no SELinux" },
  { spec: /benchmark/i, outcome: "skipped", reason: "benchmarks run with parameters only" },
];

export const CLUSTER: readonly Expectation[] = [
  {
    spec: /Pod InPlace Resize Container/,
    outcome: "skipped",
    reason: "not run: it reads limits in containers' cgroups, and this host has no controllers for them",
    when: ({ controllers }) => !controllers.includes("memory") || !controllers.includes("cpu"),
  },
];

export interface Verdict extends SpecResult {
  /** Undefined: not expected. */
  readonly reason: string | undefined;
}

export function judge(
  results: readonly SpecResult[],
  expectations: readonly Expectation[],
  host: HostFacts,
): readonly Verdict[] {
  return results.map((result) => {
    const expected = expectations.find(
      ({ spec, outcome, when }) => outcome === result.outcome && spec.test(result.name) && (when?.(host) ?? true),
    );
    return { ...result, reason: expected?.reason };
  });
}

/** The ones that fail the run. */
export function unexpected(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.filter(({ outcome, reason }) => outcome !== "passed" && reason === undefined);
}
