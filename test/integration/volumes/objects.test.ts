// time limit: 240 s
// ConfigMaps and Secrets beside the pods: pods wait for them, files follow them, and those of `nodelet run` are kept.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import {
  afterAll,
  finished,
  leftBehind,
  names,
  output,
  picture,
  pod,
  podDirectory,
  pods,
  put,
  startAgent,
  until,
} from "./support.ts";

const configMap = (data: object, rest: object = {}): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "live" },
  data,
  ...rest,
});

/** Reads two files that always change together, as fast as it can, through one directory. */
const READER = `n=0; while [ $n -lt 2000000 ]; do
  d=$(readlink /live/..data); a=$(cat /live/$d/one 2>/dev/null) && b=$(cat /live/$d/two 2>/dev/null) && [ "$a" != "$b" ] && echo "HALF $a $b"
  a=$(cat /live/one); [ "$a" != "$last" ] && echo "see $a"; last=$a; test -e /live/three && echo THREE && break; n=$((n+1)); done`;

t.test("objects", async (t) => {
  const before = await picture();
  {
    await using agent = await startAgent(22);

    await t.test("a pod waits for its ConfigMap, and reads what it says now", async (t) => {
      const volumes = [{ name: "live", configMap: { name: "live" } }];
      put(
        agent,
        "reader.json",
        pod(
          "reader",
          { main: READER },
          { volumes },
          {
            main: { volumeMounts: [{ name: "live", mountPath: "/live" }] },
          },
        ),
      );
      await until(agent, "the wait", async () =>
        (await agent.command("events")).out.includes(
          'MountVolume.SetUp failed for volume "live" : configmap "live" not found',
        ),
      );
      t.equal((await pods(agent))[0]?.status?.phase, "Pending");
      const seen = (what: string): Promise<boolean> =>
        until(agent, what, () => output(agent, "reader", "main").includes(what));
      put(agent, "live.json", configMap({ one: "1", two: "1" }));
      await seen("see 1");
      for (const value of ["2", "3", "4"]) {
        put(agent, "live.json", configMap({ one: value, two: value }, { immutable: true }));
        await seen(`see ${value}`);
      }
      put(agent, "live.json", { ...configMap({ one: "5", two: "5" }), kind: "ConfigMop" });
      await until(agent, "the complaint", async () => (await agent.command("events")).out.includes("ConfigMop"));
      rmSync(join(agent.manifests, "live.json"));
      put(agent, "other.json", configMap({ one: "4", two: "4", three: "" }));
      t.notMatch(await finished(agent, "reader", "main"), /HALF|see 5/);
    });

    await t.test("what belongs to a pod of `nodelet run` is kept with it", async (t) => {
      const volumes = [{ name: "v", secret: { secretName: "own" } }];
      const script = "cat /v/key; echo";
      const text = [
        pod("own", { main: script }, { volumes }, { main: { volumeMounts: [{ name: "v", mountPath: "/v" }] } }),
        { apiVersion: "v1", kind: "Secret", metadata: { name: "own" }, stringData: { key: "kept-value" } },
      ]
        .map((document) => JSON.stringify(document))
        .join("\n---\n");
      t.equal((await agent.commandWith(text, "run", "-")).code, 0);
      t.strictSame(await finished(agent, "own", "main"), ["kept-value"]);
      const file = join(podDirectory(agent, "own"), "volumes/kubernetes.io~secret/v/key");
      await agent.signal("SIGKILL");
      await agent.start();
      t.equal(readFileSync(file, "utf8"), "kept-value");
      t.equal((await agent.commandWith(text.replace("kept-value", "new-value"), "run", "-")).code, 0);
      await until(agent, "the new value", () => readFileSync(file, "utf8") === "new-value");
      t.equal((await agent.command("rm", "own")).code, 0);
      t.strictSame(names(join(agent.runDir, "local-secrets")), []);
    });

    t.strictSame(await afterAll(agent), [], "nothing is left of the pods");
  }
  t.strictSame(await leftBehind(before), []);
});
