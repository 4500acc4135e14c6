// Linux capabilities by name, and the sets a container's process gets (CRI Capability, containerd's defaults).

import { NodeletError } from "../../base/errors.ts";
import type { Capability } from "../../cri/types.gen.ts";
import type { OciCapabilities } from "./types.ts";

/** The index is the number in linux/capability.h. */
export const CAPABILITIES = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST " +
  "NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE " +
  "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM " +
  "BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
)
  .split(" ")
  .map((name) => `CAP_${name}`);

/** What a container has when nothing is asked for: containerd's and Docker's list. */
const DEFAULT = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

export interface HostCapabilities {
  /** The kernel's highest capability. */
  readonly last: number;
  /** This process's bounding set, as a bit mask. */
  readonly bounding: bigint;
}

const WHERE = "linux.security_context.capabilities";

/**
 * `ALL` comes first, so that `add: [ALL], drop: [CHOWN]` is all but one. Inheritable and ambient stay empty unless
 * `add_ambient_capabilities` asks. Throws `invalid` for an unknown name, `unsupported` for one that is asked for by name and
 * that this host does not have to give.
 */
export function containerCapabilities(
  asked: Capability | undefined,
  privileged: boolean,
  host: HostCapabilities,
): OciCapabilities {
  const all = CAPABILITIES.filter((_name, number) => available(number, host));
  if (privileged) return sets(all, []);
  const add = (asked?.addCapabilities ?? []).map((name) => name.toUpperCase());
  const drop = (asked?.dropCapabilities ?? []).map((name) => name.toUpperCase());
  const ambient = (asked?.addAmbientCapabilities ?? []).map((name) => name.toUpperCase());
  const granted = new Set<string>(add.includes("ALL") ? all : DEFAULT.filter((name) => all.includes(name)));
  if (drop.includes("ALL")) granted.clear();
  for (const name of add) if (name !== "ALL") granted.add(requireOnHost(name, `${WHERE}.add_capabilities`, host));
  const ambientSet = new Set<string>();
  for (const name of ambient) {
    if (name === "ALL") for (const each of all) ambientSet.add(each);
    else ambientSet.add(requireOnHost(name, `${WHERE}.add_ambient_capabilities`, host));
  }
  for (const name of ambientSet) granted.add(name);
  for (const name of drop) {
    if (name === "ALL") continue;
    const known = canonical(name, `${WHERE}.drop_capabilities`);
    granted.delete(known);
    ambientSet.delete(known);
  }
  const inOrder = (names: Set<string>): string[] => CAPABILITIES.filter((name) => names.has(name));
  return sets(inOrder(granted), inOrder(ambientSet));
}

function sets(granted: readonly string[], ambient: readonly string[]): OciCapabilities {
  return {
    bounding: granted,
    effective: granted,
    permitted: granted,
    ...(ambient.length === 0 ? {} : { inheritable: ambient, ambient }),
  };
}

function available(number: number, host: HostCapabilities): boolean {
  return number <= host.last && ((host.bounding >> BigInt(number)) & 1n) === 1n;
}

/** The name with `CAP_`, which the CRI leaves out and people do not. */
function canonical(name: string, where: string): string {
  const full = name.startsWith("CAP_") ? name : `CAP_${name}`;
  if (!CAPABILITIES.includes(full)) {
    throw new NodeletError("invalid", `there is no capability ${JSON.stringify(name)}`, {
      where,
      fix: "use a name of capabilities(7) without CAP_, such as NET_ADMIN",
    });
  }
  return full;
}

function requireOnHost(name: string, where: string, host: HostCapabilities): string {
  const full = canonical(name, where);
  if (!available(CAPABILITIES.indexOf(full), host)) {
    throw new NodeletError("unsupported", `this host cannot give ${full}: it is not in the daemon's bounding set`, {
      where,
      fix: "start nodelet with that capability, or do not ask for it",
    });
  }
  return full;
}

/** Names to a bit mask. An unknown name is an error: a set that is silently smaller may be silently wrong. */
export function capabilityMask(names: readonly string[] | undefined, where: string): number {
  let mask = 0;
  for (const name of new Set(names)) mask += 2 ** CAPABILITIES.indexOf(canonical(name.toUpperCase(), where));
  return mask;
}
