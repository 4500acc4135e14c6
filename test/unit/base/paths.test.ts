import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { entries, entryPath } from "../../../agent/base/entry.ts";
import { nativeAddonPath, packageRoot, runsFromSource, shimPath } from "../../../agent/base/paths.ts";

test("from source, everything is found from the folder of package.json", async (t) => {
  t.ok(existsSync(join(packageRoot(), "package.json")));
  t.ok(runsFromSource());
  t.equal(entryPath("nodelet"), join(packageRoot(), entries.nodelet));
});

test("another native build can be named", async (t) => {
  t.intercept(process, "env", { value: { ...process.env, NODELET_NATIVE_DIR: "/somewhere" } });
  t.equal(shimPath(), "/somewhere/nodelet-shim");
  t.equal(nativeAddonPath(), "/somewhere/nodelet.node");
});
