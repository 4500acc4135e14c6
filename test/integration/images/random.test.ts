// time limit: 300 s
// Random images against umoci. NODELET_RANDOM_IMAGES and NODELET_RANDOM_SEED choose how many, and which.

import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { randomLayers, seeded } from "./random-image.ts";
import { describeImage, describeTree, openImages, scratch } from "./support.ts";

const count = Number(process.env["NODELET_RANDOM_IMAGES"] ?? 40);
const seed = Number(process.env["NODELET_RANDOM_SEED"] ?? Date.now() % 2 ** 31);

test("random images", { skip: existsSync("/usr/bin/umoci") ? false : "umoci is missing" }, async (t) => {
  t.comment(`NODELET_RANDOM_SEED=${seed}`);
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  for (let index = 0; index < count; index++) {
    const layers = randomLayers(seeded(seed + index));
    const layout = join(directory, "layout");
    const bundle = join(directory, "bundle");
    await writeOciLayout(layout, { ref: "random/image:1", layers: layers.map((tar) => ({ tar })) });
    execFileSync("umoci", ["unpack", "--image", `${layout}:random/image:1`, bundle], { stdio: "pipe" });
    const [image] = await images.load(layout);
    const expected = describeTree(join(bundle, "rootfs"));
    const found = describeImage(images, image!.id);
    if (!t.strictSame(found, expected, `NODELET_RANDOM_SEED=${seed + index} NODELET_RANDOM_IMAGES=1`)) {
      t.comment(JSON.stringify(layers));
      break;
    }
    await images.remove(image!.id);
    rmSync(layout, { recursive: true });
    rmSync(bundle, { recursive: true });
  }
});
