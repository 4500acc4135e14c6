// Builds the images of the conformance suites into an OCI layout, without a container engine.
//
//     node test/conformance/images/build.ts DIRECTORY
//
// Needs the network when a package is asked for the first time. The same packages give the same digests.

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { writeOciIndex } from "../../../scripts/lib/oci-layout.ts";
import { critestImages } from "./catalog.ts";

export async function buildImages(target: string): Promise<void> {
  const scratch = `${target}.new`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(dirname(target), { recursive: true });
  await writeOciIndex(scratch, critestImages());
  rmSync(target, { recursive: true, force: true });
  renameSync(scratch, target);
}

if (import.meta.main) {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    console.error("usage: node test/conformance/images/build.ts DIRECTORY");
    process.exit(2);
  }
  await buildImages(target);
}
