import t from "tap";

import { CAPABILITIES, capabilityMask, containerCapabilities } from "../../../../agent/runtime/oci/capabilities.ts";
import { ALL_CAPABILITIES, errorOf } from "../spec-input.ts";

const host = { last: 40, bounding: ALL_CAPABILITIES };
const of = (asked: Parameters<typeof containerCapabilities>[0], privileged = false, on = host) =>
  containerCapabilities(asked, privileged, on);

t.test("names and numbers of linux/capability.h", async (t) => {
  t.equal(CAPABILITIES.length, 41);
  t.equal(CAPABILITIES.indexOf("CAP_SYS_ADMIN"), 21);
  t.equal(CAPABILITIES.indexOf("CAP_CHECKPOINT_RESTORE"), 40);
});

t.test("defaults", async (t) => {
  const { bounding, effective, permitted, inheritable, ambient } = of(undefined);
  t.equal(bounding?.length, 14);
  t.same(effective, bounding);
  t.same(permitted, bounding);
  t.equal(inheritable, undefined);
  t.equal(ambient, undefined);
  t.equal(capabilityMask(bounding, "x"), 0xa80425fb, "what /proc/self/status shows under other runtimes");
});

t.test("add, drop and ALL", async (t) => {
  const drop = of({ dropCapabilities: ["ALL"] });
  t.same(drop.bounding, []);
  t.same(of({ dropCapabilities: ["ALL"], addCapabilities: ["NET_BIND_SERVICE"] }).bounding, ["CAP_NET_BIND_SERVICE"]);
  t.same(of({ addCapabilities: ["all"] }).bounding, CAPABILITIES);
  t.same(of({ addCapabilities: ["ALL"], dropCapabilities: ["CHOWN"] }).bounding, CAPABILITIES.slice(1));
  t.ok(of({ addCapabilities: ["cap_net_admin"] }).bounding?.includes("CAP_NET_ADMIN"));
  t.notOk(of({ addCapabilities: ["NET_ADMIN"], dropCapabilities: ["NET_ADMIN"] }).bounding?.includes("CAP_NET_ADMIN"));
  t.same(of({}, true).bounding, CAPABILITIES);
});

t.test("ambient only when asked for", async (t) => {
  const sets = of({ dropCapabilities: ["ALL"], addAmbientCapabilities: ["NET_BIND_SERVICE"] });
  t.same(sets, {
    bounding: ["CAP_NET_BIND_SERVICE"],
    effective: ["CAP_NET_BIND_SERVICE"],
    permitted: ["CAP_NET_BIND_SERVICE"],
    inheritable: ["CAP_NET_BIND_SERVICE"],
    ambient: ["CAP_NET_BIND_SERVICE"],
  });
});

t.test("the host's bounding set is the limit", async (t) => {
  const small = { last: 40, bounding: ALL_CAPABILITIES & ~(1n << 27n) & ~(1n << 21n) };
  t.notOk(of(undefined, false, small).bounding?.includes("CAP_MKNOD"), "a default that the host lacks is left out");
  t.notOk(of({ addCapabilities: ["ALL"] }, false, small).bounding?.includes("CAP_SYS_ADMIN"));
  t.equal(of({}, true, small).bounding?.length, 39);
  t.match(
    errorOf(() => of({ addCapabilities: ["SYS_ADMIN"] }, false, small)),
    { code: "unsupported", where: /add_capabilities/ },
  );
  t.match(
    errorOf(() => of({ addCapabilities: ["CHECKPOINT_RESTORE"] }, false, { last: 38, bounding: ALL_CAPABILITIES })),
    { code: "unsupported" },
  );
});

t.test("unknown names", async (t) => {
  for (const name of ["NO_SUCH", "", "CAP_", "NET_ADMIN\n", "21"]) {
    t.match(
      errorOf(() => of({ addCapabilities: [name] })),
      { code: "invalid" },
      JSON.stringify(name),
    );
    t.match(
      errorOf(() => of({ dropCapabilities: [name] })),
      { code: "invalid" },
      JSON.stringify(name),
    );
  }
});
