// journalctl, for who queries logs of services.

import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { withStreams } from "../../base/child.ts";
import type { LogQuery } from "./log-query.ts";

const PROGRAM = "journalctl";
/** kubelet's. */
const LIMIT_MS = 30_000;

/** Services of these that the journal knows; none where there is no journal. */
export async function journalServices(services: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const units = new Set<string>();
  try {
    let text = "";
    for await (const chunk of run(["--field", "_SYSTEMD_UNIT"], signal)) text += String(chunk);
    for (const unit of text.split("\n")) units.add(unit.trim());
  } catch {
    signal.throwIfAborted();
  }
  return services.filter((service) => units.has(`${service}.service`) || units.has(service));
}

/** Writes what the journal has of these services; the stream stays open. */
export async function copyJournal(
  services: readonly string[],
  { options }: Pick<LogQuery, "options">,
  out: Writable,
  signal: AbortSignal,
): Promise<void> {
  const names = services.map((service) => `--unit=${service}`);
  const args = ["--utc", "--no-pager", "--output=short-precise", ...options, ...names];
  await pipeline(run(args, signal), out, { end: false, signal });
}

/** What it prints, errors too; fails when it cannot be started. */
function run(args: readonly string[], signal: AbortSignal): Readable {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const child = withStreams(spawn(PROGRAM, args, { stdio: ["ignore", "pipe", "pipe"], signal: limit }), PROGRAM);
  child.once("error", (error) => child.stdout.destroy(error));
  child.stderr.resume();
  return child.stdout;
}
