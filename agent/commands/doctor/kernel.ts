// The kernel: its version, and the calls that containers are made with.

import { kernelAtLeast } from "../../runtime/host-facts.ts";
import { AT_FDCWD, O, RESOLVE } from "../../system/system.ts";
import { Findings, reason, type Finding } from "./finding.ts";
import type { Host } from "./host.ts";

/** The oldest that nodelet is tested with: Debian 12's. */
const OLDEST = { major: 6, minor: 1 } as const;

const NAMESPACES = ["mnt", "pid", "net", "ipc", "uts", "cgroup", "user"] as const;

/** From the mount's attributes: read-only. */
const MOUNT_ATTR_RDONLY = 1;

export function checkKernel(host: Host): readonly Finding[] {
  const found = new Findings("kernel");
  const { system } = host;

  if (kernelAtLeast(host.release, OLDEST.major, OLDEST.minor)) found.ok("version", host.release);
  else
    found.warn(
      "version",
      host.release,
      `Nodelet is not tested on kernels older than ${OLDEST.major}.${OLDEST.minor}.`,
      `Use Linux ${OLDEST.major}.${OLDEST.minor} or later.`,
    );

  const absent = NAMESPACES.filter((name) => !host.exists(`/proc/self/ns/${name}`));
  const needed = absent.filter((name) => name !== "user" && name !== "cgroup");
  if (needed.length > 0)
    found.fatal(
      "namespaces",
      `none of kind ${needed.join(", ")}`,
      "Use a kernel with CONFIG_NAMESPACES and its parts.",
    );
  else if (absent.length > 0) {
    found.warn(
      "namespaces",
      `none of kind ${absent.join(", ")}`,
      "Containers that ask for them do not start.",
      "Use a kernel with CONFIG_USER_NS and CONFIG_CGROUPS.",
    );
  } else found.ok("namespaces", NAMESPACES.join(", "));

  const seccomp = host.read("/proc/sys/kernel/seccomp/actions_avail");
  if (seccomp === undefined)
    found.missing(
      "seccomp",
      "no filters in this kernel",
      "Containers do not start unless they ask for seccompProfile type Unconfined.",
      "Use a kernel with CONFIG_SECCOMP_FILTER.",
    );
  else found.ok("seccomp", `actions ${seccomp.trim().replaceAll(" ", ", ")}`);

  checkUserNamespaces(host, found);
  checkDeviceProgram(host, found);

  if (system === undefined || !host.root) return found.list;

  probe(
    found,
    "openat2",
    "Use Linux 5.6 or later, and where nodelet itself runs in a container, let its seccomp filter pass openat2.",
    () => {
      system.close(system.openat2(AT_FDCWD, "/", { flags: O.PATH | O.DIRECTORY, resolve: RESOLVE.NO_MAGICLINKS }));
    },
  );
  probe(found, "pidfd", "Use Linux 5.3 or later.", () => system.close(system.pidfdOpen(process.pid)));
  probe(
    found,
    "mount API",
    "Use Linux 5.12 or later, and run as root with CAP_SYS_ADMIN: in a container of its own nodelet has to be privileged.",
    () => {
      // A mount that is attached nowhere, and goes with its descriptor.
      const mount = system.detachedMount("tmpfs", ["size=64k"], 0);
      try {
        system.mountSetattr(mount, { set: MOUNT_ATTR_RDONLY });
      } finally {
        system.close(mount);
      }
    },
    "fsopen, fsmount, mount_setattr",
  );
  return found.list;
}

function probe(found: Findings, name: string, fix: string, attempt: () => void, detail = "works"): void {
  try {
    attempt();
    found.ok(name, detail);
  } catch (error) {
    found.fatal(name, reason(error), fix);
  }
}

function checkUserNamespaces(host: Host, found: Findings): void {
  const name = "user namespaces";
  const limit = host.read("/proc/sys/user/max_user_namespaces");
  if (limit !== undefined && Number(limit) === 0)
    found.warn(
      name,
      "user.max_user_namespaces is 0",
      "Pods with hostUsers: false do not start.",
      "Set it with `sysctl user.max_user_namespaces=65536`.",
    );
  else if (!kernelAtLeast(host.release, 6, 3))
    found.warn(
      name,
      `no idmapped overlay layers and tmpfs in ${host.release}`,
      "Pods with hostUsers: false are refused.",
      "Use Linux 6.3 or later.",
    );
  else found.ok(name, limit === undefined ? "with idmapped layers" : `at most ${limit.trim()}, with idmapped layers`);
}

function checkDeviceProgram(host: Host, found: Findings): void {
  const name = "device rules";
  const config = host.kernelConfig("CGROUP_BPF");
  const bpf = host.exists("/proc/sys/kernel/unprivileged_bpf_disabled");
  if (config === "n" || (!bpf && config === undefined))
    found.warn(
      name,
      "no BPF programs for cgroups in this kernel",
      "A container with CAP_MKNOD can open every device of the host.",
      "Use a kernel with CONFIG_CGROUP_BPF, or drop CAP_MKNOD from containers.",
    );
  else found.ok(name, config === undefined ? "the kernel has BPF" : "BPF programs for cgroups");
}
