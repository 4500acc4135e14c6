// A CRI container as an OCI runtime spec. Pure: what the host has comes in as data. The behaviour is that of containerd's CRI,
// which pods are written against; where nodelet is stricter, the input was refused because guessing would be unsafe.

import { NodeletError } from "../../base/errors.ts";
import {
  NamespaceMode,
  SupplementalGroupsPolicy,
  type ContainerConfig,
  type PodSandboxConfig,
} from "../../cri/types.gen.ts";
import type { ImageConfig, ImageUsers } from "../../images/images.ts";
import type { Mapping } from "../../system/system.ts";
import { containerCapabilities, type HostCapabilities } from "./capabilities.ts";
import { containerDevices, type HostDevice } from "./devices.ts";
import { containerEnvironment } from "./env.ts";
import { containerApparmor, refuseSelinux, type LsmFeatures } from "./lsm.ts";
import { containerMounts, type ImageVolume } from "./mounts.ts";
import { containerNamespaces, type NamespacePaths } from "./namespaces.ts";
import { containerArgs, containerCwd } from "./process.ts";
import { containerResources, oomScoreAdj, type CgroupInput } from "./resources.ts";
import type { Architecture } from "./seccomp-default.ts";
import { containerSeccomp } from "./seccomp.ts";
import { checkAbsolutePath, cleanPath } from "./text.ts";
import { OCI_VERSION, type OciRlimit, type OciSpec } from "./types.ts";
import { resolveUser, type ResolvedUser } from "./user.ts";
import { validateContainerConfig, validateHostname } from "./validate.ts";

export type { HostDevice } from "./devices.ts";

export interface ContainerSpecInput {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly sandbox: PodSandboxConfig;
  readonly imageConfig: ImageConfig;
  readonly users: ImageUsers;
  /** The pod's host name. */
  readonly hostname: string;
  /** Host paths that are bound at /etc/hosts, /etc/hostname and /etc/resolv.conf, unless the config mounts something there. */
  readonly files: {
    readonly hosts?: string | undefined;
    readonly hostname?: string | undefined;
    readonly resolvConf?: string | undefined;
  };
  /** Host path of the pod's /dev/shm; undefined: the host's ipc namespace and its /dev/shm. */
  readonly shmPath: string | undefined;
  /** Paths of pinned namespaces to join; undefined: the host's, or by the config's pid mode one of its own. */
  readonly namespaces: NamespacePaths;
  /** Of a pod with a user namespace. */
  readonly idMappings?: { readonly uids: readonly Mapping[]; readonly gids: readonly Mapping[] } | undefined;
  readonly hostCapabilities: HostCapabilities;
  readonly cgroup: CgroupInput;
  readonly kernel: { readonly release: string } & LsmFeatures;
  /** The nodes that config.devices names; for a privileged container all of the host's. */
  readonly hostDevices: readonly HostDevice[];
  /** Text of a Localhost seccomp profile by its name or absolute path; throws when there is none. */
  readonly seccompProfile: (name: string) => string;
  /** Layers of images that config.mounts mounts, by container_path. */
  readonly imageVolumes?: Readonly<Record<string, ImageVolume>> | undefined;
  /** @default [] The process inherits the shim's. */
  readonly rlimits?: readonly OciRlimit[] | undefined;
  /** Of the host. @default this process's */
  readonly arch?: string | undefined;
}

/** Throws `invalid` for what is wrong in the request or the image, `unsupported` for what this host cannot give. */
export function buildContainerSpec(input: ContainerSpecInput): OciSpec {
  const { config, imageConfig, sandbox } = input;
  validateContainerConfig(config);
  validateHostname(input.hostname, "hostname");
  const context = config.linux?.securityContext;
  const privileged = context?.privileged === true;
  refuseSelinux(context, input.kernel);
  const apparmorProfile = containerApparmor(context, input.kernel);
  const user = containerUser(input);
  const capabilities = containerCapabilities(context?.capabilities, privileged, input.hostCapabilities);
  const { devices, rules } = containerDevices(config, input.hostDevices);
  const seccomp = containerSeccomp(
    context,
    capabilities.bounding ?? [],
    architectureOf(input.arch ?? process.arch),
    input.seccompProfile,
  );
  const { mounts, rootfsPropagation } = containerMounts({
    config,
    files: input.files,
    shmPath: input.shmPath,
    idMappings: input.namespaces.user === undefined ? undefined : input.idMappings,
    hostNetwork: input.namespaces.network === undefined,
    hostIpc: input.namespaces.ipc === undefined,
    hostPid: context?.namespaceOptions?.pid === NamespaceMode.NODE,
    cgroupVersion2: input.cgroup.version2,
    imageVolumes: input.imageVolumes ?? {},
  });
  const paths = (list: readonly string[] | undefined, field: string): string[] =>
    privileged
      ? []
      : (list ?? []).map((path, index) =>
          cleanPath(checkAbsolutePath(path, `linux.security_context.${field}[${index}]`)),
        );

  return {
    ociVersion: OCI_VERSION,
    root: { path: "rootfs", readonly: context?.readonlyRootfs === true },
    process: {
      ...(config.tty === true ? { terminal: true } : {}),
      user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
      args: containerArgs(config, imageConfig),
      env: containerEnvironment({
        image: imageConfig.Env ?? [],
        config: config.envs ?? [],
        hostname: input.hostname,
        home: user.home,
        tty: config.tty === true,
      }),
      cwd: containerCwd(config, imageConfig),
      capabilities,
      ...(input.rlimits === undefined || input.rlimits.length === 0 ? {} : { rlimits: input.rlimits }),
      noNewPrivileges: context?.noNewPrivs === true,
      ...(apparmorProfile === undefined ? {} : { apparmorProfile }),
      oomScoreAdj: oomScoreAdj(config.linux?.resources),
    },
    mounts,
    annotations: {
      "io.kubernetes.cri.container-type": "container",
      "io.kubernetes.cri.container-id": input.id,
      "io.kubernetes.cri.container-name": config.metadata?.name ?? "",
      "io.kubernetes.cri.image-name": config.image?.userSpecifiedImage || config.image?.image || "",
      "io.kubernetes.cri.sandbox-id": input.sandboxId,
      "io.kubernetes.cri.sandbox-name": sandbox.metadata?.name ?? "",
      "io.kubernetes.cri.sandbox-namespace": sandbox.metadata?.namespace ?? "",
      "io.kubernetes.cri.sandbox-uid": sandbox.metadata?.uid ?? "",
    },
    linux: {
      namespaces: containerNamespaces(config, input.namespaces, input.cgroup.version2 && !privileged),
      ...(input.namespaces.user === undefined || input.idMappings === undefined
        ? {}
        : {
            uidMappings: input.idMappings.uids.map(toOciMapping),
            gidMappings: input.idMappings.gids.map(toOciMapping),
          }),
      devices,
      cgroupsPath: input.cgroup.path,
      resources: containerResources(config.linux?.resources, rules, input.cgroup),
      ...(rootfsPropagation === undefined ? {} : { rootfsPropagation }),
      ...(seccomp === undefined ? {} : { seccomp }),
      maskedPaths: paths(context?.maskedPaths, "masked_paths"),
      readonlyPaths: paths(context?.readonlyPaths, "readonly_paths"),
    },
  };
}

function containerUser(input: ContainerSpecInput): ResolvedUser {
  const context = input.config.linux?.securityContext;
  return resolveUser(
    {
      runAsUser: context?.runAsUser === undefined ? undefined : Number(context.runAsUser.value ?? 0n),
      runAsUsername: context?.runAsUsername,
      runAsGroup: context?.runAsGroup === undefined ? undefined : Number(context.runAsGroup.value ?? 0n),
      imageUser: input.imageConfig.User ?? "",
      supplementalGroups: (context?.supplementalGroups ?? []).map(Number),
      policy: context?.supplementalGroupsPolicy === SupplementalGroupsPolicy.Strict ? "strict" : "merge",
    },
    input.users,
  );
}

function toOciMapping({ containerId, hostId, size }: Mapping): { containerID: number; hostID: number; size: number } {
  return { containerID: containerId, hostID: hostId, size };
}

function architectureOf(arch: string): Architecture {
  if (arch === "x64" || arch === "arm64") return arch;
  throw new NodeletError("unsupported", `nodelet does not run on ${arch}`, { fix: "use x86_64 or arm64" });
}
