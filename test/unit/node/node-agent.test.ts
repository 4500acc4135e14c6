// How the Node is taken up, and how often its status is told.

import { setImmediate as turn } from "node:timers/promises";

import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { NodeletError } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { NODES } from "../../../agent/kube/resources.ts";
import { NodeAgent } from "../../../agent/node/node-agent.ts";
import { TableClient } from "../../fixtures/table-client.ts";

/** Lets everything that follows from what happened come to rest. */
async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

const registration = {
  name: "node",
  hostname: "node",
  architecture: "amd64",
  labels: {},
  taints: [],
  providerId: "",
  attachByController: false,
};

t.test("a node that was seen before it was taken up, or that somebody made anew, gets its labels", async (t) => {
  const client = new TableClient();
  const clock = new ManualClock();
  await using node = new NodeAgent({
    client,
    clock,
    log: silentLogger,
    registration,
    register: true,
    status: async () => ({}),
    onPodCidr: () => undefined,
  });
  const labelled = (): number =>
    client.calls.filter(({ verb, body }) => verb === "patch" && JSON.stringify(body).includes("kubernetes.io/arch"))
      .length;
  node.observe(client.put(NODES, { metadata: { name: "node", uid: "first" } }));
  node.start();
  await settle();
  t.equal(labelled(), 1);
  node.observe(client.put(NODES, { metadata: { name: "node", uid: "second" } }));
  await clock.advance(200);
  await settle();
  t.equal(labelled(), 2);
});

t.test("a node that changes without end is told of at a bounded rate", async (t) => {
  const client = new TableClient();
  const clock = new ManualClock();
  let changes = 0;
  await using node = new NodeAgent({
    client,
    clock,
    log: silentLogger,
    registration,
    register: true,
    status: async () => ({ capacity: { "example.com/x": String(++changes) } }),
    onPodCidr: () => undefined,
  });
  const told = (): number =>
    client.calls.filter(({ verb, path }) => verb === "patch" && path.startsWith("nodes/")).length;
  node.start();
  await settle();
  const before = told();
  for (let count = 0; count < 10; count++) {
    node.wake();
    await settle();
  }
  t.equal(told(), before, "not at each of them");
  await clock.advance(200);
  await settle();
  t.equal(told(), before + 1, "but soon");
});

t.test("what the server does not take is not told at every look", async (t) => {
  const client = new TableClient();
  const clock = new ManualClock();
  let features = ["New"];
  await using node = new NodeAgent({
    client,
    clock,
    log: silentLogger,
    registration,
    register: true,
    status: async () => ({
      declaredFeatures: features,
      conditions: [{ type: "Ready", status: "True" }],
    }),
    reportMs: 300_000,
    onPodCidr: () => undefined,
  });
  // An older one: it passes over what it does not know.
  client.answer = ({ verb, path, body }) => {
    if (verb !== "patch" || !path.startsWith("nodes/")) return undefined;
    const { declaredFeatures: _unknown, ...status } = (body as { status?: Record<string, unknown> }).status ?? {};
    return client.put(NODES, { metadata: { name: "node" }, status });
  };
  const told = (): number =>
    client.calls.filter(({ verb, path }) => verb === "patch" && path.startsWith("nodes/")).length;
  client.put(NODES, { metadata: { name: "node" } });
  await clock.advance(1_000);
  node.start();
  await settle();
  const first = told();
  for (let looks = 0; looks < 5; looks++) {
    await clock.advance(10_000);
    await settle();
  }
  t.equal(told(), first);
  features = ["New", "Newer"];
  await clock.advance(10_000);
  await settle();
  t.equal(told(), first + 1, "another value may be taken");
  await clock.advance(300_000);
  await settle();
  t.ok(told() > first + 1, "and so may the same one, with the next heartbeat");
});

t.test(
  "a node that was held for lost while the server could not be reached says that it lives once it can",
  async (t) => {
    const client = new TableClient();
    const clock = new ManualClock();
    const conditions = [{ type: "Ready", status: "True" }];
    await using node = new NodeAgent({
      client,
      clock,
      log: silentLogger,
      registration,
      register: true,
      status: async () => ({ conditions }),
      onPodCidr: () => undefined,
    });
    await clock.advance(1_000);
    node.start();
    await settle();
    client.answer = () => {
      throw new NodeletError("unavailable", "away");
    };
    await clock.advance(11_000);
    await settle();
    client.answer = () => undefined;
    // No watch tells of it.
    const { metadata = {} } = await client.get(NODES, "node");
    client.put(NODES, { metadata, status: { conditions: [{ type: "Ready", status: "Unknown" }] } });
    for (let seconds = 0; seconds < 10; seconds++) {
      await clock.advance(1_000);
      await settle();
    }
    t.match(await client.get(NODES, "node"), { status: { conditions } });

    client.answer = () => {
      throw new NodeletError("unavailable", "away");
    };
    await clock.advance(11_000);
    await settle();
    client.remove(NODES, "node");
    client.answer = () => undefined;
    for (let seconds = 0; seconds < 10; seconds++) {
      await clock.advance(1_000);
      await settle();
    }
    t.match(await client.get(NODES, "node"), { status: { conditions } }, "or is made anew");
  },
);
