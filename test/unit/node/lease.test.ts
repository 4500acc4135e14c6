import type { V1Lease, V1Node } from "@kubernetes/client-node";
import { test } from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { NodeletError } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import type { KubeClient } from "../../../agent/kube/client.ts";
import { holdLease } from "../../../agent/node/lease.ts";

test("a lease is made once its owner is known", async (t) => {
  let node: V1Node | undefined;
  let looked = 0;
  const end = new AbortController();
  const made = Promise.withResolvers<V1Lease>();
  const client = {
    async get() {
      looked++;
      if (looked === 3) node = { metadata: { uid: "u" } };
      throw new NodeletError("not-found", "no lease");
    },
    async create(_resource: unknown, lease: V1Lease) {
      made.resolve(lease);
      end.abort();
      return lease;
    },
  } as unknown as KubeClient;
  await holdLease({ client, clock: systemClock, log: silentLogger, nodeName: "n", node: () => node }, end.signal);
  const lease = await made.promise;
  t.equal(looked, 3);
  t.match(lease.metadata?.ownerReferences, [{ kind: "Node", name: "n", uid: "u" }]);
});
