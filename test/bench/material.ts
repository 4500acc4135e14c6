// What the benchmarks make images of.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import type { Compression } from "../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../scripts/lib/tar.ts";

const MEGABYTE = 1_000_000;

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

/** Layers of so many bytes of content each, all different. */
export function makeLayers(
  count: number,
  bytes: number,
  compression: Compression = "gzip",
): { tar: TarEntry[]; compression: Compression }[] {
  const layers = Array.from({ length: count }, () => ({ tar: [] as TarEntry[], compression }));
  let layer = 0;
  let size = 0;
  while (layer < count) {
    for (const content of material()) {
      const target = layers[layer];
      if (target === undefined) break;
      target.tar.push({
        name: `opt/${layer}/${target.tar.length % 40}/file-${target.tar.length}`,
        content,
        mode: 0o755,
      });
      size += content.length;
      if (size < bytes) continue;
      layer++;
      size = 0;
    }
    if (size === 0 && layer === 0) throw new Error("Cannot find files on this machine to make layers of");
  }
  return layers;
}
