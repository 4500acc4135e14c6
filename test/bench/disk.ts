// A disk as an installer formats it: ext4 with a journal, in a file that is mounted through a loop device.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The file is sparse. */
const SIZE_BYTES = 4 * 1024 ** 3;

export interface Disk extends Disposable {
  readonly directory: string;
}

/**
 * Machines made for tests often have an ext4 without a journal, which passes over inodes that were freed in the last minutes and so
 * gets slower with every container that is removed. Throws where loop devices cannot be used.
 */
export function journaledDisk(): Disk {
  const base = mkdtempSync(join(tmpdir(), "nodelet-bench-disk-"));
  const image = join(base, "ext4.img");
  const directory = join(base, "mount");
  mkdirSync(directory);
  writeFileSync(image, "");
  truncateSync(image, SIZE_BYTES);
  const remove = (): void => rmSync(base, { recursive: true, force: true });
  try {
    execFileSync("mkfs.ext4", ["-q", "-F", image], { stdio: "pipe" });
    execFileSync("mount", ["-o", "loop", image, directory], { stdio: "pipe" });
  } catch (error) {
    remove();
    throw error;
  }
  return {
    directory,
    [Symbol.dispose]() {
      execFileSync("umount", [directory], { stdio: "pipe" });
      remove();
    },
  };
}
