// The last steps before exec, shared by containers and execs: limits, identity, seccomp.

import { NodeletError } from "../../base/errors.ts";
import { CAPABILITIES, capabilityMask } from "../oci/capabilities.ts";
import type { OciProcess, OciSpec } from "../oci/types.ts";
import { O } from "../../system/system.ts";
import type { PlanBuilder } from "./builder.ts";
import { RLIMITS } from "./constants.ts";
import { NO_REG, type Actor } from "./operations.ts";

const DEFAULT_UMASK = 0o022;

/** linux.seccomp as the shim loads it. */
export interface SeccompFilter {
  /** struct sock_filter[]. */
  readonly filter: Uint8Array;
  /** Of seccomp(2). */
  readonly flags: number;
}

/** The process of a spec that is to be run. */
export function processOf(spec: OciSpec): OciProcess {
  if (spec.process === undefined) throw new NodeletError("invalid", "the spec names no process", { where: "process" });
  return spec.process;
}

/**
 * Before any namespace is entered: in a user namespace the file belongs to nobody there. Lowering needs CAP_SYS_RESOURCE, which a
 * daemon in a container may lack; then the container keeps the shim's value.
 */
export function addOomScore(plan: PlanBuilder, actor: Actor, process: OciProcess): void {
  if (process.oomScoreAdj === undefined) return;
  plan.add(
    actor,
    "write",
    { at: NO_REG, path: "/proc/self/oom_score_adj", data: Buffer.from(String(process.oomScoreAdj)), flags: 0 },
    "process.oomScoreAdj",
    "denied",
  );
}

export function addRlimits(plan: PlanBuilder, actor: Actor, process: OciProcess): void {
  for (const [index, { type, soft, hard }] of (process.rlimits ?? []).entries()) {
    const resource = RLIMITS.indexOf(type);
    if (resource < 0)
      throw new NodeletError("invalid", `there is no limit ${JSON.stringify(type)}`, {
        where: `process.rlimits[${index}].type`,
      });
    const number = (value: number): number => (value < 0 || value >= 2 ** 63 ? -1 : value);
    plan.add(actor, "rlimit", { resource, soft: number(soft), hard: number(hard) }, `process.rlimits[${index}]`);
  }
}

/** The host's /proc, opened before it is out of reach; only an AppArmor profile needs it. */
export function openHostProc(plan: PlanBuilder, actor: Actor, process: OciProcess): number | undefined {
  if (!process.apparmorProfile) return undefined;
  return plan.open(
    actor,
    "open",
    { at: NO_REG, path: "/proc", flags: O.PATH | O.DIRECTORY, mode: 0, resolve: 0 },
    "process.apparmorProfile",
  );
}

export function addApparmor(plan: PlanBuilder, actor: Actor, process: OciProcess, proc: number | undefined): void {
  if (proc === undefined || !process.apparmorProfile) return;
  const data = Buffer.from(`exec ${process.apparmorProfile}`);
  plan.add(
    actor,
    "write",
    { at: proc, path: "thread-self/attr/apparmor/exec", data, flags: 0 },
    "process.apparmorProfile",
  );
  plan.close(actor, proc, "process.apparmorProfile");
}

export function addUmaskAndStdio(plan: PlanBuilder, actor: Actor, process: OciProcess): void {
  plan.add(actor, "umask", { mask: process.user.umask ?? DEFAULT_UMASK }, "process.user.umask");
  plan.add(
    actor,
    "stdio",
    { uid: process.user.uid, gid: process.user.gid },
    process.terminal === true ? "process.terminal" : "process.user.uid",
  );
}

/**
 * The identity, the filter, and exec. A filter needs no_new_privs or CAP_SYS_ADMIN to be loaded: where the process will have
 * neither, it comes first and must allow the calls that follow, as with every other runtime. `beforeExec` adds the steps that
 * run with the final identity.
 */
export function addIdentityAndExec(
  plan: PlanBuilder,
  actor: Actor,
  spec: OciSpec,
  options: {
    readonly seccompFilter: SeccompFilter | undefined;
    readonly argv: readonly string[];
    readonly beforeExec?: () => void;
  },
): void {
  const process = processOf(spec);
  const { capabilities } = process;
  const set = (name: keyof NonNullable<typeof capabilities>): number =>
    capabilityMask(capabilities?.[name], `process.capabilities.${name}`);
  const effective = set("effective");
  const admin = ((BigInt(effective) >> BigInt(CAPABILITIES.indexOf("CAP_SYS_ADMIN"))) & 1n) === 1n;
  const seccompLast = process.noNewPrivileges === true || admin;
  const seccomp = (): void => {
    if (spec.linux?.seccomp === undefined) return;
    if (options.seccompFilter === undefined) {
      throw new NodeletError("internal", "the spec has a seccomp profile, but its filter was not compiled", {
        where: "linux.seccomp",
      });
    }
    plan.add(
      actor,
      "seccomp",
      { filter: options.seccompFilter.filter, flags: options.seccompFilter.flags },
      "linux.seccomp",
    );
  };

  plan.add(actor, "bounding", { keep: set("bounding") }, "process.capabilities.bounding");
  if (!seccompLast) seccomp();
  const { uid, gid, additionalGids = [] } = process.user;
  plan.add(actor, "ids", { uid, gid, groups: additionalGids.map(String) }, "process.user");
  plan.add(
    actor,
    "capabilities",
    { effective, permitted: set("permitted"), inheritable: set("inheritable"), ambient: set("ambient") },
    "process.capabilities",
  );
  if (process.noNewPrivileges === true) plan.add(actor, "no_new_privs", {}, "process.noNewPrivileges");
  options.beforeExec?.();
  if (seccompLast) seccomp();
  plan.add(actor, "exec", { argv: options.argv, env: process.env ?? [] }, "process.args");
}
