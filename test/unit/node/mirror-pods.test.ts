// Pods of manifests as the API server shows them, whatever becomes of them there.

import { setImmediate as turn } from "node:timers/promises";

import type { V1Pod } from "@kubernetes/client-node";
import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { ApiError } from "../../../agent/kube/api-error.ts";
import { PODS } from "../../../agent/kube/resources.ts";
import { MirrorPods } from "../../../agent/node/mirror-pods.ts";
import type { PodManager, PodView } from "../../../agent/pods/manager.ts";
import { ApiPods } from "../../../agent/sources/api-server.ts";
import { TableClient } from "../../fixtures/table-client.ts";

const own: PodView = {
  pod: {
    metadata: { name: "own-n", namespace: "later", annotations: { "kubernetes.io/config.hash": "1" } },
    spec: { nodeName: "n", containers: [{ name: "main", image: "i" }] },
    status: {},
  },
  source: "file",
  origin: "own.yaml",
  problem: undefined,
  deleting: false,
};

async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

async function mirrored(client: TableClient): Promise<{ clock: ManualClock } & AsyncDisposable> {
  const clock = new ManualClock();
  const pods = new ApiPods({ client, clock, log: silentLogger, nodeName: "n" });
  pods.start(() => undefined, []);
  const nothing = { [Symbol.dispose]: () => undefined };
  const mirrors = new MirrorPods({
    client,
    clock,
    log: silentLogger,
    pods,
    manager: { list: () => [own], subscribe: () => nothing } as unknown as PodManager,
    nodeName: "n",
    node: () => ({ metadata: { name: "n", uid: "node" } }),
    onMirror: () => undefined,
  });
  await settle();
  mirrors.start();
  await settle();
  return {
    clock,
    async [Symbol.asyncDispose]() {
      await mirrors[Symbol.asyncDispose]();
      await pods[Symbol.asyncDispose]();
    },
  };
}

const seen = (client: TableClient): Promise<V1Pod> => client.get(PODS, "own-n", { namespace: "later" });

t.test("one whose namespace comes later is shown then", async (t) => {
  const client = new TableClient();
  client.answer = ({ verb }) => {
    if (verb === "create") throw new ApiError(404, 'namespaces "later" not found', { reason: "NotFound" });
  };
  await using node = await mirrored(client);
  await t.rejects(seen(client));
  client.answer = () => undefined;
  await node.clock.advance(10_000);
  await settle();
  t.equal((await seen(client)).metadata?.annotations?.["kubernetes.io/config.mirror"], "1");
});

t.test("one whose name somebody else has there is shown when it is free", async (t) => {
  const client = new TableClient();
  client.put(PODS, {
    metadata: { name: "own-n", namespace: "later", uid: "other" },
    spec: { nodeName: "elsewhere", containers: [] },
  });
  await using node = await mirrored(client);
  t.equal((await seen(client)).metadata?.uid, "other");
  client.remove(PODS, "own-n", "later");
  await node.clock.advance(10_000);
  await settle();
  t.equal((await seen(client)).metadata?.annotations?.["kubernetes.io/config.mirror"], "1");
});
