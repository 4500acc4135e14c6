// Runs critest against `nodelet cri`.
//
//     node test/conformance/critest/critest.ts                the full form: FULL_FORM, half an hour on a quiet machine
//     node test/conformance/critest/critest.ts [--network=builtin|bridge-plugin] [--procs=N] [--runs=N] [--kills=N] [--focus=REGEXP]
//
// Reports go to build/conformance/reports. Needs root and Go; the network when tools, modules or packages are not cached.

import { join } from "node:path";
import { parseArgs } from "node:util";

import { packageRoot } from "../../../agent/base/paths.ts";
import { cachedImages } from "../images/cached.ts";
import { runOnOwnHost } from "../own-host.ts";
import { buildTools } from "../tools/build.ts";
import { runName, type CritestRequest } from "./request.ts";

export type CritestOptions = Partial<Omit<CritestRequest, "images" | "reports">>;

/** So many runs in a row, each with nothing unexpected in it. */
export interface Series {
  readonly options: CritestOptions;
  readonly runs: number;
}

export const FULL_FORM: readonly Series[] = [
  { options: { procs: 1 }, runs: 1 },
  { options: { procs: 1, network: "bridge-plugin" }, runs: 1 },
  { options: { procs: 4 }, runs: 10 },
  { options: { procs: 4, network: "bridge-plugin" }, runs: 2 },
  { options: { procs: 4, kills: 20 }, runs: 1 },
];

function requestOf(options: CritestOptions): Omit<CritestRequest, "images" | "reports"> {
  return {
    network: "builtin",
    procs: 1,
    run: 1,
    focus: "",
    kills: 0,
    seed: Number(process.env["NODELET_SEED"] ?? Math.floor(Math.random() * 2 ** 31)),
    ...options,
  };
}

/** As its report is called. */
export function nameOf({ options }: Series): string {
  return runName(requestOf(options));
}

/** Whether nothing unexpected happened. */
export async function critest(options: CritestOptions = {}): Promise<boolean> {
  buildTools("cri");
  const request: CritestRequest = {
    ...requestOf(options),
    images: await cachedImages(),
    reports: join(packageRoot(), "build", "conformance", "reports"),
  };
  return (await runOnOwnHost(join(import.meta.dirname, "inside.ts"), [JSON.stringify(request)])) === 0;
}

/** How many of the runs had nothing unexpected. */
export async function runSeries({ options, runs }: Series): Promise<number> {
  let good = 0;
  for (let run = 1; run <= runs; run++) if (await critest({ ...options, run })) good++;
  return good;
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
  const asked: Series = {
    options: {
      network: values.network as CritestRequest["network"],
      procs: Number(values.procs),
      kills: Number(values.kills),
      focus: values.focus,
    },
    runs: Number(values.runs),
  };
  let bad = 0;
  for (const series of process.argv.length > 2 ? [asked] : FULL_FORM) {
    const good = await runSeries(series);
    console.log(`# ${nameOf(series)}: ${good} of ${series.runs} runs without anything unexpected`);
    bad += series.runs - good;
  }
  process.exit(bad === 0 ? 0 : 1);
}
