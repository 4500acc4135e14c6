// What volumes of files that the node writes have in common: a directory or tmpfs of their own, filled atomically, read-only
// for containers.

import { chmod, lchown, mkdir } from "node:fs/promises";
import { join } from "node:path";

import { NO_OWNERSHIP, writePayload } from "./atomic-writer.ts";
import type { Ownership } from "./atomic-writer.ts";
import type { Payload } from "./payload.ts";
import { mountTmpfs } from "./tmpfs.ts";
import type { VolumeContext, VolumeSource } from "./volume.ts";

const MODE = 0o777;
/** What fsGroup adds where containers only read: the group reads files and enters directories, and what is made belongs to it. */
const GROUP_READS = 0o440;
const GROUP_ENTERS = 0o2550;

export async function setUpPayload(
  { system, pod, podDir }: VolumeContext,
  options: { readonly plugin: string; readonly name: string; readonly inMemory: boolean },
  payload: Payload,
): Promise<VolumeSource> {
  const directory = join(podDir, "volumes", options.plugin, options.name);
  const group = pod.spec?.securityContext?.fsGroup;
  const ownership: Ownership =
    group === undefined ? NO_OWNERSHIP : { group, fileBits: GROUP_READS, directoryBits: GROUP_ENTERS };
  await mkdir(directory, { recursive: true, mode: 0o755 });
  if (options.inMemory) await mountTmpfs(system, directory, { mode: MODE, noswap: true });
  if (group !== undefined) await lchown(directory, -1, group);
  await chmod(directory, MODE | ownership.directoryBits);
  await writePayload(directory, payload, ownership, new Date());
  return { hostPath: directory, readOnly: true };
}
