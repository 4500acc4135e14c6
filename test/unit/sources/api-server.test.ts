// The API server's pods of a node.

import { setImmediate as turn } from "node:timers/promises";

import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { PODS } from "../../../agent/kube/resources.ts";
import { ApiPods } from "../../../agent/sources/api-server.ts";
import { TableClient } from "../../fixtures/table-client.ts";

async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

t.test("pods are told once that is known which they are judged by", async (t) => {
  const client = new TableClient();
  client.put(PODS, { metadata: { name: "a", namespace: "x", uid: "u" }, spec: { nodeName: "n", containers: [] } });
  const options = { client, clock: new ManualClock(), log: silentLogger, nodeName: "n" };
  const node = Promise.withResolvers<void>();
  await using pods = new ApiPods({ ...options, after: node.promise });
  const told: string[] = [];
  pods.start((change) => void told.push(...change.pods.map(({ metadata }) => metadata?.uid ?? "")), []);
  await settle();
  t.strictSame([told, pods.synced, client.calls], [[], false, []]);
  node.resolve();
  await settle();
  t.strictSame([told, pods.synced], [["u"], true]);
});

t.test("who is let go before asks for nothing", async (t) => {
  const client = new TableClient();
  const options = { client, clock: new ManualClock(), log: silentLogger, nodeName: "n" };
  for (const end of ["resolve", "reject"] as const) {
    const node = Promise.withResolvers<void>();
    const pods = new ApiPods({ ...options, after: node.promise });
    pods.start(() => undefined, []);
    await pods[Symbol.asyncDispose]();
    node[end](undefined);
    await settle();
    t.strictSame(client.calls, []);
  }
});
