// What a CRI request may hold, checked before anything is made of it. The peers of the CRI socket are trusted with root, yet
// a pod's author is not: names that become paths, lines or kernel arguments are held to what they are for.

import { NodeletError } from "../../base/errors.ts";
import { NamespaceMode, type ContainerConfig, type PodSandboxConfig } from "../../cri/types.gen.ts";
import { parseSysctl } from "./sysctl.ts";
import { checkAbsolutePath, checkArgument, cleanPath, refuseControl } from "./text.ts";
import type { OciSpec } from "./types.ts";

/** Kubernetes names are at most 253 characters; ids of other callers may be a little longer. */
const MAX_NAME_BYTES = 512;
/** HOST_NAME_MAX of Linux. */
const MAX_HOSTNAME_BYTES = 64;
/** Kubernetes allows 256 KiB of annotations in total. */
const MAX_LABEL_BYTES = 256 * 1024;

/** NAME_MAX of Linux. */
const MAX_COMPONENT_BYTES = 255;
/** PATH_MAX of Linux, less what comes before and behind a pod's parent. */
const MAX_CGROUP_BYTES = 3072;

/** One component of a path: what ids, names and uids are turned into. */
const COMPONENT = /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/;

/** Files below /proc that may be mounted over, so that lxcfs can show a container its own limits. */
const PROC_FILES = new Set(
  ["cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo", "sys/kernel/ns_last_pid"].map(
    (name) => `/proc/${name}`,
  ),
);

/** An id, name or uid that becomes a component of a path. */
export function validateId(id: string, where: string): string {
  if (!COMPONENT.test(id) || id.includes("..") || Buffer.byteLength(id) > MAX_NAME_BYTES) {
    throw new NodeletError("invalid", `${JSON.stringify(id.slice(0, 100))} cannot be a name`, {
      where,
      fix: "use letters, digits, '-', '_', '.' and ':', the first of them a letter or digit",
    });
  }
  return id;
}

/** A host name of RFC 1123 in the form that Kubernetes gives pods; dots between labels are allowed. */
export function validateHostname(name: string, where: string): string {
  const fine = /^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?((\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)+\.?)?$/.test(name);
  if (!fine || Buffer.byteLength(name) > MAX_HOSTNAME_BYTES) {
    throw new NodeletError("invalid", `${JSON.stringify(name.slice(0, 100))} is not a host name`, {
      where,
      fix: `use letters, digits, '-' and '.', at most ${MAX_HOSTNAME_BYTES} of them`,
    });
  }
  return name;
}

/** Of a sandbox or container: what a retried call is known by. */
export function requireName(metadata: { readonly name?: string | undefined } | undefined): void {
  if ((metadata?.name ?? "") !== "") return;
  throw new NodeletError("invalid", "is missing", { where: "metadata.name", fix: "give a name" });
}

export function validateSandboxConfig(config: PodSandboxConfig): void {
  const { metadata } = config;
  for (const key of ["name", "uid", "namespace"] as const) {
    const value = metadata?.[key] ?? "";
    if (value !== "") validateId(value, `metadata.${key}`);
  }
  if (config.hostname) validateHostname(config.hostname, "hostname");
  if (config.logDirectory) checkAbsolutePath(config.logDirectory, "log_directory");
  validateMap(config.labels, "labels");
  validateMap(config.annotations, "annotations");
  const dns = config.dnsConfig;
  for (const [key, values] of [
    ["servers", dns?.servers],
    ["searches", dns?.searches],
    ["options", dns?.options],
  ] as const) {
    for (const [index, value] of (values ?? []).entries()) {
      const where = `dns_config.${key}[${index}]`;
      if (/\s/.test(refuseControl(value, where)))
        throw new NodeletError("invalid", `${JSON.stringify(value.slice(0, 100))} holds a blank`, { where });
    }
  }
  const cgroupParent = config.linux?.cgroupParent ?? "";
  refuseControl(cgroupParent, "linux.cgroup_parent");
  if (cgroupParent.split("/").some((part) => part === ".." || part === ".")) {
    throw new NodeletError("invalid", `${JSON.stringify(cgroupParent.slice(0, 100))} is not a cgroup below the root`, {
      where: "linux.cgroup_parent",
    });
  }
  if (
    Buffer.byteLength(cgroupParent) > MAX_CGROUP_BYTES ||
    cgroupParent.split("/").some((part) => Buffer.byteLength(part) > MAX_COMPONENT_BYTES)
  ) {
    throw new NodeletError("invalid", "is longer than the path of a cgroup can be", { where: "linux.cgroup_parent" });
  }
  const options = config.linux?.securityContext?.namespaceOptions;
  for (const [name, value] of Object.entries(config.linux?.sysctls ?? {})) {
    const where = "linux.sysctls";
    const { namespace } = parseSysctl(name, value, where);
    const ofHost = namespace === "ipc" ? options?.ipc === NamespaceMode.NODE : options?.network === NamespaceMode.NODE; // uts goes with the network
    if (ofHost) {
      throw new NodeletError(
        "invalid",
        `sysctl ${name} would be set on the host, as the pod uses the host's ${namespace} namespace`,
        {
          where,
          fix: namespace === "ipc" ? "drop the sysctl or hostIPC" : "drop the sysctl or hostNetwork",
        },
      );
    }
  }
}

export function validateContainerConfig(config: ContainerConfig): void {
  const name = config.metadata?.name ?? "";
  if (name !== "") validateId(name, "metadata.name");
  validateMap(config.labels, "labels");
  validateMap(config.annotations, "annotations");
  if (config.logPath) {
    refuseControl(config.logPath, "log_path");
    if (config.logPath.split("/").includes("..")) {
      throw new NodeletError("invalid", `${JSON.stringify(config.logPath.slice(0, 100))} leaves the log directory`, {
        where: "log_path",
      });
    }
  }
  if (config.workingDir) checkAbsolutePath(config.workingDir, "working_dir");
  for (const [index, word] of (config.command ?? []).entries()) checkArgument(word, `command[${index}]`);
  for (const [index, word] of (config.args ?? []).entries()) checkArgument(word, `args[${index}]`);
  for (const [index, mount] of (config.mounts ?? []).entries()) {
    validateDestination(mount.containerPath ?? "", `mounts[${index}].container_path`);
    if (mount.hostPath) checkAbsolutePath(mount.hostPath, `mounts[${index}].host_path`);
  }
  if ((config.CDIDevices ?? []).length > 0) {
    throw new NodeletError("unsupported", `${config.CDIDevices?.[0]?.name ?? ""}: CDI devices are not there yet`, {
      where: "CDI_devices[0]",
      fix: "have the device plugin name device nodes and mounts instead",
    });
  }
  for (const [index, device] of (config.devices ?? []).entries()) {
    checkAbsolutePath(device.containerPath ?? "", `devices[${index}].container_path`);
    checkAbsolutePath(device.hostPath ?? "", `devices[${index}].host_path`);
    const permissions = device.permissions ?? "";
    if (!/^[rwm]*$/.test(permissions)) {
      throw new NodeletError("invalid", `${JSON.stringify(permissions.slice(0, 20))} is not made of r, w and m`, {
        where: `devices[${index}].permissions`,
      });
    }
  }
}

/** Absolute, not the root, and not over the container's /proc but for the files of lxcfs. Returns it cleaned. */
export function validateDestination(destination: string, where: string): string {
  checkAbsolutePath(destination, where);
  const clean = cleanPath(destination);
  if (clean === "/") throw new NodeletError("invalid", "a mount cannot replace the container's root", { where });
  if ((clean === "/proc" || clean.startsWith("/proc/")) && !PROC_FILES.has(clean)) {
    throw new NodeletError("invalid", `${clean} lies in the container's /proc, which nothing may be mounted over`, {
      where,
      fix: "mount it somewhere else",
    });
  }
  return clean;
}

/** A spec from outside (an edit by CDI or NRI, a file): the parts that buildContainerSpec makes right by itself. */
export function validateSpec(spec: OciSpec): void {
  for (const [index, mount] of (spec.mounts ?? []).entries()) {
    const where = `mounts[${index}].destination`;
    if (
      cleanPath(mount.destination) === "/proc" &&
      (mount.type === "proc" || mount.type === "none" || mount.type === "bind")
    ) {
      if (mount.type !== "proc" && mount.source !== "/proc") validateDestination(mount.destination, where);
      continue;
    }
    validateDestination(mount.destination, where);
  }
  for (const [kind, hooks] of Object.entries(spec.hooks ?? {})) {
    for (const [index, hook] of ((hooks ?? []) as NonNullable<OciSpec["hooks"]>["poststop"] & object).entries()) {
      const where = `hooks.${kind}[${index}]`;
      checkAbsolutePath(hook.path, `${where}.path`);
      for (const word of hook.args ?? []) checkArgument(word, `${where}.args`);
      for (const word of hook.env ?? []) checkArgument(word, `${where}.env`);
    }
  }
  for (const [name, value] of Object.entries(spec.linux?.sysctl ?? {})) parseSysctl(name, value, "linux.sysctl");
  for (const [index, path] of (spec.linux?.maskedPaths ?? []).entries())
    checkAbsolutePath(path, `linux.maskedPaths[${index}]`);
  for (const [index, path] of (spec.linux?.readonlyPaths ?? []).entries())
    checkAbsolutePath(path, `linux.readonlyPaths[${index}]`);
  if (spec.process !== undefined) {
    checkAbsolutePath(spec.process.cwd, "process.cwd");
    for (const [index, word] of spec.process.args.entries()) checkArgument(word, `process.args[${index}]`);
    for (const [index, word] of (spec.process.env ?? []).entries()) checkArgument(word, `process.env[${index}]`);
  }
}

function validateMap(map: Record<string, string> | undefined, where: string): void {
  let size = 0;
  for (const [key, value] of Object.entries(map ?? {})) {
    refuseControl(key, where);
    if (value.includes("\0")) throw new NodeletError("invalid", `the value of ${key} holds a NUL character`, { where });
    size += key.length + value.length;
  }
  if (size > MAX_LABEL_BYTES) throw new NodeletError("invalid", `is larger than ${MAX_LABEL_BYTES} bytes`, { where });
}
