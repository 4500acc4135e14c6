// Mount steps of a container. Sources on the host are cloned before the first fork, while the shim is still in the host's mount
// namespace: a clone keeps its peer group, so propagation works. The child attaches them in order, each onto a descriptor that
// was resolved inside the root.

import { posix } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import type { OciIdMapping, OciMount, OciSpec } from "../oci/types.ts";
import { cleanPath } from "../oci/text.ts";
import { O, RESOLVE } from "../../system/system.ts";
import type { PlanBuilder } from "./builder.ts";
import {
  AT_RECURSIVE,
  ENSURE_DIRECTORY,
  MOUNT_ATTR,
  MS,
  OPEN_TREE_CLONE,
  PROC_SUPER_MAGIC,
  SYSFS_MAGIC,
} from "./constants.ts";
import { parseMountOptions, type MountOptions } from "./mount-options.ts";
import { NO_REG, type Actor } from "./operations.ts";
import { CLONE_OF_DESCRIPTOR, lowerOptions, openDirectory } from "./root.ts";

/** Permissions of a mount destination that the image lacks. */
const DESTINATION_MODE = 0o755;

/** File systems that the child makes itself: they show, or belong to, its namespaces. Others are made by the host. */
const OWN_FILE_SYSTEMS = new Set(["proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup2"]);

/** A mount of the spec on its way into the plan. */
export interface PlannedMount {
  readonly mount: OciMount;
  readonly options: MountOptions;
  /** `mounts[3]`. */
  readonly cause: string;
  readonly destination: string;
  /** Register of the detached mount; undefined: the child makes it. */
  readonly source: number | undefined;
  readonly fstype: string;
}

export interface MountContext {
  readonly spec: OciSpec;
  readonly lowerdirPlus: boolean;
  /** Register of the pod's user namespace. */
  readonly userNamespace: number | undefined;
}

/** Host steps: clones and makes whatever comes from outside the container's namespaces. */
export function addMountSources(plan: PlanBuilder, context: MountContext): PlannedMount[] {
  return (context.spec.mounts ?? []).map((mount, index) => {
    const cause = `mounts[${index}]`;
    const options = parseMountOptions(mount, `${cause}.options`);
    const fstype = mount.type === "cgroup" ? "cgroup2" : (mount.type ?? "none");
    let source: number | undefined;
    if (options.bind !== undefined) source = addBindSource(plan, context, mount, options, cause);
    else if (!OWN_FILE_SYSTEMS.has(fstype)) source = addHostFileSystem(plan, context, mount, options, cause);
    return { mount, options, cause, destination: cleanPath(mount.destination), source, fstype };
  });
}

function addBindSource(
  plan: PlanBuilder,
  context: MountContext,
  mount: OciMount,
  options: MountOptions,
  cause: string,
): number {
  const path = mount.source ?? "";
  if (!path.startsWith("/")) {
    throw new NodeletError("invalid", `the source ${JSON.stringify(path.slice(0, 100))} is not an absolute path`, {
      where: `${cause}.source`,
    });
  }
  const recursive = options.bind === "rbind" ? AT_RECURSIVE : 0;
  let source: number;
  if (mount.subPath === undefined) {
    source = plan.open(
      "host",
      "open_tree",
      { at: NO_REG, path, flags: OPEN_TREE_CLONE | recursive },
      `${cause}.source`,
    );
  } else {
    const base = plan.open("host", "open", { at: NO_REG, path, flags: O.PATH, mode: 0, resolve: 0 }, `${cause}.source`);
    const part = openSubPath(plan, "host", base, mount.subPath, cause);
    source = plan.open(
      "host",
      "open_tree",
      { at: part, path: "", flags: CLONE_OF_DESCRIPTOR | recursive },
      `${cause}.subPath`,
    );
    plan.close("host", part, `${cause}.subPath`);
    plan.close("host", base, `${cause}.source`);
  }
  addAttributes(plan, "host", source, options, cause);
  if (options.idmap !== undefined) addIdmap(plan, context, mount, options, source, cause);
  return source;
}

/** What is mounted stays what was resolved: a link in the image cannot lead out of it. */
function openSubPath(plan: PlanBuilder, actor: Actor, base: number, subPath: string, cause: string): number {
  return plan.open(
    actor,
    "open",
    { at: base, path: subPath, flags: O.PATH, mode: 0, resolve: RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS },
    `${cause}.subPath`,
  );
}

function addHostFileSystem(
  plan: PlanBuilder,
  context: MountContext,
  mount: OciMount,
  options: MountOptions,
  cause: string,
): number {
  const fstype = mount.type ?? "none";
  if (fstype === "none")
    throw new NodeletError("invalid", "has neither a type nor bind among its options", { where: cause });
  const data = options.data.flatMap((option) => {
    const layers =
      fstype === "overlay" && option.startsWith("lowerdir=") ? option.slice("lowerdir=".length).split(":") : undefined;
    if (layers === undefined) return [option];
    const lower = lowerOptions(layers, context.lowerdirPlus);
    if (lower !== undefined) return lower;
    throw new NodeletError("unsupported", `this kernel cannot mount ${layers.length} layers as one`, {
      where: `${cause}.options`,
      fix: "use Linux 6.8 or later, or an image with fewer layers",
    });
  });
  const made = plan.open(
    "host",
    "new_mount",
    { fstype, options: [...sourceOption(mount), ...data], attributes: options.set },
    cause,
  );
  addAttributes(plan, "host", made, { ...options, set: 0 }, cause);
  return made;
}

/** The device of a disk's file system; of others a name that only mountinfo shows. */
function sourceOption({ source }: OciMount): string[] {
  return source === undefined || source === "" ? [] : [`source=${source}`];
}

/** A new mount is private and needs no call for that; neither does it for attributes that it was made with. */
function addAttributes(plan: PlanBuilder, actor: Actor, reg: number, options: MountOptions, cause: string): void {
  const { propagationRecursive: deep } = options;
  const add = (set: number, clear: number, propagation: number, recursive: number): void => {
    if (set === 0 && clear === 0 && propagation === 0) return;
    plan.add(actor, "mount_setattr", { reg, set, clear, propagation, userns: NO_REG, recursive }, `${cause}.options`);
  };
  // One call where one can say it all: with flags for the top only, or with flags for everything below.
  if (options.set === 0 && options.clear === 0) {
    add(options.recursiveSet, options.recursiveClear, deep ? options.propagation : 0, 1);
    if (!deep) add(0, 0, options.propagation, 0);
  } else {
    add(options.set, options.clear, deep ? 0 : options.propagation, 0);
    add(options.recursiveSet, options.recursiveClear, deep ? options.propagation : 0, 1);
  }
}

function addIdmap(
  plan: PlanBuilder,
  context: MountContext,
  mount: OciMount,
  options: MountOptions,
  reg: number,
  cause: string,
): void {
  const { linux } = context.spec;
  const same = (a: readonly OciIdMapping[] | undefined, b: readonly OciIdMapping[] | undefined): boolean =>
    a === undefined ||
    a.length === 0 ||
    JSON.stringify(a.map(mappingKey)) === JSON.stringify((b ?? []).map(mappingKey));
  if (
    context.userNamespace === undefined ||
    !same(mount.uidMappings, linux?.uidMappings) ||
    !same(mount.gidMappings, linux?.gidMappings)
  ) {
    throw new NodeletError("unsupported", "ids of a mount are mapped otherwise than in the pod's user namespace", {
      where: `${cause}.uidMappings`,
      fix: "use the pod's own mappings",
    });
  }
  plan.add(
    "host",
    "mount_setattr",
    {
      reg,
      set: MOUNT_ATTR.IDMAP,
      clear: 0,
      propagation: 0,
      userns: context.userNamespace,
      recursive: options.idmap === "ridmap" ? 1 : 0,
    },
    `${cause}.uidMappings`,
  );
}

function mappingKey({ containerID, hostID, size }: OciIdMapping): readonly number[] {
  return [containerID, hostID, size];
}

/** True for a mount of which only a part is wanted and that is not a bind. */
export function isPartOfNew({ mount, options }: PlannedMount): boolean {
  return mount.subPath !== undefined && options.bind === undefined;
}

/**
 * Of `joined`: a part of a mount that is nowhere attached cannot be cloned before Linux 6.15, so it is attached in the mount
 * namespace of `joined`, at a directory that nobody needs there, and cloned from it.
 */
export function addParts(plan: PlanBuilder, mounts: readonly PlannedMount[], place: string): PlannedMount[] {
  return mounts.map((planned) => {
    const { source: whole, cause, mount } = planned;
    if (whole === undefined || mount.subPath === undefined || !isPartOfNew(planned)) return planned;
    const where = `${cause}.subPath`;
    const at = openDirectory(plan, "joined", place, where);
    plan.add("joined", "move_mount", { from: whole, to: at }, where);
    plan.close("joined", at, where);
    const part = openSubPath(plan, "joined", whole, mount.subPath, cause);
    const source = plan.open("joined", "open_tree", { at: part, path: "", flags: CLONE_OF_DESCRIPTOR }, where);
    plan.close("joined", part, where);
    return { ...planned, source };
  });
}

/** Of the child: attaches a mount in the container's root. Returns the register of a mount that the child has made. */
export function addMount(plan: PlanBuilder, planned: PlannedMount, root: number): number | undefined {
  const { options, cause, destination, fstype, mount } = planned;
  const where = `${cause}.destination`;
  let source = planned.source;
  const own = source === undefined;
  if (source === undefined) {
    // /dev is filled after it is mounted, and made read-only after that.
    const attributes = destination === "/dev" ? options.set & ~MOUNT_ATTR.RDONLY : options.set;
    source = plan.open(
      "child",
      "new_mount",
      { fstype, options: [...sourceOption(mount), ...options.data], attributes },
      cause,
    );
    if (options.propagation !== MS.PRIVATE) addAttributes(plan, "child", source, { ...options, set: 0 }, cause);
  }
  const to = own
    ? plan.open(
        "child",
        "ensure",
        { at: root, path: destination, kind: ENSURE_DIRECTORY, mode: DESTINATION_MODE },
        where,
      )
    : plan.open("child", "ensure_like", { at: root, path: destination, like: source, mode: DESTINATION_MODE }, where);
  // The image's own links may lead anywhere in the root but into /proc, where a mount could fake what others rely on.
  if (destination !== "/proc" && !destination.startsWith("/proc/")) {
    plan.add("child", "refuse_fs", { reg: to, magic: PROC_SUPER_MAGIC }, where);
  }
  plan.add("child", "move_mount", { from: source, to }, where);
  plan.close("child", to, where);
  if (destination === "/proc") addCheck(plan, root, destination, PROC_SUPER_MAGIC, where);
  if (destination === "/sys" && (fstype === "sysfs" || mount.source === "/sys"))
    addCheck(plan, root, destination, SYSFS_MAGIC, where);
  return own ? source : undefined;
}

/** /proc and /sys must be what they are called, at the place itself: the image may have had a link there. */
function addCheck(plan: PlanBuilder, root: number, path: string, magic: number, cause: string): void {
  const reg = plan.open(
    "child",
    "open",
    {
      at: root,
      path,
      flags: O.PATH | O.DIRECTORY | O.NOFOLLOW,
      mode: 0,
      resolve: RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS,
    },
    cause,
  );
  plan.add("child", "check_fs", { reg, magic }, cause);
  plan.close("child", reg, cause);
}

/** The register of the parent directory of `path`, relative to `at`; made if missing. `at` itself for a single component. */
export function addParent(plan: PlanBuilder, at: number, path: string, cause: string): number {
  const parent = posix.dirname(path);
  if (parent === "." || parent === "/") return at;
  return plan.open("child", "ensure", { at, path: parent, kind: ENSURE_DIRECTORY, mode: DESTINATION_MODE }, cause);
}
