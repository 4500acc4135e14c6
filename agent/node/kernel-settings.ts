// What kubelet wants of the kernel before it starts with protectKernelDefaults. Without it nothing is looked at, nor changed.

import { readFileSync } from "node:fs";

import { NodeletError } from "../base/errors.ts";

const WANTED: Readonly<Record<string, number>> = {
  "vm/overcommit_memory": 1,
  "vm/panic_on_oom": 0,
  "kernel/panic": 10,
  "kernel/panic_on_oops": 1,
  "kernel/keys/root_maxkeys": 1_000_000,
  "kernel/keys/root_maxbytes": 25_000_000,
};

/** Throws `conflict` with all that differ; `read` gives a file of /proc/sys. */
export function checkKernelSettings(read: (path: string) => string = readSetting): void {
  const wrong = Object.entries(WANTED).flatMap(([path, wanted]) => {
    const value = read(path).trim();
    return Number(value) === wanted ? [] : [`${path.replaceAll("/", ".")} is ${value}, expected ${wanted}`];
  });
  if (wrong.length === 0) return;
  throw new NodeletError("conflict", `The kernel's settings are not kubelet's: ${wrong.join("; ")}`, {
    where: "protectKernelDefaults",
    fix: "Set them by sysctl, or set protectKernelDefaults: false",
  });
}

function readSetting(path: string): string {
  return readFileSync(`/proc/sys/${path}`, "utf8");
}
