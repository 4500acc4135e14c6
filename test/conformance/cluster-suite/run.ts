// Runs specs of e2e.test on a cluster that is there.

import { join } from "node:path";

import { focusOn, type GinkgoResult, type GinkgoRun, runGinkgo } from "../ginkgo.ts";
import { TOOLS_DIR } from "../tools/build.ts";

export interface SpecsRun extends Pick<GinkgoRun, "directory" | "procs" | "limitMs" | "report"> {
  /** By their names. */
  readonly specs: readonly string[];
  /** Of an administrator. */
  readonly kubeconfig: string;
}

export async function runSpecs({ specs, kubeconfig, ...run }: SpecsRun): Promise<GinkgoResult> {
  // A focus on none is one on all.
  if (specs.length === 0) return { results: [] };
  return await runGinkgo({
    ...run,
    suite: "e2e.test",
    selection: [`--focus=${focusOn(specs)}`],
    flags: [`--kubeconfig=${kubeconfig}`, "--provider=skeleton", `--kubectl-path=${join(TOOLS_DIR, "kubectl")}`],
  });
}
