import t from "tap";

import { neededTools } from "../../../../scripts/lib/needed-tools.ts";

t.test("tools that a test file names", async (t) => {
  t.same(neededTools("// time limit: 9 s\n// needs built: coredns, kubernetes/kubelet\n// What it tests.\n"), [
    "coredns",
    "kubernetes/kubelet",
  ]);
  t.same(neededTools("// Nothing needs built: is said here.\n"), []);
});
