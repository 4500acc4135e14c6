import t from "tap";

import { Allocations, type DevicePod } from "../../../deviceplugins/allocations.ts";

const X = "example.com/x";

function held(podUid: string, container: string, ...ids: readonly string[]) {
  return { podUid, container, resource: X, devices: new Map([[-1, ids]]), response: Buffer.alloc(0) };
}

t.test("who has what", async (t) => {
  const allocations = new Allocations();
  allocations.put(held("u1", "a", "1"));
  allocations.put(held("u1", "a", "1", "2"));
  allocations.put(held("u2", "a", "3"));
  t.same([...allocations.used(X)], ["1", "2", "3"]);
  t.ok(allocations.has(X));
  t.equal(allocations.retain(new Set(["u2", "u3"])), true);
  t.equal(allocations.retain(new Set(["u2", "u3"])), false);
  t.same([...allocations.used(X)], ["3"]);
  t.equal(allocations.remove("u2"), true);
  t.notOk(allocations.has(X));
});

t.test("devices of init containers that end are there for those that follow", async (t) => {
  const allocations = new Allocations();
  const pod: DevicePod = {
    metadata: { uid: "u", namespace: "default", name: "p" },
    spec: {
      initContainers: [{ name: "first" }, { name: "sidecar", restartPolicy: "Always" }, { name: "second" }],
      containers: [{ name: "main" }, { name: "other" }],
    },
  };
  const reusable = (): string[] => [...allocations.reusable(pod, X)].toSorted();
  t.same(reusable(), []);
  allocations.put(held("u", "first", "1", "2"));
  t.same(reusable(), ["1", "2"]);
  allocations.put(held("u", "sidecar", "1"));
  t.same(reusable(), ["2"], "a sidecar keeps what it has");
  allocations.put(held("u", "second", "2", "3"));
  t.same(reusable(), ["2", "3"]);
  allocations.put(held("u", "main", "3"));
  t.same(reusable(), ["2"]);
  t.same([...allocations.reusable(pod, "example.com/y")], []);
});
