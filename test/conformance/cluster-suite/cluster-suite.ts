// Runs the conformance specs of Kubernetes, those of e2e.test that conformance.yaml lists, on a cluster of two nodelets.
//
//     node test/conformance/cluster-suite/cluster-suite.ts [--all] [--focus=REGEXP] [--procs=N] [--name=NAME]
//
// Without --all it runs the node's own, 106 of 446. A focus picks from all of them by their names. A node's spec that does not pass fails
// the run, unless expectations.ts says why it cannot; the others are told with their results. Reports go to build/conformance/reports.
// Needs root and Go; the network when tools, modules or packages are not cached.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { packageRoot } from "../../../agent/base/paths.ts";
import { buildCluster } from "../../fixtures/cluster.ts";
import { addonImage } from "../images/addons.ts";
import { cachedImages } from "../images/cached.ts";
import { runOnOwnHost } from "../own-host.ts";
import { buildTools } from "../tools/build.ts";
import type { ClusterSuiteRequest } from "./request.ts";
import { conformanceSpecs, isNodeSpec } from "./specs.ts";

/** More than it has processors: specs mostly wait. */
const PROCESSES = 6;

export interface ClusterSuiteOptions {
  /** @default the node's own */
  readonly specs?: readonly string[];
  readonly procs?: number;
  readonly name?: string;
}

/** Whether nothing unexpected happened. */
export async function clusterSuite(options: ClusterSuiteOptions = {}): Promise<boolean> {
  buildTools("kubernetes", ["e2e-ginkgo", "e2e.test", "agnhost"]);
  buildCluster();
  const specs = options.specs ?? conformanceSpecs().filter(isNodeSpec);
  const images = await cachedImages(specs.every(isNodeSpec) ? "kubernetes" : "cluster");
  const dns = await addonImage("coredns");
  const directory = mkdtempSync(join(tmpdir(), "nodelet-cluster-suite-"));
  try {
    const request: ClusterSuiteRequest = {
      specs,
      procs: options.procs ?? PROCESSES,
      name: options.name ?? "cluster-suite",
      images,
      dns,
      directory,
      reports: join(packageRoot(), "build", "conformance", "reports"),
    };
    const file = join(directory, "request.json");
    writeFileSync(file, JSON.stringify(request));
    return (await runOnOwnHost(join(import.meta.dirname, "inside.ts"), [file])) === 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      all: { type: "boolean", default: false },
      focus: { type: "string" },
      procs: { type: "string" },
      name: { type: "string" },
    },
  });
  const { all, focus, procs, name } = values;
  const wanted = focus === undefined ? undefined : new RegExp(focus);
  const specs = conformanceSpecs().filter((spec) => wanted?.test(spec) ?? (all || isNodeSpec(spec)));
  if (specs.length === 0) throw new Error(`No spec's name matches ${focus}`);
  const good = await clusterSuite({
    specs,
    ...(procs === undefined ? {} : { procs: Number(procs) }),
    ...(name === undefined ? {} : { name }),
  });
  process.exit(good ? 0 : 1);
}
