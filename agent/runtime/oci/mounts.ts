// The mounts of a container: the file systems that every container has, the pod's files and /dev/shm, and what the CRI asks
// for, which wins over both.

import { NodeletError } from "../../base/errors.ts";
import { MountPropagation, type ContainerConfig, type IDMapping, type Mount } from "../../cri/types.gen.ts";
import type { Mapping } from "../../system/system.ts";
import { checkAbsolutePath, cleanPath } from "./text.ts";
import type { OciIdMapping, OciMount } from "./types.ts";
import { validateDestination } from "./validate.ts";

/** Layers of an image that is mounted as a volume; as in a Snapshot, relative to `directory`, topmost first. */
export interface ImageVolume {
  readonly directory: string;
  readonly lower: readonly string[];
}

export interface MountsInput {
  readonly config: ContainerConfig;
  /** Host paths. */
  readonly files: {
    readonly hosts?: string | undefined;
    readonly hostname?: string | undefined;
    readonly resolvConf?: string | undefined;
  };
  /** The pod's /dev/shm on the host; undefined: the host's own. */
  readonly shmPath: string | undefined;
  /** A user namespace of the pod; what it maps. */
  readonly idMappings: { readonly uids: readonly Mapping[]; readonly gids: readonly Mapping[] } | undefined;
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly hostPid: boolean;
  readonly cgroupVersion2: boolean;
  /** By container_path, for mounts of images. */
  readonly imageVolumes: Readonly<Record<string, ImageVolume>>;
}

export interface ContainerMounts {
  readonly mounts: readonly OciMount[];
  readonly rootfsPropagation: "shared" | "slave" | undefined;
}

/** The terminals' group in nearly every distribution. */
const TTY_GID = 5;

export function containerMounts(input: MountsInput): ContainerMounts {
  const asked = (input.config.mounts ?? []).map((mount, index) => toOci(mount, `mounts[${index}]`, input));
  const taken = new Set(asked.map(({ destination }) => destination));
  const extra = podMounts(input).filter(({ destination }) => !taken.has(destination));
  for (const { destination } of extra) taken.add(destination);
  const ownDev = taken.has("/dev");
  const base = baseMounts(input).filter(
    ({ destination }) => !taken.has(destination) && !(ownDev && destination.startsWith("/dev/")),
  );
  const depth = ({ destination }: OciMount): number => destination.split("/").length;
  // Parents before children; among equals the order of the request.
  const ordered = [...extra, ...asked].toSorted((a, b) => depth(a) - depth(b));
  const propagations = (input.config.mounts ?? []).map(
    (mount) => mount.propagation ?? MountPropagation.PROPAGATION_PRIVATE,
  );
  return {
    mounts: [...base, ...ordered],
    rootfsPropagation: propagations.includes(MountPropagation.PROPAGATION_BIDIRECTIONAL)
      ? "shared"
      : propagations.includes(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)
        ? "slave"
        : undefined,
  };
}

function baseMounts(input: MountsInput): OciMount[] {
  const privileged = input.config.linux?.securityContext?.privileged === true;
  const userNamespace = input.idMappings !== undefined;
  const ttyMapped =
    !userNamespace ||
    input.idMappings.gids.some(({ containerId, size }) => containerId <= TTY_GID && TTY_GID < containerId + size);
  // A user namespace may make these file systems only over namespaces that it owns; the host's are bound instead.
  const bind = (destination: string, ...options: string[]): OciMount => ({
    destination,
    type: "bind",
    source: destination,
    options: ["rbind", "nosuid", "noexec", "nodev", ...options],
  });
  const mounts: OciMount[] = [
    userNamespace && input.hostPid
      ? bind("/proc")
      : { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: [
        "nosuid",
        "noexec",
        "newinstance",
        "ptmxmode=0666",
        "mode=0620",
        ...(ttyMapped ? [`gid=${TTY_GID}`] : []),
      ],
    },
    userNamespace && input.hostIpc
      ? bind("/dev/mqueue")
      : { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
    userNamespace && input.hostNetwork
      ? bind("/sys", "ro")
      : {
          destination: "/sys",
          type: "sysfs",
          source: "sysfs",
          options: ["nosuid", "noexec", "nodev", privileged ? "rw" : "ro"],
        },
  ];
  if (privileged) {
    // The host's hierarchy as it is: a new mount from the host's cgroup namespace would change options of the host's own.
    mounts.push(bind("/sys/fs/cgroup", "rw"));
  } else if (input.cgroupVersion2) {
    mounts.push({
      destination: "/sys/fs/cgroup",
      type: "cgroup",
      source: "cgroup",
      options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
    });
  }
  return mounts;
}

function podMounts(input: MountsInput): OciMount[] {
  const access = input.config.linux?.securityContext?.readonlyRootfs === true ? "ro" : "rw";
  const mounts: OciMount[] = [];
  const file = (destination: string, source: string | undefined): void => {
    if (source !== undefined)
      mounts.push({ destination, type: "bind", source, options: ["rbind", "rprivate", access] });
  };
  file("/etc/hostname", input.files.hostname);
  file("/etc/hosts", input.files.hosts);
  file("/etc/resolv.conf", input.files.resolvConf);
  mounts.push({
    destination: "/dev/shm",
    type: "bind",
    source: input.shmPath ?? "/dev/shm",
    options: ["rbind", "rprivate", "nosuid", "noexec", "nodev", "rw"],
  });
  return mounts;
}

/** Options of CRI's Mount.mount_options that a mount can take as it is bound. */
const MOUNT_OPTIONS = new Set([
  "noexec",
  "nosuid",
  "nodev",
  "noatime",
  "nodiratime",
  "relatime",
  "strictatime",
  "nosymfollow",
  "exec",
  "suid",
  "dev",
]);

function toOci(mount: Mount, where: string, input: MountsInput): OciMount {
  const destination = validateDestination(mount.containerPath ?? "", `${where}.container_path`);
  const options: string[] = [];
  for (const option of mount.mountOptions ?? []) {
    if (!MOUNT_OPTIONS.has(option)) {
      throw new NodeletError(
        "invalid",
        `${JSON.stringify(option.slice(0, 50))} is not an option that a volume can be mounted with`,
        {
          where: `${where}.mount_options`,
          fix: `use ${[...MOUNT_OPTIONS].join(", ")}`,
        },
      );
    }
    options.push(option);
  }
  if ((mount.image?.image ?? "") !== "" && !mount.hostPath)
    return imageMount(mount, destination, where, options, input);
  const source = checkAbsolutePath(mount.hostPath ?? "", `${where}.host_path`);
  return {
    destination,
    type: "bind",
    source: cleanPath(source),
    options: ["rbind", propagation(mount, where), ...options, readonlyOption(mount, where)],
    ...idMappings(mount, where),
  };
}

/** The image's layers, read-only and, as Kubernetes documents it, without execution. */
function imageMount(
  mount: Mount,
  destination: string,
  where: string,
  options: readonly string[],
  { imageVolumes, idMappings }: MountsInput,
): OciMount {
  const volume = imageVolumes[mount.containerPath ?? ""];
  const [top, ...others] = volume?.lower ?? [];
  if (volume === undefined || top === undefined) {
    throw new NodeletError("internal", `the image ${mount.image?.image ?? ""} is not prepared as a volume`, {
      where: `${where}.image`,
    });
  }
  const subPath = mount.imageSubPath ?? "";
  if (subPath.startsWith("/") || subPath.split("/").includes("..") || subPath.includes("\0")) {
    throw new NodeletError("invalid", `${JSON.stringify(subPath.slice(0, 100))} leaves the image`, {
      where: `${where}.image_sub_path`,
    });
  }
  const fixed = ["ro", "nosuid", "nodev", "noexec", ...options];
  const layer = (name: string): string => cleanPath(`${volume.directory}/${name}`);
  return {
    destination,
    // An overlay without an upper directory takes at least two layers.
    ...(others.length === 0
      ? {
          type: "bind",
          source: layer(top),
          options: ["rbind", "rprivate", ...fixed],
          ...(idMappings === undefined
            ? {}
            : { uidMappings: idMappings.uids.map(hostMapping), gidMappings: idMappings.gids.map(hostMapping) }),
        }
      : {
          type: "overlay",
          source: "overlay",
          options: [...fixed, `lowerdir=${[top, ...others].map(layer).join(":")}`],
        }),
    ...(subPath === "" ? {} : { subPath }),
  };
}

function propagation(mount: Mount, where: string): string {
  switch (mount.propagation ?? MountPropagation.PROPAGATION_PRIVATE) {
    case MountPropagation.PROPAGATION_PRIVATE:
      return "rprivate";
    case MountPropagation.PROPAGATION_HOST_TO_CONTAINER:
      return "rslave";
    case MountPropagation.PROPAGATION_BIDIRECTIONAL:
      return "rshared";
    default:
      throw new NodeletError("invalid", `there is no mount propagation ${String(mount.propagation)}`, {
        where: `${where}.propagation`,
      });
  }
}

function readonlyOption(mount: Mount, where: string): "ro" | "rro" | "rw" {
  if (mount.recursiveReadOnly !== true) return mount.readonly === true ? "ro" : "rw";
  if (mount.readonly !== true || (mount.propagation ?? 0) !== MountPropagation.PROPAGATION_PRIVATE) {
    throw new NodeletError("invalid", "a recursively read-only mount must be read-only and of private propagation", {
      where: `${where}.recursive_read_only`,
      fix: "set readonly, and leave propagation private",
    });
  }
  return "rro";
}

function idMappings(mount: Mount, where: string): Pick<OciMount, "uidMappings" | "gidMappings"> {
  const uids = mount.uidMappings ?? [];
  const gids = mount.gidMappings ?? [];
  if (uids.length === 0 && gids.length === 0) return {};
  if (uids.length === 0 || gids.length === 0) {
    throw new NodeletError("invalid", "ids are mapped for users or groups only", {
      where: `${where}.uid_mappings`,
      fix: "map both or none",
    });
  }
  return { uidMappings: uids.map(toOciMapping), gidMappings: gids.map(toOciMapping) };
}

function hostMapping({ containerId, hostId, size }: Mapping): OciIdMapping {
  return { containerID: containerId, hostID: hostId, size };
}

function toOciMapping({ containerId = 0, hostId = 0, length = 0 }: IDMapping): OciIdMapping {
  return { containerID: containerId, hostID: hostId, size: length };
}
