// time limit: 300 s
// soak limit: 3600 s
// The process that has the store, and its helpers, are killed at random moments of loading, pulling and removing: an image is
// whole or absent, nothing else is left, and the next pull succeeds. NODELET_KILLS says how often, NODELET_KILL_SEED when.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { type ImageSource, writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { DebianRegistry } from "../../fixtures/registry.ts";
import { countOf, type Random, seeded, seedOf } from "../../fixtures/soak.ts";
import { describeImage, leftovers, openImages, scratch } from "./support.ts";

const kills = countOf("NODELET_KILLS", { short: 6, soak: 100 });
const seed = seedOf("NODELET_KILL_SEED");
const HANG_MS = 60_000;

const program = `
  import { openImageStore } from ${JSON.stringify(resolve("agent/images/image-store.ts"))};
  import { openStore } from ${JSON.stringify(resolve("agent/store/sqlite-store.ts"))};
  import { createLinuxSystem } from ${JSON.stringify(resolve("agent/system/linux.ts"))};
  const [stateDir, how, from] = process.argv.slice(1);
  const system = createLinuxSystem();
  const store = await openStore(stateDir, { system });
  const images = openImageStore({ system, store, stateDir });
  await images.collect();
  console.log("ready");
  for (;;) {
    try {
      const image = how === "pull" ? await images.pull(from) : (await images.load(from))[0];
      await images.createSnapshot(image.id, "container");
      await images.removeSnapshot("container");
      await images.remove(image.id);
      console.log("round");
    } catch (error) {
      // A helper was killed: the call says so, and the next one goes on.
      if (error.code !== "unavailable") throw error;
      console.log("failed");
    }
  }
`;

const files = (layer: number): TarEntry[] =>
  Array.from({ length: 300 }, (_, index) => ({
    name: `d${index % 9}/f${layer}-${index}`,
    content: "x".repeat(index * 40),
  }));
const source: ImageSource = {
  layers: [0, 1, 2].map((layer) => ({ tar: [...files(layer), { name: `d${layer}/.wh.f0-${layer}` }] })),
};

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

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Kills a helper now and then, at last the process itself, and waits until all of them are gone. */
async function disturb(
  child: ChildProcess,
  roundMs: number,
  random: Random,
): Promise<{ helpers: number; remaining: number[] }> {
  const pid = child.pid!;
  const exit = once(child, "exit");
  let helpers = 0;
  for (let more = random(3); more > 0; more--) {
    await sleep(random(roundMs));
    const candidates = childrenOf(pid);
    const victim = candidates[random(Math.max(1, candidates.length))];
    if (victim === undefined) continue;
    kill(victim);
    helpers++;
  }
  await sleep(random(roundMs));
  const running = childrenOf(pid);
  child.kill("SIGKILL");
  await exit;
  const remaining = (): number[] => running.filter((helper) => existsSync(`/proc/${helper}`));
  for (let waited = 0; waited < HANG_MS && remaining().length > 0; waited += 20) await sleep(20);
  return { helpers, remaining: remaining() };
}

for (const how of ["load", "pull"] as const) {
  test(`killed at random moments of a ${how}`, async (t) => {
    t.comment(`NODELET_KILL_SEED=${seed}`);
    const random = seeded(seed);
    const directory = scratch(t);
    const layout = join(directory, "layout");
    const written = await writeOciLayout(layout, { ...source, ref: "a/b:1" });
    await using registry = await DebianRegistry.start(join(directory, "registry"));
    await registry.push("a/b", "1", source);
    const from = how === "pull" ? `${registry.address}/a/b:1` : layout;
    const reference = await openImages(t, join(directory, "reference"));
    const began = performance.now();
    const [whole] = await reference.images.load(layout);
    // Long enough on this machine, as busy as it is now, to get through a round and into the next.
    const roundMs = Math.min(10_000, Math.ceil(1.2 * (performance.now() - began)));
    const expected = describeImage(reference.images, whole!.id);
    const stateDir = join(directory, "killed", "state");
    let found = 0;
    let rounds = 0;
    let failed = 0;
    let helpers = 0;
    for (let round = 0; round < kills; round++) {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program, stateDir, how, from], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      t.teardown(() => child.kill("SIGKILL"));
      let said = "";
      child.stdout.on("data", (data: Buffer) => {
        said += data.toString();
      });
      await once(child.stdout, "data");
      const killed = await disturb(child, roundMs, random);
      helpers += killed.helpers;
      rounds += said.split("round").length - 1;
      failed += said.split("failed").length - 1;
      t.strictSame(killed.remaining, [], "the helpers end with it");

      const opened = await openImages(t, join(directory, "killed"));
      const { images } = opened;
      t.strictSame(opened.warnings, []);
      for (const key of images.snapshotKeys()) await images.removeSnapshot(key);
      const [image] = images.list();
      if (image === undefined) {
        t.strictSame(leftovers(stateDir), [], "absent without a trace");
      } else {
        found++;
        t.equal(image.id, written.config.digest);
        t.strictSame(describeImage(images, image.id), expected, "whole");
        t.equal(leftovers(stateDir).length, source.layers.length + 2, "layers, configuration and manifest alone");
        await images.remove(image.id);
        t.strictSame(leftovers(stateDir), [], "removed without a trace");
      }
      const again = how === "pull" ? await images.pull(from) : (await images.load(from))[0]!;
      t.strictSame(describeImage(images, again.id), expected, `the next ${how} succeeds`);
      // Every other time the process begins with an image that is there.
      if (random(2) === 0) await images.remove(again.id);
      await opened.close();
    }
    t.comment(
      `rounds of ${roundMs} ms: ${kills} kills of the process and ${helpers} of helpers, ${rounds} whole rounds and ${failed} failed ones in between, ` +
        `the image was there after ${found}`,
    );
  });
}
