// Files of Debian packages that are not installed: downloaded by apt-get, unpacked by dpkg, kept under build/.

import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";

const CACHE = join(packageRoot(), "build", "conformance", "packages");

/** The directory that the package's files are unpacked below. Needs the network when the package is asked for the first time. */
export function unpackedPackage(name: string): string {
  const target = join(CACHE, name);
  if (existsSync(target)) return target;
  const scratch = `${target}.new`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const quiet = { cwd: scratch, stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
  execFileSync("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", name], quiet);
  for (const file of globSync("*.deb", { cwd: scratch })) {
    execFileSync("dpkg-deb", ["-x", file, "."], quiet);
    rmSync(join(scratch, file));
  }
  renameSync(scratch, target);
  return target;
}
