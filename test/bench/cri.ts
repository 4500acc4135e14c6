// `node test/bench/cri.ts [--quick]`: pods over CRI, nodelet beside Debian's containerd, in one run through the same gRPC client.
// Both have an image of busybox and a network of their own; that of the CNI bridge plugin is measured in two forms.

import { join } from "node:path";

import { cachedImages } from "../conformance/images/cached.ts";
import { runWithHostCgroups } from "../conformance/own-host.ts";

const images = await cachedImages();
process.exitCode = await runWithHostCgroups(join(import.meta.dirname, "cri-inside.ts"), [
  images,
  ...process.argv.slice(2),
]);
