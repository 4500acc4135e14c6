// hostPath: a path of the node, checked or made as its type says. Nothing is taken down: it is the node's.

import type { Stats } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";

import type { V1Volume } from "@kubernetes/client-node";

import { isErrno, NodeletError } from "../base/errors.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o644;

interface Type {
  readonly what: string;
  readonly holds: (stats: Stats) => boolean;
  readonly make?: (path: string) => Promise<void>;
}

const types: Readonly<Record<string, Type>> = {
  Directory: { what: "a directory", holds: (stats) => stats.isDirectory() },
  DirectoryOrCreate: {
    what: "a directory",
    holds: (stats) => stats.isDirectory(),
    make: async (path) => {
      await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
    },
  },
  File: { what: "a file", holds: (stats) => stats.isFile() },
  FileOrCreate: {
    what: "a file",
    holds: (stats) => stats.isFile(),
    make: async (path) => {
      await using _file = await open(path, "wx", FILE_MODE);
    },
  },
  Socket: { what: "a socket file", holds: (stats) => stats.isSocket() },
  CharDevice: { what: "a character device", holds: (stats) => stats.isCharacterDevice() },
  BlockDevice: { what: "a block device", holds: (stats) => stats.isBlockDevice() },
};

export const hostPath: VolumeKind = {
  field: "hostPath",
  plugin: undefined,

  async setUp(_context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const path = volume.hostPath?.path ?? "";
    const type = types[volume.hostPath?.type ?? ""];
    if (type !== undefined) await checkType(path, type);
    return { hostPath: path };
  },
};

async function checkType(path: string, type: Type): Promise<void> {
  const fail = (cause?: string): never => {
    const detail = cause === undefined ? "" : `: ${cause}`;
    // In kubelet's words, which people search for.
    throw new NodeletError("unavailable", `hostPath type check failed: ${path} is not ${type.what}${detail}`);
  };
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    if (type.make === undefined) return fail("it does not exist");
    try {
      await type.make(path);
    } catch (cause) {
      if (!isErrno(cause, "EEXIST")) throw cause;
    }
    stats = await stat(path);
  }
  if (!type.holds(stats)) fail();
}
