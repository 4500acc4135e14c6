// time limit: 300 s
// What an agent knows of its pods over its own end, and that its pods leave nothing behind.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { condition, containerStatus, FieldNode, FOREVER, sh, untilFile, type Pod } from "../../fixtures/fields.ts";
import { settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";

/** The whole host, but for what goes on on it besides: processes outside of pods and shims. */
const pictureOptions: PictureOptions = {
  without: ["sockets", "network namespaces"],
  ignoreProcess: ({ pid }) => {
    try {
      return !/kubepods|nodelet-shims/.test(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    } catch {
      return true; // it has ended
    }
  },
};

const probe = (command: string): object => ({ periodSeconds: 1, exec: { command: ["sh", "-c", command] } });

t.test("readiness, its times and failures outlive the agent", async (t) => {
  const before = await takePicture(pictureOptions);
  {
    await using node = await FieldNode.create(16);
    const known = (pod: Pod | undefined): unknown =>
      pod && {
        phase: pod.status.phase,
        conditions: pod.status.conditions,
        started: containerStatus(pod)?.started,
        ready: containerStatus(pod)?.ready,
        id: containerStatus(pod)?.containerID,
        restarts: containerStatus(pod)?.restartCount,
      };
    const probed = await node.run(
      sh(FOREVER, {
        // Passes once: an agent that starts anew must not ask again.
        startupProbe: probe("test ! -e /tmp/asked && touch /tmp/asked"),
        readinessProbe: probe("true"),
        livenessProbe: probe("true"),
      }),
    );
    const late = await node.run(sh(FOREVER), { activeDeadlineSeconds: 1 });
    const done = await node.run(sh("exit 3"), { restartPolicy: "Never" });
    await node.ready(probed);
    const over = async (name: string): Promise<Pod> =>
      await node.until(
        name,
        "its end",
        ({ status }) => status.phase === "Failed" && condition(status, "PodReadyToStartContainers")?.status === "False",
      );
    const earlier = [await node.ready(probed), await over(late), await over(done)].map(known);
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      await node.agent.signal(signal);
      await node.agent.start();
      t.match(known(await node.pod(probed)), earlier[0], `${signal}: ready at once`);
      const after = [await node.ready(probed), await over(late), await over(done)];
      t.strictSame(after.map(known), earlier, `${signal}: and the same as before`);
      t.equal(after[1]?.status.reason, "DeadlineExceeded");
    }
    await node.exec(probed, "touch", "/tmp/x");
    t.equal(condition((await node.ready(probed)).status, "Ready")?.status, "True");
  }
  const left = (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
  t.same(left, [], "the host is as it was before");
});

t.test("a container that was stopped for another to follow is followed by the next agent", async (t) => {
  await using node = await FieldNode.create(16);
  const out = join(node.directory, "out");
  mkdirSync(out);
  const ends = "echo ending; sleep 2; touch /out/ended; exit 0";
  const manifest = (version: string): object => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "edited", uid: "edited-in-place" },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 60,
      containers: [
        sh(`trap '${ends}' TERM; echo $VERSION; while :; do sleep 1000 & wait $!; done`, {
          env: [{ name: "VERSION", value: version }],
          volumeMounts: [{ name: "out", mountPath: "/out" }],
        }),
      ],
      volumes: [{ name: "out", hostPath: { path: out } }],
    },
  });
  node.put("edited.json", manifest("one"));
  await node.logged("edited", "one");
  node.put("edited.json", manifest("two"));
  await node.logged("edited", "ending");
  await node.agent.signal("SIGKILL");
  await untilFile(join(out, "ended"));
  await node.agent.start();
  const pod = await node.running("edited");
  t.match(containerStatus(pod), { restartCount: 1, lastState: { terminated: { exitCode: 0 } } });
  await node.logged("edited", "two");
  t.notOk((await node.told("edited")).some((told) => told.startsWith("BackOff")));
});
