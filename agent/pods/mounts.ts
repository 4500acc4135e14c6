// The mounts of a container: its volumes and parts of them, /etc/hosts, the termination message.

import { posix } from "node:path";

import type { V1Container, V1VolumeMount, V1VolumeMountStatus } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { MountPropagation } from "../cri/runtime.ts";
import type { Mount } from "../cri/runtime.ts";
import type { Mount as DeviceMount } from "../../deviceplugins/deviceplugin.gen.ts";
import type { VolumeSource } from "../volumes/volume.ts";
import { hostsFile, terminationMessageFile } from "./layout.ts";
import type { PodLayout } from "./layout.ts";
import { idMappings } from "./sandbox-config.ts";
import type { DecodedPod } from "./schema/decode.ts";

const HOSTS_PATH = "/etc/hosts";

export interface MountSettings {
  readonly layout: PodLayout;
  readonly attempt: number;
  readonly volumes: ReadonlyMap<string, VolumeSource>;
  /** Where parts of volumes are bound, by the index of their mount. */
  readonly subPaths: ReadonlyMap<number, string>;
  /** The runtime can make a mount and all below it read-only. */
  readonly recursiveReadOnly: boolean;
  readonly userNamespace: number | undefined;
  /** What device plugins ask for. @default nothing */
  readonly deviceMounts?: readonly DeviceMount[] | undefined;
}

export function containerMounts(pod: DecodedPod, container: V1Container, settings: MountSettings): Mount[] {
  const { uid = "" } = pod.metadata;
  const result: Mount[] = (settings.deviceMounts ?? []).map(({ containerPath, hostPath, readOnly }) => ({
    containerPath,
    hostPath,
    readonly: readOnly === true,
  }));
  let ownHosts = false;
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const where = `container ${container.name}: volumeMounts[${index}]`;
    const source = settings.volumes.get(mount.name);
    if (source === undefined) throw new NodeletError("internal", `Volume ${mount.name} is not set up`, { where });
    const containerPath = posix.resolve("/", mount.mountPath);
    if (containerPath === HOSTS_PATH) ownHosts = true;
    result.push({
      containerPath,
      ...(source.image === undefined
        ? { hostPath: settings.subPaths.get(index) ?? source.hostPath }
        : { image: { image: source.image }, imageSubPath: settings.subPaths.get(index) ?? "" }),
      readonly: mount.readOnly === true || source.readOnly === true,
      propagation: propagation(mount.mountPropagation),
      recursiveReadOnly: recursiveReadOnly(mount, settings.recursiveReadOnly, where),
    });
  }
  if (!ownHosts) {
    result.push({
      containerPath: HOSTS_PATH,
      hostPath: hostsFile(settings.layout, uid),
      readonly: container.securityContext?.readOnlyRootFilesystem === true,
    });
  }
  const messagePath = container.terminationMessagePath ?? "";
  if (messagePath !== "") {
    result.push({
      containerPath: messagePath,
      hostPath: terminationMessageFile(settings.layout, uid, container.name, settings.attempt),
    });
  }
  if (settings.userNamespace !== undefined) {
    const mappings = idMappings(settings.userNamespace);
    for (const mount of result) {
      mount.uidMappings = mappings;
      mount.gidMappings = mappings;
    }
  }
  return result;
}

/** As they are in the status of a container that was made. */
export function mountStatuses(container: V1Container, supported: boolean): V1VolumeMountStatus[] {
  return (container.volumeMounts ?? []).map((mount, index) => ({
    name: mount.name,
    mountPath: mount.mountPath,
    ...(mount.readOnly === true
      ? {
          readOnly: true,
          recursiveReadOnly: recursiveReadOnly(mount, supported, String(index)) ? "Enabled" : "Disabled",
        }
      : {}),
  }));
}

function propagation(mode: string | undefined): MountPropagation {
  if (mode === "Bidirectional") return MountPropagation.PROPAGATION_BIDIRECTIONAL;
  return mode === "HostToContainer"
    ? MountPropagation.PROPAGATION_HOST_TO_CONTAINER
    : MountPropagation.PROPAGATION_PRIVATE;
}

function recursiveReadOnly(mount: V1VolumeMount, supported: boolean, where: string): boolean {
  if (mount.readOnly !== true || mount.recursiveReadOnly === undefined || mount.recursiveReadOnly === "Disabled")
    return false;
  if (supported || mount.recursiveReadOnly === "IfPossible") return supported;
  throw new NodeletError("unsupported", "The runtime cannot make mounts recursively read-only", {
    where: `${where}.recursiveReadOnly`,
    fix: "Write IfPossible, or use a runtime that can",
  });
}
