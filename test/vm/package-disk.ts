// What is tested, as a disk for the test machines: the tree of the package, as `make package` packs it, and an image to run.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readlink, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { busyboxImage } from "../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../scripts/lib/oci-layout.ts";
import { packageTree } from "../../scripts/package.ts";
import { VM_DIRECTORY } from "../../scripts/vm-image.ts";

const run = promisify(execFile);

/** In the disk: an OCI layout of localhost/nodelet/busybox:1. */
export const BUSYBOX_LAYOUT = "/mnt/package/busybox";

const SPARE_MIB = 32;

/** Builds the disk, or takes the one that was made of the same files. Earlier ones are removed. */
export async function packageDisk(): Promise<string> {
  await mkdir(VM_DIRECTORY, { recursive: true });
  const scratch = await mkdtemp(join(VM_DIRECTORY, "packing-"));
  try {
    const tree = join(scratch, "tree");
    await mkdir(tree);
    await chmod(tree, 0o755);
    await packageTree(tree);
    await writeOciLayout(join(tree, "busybox"), busyboxImage());
    const disk = join(VM_DIRECTORY, `package-${await hashOfTree(tree)}.ext4`);
    if (existsSync(disk)) return disk;
    const { stdout } = await run("du", ["-sm", tree]);
    const made = join(scratch, "disk");
    await run("mke2fs", [
      "-q",
      "-t",
      "ext4",
      "-L",
      "package",
      "-d",
      tree,
      made,
      `${Number.parseInt(stdout, 10) + SPARE_MIB}M`,
    ]);
    for (const name of await readdir(VM_DIRECTORY))
      if (/^package-\w+\.ext4$/.test(name)) await rm(join(VM_DIRECTORY, name));
    await rename(made, disk);
    return disk;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function hashOfTree(tree: string): Promise<string> {
  const hash = createHash("sha256");
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1))) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path.slice(tree.length)}\0`);
    if (entry.isSymbolicLink()) hash.update(await readlink(path));
    else if (entry.isFile()) for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  }
  return hash.digest("hex").slice(0, 16);
}
