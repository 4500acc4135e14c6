// Daemons that are measured: started with their output in a file, ended, and what they leave of cgroups.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, globSync, openSync, rmdirSync } from "node:fs";

const END_LIMIT_MS = 60_000;

export function startDaemon(
  program: string,
  args: readonly string[],
  log: string,
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  const fd = openSync(log, "a");
  try {
    return spawn(program, args, { stdio: ["ignore", fd, fd], env });
  } finally {
    closeSync(fd);
  }
}

/** By SIGTERM, and by SIGKILL when that takes a minute. */
export async function endDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

/** Those of these names in each hierarchy, unless they are in use; the inner ones first. */
export function removeGroups(...names: readonly string[]): void {
  for (const name of names) {
    for (const group of globSync(`/sys/fs/cgroup/{,*/}${name}`)) {
      try {
        rmdirSync(group);
      } catch {
        // in use by another daemon
      }
    }
  }
}
