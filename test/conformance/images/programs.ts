// The small static programs of the images, compiled with musl's gcc.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCES = join(import.meta.dirname, "programs");

export type Program = "pause" | "nnp" | "nmeter" | "sh";

export function compileProgram(name: Program): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-program-"));
  try {
    const target = join(directory, name);
    execFileSync("musl-gcc", ["-static", "-Os", "-s", "-Wall", "-Werror", "-o", target, join(SOURCES, `${name}.c`)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    return readFileSync(target);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
