// A host of a suite's own: fresh mount, network, pid and cgroup namespaces, in which addresses, rules, /run and the cgroup tree are
// nobody else's. With its last process all of it is gone.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";

import { isErrno } from "../../agent/base/errors.ts";
import { packageRoot } from "../../agent/base/paths.ts";
import { findHierarchy } from "../../agent/system/cgroupfs.ts";
import { eventually } from "../fixtures/eventually.ts";

/** The new cgroup namespace begins at the cgroup that its first process is in. */
const ENTER = 'echo $$ > "$0/cgroup.procs" && exec unshare --cgroup "$@"';

/** Only a cgroup without processes can hand controllers down. */
const LEAVE_ROOT = 'mkdir "$0/suite" && echo $$ > "$0/suite/cgroup.procs" && exec "$@"';

/**
 * Copies of mounts that agents of the host have for their pods: they would go from here whenever their owner removes what they are
 * mounted on. What is mounted on itself is the same without.
 */
const OTHERS =
  '$5 ~ "^/run/" || $5 ~ "/volumes/kubernetes[.]io~" || $5 ~ "/sandboxes/" || / - nsfs / || ($4 == $5 && $5 != "/") { print $5 }';
const WITHOUT_OTHERS = `{ awk '${OTHERS}' /proc/self/mountinfo | tac | xargs -r -n 1 umount --lazy 2> /dev/null || true; }`;

const NETWORK_AND_RUN = [
  WITHOUT_OTHERS,
  "ip link set lo up",
  "mount -t tmpfs -o mode=755 tmpfs /run",
  "mkdir -p /run/netns /run/lock",
];

const INSIDE = [
  ...NETWORK_AND_RUN,
  "mount -t sysfs sysfs /sys",
  // One tree of version 2 where suites look for it, also where the host itself has version 1 there.
  "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  'exec "$@"',
].join(" && ");

const INSIDE_WITH_HOST_CGROUPS = [
  ...NETWORK_AND_RUN,
  "mount --rbind /sys/fs/cgroup /mnt",
  "mount -t sysfs sysfs /sys",
  "mount --move /mnt /sys/fs/cgroup",
  'exec "$@"',
].join(" && ");

const NAMESPACES = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];

/** The same with the host's own cgroup tree, for runtimes that need controllers which only version 1 has there. */
export async function runWithHostCgroups(file: string, args: readonly string[] = []): Promise<number> {
  const command = [...NAMESPACES, "sh", "-c", INSIDE_WITH_HOST_CGROUPS, "sh", process.execPath, file, ...args];
  const child = spawn("unshare", command, { cwd: packageRoot(), stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

/** Runs a file of ours there with the arguments; resolves with its exit code. */
export async function runOnOwnHost(file: string, args: readonly string[] = []): Promise<number> {
  const hierarchy = findHierarchy();
  if (hierarchy === undefined) throw new Error("there is no cgroup version 2 tree on this host");
  const cgroup = join(hierarchy.root, `nodelet-suite-${process.pid}`);
  mkdirSync(cgroup);
  try {
    const inside = ["unshare", ...NAMESPACES, "sh", "-c", INSIDE, "sh", process.execPath, file, ...args];
    const child = spawn("sh", ["-c", ENTER, cgroup, "sh", "-c", LEAVE_ROOT, cgroup, ...inside], {
      cwd: packageRoot(),
      stdio: "inherit",
    });
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 1;
  } finally {
    // The last processes take their time to go.
    await eventually(`the cgroup ${cgroup} can be removed`, () => removeTree(cgroup));
  }
}

/** Whether it is gone: while a process is in it, it cannot be removed. */
function removeTree(cgroup: string): boolean {
  try {
    for (const entry of readdirSync(cgroup, { withFileTypes: true }))
      if (entry.isDirectory() && !removeTree(join(cgroup, entry.name))) return false;
    rmdirSync(cgroup);
    return true;
  } catch (error) {
    if (isErrno(error, "EBUSY")) return false;
    throw error;
  }
}
