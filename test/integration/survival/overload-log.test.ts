// time limit: 300 s
// soak limit: 900 s
// Containers that write their logs as fast as they can: what is kept stays bounded, no line of it is torn or missing, and agent and shims need no
// more memory. NODELET_FLOOD_SECONDS.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { TestAgent } from "../../fixtures/agent.ts";
import { countOf } from "../../fixtures/soak.ts";
import { heldBy, loadBusybox, logFiles, podOf, putPod, removePods, runs, untilPods } from "./support.ts";

const SECONDS = countOf("NODELET_FLOOD_SECONDS", { short: 12, soak: 90 });
const FILES = 3;
/** A shim's buffers and a page or two. */
const SHIM_GROWTH_KIB = 512;
/** What the agent's garbage collector leaves for later. */
const AGENT_GROWTH_KIB = 64 * 1024;

const LINE_BYTES = 1_000;

/** Of the shim that holds the container's log file open. */
function shimOf(file: string): number {
  const { ino } = statSync(file);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/comm`, "latin1").startsWith("nodelet-shim")) continue;
      for (const fd of readdirSync(`/proc/${pid}/fd`))
        if (statSync(`/proc/${pid}/fd/${fd}`).ino === ino) return Number(pid);
    } catch {
      // It has ended, or the descriptor is gone.
    }
  }
  throw new Error(`no shim holds ${file}`);
}

function writtenBy(pid: number): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);
}

t.test("a flood of log", async (t) => {
  await using agent = await TestAgent.create(33, [
    "--container-log-max-size=10Mi",
    `--container-log-max-files=${FILES}`,
    "--container-log-monitor-interval=3s",
  ]);
  await agent.start();
  await loadBusybox(agent);
  putPod(agent, "wide", `exec yes $(head -c ${LINE_BYTES} /dev/zero | tr '\\0' x)`);
  putPod(agent, "numbers", "exec seq 1 2000000000");
  const pods = await untilPods(agent, "two pods", (all) => all.length === 2 && all.every(runs));
  const [wide, numbers] = [podOf(pods, "wide"), podOf(pods, "numbers")];
  if (wide === undefined || numbers === undefined) throw new Error("the pods have other names");
  const shims = [wide, numbers].map((pod) => shimOf(logFiles(agent, pod).at(-1) ?? ""));
  const agentPid = agent.pid ?? 0;
  await sleep(2_000);
  const before = { agent: heldBy(agentPid), shims: shims.map(heldBy), written: shims.map(writtenBy) };
  const began = Date.now();
  let most = 0;
  while (Date.now() - began < SECONDS * 1_000) {
    await sleep(200);
    const sizes = logFiles(agent, wide).map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
    most = Math.max(
      most,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  }
  const after = { agent: heldBy(agentPid), shims: shims.map(heldBy), written: shims.map(writtenBy) };
  const seconds = (Date.now() - began) / 1_000;
  const rates = after.written.map((bytes, index) =>
    ((bytes - (before.written[index] ?? 0)) / seconds / 1e6).toFixed(0),
  );
  t.comment(
    `${rates.join(" and ")} MB/s for ${seconds.toFixed(0)} s; at most ${(most / 1e6).toFixed(0)} MB kept of the first; ` +
      `agent ${before.agent.kib} KiB, then ${after.agent.kib}; shims ${before.shims.map(({ kib }) => kib).join(", ")} KiB, then ${after.shims.map(({ kib }) => kib).join(", ")}`,
  );
  t.ok(logFiles(agent, wide).length > 1, "it was rotated meanwhile");
  t.ok(after.agent.kib - before.agent.kib < AGENT_GROWTH_KIB, "the agent needs no more memory");
  for (const [index, shim] of after.shims.entries())
    t.ok(shim.kib - (before.shims[index]?.kib ?? 0) < SHIM_GROWTH_KIB, "a shim needs no more memory");
  t.match(await agent.command("pods"), { code: 0, out: /wide.*Running/ }, "the agent answers");

  // Written no more, so that all files are whole.
  const stopped = [agentPid, ...shims];
  for (const pid of stopped) process.kill(pid, "SIGSTOP");
  try {
    const text = (pod: typeof wide): string =>
      logFiles(agent, pod)
        .map((file) => `${file.endsWith(".gz") ? "zcat" : "cat"} '${file}'`)
        .join(" && ");
    const count = (script: string): string =>
      execFileSync("bash", ["-o", "pipefail", "-ec", script], { encoding: "utf8" }).trim();
    t.ok(logFiles(agent, wide).length <= FILES + 1, "old files are removed");
    // The last batch may be written in part when the shim is stopped.
    const wrong = `awk 'NF != 4 || $3 != "F" || length($4) != ${LINE_BYTES} { bad = bad NR " " substr($0, 1, 80) "\\n"; last = NR } END { if (last != NR || bad ~ /\\n./) printf "%s", bad }'`;
    t.equal(count(`{ ${text(wide)}; } | ${wrong}`), "", "no line is torn");
    const gap = `awk '{ if (n != "" && $4 != n + 1 && hole == "") hole = n " is followed by " $0; n = $4 } END { if (hole != "" && hole !~ " " n "$") print hole }'`;
    t.equal(count(`{ ${text(numbers)}; } | ${gap}`), "", "no line is missing, also between files");
  } finally {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
  }
  removePods(agent);
  await untilPods(agent, "no pod", (all) => all.length === 0);
});
