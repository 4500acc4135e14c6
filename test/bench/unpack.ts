// Loading an image of four gzip layers from a local layout: megabytes of unpacked content a second, syncs included.
//
//     node test/bench/unpack.ts [MEGABYTES a layer]

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openImageStore } from "../../agent/images/image-store.ts";
import { openStore } from "../../agent/store/sqlite-store.ts";
import { createLinuxSystem } from "../../agent/system/linux.ts";
import { writeOciLayout } from "../../scripts/lib/oci-layout.ts";
import { makeLayers } from "./material.ts";

const MEGABYTE = 1_000_000;
const LAYERS = 4;
const ROUNDS = 3;
const SNAPSHOTS = 500;

const perLayer = Number(process.argv[2] ?? 40) * MEGABYTE;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const base = mkdtempSync(join(tmpdir(), "nodelet-unpack-"));
try {
  const layers = makeLayers(LAYERS, perLayer);
  const layout = join(base, "layout");
  const written = await writeOciLayout(layout, { ref: "bench/unpack:1", layers });
  let unpacked = 0;
  let packed = 0;
  let inflate = 0;
  let hash = 0;
  for (const layer of written.layers) {
    const blob = readFileSync(join(layout, "blobs", layer.digest.replace(":", "/")));
    packed += blob.length;
    let start = performance.now();
    const tar = gunzipSync(blob);
    inflate += performance.now() - start;
    start = performance.now();
    createHash("sha256").update(tar).digest();
    hash += performance.now() - start;
    unpacked += tar.length;
  }
  const rate = (milliseconds: number): string => `${Math.round(unpacked / MEGABYTE / (milliseconds / 1000))} MB/s`;
  const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);
  console.log(`${LAYERS} gzip layers, ${megabytes(packed)} MB packed, ${megabytes(unpacked)} MB unpacked`);
  console.log(`one core, Node's zlib alone: inflate ${rate(inflate)}, sha256 ${rate(hash)}`);

  const system = createLinuxSystem();
  const times: number[] = [];
  const creates: number[] = [];
  const removes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const stateDir = join(base, `state-${round}`);
    const store = await openStore(stateDir, { system });
    const images = openImageStore({ system, store, stateDir });
    const start = performance.now();
    const [image] = await images.load(layout);
    times.push(performance.now() - start);
    for (let index = 0; image !== undefined && index < SNAPSHOTS; index++) {
      let mark = performance.now();
      await images.createSnapshot(image.id, `bench-${index}`);
      creates.push(performance.now() - mark);
      mark = performance.now();
      await images.removeSnapshot(`bench-${index}`);
      removes.push(performance.now() - mark);
    }
    await images.close();
    await store.close();
    // The directory stays until the end: ext4 makes files slowly where others were deleted a moment ago.
  }
  console.log(
    `load: ${rate(median(times))} of unpacked content (${times.map((time) => `${Math.round(time)} ms`).join(", ")})`,
  );
  console.log(
    `createSnapshot ${Math.round(median(creates) * 1000)} us, removeSnapshot ${Math.round(median(removes) * 1000)} us`,
  );
} finally {
  rmSync(base, { recursive: true, force: true });
}
