// Volumes of pods: one file a kind. What is set up is found again through the directory layout alone
// (PODS/<uid>/volumes/<plugin>/<name>, kubelet's), so that a crash between any two steps leaves nothing that is not taken down.

import { realpath } from "node:fs/promises";
import { basename, join } from "node:path";

import type { V1Pod, V1Volume } from "@kubernetes/client-node";

import { describeError, isErrno, isNodeletError, NodeletError } from "../base/errors.ts";
import { readMounts } from "../system/mountinfo.ts";
import { configMap } from "./config-map.ts";
import { downwardApi } from "./downward-api.ts";
import { emptyDir } from "./empty-dir.ts";
import { hostPath } from "./host-path.ts";
import { image } from "./image.ts";
import { persistentVolumeClaim } from "./persistent-volume-claim.ts";
import { projected } from "./projected.ts";
import { secret } from "./secret.ts";
import { SUB_PATHS } from "./sub-path.ts";
import { removeTree } from "./tree.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const kinds: readonly VolumeKind[] = [
  emptyDir,
  hostPath,
  configMap,
  secret,
  downwardApi,
  projected,
  image,
  persistentVolumeClaim,
];

/** Sets up every volume of the pod; repeatable. The result is by volume name. */
export async function setUpVolumes(context: VolumeContext): Promise<ReadonlyMap<string, VolumeSource>> {
  const sources = new Map<string, VolumeSource>();
  for (const volume of context.pod.spec?.volumes ?? []) {
    sources.set(volume.name, await setUp(kindOf(volume), context, volume));
  }
  return sources;
}

/** Brings what volumes show up to date, in those whose content comes from elsewhere. */
export async function refreshVolumes(context: VolumeContext): Promise<void> {
  for (const volume of context.pod.spec?.volumes ?? []) {
    const kind = kindOf(volume);
    if (kind.live === true) await setUp(kind, context, volume);
  }
}

/** Directories of those volumes that keep anything under the pod's own, by name. */
export function volumeDirectories(pod: V1Pod, podDir: string): ReadonlyMap<string, string> {
  return new Map(
    (pod.spec?.volumes ?? []).flatMap((volume) => {
      const plugin = findKind(volume)?.plugin;
      return plugin === undefined ? [] : [[volume.name, join(podDir, "volumes", plugin, volume.name)] as const];
    }),
  );
}

/** What kubelet calls the kinds of volumes that the pod has, each as often as it has it; without those that are not known here. */
export function pluginsOf(pod: V1Pod): string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    const kind = findKind(volume);
    return kind === undefined ? [] : [pluginOf(kind)];
  });
}

/** Kinds without a directory of their own go by the names of kubelet's plugins too. */
function pluginOf({ field, plugin }: VolumeKind): string {
  if (plugin !== undefined) return plugin.replace("~", "/");
  const names: Partial<Record<VolumeKind["field"], string>> = {
    hostPath: "kubernetes.io/host-path",
    persistentVolumeClaim: "kubernetes.io/local-volume",
  };
  return names[field] ?? `kubernetes.io/${field}`;
}

function findKind(volume: V1Volume): VolumeKind | undefined {
  return kinds.find((candidate) => volume[candidate.field] !== undefined);
}

function kindOf(volume: V1Volume): VolumeKind {
  const kind = findKind(volume);
  if (kind !== undefined) return kind;
  throw new NodeletError("unsupported", `Volume ${volume.name} is of a kind that is not supported yet`, {
    where: "spec.volumes",
  });
}

async function setUp(kind: VolumeKind, context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
  context.signal?.throwIfAborted();
  const ended = context.meters?.mounting(pluginOf(kind));
  try {
    const source = await kind.setUp(context, volume);
    ended?.("success");
    return source;
  } catch (error) {
    ended?.(context.signal?.aborted === true ? "cancelled" : "fail-unknown");
    if (context.signal?.aborted === true) throw error;
    // In kubelet's words, which people search for.
    const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${describeError(error)}`;
    throw new NodeletError(isNodeletError(error) ? error.code : "unavailable", message, {
      cause: undefined,
    });
  }
}

/**
 * Takes down whatever volumes and parts of volumes the pod's directory holds, also mounts that containers let out to the host.
 * Missing is success. Repeatable.
 */
export async function tearDownVolumes({
  system,
  slow,
  podDir,
  signal,
}: Pick<VolumeContext, "system" | "slow" | "podDir" | "signal">): Promise<void> {
  const directories = [SUB_PATHS, "volumes"].map((name) => join(podDir, name));
  try {
    for (const path of await mountsBelow(podDir, directories)) await slow.umount(path, { signal });
    // It refuses to cross a mount.
    for (const directory of directories) await removeTree(system, podDir, basename(directory));
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new NodeletError("unavailable", "A volume cannot be taken down yet", { where: podDir, cause });
  }
}

/** What lies on another mount comes before it. */
async function mountsBelow(podDir: string, directories: readonly string[]): Promise<string[]> {
  let real: string;
  try {
    real = await realpath(podDir);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
  const heads = directories.map((directory) => join(real, basename(directory), "/"));
  return readMounts()
    .map((mount) => mount.mountPoint)
    .filter((path) => heads.some((head) => path.startsWith(head)))
    .toReversed();
}
