// What this process may do: user, capabilities, limits.

import { CAPABILITIES } from "../../runtime/oci/capabilities.ts";
import { Findings, type Finding } from "./finding.ts";
import type { Host } from "./host.ts";

/** Making a container uses each of them. */
const NEEDED = [
  "SYS_ADMIN",
  "NET_ADMIN",
  "SYS_CHROOT",
  "SETUID",
  "SETGID",
  "SETPCAP",
  "CHOWN",
  "FOWNER",
  "DAC_OVERRIDE",
  "MKNOD",
  "KILL",
] as const;

/** What goes without, by capability. Others are only missed by containers that ask for them. */
const USEFUL: Readonly<Record<string, string>> = {
  SYS_RESOURCE: "Raising rlimits and lowering oom_score_adj is skipped with one warning.",
  SETFCAP: "Image layers with file capabilities cannot be unpacked whole.",
  SYS_PTRACE: "Namespaces of other users' processes cannot be looked at.",
  BPF: "Device rules need CAP_SYS_ADMIN instead.",
};

/** What containers have when they ask for nothing. */
const DEFAULTS = ["AUDIT_WRITE", "FSETID", "NET_BIND_SERVICE", "NET_RAW"] as const;

const FILES_GOOD = 65_536;
const WATCHES_GOOD = 8_192;
const INSTANCES_GOOD = 128;

export function checkRights(host: Host): readonly Finding[] {
  const found = new Findings("rights");
  if (host.root) found.ok("user", "root");
  else
    found.fatal(
      "user",
      "not root",
      "Run `nodelet doctor` and the agent as root.",
      "No container can be made, and most checks are left out.",
    );

  if (host.system !== undefined) {
    const { bounding, permitted, last } = host.system.capabilities();
    const has = (name: string): boolean => {
      const bit = BigInt(CAPABILITIES.indexOf(`CAP_${name}`));
      return (bounding & permitted & (1n << bit)) !== 0n;
    };
    const known = CAPABILITIES.slice(0, last + 1).map((name) => name.slice("CAP_".length));
    const lacking = host.root ? known.filter((name) => !has(name)) : [];
    const needed = lacking.filter((name) => (NEEDED as readonly string[]).includes(name));
    const others = lacking.filter((name) => !needed.includes(name));
    if (needed.length > 0) {
      found.fatal(
        "capabilities",
        `no ${list(needed)}`,
        "Run the agent with all capabilities: in a container of its own it has to be privileged.",
      );
    }
    if (others.length > 0) {
      const follows = others.flatMap((name) => USEFUL[name] ?? []);
      const defaults = others.filter((name) => (DEFAULTS as readonly string[]).includes(name));
      if (defaults.length > 0) follows.push(`Containers run without ${list(defaults)}.`);
      follows.push("Containers that ask for what is missing are refused, and privileged ones do without.");
      found.warn(
        "capabilities",
        `no ${list(others)}`,
        follows.join(" "),
        "Add them to the bounding set of the agent's service if pods need them.",
      );
    }
    if (host.root && lacking.length === 0) found.ok("capabilities", `all ${last + 1}`);
  }

  limit(
    found,
    host,
    "inotify instances",
    "/proc/sys/fs/inotify/max_user_instances",
    INSTANCES_GOOD,
    "Programs in containers that watch files share these.",
    "fs.inotify.max_user_instances=8192",
  );
  limit(
    found,
    host,
    "inotify watches",
    "/proc/sys/fs/inotify/max_user_watches",
    WATCHES_GOOD,
    "Programs in containers that watch files share these.",
    "fs.inotify.max_user_watches=524288",
  );
  const files = /^Max open files\s+\S+\s+(\S+)/m.exec(host.read("/proc/self/limits") ?? "")?.[1];
  if (files !== undefined) {
    if (files === "unlimited" || Number(files) >= FILES_GOOD) found.ok("open files", `at most ${files}`);
    else
      found.warn(
        "open files",
        `at most ${files}`,
        "The agent needs some for each container, and containers inherit the limit.",
        `Set LimitNOFILE=${FILES_GOOD * 16} in the agent's service.`,
      );
  }
  return found.list;
}

function limit(
  found: Findings,
  host: Host,
  name: string,
  path: string,
  good: number,
  consequence: string,
  setting: string,
): void {
  const value = host.read(path);
  if (value === undefined) return;
  if (Number(value) >= good) found.ok(name, `at most ${value.trim()} a user`);
  else found.warn(name, `at most ${value.trim()} a user`, consequence, `Set it with \`sysctl ${setting}\`.`);
}

function list(names: readonly string[]): string {
  return names.map((name) => `CAP_${name}`).join(", ");
}
