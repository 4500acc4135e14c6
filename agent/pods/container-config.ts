// From a container of a pod to the CRI's ContainerConfig. Pure.

import type { V1Container } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { NamespaceMode, Signal } from "../cri/runtime.ts";
import type { ContainerConfig, Image, LinuxContainerSecurityContext } from "../cri/runtime.ts";
import type { ContainerDeviceOptions } from "../../deviceplugins/container-options.ts";
import { expand } from "./env.ts";
import * as labels from "./labels.ts";
import { containerMounts } from "./mounts.ts";
import type { MountSettings } from "./mounts.ts";
import { containerResources, hugePageLimits, type LimitSettings } from "./qos.ts";
import {
  apparmorProfile,
  groupsPolicy,
  namespaceOptions,
  seccompProfile,
  supplementalGroups,
} from "./sandbox-config.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** What of /proc and /sys tells about the whole host, or changes it; kubelet's lists. */
const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

export interface ContainerSettings extends MountSettings {
  /** The environment, from resolveEnv and from device plugins. */
  readonly env: ReadonlyMap<string, string>;
  /** @default none */
  readonly devices?: ContainerDeviceOptions | undefined;
  readonly hash: string;
  readonly image: Image;
  /** Id of the container whose processes it is to see. */
  readonly pidTarget?: string | undefined;
  readonly limits: LimitSettings;
  readonly seccompDefault: boolean;
  readonly seccompProfileRoot: string;
}

/** Throws `invalid` when the image or the pod makes the configuration impossible: CreateContainerConfigError. */
export function containerConfig(pod: DecodedPod, container: V1Container, settings: ContainerSettings): ContainerConfig {
  const { attempt, env, devices } = settings;
  checkNonRoot(pod, container, settings.image);
  const security = container.securityContext ?? {};
  const name = container.name;
  const { uid = "", namespace, name: podName } = pod.metadata;
  const stopSignal = container.lifecycle?.stopSignal;
  return {
    metadata: { name, attempt },
    image: { image: settings.image.id, userSpecifiedImage: container.image },
    command: (container.command ?? []).map((word) => expand(word, env)),
    args: (container.args ?? []).map((word) => expand(word, env)),
    workingDir: container.workingDir ?? "",
    envs: [...env].map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: containerMounts(pod, container, { ...settings, deviceMounts: devices?.mounts ?? [] }),
    ...(devices === undefined
      ? {}
      : { devices: [...devices.devices], CDIDevices: devices.cdiDevices.map((cdi) => ({ name: cdi })) }),
    labels: {
      [labels.CONTAINER_NAME]: name,
      [labels.POD_NAME]: podName,
      [labels.POD_NAMESPACE]: namespace,
      [labels.POD_UID]: uid,
    },
    annotations: {
      ...Object.fromEntries(devices?.annotations ?? []),
      [labels.CONTAINER_HASH]: settings.hash,
      [labels.CONTAINER_RESTART_COUNT]: String(attempt),
      [labels.CONTAINER_TERMINATION_MESSAGE_PATH]: container.terminationMessagePath ?? "",
      [labels.CONTAINER_TERMINATION_MESSAGE_POLICY]: container.terminationMessagePolicy ?? "File",
      [labels.POD_GRACE]: String(pod.spec.terminationGracePeriodSeconds ?? 0),
      ...(container.ports === undefined || container.ports.length === 0
        ? {}
        : { [labels.CONTAINER_PORTS]: JSON.stringify(container.ports) }),
      // Kept with the container, so that it can be stopped as it asked even when its manifest is gone.
      ...(container.lifecycle?.preStop === undefined
        ? {}
        : { [labels.CONTAINER_PRE_STOP]: JSON.stringify(container.lifecycle.preStop) }),
    },
    logPath: `${name}/${attempt}.log`,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    ...(stopSignal === undefined ? {} : { stopSignal: signalNamed(stopSignal) }),
    linux: {
      resources: { ...containerResources(container, pod, settings.limits), ...hugePageLimits(container) },
      securityContext: {
        ...identity(pod, container),
        capabilities: {
          addCapabilities: capabilityNames(security.capabilities?.add),
          dropCapabilities: capabilityNames(security.capabilities?.drop),
        },
        privileged: security.privileged === true,
        readonlyRootfs: security.readOnlyRootFilesystem === true,
        noNewPrivs: security.allowPrivilegeEscalation === false,
        namespaceOptions: {
          ...namespaceOptions(pod, settings.userNamespace),
          ...(settings.pidTarget === undefined ? {} : { pid: NamespaceMode.TARGET, targetId: settings.pidTarget }),
        },
        supplementalGroups: supplementalGroups(pod),
        supplementalGroupsPolicy: groupsPolicy(pod),
        seccomp:
          security.privileged === true
            ? seccompProfile({ type: "Unconfined" }, settings)
            : seccompProfile(security.seccompProfile ?? pod.spec.securityContext?.seccompProfile, settings),
        ...apparmorProfile(security.appArmorProfile ?? pod.spec.securityContext?.appArmorProfile),
        selinuxOptions: security.seLinuxOptions ?? pod.spec.securityContext?.seLinuxOptions,
        ...(security.privileged === true || security.procMount === "Unmasked"
          ? { maskedPaths: [], readonlyPaths: [] }
          : { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS }),
      },
    },
  };
}

/** SIGTERM, SIGRTMIN+1. */
function signalNamed(name: string): Signal {
  const key = `SIGNAL_${name.replace("+", "PLUS").replace("-", "MINUS")}`;
  return Signal[key as keyof typeof Signal] ?? Signal.SIGNAL_RUNTIME_DEFAULT;
}

/** Without the prefix that the manifest may have and the CRI does not. */
function capabilityNames(names: readonly string[] | undefined): string[] {
  return (names ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ""));
}

function identity(pod: DecodedPod, container: V1Container): Partial<LinuxContainerSecurityContext> {
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const group = container.securityContext?.runAsGroup ?? pod.spec.securityContext?.runAsGroup;
  return {
    ...(user === undefined ? {} : { runAsUser: { value: BigInt(user) } }),
    ...(group === undefined ? {} : { runAsGroup: { value: BigInt(group) } }),
  };
}

/** runAsNonRoot is a promise of the pod about the image; it is kept before the container is made. */
function checkNonRoot(pod: DecodedPod, container: V1Container, image: Image): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (nonRoot !== true) return;
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const where = `container ${container.name}: securityContext.runAsNonRoot`;
  if (user !== undefined) {
    if (user === 0)
      throw new NodeletError("invalid", "container's runAsUser breaks non-root policy", {
        where,
        fix: "Set runAsUser to another id",
      });
    return;
  }
  if (image.username !== undefined && image.username !== "") {
    const message = `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root`;
    throw new NodeletError("invalid", message, { where, fix: "Set securityContext.runAsUser" });
  }
  if ((image.uid?.value ?? 0n) === 0n) {
    const message = "container has runAsNonRoot and image will run as root";
    throw new NodeletError("invalid", message, { where, fix: "Set securityContext.runAsUser" });
  }
}
