// The cgroup tree that pods and shims live in.

import { NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { AgentOptions } from "../../config/options.ts";
import { Cgroups, findHierarchy } from "../../system/cgroupfs.ts";
import type { System } from "../../system/system.ts";

export interface CgroupsRequest {
  readonly system: System;
  readonly options: Pick<AgentOptions, "allowMissingCgroupControllers">;
  readonly shimCgroup: string;
  readonly log: Logger;
}

/** `unsupported` says what the host lacks and how to go on. */
export function openCgroups({ system, options, shimCgroup, log }: CgroupsRequest): Cgroups {
  const hierarchy = findHierarchy();
  if (hierarchy === undefined) {
    throw new NodeletError("unsupported", "there is no cgroup version 2 tree on this host", {
      fix: "Mount it with `mount -t cgroup2 none /sys/fs/cgroup`; see `nodelet doctor`",
    });
  }
  const cgroups = new Cgroups({
    system,
    hierarchy,
    allowMissingControllers: options.allowMissingCgroupControllers,
    shimCgroup,
    log: log.child({ part: "cgroups" }),
  });
  if (cgroups.missing.length > 0 && !options.allowMissingCgroupControllers) {
    throw new NodeletError(
      "unsupported",
      `the cgroup tree at ${cgroups.root} lacks the controllers ${cgroups.missing.join(", ")}`,
      {
        fix: "See `nodelet doctor`, or run without limits by --allow-missing-cgroup-controllers",
      },
    );
  }
  return cgroups;
}
