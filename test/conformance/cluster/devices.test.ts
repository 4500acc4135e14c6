// time limit: 600 s
// Devices of plugins at a real API server: the node tells of them, the scheduler goes by it, the agent's restart takes nothing away.

import { join } from "node:path";

import t from "tap";

import { NODES } from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { TestDevicePlugin } from "../../fixtures/device-plugin.ts";
import { TestCluster } from "./node.ts";

const X = "example.com/x";
const DONGLE = "example.com/dongle";

await t.test("devices at an API server", async (t) => {
  await using cluster = await TestCluster.start(43);
  const { agent, client, nodeName } = cluster;
  await cluster.ready();
  const directory = join(agent.directory, "root", "device-plugins");

  const amounts = (name: string, capacity: string, allocatable: string): Promise<true> =>
    cluster.until(`${name} ${capacity}/${allocatable}`, async () => {
      const { status } = await cluster.node();
      return status?.capacity?.[name] === capacity && status.allocatable?.[name] === allocatable;
    });
  const wanting = (count: number) => ({
    restartPolicy: "Never",
    containers: [
      {
        name: "main",
        image: BUSYBOX_REF,
        command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
        resources: { limits: { [X]: String(count) } },
      },
    ],
  });

  // As an administrator does it (Kubernetes documentation, "Advertise Extended Resources for a Node").
  await client.patch(
    NODES,
    nodeName,
    { type: "strategic", body: { status: { capacity: { [DONGLE]: "4" } } } },
    { subresource: "status" },
  );
  await amounts(DONGLE, "4", "4");

  await using plugin = new TestDevicePlugin(directory, X, ["one", "two", "three"]);
  await plugin.start();
  await amounts(X, "3", "3");

  await t.test("what is healthy is allocatable", async (t) => {
    plugin.tellUnhealthy("two");
    t.ok(await amounts(X, "3", "2"));
    plugin.tellUnhealthy();
    t.ok(await amounts(X, "3", "3"));
  });

  await t.test("pods have them until they are gone", async (t) => {
    await cluster.create("first", wanting(2));
    await cluster.phase("first", "Running");
    await cluster.create("second", wanting(2));
    const { status } = await cluster.phase("second", "Failed");
    t.equal(status?.reason, "UnexpectedAdmissionError");
    t.match(status?.message, `requested number of devices unavailable for ${X}. Requested: 2, Available: 1`);
  });

  await t.test("the agent starts anew: the pod runs on, and the resource is there again with the plugin", async (t) => {
    const before = await cluster.pod("first");
    const asked = plugin.calls.length;
    await agent.signal("SIGKILL");
    await agent.start();
    await cluster.until("a registration", async () => plugin.calls.slice(asked).includes("ListAndWatch"));
    await amounts(X, "3", "3");
    await amounts(DONGLE, "4", "4");
    const after = await cluster.pod("first");
    t.equal(after?.status?.phase, "Running");
    t.equal(after?.status?.containerStatuses?.[0]?.containerID, before?.status?.containerStatuses?.[0]?.containerID);
    await cluster.create("third", wanting(2));
    await cluster.phase("third", "Failed");
    await cluster.create("fourth", wanting(1));
    await cluster.phase("fourth", "Running");
  });

  await t.test("a plugin that goes away leaves its capacity and nothing for pods", async (t) => {
    await plugin[Symbol.asyncDispose]();
    t.ok(await amounts(X, "3", "0"));
    t.equal((await cluster.pod("first"))?.status?.phase, "Running");
  });
});
