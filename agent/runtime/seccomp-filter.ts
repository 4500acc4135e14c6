// A container's seccomp profile as what the shim loads: compiled once a profile, with the flags of seccomp(2).

import { seccompFlags } from "../system/seccomp.ts";
import type { System } from "../system/system.ts";
import type { OciSpec } from "./oci/types.ts";

export interface SeccompFilter {
  /** struct sock_filter[]. */
  readonly filter: Uint8Array;
  readonly flags: number;
}

/** Undefined for a container without a profile. Throws `invalid` for one that cannot be compiled: nothing runs unfiltered. */
export function seccompFilterOf(system: System, spec: OciSpec): SeccompFilter | undefined {
  const profile = spec.linux?.seccomp;
  if (profile === undefined) return undefined;
  const text = JSON.stringify(profile);
  return { filter: system.compileSeccomp(text), flags: seccompFlags(text) };
}
