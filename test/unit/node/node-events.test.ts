import t from "tap";

import { nodeEvents } from "../../../agent/node/node-events.ts";

const status = (ready: string, disk: string, bootID: string): Parameters<typeof nodeEvents>[1] => ({
  nodeInfo: { bootID } as NonNullable<Parameters<typeof nodeEvents>[1]["nodeInfo"]>,
  conditions: [
    { type: "Ready", status: ready },
    { type: "DiskPressure", status: disk },
    { type: "OfOthers", status: ready },
  ],
});

t.test("what changed is told in kubelet's words", async (t) => {
  t.match(nodeEvents("n", {}, status("True", "False", "a")), [
    { reason: "NodeReady" },
    { reason: "NodeHasNoDiskPressure" },
  ]);
  t.match(nodeEvents("n", {}, status("False", "False", "a")), [{ reason: "NodeHasNoDiskPressure" }]);
  t.strictSame(nodeEvents("n", status("True", "False", "a"), status("True", "False", "a")), []);
  t.strictSame(nodeEvents("n", status("Unknown", "False", "a"), status("True", "True", "b")), [
    { type: "Warning", reason: "Rebooted", message: "Node n has been rebooted, boot id: b" },
    { type: "Normal", reason: "NodeReady", message: "Node n status is now: NodeReady" },
    { type: "Normal", reason: "NodeHasDiskPressure", message: "Node n status is now: NodeHasDiskPressure" },
  ]);
  t.match(nodeEvents("n", status("True", "True", "a"), status("False", "False", "a")), [
    { reason: "NodeNotReady" },
    { reason: "NodeHasNoDiskPressure" },
  ]);
});
