// Runs attacks three times: against nodelet as it is, as their harmless twins, and against nodelet without the defence, where the attack
// must succeed: an attack that cannot would prove nothing.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { ownProcesses, type PictureOptions, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { type Change, environmentWithout } from "../../fixtures/without-defence.ts";
import type { Attack } from "./attack.ts";

/** One runtime runs all of the attacks of a file as they are; it takes some seconds. */
const LIMIT_SECONDS = 600;
/** Runs without a defence at a time, each with a subnet of its own. */
const AT_ONCE = 2;

/** Tells the runtimes of this process from those of others. */
const TAG = randomBytes(2).toString("hex");

const looked: PictureOptions = {
  ...ownProcesses,
  ignore: (kind, line) => kind === "cgroups" && !line.includes(`/nodelet-h${TAG}`),
};

interface Outcome {
  readonly name: string;
  readonly attack: string;
  readonly twin?: string;
}

/** `module` is the file that exports `attacks`. */
export async function prove(t: Test, module: string): Promise<void> {
  const { attacks } = (await import(module)) as { attacks: readonly Attack[] };
  const before = await takePicture(looked);
  const directory = mkdtempSync(join(tmpdir(), "nodelet-hostile-"));
  try {
    const intact = await run(module, attacks, [], join(directory, "intact"));
    for (const { name, held, works } of attacks) {
      const outcome = intact.get(name);
      t.match(outcome?.attack ?? "nothing", held, `${name}: held`);
      t.match(outcome?.twin ?? "nothing", works, `${name}: the twin works`);
    }
    const waiting = [...attacks.entries()];
    const fallen = new Map<string, string>();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, slot) => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, attack] = next;
          const weak = await run(module, [attack], attack.without, join(directory, String(index)), slot);
          fallen.set(attack.name, weak.get(attack.name)?.attack ?? "nothing");
        }
      }),
    );
    for (const attack of attacks)
      t.match(fallen.get(attack.name), attack.fallen, `${attack.name}: succeeds without the defence`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  t.strictSame(await settledDifference(before, looked), [], "nothing is left on the host");
}

async function run(
  module: string,
  attacks: readonly Attack[],
  without: readonly Change[],
  directory: string,
  slot = 0,
): Promise<Map<string, Outcome>> {
  mkdirSync(directory);
  const names = attacks.map(({ name }) => name);
  const mode = without.length > 0 ? "attack" : "both";
  const program = join(import.meta.dirname, "run-attacks.ts");
  // With descriptors left open, which nobody meant for it; the first twenty are closed on exec by Node.js itself.
  const leave = 'for fd in $(seq 100 149); do eval "exec $fd< /dev/null"; done; exec "$@"';
  const command = ["bash", "-c", leave, "bash", process.execPath, program, module, mode, TAG, String(slot), ...names];
  const child = spawn("timeout", ["-k", "5", String(LIMIT_SECONDS), ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environmentWithout(without, directory) },
  });
  const [lines, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const outcomes = new Map<string, Outcome>();
  for (const line of lines.split("\n").filter((text) => text.startsWith("{"))) {
    const outcome = JSON.parse(line) as Outcome;
    outcomes.set(outcome.name, outcome);
  }
  if (outcomes.size < attacks.length) throw new Error(`${program} ended early: ${errors.slice(-4000)}`);
  return outcomes;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}
