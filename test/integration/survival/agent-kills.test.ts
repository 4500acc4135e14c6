// time limit: 600 s
// soak limit: 7200 s
// Pods start and stop while the agent is killed again and again: each ran exactly once, no line of a log is missing or torn, and nothing is
// left. NODELET_PODS and NODELET_SEED; an agent is killed for every eight pods, and once more for each phase of the records under the run
// directory that no kill has met by then.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t, { type Test } from "tap";

import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { countPhases, killInPhase, PHASES, phasesOf, type PhaseCounts } from "../../fixtures/phases.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";

const seed = seedOf("NODELET_SEED");
const count = countOf("NODELET_PODS", { short: 64, soak: 1_000 });
const random = seeded(seed);

/** Pods at the same time, and between two kills. */
const WAVE = 8;
/** From the beginning of a wave to the kill: within its starts, its work or its stops. */
const KILL_WITHIN_MS = 2_500;
/** How long a wave is looked at for one phase, and how many waves. */
const LOOK_FOR_A_PHASE_MS = 15_000;
const TRIES_FOR_A_PHASE = 5;
const LINES = 200;
const LIMIT_MS = 120_000;

const SCRIPT = `echo "$NAME" >>/out/ran; i=0; while [ $i -lt ${LINES} ]; do i=$((i + 1)); echo line $i; [ $i != ${LINES / 2} ] || sleep 0.3; done`;

function manifest(name: string, out: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "main",
          image: BUSYBOX_REF,
          imagePullPolicy: "Never",
          command: ["sh", "-c", SCRIPT],
          env: [{ name: "NAME", value: name }],
          volumeMounts: [
            { name: "out", mountPath: "/out" },
            { name: "scratch", mountPath: "/scratch" },
          ],
        },
      ],
      volumes: [
        { name: "out", hostPath: { path: out, type: "Directory" } },
        { name: "scratch", emptyDir: { medium: "Memory" } },
      ],
    },
  });
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

async function untilPods(
  agent: TestAgent,
  what: string,
  wanted: (pods: readonly Pod[]) => boolean,
): Promise<readonly Pod[]> {
  for (const end = Date.now() + LIMIT_MS; ; await sleep(100)) {
    const { code, out } = await agent.command("pods", "-o", "json");
    if (code === 0) {
      const { items } = JSON.parse(out) as { items: readonly Pod[] };
      if (wanted(items)) return items;
    }
    if (Date.now() > end) throw new Error(`${what} did not come about\n${out}\n${agent.log().slice(-5_000)}`);
  }
}

function checkLog(t: Test, agent: TestAgent, { metadata }: Pod): void {
  const file = join(agent.directory, "logs", "pods", `default_${metadata.name}_${metadata.uid}`, "main", "0.log");
  const wrong = readFileSync(file, "utf8")
    .split("\n")
    .map((line, index) => ({ line, wanted: index < LINES ? `stdout F line ${index + 1}` : "" }))
    .filter(({ line, wanted }) => (wanted === "" ? line !== "" : line.slice(line.indexOf(" ") + 1) !== wanted));
  if (wrong.length > 0) t.fail(`the log of ${metadata.name} is not whole`, { wrong: wrong.slice(0, 5) });
}

t.test("the agent is killed while pods come and go", async (t) => {
  t.comment(`NODELET_SEED=${seed}`);
  const uids: string[] = [];
  const settle: PictureOptions = {
    ...ownProcesses,
    without: ["sockets", "network namespaces"],
    // Others' pods may come and go in the same tree.
    ignore: (kind, line) => kind === "cgroups" && !uids.some((uid) => line.includes(uid)),
  };
  const before = await takePicture(settle);
  let kills = 0;
  {
    await using agent = await TestAgent.create(31);
    const out = join(agent.directory, "out");
    mkdirSync(out);
    await agent.start();
    const layout = join(agent.directory, "busybox");
    await writeOciLayout(layout, busyboxImage());
    t.match(await agent.command("load", layout), { code: 0 });
    const between = await takePicture({
      ...settle,
      directories: [join(agent.runDir, "containers"), join(agent.runDir, "sandboxes")],
    });

    const phases: PhaseCounts = new Map();
    /** One wave: pods come, end and go, and the agent is killed meanwhile by `kill`, which says when it was. */
    const wave = async (names: readonly string[], kill: () => Promise<boolean>): Promise<void> => {
      const killer = (async () => {
        if (!(await kill())) return;
        await agent.signal("SIGKILL");
        countPhases(phases, phasesOf(agent.runDir));
        kills += 1;
        await agent.start();
      })();
      for (const name of names) {
        const file = join(agent.manifests, `.${name}`);
        writeFileSync(file, manifest(name, out));
        renameSync(file, join(agent.manifests, `${name}.json`));
      }
      const ended = ({ status }: Pod): boolean => status.phase === "Succeeded" || status.phase === "Failed";
      const pods = await untilPods(
        agent,
        "the end of eight pods",
        (all) => all.length === names.length && all.every(ended),
      );
      uids.push(...pods.map(({ metadata }) => metadata.uid));
      for (const pod of pods) {
        if (pod.status.phase !== "Succeeded") t.fail(`${pod.metadata.name} is ${pod.status.phase}`, pod.status);
        checkLog(t, agent, pod);
      }
      for (const name of names) rmSync(join(agent.manifests, `${name}.json`));
      await untilPods(agent, "no pod", (all) => all.length === 0);
      await killer;
    };
    const waveOf = (first: number, size: number): string[] =>
      Array.from({ length: size }, (_, index) => `pod-${first + index}`);

    for (let first = 0; first < count; first += WAVE) {
      await wave(waveOf(first, Math.min(WAVE, count - first)), async () => {
        await sleep(random(KILL_WITHIN_MS));
        return true;
      });
    }
    const atRandom = kills;
    let started = count;
    for (const phase of PHASES) {
      for (let tries = 0; !phases.has(phase) && tries < TRIES_FOR_A_PHASE; tries += 1, started += WAVE) {
        await wave(waveOf(started, WAVE), () =>
          killInPhase(agent.pid ?? 0, agent.runDir, phase, random, LOOK_FOR_A_PHASE_MS),
        );
      }
    }
    t.comment(
      `${kills} kills, ${atRandom} of them at random moments; phases met: ${PHASES.map((phase) => `${phase} ${phases.get(phase) ?? 0}`).join(", ")}`,
    );
    t.same(
      PHASES.filter((phase) => !phases.has(phase)),
      [],
      "each phase of the records was met by a kill",
    );
    const ran = readFileSync(join(out, "ran"), "utf8").trimEnd().split("\n");
    t.equal(ran.length, started, `${started} pods, ${kills} kills`);
    t.equal(new Set(ran).size, started, "each ran once");
    t.same(
      (
        await settledDifference(between, {
          ...settle,
          directories: [join(agent.runDir, "containers"), join(agent.runDir, "sandboxes")],
        })
      ).filter((line) => line.includes("left behind")),
      [],
      "nothing is left while the agent runs",
    );
    const logs = join(agent.directory, "logs", "pods");
    t.same(existsSync(logs) ? readdirSync(logs) : [], [], "nor are logs of pods that are gone");
  }
  t.same(
    (await settledDifference(before, settle)).filter((line) => line.includes("left behind")),
    [],
    "nothing is left",
  );
});
