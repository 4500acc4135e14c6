// Runs tiers of tests and closes with one line: "N passed, N failed", and ", N skipped" where some were.
//
//     node scripts/run-tests.ts TIER... [FILE...]
//
// A file that says `// needs built: TOOL...` is skipped where these are not built, unless it is named or a soak: it builds
// them itself.
// A test file is a program that prints TAP. Its top-level test points are what is counted; a file that ends badly without
// a failed point of its own (crash, time limit, no test in it) counts as one failure. A tier that cannot run here is a
// failure under CI=true and named with its reason elsewhere; a tier without tests yet is named and counts nothing.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { failedNames, failedParts } from "./lib/tap-failures.ts";
import { neededTools } from "./lib/needed-tools.ts";
import { goObstacle, toolsBuilt } from "../test/conformance/tools/build.ts";
import { countPoints, TapReader, type Point } from "./lib/tap-reader.ts";

const root = resolve(import.meta.dirname, "..");
process.chdir(root);
const inCi = process.env["CI"] === "true";

/** Seconds a test file may take; a line `// time limit: 300 s` in its first lines gives it another limit. */
const FILE_LIMIT_SECONDS = 120;
/**
 * NODELET_SOAK=1: the long forms, of those files that have one and say so with a line `// soak limit: 3600 s`. See
 * test/fixtures/soak.ts.
 */
const soaking = process.env["NODELET_SOAK"] === "1";
/** For what a tier needs before its first file: compilers, or a machine's image out of packages. */
const PREPARATION_LIMIT_SECONDS = 900;
/** Between SIGTERM and SIGKILL for a file over its limit: time to undo mounts and namespaces. */
const GRACE_MS = 5_000;

interface Tier {
  /** Test files at the same time. Tests that look at the whole host cannot run beside others. */
  jobs: number;
  /** Why the tier cannot run on this machine. */
  obstacle?: () => string | undefined;
  env?: () => Record<string, string>;
  /** Runs before the tier's test files and prints TAP-like points of its own. */
  before?: readonly string[];
}

const TIERS: Readonly<Record<string, Tier>> = {
  unit: { jobs: availableParallelism() },
  fuzz: {
    jobs: availableParallelism(),
    obstacle: () => (process.getuid?.() === 0 ? undefined : "needs root: layers are written with their owners"),
  },
  native: {
    jobs: 1,
    before: ["make", "-C", "native", "check", "fuzz-check"],
    env: () => ({
      NODELET_NATIVE_DIR: join(root, "build", "native-asan"),
      ASAN_OPTIONS: "detect_leaks=0:abort_on_error=1",
      LD_PRELOAD: sanitizerRuntime(),
    }),
  },
  integration: {
    jobs: 1,
    obstacle: () => (process.getuid?.() === 0 ? undefined : "needs root"),
  },
  vm: {
    jobs: 1,
    obstacle: () => {
      if (process.arch !== "x64") return `its machines are x86-64, this host is ${process.arch}`;
      return process.getuid?.() === 0 ? undefined : "needs root, to unpack Debian's packages";
    },
    before: [process.execPath, "scripts/vm-image.ts"],
  },
  conformance: {
    jobs: 1,
    obstacle: () => (process.getuid?.() === 0 ? goObstacle() : "needs root"),
  },
};

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** File and test. */
  readonly failures: string[];
}

interface FileResult {
  file: string;
  points: readonly Point[];
  /** What went wrong with the file itself, over and above its points. */
  trouble?: string;
  output: string;
  seconds: number;
}

/** The sanitizer's runtime has to be in a process before anything that was built with it: Node loads the addon late. */
function sanitizerRuntime(): string {
  return execFileSync("gcc", ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();
}

function limitOf(file: string): number {
  if (soaking) return soakLimitOf(file) ?? FILE_LIMIT_SECONDS;
  const match = /^\/\/ time limit: (\d+) s\b/m.exec(headOf(file));
  return match ? Number(match[1]) : FILE_LIMIT_SECONDS;
}

function soakLimitOf(file: string): number | undefined {
  const match = /^\/\/ soak limit: (\d+) s\b/m.exec(headOf(file));
  return match ? Number(match[1]) : undefined;
}

function headOf(file: string): string {
  return readFileSync(file, "utf8").slice(0, 2_000);
}

async function runProgram(
  command: readonly string[],
  file: string,
  limitSeconds: number,
  env: Record<string, string>,
): Promise<FileResult & { exit: string | undefined }> {
  const began = performance.now();
  const [program = "", ...args] = command;
  // A group of its own, so that what a test leaves running ends with it.
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, TAP_TIMEOUT: String(limitSeconds) },
  });
  const reader = new TapReader();
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    reader.write(chunk.toString("utf8"));
  });
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));

  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // the group has ended
    }
  };
  let late = false;
  const timers = [
    setTimeout(
      () => {
        late = true;
        signalGroup("SIGTERM");
        timers.push(setTimeout(() => signalGroup("SIGKILL"), GRACE_MS));
      },
      (limitSeconds + 1) * 1_000,
    ),
  ];
  running.add(signalGroup);
  const exit = await new Promise<string | undefined>((done) => {
    child.once("error", (error) => done(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      if (late) done(`over its limit of ${limitSeconds} s`);
      else if (signal !== null) done(`ended by ${signal}`);
      else done(code === 0 ? undefined : `exit code ${code}`);
    });
    // A process that the test left behind may hold the pipes open: end the group as soon as the test itself has ended.
    child.once("exit", () => signalGroup("SIGKILL"));
  });
  for (const timer of timers) clearTimeout(timer);
  running.delete(signalGroup);
  const { points, planned } = reader.end();
  const result = {
    file,
    points,
    output: Buffer.concat(chunks).toString("utf8"),
    seconds: (performance.now() - began) / 1_000,
    exit,
  };
  const failed = points.some((point) => !point.ok);
  if (exit !== undefined && !failed) return { ...result, trouble: exit };
  if (planned !== undefined && planned !== points.length && !failed) {
    return { ...result, trouble: `planned ${planned} tests and ran ${points.length}` };
  }
  return result;
}

const running = new Set<(signal: NodeJS.Signals) => void>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    for (const end of running) end("SIGKILL");
    process.exit(130);
  });
}

function report(result: FileResult, totals: Totals): void {
  const { passed, failed, skipped } = countPoints(result.points);
  const empty = result.points.length === 0 && result.trouble === undefined;
  const trouble = empty ? "has no test in it" : result.trouble;
  totals.passed += passed;
  totals.failed += failed + (trouble === undefined ? 0 : 1);
  totals.skipped += skipped;
  const bad = failed > 0 || trouble !== undefined;
  const counts = [`${passed} passed`, failed ? `${failed} failed` : "", skipped ? `${skipped} skipped` : ""];
  console.log(
    `${bad ? "FAIL" : "ok  "} ${result.file} (${counts.filter(Boolean).join(", ")}; ${result.seconds.toFixed(1)} s)` +
      (trouble === undefined ? "" : `: ${trouble}`),
  );
  for (const point of result.points)
    if (point.skip !== undefined) console.log(`     skipped: ${point.name}: ${point.skip}`);
  if (!bad) return;
  console.log(failedParts(result.output).replace(/^/gm, "     | "));
  const names = failedNames(result.output);
  for (const name of names) totals.failures.push(`${result.file}: ${name}`);
  if (names.length === 0) totals.failures.push(`${result.file}: ${trouble ?? "see above"}`);
}

function isBuilt(tool: string): boolean {
  const [family = ""] = tool.split("/", 1);
  return toolsBuilt(family, tool === family ? undefined : [tool.slice(family.length + 1)]);
}

async function runTier(name: string, tier: Tier, only: readonly string[], totals: Totals): Promise<void> {
  const wanted = only.filter((file) => file.startsWith(`test/${name}/`));
  const all = wanted.length > 0 ? wanted : (await Array.fromAsync(glob(`test/${name}/**/*.test.ts`))).toSorted();
  const files = soaking ? all.filter((file) => soakLimitOf(file) !== undefined) : all;
  if (only.length > 0 && wanted.length === 0) return;
  if (files.length === 0 && tier.before === undefined) {
    console.log(`${name}: no tests yet`);
    return;
  }
  const obstacle = tier.obstacle?.();
  if (obstacle !== undefined) {
    console.log(`${name}: cannot run here: ${obstacle}`);
    if (inCi) totals.failed += 1;
    else totals.skipped += 1;
    return;
  }
  console.log(`${name}: ${files.length} files`);
  const env = tier.env?.() ?? {};
  if (tier.before !== undefined && !soaking) {
    const result = await runProgram(tier.before, tier.before.join(" "), PREPARATION_LIMIT_SECONDS, {});
    if (result.trouble === undefined && result.points.length === 0) console.log(`ok   ${result.file} (nothing in it)`);
    else report(result, totals);
  }
  const queue = [...files];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const missing = only.length > 0 || soaking ? undefined : neededTools(headOf(file)).find((tool) => !isBuilt(tool));
      if (missing !== undefined) {
        console.log(`skip ${file}: ${missing} is not built here: \`make conformance\` builds it`);
        totals.skipped += 1;
        continue;
      }
      if (!existsSync(file)) throw new Error(`Cannot run ${file}: there is no such file`);
      report(await runProgram([process.execPath, file], file, limitOf(file), env), totals);
    }
  };
  await Promise.all(Array.from({ length: Math.min(tier.jobs, files.length) }, worker));
}

const args = process.argv.slice(2);
const tiers = args.filter((arg) => !arg.includes("/"));
const only = args.filter((arg) => arg.includes("/")).map((arg) => arg.replace(/^\.\//, ""));
const unknown = tiers.filter((name) => !(name in TIERS));
if (unknown.length > 0 || tiers.length === 0) {
  console.error(
    `run-tests: ${unknown.length > 0 ? `unknown tier ${unknown.join(", ")}` : "no tier named"}; there are: ${Object.keys(TIERS).join(", ")}`,
  );
  process.exit(2);
}
const totals: Totals = { passed: 0, failed: 0, skipped: 0, failures: [] };
for (const name of tiers) {
  const tier = TIERS[name];
  if (tier !== undefined) await runTier(name, tier, only, totals);
}
for (const failure of totals.failures) console.log(`failed: ${failure}`);
console.log(
  `${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ""}`,
);
process.exit(totals.failed > 0 ? 1 : 0);
