// `nodelet stop`

import { setTimeout as sleep } from "node:timers/promises";

import { NodeletError } from "../base/errors.ts";
import { defineCommand, EXIT, UsageError, type OptionSpecs } from "./cli.ts";

const OPTIONS = {
  all: { kind: "flag", short: "a", help: "end every pod first" },
  "grace-period": {
    kind: "number",
    value: "SECONDS",
    help: "with --all: instead of each pod's own terminationGracePeriodSeconds",
  },
} as const satisfies OptionSpecs;

/** The daemon closes its files and ends after it answered. */
const END_TIMEOUT_MS = 15_000;

export const stopCommand = defineCommand({
  name: "stop",
  summary: "end the daemon; with --all its pods before it",
  usage: ["[--all] [--grace-period SECONDS]"],
  notes: "Without --all the pods run on, and the next daemon takes them up.",
  options: OPTIONS,
  args: { min: 0, max: 0 },
  async run({ options, client, print, signal }) {
    const graceSeconds = options["grace-period"];
    if (graceSeconds !== undefined && !options.all) throw new UsageError("--grace-period goes with --all");
    if (graceSeconds !== undefined && graceSeconds < 0) throw new UsageError("--grace-period is at least 0");
    const { pid } = await client.post<{ pid: number }>("/nodelet/v1/stop", {
      query: { pods: options.all, graceSeconds },
      signal,
    });
    await ended(pid);
    await print(
      options.all ? "the pods are gone and the daemon has ended\n" : "the daemon has ended; its pods run on\n",
    );
    return EXIT.ok;
  },
});

async function ended(pid: number): Promise<void> {
  for (const end = performance.now() + END_TIMEOUT_MS; performance.now() < end;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
  throw new NodeletError("timeout", `the daemon, process ${pid}, has not ended after ${END_TIMEOUT_MS / 1000} s`, {
    fix: `look at its log; \`kill ${pid}\` ends it too`,
  });
}
