// time limit: 400 s
// soak limit: 1800 s
// Many pods on one node: all of them run, the agent answers and takes them up again after a kill, and nothing is left when they go. NODELET_MANY_PODS.

import { readFileSync } from "node:fs";

import t from "tap";

import { TestAgent } from "../../fixtures/agent.ts";
import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { countOf } from "../../fixtures/soak.ts";
import { heldBy, loadBusybox, putPod, removePods, runs, untilPods, type Pod } from "./support.ts";

const PODS = countOf("NODELET_MANY_PODS", { short: 60, soak: 300 });
const LIMIT_MS = 300_000;

const idsOf = (pods: readonly Pod[]): string[] =>
  pods.map(({ status }) => status.containerStatuses?.[0]?.containerID ?? "").toSorted();

t.test("many pods on one node", async (t) => {
  const uids: string[] = [];
  const settle: PictureOptions = {
    ...ownProcesses,
    without: ["sockets", "network namespaces"],
    // Others' pods may come and go in the same tree.
    ignore: (kind, line) => kind === "cgroups" && !uids.some((uid) => line.includes(uid)),
  };
  const before = await takePicture(settle);
  {
    await using agent = await TestAgent.create(34, ["--pod-cidr=10.213.0.0/16", "--max-pods=400"]);
    await agent.start();
    await loadBusybox(agent);
    const atRest = heldBy(agent.pid ?? 0);
    const began = Date.now();
    for (let number = 0; number < PODS; number += 1) putPod(agent, `many-${number}`, "exec sleep 1000000");
    const all = (pods: readonly Pod[]): boolean => pods.length === PODS && pods.every(runs);
    const pods = await untilPods(agent, `${PODS} running pods`, all, LIMIT_MS);
    uids.push(...pods.map(({ metadata }) => metadata.uid));
    const { kib, descriptors } = heldBy(agent.pid ?? 0);
    t.comment(
      `${PODS} pods run after ${((Date.now() - began) / 1_000).toFixed(1)} s; the agent has ${kib} KiB, ${atRest.kib} before, and ${descriptors} descriptors`,
    );
    t.equal(new Set(idsOf(pods)).size, PODS, "each has a container");

    await agent.signal("SIGKILL");
    await agent.start();
    const again = await untilPods(agent, "the same pods", all, LIMIT_MS);
    t.same(idsOf(again), idsOf(pods), "after a kill of the agent they are the same");
    t.ok(
      again.every(({ status }) => status.containerStatuses?.every(({ restartCount }) => restartCount === 0) === true),
      "none was started again",
    );
    const ended = Date.now();
    removePods(agent);
    await untilPods(agent, "no pod", (left) => left.length === 0, LIMIT_MS);
    t.comment(`gone after ${((Date.now() - ended) / 1_000).toFixed(1)} s`);
    t.notMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(`${agent.runDir}/sandboxes/`), "no mount");
  }
  t.same(
    (await settledDifference(before, settle)).filter((line) => line.includes("left behind")),
    [],
    "nothing is left",
  );
});
