// time limit: 500 s
// soak limit: 2400 s
// The daemon runs out of file descriptors, and of processes: what cannot be started or answered fails with the reason, what runs goes on, and all comes when there are
// some again. NODELET_SCARCITY_STEPS, NODELET_SEED.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t, { type Test } from "tap";

import { Client } from "../../../agent/commands/client.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { connectCri } from "../../fixtures/cri-client.ts";
import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";
import { loadBusybox, podOf, putPod, removePods, runs, untilPods } from "./support.ts";

/** Each with another limit, and with pods that come and go. */
const STEPS = countOf("NODELET_SCARCITY_STEPS", { short: 30, soak: 600 });
const STEP_MS = 500;
const REQUEST_MS = 2_000;

const PIDS_HIERARCHY = "/sys/fs/cgroup/pids";

const TOO_MANY = /EMFILE|[Tt]oo many open files/;

/** The soft limit alone: not everybody may raise the hard one again. */
function limitDescriptors(pid: number, count: number): void {
  execFileSync("prlimit", ["--pid", String(pid), `--nofile=${count}:`]);
}

function usualLimit(pid: number): number {
  return Number(/^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "latin1"))?.[1]);
}

await t.test("no file descriptors left", async (t) => {
  await using agent = await TestAgent.create(37);
  await agent.start();
  await loadBusybox(agent);
  putPod(agent, "steady", "exec sleep 1000000");
  const steady = podOf(await untilPods(agent, "a running pod", (all) => runs(podOf(all, "steady"))), "steady");
  const pid = agent.pid ?? 0;
  const limit = (count: number): void => limitDescriptors(pid, count);
  const usual = usualLimit(pid);
  const open = readdirSync(`/proc/${pid}/fd`).length;
  // Enough to answer, not to start many.
  limit(open + 12);
  for (let number = 0; number < 12; number += 1) putPod(agent, `late-${number}`, "exec sleep 1000000");
  // Nobody can be answered meanwhile, so the log tells it.
  for (const end = Date.now() + 120_000; !TOO_MANY.test(agent.log()); await sleep(200))
    if (Date.now() > end) throw new Error(`it does not say what it lacks\n${agent.log().slice(-4_000)}`);
  limit(usual);
  const all = await untilPods(agent, "all pods", (found) => found.length === 13 && found.every(runs));
  t.equal(
    podOf(all, "steady")?.status.containerStatuses?.[0]?.containerID,
    steady?.status.containerStatuses?.[0]?.containerID,
    "what ran all the time runs",
  );
  t.match((await agent.command("events")).out, TOO_MANY, "it told why they came late");
  t.equal(await Promise.race([agent.ended, Promise.resolve("runs")]), "runs", "the agent is the same");
  removePods(agent);
  await untilPods(agent, "no pod", (found) => found.length === 0);
});

type Request = (signal: AbortSignal) => Promise<unknown>;

/** What the daemon can be asked for: each way in, and each that starts a process or opens files. */
function requests(agent: TestAgent, layout: string): readonly Request[] {
  const client = new Client(join(agent.runDir, "nodelet.sock"));
  const cri: Request = async (signal) => {
    using connection = connectCri(join(agent.runDir, "cri.sock"), { timeoutMs: REQUEST_MS });
    const { containers = [] } = await connection.listContainers({}, { signal });
    for (const { id: containerId } of containers) {
      await connection.execSync({ containerId, cmd: ["true"], timeout: 5n }, { signal });
      await connection.containerStats({ containerId }, { signal });
    }
  };
  const session = async (path: string, command: readonly string[], signal: AbortSignal): Promise<void> => {
    const socket = await client.upgrade(path, { query: { command, output: true, input: true }, signal });
    const ended = Promise.withResolvers<void>();
    socket.listen({ message: () => undefined, closed: () => ended.resolve() });
    signal.addEventListener("abort", () => socket.close());
    await ended.promise;
  };
  return [
    cri,
    (signal) => session("/exec/default/steady/main", ["echo", "here"], signal),
    (signal) => session("/attach/default/steady/main", [], signal),
    (signal) => client.text("POST", "/nodelet/v1/images/load", { query: { path: layout }, signal }),
    (signal) => client.text("POST", "/nodelet/v1/images/pull", { body: { reference: "127.0.0.1:9/none:1" }, signal }),
    (signal) => client.text("GET", "/containerLogs/default/steady/main", { query: { follow: true }, signal }),
    ...["/pods", "/nodelet/v1/stats", "/nodelet/v1/images", "/nodelet/v1/events", "/nodelet/v1/watch"].map(
      (path): Request =>
        (signal) =>
          client.text("GET", path, { signal }),
    ),
    (signal) => client.text("GET", "/nodelet/v1/explain", { query: { name: "steady" }, signal }),
  ];
}

/** Of a daemon: how much of something it may have. */
interface Scarcity {
  readonly words: RegExp;
  /** Sets the limit to so many more than it has now, or to the usual. */
  limit(more: number | undefined): void;
  [Symbol.dispose](): void;
}

function fewDescriptors(pid: number): Scarcity {
  const usual = usualLimit(pid);
  const open = readdirSync(`/proc/${pid}/fd`).length;
  return {
    words: TOO_MANY,
    limit: (more) => limitDescriptors(pid, more === undefined ? usual : open + more),
    [Symbol.dispose]: () => undefined,
  };
}

/** Processes and threads, of the daemon and all that it starts. */
function fewProcesses(pid: number): Scarcity {
  const group = join(PIDS_HIERARCHY, `nodelet-few-${process.pid}`);
  const read = (file: string): string => readFileSync(join(group, file), "latin1");
  mkdirSync(group);
  writeFileSync(join(group, "cgroup.procs"), String(pid));
  return {
    words: /EAGAIN|temporarily unavailable/,
    limit: (more) =>
      writeFileSync(
        join(group, "pids.max"),
        more === undefined ? "max" : String(Number(read("pids.current")) + Math.floor(more / 5)),
      ),
    [Symbol.dispose]() {
      for (const left of read("cgroup.procs").trim().split("\n").filter(Boolean))
        writeFileSync(join(PIDS_HIERARCHY, "cgroup.procs"), left);
      rmdirSync(group);
    },
  };
}

await t.test("few file descriptors, while everything is asked of it", (t) => survives(t, 38, fewDescriptors));

await t.test(
  "few processes, while everything is asked of it",
  existsSync(join(PIDS_HIERARCHY, "cgroup.procs"))
    ? {}
    : { skip: "no hierarchy of the pids controller alone; test/vm/limits has it in the one of all controllers" },
  (t) => survives(t, 39, fewProcesses),
);

async function survives(t: Test, number: number, few: (pid: number) => Scarcity): Promise<void> {
  const seed = seedOf("NODELET_SEED");
  t.comment(`NODELET_SEED=${seed}`);
  const random = seeded(seed);
  const uids = new Set<string>();
  const settle: PictureOptions = {
    ...ownProcesses,
    without: ["sockets", "network namespaces"],
    // Others' pods may come and go in the same tree.
    ignore: (kind, line) => kind === "cgroups" && ![...uids].some((uid) => line.includes(uid)),
  };
  const before = await takePicture(settle);
  {
    await using agent = await TestAgent.create(number);
    await agent.start();
    await loadBusybox(agent);
    const probe = { exec: { command: ["true"] }, periodSeconds: 1, failureThreshold: 1_000, timeoutSeconds: 5 };
    putPod(agent, "steady", "exec sleep 1000000", {}, { livenessProbe: probe });
    putPod(agent, "failing", "sleep 1; false");
    const layout = join(agent.directory, "busybox");
    const steady = podOf(await untilPods(agent, "a running pod", (all) => runs(podOf(all, "steady"))), "steady");
    const pid = agent.pid ?? 0;
    using scarcity = few(pid);
    const stop = new AbortController();
    const asking = requests(agent, layout).map(async (request) => {
      while (!stop.signal.aborted) {
        // None of them need succeed, and none may end the daemon.
        await request(AbortSignal.timeout(REQUEST_MS)).catch(() => undefined);
        await sleep(random(REQUEST_MS / 10));
      }
    });
    try {
      for (let step = 0; step < STEPS; step += 1) {
        scarcity.limit(random(40));
        const name = `coming-${step % 4}`;
        if (random(2) === 0) putPod(agent, name, "echo here; sleep 1", { restartPolicy: "Never" });
        else rmSync(join(agent.manifests, `${name}.json`), { force: true });
        await sleep(STEP_MS);
        for (const uid of readdirSync(join(agent.directory, "root", "pods"))) uids.add(uid);
      }
    } catch (error) {
      throw new Error(`the agent ended:\n${agent.log().slice(-2_000)}`, { cause: error });
    } finally {
      stop.abort();
      await Promise.all(asking);
    }
    scarcity.limit(undefined);
    t.equal(await Promise.race([agent.ended, Promise.resolve("runs")]), "runs", "the agent is the same");
    t.match(agent.log(), scarcity.words, "there were too few");
    for (let number = 0; number < 4; number += 1)
      rmSync(join(agent.manifests, `coming-${number}.json`), { force: true });
    putPod(agent, "late", "exec sleep 1000000");
    const all = await untilPods(agent, "these pods alone", (found) => found.length === 3 && runs(podOf(found, "late")));
    t.equal(
      podOf(all, "steady")?.status.containerStatuses?.[0]?.containerID,
      steady?.status.containerStatuses?.[0]?.containerID,
      "what ran all the time runs",
    );
  }
  t.same(
    (await settledDifference(before, settle)).filter((line) => line.includes("left behind")),
    [],
    "nothing is left",
  );
}
