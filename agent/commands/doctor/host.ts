// What the checks look at: files of /proc and /sys, and system calls. Tests give their own.

import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";

import { readMounts, type Mount } from "../../system/mountinfo.ts";
import type { System } from "../../system/system.ts";

export interface Host {
  /** Undefined when the native parts are not there; `nativeProblem` says why. */
  readonly system: System | undefined;
  readonly nativeProblem: string | undefined;
  readonly shim: string | undefined;
  readonly root: boolean;
  readonly release: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly cniConfDir: string;
  readonly cniBinDir: readonly string[];
  /** PATH. */
  readonly path: string;
  mounts(): readonly Mount[];
  /** Undefined when it is not there or cannot be read. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
  writable(path: string): boolean;
  /** `y`, `m` or `n`; undefined when the kernel's configuration is not to be had. */
  kernelConfig(name: string): string | undefined;
}

export async function thisHost(
  options: Pick<Host, "stateDir" | "runDir" | "cniConfDir" | "cniBinDir" | "path">,
): Promise<Host> {
  const { shimPath } = await import("../../base/paths.ts");
  let system: System | undefined;
  let nativeProblem: string | undefined;
  try {
    system = (await import("../../system/linux.ts")).createLinuxSystem();
  } catch (error) {
    nativeProblem = error instanceof Error ? error.message : String(error);
  }
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };
  let config: ReadonlyMap<string, string> | undefined;
  return {
    system,
    nativeProblem,
    shim: existsSync(shimPath()) ? shimPath() : undefined,
    root: process.geteuid?.() === 0,
    release: release(),
    ...options,
    mounts: () => readMounts(),
    read,
    exists: existsSync,
    writable(path) {
      try {
        accessSync(path, constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
    kernelConfig(name) {
      config ??= readKernelConfig(read(`/boot/config-${release()}`) ?? gunzipped("/proc/config.gz"));
      return config.size === 0 ? undefined : (config.get(`CONFIG_${name}`) ?? "n");
    },
  };
}

function gunzipped(path: string): string | undefined {
  try {
    return gunzipSync(readFileSync(path)).toString();
  } catch {
    return undefined;
  }
}

function readKernelConfig(text: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", value = ""] of (text ?? "").matchAll(/^(CONFIG_\w+)=(\S+)$/gm)) found.set(name, value);
  return found;
}

/** `loaded` covers what is built in. `loadable`: a module file is there. `unknown`: nothing tells, as in a virtual machine without /lib/modules. */
export function moduleState(
  host: Pick<Host, "read" | "exists" | "release">,
  name: string,
): "loaded" | "loadable" | "absent" | "unknown" {
  if (host.exists(`/sys/module/${name}`)) return "loaded";
  const loaded = host.read("/proc/modules") ?? "";
  if (loaded.split("\n").some((line) => line.startsWith(`${name} `))) return "loaded";
  const file = new RegExp(`/${name.replaceAll("_", "[_-]")}\\.ko`, "m");
  const directory = `/lib/modules/${host.release}`;
  const builtin = host.read(`${directory}/modules.builtin`);
  const loadable = host.read(`${directory}/modules.dep`);
  if (builtin !== undefined && file.test(builtin)) return "loaded";
  if (loadable !== undefined && file.test(loadable)) return "loadable";
  return builtin === undefined || loadable === undefined ? "unknown" : "absent";
}

/** The directory itself, or the nearest one above it that exists. */
export function nearestExisting(host: Pick<Host, "exists">, path: string): string {
  for (let directory = path; ; directory = dirname(directory)) {
    if (host.exists(directory) || dirname(directory) === directory) return directory;
  }
}
