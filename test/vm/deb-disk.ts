// The .deb on a disk for a test machine.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { buildDeb, packageTree } from "../../scripts/package.ts";
import { contentDisk, type ContentDisk } from "./content-disk.ts";

const run = promisify(execFile);

/** Labelled `deb`, the package in it is `nodelet.deb`. */
export async function debDisk(): Promise<ContentDisk> {
  return await contentDisk("deb", async (content) => {
    const scratch = await mkdtemp(join(tmpdir(), "ndl-package-"));
    try {
      const tree = join(scratch, "tree");
      await mkdir(tree, { mode: 0o755 });
      await packageTree(tree);
      await run("mv", [await buildDeb(tree, scratch, { fast: true }), join(content, "nodelet.deb")]);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}
