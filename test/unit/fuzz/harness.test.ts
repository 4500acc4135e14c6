// The fuzzer finds what is planted: an error that is none of ours, memory without bound, an input without an answer.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "tap";

/** What is found is kept below it. */
const directory = mkdtempSync(join(tmpdir(), "nodelet-fuzz-harness-"));
after(() => rmSync(directory, { recursive: true, force: true }));

function fuzzed(target: string, env: Record<string, string> = {}): string {
  const program = `
    import { fuzz } from ${JSON.stringify(resolve("test/fuzz/harness.ts"))};
    import { NodeletError } from ${JSON.stringify(resolve("agent/base/errors.ts"))};
    const kept = [];
    fuzz([{ name: "planted", seeds: ["length=12 key"], dictionary: ["key"], count: 4000, ${target} }]);
  `;
  const environment = {
    ...process.env,
    NODELET_FUZZ_SEED: "7",
    NODELET_SOAK: "",
    TMPDIR: directory,
    ...env,
  };
  const done = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    env: environment,
  });
  return done.stdout + done.stderr;
}

test("a parser that throws NodeletErrors only", async (t) => {
  const output = fuzzed(`run: (input) => { if (input.length > 3) throw new NodeletError("invalid", "too long") }`);
  t.match(output, /^ {4}ok 1 - 4001 inputs, 2 different answers$/m);
});

test("an error of another kind, kept with the seed and repeated from the file", async (t) => {
  const run = `run: (input) => { if (/=(4096|65535)/.test(input)) throw new TypeError("planted") }`;
  const output = fuzzed(run);
  t.match(output, /not ok 1 - threw TypeError: planted/);
  const [, seed, file] =
    /NODELET_FUZZ_SEED=([0-9]+); the input alone: NODELET_FUZZ_INPUT=(\S+?)[\s"\\]/.exec(output) ?? [];
  t.equal(seed, "7");
  t.match(readFileSync(file!, "latin1"), /=(4096|65535)/);
  t.match(fuzzed(run, { NODELET_FUZZ_INPUT: file! }), /not ok 1 - threw TypeError: planted/);
});

test("memory that grows by what the input says", async (t) => {
  const output = fuzzed(`maxMemory: 2 ** 22, run: (input) => {
    const length = Number(/length=([0-9]+)/.exec(input)?.[1] ?? 0);
    kept.push(Buffer.alloc(Math.min(length, 2 ** 25), 1));
  }`);
  t.match(output, /not ok 1 - took [0-9]+ bytes of memory, more than 4194304/);
});

test("an input without an answer ends the process, and is kept", async (t) => {
  const output = fuzzed(`run: (input) => { while (input.includes("keykey")); }`, { NODELET_FUZZ_HANG_SECONDS: "1" });
  const [, file] = /planted hangs: NODELET_FUZZ_INPUT=(\S+)/.exec(output) ?? [];
  t.match(readFileSync(file!, "latin1"), /keykey/);
});
