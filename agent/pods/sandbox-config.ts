// From a pod to the CRI's PodSandboxConfig. Pure.

import type { V1Pod } from "@kubernetes/client-node";

import { NamespaceMode, Protocol, SecurityProfile_ProfileType, SupplementalGroupsPolicy } from "../cri/runtime.ts";
import type {
  DNSConfig,
  IDMapping,
  NamespaceOption,
  PodSandboxConfig,
  SecurityProfile,
  UserNamespace,
} from "../cri/runtime.ts";
import { CONFIG_SEEN, POD_NAME, POD_NAMESPACE, POD_UID } from "./labels.ts";
import { podLogDir } from "./layout.ts";
import type { PodLayout } from "./layout.ts";
import { cgroupParent, podResources, qosClass, type LimitSettings } from "./qos.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** Ids that a pod with its own user namespace has. */
export const IDS_PER_POD = 65_536;

export interface SandboxSettings {
  readonly layout: PodLayout;
  readonly cgroupDriver: "cgroupfs" | "systemd";
  /** Of all pods, as cgroupfs has it: `kubepods`. */
  readonly podCgroup: string;
  readonly hostname: string;
  readonly dns: DNSConfig;
  readonly attempt: number;
  /** Which block of ids the pod's user namespace maps to, from 1; undefined: the host's user namespace. */
  readonly userNamespace: number | undefined;
  /** Processes of the whole pod; -1: no limit. */
  readonly pidsLimit: number;
  readonly limits: LimitSettings;
}

export function sandboxConfig(pod: DecodedPod, settings: SandboxSettings): PodSandboxConfig {
  const { name, namespace, uid = "" } = pod.metadata;
  const { spec } = pod;
  const security = spec.securityContext ?? {};
  const annotations = { ...pod.metadata.annotations };
  delete annotations[CONFIG_SEEN]; // differs at each start of the agent; the sandbox does not
  return {
    metadata: { name, namespace, uid, attempt: settings.attempt },
    hostname: spec.hostNetwork === true ? "" : settings.hostname,
    logDirectory: podLogDir(settings.layout, pod),
    dnsConfig: settings.dns,
    portMappings: spec.hostNetwork === true ? [] : portMappings(pod),
    labels: { ...pod.metadata.labels, [POD_NAME]: name, [POD_NAMESPACE]: namespace, [POD_UID]: uid },
    annotations,
    linux: {
      cgroupParent: cgroupParent(uid, qosClass(pod), settings.cgroupDriver, settings.podCgroup),
      sysctls: Object.fromEntries(
        (security.sysctls ?? []).map((sysctl) => [sysctl.name.replaceAll("/", "."), sysctl.value]),
      ),
      resources: {
        ...podResources(pod, settings.limits),
        ...(settings.pidsLimit < 0 ? {} : { unified: { "pids.max": String(settings.pidsLimit) } }),
      },
      securityContext: {
        namespaceOptions: namespaceOptions(pod, settings.userNamespace),
        ...(security.runAsUser === undefined ? {} : { runAsUser: { value: BigInt(security.runAsUser) } }),
        ...(security.runAsGroup === undefined ? {} : { runAsGroup: { value: BigInt(security.runAsGroup) } }),
        supplementalGroups: supplementalGroups(pod),
        supplementalGroupsPolicy: groupsPolicy(pod),
        privileged: [...(spec.initContainers ?? []), ...spec.containers].some(
          (item) => item.securityContext?.privileged === true,
        ),
        seccomp: { profileType: SecurityProfile_ProfileType.RuntimeDefault },
      },
    },
  };
}

function portMappings(pod: DecodedPod): NonNullable<PodSandboxConfig["portMappings"]> {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  return [...sidecars, ...pod.spec.containers].flatMap((container) =>
    (container.ports ?? []).map((port) => ({
      protocol: port.protocol === "UDP" ? Protocol.UDP : port.protocol === "SCTP" ? Protocol.SCTP : Protocol.TCP,
      containerPort: port.containerPort,
      hostPort: port.hostPort ?? 0,
      hostIp: port.hostIP ?? "",
    })),
  );
}

export function namespaceOptions(pod: V1Pod, userNamespace: number | undefined): NamespaceOption {
  const spec = pod.spec;
  const pid =
    spec?.hostPID === true
      ? NamespaceMode.NODE
      : spec?.shareProcessNamespace === true
        ? NamespaceMode.POD
        : NamespaceMode.CONTAINER;
  const options: NamespaceOption = {
    network: spec?.hostNetwork === true ? NamespaceMode.NODE : NamespaceMode.POD,
    pid,
    ipc: spec?.hostIPC === true ? NamespaceMode.NODE : NamespaceMode.POD,
  };
  return userNamespace === undefined ? options : { ...options, usernsOptions: userNamespaceOptions(userNamespace) };
}

export function idMappings(userNamespace: number): IDMapping[] {
  return [{ containerId: 0, hostId: userNamespace * IDS_PER_POD, length: IDS_PER_POD }];
}

function userNamespaceOptions(userNamespace: number): UserNamespace {
  return { mode: NamespaceMode.POD, uids: idMappings(userNamespace), gids: idMappings(userNamespace) };
}

/** The groups that the pod names, and the one that owns its volumes. */
export function supplementalGroups(pod: V1Pod): bigint[] {
  const security = pod.spec?.securityContext;
  const groups = [
    ...(security?.supplementalGroups ?? []),
    ...(security?.fsGroup === undefined ? [] : [security.fsGroup]),
  ];
  return [...new Set(groups)].map(BigInt);
}

export function groupsPolicy(pod: V1Pod): SupplementalGroupsPolicy {
  return pod.spec?.securityContext?.supplementalGroupsPolicy === "Strict"
    ? SupplementalGroupsPolicy.Strict
    : SupplementalGroupsPolicy.Merge;
}

export function seccompProfile(
  profile: { type: string; localhostProfile?: string } | undefined,
  settings: { readonly seccompDefault: boolean; readonly seccompProfileRoot: string },
): SecurityProfile {
  switch (profile?.type) {
    case "RuntimeDefault":
      return { profileType: SecurityProfile_ProfileType.RuntimeDefault };
    case "Localhost":
      return {
        profileType: SecurityProfile_ProfileType.Localhost,
        localhostRef: `${settings.seccompProfileRoot}/${profile.localhostProfile ?? ""}`,
      };
    case "Unconfined":
      return { profileType: SecurityProfile_ProfileType.Unconfined };
    default:
      return {
        profileType: settings.seccompDefault
          ? SecurityProfile_ProfileType.RuntimeDefault
          : SecurityProfile_ProfileType.Unconfined,
      };
  }
}

/** Nothing without a profile: then the runtime's choice holds. */
export function apparmorProfile(profile: { type: string; localhostProfile?: string } | undefined): {
  apparmor?: SecurityProfile;
} {
  switch (profile?.type) {
    case "RuntimeDefault":
      return { apparmor: { profileType: SecurityProfile_ProfileType.RuntimeDefault } };
    case "Unconfined":
      return { apparmor: { profileType: SecurityProfile_ProfileType.Unconfined } };
    case "Localhost":
      return {
        apparmor: {
          profileType: SecurityProfile_ProfileType.Localhost,
          localhostRef: profile.localhostProfile ?? "",
        },
      };
    default:
      return {};
  }
}
