import { readFileSync } from "node:fs";

/** Whether the kernel has AppArmor and it is enabled. */
export function hasApparmor(): boolean {
  try {
    return readFileSync("/sys/module/apparmor/parameters/enabled", "utf8").startsWith("Y");
  } catch {
    return false;
  }
}
