// Steps for /dev: nodes, or in a user namespace binds of the host's nodes, and the links that programs expect.

import { posix } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import { DEFAULT_DEVICES } from "../oci/devices.ts";
import { cleanPath } from "../oci/text.ts";
import type { OciDevice, OciSpec } from "../oci/types.ts";
import { O, RESOLVE } from "../../system/system.ts";
import type { PlanBuilder } from "./builder.ts";
import { ENSURE_FILE, OPEN_TREE_CLONE, PROC_SUPER_MAGIC, S_IFBLK, S_IFCHR, S_IFIFO } from "./constants.ts";
import { addParent } from "./mounts.ts";
import { NO_REG } from "./operations.ts";

export interface PlannedDevice {
  readonly device: OciDevice;
  readonly path: string;
  readonly cause: string;
  /** Register of the bound node of the host, with a user namespace. */
  readonly source: number | undefined;
}

const FORMATS: Readonly<Record<OciDevice["type"], number>> = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO };

/** The spec's devices and those of every container, each path once. Host steps in a user namespace, which may not mknod. */
export function addDeviceSources(plan: PlanBuilder, spec: OciSpec, userNamespace: boolean): PlannedDevice[] {
  const devices = new Map<string, { device: OciDevice; cause: string }>();
  for (const { mode, ...device } of DEFAULT_DEVICES) {
    devices.set(device.path, {
      device: { ...device, fileMode: mode },
      cause: `linux.devices (default ${device.path})`,
    });
  }
  for (const [index, device] of (spec.linux?.devices ?? []).entries()) {
    devices.set(cleanPath(device.path), { device, cause: `linux.devices[${index}]` });
  }
  return [...devices].map(([path, { device, cause }]) => {
    let source: number | undefined;
    if (userNamespace && device.type !== "p") {
      source = plan.open(
        "host",
        "open_tree",
        { at: NO_REG, path: device.hostPath ?? path, flags: OPEN_TREE_CLONE },
        cause,
      );
      plan.add(
        "host",
        "check_node",
        { reg: source, format: formatOf(device), major: device.major ?? 0, minor: device.minor ?? 0 },
        cause,
      );
    }
    return { device, path, cause, source };
  });
}

/** Of the child. `dev` is the container's own /dev; other places of the root are reached through `root`. */
export function addDevices(plan: PlanBuilder, devices: readonly PlannedDevice[], root: number, dev: number): void {
  for (const { device, path, cause, source } of devices) {
    const inDev = path.startsWith("/dev/");
    const at = inDev ? dev : root;
    const name = inDev ? path.slice("/dev/".length) : path;
    if (source !== undefined) {
      const to = plan.open("child", "ensure", { at, path: name, kind: ENSURE_FILE, mode: 0o666 }, cause);
      if (!inDev) plan.add("child", "refuse_fs", { reg: to, magic: PROC_SUPER_MAGIC }, cause);
      plan.add("child", "move_mount", { from: source, to }, cause);
      plan.close("child", to, cause);
      continue;
    }
    const parent = addParent(plan, at, name, cause);
    plan.add(
      "child",
      "mknod",
      {
        at: parent,
        path: posix.basename(name),
        mode: formatOf(device) | (device.fileMode ?? 0o666),
        major: device.major ?? 0,
        minor: device.minor ?? 0,
        uid: device.uid ?? 0,
        gid: device.gid ?? 0,
      },
      cause,
    );
    if (parent !== at) plan.close("child", parent, cause);
  }
}

const LINKS: readonly (readonly [name: string, target: string])[] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
  ["core", "/proc/kcore"],
  ["ptmx", "pts/ptmx"],
];

export function addDeviceLinks(plan: PlanBuilder, dev: number): void {
  for (const [path, target] of LINKS)
    plan.add("child", "symlink", { at: dev, path, target }, "linux.devices (default links)");
}

/** The container's /dev/null, verified: what files are masked with. */
export function addNull(plan: PlanBuilder, root: number, dev: number | undefined): number {
  const cause = "linux.maskedPaths";
  const how = { flags: O.PATH | O.NOFOLLOW, mode: 0, resolve: RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS };
  const reg =
    dev === undefined
      ? plan.open("child", "open", { at: root, path: "/dev/null", ...how }, cause)
      : plan.open("child", "open", { at: dev, path: "null", ...how }, cause);
  plan.add("child", "check_node", { reg, format: S_IFCHR, major: 1, minor: 3 }, cause);
  return reg;
}

function formatOf(device: OciDevice): number {
  const format = FORMATS[device.type];
  if (format === undefined)
    throw new NodeletError("invalid", `there is no device type ${JSON.stringify(device.type)}`, {
      where: "linux.devices",
    });
  return format;
}
