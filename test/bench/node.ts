// `node test/bench/node.ts [--quick] [--no-rest] [--only=NODE,...] [--profile=DIRECTORY]`: a node of a real control plane, nodelet beside the stock
// kubelet with containerd 2.3 and a node that runs nothing (idle, nodelet, stock), in one run: pods one at a time, as many as a node has
// at once, and what the node uses with those at rest. Profiles are of nodelet's main thread. Needs Go, for what is not built yet.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cachedImages } from "../conformance/images/cached.ts";
import { runWithHostCgroups } from "../conformance/own-host.ts";
import { buildTools } from "../conformance/tools/build.ts";
import { buildControlPlane } from "../fixtures/control-plane.ts";

buildControlPlane();
buildTools("kubernetes", ["kubelet"]);
buildTools("containerd");
const images = await cachedImages();
// Removed from outside: parts of it are mounted inside, until that host is gone.
const directory = mkdtempSync(join(tmpdir(), "nodelet-bench-node-"));
try {
  const args = [directory, images, ...process.argv.slice(2)];
  process.exitCode = await runWithHostCgroups(join(import.meta.dirname, "node-inside.ts"), args);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
