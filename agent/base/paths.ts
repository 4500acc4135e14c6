/**
 * Where the parts of the installed package lie. The same answers hold when the sources run as they are
 * (agent/base/paths.ts), from the bundle (dist/nodelet.js, dist/chunks/...) and from an unpacked tarball.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

let root: string | undefined;

/** The directory that holds package.json: the nearest one upwards from this file. */
export function packageRoot(): string {
  if (root !== undefined) return root;
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    if (existsSync(join(dir, "package.json"))) {
      root = dir;
      return dir;
    }
    if (dirname(dir) === dir) {
      throw new Error(
        `Cannot find nodelet's own files: no package.json in ${import.meta.dirname} or any directory above it. ` +
          "Reinstall nodelet, keeping its folders together.",
      );
    }
  }
}

/** True while the TypeScript sources run as they are, false in the bundle. */
export function runsFromSource(): boolean {
  return import.meta.filename.endsWith(".ts");
}

/**
 * The folder with the built native parts. NODELET_NATIVE_DIR names another one: the sanitizer build in the native
 * tests, a system-wide folder in a package.
 */
export function nativeDir(): string {
  return process.env["NODELET_NATIVE_DIR"] || join(packageRoot(), "build", "native");
}

/** The N-API addon: the daemon's system calls. `make native` builds it. */
export function nativeAddonPath(): string {
  return join(nativeDir(), "nodelet.node");
}

/** The static helper that runs launch plans, one process per container or pod. `make native` builds it. */
export function shimPath(): string {
  return join(nativeDir(), "nodelet-shim");
}
