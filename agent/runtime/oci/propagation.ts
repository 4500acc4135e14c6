// Mount propagation needs a source that takes part in it: a private one would silently propagate nothing.

import { NodeletError } from "../../base/errors.ts";
import { mountOf, type Mount } from "../../system/mountinfo.ts";
import type { OciSpec } from "./types.ts";

/**
 * Checks the bind mounts of a spec against the host's mounts. Bidirectional takes a shared source, HostToContainer a shared one
 * or a slave. Sources have to be resolved: links are not followed here. Throws `invalid`, naming the mount.
 */
export function checkPropagation(spec: OciSpec, mounts: readonly Mount[]): void {
  for (const [index, { source, options = [] }] of (spec.mounts ?? []).entries()) {
    const both = options.includes("rshared") || options.includes("shared");
    const inward = options.includes("rslave") || options.includes("slave");
    if (source === undefined || (!both && !inward)) continue;
    const mount = mountOf(mounts, source);
    if (mount === undefined || mount.shared !== undefined || (!both && mount.master !== undefined)) continue;
    throw new NodeletError(
      "invalid",
      `${source} lies on the mount ${mount.mountPoint}, which is ${mount.master === undefined ? "private" : "a slave"}: ` +
        `mounts made ${both ? "inside would not be seen outside" : "on the host would not be seen inside"}`,
      {
        where: `mounts[${index}]`,
        fix: `make it shared on the host (mount --make-rshared ${mount.mountPoint}), or use no mount propagation`,
      },
    );
  }
}
