// The process that has the store is killed at random moments of loading and removing: an image is whole or absent, and
// nothing else is left. NODELET_KILLS says how often.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { describeImage, leftovers, openImages, scratch } from "./support.ts";

const kills = Number(process.env["NODELET_KILLS"] ?? 12);
/** Long enough to get through one round of loading and removing. */
const ROUND_MS = 700;

const program = `
  import { openImageStore } from ${JSON.stringify(resolve("agent/images/image-store.ts"))};
  import { openStore } from ${JSON.stringify(resolve("agent/store/sqlite-store.ts"))};
  import { createLinuxSystem } from ${JSON.stringify(resolve("agent/system/linux.ts"))};
  const [stateDir, layout] = process.argv.slice(1);
  const system = createLinuxSystem();
  const store = await openStore(stateDir, { system });
  const images = openImageStore({ system, store, stateDir });
  await images.collect();
  console.log("ready");
  for (;;) {
    const [image] = await images.load(layout);
    await images.createSnapshot(image.id, "container");
    await images.removeSnapshot("container");
    await images.remove(image.id);
  }
`;

/** Processes with the directory on their command line or in their name's place cannot be told; unpackers by their parent can. */
function childrenOf(pid: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid ? Number(name) : [];
    } catch {
      return [];
    }
  });
}

test("killed at random moments", async (t) => {
  const directory = scratch(t);
  const layout = join(directory, "layout");
  const files = (layer: number): TarEntry[] =>
    Array.from({ length: 400 }, (_, index) => ({
      name: `d${index % 9}/f${layer}-${index}`,
      content: "x".repeat(index * 40),
    }));
  const written = await writeOciLayout(layout, {
    ref: "a/b:1",
    layers: [0, 1, 2].map((layer) => ({ tar: [...files(layer), { name: `d${layer}/.wh.f0-${layer}` }] })),
  });
  const reference = await openImages(t, join(directory, "reference"));
  const [whole] = await reference.images.load(layout);
  const expected = describeImage(reference.images, whole!.id);
  const stateDir = join(directory, "killed", "state");
  let found = 0;
  for (let kill = 0; kill < kills; kill++) {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program, stateDir, layout], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(child, "exit");
    t.teardown(() => child.kill("SIGKILL"));
    await once(child.stdout, "data");
    await sleep(Math.random() * ROUND_MS);
    const unpackers = childrenOf(child.pid!);
    child.kill("SIGKILL");
    await exit;
    for (let wait = 0; wait < 100 && unpackers.some((pid) => existsSync(`/proc/${pid}`)); wait++) await sleep(20);
    t.notOk(
      unpackers.some((pid) => existsSync(`/proc/${pid}`)),
      "the unpackers end with it",
    );

    const opened = await openImages(t, join(directory, "killed"));
    const { images } = opened;
    t.strictSame(opened.warnings, []);
    const [image] = images.list();
    if (image === undefined) {
      for (const key of images.snapshotKeys()) await images.removeSnapshot(key);
      t.strictSame(leftovers(stateDir), [], "absent without a trace");
    } else {
      found++;
      t.equal(image.id, written.config.digest);
      t.strictSame(describeImage(images, image.id), expected, "whole");
      for (const key of images.snapshotKeys()) await images.removeSnapshot(key);
      await images.remove(image.id);
      t.strictSame(leftovers(stateDir), []);
    }
    await opened.close();
  }
  t.comment(`${kills} kills, the image was there after ${found}`);
});
