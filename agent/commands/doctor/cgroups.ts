// Control groups: the tree, its controllers, and what its files can do.

import { randomBytes } from "node:crypto";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";

import { findHierarchy, REQUIRED_CONTROLLERS, type Hierarchy } from "../../system/cgroupfs.ts";
import { Findings, reason, type Finding } from "./finding.ts";
import type { Host } from "./host.ts";

export function checkCgroups(host: Host): readonly Finding[] {
  const found = new Findings("cgroups");
  let hierarchy: Hierarchy | undefined;
  try {
    hierarchy = findHierarchy(host.mounts());
  } catch (error) {
    found.fatal("version 2", reason(error), "Mount it with `mount -t cgroup2 none /sys/fs/cgroup`.");
    return found.list;
  }
  if (hierarchy === undefined) {
    found.fatal(
      "version 2",
      "not mounted",
      "Mount it with `mount -t cgroup2 none /sys/fs/cgroup`, or boot with systemd.unified_cgroup_hierarchy=1.",
    );
    return found.list;
  }
  if (hierarchy.pure) found.ok("version 2", `at ${hierarchy.root}`);
  else
    found.warn(
      "version 2",
      `at ${hierarchy.root}, with version 1 beside it`,
      "A controller that version 1 uses is not there for version 2.",
      "Boot with systemd.unified_cgroup_hierarchy=1 or cgroup_no_v1=all.",
    );

  const { controllers } = hierarchy;
  const lacking = REQUIRED_CONTROLLERS.filter((name) => !controllers.includes(name));
  if (lacking.length === 0) found.ok("controllers", controllers.join(", "));
  else
    found.missing(
      "controllers",
      `no ${lacking.join(", ")}${controllers.length === 0 ? "" : `; there are ${controllers.join(", ")}`}`,
      "The agent does not start; with --allow-missing-cgroup-controllers it does, and containers run without these limits and counts.",
      "Free them from version 1, or enable them in cgroup.subtree_control of the tree that this host was given.",
    );

  if (host.root) checkOwnGroup(hierarchy.root, host, found);
  return found.list;
}

/** Makes a group for a moment, and looks at the files in it. */
function checkOwnGroup(root: string, host: Host, found: Findings): void {
  const directory = join(root, `nodelet-doctor-${randomBytes(4).toString("hex")}`);
  try {
    mkdirSync(directory);
  } catch (error) {
    found.fatal(
      "own groups",
      `cannot make one in ${root}: ${reason(error)}`,
      "Mount the tree writable: in a container of its own nodelet has to be privileged.",
    );
    return;
  }
  try {
    found.ok("own groups", "can be made");
    if (host.exists(join(directory, "cgroup.kill"))) found.ok("cgroup.kill", "there");
    else found.fatal("cgroup.kill", "not there", "Use Linux 5.14 or later.", "Containers cannot be ended for certain.");
    if (host.exists(join(directory, "memory.pressure"))) found.ok("pressure (PSI)", "there, for each group");
    else
      found.warn(
        "pressure (PSI)",
        "not there",
        "Nobody can see how long containers wait for CPU, memory and disk.",
        "Boot with psi=1, on a kernel with CONFIG_PSI.",
      );
  } finally {
    rmdirSync(directory);
  }
}
