// Linux security modules, as the kernel shows them below /sys.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface EnabledLsms {
  readonly apparmor: boolean;
  readonly selinux: boolean;
}

/** Which of them the kernel has and are enabled. */
export function enabledLsms(sys = "/sys"): EnabledLsms {
  return {
    apparmor: isYes(join(sys, "module/apparmor/parameters/enabled")),
    selinux: existsSync(join(sys, "fs/selinux/enforce")),
  };
}

/** Whether it can be the name of a profile of AppArmor. */
export function isApparmorProfile(name: string): boolean {
  return /^[^\p{Cc}\s]{1,255}$/u.test(name);
}

function isYes(parameter: string): boolean {
  try {
    return readFileSync(parameter, "utf8").startsWith("Y");
  } catch {
    return false;
  }
}
