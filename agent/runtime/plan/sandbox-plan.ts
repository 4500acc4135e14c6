// The namespaces of a pod as a launch plan: made by a fork, set up by the child, pinned by the host. There is no pause
// container; only a shared pid namespace needs a process that stays.

import { posix } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import type { Mapping } from "../../system/system.ts";
import { O } from "../../system/system.ts";
import { parseSysctl } from "../oci/sysctl.ts";
import type { OciNamespaceType } from "../oci/types.ts";
import { PlanBuilder } from "./builder.ts";
import { CLONE, ENSURE_DIRECTORY, MOUNT_ATTR, MS, WHO } from "./constants.ts";
import { CLONE_FLAG } from "./namespaces.ts";
import { NO_REG, type Plan } from "./operations.ts";
import { openDirectory } from "./root.ts";

export interface SandboxPlanInput {
  /** Set in the pod's uts namespace. */
  readonly hostname?: string | undefined;
  /** Those the pod has of its own; the others are the host's. */
  readonly namespaces: {
    readonly network: boolean;
    readonly ipc: boolean;
    readonly uts: boolean;
    readonly pid: boolean;
    readonly user: boolean;
  };
  /** Absolute path for each of them; the file must not exist yet. */
  readonly pins: {
    readonly network?: string | undefined;
    readonly ipc?: string | undefined;
    readonly uts?: string | undefined;
    readonly pid?: string | undefined;
    readonly user?: string | undefined;
  };
  readonly idMappings?: { readonly uids: readonly Mapping[]; readonly gids: readonly Mapping[] } | undefined;
  readonly sysctls: Readonly<Record<string, string>>;
  /** The pod's /dev/shm: where it is mounted on the host, and its size in bytes. The directory's parent exists. */
  readonly shm?: { readonly path: string; readonly size: number } | undefined;
  /** Absolute; for the process that stays. */
  readonly cgroupDir?: string | undefined;
}

/** Names of the CRI's and the kernel's kinds. The user namespace is first: the others are to belong to it. */
const KINDS = [
  { key: "user", type: "user", pin: "user" },
  { key: "network", type: "network", pin: "net" },
  { key: "ipc", type: "ipc", pin: "ipc" },
  { key: "uts", type: "uts", pin: "uts" },
  { key: "pid", type: "pid", pin: "pid" },
] as const satisfies readonly { key: keyof SandboxPlanInput["namespaces"]; type: OciNamespaceType; pin: string }[];

const OPTIONS = "linux.security_context.namespace_options";

export function compileSandboxPlan(input: SandboxPlanInput): Plan {
  const plan = new PlanBuilder();
  const wanted = KINDS.filter(({ key }) => input.namespaces[key]);
  const causeOf = (key: string): string =>
    `${OPTIONS}.${key === "user" ? "userns_options" : key === "uts" ? "network" : key}`;
  if (wanted.length > 0) {
    const { pid, user } = input.namespaces;
    const cgroup =
      input.cgroupDir === undefined
        ? NO_REG
        : plan.open(
            "host",
            "open",
            { at: NO_REG, path: input.cgroupDir, flags: O.RDONLY | O.DIRECTORY, mode: 0, resolve: 0 },
            "linux.cgroup_parent",
          );
    const flags = wanted.reduce((all, { type }) => all | CLONE_FLAG[type], pid ? CLONE.NEWNS : 0) >>> 0;
    plan.open("host", "fork", { who: WHO.child, flags, cgroup }, OPTIONS);

    if (user) {
      const mappings = input.idMappings;
      if (mappings === undefined || mappings.uids.length === 0 || mappings.gids.length === 0) {
        throw new NodeletError("invalid", "a user namespace needs mappings of users and groups", {
          where: causeOf("user"),
        });
      }
      plan.add(
        "host",
        "map_ids",
        {
          who: WHO.child,
          uids: mapText(mappings.uids, `${causeOf("user")}.uids`),
          gids: mapText(mappings.gids, `${causeOf("user")}.gids`),
        },
        causeOf("user"),
      );
      plan.add("host", "signal", { who: WHO.child }, causeOf("user"));
      plan.add("child", "wait", { who: WHO.host }, causeOf("user"));
      plan.add("child", "ids", { uid: 0, gid: 0, groups: [] }, causeOf("user"));
    }
    addSetUp(plan, input);
    plan.add("child", "signal", { who: WHO.host }, OPTIONS);
    plan.add("child", "wait", { who: WHO.host }, OPTIONS);
    plan.add("host", "wait", { who: WHO.child }, OPTIONS);
    for (const { key, pin } of wanted) {
      const path = input.pins[key];
      if (path === undefined)
        throw new NodeletError("internal", `no place is given to pin the ${key} namespace`, { where: causeOf(key) });
      plan.add("host", "pin", { who: WHO.child, namespace: pin, path }, causeOf(key));
    }
  }
  addShm(plan, input);
  if (wanted.length > 0) {
    plan.add("host", "signal", { who: WHO.child }, OPTIONS);
    if (input.namespaces.pid) addPause(plan);
  }
  return plan.build();
}

function addSetUp(plan: PlanBuilder, input: SandboxPlanInput): void {
  const { network, uts, ipc, user } = input.namespaces;
  if (uts && input.hostname !== undefined) plan.add("child", "hostname", { name: input.hostname }, "hostname");
  if (network) plan.add("child", "link_up", { name: "lo" }, `${OPTIONS}.network`);
  const has = { network, ipc, uts };
  const sysctls = new Map<string, { value: string; cause: string }>();
  if (network) {
    const cause = "linux.sysctls (default)";
    sysctls.set("net/ipv4/ip_unprivileged_port_start", { value: "0", cause });
    // In a user namespace the group ids of the range would have to be mapped.
    if (!user) sysctls.set("net/ipv4/ping_group_range", { value: "0 2147483647", cause });
  }
  for (const [name, value] of Object.entries(input.sysctls)) {
    const cause = `linux.sysctls[${JSON.stringify(name)}]`;
    const sysctl = parseSysctl(name, value, cause);
    if (!has[sysctl.namespace]) {
      throw new NodeletError(
        "invalid",
        `sysctl ${name} would be set on the host, as the pod uses the host's ${sysctl.namespace} namespace`,
        {
          where: cause,
          fix: "drop the sysctl, or give the pod a namespace of its own",
        },
      );
    }
    sysctls.set(sysctl.path, { value, cause });
  }
  for (const [path, { value, cause }] of sysctls) {
    plan.add("child", "write", { at: NO_REG, path: `/proc/sys/${path}`, data: Buffer.from(value), flags: 0 }, cause);
  }
}

/** Last on the host, as nothing that may fail is to come after what others can see. */
function addShm(plan: PlanBuilder, input: SandboxPlanInput): void {
  const { shm, idMappings } = input;
  if (shm === undefined) return;
  const cause = `${OPTIONS}.ipc`;
  const owner =
    idMappings === undefined || !input.namespaces.user
      ? []
      : [
          `uid=${rootOf(idMappings.uids, `${OPTIONS}.userns_options.uids`)}`,
          `gid=${rootOf(idMappings.gids, `${OPTIONS}.userns_options.gids`)}`,
        ];
  const attributes = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;
  const options = ["mode=1777", `size=${shm.size}`, ...owner];
  const mount = plan.open("host", "new_mount", { fstype: "tmpfs", options, attributes }, cause);
  const parent = openDirectory(plan, "host", posix.dirname(shm.path), cause);
  const kind = ENSURE_DIRECTORY;
  const to = plan.open("host", "ensure", { at: parent, path: posix.basename(shm.path), kind, mode: 0o700 }, cause);
  plan.add("host", "move_mount", { from: mount, to }, cause);
  plan.close("host", to, cause);
  plan.close("host", parent, cause);
  plan.close("host", mount, cause);
}

/**
 * The pod's first process keeps nothing of the host: an empty root, as containers that share its pid namespace can look at
 * /proc/1/root, no capability, no descriptor.
 */
function addPause(plan: PlanBuilder): void {
  const cause = `${OPTIONS}.pid`;
  plan.add("child", "dumpable", { value: 0 }, cause);
  plan.add("child", "setsid", {}, cause);
  plan.add("child", "mount", { source: "none", target: "/", fstype: "", flags: MS.REC | MS.PRIVATE, data: "" }, cause);
  const attributes = MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;
  const root = plan.open(
    "child",
    "new_mount",
    { fstype: "tmpfs", options: ["mode=555", "size=4096"], attributes },
    cause,
  );
  const slash = openDirectory(plan, "child", "/", cause);
  plan.add("child", "move_mount", { from: root, to: slash }, cause);
  plan.close("child", slash, cause);
  plan.add("child", "pivot_root", { root }, cause);
  plan.close("inside", root, cause);
  plan.add("inside", "bounding", { keep: 0 }, cause);
  plan.add("inside", "capabilities", { effective: 0, permitted: 0, inheritable: 0, ambient: 0 }, cause);
  plan.add("inside", "no_new_privs", {}, cause);
  plan.add("inside", "pause", {}, cause);
}

function mapText(mappings: readonly Mapping[], where: string): string {
  const natural = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
  return mappings
    .map(({ containerId, hostId, size }) => {
      if (
        !natural(containerId) ||
        !natural(hostId) ||
        !natural(size) ||
        size === 0 ||
        hostId + size > 2 ** 32 ||
        containerId + size > 2 ** 32
      ) {
        throw new NodeletError("invalid", `${containerId} ${hostId} ${size} is not a range of ids`, { where });
      }
      return `${containerId} ${hostId} ${size}\n`;
    })
    .join("");
}

function rootOf(mappings: readonly Mapping[], where: string): number {
  const root = mappings.find(({ containerId }) => containerId === 0);
  if (root === undefined) throw new NodeletError("invalid", "id 0 is not mapped", { where });
  return root.hostId;
}
