// The specs of cluster conformance, as Kubernetes lists them, and how a run of them is judged.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { type HostFacts, judge, CLUSTER, type Verdict } from "../expectations.ts";
import { ownName, type SpecResult } from "../junit.ts";
import { countText, isSpec } from "../report.ts";

const LIST = join("test", "conformance", "testdata", "conformance.yaml");

/** Of the pinned Kubernetes. */
export function conformanceSpecs(): readonly string[] {
  const module = execFileSync("go", ["list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes"], {
    cwd: join(import.meta.dirname, "..", "tools", "kubernetes"),
    encoding: "utf8",
  }).trim();
  return parseSpecs(readFileSync(join(module, LIST), "utf8"));
}

/** The names, which the list calls code names. */
export function parseSpecs(list: string): readonly string[] {
  return (parse(list) as readonly { readonly codename: string }[]).map(({ codename }) => codename);
}

/** Whether a node's agent answers for it. The others are of the control plane, the network or storage as much. */
export function isNodeSpec(name: string): boolean {
  return name.startsWith("[sig-node] ");
}

/** What it makes sense to run on such a host: the others would wait for what cannot come. */
export function runnable(specs: readonly string[], host: HostFacts): readonly string[] {
  return specs.filter((name) => skipReason(name, host) === undefined);
}

/** The rest, which has to pass where it makes sense: test/vm/cluster-suite.test.ts has such a host. */
export function notRunnable(specs: readonly string[], host: HostFacts): readonly string[] {
  return specs.filter((name) => skipReason(name, host) !== undefined);
}

function skipReason(name: string, host: HostFacts): string | undefined {
  const [verdict] = judge([{ name, outcome: "skipped", seconds: 0, message: "" }], CLUSTER, host);
  return verdict?.reason;
}

export interface Judgement {
  /** Of the node's specs, and of the suite's set-up and tear-down where these failed. */
  readonly node: readonly Verdict[];
  /** They are told, and fail nothing. */
  readonly others: readonly SpecResult[];
}

/** One that was to run and did not counts as failed, unless such a host cannot run it. */
export function judgeCluster(results: readonly SpecResult[], specs: readonly string[], host: HostFacts): Judgement {
  const found = new Map(
    results
      .filter(({ outcome, message }) => outcome !== "skipped" || message !== "")
      .map((result) => [ownName(result.name), result]),
  );
  const ended = specs.map((name): SpecResult => {
    const result = found.get(ownName(name));
    if (result !== undefined) return { ...result, name };
    const reason = skipReason(name, host);
    return reason === undefined
      ? { name, outcome: "failed", seconds: 0, message: "did not run" }
      : { name, outcome: "skipped", seconds: 0, message: reason };
  });
  const around = results.filter(({ name, outcome }) => outcome === "failed" && !isSpec(name));
  return {
    node: judge([...around, ...ended.filter(({ name }) => isNodeSpec(name))], CLUSTER, host),
    others: ended.filter(({ name }) => !isNodeSpec(name)),
  };
}

/** For the report: every one of them. */
export function othersText(others: readonly SpecResult[]): string {
  if (others.length === 0) return "";
  const lines = others.map(({ name, outcome, message }) => {
    const [said = ""] = message.split("\n", 1);
    return `- ${outcome}: ${name}${said === "" ? "" : `: ${said}`}`;
  });
  return ["", "## Not of the node alone", "", `${countText(others)}.`, "", ...lines, ""].join("\n");
}
