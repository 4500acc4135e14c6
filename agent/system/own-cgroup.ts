import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { NodeletError } from "../base/errors.ts";
import { findHierarchy } from "./cgroupfs.ts";

/** Moves this process to the group at this path of the version 2 hierarchy, which is made when it is not there. Throws `invalid`. */
export function enterCgroup(path: string): void {
  const hierarchy = findHierarchy();
  const fix = "Name a group that has no groups with controllers in it, or leave kubeletCgroups out";
  if (hierarchy === undefined || path.split("/").includes(".."))
    throw new NodeletError("invalid", "There can be no such cgroup", { where: path, fix });
  const directory = join(hierarchy.root, path);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "cgroup.procs"), String(process.pid));
  } catch (cause) {
    throw new NodeletError("invalid", "The daemon cannot move into this cgroup", { where: path, cause, fix });
  }
}
