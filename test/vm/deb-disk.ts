// The .deb on a disk for a test machine.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { buildDeb, packageTree } from "../../scripts/package.ts";

const run = promisify(execFile);

export interface DebDisk extends AsyncDisposable {
  /** A raw ext4 file system with the package as `nodelet.deb`, labelled `deb`. */
  readonly path: string;
}

export async function debDisk(): Promise<DebDisk> {
  const scratch = await mkdtemp(join(tmpdir(), "ndl-deb-"));
  const dispose = async (): Promise<void> => await rm(scratch, { recursive: true, force: true });
  try {
    const [tree, content, path] = ["tree", "content", "disk"].map((name) => join(scratch, name)) as [
      string,
      string,
      string,
    ];
    await mkdir(tree, { mode: 0o755 });
    await mkdir(content);
    await packageTree(tree);
    await run("mv", [await buildDeb(tree, scratch, { fast: true }), join(content, "nodelet.deb")]);
    await run("mke2fs", ["-q", "-t", "ext4", "-L", "deb", "-d", content, path, "160M"]);
    return { path, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
