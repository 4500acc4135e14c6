// time limit: 300 s
// soak limit: 7200 s
// The daemon is killed while volumes are set up and taken down; the next one finishes or undoes it. First once at each point that is known,
// then (make soak) at random moments around them, several pods at once, and as often the one that takes over, again and again. NODELET_KILLS says how
// often in all, NODELET_SEED when.

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t, { type Test } from "tap";

import { readMounts } from "../../../agent/system/mountinfo.ts";
import type { TestAgent } from "../../fixtures/agent.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";
import {
  finished,
  leftBehind,
  names,
  picture,
  pod,
  podDirectory,
  put,
  startAgent,
  until,
  afterAll,
} from "./support.ts";

/** What is there of the pod's directory when the daemon is killed. */
const POINTS = [
  "volumes",
  "volumes/kubernetes.io~empty-dir/ram",
  "volumes/kubernetes.io~secret/secret",
  "volumes/kubernetes.io~secret/secret/..data",
  "volume-subpaths/disk/main",
  "volume-subpaths/disk/main/3",
];
/** Tear-down begins with the parts of volumes and ends with the pod's directory: what is no longer there. */
const ENDINGS = ["volume-subpaths/disk/main/3", "volumes/kubernetes.io~secret"];
const MORE_POINTS = [
  ...POINTS,
  "volumes/kubernetes.io~configmap/map/..data",
  "volumes/kubernetes.io~projected/all/..data",
  "volume-subpaths/map/main",
];
const MORE_ENDINGS = [...ENDINGS, "volume-subpaths", "volumes/kubernetes.io~empty-dir/ram", "volumes", "."];

const seed = seedOf("NODELET_SEED");
const kills = countOf("NODELET_KILLS", { short: 2 * POINTS.length, soak: 400 });
const random = seeded(seed);

const LIMIT_MS = 90_000;
/** Pods at the same time, where moments are random. */
const TOGETHER = 3;
/** From a point to the kill. */
const AFTER_POINT_MS = 40;
/** From the start of the one that takes over to its kill: it starts, takes up the pods, goes on with them. */
const AFTER_START_MS = 1_000;
/** One in so many of those that take over is killed too, whoever it takes over from. */
const ONE_IN = 2;

const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { key: "value" } };
const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { part: "configured" } };
const volumes = [
  { name: "disk", emptyDir: {} },
  { name: "ram", emptyDir: { medium: "Memory" } },
  { name: "secret", secret: { secretName: "s" } },
  { name: "map", configMap: { name: "c" } },
  {
    name: "all",
    projected: {
      sources: [
        { secret: { name: "s" } },
        { downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
      ],
    },
  },
];
const volumeMounts = [
  { name: "disk", mountPath: "/disk" },
  { name: "ram", mountPath: "/ram" },
  { name: "secret", mountPath: "/secret" },
  { name: "disk", mountPath: "/part", subPath: "a/part" },
  { name: "map", mountPath: "/config/part", subPath: "part" },
  { name: "all", mountPath: "/all" },
];
const SCRIPT = "cat /secret/key; echo; cat /config/part; echo; cat /all/name; echo; ls -d /part /ram /disk/a/part";
const written = (name: string): string[] => ["value", "configured", name, "/disk/a/part", "/part", "/ram"];

function putPod(agent: TestAgent, name: string): void {
  put(agent, `${name}.json`, pod(name, { main: SCRIPT }, { volumes }, { main: { volumeMounts } }));
}

/** Resolves at once when the condition holds: the daemon goes on meanwhile. */
async function spin(condition: () => boolean): Promise<void> {
  for (const limit = Date.now() + LIMIT_MS; !condition(); await new Promise((resolve) => setImmediate(resolve)))
    if (Date.now() > limit) throw new Error("the point was not reached");
}

const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;

/** The daemon, killed; each in turn. */
class Killer {
  readonly #agent: TestAgent;
  done = 0;

  constructor(agent: TestAgent) {
    this.#agent = agent;
  }

  async kill(): Promise<void> {
    await this.#agent.signal("SIGKILL");
    this.done += 1;
    await this.#agent.start();
  }

  /** And now and then those that follow, in the middle of what they find. */
  async killAgain(): Promise<void> {
    await this.#agent.signal("SIGKILL");
    this.done += 1;
    while (random(ONE_IN) === 0) {
      const killed = this.#agent.pid;
      const starting = this.#agent.start().catch(() => undefined);
      await spin(() => this.#agent.pid !== killed);
      await sleep(random(AFTER_START_MS));
      await this.#agent.signal("SIGKILL");
      this.done += 1;
      await starting;
    }
    await this.#agent.start();
  }
}

function mountsOf(directories: readonly string[]): string[] {
  return readMounts()
    .map(({ mountPoint }) => mountPoint)
    .filter((mountPoint) => directories.some((directory) => mountPoint.startsWith(`${directory}/`)));
}

async function atKnownPoints(t: Test, agent: TestAgent, killer: Killer): Promise<void> {
  const root = join(agent.directory, "root", "pods");
  const any = (path: string): boolean => names(root).some((uid) => existsSync(join(root, uid, path)));
  for (const [index, point] of POINTS.entries()) {
    if (killer.done >= kills) return;
    const name = `p${index}`;
    putPod(agent, name);
    await spin(() => any(point));
    await killer.kill();
    t.strictSame(await finished(agent, name, "main"), written(name), `set-up: ${point}`);

    const directory = podDirectory(agent, name);
    rmSync(join(agent.manifests, `${name}.json`));
    await spin(() => !existsSync(join(directory, ENDINGS[index % ENDINGS.length] as string)));
    await killer.kill();
    await until(agent, "the end of the pod", () => !existsSync(directory));
    t.pass(`tear-down after ${point}`);
  }
}

async function atRandomMoments(t: Test, agent: TestAgent, killer: Killer): Promise<void> {
  const root = join(agent.directory, "root", "pods");
  for (let round = 0; killer.done < kills; round += 1) {
    const all = Array.from({ length: TOGETHER }, (_, index) => `r${round}-${index}`);
    const point = pick(MORE_POINTS);
    for (const name of all) putPod(agent, name);
    await spin(() => names(root).some((uid) => existsSync(join(root, uid, point))));
    await sleep(random(AFTER_POINT_MS));
    await killer.killAgain();
    for (const name of all) {
      const lines = await finished(agent, name, "main");
      if (JSON.stringify(lines) !== JSON.stringify(written(name))) t.fail(`${name} after ${point}`, { lines });
    }

    const directories = all.map((name) => podDirectory(agent, name));
    const ending = pick(MORE_ENDINGS);
    for (const name of all) rmSync(join(agent.manifests, `${name}.json`));
    await spin(() => directories.some((directory) => !existsSync(join(directory, ending))));
    await sleep(random(AFTER_POINT_MS));
    await killer.killAgain();
    await until(agent, "the end of the pods", () => !directories.some((directory) => existsSync(directory)));
    const mounted = mountsOf(directories);
    if (mounted.length > 0) t.fail(`mounts are left after ${ending}`, { mounted });
  }
}

t.test("killed at each step", async (t) => {
  t.comment(`NODELET_SEED=${seed} NODELET_KILLS=${kills}`);
  const before = await picture();
  {
    await using agent = await startAgent(23);
    const killer = new Killer(agent);
    put(agent, "secret.json", secret);
    put(agent, "map.json", map);
    await atKnownPoints(t, agent, killer);
    await atRandomMoments(t, agent, killer);
    t.comment(`${killer.done} kills`);
    t.strictSame(await afterAll(agent), []);
  }
  t.strictSame(await leftBehind(before), []);
});
