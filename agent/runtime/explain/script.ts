// The same container as a shell script: for people who want to see, change and run by hand what the plan does. It needs root and
// what Debian has: bash, util-linux, perl-base. Mounts, namespaces, ids, capabilities, limits, environment and cwd are the
// container's; seccomp, id mappings, labels, hooks and the device program are comments.

import { posix } from "node:path";

import type { Snapshot } from "../../images/images.ts";
import { DEFAULT_DEVICES } from "../oci/devices.ts";
import { cleanPath } from "../oci/text.ts";
import { parseSysctl } from "../oci/sysctl.ts";
import type { OciMount, OciNamespaceType, OciSpec } from "../oci/types.ts";
import { MS } from "../plan/constants.ts";
import { parseMountOptions } from "../plan/mount-options.ts";
import type { Plan } from "../plan/operations.ts";
import { processOf } from "../plan/process.ts";
import { SHELL_FUNCTIONS } from "./script-functions.ts";

/** Names of nsenter's and unshare's options. */
const NAMESPACE_OPTIONS: Readonly<Record<OciNamespaceType, string>> = {
  mount: "mount",
  cgroup: "cgroup",
  uts: "uts",
  ipc: "ipc",
  user: "user",
  pid: "pid",
  network: "net",
  time: "time",
};

/** A bash script. Its root starts empty above the image's layers: the container's own upper directory may be in use. */
export function toScript(plan: Plan, spec: OciSpec, snapshot: Snapshot): string {
  return [
    ...head(plan, spec),
    "",
    SHELL_FUNCTIONS,
    "",
    "build() {",
    ...indent(["set -euo pipefail", "umask 022", ...outside(spec)]),
    "",
    ...indent(root(snapshot)),
    "",
    ...indent((spec.mounts ?? []).flatMap((mount, index) => mountLines(mount, index))),
    "",
    ...indent(devices(spec)),
    "",
    ...indent(protection(spec)),
    "",
    ...indent(enter(spec)),
    "}",
    "",
    ...start(plan, spec),
    "",
  ].join("\n");
}

function head(plan: Plan, spec: OciSpec): string[] {
  const { linux } = spec;
  const process = processOf(spec);
  const notes: string[] = [];
  if (linux?.seccomp !== undefined) {
    const { defaultAction, syscalls = [] } = linux.seccomp;
    const names = new Set(syscalls.flatMap((rule) => rule.names));
    notes.push(
      `seccomp: a filter with default ${defaultAction} and rules for ${names.size} system calls (linux.seccomp in config.json)`,
    );
  }
  if (linux?.namespaces?.some(({ type }) => type === "user") === true) {
    const ranges = (linux.uidMappings ?? []).map(
      ({ containerID, hostID, size }) => `${containerID}-${containerID + size - 1} as ${hostID}-${hostID + size - 1}`,
    );
    notes.push(
      `the pod's user namespace: ids ${ranges.join(", ")}; layers and volumes are mounted with these mappings`,
    );
  }
  if (plan.steps.some(({ op }) => op === "device_program")) {
    notes.push(
      "the cgroup's device program (linux.resources.devices): without it all devices that can be made can be used",
    );
  }
  if (process.apparmorProfile) notes.push(`the AppArmor profile ${process.apparmorProfile}`);
  if (process.terminal === true) notes.push("a terminal of its own on the container's /dev/pts, bound at /dev/console");
  for (const [kind, hooks] of Object.entries(spec.hooks ?? {})) {
    for (const hook of (hooks ?? []) as readonly { path: string }[]) notes.push(`the ${kind} hook ${hook.path}`);
  }
  if ((spec.mounts ?? []).some((mount) => parseMountOptions(mount, "mounts").propagation === MS.SHARED)) {
    notes.push("bidirectional mount propagation: mounts made on the host appear inside, not the other way round");
  }
  return [
    "#!/bin/bash",
    "# Builds a container with unshare, mount and pivot_root, as its launch plan does. Run it as root.",
    "# What the container writes goes to a tmpfs and is gone when it ends.",
    ...(notes.length === 0
      ? []
      : ["# The container also has what is left out here:", ...notes.map((note) => `# - ${note}`)]),
  ];
}

/** What is set through the host's /proc before it is out of reach. */
function outside(spec: OciSpec): string[] {
  const process = processOf(spec);
  const lines: string[] = [];
  if (process.oomScoreAdj !== undefined) {
    lines.push(`echo ${process.oomScoreAdj} > /proc/self/oom_score_adj || true # process.oomScoreAdj`);
  }
  for (const [name, value] of Object.entries(spec.linux?.sysctl ?? {})) {
    lines.push(`printf %s ${quote(value)} > ${quote(`/proc/sys/${parseSysctl(name, value, "linux.sysctl").path}`)}`);
  }
  for (const { type, soft, hard } of process.rlimits ?? []) {
    const text = (value: number): string => (value < 0 || value >= 2 ** 63 ? "unlimited" : String(value));
    lines.push(`prlimit --pid $$ --${type.replace(/^RLIMIT_/, "").toLowerCase()}=${text(soft)}:${text(hard)}`);
  }
  return lines;
}

function root(snapshot: Snapshot): string[] {
  const upper = snapshot.upper;
  const options = [
    `lowerdir=${snapshot.lower.join(":")}`,
    `upperdir=${upper}/upper`,
    `workdir=${upper}/work`,
    "volatile",
    "index=off",
    "metacopy=off",
  ];
  return [
    "# root.path: the image's layers, and a new upper directory over the container's own",
    `cd ${quote(snapshot.directory)}`,
    `mount -t tmpfs -o mode=700 tmpfs ${quote(upper)}`,
    `mkdir ${quote(`${upper}/upper`)} ${quote(`${upper}/work`)} ${quote(`${upper}/root`)}`,
    `mount -t overlay -o ${quote(options.join(","))} overlay ${quote(`${upper}/root`)}`,
    `root=${quote(posix.resolve(snapshot.directory, upper, "root"))}`,
  ];
}

const ATTRIBUTE_NAMES = [
  "nosuid",
  "nodev",
  "noexec",
  "noatime",
  "nodiratime",
  "strictatime",
  "relatime",
  "nosymfollow",
  "suid",
  "dev",
  "exec",
];

function mountLines(mount: OciMount, index: number): string[] {
  const options = parseMountOptions(mount, `mounts[${index}]`);
  const destination = cleanPath(mount.destination);
  const attributes = (mount.options ?? []).filter((option) => ATTRIBUTE_NAMES.includes(option));
  const readonly = (mount.options ?? []).includes("ro");
  const lines: string[] = [`# mounts[${index}]: ${destination}`];
  if (options.bind !== undefined) {
    const source = mount.subPath === undefined ? (mount.source ?? "") : posix.join(mount.source ?? "", mount.subPath);
    lines.push(`place ${quote(destination)} ${quote(source)}`, `mount --${options.bind} ${quote(source)} "$at"`);
  } else {
    const fstype = mount.type === "cgroup" ? "cgroup2" : (mount.type ?? "none");
    const data = [...attributes, ...options.data];
    const list = data.length === 0 ? "" : `-o ${quote(data.join(","))} `;
    if (mount.subPath === undefined)
      lines.push(
        `directory ${quote(destination)}`,
        `mount -t ${quote(fstype)} ${list}${quote(mount.source ?? fstype)} "$at"`,
      );
    else {
      // Mounted where pivot_root will bury it; the part is bound from there.
      lines.push(
        'mkdir -p "$root.image"',
        `mount -t ${quote(fstype)} ${list}${quote(mount.source ?? fstype)} "$root.image"`,
        `place ${quote(destination)} "$root.image"/${quote(mount.subPath)}`,
        `mount --bind "$root.image"/${quote(mount.subPath)} "$at"`,
      );
    }
  }
  if (options.bind !== undefined && propagationOption(options.propagation, options.propagationRecursive) !== "") {
    lines.push(`mount --make-${propagationOption(options.propagation, options.propagationRecursive)} "$at"`);
  }
  // Read-only is a property of this mount; as an option of the file system it would be one of every other mount of it.
  const remount = [...(options.bind !== undefined || readonly ? attributes : []), ...(readonly ? ["ro"] : [])];
  if (remount.length > 0) lines.push(`mount -o remount,bind,${remount.join(",")} "$at"`);
  if ((mount.options ?? []).includes("rro")) {
    lines.push('readonly_below "$at"');
  }
  return lines;
}

/** The script's mounts are slaves of the host's at most, so shared becomes slave. */
function propagationOption(propagation: number, recursive: boolean): string {
  const name = propagation === MS.PRIVATE ? "private" : propagation === MS.UNBINDABLE ? "unbindable" : "slave";
  return recursive ? `r${name}` : name;
}

function devices(spec: OciSpec): string[] {
  const dev = (spec.mounts ?? []).find(({ destination }) => cleanPath(destination) === "/dev");
  if (dev !== undefined && dev.type !== "tmpfs") return ["# /dev is the host's"];
  const all = new Map<
    string,
    { type: string; major?: number | undefined; minor?: number | undefined; mode: number; uid: number; gid: number }
  >();
  for (const device of DEFAULT_DEVICES) all.set(device.path, device);
  for (const { path, type, major, minor, fileMode = 0o666, uid = 0, gid = 0 } of spec.linux?.devices ?? []) {
    all.set(cleanPath(path), { type: type === "u" ? "c" : type, major, minor, mode: fileMode, uid, gid });
  }
  const lines = ["# linux.devices and those that every container has"];
  for (const [path, { type, major, minor, mode, uid, gid }] of all) {
    const parent = posix.dirname(path);
    if (parent !== "/dev") lines.push(`directory ${quote(parent)}`);
    const node = `"$(resolve ${quote(path)})"`;
    lines.push(`mknod -m ${mode.toString(8)} ${node} ${type}${type === "p" ? "" : ` ${major ?? 0} ${minor ?? 0}`}`);
    if (uid !== 0 || gid !== 0) lines.push(`chown ${uid}:${gid} ${node}`);
  }
  lines.push(
    "dev=$(resolve /dev)",
    'ln -s /proc/self/fd "$dev/fd"',
    'ln -s /proc/self/fd/0 "$dev/stdin"',
    'ln -s /proc/self/fd/1 "$dev/stdout"',
    'ln -s /proc/self/fd/2 "$dev/stderr"',
    'ln -s /proc/kcore "$dev/core"',
    'ln -s pts/ptmx "$dev/ptmx"',
  );
  if (dev?.options?.includes("ro") === true) lines.push('mount -o remount,bind,ro "$dev"');
  return lines;
}

function protection(spec: OciSpec): string[] {
  const process = processOf(spec);
  return [
    ...(spec.linux?.maskedPaths ?? []).map((path) => `mask ${quote(path)}`),
    ...(spec.linux?.readonlyPaths ?? []).map((path) => `protect ${quote(path)}`),
    `directory ${quote(process.cwd)}`,
    ...(spec.root?.readonly === true ? ['mount -o remount,bind,ro "$root" # root.readonly'] : []),
  ];
}

/**
 * After pivot_root the host's programs are out of reach by path, but not by descriptor: the loader, the libraries and three
 * programs are opened before, run from /proc/self/fd, and closed by the last of them.
 */
function enter(spec: OciSpec): string[] {
  const process = processOf(spec);
  const { capabilities = {}, user } = process;
  const set = (names: readonly string[] | undefined): string =>
    ["-all", ...(names ?? []).map((name) => `+${name.replace(/^CAP_/, "").toLowerCase()}`)].join(",");
  const groups = user.additionalGids ?? [];
  const env = process.env ?? [];
  return [
    "setpriv=$(command -v setpriv)",
    "loader=$(ldd \"$setpriv\" | awk '/ld-linux/ { print $1 }')",
    "libraries=$(ldd \"$setpriv\" | awk '/libc\\.so/ { print $3 }')",
    'exec 3< "$loader" 4< "$(dirname "$libraries")" 5< "$(command -v umount)" 6< "$setpriv" 7< "$(command -v perl)"',
    'host() { local program=$1; shift; /proc/self/fd/3 --library-path /proc/self/fd/4 "/proc/self/fd/$program" "$@"; }',
    'cd "$root"',
    "pivot_root . .",
    "host 5 -l --no-canonicalize .",
    "cd /",
    `cd ${quote(process.cwd)} # process.cwd`,
    `umask ${(user.umask ?? 0o022).toString(8).padStart(3, "0")}`,
    "",
    "# process.user, process.capabilities, process.env, process.args",
    "close_and_run='",
    "  my $count = shift;",
    "  %ENV = map { split /=/, $_, 2 } splice @ARGV, 0, $count;",
    '  for my $fd (3 .. 255) { open(my $handle, "<&=", $fd) and close $handle }',
    '  exec { $ARGV[0] } @ARGV or do { print STDERR "$ARGV[0]: $!\\n"; exit 127 };',
    "'",
    "exec /proc/self/fd/3 --library-path /proc/self/fd/4 /proc/self/fd/6 \\",
    `  --reuid=${user.uid} --regid=${user.gid} ${groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`} \\`,
    `  --bounding-set=${set(capabilities.bounding)} \\`,
    `  --inh-caps=${set(capabilities.inheritable)} --ambient-caps=${set(capabilities.ambient)} ${process.noNewPrivileges === true ? "--no-new-privs " : ""}\\`,
    '  -- /proc/self/fd/3 --library-path /proc/self/fd/4 /proc/self/fd/7 -e "$close_and_run" -- \\',
    `  ${env.length} \\`,
    ...env.map((entry) => `  ${quote(entry)} \\`),
    `  ${process.args.map(quote).join(" ")}`,
  ];
}

/** The cgroup, then the pod's namespaces, then those of its own. */
function start(plan: Plan, spec: OciSpec): string[] {
  const lines = [
    "export LC_ALL=C",
    "[ \"$(id -u)\" = 0 ] || { echo 'run this as root' >&2; exit 1; }",
    "for tool in nsenter unshare mount pivot_root setpriv prlimit findmnt perl awk ldd; do",
    '  command -v "$tool" > /dev/null || { echo "this needs $tool" >&2; exit 1; }',
    "done",
  ];
  const cgroup = plan.steps.find((step) => step.op === "open" && step.cause === "linux.cgroupsPath");
  if (cgroup?.op === "open") {
    const file = quote(`${cgroup.args.path}/cgroup.procs`);
    lines.push("# linux.cgroupsPath: the container's own, while it exists", `[ ! -e ${file} ] || echo $$ > ${file}`);
  }
  const list = (spec.linux?.namespaces ?? []).filter(({ type }) => type !== "user");
  const joined = list.filter(({ path }) => path !== undefined && path !== "");
  const made = list.filter(({ path }) => path === undefined || path === "");
  const slave = (spec.mounts ?? []).some(
    (mount) => (parseMountOptions(mount, "mounts").propagation & (MS.SLAVE | MS.SHARED)) !== 0,
  );
  const nsenter = joined.map(({ type, path = "" }) => `--${NAMESPACE_OPTIONS[type]}=${quote(path)}`);
  const unshare = made.map(({ type }) => `--${NAMESPACE_OPTIONS[type]}`);
  if (made.some(({ type }) => type === "pid")) unshare.push("--fork");
  lines.push(
    "# linux.namespaces",
    `exec ${nsenter.length === 0 ? "" : `nsenter ${nsenter.join(" ")} -- `}unshare ${unshare.join(" ")} --propagation ${slave ? "slave" : "private"} -- \\`,
    '  bash -c "$(declare -f resolve directory place readonly_below mask protect build); build"',
  );
  return lines;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[A-Za-z0-9_.,:/=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
