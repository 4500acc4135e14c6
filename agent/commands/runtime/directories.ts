// The directories of a daemon.

import { mkdirSync } from "node:fs";

import { NodeletError } from "../../base/errors.ts";

/** `flag` is the option that gives another one. */
export function makeDirectory(directory: string, mode: number, flag: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode });
  } catch (error) {
    throw new NodeletError("invalid", "the directory cannot be made", {
      where: `${flag} ${directory}`,
      cause: error,
      fix: "Run as root, or give another directory",
    });
  }
}
