// An OCI spec and a snapshot as a launch plan. Pure: the plan is what the shim will do, and what `nodelet explain` shows.
//
//   host    clones the sources, makes the root, starts the child; hooks; commit
//   joined  with a user namespace: makes the root with idmapped layers, enters the namespace, starts the child; without one it is
//           only there when a part of an image is mounted, as that takes a mount namespace with the host's rights
//   child   enters the pod's namespaces, assembles the root under its new mount namespace
//   inside  the same process after pivot_root: cwd, limits, identity, exec

import { posix } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import type { Snapshot } from "../../images/images.ts";
import { O } from "../../system/system.ts";
import type { OciIdMapping, OciSpec } from "../oci/types.ts";
import { validateSpec } from "../oci/validate.ts";
import { parseSysctl } from "../oci/sysctl.ts";
import { PlanBuilder } from "./builder.ts";
import { CLONE, MOUNT_ATTR, MS, PERSONAS, WHO } from "./constants.ts";
import { addDeviceLinks, addDevices, addDeviceSources, addNull } from "./devices.ts";
import { addHooks, hasHooks, type HookState } from "./hooks.ts";
import { addMount, addMountSources, addParts, isPartOfNew, type PlannedMount } from "./mounts.ts";
import { addSetns, openNamespace, sortNamespaces, type Namespaces } from "./namespaces.ts";
import { NO_REG, type Actor, type Plan } from "./operations.ts";
import {
  addApparmor,
  addIdentityAndExec,
  addOomScore,
  addRlimits,
  addUmaskAndStdio,
  openHostProc,
  processOf,
  type SeccompFilter,
} from "./process.ts";
import { addIdmappedRoot, addLegacyRoot, addRoot, openDirectory } from "./root.ts";

/** Names in the exit directory. */
export const SHIM_SOCKET = "shim.sock";
export const EXIT_RECORD = "exit.json";

export interface ContainerPlanInput {
  readonly spec: OciSpec;
  readonly snapshot: Snapshot;
  /** Absolute path of the container's cgroup on the host; undefined: the shim's own. */
  readonly cgroupDir: string | undefined;
  /** Path of the pod's pinned user namespace, unless the spec names it. */
  readonly userNamespace?: string | undefined;
  /** Absolute; for the shim's socket and the exit record. */
  readonly exitDir: string;
  readonly io: {
    readonly tty: boolean;
    readonly stdin: boolean;
    /** stdin ends with its first writer. */
    readonly stdinOnce: boolean;
    readonly columns?: number | undefined;
    readonly rows?: number | undefined;
  };
  /** CRI log file; empty for none. */
  readonly logPath: string;
  /** linux.seccomp, compiled. */
  readonly seccompFilter?: SeccompFilter | undefined;
  /** linux.resources.devices compiled for the cgroup; needs `cgroupDir`. */
  readonly deviceProgram?: Uint8Array | undefined;
  readonly kernel: { readonly fsconfigLowerdirPlus: boolean };
}

/** Throws `invalid` for what is wrong in the spec, `unsupported` for what nodelet or the kernel cannot do. */
export function compileContainerPlan(input: ContainerPlanInput): Plan {
  const { spec, snapshot } = input;
  validateSpec(spec);
  const process = processOf(spec);
  const plan = new PlanBuilder();
  const namespaces = sortNamespaces(spec, input.userNamespace);
  const user = namespaces.user;
  const hookState: HookState = { id: posix.basename(input.exitDir), bundle: input.exitDir };

  const directory = addShimFiles(plan, input, user !== undefined);
  const cgroup = addCgroup(plan, input);
  const userNamespace = user === undefined ? undefined : openNamespace(plan, "host", user);
  const pid =
    namespaces.pid?.path === undefined
      ? undefined
      : { ref: namespaces.pid, reg: openNamespace(plan, "host", namespaces.pid) };
  const joins = namespaces.joined.map((ref) => ({ ref, reg: openNamespace(plan, "host", ref) }));
  const lowerdirPlus = input.kernel.fsconfigLowerdirPlus;
  let mounts = addMountSources(plan, { spec, lowerdirPlus, userNamespace });
  const ownDev = mounts.some(
    ({ destination, fstype, source }) => destination === "/dev" && fstype === "tmpfs" && source === undefined,
  );
  const devices = ownDev ? addDeviceSources(plan, spec, user !== undefined) : [];

  // The root, and the fork of the child
  const hasParts = mounts.some(isPartOfNew);
  let root: number | undefined;
  let given: number | undefined;
  if (user === undefined && !hasParts) {
    addChildFork(plan, namespaces, pid, cgroup);
    plan.add("child", "dumpable", { value: 0 }, "process");
    plan.add("child", "setsid", {}, "process");
    addOomScore(plan, "child", process);
    // While the child comes up
    given = root = addRoot(plan, snapshot, lowerdirPlus);
    if (given !== undefined) plan.add("host", "give", { who: WHO.child, reg: given }, "root.path");
    plan.add("host", "announce", {}, "process.args");
  } else {
    if (user === undefined) root = addRoot(plan, snapshot, lowerdirPlus);
    const cause = user?.cause ?? namespaces.mount.cause;
    plan.open("host", "fork", { who: WHO.joined, flags: CLONE.NEWNS, cgroup: cgroup ?? NO_REG }, cause);
    plan.add("joined", "dumpable", { value: 0 }, cause);
    addPrivate(plan, "joined", cause);
    addOomScore(plan, "joined", process);
    mounts = addParts(plan, mounts, input.exitDir);
    if (user !== undefined && userNamespace !== undefined) {
      root = addIdmappedRoot(plan, snapshot, {
        lowerdirPlus,
        userNamespace,
        rootUid: hostId(0, spec.linux?.uidMappings, "linux.uidMappings"),
        rootGid: hostId(0, spec.linux?.gidMappings, "linux.gidMappings"),
        place: input.exitDir,
      });
      addSetns(plan, "joined", user, userNamespace);
      plan.add("joined", "ids", { uid: 0, gid: 0, groups: [] }, user.cause);
    }
    if (pid !== undefined) addSetns(plan, "joined", pid.ref, pid.reg);
    const fork = { out: NO_REG, who: WHO.child, flags: namespaces.newFlags, cgroup: NO_REG };
    plan.add("joined", "fork", fork, namespaces.mount.cause);
    plan.add("child", "dumpable", { value: 0 }, "process");
    plan.add("child", "setsid", {}, "process");
  }

  // Meanwhile: what the host has to do before the commit, and the child does not need
  plan.add("host", "listen", { at: directory, name: SHIM_SOCKET }, "shim socket");
  if (cgroup !== undefined && input.deviceProgram !== undefined) {
    plan.add("host", "device_program", { cgroup, program: input.deviceProgram }, "linux.resources.devices");
  }

  // The child assembles the root
  for (const { ref, reg } of joins) addSetns(plan, "child", ref, reg);
  if (namespaces.cgroup !== undefined) addCgroupNamespace(plan, namespaces.cgroup);
  addPrivate(plan, "child", namespaces.mount.cause);
  if (root === undefined) root = addLegacyRoot(plan, snapshot);
  else {
    // The same register as the host's, whose copy holds the mount for the container's life.
    if (given !== undefined) plan.take("child", WHO.host, given, "root.path");
    // Any mount point will do, as pivot_root takes it from there; this one exists everywhere and needs no permission to reach.
    const slash = openDirectory(plan, "child", "/");
    plan.add("child", "move_mount", { from: root, to: slash }, "root.path");
    plan.close("child", slash, "root.path");
  }
  const dev = addMounts(plan, mounts, root);
  if (dev !== undefined && ownDev) {
    addDevices(plan, devices, root, dev);
    addDeviceLinks(plan, dev);
  }
  if (process.terminal === true) addConsole(plan, input, root);
  addSysctls(plan, spec);
  const makesMounts = hasHooks(spec, "prestart", "createRuntime");
  if (makesMounts) {
    plan.add("child", "signal", { who: WHO.host }, "hooks.createRuntime");
    plan.add("child", "wait", { who: WHO.host }, "hooks.createRuntime");
    plan.add("host", "wait", { who: WHO.child }, "hooks.createRuntime");
    addHooks(plan, "host", spec, "prestart", hookState);
    addHooks(plan, "host", spec, "createRuntime", hookState);
    plan.add("host", "signal", { who: WHO.child }, "hooks.createRuntime");
  }
  addHooks(plan, "child", spec, "createContainer", hookState);
  addProtection(plan, spec, mounts, root, dev);
  const proc = openHostProc(plan, "child", process);
  plan.add("child", "pivot_root", { root }, "root.path");

  // Inside
  if (spec.linux?.rootfsPropagation === "shared") {
    const set = { reg: root, set: 0, clear: 0, propagation: MS.SHARED, userns: NO_REG, recursive: 0 };
    plan.add("inside", "mount_setattr", set, "linux.rootfsPropagation");
  }
  plan.add("inside", "chdir", { path: process.cwd, create: 1 }, "process.cwd");
  if (spec.root?.readonly === true) {
    // Last of all mounts: until here missing directories were made in it.
    const set = { reg: root, set: MOUNT_ATTR.RDONLY, clear: 0, propagation: 0, userns: NO_REG, recursive: 0 };
    plan.add("inside", "mount_setattr", set, "root.readonly");
  }
  addPersona(plan, spec);
  addRlimits(plan, "inside", process);
  plan.add("inside", "session_keyring", { name: `_ses.${hookState.id}` }, "process", "any");
  addApparmor(plan, "inside", process, proc);
  addUmaskAndStdio(plan, "inside", process);
  plan.add("inside", "signal", { who: WHO.host }, "process.args");
  plan.add("inside", "wait", { who: WHO.host }, "process.args");
  addIdentityAndExec(plan, "inside", spec, {
    seccompFilter: input.seccompFilter,
    argv: process.args,
    beforeExec: () => addHooks(plan, "inside", spec, "startContainer", hookState),
  });

  plan.add("host", "wait", { who: WHO.child }, "process.args");
  plan.add("host", "commit", {}, "process.args");
  plan.add("host", "signal", { who: WHO.child }, "process.args");
  plan.add("host", "started", { who: WHO.child }, "process.args");
  addHooks(plan, "host", spec, "poststart", hookState);
  return plan.build();
}

/** What the shim keeps for the container's life: socket, exit record, stdio and log. */
/** Returns the register of the exit directory. */
function addShimFiles(plan: PlanBuilder, input: ContainerPlanInput, userNamespace: boolean): number {
  const { io, spec } = input;
  const directory = openDirectory(plan, "host", input.exitDir, "exit record");
  plan.add("host", "exit_record", { at: directory, name: EXIT_RECORD }, "exit record");
  plan.add(
    "host",
    "io",
    {
      tty: io.tty ? 1 : 0,
      stdin: io.stdin ? (io.stdinOnce ? 2 : 1) : 0,
      stdout: 1,
      stderr: io.tty ? 0 : 1,
      log: input.logPath,
    },
    "process.terminal",
  );
  if (userNamespace && !io.tty) {
    const { uid, gid } = processOf(spec).user;
    const { uidMappings, gidMappings } = spec.linux ?? {};
    plan.add(
      "host",
      "io_owner",
      { uid: hostId(uid, uidMappings, "process.user.uid"), gid: hostId(gid, gidMappings, "process.user.gid") },
      "process.user",
    );
  }
  return directory;
}

/** Returns the register of the container's cgroup. */
function addCgroup(plan: PlanBuilder, input: ContainerPlanInput): number | undefined {
  if (input.cgroupDir === undefined) {
    if (input.deviceProgram === undefined) return undefined;
    throw new NodeletError("internal", "a device program needs a cgroup to be attached to", {
      where: "linux.resources.devices",
    });
  }
  const cause = "linux.cgroupsPath";
  const flags = O.RDONLY | O.DIRECTORY;
  const cgroup = plan.open("host", "open", { at: NO_REG, path: input.cgroupDir, flags, mode: 0, resolve: 0 }, cause);
  return cgroup;
}

/** A shared pid namespace is entered by a fork: the host stands in it for that one, and goes back. */
function addChildFork(
  plan: PlanBuilder,
  namespaces: Namespaces,
  pid: { readonly ref: NonNullable<Namespaces["pid"]>; readonly reg: number } | undefined,
  cgroup: number | undefined,
): void {
  const fork = { who: WHO.child, flags: namespaces.newFlags, cgroup: cgroup ?? NO_REG };
  if (pid === undefined) {
    plan.open("host", "fork", fork, namespaces.mount.cause);
    return;
  }
  const { ref, reg } = pid;
  const own = plan.open(
    "host",
    "open",
    { at: NO_REG, path: "/proc/self/ns/pid", flags: O.RDONLY, mode: 0, resolve: 0 },
    ref.cause,
  );
  addSetns(plan, "host", ref, reg);
  plan.open("host", "fork", fork, namespaces.mount.cause);
  plan.add("host", "setns", { reg: own, types: CLONE.NEWPID }, ref.cause);
  plan.close("host", own, ref.cause);
}

function addCgroupNamespace(plan: PlanBuilder, ref: NonNullable<Namespaces["cgroup"]>): void {
  if (ref.path !== undefined) {
    throw new NodeletError("unsupported", "a cgroup namespace of somebody else cannot be joined", { where: ref.cause });
  }
  plan.add("child", "unshare", { flags: CLONE.NEWCGROUP }, ref.cause);
}

/** Nothing that is mounted from here on is seen outside, and nothing that is mounted outside comes in. */
function addPrivate(plan: PlanBuilder, actor: Actor, cause: string): void {
  plan.add(actor, "mount", { source: "none", target: "/", fstype: "", flags: MS.REC | MS.PRIVATE, data: "" }, cause);
}

/** Returns the register of the container's own /dev. */
function addMounts(plan: PlanBuilder, mounts: readonly PlannedMount[], root: number): number | undefined {
  let dev: number | undefined;
  for (const mount of mounts) {
    const made = addMount(plan, mount, root);
    if (made === undefined) continue;
    if (mount.destination === "/dev" && mount.fstype === "tmpfs") dev = made;
    else plan.close("child", made, mount.cause);
  }
  return dev;
}

function addConsole(plan: PlanBuilder, input: ContainerPlanInput, root: number): void {
  const size = processOf(input.spec).consoleSize;
  const columns = input.io.columns ?? size?.width ?? 0;
  const rows = input.io.rows ?? size?.height ?? 0;
  plan.add(
    "child",
    "console",
    { at: root, columns, rows },
    size === undefined ? "process.terminal" : "process.consoleSize",
  );
}

/** Through the host's /proc, which shows the caller's own namespaces and cannot be a fake. */
function addSysctls(plan: PlanBuilder, spec: OciSpec): void {
  for (const [name, value] of Object.entries(spec.linux?.sysctl ?? {})) {
    const cause = `linux.sysctl[${JSON.stringify(name)}]`;
    const { path } = parseSysctl(name, value, cause);
    plan.add("child", "write", { at: NO_REG, path: `/proc/sys/${path}`, data: Buffer.from(value), flags: 0 }, cause);
  }
}

/** Masked and read-only paths, after everything that writes below them; and a /dev that was to be read-only. */
function addProtection(
  plan: PlanBuilder,
  spec: OciSpec,
  mounts: readonly PlannedMount[],
  root: number,
  dev: number | undefined,
): void {
  const masked = spec.linux?.maskedPaths ?? [];
  if (masked.length > 0) {
    const nul = addNull(plan, root, dev);
    for (const [index, path] of masked.entries()) {
      plan.add("child", "mask", { at: root, path, null: nul }, `linux.maskedPaths[${index}]`, "missing");
    }
    plan.close("child", nul, "linux.maskedPaths");
  }
  for (const [index, path] of (spec.linux?.readonlyPaths ?? []).entries()) {
    plan.add("child", "readonly", { at: root, path }, `linux.readonlyPaths[${index}]`, "missing");
  }
  const own = mounts.find(({ destination, fstype }) => destination === "/dev" && fstype === "tmpfs");
  if (dev !== undefined && own !== undefined && (own.options.set & MOUNT_ATTR.RDONLY) !== 0) {
    const set = { reg: dev, set: MOUNT_ATTR.RDONLY, clear: 0, propagation: 0, userns: NO_REG, recursive: 0 };
    plan.add("child", "mount_setattr", set, `${own.cause}.options`);
  }
}

function addPersona(plan: PlanBuilder, spec: OciSpec): void {
  const domain = spec.linux?.personality?.domain;
  if (domain === undefined) return;
  const persona = PERSONAS[domain];
  if (persona === undefined) {
    throw new NodeletError("invalid", `there is no personality ${JSON.stringify(domain)}`, {
      where: "linux.personality.domain",
      fix: "use LINUX or LINUX32",
    });
  }
  plan.add("inside", "personality", { persona }, "linux.personality");
}

/** The host's id of one in the container. */
function hostId(id: number, mappings: readonly OciIdMapping[] | undefined, where: string): number {
  for (const { containerID, hostID, size } of mappings ?? []) {
    if (containerID <= id && id < containerID + size) return hostID + id - containerID;
  }
  throw new NodeletError("invalid", `id ${id} is not mapped in the pod's user namespace`, {
    where,
    fix: "run as a user that the pod's user namespace maps",
  });
}
