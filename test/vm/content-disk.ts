// A disk for a test machine, with whatever the test puts into it.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const SPARE_MIB = 32;

export interface ContentDisk extends AsyncDisposable {
  /** A raw ext4 file system with the label that was asked for. */
  readonly path: string;
}

/** `fill` puts files into the directory that it is given. */
export async function contentDisk(label: string, fill: (content: string) => Promise<void>): Promise<ContentDisk> {
  const scratch = await mkdtemp(join(tmpdir(), `ndl-${label}-`));
  const dispose = async (): Promise<void> => await rm(scratch, { recursive: true, force: true });
  try {
    const [content, path] = [join(scratch, "content"), join(scratch, "disk")];
    await mkdir(content, { mode: 0o755 });
    await fill(content);
    const { stdout } = await run("du", ["-sm", content]);
    const size = `${Number.parseInt(stdout, 10) + SPARE_MIB}M`;
    await run("mke2fs", ["-q", "-t", "ext4", "-L", label, "-d", content, path, size]);
    return { path, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** As an option of a machine: read only, in the guest by its label. */
export function readOnlyDisk(name: string, path: string): { name: string; blockdev: Record<string, unknown> } {
  return { name, blockdev: { driver: "raw", "read-only": true, file: { driver: "file", filename: path } } };
}
