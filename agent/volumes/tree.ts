// Directories of volumes and pods: listing, and removal that stays inside.

import { readdir } from "node:fs/promises";

import { isErrno } from "../base/errors.ts";
import { AT_FDCWD, O } from "../system/system.ts";
import type { System } from "../system/system.ts";

/** Missing is empty. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

/** Removes a tree under `parent` without following links or crossing mounts. Missing is success. */
export async function removeTree(system: System, parent: string, name: string): Promise<void> {
  let directory: number;
  try {
    directory = system.openat2(AT_FDCWD, parent, { flags: O.PATH | O.DIRECTORY });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  try {
    await system.removeTree(directory, name);
  } finally {
    system.close(directory);
  }
}
