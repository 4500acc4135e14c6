// The addon built with AddressSanitizer and UndefinedBehaviorSanitizer, under all tests of the calls that it offers. A finding
// ends the process, and with it this file.

import { readFileSync } from "node:fs";
import { test } from "tap";
import { nativeAddonPath } from "../../../agent/base/paths.ts";
import { addon } from "../../../agent/system/addon.ts";

test("this is the build with the sanitizers", async (t) => {
  addon();
  t.ok(readFileSync(nativeAddonPath()).includes("__asan_report_load"));
  t.ok(readFileSync("/proc/self/maps", "utf8").includes("libasan"));
});

await import("../../integration/system/paths.test.ts");
await import("../../integration/system/tree.test.ts");
await import("../../integration/system/mounts.test.ts");
await import("../../integration/system/netlink.test.ts");
await import("../../integration/system/sockets.test.ts");
await import("../../integration/system/seccomp.test.ts");
await import("../../integration/system/process.test.ts");
