// time limit: 300 s
// soak limit: 3600 s
// The agent is killed at random moments while pods with devices come and go: no device is ever with two of them. NODELET_KILLS says how
// often, NODELET_SEED when.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { messages, services } from "../../../proto/deviceplugins/podresources.gen.js";
import { TestDevicePlugin } from "../../fixtures/device-plugin.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { FieldNode, sh } from "../../fixtures/fields.ts";
import { callGrpc } from "../../fixtures/grpc-call.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";

const X = "example.com/x";
const DEVICES = ["a", "b", "c", "d"];
const POINTS_MS = 400;
/** Changes of pods between two kills. */
const CHANGES = 4;

const seed = seedOf("NODELET_SEED");
const kills = countOf("NODELET_KILLS", { short: 8, soak: 200 });
const random = seeded(seed);
t.comment(`NODELET_SEED=${seed}, ${kills} kills`);

/** Holds the device's directory while it runs: whoever finds it there has a device that another has. */
const HOLD = `trap 'rmdir /held/$TEST_DEVICES; exit 0' TERM
mkdir /held/$TEST_DEVICES || echo $TEST_DEVICES >> /held/twice
echo ready; while :; do sleep 0.1; done`;

interface Listed {
  readonly podResources?: readonly {
    readonly name?: string;
    readonly containers?: readonly { readonly devices?: readonly { readonly deviceIds?: readonly string[] }[] }[];
  }[];
}

await t.test("no device is with two pods, whenever the agent is killed", async (t) => {
  await using node = await FieldNode.create(45);
  const held = join(node.directory, "held");
  mkdirSync(held);
  await using plugin = new TestDevicePlugin(join(node.directory, "root", "device-plugins"), X, DEVICES);
  await plugin.start();
  const socket = join(node.directory, "root", "pod-resources", "kubelet.sock");

  let serial = 0;
  const alive = new Set<string>();
  const begin = async (): Promise<void> => {
    const name = `pod${++serial}`;
    alive.add(name);
    await node.run(
      sh(HOLD, {
        resources: { limits: { [X]: "1" } },
        volumeMounts: [{ name: "held", mountPath: "/held" }],
      }),
      {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 60,
        volumes: [{ name: "held", hostPath: { path: held, type: "Directory" } }],
      },
      { name },
    );
  };
  /** Also of one that a former agent had begun to remove. */
  const end = async (name: string): Promise<void> => {
    try {
      await node.remove(name);
    } catch (error) {
      if ((await node.pod(name)) !== undefined) throw error;
    }
    alive.delete(name);
  };
  /** Every pod that the agent took on runs, was refused, or is gone: it was not taken on, or its removal had begun. */
  const settle = async (): Promise<void> => {
    for (const name of alive) {
      let phase: string | undefined;
      await eventually(`${name} runs, or is over`, async () => {
        phase = (await node.pod(name))?.status.phase;
        const log = await node.log(name).catch(() => "");
        return phase === undefined || phase === "Failed" || (phase === "Running" && log.includes("ready"));
      });
      if (phase === undefined) alive.delete(name);
      if (phase === "Failed") await end(name);
    }
  };

  for (let kill = 0; kill < kills; kill++) {
    const changes: Promise<void>[] = [];
    for (let change = 0; change < CHANGES; change++) {
      const [some] = [...alive].slice(random(alive.size));
      changes.push(some === undefined || alive.size + changes.length < DEVICES.length ? begin() : end(some));
    }
    const over = Promise.allSettled(changes); // the agent may end before it answers
    await sleep(random(POINTS_MS));
    await node.agent.signal("SIGKILL");
    await over;
    const asked = plugin.calls.length;
    await node.agent.start();
    await eventually("the plugin is back", () => plugin.calls.slice(asked).includes("ListAndWatch"));
    await settle();
    const { podResources = [] } = (await callGrpc(
      socket,
      { messages, table: services.PodResourcesLister },
      "list",
    )) as Listed;
    const ids = podResources.flatMap(({ containers = [] }) =>
      containers.flatMap(({ devices = [] }) => devices.flatMap(({ deviceIds = [] }) => deviceIds)),
    );
    t.equal(new Set(ids).size, ids.length, `after kill ${kill + 1}: ${ids.join(" ")} of ${alive.size} pods`);
  }
  for (const name of alive) await end(name);
  const twice = join(held, "twice");
  t.equal(existsSync(twice) ? readFileSync(twice, "utf8") : "", "", "nobody found his device with another");
  await begin();
  const [last = ""] = alive;
  await node.logged(last, "ready");
  t.pass("and all are there for others");
});
