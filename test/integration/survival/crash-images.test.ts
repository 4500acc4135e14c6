// time limit: 400 s
// soak limit: 7200 s
// The process that has the images is killed before each step of a load, a pull and a removal that changes something (make soak: before every
// one; NODELET_CRASHES): an image is whole or absent, nothing else is left, and the next load or pull succeeds. NODELET_SEED chooses the steps.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import t from "tap";

import { writeOciLayout, type ImageSource } from "../../../scripts/lib/oci-layout.ts";
import { chooseSteps, runUntilStep } from "../../fixtures/crash-run.ts";
import { DebianRegistry } from "../../fixtures/registry.ts";
import { seeded, seedOf } from "../../fixtures/soak.ts";
import { describeImage, leftovers, openImages } from "../images/support.ts";

const SCENARIO = resolve(import.meta.dirname, "..", "..", "fixtures", "crash-images.ts");
const SHORT = 4;

const seed = seedOf("NODELET_SEED");

const source: ImageSource = {
  layers: [0, 1, 2].map((layer) => ({
    tar: Array.from({ length: 40 }, (_, index) => ({
      name: `d${index % 5}/f${layer}-${index}`,
      content: "x".repeat(index * 40),
    })),
  })),
};

for (const how of ["load", "pull"] as const) {
  await t.test(`killed before a step of a ${how}`, async (t) => {
    t.comment(`NODELET_SEED=${seed}`);
    const directory = mkdtempSync(join(tmpdir(), "ndl-crash-"));
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    const layout = join(directory, "layout");
    await writeOciLayout(layout, { ...source, ref: "a/b:1" });
    await using registry = await DebianRegistry.start(join(directory, "registry"));
    await registry.push("a/b", "1", source);
    const from = how === "pull" ? `${registry.address}/a/b:1` : layout;

    const reference = await openImages(t, join(directory, "reference"));
    const [loaded] = await reference.images.load(layout);
    const expected = describeImage(reference.images, loaded?.id ?? "");
    const killed = join(directory, "killed");
    const stateDir = join(killed, "state");
    const { out } = await runUntilStep(SCENARIO, [stateDir, how, from], 0);
    const steps = JSON.parse(out) as string[];
    t.ok(steps.length > 15, `${steps.length} steps: ${steps.join(", ")}`);

    for (const at of chooseSteps(steps.length, SHORT, seeded(seed))) {
      await t.test(`${at}: ${steps[at - 1]}`, async (t) => {
        const { signal } = await runUntilStep(SCENARIO, [stateDir, how, from], at);
        // Layers come at the same time: which is first differs by a step or two.
        t.ok(signal === "SIGKILL" || at > steps.length - 5, "it was killed there");
        const opened = await openImages(t, killed);
        t.strictSame(opened.warnings, []);
        for (const key of opened.images.snapshotKeys()) await opened.images.removeSnapshot(key);
        const [image] = opened.images.list();
        if (image !== undefined) {
          t.strictSame(describeImage(opened.images, image.id), expected, "whole");
          await opened.images.remove(image.id);
        }
        t.strictSame(
          leftovers(stateDir),
          [],
          image === undefined ? "absent without a trace" : "removed without a trace",
        );
        const again = how === "pull" ? await opened.images.pull(from) : (await opened.images.load(from))[0];
        t.strictSame(describeImage(opened.images, again?.id ?? ""), expected, `the next ${how} succeeds`);
        await opened.images.remove(again?.id ?? "");
        await opened.close();
      });
    }
  });
}
