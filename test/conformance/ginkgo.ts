// Runs a suite of Kubernetes, some of its specs beside each other.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { readJunit, type SpecResult } from "./junit.ts";
import { TOOLS_DIR } from "./tools/build.ts";

/** For the report, when the suite's own limit ended it. */
const REPORT_MS = 5 * 60_000;

export interface GinkgoRun {
  /** A program in TOOLS_DIR, where ginkgo is too (`e2e-ginkgo`). */
  readonly suite: string;
  /** Of the run's own: what ginkgo and the suite write goes there. */
  readonly directory: string;
  /** How many specs at a time. */
  readonly procs: number;
  /** Flags of ginkgo, by which it picks specs. */
  readonly selection: readonly string[];
  /** Of the suite. */
  readonly flags: readonly string[];
  readonly limitMs: number;
  /** A path without its suffix: what was said is kept in `.log`, while it is said, and the results as JUnit in `.xml`. */
  readonly report: string;
}

export interface GinkgoResult {
  /** Of all specs that the suite has: those that were not selected are skipped without a message. */
  readonly results: readonly SpecResult[];
  /** Why there are none. That specs failed is none. */
  readonly problem?: string;
}

export async function runGinkgo(run: GinkgoRun): Promise<GinkgoResult> {
  const { directory, report, limitMs } = run;
  const [work, temporary] = [join(directory, "work"), join(directory, "tmp")];
  for (const path of [work, temporary]) mkdirSync(path);
  // ginkgo runs it in its own directory, and there it writes.
  const suite = join(work, run.suite);
  copyFileSync(join(TOOLS_DIR, run.suite), suite);
  const log = openSync(`${report}.log`, "w");
  const child = spawn(
    join(TOOLS_DIR, "e2e-ginkgo"),
    [
      `--timeout=${limitMs / 60_000}m`,
      `--procs=${run.procs}`,
      ...run.selection,
      "--junit-report=suite.xml",
      `--output-dir=${directory}`,
      "--no-color",
      "-v",
      suite,
      "--",
      ...run.flags,
    ],
    {
      cwd: work,
      stdio: ["ignore", log, log],
      env: { ...process.env, TMPDIR: temporary },
      timeout: limitMs + REPORT_MS,
      killSignal: "SIGKILL",
    },
  );
  closeSync(log);
  const [code] = (await once(child, "exit")) as [number | null];
  const written = join(directory, "suite.xml");
  if (!existsSync(written)) return { results: [], problem: `the suite ended with ${code} and without a report` };
  copyFileSync(written, `${report}.xml`);
  return { results: readJunit(readFileSync(written, "utf8")) };
}

/** For ginkgo's --focus: these and no others, however many spaces stand between their words. */
export function focusOn(names: readonly string[]): string {
  const patterns = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll(/ +/g, " +"));
  return `(?:${patterns.join("|")})$`;
}
