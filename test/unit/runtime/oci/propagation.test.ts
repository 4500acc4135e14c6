import t from "tap";

import { checkPropagation } from "../../../../agent/runtime/oci/propagation.ts";
import { parseMountinfo } from "../../../../agent/system/mountinfo.ts";
import { errorOf, specWithMounts } from "../spec-input.ts";

const MOUNTS = parseMountinfo(
  [
    "1 0 8:1 / / rw - ext4 /dev/a rw",
    "2 1 8:2 / /shared rw shared:1 - ext4 /dev/b rw",
    "3 1 8:3 / /slave rw master:1 - ext4 /dev/c rw",
    "4 2 8:4 / /shared/private rw - ext4 /dev/d rw",
  ].join("\n"),
);

const check = (hostPath: string, propagation: 0 | 1 | 2) =>
  errorOf(() => checkPropagation(specWithMounts([{ containerPath: "/x", hostPath, propagation }]), MOUNTS));

t.test("a source must take part in the propagation asked for", async (t) => {
  for (const path of ["/a", "/shared/a", "/slave/a", "/shared/private/a"]) t.equal(check(path, 0), undefined);
  t.equal(check("/shared", 1), undefined);
  t.equal(check("/shared/a", 2), undefined);
  t.equal(check("/slave/a", 1), undefined);
  t.match(check("/slave/a", 2), { code: "invalid", where: /^mounts\[\d+\]$/, message: /a slave/ });
  t.match(check("/a", 1), { code: "invalid", message: /private/ });
  t.match(check("/a", 2), { code: "invalid", message: /lies on the mount \/,/ });
  t.match(check("/shared/private/a", 2), { code: "invalid" });
  t.match(check("/sharedness", 2), { code: "invalid" }, "a prefix is not a parent");
});
