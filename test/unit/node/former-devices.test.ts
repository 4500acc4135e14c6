import t from "tap";

import { extendedResources } from "../../../agent/node/capacity.ts";
import { FormerDevices } from "../../../agent/node/former-devices.ts";

const X = "example.com/x";

t.test("what a new node finds is taken back until the server says so, and not again", async (t) => {
  const former = new FormerDevices(() => true);
  t.same([...former.of(undefined)], [], "there is no Node yet");
  const found = { cpu: "4", [X]: "2" };
  t.same([...former.of(found)], [X]);
  t.same([...former.of(found)], [X], "the patch got lost");
  t.same([...former.of({ cpu: "4", [X]: "0" })], []);
  t.same([...former.of(found)], [], "what others give the node afterwards stays");
});

t.test("a node that was here before leaves what it finds", async (t) => {
  t.same([...new FormerDevices(() => false).of({ [X]: "2" })], []);
});

t.test("what is taken back is none, but for what plugins tell of", async (t) => {
  const Y = "example.com/y";
  const known = { cpu: "4", [X]: "2", [Y]: "3", "example.com/z": "5" };
  const devices = new Map([[Y, { capacity: 1, allocatable: 0 }]]);
  t.same(extendedResources({ devices, formerDevices: new Set([X, Y]), known }), {
    capacity: { [X]: "0", [Y]: "1", "example.com/z": "5" },
    allocatable: { [X]: "0", [Y]: "0", "example.com/z": "5" },
  });
});
