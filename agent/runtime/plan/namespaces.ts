// The namespaces of a container in a plan: which are joined by their paths, which are new with a fork, which by unshare.

import { NodeletError } from "../../base/errors.ts";
import type { OciNamespace, OciNamespaceType, OciSpec } from "../oci/types.ts";
import { O } from "../../system/system.ts";
import type { PlanBuilder } from "./builder.ts";
import { CLONE } from "./constants.ts";
import { NO_REG, type Actor } from "./operations.ts";

export const CLONE_FLAG: Readonly<Record<OciNamespaceType, number>> = {
  mount: CLONE.NEWNS,
  cgroup: CLONE.NEWCGROUP,
  uts: CLONE.NEWUTS,
  ipc: CLONE.NEWIPC,
  user: CLONE.NEWUSER,
  pid: CLONE.NEWPID,
  network: CLONE.NEWNET,
  time: CLONE.NEWTIME,
};

export interface NamespaceRef {
  readonly type: OciNamespaceType;
  readonly path: string | undefined;
  /** `linux.namespaces[2]`. */
  readonly cause: string;
}

export interface Namespaces {
  readonly user: NamespaceRef | undefined;
  readonly pid: NamespaceRef | undefined;
  readonly mount: NamespaceRef;
  readonly cgroup: NamespaceRef | undefined;
  /** network, ipc and uts that are joined. */
  readonly joined: readonly NamespaceRef[];
  /** CLONE_NEW flags for the child's fork: new ones but cgroup, which is unshared, as the fork would root it at the shim's. */
  readonly newFlags: number;
}

/** `userNamespace`: path of the pod's, when the spec leaves it out. */
export function sortNamespaces(spec: OciSpec, userNamespace: string | undefined): Namespaces {
  const list: readonly OciNamespace[] = spec.linux?.namespaces ?? [];
  const found = new Map<OciNamespaceType, NamespaceRef>();
  for (const [index, { type, path }] of list.entries()) {
    const cause = `linux.namespaces[${index}]`;
    if (!(type in CLONE_FLAG))
      throw new NodeletError("invalid", `there is no namespace type ${JSON.stringify(type)}`, { where: cause });
    if (found.has(type)) throw new NodeletError("invalid", `lists the ${type} namespace twice`, { where: cause });
    if (path !== undefined && !path.startsWith("/"))
      throw new NodeletError("invalid", "the path is not absolute", { where: `${cause}.path` });
    found.set(type, { type, path: path === "" ? undefined : path, cause });
  }
  if (userNamespace !== undefined && !found.has("user"))
    found.set("user", { type: "user", path: userNamespace, cause: "linux.namespaces (user)" });
  const mount = found.get("mount");
  const user = found.get("user");
  if (mount === undefined || mount.path !== undefined) {
    throw new NodeletError("unsupported", "a container needs a mount namespace of its own", {
      where: mount?.cause ?? "linux.namespaces",
    });
  }
  if (user !== undefined && user.path === undefined) {
    throw new NodeletError("unsupported", "a container joins the user namespace of its pod, it has none of its own", {
      where: user.cause,
    });
  }
  if (found.has("time")) {
    throw new NodeletError("unsupported", "time namespaces are not offered", { where: found.get("time")?.cause });
  }
  const cgroup = found.get("cgroup");
  const joined: NamespaceRef[] = [];
  let newFlags = 0;
  for (const ref of found.values()) {
    if (ref.type === "user" || ref.type === "cgroup") continue;
    if (ref.path === undefined) newFlags |= CLONE_FLAG[ref.type];
    else if (ref.type !== "pid") joined.push(ref);
  }
  return { user, pid: found.get("pid"), mount, cgroup, joined, newFlags: newFlags >>> 0 };
}

/** Opens a pinned namespace. A pin is a mount of nsfs on a file, a process's one a magic link: neither is followed further. */
export function openNamespace(plan: PlanBuilder, actor: Actor, ref: NamespaceRef): number {
  return plan.open(
    actor,
    "open",
    { at: NO_REG, path: ref.path ?? "", flags: O.RDONLY, mode: 0, resolve: 0 },
    `${ref.cause}.path`,
  );
}

export function addSetns(plan: PlanBuilder, actor: Actor, ref: NamespaceRef, reg: number): void {
  plan.add(actor, "setns", { reg, types: CLONE_FLAG[ref.type] }, ref.cause);
}
