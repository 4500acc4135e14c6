// Mount options of the OCI (config.md, mounts) sorted into what the system calls take.

import { NodeletError } from "../../base/errors.ts";
import type { OciMount } from "../oci/types.ts";
import { MOUNT_ATTR, MS } from "./constants.ts";

export interface MountOptions {
  /** Undefined: not a bind mount. */
  readonly bind: "bind" | "rbind" | undefined;
  /** MOUNT_ATTR_ flags of the mount. */
  readonly set: number;
  readonly clear: number;
  /** The same for the mount and all below it: rro, rnosuid ... */
  readonly recursiveSet: number;
  readonly recursiveClear: number;
  readonly propagation: number;
  readonly propagationRecursive: boolean;
  /** Undefined: ids are not mapped. */
  readonly idmap: "idmap" | "ridmap" | undefined;
  /** For the file system. */
  readonly data: readonly string[];
}

/** Flag to set, and what is cleared with it or instead of it. */
const ATTRIBUTES: Readonly<Record<string, readonly [set: number, clear: number]>> = {
  ro: [MOUNT_ATTR.RDONLY, 0],
  nosuid: [MOUNT_ATTR.NOSUID, 0],
  suid: [0, MOUNT_ATTR.NOSUID],
  nodev: [MOUNT_ATTR.NODEV, 0],
  dev: [0, MOUNT_ATTR.NODEV],
  noexec: [MOUNT_ATTR.NOEXEC, 0],
  exec: [0, MOUNT_ATTR.NOEXEC],
  noatime: [MOUNT_ATTR.NOATIME, MOUNT_ATTR.ATIME],
  relatime: [0, MOUNT_ATTR.ATIME],
  strictatime: [MOUNT_ATTR.STRICTATIME, MOUNT_ATTR.ATIME],
  nodiratime: [MOUNT_ATTR.NODIRATIME, 0],
  diratime: [0, MOUNT_ATTR.NODIRATIME],
  nosymfollow: [MOUNT_ATTR.NOSYMFOLLOW, 0],
  symfollow: [0, MOUNT_ATTR.NOSYMFOLLOW],
};

const PROPAGATIONS: Readonly<Record<string, readonly [flag: number, recursive: boolean]>> = {
  private: [MS.PRIVATE, false],
  rprivate: [MS.PRIVATE, true],
  slave: [MS.SLAVE, false],
  rslave: [MS.SLAVE, true],
  shared: [MS.SHARED, false],
  rshared: [MS.SHARED, true],
  unbindable: [MS.UNBINDABLE, false],
  runbindable: [MS.UNBINDABLE, true],
};

/** Say how things are without being asked; nothing follows from them. `rw` leaves a read-only source read-only, as mount(2) does. */
const NEUTRAL = new Set(["rw", "defaults", "async", "norelatime", "nomand", "noiversion", "silent", "loud"]);

/** `where` names the mount, such as `mounts[3]`. */
export function parseMountOptions(mount: OciMount, where: string): MountOptions {
  let bind: MountOptions["bind"] = mount.type === "bind" ? "bind" : undefined;
  let set = 0;
  let clear = 0;
  let recursiveSet = 0;
  let recursiveClear = 0;
  let propagation: number = MS.PRIVATE;
  let propagationRecursive = true;
  let idmap: MountOptions["idmap"] = (mount.uidMappings ?? []).length > 0 ? "idmap" : undefined;
  const data: string[] = [];
  for (const option of mount.options ?? []) {
    const attribute = ATTRIBUTES[option];
    const recursiveAttribute = option.startsWith("r") ? ATTRIBUTES[option.slice(1)] : undefined;
    const shared = PROPAGATIONS[option];
    if (option === "bind" || option === "rbind") bind = option;
    else if (option === "idmap" || option === "ridmap") idmap = option;
    else if (attribute !== undefined) {
      clear = (clear & ~attribute[0]) | attribute[1];
      set = (set & ~attribute[1]) | attribute[0];
    } else if (shared !== undefined) [propagation, propagationRecursive] = shared;
    else if (recursiveAttribute !== undefined && option !== "relatime") {
      recursiveClear = (recursiveClear & ~recursiveAttribute[0]) | recursiveAttribute[1];
      recursiveSet = (recursiveSet & ~recursiveAttribute[1]) | recursiveAttribute[0];
    } else if (option === "tmpcopyup") {
      throw new NodeletError("unsupported", "a tmpfs that starts as a copy of the image's directory is not offered", {
        where,
      });
    } else if (!NEUTRAL.has(option)) data.push(option);
  }
  return { bind, set, clear, recursiveSet, recursiveClear, propagation, propagationRecursive, idmap, data };
}
