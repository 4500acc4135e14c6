// time limit: 300 s
// The daemon is killed while volumes are set up and taken down; the next one finishes or undoes it.

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

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

const LIMIT_MS = 90_000;

const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { key: "value" } };
const volumes = [
  { name: "disk", emptyDir: {} },
  { name: "ram", emptyDir: { medium: "Memory" } },
  { name: "secret", secret: { secretName: "s" } },
];
const volumeMounts = [
  { name: "disk", mountPath: "/disk" },
  { name: "ram", mountPath: "/ram" },
  { name: "secret", mountPath: "/secret" },
  { name: "disk", mountPath: "/part", subPath: "a/part" },
];

/** Resolves at once when the condition holds: the daemon goes on meanwhile. */
async function spin(condition: () => boolean): Promise<void> {
  for (const limit = Date.now() + LIMIT_MS; !condition(); await new Promise((resolve) => setImmediate(resolve)))
    if (Date.now() > limit) throw new Error("the point was not reached");
}

t.test("killed at each step", async (t) => {
  const before = await picture();
  {
    await using agent = await startAgent(23);
    put(agent, "secret.json", secret);
    const root = join(agent.directory, "root", "pods");
    const any = (path: string): boolean => names(root).some((uid) => existsSync(join(root, uid, path)));
    for (const [index, point] of POINTS.entries()) {
      const name = `p${index}`;
      const script = "cat /secret/key; echo; ls -d /part /ram /disk/a/part";
      put(agent, `${name}.json`, pod(name, { main: script }, { volumes }, { main: { volumeMounts } }));
      await spin(() => any(point));
      await agent.signal("SIGKILL");
      await agent.start();
      t.strictSame(await finished(agent, name, "main"), ["value", "/disk/a/part", "/part", "/ram"], `set-up: ${point}`);

      const directory = podDirectory(agent, name);
      rmSync(join(agent.manifests, `${name}.json`));
      // Tear-down begins with the parts of volumes and ends with the pod's directory.
      await spin(
        () =>
          !existsSync(
            join(directory, index % 2 === 0 ? "volume-subpaths/disk/main/3" : "volumes/kubernetes.io~secret"),
          ),
      );
      await agent.signal("SIGKILL");
      await agent.start();
      await until(agent, "the end of the pod", () => !existsSync(directory));
      t.pass(`tear-down after ${point}`);
    }
    t.strictSame(await afterAll(agent), []);
  }
  t.strictSame(await leftBehind(before), []);
});
