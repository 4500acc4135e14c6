// A plain container as the input of buildContainerSpec, to be changed by a test.

import type { ContainerSpecInput } from "../../../agent/runtime/oci/container-spec.ts";
import { buildContainerSpec } from "../../../agent/runtime/oci/container-spec.ts";
import type { OciSpec } from "../../../agent/runtime/oci/types.ts";
import type { ContainerConfig, LinuxContainerSecurityContext, Mount } from "../../../agent/cri/types.gen.ts";

export const ALL_CAPABILITIES = (1n << 41n) - 1n;

export const USERS: ContainerSpecInput["users"] = {
  passwd: [
    { name: "root", uid: 0, gid: 0, home: "/root" },
    { name: "web", uid: 1000, gid: 2000, home: "/srv/web" },
    { name: "12x", uid: 1001, gid: 2001, home: "/" },
  ],
  group: [
    { name: "root", gid: 0, members: [] },
    { name: "staff", gid: 50, members: ["web", "root"] },
    { name: "audio", gid: 63, members: ["web"] },
  ],
};

export function specInput(changes: Partial<ContainerSpecInput> = {}): ContainerSpecInput {
  return {
    id: "c0ffee",
    sandboxId: "5a5a5a",
    config: {
      metadata: { name: "web", attempt: 0 },
      image: { image: "sha256:1234", userSpecifiedImage: "localhost/web:1" },
      command: ["/bin/web"],
    },
    sandbox: { metadata: { name: "pod", namespace: "default", uid: "u-1" } },
    imageConfig: {},
    users: USERS,
    hostname: "pod",
    files: { hostname: "/run/nodelet/sandboxes/s/hostname", resolvConf: "/run/nodelet/sandboxes/s/resolv.conf" },
    shmPath: "/run/nodelet/sandboxes/s/shm",
    namespaces: {
      network: "/run/netns/nodelet-s",
      ipc: "/run/nodelet/sandboxes/s/ipc",
      uts: "/run/nodelet/sandboxes/s/uts",
      pid: "/run/nodelet/sandboxes/s/pid",
    },
    hostCapabilities: { last: 40, bounding: ALL_CAPABILITIES },
    cgroup: { version2: true, path: "/kubepods/pod1/c0ffee", controllers: ["cpu", "memory", "pids"] },
    kernel: { release: "6.12.0", apparmor: false, selinux: false },
    hostDevices: [],
    seccompProfile: (name) => {
      throw new Error(`no profile ${name}`);
    },
    arch: "x64",
    ...changes,
  };
}

export function specOf(config: Partial<ContainerConfig>, changes: Partial<ContainerSpecInput> = {}): OciSpec {
  const input = specInput(changes);
  return buildContainerSpec({ ...input, config: { ...input.config, ...config } });
}

export function specWith(
  securityContext: LinuxContainerSecurityContext,
  changes: Partial<ContainerSpecInput> = {},
): OciSpec {
  return specOf({ linux: { securityContext } }, changes);
}

export function specWithMounts(mounts: Mount[], changes: Partial<ContainerSpecInput> = {}): OciSpec {
  return specOf({ mounts }, changes);
}

/** The fields of a thrown NodeletError that a test looks at. */
export function errorOf(call: () => unknown): { code: unknown; where: unknown; message: string } | undefined {
  try {
    call();
  } catch (error) {
    const { code, where, message } = error as Error & { code?: unknown; where?: unknown };
    return { code, where, message };
  }
  return undefined;
}
