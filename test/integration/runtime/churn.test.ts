// time limit: 300 s
// A long row of containers leaves the host and the daemon as they were.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { packageRoot } from "../../../agent/base/paths.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";

const CONTAINERS = 1000;
const SETTLED_AFTER = 200;
const GROWTH_BYTES_MAX = 5 * 1024 * 1024;

t.test(`${CONTAINERS} containers created, started, stopped and removed in a row`, async (t) => {
  const before = await takePicture(ownProcesses);
  const program = join(packageRoot(), "test/fixtures/churn.ts");
  const output = execFileSync(
    process.execPath,
    [...shippedFlags(), program, String(CONTAINERS), String(SETTLED_AFTER)],
    {
      encoding: "utf8",
      timeout: 240_000,
    },
  );
  const { settled, end } = JSON.parse(output) as { settled: number; end: number };
  t.comment(
    `resident after ${SETTLED_AFTER}: ${(settled / 1e6).toFixed(1)} MB, at the end ${(end / 1e6).toFixed(1)} MB`,
  );
  t.ok(end - settled < GROWTH_BYTES_MAX, `the process grew by ${end - settled} bytes`);
  t.strictSame(await settledDifference(before, ownProcesses), [], "nothing is left");
});

/** Those of the launcher for the daemon. */
function shippedFlags(): string[] {
  const launcher = readFileSync(join(packageRoot(), "bin/nodelet"), "utf8");
  const flags = /^exec "\$node" (.*) "\$main" "\$@"$/m.exec(launcher)?.[1];
  if (flags === undefined) throw new Error("bin/nodelet does not start Node.js as this test expects");
  return flags.split(" ");
}
