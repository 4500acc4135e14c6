// What the API server is told of pods, and when they are taken from it.

import { setImmediate as turn } from "node:timers/promises";

import type { V1Pod } from "@kubernetes/client-node";
import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { PODS } from "../../../agent/kube/resources.ts";
import { PodStatuses } from "../../../agent/node/pod-statuses.ts";
import type { PodManager, PodView } from "../../../agent/pods/manager.ts";
import { ApiPods } from "../../../agent/sources/api-server.ts";
import { TableClient } from "../../fixtures/table-client.ts";

async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

t.test("a deleted pod that failed before it had containers is taken from the server", async (t) => {
  const client = new TableClient();
  const clock = new ManualClock();
  const pod: V1Pod = {
    metadata: { name: "a", namespace: "x", uid: "u", deletionTimestamp: new Date(0) },
    spec: { nodeName: "n", containers: [] },
    status: { phase: "Failed", reason: "NodeShutdown" },
  };
  client.put(PODS, pod);
  await using pods = new ApiPods({ client, clock, log: silentLogger, nodeName: "n" });
  pods.start(() => undefined, []);
  await settle();
  const { promise: listening, resolve } = Promise.withResolvers<(change: { removed: PodView }) => void>();
  const manager = {
    list: () => [],
    subscribe(listener: (change: { removed: PodView }) => void) {
      resolve(listener);
      return { [Symbol.dispose]: () => undefined };
    },
  } as unknown as PodManager;
  const options = { client, clock, log: silentLogger, pods, manager, mirrorOf: () => undefined };
  await using statuses = new PodStatuses(options);
  statuses.start();
  const status = { phase: "Failed", reason: "NodeShutdown" };
  const gone = {
    pod: Object.assign({}, pod, { status }),
    source: "api",
    origin: "",
    problem: undefined,
    deleting: true,
  } as const;
  (await listening)({ removed: gone });
  await settle();
  await t.rejects(client.get(PODS, "a", { namespace: "x" }), { code: "not-found" });
});
