// Nodelet's own parts, and tools that only some functions use.

import { join } from "node:path";

import { Findings, type Finding } from "./finding.ts";
import type { Host } from "./host.ts";

/** The script that `nodelet explain --script` prints calls them; nodelet itself calls no other program. */
const SCRIPT_TOOLS = [
  "unshare",
  "nsenter",
  "mount",
  "pivot_root",
  "setpriv",
  "prlimit",
  "findmnt",
  "perl",
  "awk",
] as const;

export function checkInstall(host: Host): readonly Finding[] {
  const found = new Findings("installation");
  const fix = "Build it with `make native`, or install nodelet anew.";
  if (host.system === undefined) found.fatal("native addon", host.nativeProblem ?? "not there", fix);
  else found.ok("native addon", "loaded");
  if (host.shim === undefined) found.fatal("shim", "nodelet-shim is not there", fix);
  else found.ok("shim", host.shim);

  const directories = host.path.split(":").filter((directory) => directory !== "");
  const absent = SCRIPT_TOOLS.filter((tool) => !directories.some((directory) => host.exists(join(directory, tool))));
  if (absent.length === 0) found.ok("tools", "no program is needed; those of `nodelet explain --script` are there");
  else
    found.warn(
      "tools",
      `no ${absent.join(", ")}`,
      "Nodelet itself needs none of them; the script that `nodelet explain --script` prints does not run here.",
      "Install util-linux, perl and awk if you want to run it.",
    );
  return found.list;
}
