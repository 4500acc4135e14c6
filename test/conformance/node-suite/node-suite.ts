// Runs the node suite of Kubernetes, e2e_node.test, with nodelet as its kubelet on the built-in runtime.
//
//     node test/conformance/node-suite/node-suite.ts [--focus=REGEXP] [--procs=N] [--name=NAME]
//
// Without a focus it runs what stock.tsv has, three quarters of an hour, and every spec of it has to end as there or better. Reports go to
// build/conformance/reports. Needs root and Go; the network when tools, modules or packages are not cached.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { packageRoot } from "../../../agent/base/paths.ts";
import { cachedImages } from "../images/cached.ts";
import { runOnOwnHost } from "../own-host.ts";
import { buildTools } from "../tools/build.ts";
import type { NodeSuiteRequest } from "./request.ts";

export type NodeSuiteOptions = Partial<Pick<NodeSuiteRequest, "focus" | "procs" | "name">>;

/** More than it has processors: specs mostly wait. */
const PROCESSES = 6;

/** Whether nothing unexpected happened. */
export async function nodeSuite(options: NodeSuiteOptions = {}): Promise<boolean> {
  buildTools("kubernetes", ["e2e-ginkgo", "e2e_node.test", "agnhost"]);
  const images = await cachedImages("kubernetes");
  const directory = mkdtempSync(join(tmpdir(), "nodelet-node-suite-"));
  try {
    const request: NodeSuiteRequest = {
      focus: "",
      procs: PROCESSES,
      name: "node-suite",
      ...options,
      images,
      directory,
      reports: join(packageRoot(), "build", "conformance", "reports"),
    };
    return (await runOnOwnHost(join(import.meta.dirname, "inside.ts"), [JSON.stringify(request)])) === 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { focus: { type: "string" }, procs: { type: "string" }, name: { type: "string" } },
  });
  const { focus, procs, name } = values;
  const good = await nodeSuite({
    ...(focus === undefined ? {} : { focus }),
    ...(procs === undefined ? {} : { procs: Number(procs) }),
    ...(name === undefined ? {} : { name }),
  });
  process.exit(good ? 0 : 1);
}
