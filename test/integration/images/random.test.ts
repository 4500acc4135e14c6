// time limit: 300 s
// soak limit: 3600 s
// Random images against umoci: every type, attribute and compression, layers that change each other.
// NODELET_RANDOM_IMAGES and NODELET_RANDOM_SEED choose how many, and which; NODELET_SOAK=1 makes it 500.

import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";
import { compressed, randomLayers } from "./random-image.ts";
import { describeImage, describeTree, openImages, scratch } from "./support.ts";

const count = countOf("NODELET_RANDOM_IMAGES", { short: 40, soak: 500 });
const seed = seedOf("NODELET_RANDOM_SEED");

test("random images", { skip: existsSync("/usr/bin/umoci") ? false : "umoci is missing" }, async (t) => {
  t.comment(`NODELET_RANDOM_SEED=${seed}`);
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  let entries = 0;
  for (let index = 0; index < count; index++) {
    const random = seeded(seed + index);
    const layers = randomLayers(random);
    const { plain, mixed } = compressed(layers, random);
    const reference = join(directory, "reference");
    const layout = join(directory, "layout");
    const bundle = join(directory, "bundle");
    await writeOciLayout(reference, { ref: "random/image:1", layers: plain });
    await writeOciLayout(layout, { ref: "random/image:1", layers: mixed });
    execFileSync("umoci", ["unpack", "--image", `${reference}:random/image:1`, bundle], { stdio: "pipe" });
    const [image] = await images.load(layout);
    const expected = describeTree(join(bundle, "rootfs"));
    const found = describeImage(images, image!.id);
    entries += found.length;
    const repeat = `NODELET_RANDOM_SEED=${seed + index} NODELET_RANDOM_IMAGES=1`;
    if (!t.strictSame(found, expected, repeat)) {
      t.comment(repeat, JSON.stringify(layers));
      break;
    }
    await images.remove(image!.id);
    for (const path of [reference, layout, bundle]) rmSync(path, { recursive: true });
  }
  t.comment(`${count} images, ${entries} entries compared`);
});
