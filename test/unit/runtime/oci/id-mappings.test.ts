import t from "tap";

import { NamespaceMode, type IDMapping } from "../../../../agent/cri/runtime.ts";
import { idMappingsOf } from "../../../../agent/runtime/oci/id-mappings.ts";

const FINE: IDMapping[] = [{ containerId: 0, hostId: 100_000, length: 65_536 }];

t.test("the host's users", async (t) => {
  t.equal(idMappingsOf(undefined), undefined);
  t.equal(idMappingsOf({ mode: NamespaceMode.NODE }), undefined);
});

t.test("the pod's own", async (t) => {
  t.same(idMappingsOf({ uids: FINE, gids: FINE }), {
    uids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
    gids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
  });
  const two = [...FINE, { containerId: 65_536, hostId: 10, length: 1 }];
  t.equal(idMappingsOf({ mode: NamespaceMode.POD, uids: two, gids: FINE })?.uids.length, 2);
});

t.test("what the kernel would refuse", async (t) => {
  for (const mode of [NamespaceMode.CONTAINER, NamespaceMode.TARGET]) {
    t.throws(() => idMappingsOf({ mode, uids: FINE, gids: FINE }), { code: "invalid", where: /mode$/ });
  }
  for (const [what, wrong] of [
    ["none", []],
    ["of no ids", [{ containerId: 0, hostId: 1, length: 0 }]],
    ["beyond the last", [{ containerId: 0, hostId: 2 ** 32 - 10, length: 10 }]],
    ["overlap inside", [...FINE, { containerId: 10, hostId: 1, length: 1 }]],
    ["overlap outside", [...FINE, { containerId: 70_000, hostId: 100_001, length: 1 }]],
    ["no root", [{ containerId: 1, hostId: 1, length: 10 }]],
    ["too many", Array.from({ length: 341 }, (_, index) => ({ containerId: index, hostId: index, length: 1 }))],
  ] as const) {
    t.throws(() => idMappingsOf({ uids: [...wrong], gids: FINE }), { code: "invalid", where: /uids$/ }, what);
    t.throws(() => idMappingsOf({ uids: FINE, gids: [...wrong] }), { code: "invalid", where: /gids$/ }, what);
  }
});
