// Loading an image of four gzip layers from a local layout: megabytes of unpacked content a second, syncs included.
//
//     node test/bench/unpack.ts [MEGABYTES a layer]

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openImageStore } from "../../agent/images/image-store.ts";
import { openStore } from "../../agent/store/sqlite-store.ts";
import { createLinuxSystem } from "../../agent/system/linux.ts";
import { writeOciLayout } from "../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../scripts/lib/tar.ts";

const MEGABYTE = 1_000_000;
const LAYERS = 4;
const ROUNDS = 3;
const SNAPSHOTS = 500;

const perLayer = Number(process.argv[2] ?? 40) * MEGABYTE;

/** Files of this machine, as images hold them: programs, libraries, texts, of all sizes. */
function* material(): Generator<Buffer> {
  for (const directory of [
    "/usr/bin",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/share/perl",
    "/usr/lib",
  ]) {
    if (!existsSync(directory)) continue;
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile() === true && stat.size < 16 * MEGABYTE) yield readFileSync(path);
    }
  }
}

function makeLayers(): { tar: TarEntry[]; compression: "gzip" }[] {
  const layers = Array.from({ length: LAYERS }, () => ({ tar: [] as TarEntry[], compression: "gzip" as const }));
  let layer = 0;
  let size = 0;
  while (layer < LAYERS) {
    for (const content of material()) {
      const target = layers[layer];
      if (target === undefined) break;
      target.tar.push({
        name: `opt/${layer}/${target.tar.length % 40}/file-${target.tar.length}`,
        content,
        mode: 0o755,
      });
      size += content.length;
      if (size < perLayer) continue;
      layer++;
      size = 0;
    }
    if (size === 0 && layer === 0) throw new Error("Cannot find files on this machine to make layers of");
  }
  return layers;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const base = mkdtempSync(join(tmpdir(), "nodelet-unpack-"));
try {
  const layers = makeLayers();
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
