// Builds the images of a suite into an OCI layout, without a container engine.
//
//     node test/conformance/images/build.ts critest|kubernetes|cluster DIRECTORY
//
// Needs the network when a package is asked for the first time. The same packages give the same digests.

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { writeOciIndex, type ImageSource } from "../../../scripts/lib/oci-layout.ts";
import { clusterImages } from "./cluster-images.ts";
import { critestImages } from "./critest-images.ts";
import { kubernetesImages } from "./kubernetes-images.ts";

export type ImageSet = "critest" | "kubernetes" | "cluster";

const SETS: Readonly<Record<ImageSet, () => readonly ImageSource[]>> = {
  critest: critestImages,
  kubernetes: kubernetesImages,
  cluster: clusterImages,
};

export async function buildImages(set: ImageSet, target: string): Promise<void> {
  const scratch = `${target}.new`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(dirname(target), { recursive: true });
  await writeOciIndex(scratch, SETS[set]());
  rmSync(target, { recursive: true, force: true });
  renameSync(scratch, target);
}

if (import.meta.main) {
  const [set = "", target] = process.argv.slice(2);
  if (!Object.hasOwn(SETS, set) || target === undefined) {
    console.error("usage: node test/conformance/images/build.ts critest|kubernetes|cluster DIRECTORY");
    process.exit(2);
  }
  await buildImages(set as ImageSet, target);
}
