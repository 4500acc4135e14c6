// Where the runtime keeps what. Everything under the run directory is boot-scoped: a reboot clears it together with the
// namespaces, mounts and processes that it describes.

import { join } from "node:path";

import { EXIT_RECORD, SHIM_SOCKET } from "./plan/container-plan.ts";

export interface Layout {
  readonly runDir: string;
  readonly containers: string;
  readonly sandboxes: string;
  /** Pinned network namespaces: where `ip netns` and CNI plugins look. */
  readonly netns: string;
}

export function layoutOf(runDir: string, netnsDir = "/run/netns"): Layout {
  return {
    runDir,
    containers: join(runDir, "containers"),
    sandboxes: join(runDir, "sandboxes"),
    netns: netnsDir,
  };
}

/** Files of one container under the run directory. */
export interface ContainerFiles {
  readonly dir: string;
  /** ContainerRecord, written before what it describes is made. */
  readonly record: string;
  /** The OCI runtime spec. */
  readonly spec: string;
  /** The shim's socket. */
  readonly socket: string;
  /** Written by the shim when init ended. */
  readonly exit: string;
  /** Plan and results, for `nodelet explain`. */
  readonly explain: string;
}

export function containerFiles(layout: Layout, id: string): ContainerFiles {
  const dir = join(layout.containers, id);
  return {
    dir,
    record: join(dir, "record.json"),
    spec: join(dir, "config.json"),
    socket: join(dir, SHIM_SOCKET),
    exit: join(dir, EXIT_RECORD),
    explain: join(dir, "explain.json"),
  };
}

/** Files of one sandbox under the run directory. */
export interface SandboxFiles {
  readonly dir: string;
  readonly record: string;
  readonly explain: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly resolvConf: string;
  /** Mount point of the pod's /dev/shm. */
  readonly shm: string;
  readonly pins: {
    readonly network: string;
    readonly ipc: string;
    readonly uts: string;
    readonly pid: string;
    readonly user: string;
  };
}

export function sandboxFiles(layout: Layout, id: string): SandboxFiles {
  const dir = join(layout.sandboxes, id);
  return {
    dir,
    record: join(dir, "record.json"),
    explain: join(dir, "explain.json"),
    hostname: join(dir, "hostname"),
    hosts: join(dir, "hosts"),
    resolvConf: join(dir, "resolv.conf"),
    shm: join(dir, "shm"),
    pins: {
      network: join(layout.netns, `nodelet-${id.slice(0, 24)}`),
      ipc: join(dir, "ipc"),
      uts: join(dir, "uts"),
      pid: join(dir, "pid"),
      user: join(dir, "user"),
    },
  };
}
