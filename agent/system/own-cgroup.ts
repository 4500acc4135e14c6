import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { isErrno, NodeletError } from "../base/errors.ts";
import { findHierarchy } from "./cgroupfs.ts";
import { ownCgroup } from "./procfs.ts";

/**
 * Moves this process to the group at this path of the version 2 hierarchy, which is made when it is not there. Disposed, the process is where
 * it was before, and what was made is gone, unless others are in it. Throws `invalid`.
 */
export function enterCgroup(path: string): Disposable {
  const hierarchy = findHierarchy();
  const fix = "Name a group that has no groups with controllers in it, or leave kubeletCgroups out";
  if (hierarchy === undefined || path.split("/").includes(".."))
    throw new NodeletError("invalid", "There can be no such cgroup", { where: path, fix });
  const directory = join(hierarchy.root, path);
  const before = join(hierarchy.root, ownCgroup() ?? "");
  let made: string | undefined;
  try {
    made = mkdirSync(directory, { recursive: true });
    moveTo(directory);
  } catch (cause) {
    removeMade(directory, made);
    throw new NodeletError("invalid", "The daemon cannot move into this cgroup", { where: path, cause, fix });
  }
  return {
    [Symbol.dispose]() {
      try {
        moveTo(before);
      } catch {
        return; // that group is gone, or has groups with controllers by now
      }
      removeMade(directory, made);
    },
  };
}

function moveTo(directory: string): void {
  writeFileSync(join(directory, "cgroup.procs"), String(process.pid));
}

/** From the innermost group up to the first that was made. */
function removeMade(directory: string, first: string | undefined): void {
  if (first === undefined) return;
  try {
    for (let at = directory; at.length >= first.length; at = dirname(at)) rmdirSync(at);
  } catch (error) {
    if (!isErrno(error, "EBUSY", "ENOTEMPTY", "ENOENT")) throw error;
  }
}
