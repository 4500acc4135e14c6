// Runs critest against `nodelet cri`.
//
//     node test/conformance/critest/critest.ts [--network=builtin|bridge-plugin] [--procs=N] [--runs=N] [--kills=N] [--focus=REGEXP]
//
// Reports go to build/conformance/reports. Needs root and Go; the network when tools, modules or packages are not cached.

import { join } from "node:path";
import { parseArgs } from "node:util";

import { packageRoot } from "../../../agent/base/paths.ts";
import { cachedImages } from "../images/cached.ts";
import { runOnOwnHost } from "../own-host.ts";
import { buildTools } from "../tools/build.ts";
import type { CritestRequest } from "./request.ts";

export type CritestOptions = Partial<Omit<CritestRequest, "images" | "reports">>;

/** Whether nothing unexpected happened. */
export async function critest(options: CritestOptions = {}): Promise<boolean> {
  buildTools("cri");
  const request: CritestRequest = {
    network: "builtin",
    procs: 1,
    focus: "",
    kills: 0,
    seed: Number(process.env["NODELET_SEED"] ?? Math.floor(Math.random() * 2 ** 31)),
    ...options,
    images: await cachedImages(),
    reports: join(packageRoot(), "build", "conformance", "reports"),
  };
  return (await runOnOwnHost(join(import.meta.dirname, "inside.ts"), [JSON.stringify(request)])) === 0;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      network: { type: "string", default: "builtin" },
      procs: { type: "string", default: "1" },
      runs: { type: "string", default: "1" },
      kills: { type: "string", default: "0" },
      focus: { type: "string", default: "" },
    },
  });
  let good = 0;
  for (let run = 0; run < Number(values.runs); run++) {
    const fine = await critest({
      network: values.network as CritestRequest["network"],
      procs: Number(values.procs),
      kills: Number(values.kills),
      focus: values.focus,
    });
    if (fine) good++;
  }
  console.log(`# ${good} of ${values.runs} runs without anything unexpected`);
  process.exit(good === Number(values.runs) ? 0 : 1);
}
