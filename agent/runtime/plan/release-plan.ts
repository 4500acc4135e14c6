// What a sandbox has mounted on the host, unmounted by a process of its own: one that hangs in the kernel is given up on.

import { PlanBuilder } from "./builder.ts";
import type { Plan } from "./operations.ts";

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

export interface Mounted {
  readonly path: string;
  /** Field of the pod that asked for it. */
  readonly cause: string;
}

/** A step for each, in order; one that fails keeps none of the others back. */
export function compileReleasePlan(mounted: readonly Mounted[]): Plan {
  const plan = new PlanBuilder();
  for (const { path, cause } of mounted)
    plan.add("host", "umount", { path, flags: MNT_DETACH | UMOUNT_NOFOLLOW }, cause, "any");
  return plan.build();
}
