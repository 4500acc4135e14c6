// Parts of volumes, as kubelet mounts them for every runtime: bound from a descriptor at PODS/<uid>/volume-subpaths/<volume>/<container>/<index>,
// so that a container that changes the volume meanwhile cannot have something else mounted (CVE-2017-1002101, CVE-2021-25741).
// The directory that holds the binds is their journal: it is made before them, and what it holds is taken down.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { isErrno, isNodeletError, NodeletError } from "../base/errors.ts";
import type { VolumeContext } from "./volume.ts";

export const SUB_PATHS = "volume-subpaths";

export interface SubPath {
  readonly volume: string;
  readonly container: string;
  /** Of the mount in the container. */
  readonly index: number;
  readonly hostPath: string;
  /** Relative to the volume. */
  readonly path: string;
}

/** The path to mount. Repeatable. What the error says of the node's files is no more than the pod's author may know. */
export async function bindSubPath(
  { slow, podDir, signal }: Pick<VolumeContext, "slow" | "podDir" | "signal">,
  { volume, container, index, hostPath, path }: SubPath,
): Promise<string> {
  const directory = join(podDir, SUB_PATHS, volume, container);
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const target = join(directory, String(index));
  try {
    await slow.bindPart(hostPath, path, target, { signal });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    const message = `failed to prepare subPath for volumeMount "${volume}" of container "${container}"`;
    throw new NodeletError("invalid", `${message}: ${reasonOf(error)}`);
  }
  return target;
}

function reasonOf(error: unknown): string {
  if (isNodeletError(error, "timeout")) return "the file system of the volume does not answer";
  if (isErrno(error, "EXDEV", "ELOOP")) return "it leads out of the volume";
  if (isErrno(error, "ENOTDIR")) return "a part of it is not a directory";
  return error instanceof Error && "code" in error ? String(error.code) : "it cannot be mounted";
}
