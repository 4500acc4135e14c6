// Which images an agent removes by itself: full disks are made of low thresholds.
// time limit: 180 s

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { FieldNode, FOREVER, sh } from "../../fixtures/fields.ts";
import { setting } from "../../fixtures/settings.ts";

const UNUSED = "localhost/nodelet/unused:1";

const scratch = mkdtempSync(join(tmpdir(), "nodelet-image-garbage-"));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
const file = join(scratch, "kubelet.yaml");
const configure = (fields: object): void =>
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", ...fields }),
  );
const layout = join(scratch, "unused");
await writeOciLayout(layout, { ...busyboxImage(UNUSED), created: "2026-01-01T00:00:00Z" });

const full = { imageGCHighThresholdPercent: 1, imageGCLowThresholdPercent: 0 };
configure({ ...full, imageMinimumGCAge: "1h" });
const node = await FieldNode.create(31, [`--config=${file}`]);
t.teardown(() => node[Symbol.asyncDispose]());
const restart = async (): Promise<void> => {
  await node.agent.signal("SIGTERM");
  await node.agent.start();
};
const images = async (): Promise<string> => (await node.agent.command("images")).out;
const load = async (): Promise<void> => {
  const { code, err } = await node.agent.command("load", layout);
  if (code !== 0) throw new Error(err);
};
await node.running(await node.run(sh(FOREVER)));

setting(t, "imageMinimumGCAge", "an image that came a moment ago stays, however full the disk is", async (t) => {
  await load();
  await restart();
  await eventually("a look at the disk", async () =>
    (await node.agent.command("events")).out.includes("FreeDiskSpaceFailed"),
  );
  t.match(await images(), "nodelet/unused");
});

setting(
  t,
  ["imageGCHighThresholdPercent", "imageGCLowThresholdPercent"],
  "from the one on, unused images are removed until the disk is below the other",
  async (t) => {
    configure({ ...full, imageMinimumGCAge: "1ms" });
    await restart();
    await eventually("the unused image is gone", async () => !(await images()).includes("nodelet/unused"));
    t.match(await images(), "nodelet/busybox", "the one of a pod stays");
  },
);

setting(
  t,
  "imageMaximumGCAge",
  "an image that nothing used for longer is removed, whatever room there is",
  async (t) => {
    configure({ imageGCHighThresholdPercent: 100, imageMinimumGCAge: "1ms", imageMaximumGCAge: "2s" });
    await restart();
    await load();
    t.match(await images(), "nodelet/unused");
    await eventually("the unused image is gone", async () => !(await images()).includes("nodelet/unused"));
    t.match(await images(), BUSYBOX_REF.replace("localhost/", "").replace(":1", ""));
  },
);
