// The images of the suites, built anew when what they are made of has changed.

import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";
import { buildImages, type ImageSet } from "./build.ts";

/** The layout of a suite's images. */
export async function cachedImages(set: ImageSet = "critest"): Promise<string> {
  const root = packageRoot();
  const target = join(root, "build", "conformance", "images", set);
  const stamp = `${target}.stamp`;
  const sources = [
    ...globSync("test/conformance/images/**/*.{ts,c}", { cwd: root }),
    ...globSync("scripts/{busybox-image,lib/*}.ts", { cwd: root }),
  ].toSorted();
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(join(root, source)));
  const wanted = hash.digest("hex");
  if (!existsSync(target) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    await buildImages(set, target);
    writeFileSync(stamp, wanted);
  }
  return target;
}
