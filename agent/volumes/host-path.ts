// hostPath: a path of the node, checked or made as its type says. Nothing is taken down: it is the node's.
//
// It may lie on any file system of the node, also on one that does not answer.

import { constants } from "node:fs";

import type { V1Volume } from "@kubernetes/client-node";

import { isErrno, NodeletError } from "../base/errors.ts";
import type { SlowCalls } from "../system/slow-calls.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

interface Type {
  /** In kubelet's words. */
  readonly what: string;
  readonly format: number;
  readonly make?: "makeDirectory" | "makeFile";
}

const { S_IFDIR, S_IFREG, S_IFSOCK, S_IFCHR, S_IFBLK, S_IFMT } = constants;

const types: Readonly<Record<string, Type>> = {
  Directory: { what: "a directory", format: S_IFDIR },
  DirectoryOrCreate: { what: "a directory", format: S_IFDIR, make: "makeDirectory" },
  File: { what: "a file", format: S_IFREG },
  FileOrCreate: { what: "a file", format: S_IFREG, make: "makeFile" },
  Socket: { what: "a socket file", format: S_IFSOCK },
  CharDevice: { what: "a character device", format: S_IFCHR },
  BlockDevice: { what: "a block device", format: S_IFBLK },
};

export const hostPath: VolumeKind = {
  field: "hostPath",
  plugin: undefined,

  async setUp({ slow, signal }: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const path = volume.hostPath?.path ?? "";
    const type = types[volume.hostPath?.type ?? ""];
    let format = await formatOf(slow, path, signal);
    if (format === undefined && (type === undefined || type.make !== undefined)) {
      // Without a type, what is missing is made as a directory, as container runtimes do.
      try {
        await slow[type?.make ?? "makeDirectory"](path, { signal });
      } catch (error) {
        if (!isErrno(error, "EEXIST")) throw error;
      }
      format = await formatOf(slow, path, signal);
    }
    if (type !== undefined && format !== type.format) {
      const detail = format === undefined ? ": it does not exist" : "";
      throw new NodeletError("unavailable", `hostPath type check failed: ${path} is not ${type.what}${detail}`);
    }
    return { hostPath: path };
  },
};

async function formatOf(slow: SlowCalls, path: string, signal: AbortSignal | undefined): Promise<number | undefined> {
  try {
    return (await slow.stat(path, { signal })) & S_IFMT;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
