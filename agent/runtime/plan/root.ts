// The container's root: an overlay of the snapshot, detached until the container's mount namespace takes it.

import { posix } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import type { Snapshot } from "../../images/images.ts";
import { O } from "../../system/system.ts";
import type { PlanBuilder } from "./builder.ts";
import { AT_EMPTY_PATH, MOUNT_ATTR, MS, OPEN_TREE_CLONE } from "./constants.ts";
import { NO_REG, type Actor } from "./operations.ts";

/** An fsconfig(2) string, without its NUL. */
export const FSCONFIG_STRING_MAX = 255;
/** Data of mount(2): a page, without its NUL. */
const MOUNT_DATA_MAX = 4095;

const CAUSE = "root.path";

/** `source` is what mountinfo shows. */
const SOURCE_OPTION = "source=overlay";

/**
 * Written once and never mounted again, so nothing need be synced; nor does anything outside need stable inodes of the upper
 * layer (index) or layers whose files are only metadata (metacopy).
 */
const OVERLAY_OPTIONS = ["volatile", "index=off", "metacopy=off"];

/** One option for all layers when it fits, else one for each where the kernel knows that; undefined: neither. */
export function lowerOptions(lower: readonly string[], lowerdirPlus: boolean): string[] | undefined {
  for (const name of lower) {
    // The three signs that mean something in the option; the image store never makes such a name.
    if (/[:,\\]/.test(name))
      throw new NodeletError("internal", `a layer's directory cannot be named ${JSON.stringify(name)}`, {
        where: CAUSE,
      });
  }
  const joined = lower.join(":");
  if (Buffer.byteLength(joined) <= FSCONFIG_STRING_MAX) return [`lowerdir=${joined}`];
  return lowerdirPlus ? lower.map((name) => `lowerdir+=${name}`) : undefined;
}

/** Makes the root in the namespaces of the host. The child has to mount it itself when undefined is returned. */
export function addRoot(plan: PlanBuilder, snapshot: Snapshot, lowerdirPlus: boolean): number | undefined {
  const lower = lowerOptions(snapshot.lower, lowerdirPlus);
  if (lower === undefined) return undefined;
  const directory = openDirectory(plan, "host", snapshot.directory);
  plan.add("host", "chdir_fd", { reg: directory }, CAUSE);
  const root = plan.open(
    "host",
    "new_mount",
    {
      fstype: "overlay",
      options: [SOURCE_OPTION, ...lower, `upperdir=${snapshot.upper}`, `workdir=${snapshot.work}`, ...OVERLAY_OPTIONS],
      attributes: 0,
    },
    CAUSE,
  );
  plan.close("host", directory, CAUSE);
  plan.add("host", "chdir", { path: "/", create: 0 }, CAUSE);
  return root;
}

/**
 * The same for more layers than an fsconfig string holds, on a kernel that takes them no other way: mount(2) over the snapshot's
 * directory, in the child's own mount namespace.
 */
export function addLegacyRoot(plan: PlanBuilder, snapshot: Snapshot): number {
  const options = [
    `lowerdir=${snapshot.lower.join(":")}`,
    `upperdir=${snapshot.upper}`,
    `workdir=${snapshot.work}`,
    ...OVERLAY_OPTIONS,
  ];
  const data = options.join(",");
  if (Buffer.byteLength(data) > MOUNT_DATA_MAX) throw tooManyLayers(snapshot);
  const directory = openDirectory(plan, "child", snapshot.directory);
  plan.add("child", "chdir_fd", { reg: directory }, CAUSE);
  plan.add("child", "mount", { source: "overlay", target: ".", fstype: "overlay", flags: 0, data }, CAUSE);
  plan.close("child", directory, CAUSE);
  return openDirectory(plan, "child", snapshot.directory);
}

/**
 * For a pod with a user namespace. `joined` still has the host's rights and a mount namespace of its own, in which the parent of
 * all layers is mounted once more with the pod's ids (overlayfs takes layers of its own mount namespace only). The upper
 * directory stays as it is, as overlayfs writes there as the host's root; it is given to the pod's root.
 */
export function addIdmappedRoot(
  plan: PlanBuilder,
  snapshot: Snapshot,
  options: {
    readonly lowerdirPlus: boolean;
    readonly userNamespace: number;
    readonly rootUid: number;
    readonly rootGid: number;
    /** A directory that nobody needs in this mount namespace. */
    readonly place: string;
  },
): number {
  const absolute = snapshot.lower.map((name) => posix.resolve(snapshot.directory, name));
  const parent = commonParent(absolute);
  const lower = lowerOptions(
    absolute.map((path) => posix.relative(parent, path)),
    options.lowerdirPlus,
  );
  const upper = posix.resolve(snapshot.directory, snapshot.upper);
  const work = posix.resolve(snapshot.directory, snapshot.work);
  if (lower === undefined || Math.max(Buffer.byteLength(upper), Buffer.byteLength(work)) > FSCONFIG_STRING_MAX)
    throw tooManyLayers(snapshot);
  const cause = "linux.uidMappings";
  const owned = openDirectory(plan, "joined", upper);
  plan.add("joined", "chown", { reg: owned, uid: options.rootUid, gid: options.rootGid }, cause);
  plan.close("joined", owned, cause);
  const layers = plan.open("joined", "open_tree", { at: NO_REG, path: parent, flags: OPEN_TREE_CLONE }, CAUSE);
  plan.add(
    "joined",
    "mount_setattr",
    {
      reg: layers,
      set: MOUNT_ATTR.IDMAP,
      clear: 0,
      propagation: MS.PRIVATE,
      userns: options.userNamespace,
      recursive: 0,
    },
    cause,
  );
  // Not at /: what is stacked there stays on top of the old root, out of reach of pivot_root's umount.
  const place = openDirectory(plan, "joined", options.place, cause);
  plan.add("joined", "move_mount", { from: layers, to: place }, cause);
  plan.close("joined", place, cause);
  plan.add("joined", "chdir_fd", { reg: layers }, CAUSE);
  const root = plan.open(
    "joined",
    "new_mount",
    {
      fstype: "overlay",
      options: [SOURCE_OPTION, ...lower, `upperdir=${upper}`, `workdir=${work}`, ...OVERLAY_OPTIONS],
      attributes: 0,
    },
    CAUSE,
  );
  plan.add("joined", "chdir", { path: "/", create: 0 }, CAUSE);
  plan.close("joined", layers, CAUSE);
  return root;
}

export function openDirectory(plan: PlanBuilder, actor: Actor, path: string, cause = CAUSE): number {
  return plan.open(actor, "open", { at: NO_REG, path, flags: O.PATH | O.DIRECTORY, mode: 0, resolve: 0 }, cause);
}

/** Flags of open_tree for a descriptor itself. */
export const CLONE_OF_DESCRIPTOR = OPEN_TREE_CLONE | AT_EMPTY_PATH;

function commonParent(paths: readonly string[]): string {
  let parent = posix.dirname(paths[0] ?? "/");
  const holds = (path: string): boolean => parent === "/" || path.startsWith(`${parent}/`);
  while (!paths.every(holds)) parent = posix.dirname(parent);
  return parent;
}

function tooManyLayers(snapshot: Snapshot): NodeletError {
  return new NodeletError(
    "unsupported",
    `this kernel cannot mount the image's ${snapshot.lower.length} layers as one`,
    {
      where: CAUSE,
      fix: "use Linux 6.8 or later, or an image with fewer layers",
    },
  );
}
