/**
 * Programs of nodelet that are started by file: the command itself, worker threads and helper processes.
 *
 * The convention: an entry has one name here and one file. Run from source, the file is started as it is; scripts/bundle.ts
 * builds each entry whose file exists into dist/NAME.js. Nobody writes such a path by hand, as it would be right in only one
 * of the two:
 *
 *     new Worker(entryPath("store-worker"))
 *     fork(entryPath("unpacker"))
 */
import { join } from "node:path";
import { packageRoot, runsFromSource } from "./paths.ts";

/** Name of the file in dist/ to its source, relative to the package root. */
export const entries = {
  nodelet: "agent/main.ts",
  "store-worker": "agent/store/worker.ts",
  unpacker: "agent/images/unpacker.ts",
  puller: "agent/images/registry/puller.ts",
} as const;

export type EntryName = keyof typeof entries;

/** The absolute path of an entry's file, for `new Worker`, `fork` or `spawn(process.execPath, ...)`. */
export function entryPath(name: EntryName): string {
  return runsFromSource() ? join(packageRoot(), entries[name]) : join(packageRoot(), "dist", `${name}.js`);
}
