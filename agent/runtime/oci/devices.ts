// Devices of a container and what its cgroup lets it do with them.

import { NodeletError } from "../../base/errors.ts";
import type { ContainerConfig } from "../../cri/types.gen.ts";
import { checkAbsolutePath, cleanPath } from "./text.ts";
import type { OciDevice, OciDeviceRule } from "./types.ts";

/** A device node of the host. */
export interface HostDevice {
  readonly path: string;
  readonly type: "c" | "b";
  readonly major: number;
  readonly minor: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Made in every container (config-linux.md, default devices); /dev/ptmx is a link, /dev/console comes with a terminal. */
export const DEFAULT_DEVICES: readonly (HostDevice & { readonly type: "c" })[] = [
  { path: "/dev/null", type: "c", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 },
  { path: "/dev/zero", type: "c", major: 1, minor: 5, mode: 0o666, uid: 0, gid: 0 },
  { path: "/dev/full", type: "c", major: 1, minor: 7, mode: 0o666, uid: 0, gid: 0 },
  { path: "/dev/random", type: "c", major: 1, minor: 8, mode: 0o666, uid: 0, gid: 0 },
  { path: "/dev/urandom", type: "c", major: 1, minor: 9, mode: 0o666, uid: 0, gid: 0 },
  { path: "/dev/tty", type: "c", major: 5, minor: 0, mode: 0o666, uid: 0, gid: 0 },
];

const DENY_ALL: OciDeviceRule = { allow: false, access: "rwm" };

/** Any node may be made, as mknod alone opens nothing; the default devices and terminals may be used. */
const DEFAULT_RULES: readonly OciDeviceRule[] = [
  { allow: true, type: "c", access: "m" },
  { allow: true, type: "b", access: "m" },
  ...DEFAULT_DEVICES.map(({ type, major, minor }): OciDeviceRule => ({
    allow: true,
    type,
    major,
    minor,
    access: "rwm",
  })),
  { allow: true, type: "c", major: 136, access: "rwm" }, // pseudo terminals
  { allow: true, type: "c", major: 5, minor: 2, access: "rwm" }, // ptmx
];

/**
 * `hostDevices` holds the nodes that config.devices names (a directory stands for those in it) and for a privileged container
 * all of the host's.
 */
export function containerDevices(
  config: ContainerConfig,
  hostDevices: readonly HostDevice[],
): { devices: readonly OciDevice[]; rules: readonly OciDeviceRule[] } {
  const privileged = config.linux?.securityContext?.privileged === true;
  const devices = new Map<string, OciDevice>();
  const rules: OciDeviceRule[] = privileged ? [{ allow: true, access: "rwm" }] : [DENY_ALL, ...DEFAULT_RULES];
  const defaults = new Set(DEFAULT_DEVICES.map(({ path }) => path));
  if (privileged) {
    for (const device of hostDevices) {
      if (!defaults.has(device.path) && device.path !== "/dev/ptmx")
        devices.set(device.path, toOci(device, device.path));
    }
  }
  for (const [index, asked] of (config.devices ?? []).entries()) {
    const where = `devices[${index}]`;
    const hostPath = cleanPath(checkAbsolutePath(asked.hostPath ?? "", `${where}.host_path`));
    const containerPath = cleanPath(checkAbsolutePath(asked.containerPath || hostPath, `${where}.container_path`));
    if (containerPath === "/" || containerPath === "/proc" || containerPath.startsWith("/proc/")) {
      throw new NodeletError("invalid", `${containerPath} is no place for a device`, {
        where: `${where}.container_path`,
      });
    }
    const found = hostDevices.filter(({ path }) => path === hostPath || path.startsWith(`${hostPath}/`));
    if (found.length === 0) {
      throw new NodeletError("invalid", `this host has no device ${hostPath}`, {
        where: `${where}.host_path`,
        fix: "name a device node of the host",
      });
    }
    for (const device of found) {
      const path = containerPath + device.path.slice(hostPath.length);
      devices.set(path, toOci(device, path));
      const { type, major, minor } = device;
      if (!privileged) rules.push({ allow: true, type, major, minor, access: asked.permissions || "rwm" });
    }
  }
  return { devices: [...devices.values()], rules };
}

function toOci(device: HostDevice, path: string): OciDevice {
  return {
    path,
    type: device.type,
    major: device.major,
    minor: device.minor,
    fileMode: device.mode & 0o7777,
    uid: device.uid,
    gid: device.gid,
    ...(device.path === path ? {} : { hostPath: device.path }),
  };
}
