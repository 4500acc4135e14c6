import t from "tap";
import { atLeast, compareVersions, isVersion } from "../../../../cni/plugins/version.ts";

t.test("versions are compared by their numbers", async (t) => {
  t.ok(compareVersions("0.10.0", "0.9.0") > 0);
  t.ok(compareVersions("1.0.0", "1.1.0") < 0);
  t.equal(compareVersions("1", "1.0.0"), 0);
  t.equal(compareVersions("", "0.1.0"), 0, "none is the oldest");
  t.ok(atLeast("0.4.0", "0.4.0"));
  t.notOk(atLeast("0.3.1", "0.4.0"));
});

t.test("what is no version", async (t) => {
  for (const text of ["x", "1.x", "1.0.0.0", "-1", "1.0.0-rc1", " 1.0.0"]) t.notOk(isVersion(text), text);
  t.throws(() => compareVersions("x", "1.0.0"), TypeError);
});
