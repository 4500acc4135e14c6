// Plugins that an earlier daemon started and that outlived it. Two operations for one container must not run side by side, so they are
// ended before anything is done for theirs. They are known by what they were called with, which what they call inherits.
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Most end by themselves within milliseconds. */
const PATIENCE_MS = 3_000;
const INTERVAL_MS = 50;

async function findStragglers(containerIds: ReadonlySet<string>): Promise<number[]> {
  const found = await Promise.all(
    (await readdir("/proc")).map(async (name) => {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) return undefined;
      try {
        const environment = (await readFile(`/proc/${name}/environ`, "latin1")).split("\0");
        const id = environment.find((line) => line.startsWith("CNI_CONTAINERID="))?.slice("CNI_CONTAINERID=".length);
        return id !== undefined && containerIds.has(id) ? Number(name) : undefined;
      } catch {
        return undefined; // it has ended, or is nobody's to look into
      }
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** Resolves when none is left. Gives the pids of those that had to be killed. */
export async function endStragglers(containerIds: ReadonlySet<string>): Promise<number[]> {
  if (containerIds.size === 0) return [];
  let left = await findStragglers(containerIds);
  for (let waited = 0; left.length > 0 && waited < PATIENCE_MS; waited += INTERVAL_MS) {
    await sleep(INTERVAL_MS);
    left = await findStragglers(containerIds);
  }
  for (const pid of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended
    }
  }
  return left;
}
