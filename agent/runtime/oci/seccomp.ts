// The seccomp profile of a container: RuntimeDefault built for its capabilities, Localhost read and checked, or none.

import { NodeletError } from "../../base/errors.ts";
import { SecurityProfile_ProfileType, type LinuxContainerSecurityContext } from "../../cri/types.gen.ts";
import {
  AF_ALG,
  AF_VSOCK,
  ALWAYS,
  ARCHITECTURES,
  BY_ARCHITECTURE,
  CLONE_NAMESPACE_FLAGS,
  ENOSYS,
  EPERM,
  PERSONALITIES,
  WITH_CAPABILITY,
  type Architecture,
} from "./seccomp-default.ts";
import type { OciSeccomp, OciSyscallRule } from "./types.ts";

const WHERE = "linux.security_context.seccomp";

/** Which profile is meant; the older field counts when the newer is not there. Unset is unconfined: defaults are the pod's business. */
export function containerSeccomp(
  context: LinuxContainerSecurityContext | undefined,
  capabilities: readonly string[],
  architecture: Architecture,
  readProfile: (name: string) => string,
): OciSeccomp | undefined {
  if (context?.privileged === true) return undefined;
  const profile = context?.seccomp ?? fromPath(context?.seccompProfilePath ?? "");
  switch (
    profile?.profileType ??
    (profile === undefined ? SecurityProfile_ProfileType.Unconfined : SecurityProfile_ProfileType.RuntimeDefault)
  ) {
    case SecurityProfile_ProfileType.RuntimeDefault:
      return defaultSeccomp(capabilities, architecture);
    case SecurityProfile_ProfileType.Unconfined:
      return undefined;
    case SecurityProfile_ProfileType.Localhost: {
      const name = (profile?.localhostRef ?? "").replace(/^localhost\//, "");
      if (name === "" || /\p{Cc}/u.test(name)) {
        throw new NodeletError("invalid", "a Localhost profile is asked for, but none is named", {
          where: `${WHERE}.localhost_ref`,
          fix: "name a file below the node's seccomp directory",
        });
      }
      return parseSeccomp(readProfile(name), `${WHERE}.localhost_ref ${name}`);
    }
    default:
      throw new NodeletError("invalid", `there is no seccomp profile type ${String(profile?.profileType)}`, {
        where: `${WHERE}.profile_type`,
      });
  }
}

function fromPath(path: string): { profileType: SecurityProfile_ProfileType; localhostRef?: string } | undefined {
  if (path === "") return undefined;
  if (path === "unconfined") return { profileType: SecurityProfile_ProfileType.Unconfined };
  if (path === "runtime/default" || path === "docker/default")
    return { profileType: SecurityProfile_ProfileType.RuntimeDefault };
  if (path.startsWith("localhost/")) return { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: path };
  throw new NodeletError("invalid", `${JSON.stringify(path.slice(0, 100))} is not a seccomp profile`, {
    where: "linux.security_context.seccomp_profile_path",
    fix: "use runtime/default, unconfined or localhost/FILE",
  });
}

/** The profile for a container with these capabilities (names with `CAP_`). */
export function defaultSeccomp(capabilities: readonly string[], architecture: Architecture): OciSeccomp {
  const has = new Set(capabilities);
  const admin = has.has("CAP_SYS_ADMIN");
  const allowed = new Set([...ALWAYS, ...BY_ARCHITECTURE[architecture]]);
  for (const group of WITH_CAPABILITY) {
    if (group.capabilities.some((name) => has.has(name))) for (const name of group.names) allowed.add(name);
  }
  const allow = "SCMP_ACT_ALLOW";
  const rules: OciSyscallRule[] = [
    { names: [...allowed].toSorted(), action: allow },
    // Every family below AF_ALG, between the two, and above AF_VSOCK.
    { names: ["socket"], action: allow, args: [{ index: 0, value: AF_ALG, op: "SCMP_CMP_LT" }] },
    { names: ["socket"], action: allow, args: [{ index: 0, value: AF_ALG + 1, op: "SCMP_CMP_EQ" }] },
    { names: ["socket"], action: allow, args: [{ index: 0, value: AF_VSOCK, op: "SCMP_CMP_GT" }] },
    ...PERSONALITIES.map((value): OciSyscallRule => ({
      names: ["personality"],
      action: allow,
      args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
    })),
  ];
  if (!admin) {
    rules.push(
      {
        names: ["clone"],
        action: allow,
        args: [{ index: 0, value: CLONE_NAMESPACE_FLAGS, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
      },
      // Its flags are in memory, out of a filter's reach; libc falls back to clone on ENOSYS.
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
    );
  }
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: EPERM,
    architectures: ARCHITECTURES[architecture],
    syscalls: rules,
  };
}

const ACTIONS = new Set(
  "SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP SCMP_ACT_ERRNO SCMP_ACT_TRACE SCMP_ACT_ALLOW SCMP_ACT_LOG".split(
    " ",
  ),
);
const OPERATORS = new Set(
  "SCMP_CMP_NE SCMP_CMP_LT SCMP_CMP_LE SCMP_CMP_EQ SCMP_CMP_GE SCMP_CMP_GT SCMP_CMP_MASKED_EQ".split(" "),
);

/** Flags of seccomp(2) that a profile may ask for. */
const FLAGS = new Set(
  ["TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV"].map((name) => `SECCOMP_FILTER_FLAG_${name}`),
);

/** A profile file: the OCI's linux.seccomp as JSON. Whatever is wrong with it fails the container, nothing is passed over. */
export function parseSeccomp(text: string, where: string): OciSeccomp {
  const bad = (message: string, cause?: unknown): NodeletError =>
    new NodeletError("invalid", `the seccomp profile ${message}`, {
      where,
      cause,
      fix: "correct the profile file on the node",
    });
  let profile: unknown;
  try {
    profile = JSON.parse(text);
  } catch (error) {
    throw bad("is not JSON", error);
  }
  if (typeof profile !== "object" || profile === null || Array.isArray(profile)) throw bad("is not an object");
  const { defaultAction, defaultErrnoRet, architectures, flags, syscalls, listenerPath } = profile as Partial<
    Record<keyof OciSeccomp, unknown>
  >;
  if (typeof defaultAction !== "string" || !ACTIONS.has(defaultAction))
    throw bad(`has no known defaultAction: ${JSON.stringify(defaultAction)}`);
  if (!isErrno(defaultErrnoRet)) throw bad("has a defaultErrnoRet that is no errno");
  if (!isStrings(architectures)) throw bad("has architectures that are not a list of names");
  if (!isStrings(flags) || flags?.some((flag) => !FLAGS.has(flag)) === true) throw bad("has flags that are not known");
  if (listenerPath !== undefined && listenerPath !== "") throw bad("asks for a listener, which nodelet does not offer");
  if (syscalls !== undefined && syscalls !== null && !Array.isArray(syscalls))
    throw bad("has syscalls that are not a list");
  const rules = ((syscalls ?? []) as unknown[]).map((rule, index) =>
    parseRule(rule, (message) => bad(`${message} in syscalls[${index}]`)),
  );
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    ...(architectures === undefined ? {} : { architectures }),
    ...(flags === undefined ? {} : { flags }),
    syscalls: rules,
  };
}

function parseRule(rule: unknown, bad: (message: string) => NodeletError): OciSyscallRule {
  if (typeof rule !== "object" || rule === null) throw bad("has no object");
  const { names, action, errnoRet, args } = rule as Partial<Record<keyof OciSyscallRule, unknown>>;
  if (!isStrings(names) || names === undefined || names.length === 0) throw bad("has no names");
  if (typeof action !== "string" || !ACTIONS.has(action)) throw bad(`has no known action (${JSON.stringify(action)})`);
  if (!isErrno(errnoRet)) throw bad("has an errnoRet that is no errno");
  if (args !== undefined && args !== null && !Array.isArray(args)) throw bad("has args that are not a list");
  const checked = ((args ?? []) as unknown[]).map((arg) => {
    if (typeof arg !== "object" || arg === null) throw bad("has no object among the args");
    const { index, value, valueTwo, op } = arg as Record<string, unknown>;
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index > 5)
      throw bad("has an argument index that is not 0 to 5");
    if (!isNatural(value) || (valueTwo !== undefined && !isNatural(valueTwo)))
      throw bad("has a value that is no natural number below 2^53");
    if (typeof op !== "string" || !OPERATORS.has(op)) throw bad(`has no known op (${JSON.stringify(op)})`);
    return { index, value, ...(valueTwo === undefined ? {} : { valueTwo }), op };
  });
  return {
    names,
    action,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(checked.length === 0 ? {} : { args: checked }),
  };
}

function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isErrno(value: unknown): value is number | undefined {
  return value === undefined || (isNatural(value) && value < 4096);
}

function isStrings(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((each) => typeof each === "string"));
}
