import t from "tap";

import { MOUNT_ATTR, MS } from "../../../../agent/runtime/plan/constants.ts";
import { parseMountOptions } from "../../../../agent/runtime/plan/mount-options.ts";
import { errorOf } from "../spec-input.ts";

const parse = (...options: string[]) => parseMountOptions({ destination: "/x", options }, "mounts[0]");

t.test("flags, propagation and data", async (t) => {
  t.match(parse(), {
    bind: undefined,
    set: 0,
    clear: 0,
    propagation: MS.PRIVATE,
    propagationRecursive: true,
    data: [],
  });
  t.match(parse("rbind", "ro", "nosuid", "rslave"), {
    bind: "rbind",
    set: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID,
    propagation: MS.SLAVE,
    propagationRecursive: true,
  });
  t.match(parse("bind", "shared"), { bind: "bind", propagation: MS.SHARED, propagationRecursive: false });
  t.match(parseMountOptions({ destination: "/x", type: "bind" }, "x"), { bind: "bind" });
  t.same(parse("mode=755", "size=1m", "ro", "newinstance", "rw").data, ["mode=755", "size=1m", "newinstance"]);
  t.match(parse("rro", "rnosuid"), { set: 0, recursiveSet: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID });
  t.match(parse("idmap"), { idmap: "idmap" });
  t.match(parse("ridmap"), { idmap: "ridmap" });
});

t.test("access times exclude each other", async (t) => {
  t.match(parse("noatime"), { set: MOUNT_ATTR.NOATIME, clear: MOUNT_ATTR.ATIME });
  t.match(parse("strictatime"), { set: MOUNT_ATTR.STRICTATIME, clear: MOUNT_ATTR.ATIME });
  t.match(parse("strictatime", "noatime"), { set: MOUNT_ATTR.NOATIME });
  t.match(parse("relatime"), { set: 0, clear: MOUNT_ATTR.ATIME });
  t.match(parse("rnoatime"), { recursiveSet: MOUNT_ATTR.NOATIME });
});

t.test("the last one wins", async (t) => {
  t.match(parse("nosuid", "suid"), { set: 0, clear: MOUNT_ATTR.NOSUID });
  t.match(parse("suid", "nosuid"), { set: MOUNT_ATTR.NOSUID, clear: 0 });
  t.match(parse("rprivate", "rshared"), { propagation: MS.SHARED });
});

t.test("what is not offered", async (t) => {
  t.match(
    errorOf(() => parse("tmpcopyup")),
    { code: "unsupported" },
  );
});
