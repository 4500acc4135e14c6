// time limit: 400 s
// The node runs out of disk space, of inodes: what cannot be started says why, what runs goes on, nothing is lost, and the node
// goes on by itself when there is room again.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import t, { type Test } from "tap";

import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { loadBusybox, logFiles, podOf, putPod, removePods, runs, untilPods, type Pod } from "./support.ts";

/** Room for an image, and for what unpacking one keeps free. */
const DISK_MIB = 420;
const INODES = 6_000;
const COUNTER = "i=0; while :; do i=$((i + 1)); echo line $i; sleep 0.1; done";

function fillBytes(directory: string): void {
  // Large pieces first, then what is left.
  for (const size of ["1M", "4k", "1"])
    execFileSync("sh", ["-c", `dd if=/dev/zero of='${directory}/filler-${size}' bs=${size} 2>/dev/null || true`]);
}

function fillInodes(directory: string): void {
  mkdirSync(join(directory, "filler"), { recursive: true });
  try {
    for (let number = 0; ; number += 1) writeFileSync(join(directory, "filler", String(number)), "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

function empty(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.startsWith("filler")) rmSync(join(directory, name), { recursive: true });
}

const reasonOf = (pod: Pod | undefined): string => {
  const waiting = pod?.status.containerStatuses?.[0]?.state?.waiting;
  return `${waiting?.reason ?? ""}: ${waiting?.message ?? ""}`;
};

/** What the agent says of a pod that cannot be: in its status, or as an event. */
async function untilSaid(agent: TestAgent, name: string, words: RegExp): Promise<string> {
  let said = "";
  await untilPods(agent, `a word of ${String(words)}`, (all) => {
    said = reasonOf(podOf(all, name));
    return podOf(all, name) !== undefined;
  });
  for (let tries = 0; tries < 60; tries += 1) {
    const { out } = await agent.command("events");
    const found = `${said}\n${out}`.split("\n").find((line) => words.test(line));
    if (found !== undefined) return found;
    await untilPods(agent, "an answer", (all) => {
      said = reasonOf(podOf(all, name));
      return true;
    });
  }
  throw new Error(`nothing was said of ${String(words)}: ${said}\n${agent.log().slice(-4_000)}`);
}

/** Lines of the counter without those that a full disk took: the numbers rise, and each line is whole but for the one at which it was full. */
function checkCounter(t: Test, agent: TestAgent, pod: Pod, tornAtMost: number): number {
  const lines = logFiles(agent, pod)
    .map((file) => readFileSync(file, "latin1"))
    .join("")
    .split("\n")
    .slice(0, -1);
  const whole = lines.filter((line) => /^\S+Z stdout F line \d+$/.test(line));
  t.ok(lines.length - whole.length <= tornAtMost, `${lines.length - whole.length} lines of the log are cut`);
  const numbers = whole.map((line) => Number(line.split(" ").at(-1)));
  t.same(
    numbers,
    numbers.toSorted((a, b) => a - b),
    "in order",
  );
  return numbers.at(-1) ?? 0;
}

for (const [what, options, fill] of [
  ["space", `size=${DISK_MIB}m`, fillBytes],
  ["inodes", `size=${DISK_MIB}m,nr_inodes=${INODES}`, fillInodes],
] as const) {
  await t.test(`no ${what} left`, async (t) => {
    await using agent = await TestAgent.create(what === "space" ? 35 : 36);
    const disks = ["state", "logs", "root"].map((name) => join(agent.directory, name));
    for (const disk of disks) {
      mkdirSync(disk, { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]);
    }
    try {
      await agent.start();
      await loadBusybox(agent);
      putPod(agent, "steady", COUNTER);
      const steady = podOf(await untilPods(agent, "a running pod", (all) => runs(podOf(all, "steady"))), "steady");
      for (const disk of disks) fill(disk);

      putPod(agent, "late", "exec sleep 1000000");
      t.match(
        await untilSaid(agent, "late", /ENOSPC|[Nn]o space left/),
        /ENOSPC|[Nn]o space left/,
        "a pod says why it does not come",
      );
      const more = join(agent.directory, "more");
      await writeOciLayout(more, {
        layers: [{ tar: [{ name: "big", content: "x".repeat(100_000) }] }],
        ref: "localhost/more:1",
      });
      const load = await agent.command("load", more);
      t.not(load.code, 0, "an image cannot be loaded");
      t.match(load.err, /space|ENOSPC/, "with the reason");
      const full = podOf(await untilPods(agent, "the steady pod", (all) => runs(podOf(all, "steady"))), "steady");
      t.equal(full?.status.containerStatuses?.[0]?.containerID, steady?.status.containerStatuses?.[0]?.containerID);

      await agent.signal("SIGKILL");
      for (const disk of disks) empty(disk);
      await agent.start();
      const after = await untilPods(
        agent,
        "both pods",
        (all) => runs(podOf(all, "steady")) && runs(podOf(all, "late")),
      );
      t.equal(
        podOf(after, "steady")?.status.containerStatuses?.[0]?.containerID,
        steady?.status.containerStatuses?.[0]?.containerID,
        "what ran all the time is known",
      );
      t.match(await agent.command("load", more), { code: 0 }, "the image comes now");
      if (steady !== undefined) {
        const number = checkCounter(t, agent, steady, 2);
        await untilPods(agent, "further lines", () => checkCounter(t, agent, steady, 2) > number);
      }
      removePods(agent);
      await untilPods(agent, "no pod", (all) => all.length === 0);
    } finally {
      for (const disk of disks) empty(disk);
      t.match(await agent.command("stop", "--all", "--grace-period", "1"), { code: 0 });
      await agent.ended;
      for (const disk of disks) execFileSync("umount", ["-l", disk]);
    }
  });
}
