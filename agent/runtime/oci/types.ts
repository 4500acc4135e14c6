// config.json of the OCI runtime specification 1.3.0 (config.md, config-linux.md), as far as Linux containers go. Plain
// data: what JSON.parse gives. Two fields are nodelet's own, said where they stand; other runtimes pass over them.
// 64-bit numbers are JavaScript numbers: every one that occurs fits 53 bits, and limits at or above 2^63 mean "unlimited".

export interface OciSpec {
  readonly ociVersion: string;
  readonly root?: OciRoot | undefined;
  readonly process?: OciProcess | undefined;
  readonly hostname?: string | undefined;
  readonly domainname?: string | undefined;
  /** In the order of mounting. */
  readonly mounts?: readonly OciMount[] | undefined;
  readonly hooks?: OciHooks | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly linux?: OciLinux | undefined;
}

export const OCI_VERSION = "1.3.0";

export interface OciRoot {
  /** Relative to the bundle, or absolute. */
  readonly path: string;
  readonly readonly?: boolean | undefined;
}

export interface OciProcess {
  readonly terminal?: boolean | undefined;
  readonly consoleSize?: { readonly height: number; readonly width: number } | undefined;
  readonly user: OciUser;
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly env?: readonly string[] | undefined;
  /** Absolute, inside the container. */
  readonly cwd: string;
  readonly capabilities?: OciCapabilities | undefined;
  readonly rlimits?: readonly OciRlimit[] | undefined;
  readonly noNewPrivileges?: boolean | undefined;
  readonly apparmorProfile?: string | undefined;
  readonly oomScoreAdj?: number | undefined;
  readonly selinuxLabel?: string | undefined;
}

export interface OciUser {
  readonly uid: number;
  readonly gid: number;
  readonly umask?: number | undefined;
  readonly additionalGids?: readonly number[] | undefined;
}

/** Names with `CAP_`. */
export interface OciCapabilities {
  readonly bounding?: readonly string[] | undefined;
  readonly effective?: readonly string[] | undefined;
  readonly inheritable?: readonly string[] | undefined;
  readonly permitted?: readonly string[] | undefined;
  readonly ambient?: readonly string[] | undefined;
}

export interface OciRlimit {
  /** `RLIMIT_NOFILE` ... */
  readonly type: string;
  readonly soft: number;
  readonly hard: number;
}

export interface OciMount {
  readonly destination: string;
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly options?: readonly string[] | undefined;
  readonly uidMappings?: readonly OciIdMapping[] | undefined;
  readonly gidMappings?: readonly OciIdMapping[] | undefined;
  /** nodelet's own: the part of the mount that is attached, relative and resolved inside it (CRI's image_sub_path). */
  readonly subPath?: string | undefined;
}

export interface OciIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface OciHook {
  readonly path: string;
  readonly args?: readonly string[] | undefined;
  readonly env?: readonly string[] | undefined;
  /** Seconds. */
  readonly timeout?: number | undefined;
}

export interface OciHooks {
  readonly prestart?: readonly OciHook[] | undefined;
  readonly createRuntime?: readonly OciHook[] | undefined;
  readonly createContainer?: readonly OciHook[] | undefined;
  readonly startContainer?: readonly OciHook[] | undefined;
  readonly poststart?: readonly OciHook[] | undefined;
  readonly poststop?: readonly OciHook[] | undefined;
}

export interface OciLinux {
  readonly namespaces?: readonly OciNamespace[] | undefined;
  readonly uidMappings?: readonly OciIdMapping[] | undefined;
  readonly gidMappings?: readonly OciIdMapping[] | undefined;
  readonly devices?: readonly OciDevice[] | undefined;
  readonly cgroupsPath?: string | undefined;
  readonly resources?: OciResources | undefined;
  readonly rootfsPropagation?: "shared" | "slave" | "private" | "unbindable" | undefined;
  readonly seccomp?: OciSeccomp | undefined;
  readonly sysctl?: Readonly<Record<string, string>> | undefined;
  readonly maskedPaths?: readonly string[] | undefined;
  readonly readonlyPaths?: readonly string[] | undefined;
  readonly mountLabel?: string | undefined;
  readonly personality?: { readonly domain: string; readonly flags?: readonly string[] | undefined } | undefined;
}

export type OciNamespaceType = "pid" | "network" | "mount" | "ipc" | "uts" | "user" | "cgroup" | "time";

export interface OciNamespace {
  readonly type: OciNamespaceType;
  /** Of a namespace to join; without it a new one is made. */
  readonly path?: string | undefined;
}

export interface OciDevice {
  /** In the container. */
  readonly path: string;
  /** c and u: character, b: block, p: FIFO. */
  readonly type: "c" | "b" | "u" | "p";
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  readonly fileMode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** nodelet's own: the host's node, bound where a user namespace forbids mknod. Default `path`. */
  readonly hostPath?: string | undefined;
}

export interface OciResources {
  readonly devices?: readonly OciDeviceRule[] | undefined;
  readonly memory?: OciMemory | undefined;
  readonly cpu?: OciCpu | undefined;
  readonly pids?: { readonly limit: number } | undefined;
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[] | undefined;
  /** Files of cgroup v2. */
  readonly unified?: Readonly<Record<string, string>> | undefined;
}

export interface OciDeviceRule {
  readonly allow: boolean;
  readonly type?: "a" | "b" | "c" | undefined;
  /** Absent or -1: any. */
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  /** Of `rwm`. */
  readonly access?: string | undefined;
}

/** Bytes; -1: unlimited. */
export interface OciMemory {
  readonly limit?: number | undefined;
  readonly reservation?: number | undefined;
  /** Memory and swap together. */
  readonly swap?: number | undefined;
  readonly disableOOMKiller?: boolean | undefined;
}

export interface OciCpu {
  readonly shares?: number | undefined;
  /** Microseconds in each period; -1: unlimited. */
  readonly quota?: number | undefined;
  /** Microseconds. */
  readonly period?: number | undefined;
  readonly cpus?: string | undefined;
  readonly mems?: string | undefined;
  readonly idle?: number | undefined;
}

export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number | undefined;
  readonly architectures?: readonly string[] | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly listenerPath?: string | undefined;
  readonly listenerMetadata?: string | undefined;
  readonly syscalls?: readonly OciSyscallRule[] | undefined;
}

export interface OciSyscallRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number | undefined;
  readonly args?: readonly OciSyscallArgument[] | undefined;
}

export interface OciSyscallArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number | undefined;
  readonly op: string;
}
