// Attacks by what images and volumes hold at the places where something is mounted, masked, bound or deleted.

import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { describeError } from "../../../../agent/base/errors.ts";
import { createSlowCalls } from "../../../../agent/system/slow-calls.ts";
import { bindSubPath } from "../../../../agent/volumes/sub-path.ts";
import { removeTree } from "../../../../agent/volumes/tree.ts";
import type { TarEntry } from "../../../../scripts/lib/tar.ts";
import { countOf, soaking } from "../../../fixtures/soak.ts";
import type { Attack } from "../attack.ts";
import type { Host, RunOptions } from "../host.ts";

/** Starts while somebody exchanges a directory for a link. */
const RACES = countOf("NODELET_RACES", { short: 40, soak: 2000 });

/** Links are followed as if the container's root were only where a path begins. */
const UNBOUND: Attack["without"] = [
  [
    "native/shim/paths.c",
    "fd = sys_openat2(root, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);",
    'fd = sys_openat2(root, path[0] != \'/\' ? path : path[1] ? path + strspn(path, "/") : ".", flags, 0, 0);',
  ],
  ["native/shim/paths.c", "#include <limits.h>", "#include <limits.h>\n#include <string.h>"],
];

const link = (name: string, linkname: string): TarEntry => ({ name, type: "symlink", linkname });

/** A directory of the host with a file, mounted. */
function volume(host: Host, containerPath: string): { hostPath: string; containerPath: string } {
  const hostPath = host.make("volume");
  writeFileSync(join(hostPath, "marker"), "inside");
  return { hostPath, containerPath };
}

/** Places at which every container has something mounted, and one of a volume. */
const DESTINATIONS = [
  "data",
  "proc",
  "sys",
  "sys/fs/cgroup",
  "dev",
  "dev/null",
  "dev/pts",
  "dev/shm",
  "dev/mqueue",
  "etc",
  "etc/hosts",
  "etc/hostname",
  "etc/resolv.conf",
  "etc/passwd",
];

/** What an image may have there instead. `outside` is no place that it has itself. */
function obstacles(name: string, outside: string): readonly TarEntry[] {
  return [
    link(name, outside),
    { name, type: "fifo" },
    { name, type: "char", major: 1, minor: 5 },
    { name, content: "a file" },
  ];
}

/** Places for which images lack a directory, or hide the one of a lower layer. */
const MISSING = ["proc", "sys", "dev", "etc", "etc/passwd"];
const missing = (name: string): TarEntry => ({ name: join(dirname(name), `.wh.${basename(name)}`) });

/** Places that all kinds of links are tried at. */
const LINKED = soaking ? DESTINATIONS : ["data", "proc", "etc", "dev"];

/** More kinds of links. */
function links(name: string, outside: string): readonly TarEntry[] {
  return [
    link(name, `${"../".repeat(20)}${outside.slice(1)}`),
    link(name, "nowhere"),
    link(name, basename(name)),
    link(name, `/proc/self/root${outside}`),
    link(name, `/proc/1/cwd${outside}`),
  ];
}

/** Starts each and tells how many ran; none may hang. */
async function startAll(host: Host, images: readonly (readonly TarEntry[])[]): Promise<string> {
  let ran = 0;
  let refused = 0;
  const { podSandboxId } = await host.start(["/bin/true"]);
  for (const entries of images) {
    try {
      const image = await host.image(entries);
      const mounts = [volume(host, "/data/part")];
      const result = await host.run(["/bin/cat", "/data/part/marker"], { image, container: { mounts }, podSandboxId });
      if (result.refused !== "") refused += 1;
      else if (result.output === "inside") ran += 1;
      else return `the volume says ${JSON.stringify(result.output)}, ${host.touched()}`;
    } catch {
      refused += 1; // the image
    }
    if (host.touched() !== "untouched") break;
  }
  return `${ran} ran, ${refused} refused, ${host.touched()}`;
}

async function fakeProc(host: Host, entries: readonly TarEntry[]): Promise<string> {
  const image = await host.image(entries);
  const { output, refused } = await host.run(["/bin/sh", "-c", "test -e /proc/self/ns/mnt && echo real || echo fake"], {
    image,
  });
  return refused || output;
}

async function over(host: Host, containerPath: string, entries: readonly TarEntry[] = []): Promise<string> {
  const image = await host.image(entries);
  const mounts = [volume(host, containerPath)];
  const command = ["/bin/sh", "-c", `cat ${containerPath}/marker || cat ${containerPath}`];
  const { output, refused } = await host.run(command, { image, container: { mounts } });
  return refused || output;
}

/** A /dev of the pod's own, with what masks files and what a terminal is bound to. */
async function ownDev(
  host: Host,
  prepare: (directory: string) => void,
  options: { command: string; tty?: boolean },
): Promise<string> {
  const hostPath = host.make("dev");
  prepare(hostPath);
  const pts = host.make("pts");
  const mounts = [{ hostPath, containerPath: "/dev" }];
  const run: RunOptions = {
    container: {
      mounts: options.tty === true ? [...mounts, { hostPath: pts, containerPath: "/dev/pts" }] : mounts,
      ...(options.tty === true ? { tty: true } : {}),
      linux: { securityContext: { namespaceOptions: { pid: 1 }, maskedPaths: ["/proc/version"] } },
    },
  };
  if (options.tty === true) execFileSync("mount", ["-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", pts]);
  try {
    const { output, refused } = await host.run(["/bin/sh", "-c", options.command], run);
    return refused || output || "nothing";
  } finally {
    if (options.tty === true) execFileSync("umount", [pts]);
  }
}

async function part(host: Host, target: string): Promise<string> {
  const root = host.make("parts");
  mkdirSync(join(root, "inside"));
  writeFileSync(join(root, "inside", "victim"), "inside");
  symlinkSync(target === "" ? host.outside : target, join(root, "link"));
  const podDir = host.make("pod");
  const slow = createSlowCalls();
  let at: string | undefined;
  try {
    at = await bindSubPath({ slow, podDir }, { volume: "v", container: "c", index: 0, hostPath: root, path: "link" });
    return execFileSync("cat", [join(at, "victim")], { encoding: "utf8" });
  } catch (error) {
    return describeError(error);
  } finally {
    if (at !== undefined) await slow.umount(at);
  }
}

/** Deletes a tree that has a link out of it and, if asked, a mount in it. */
async function deletion(host: Host, mounted: boolean): Promise<string> {
  const tree = host.make("tree");
  symlinkSync(host.outside, join(tree, "link"));
  mkdirSync(join(tree, "mount"));
  if (mounted) execFileSync("mount", ["--bind", host.outside, join(tree, "mount")]);
  try {
    const said = await removeTree(host.system, dirname(tree), basename(tree)).then(
      () => "removed",
      (error: unknown) => describeError(error),
    );
    return `${said}; ${host.touched()}`;
  } finally {
    if (mounted) execFileSync("umount", [join(tree, "mount")]);
  }
}

export const attacks: readonly Attack[] = [
  {
    name: "links, FIFOs, devices and files of the image at every mount destination",
    rows: ["2021-30465", "2024-45310", "2026-41579", "2026-47766", "2024-5154", "suite 1", "suite 2"],
    attack: (host) =>
      startAll(
        host,
        [
          ...DESTINATIONS.flatMap((name) => obstacles(name, host.outside)),
          ...LINKED.flatMap((name) => links(name, host.outside)),
        ].map((entry) => [entry]),
      ),
    twin: (host) =>
      startAll(host, [
        [],
        [{ name: "data/" }],
        [link("data", "srv/data")],
        [link("etc/hosts", "/srv/hosts")],
        ...MISSING.map((name) => [missing(name)]),
      ]),
    held: /^[0-9]+ ran, [0-9]+ refused, untouched$/,
    works: /^9 ran, 0 refused, untouched$/,
    without: UNBOUND,
    fallen: /TOUCHED/,
  },
  {
    name: "a directory that becomes a link to the host while a volume is mounted in it",
    rows: ["2021-30465", "2024-45310", "suite 1"],
    async attack(host) {
      const shared = host.make("shared");
      mkdirSync(join(shared, "dir"));
      symlinkSync(host.outside, join(shared, "link"));
      const renamer = fork(join(import.meta.dirname, "../../volumes/renamer.ts"), [
        join(shared, "dir"),
        join(shared, "link"),
      ]);
      try {
        await once(renamer, "message");
        const { podSandboxId } = await host.start(["/bin/true"]);
        for (let count = 0; count < RACES && host.touched() === "untouched"; count++) {
          const mounts = [{ hostPath: shared, containerPath: "/shared" }, volume(host, `/shared/dir/made-${count}`)];
          await host.run(["/bin/true"], { container: { mounts }, podSandboxId });
        }
        return host.touched();
      } finally {
        const gone = once(renamer, "exit");
        renamer.kill("SIGKILL");
        await gone;
      }
    },
    async twin(host) {
      const shared = host.make("shared");
      const mounts = [{ hostPath: shared, containerPath: "/shared" }, volume(host, "/shared/dir/made")];
      const { output, refused } = await host.run(["/bin/cat", "/shared/dir/made/marker"], { container: { mounts } });
      return refused || output;
    },
    held: /^untouched$/,
    works: /^inside$/,
    without: UNBOUND,
    fallen: /TOUCHED/,
  },
  {
    name: "a /proc of the image's own",
    rows: ["2019-16884", "2019-19921", "2023-27561", "2025-52881", "suite 2"],
    attack: (host) =>
      fakeProc(host, [link("proc", "/fake"), { name: "fake/" }, { name: "fake/self/" }, { name: "fake/self/attr/" }]),
    twin: (host) => fakeProc(host, [{ name: "fake/" }]),
    held: /mounts\[0\]\.destination/,
    works: /^real$/,
    without: [
      [
        "agent/runtime/plan/mounts.ts",
        'if (destination === "/proc") addCheck(plan, root, destination, PROC_SUPER_MAGIC, where);',
        "",
      ],
    ],
    // The mount lies where the link leads, and the container's /proc is whatever the image makes of it later.
    fallen: /^(real|fake)$/,
  },
  {
    name: "a volume over the container's /proc",
    rows: ["2019-19921", "2025-52881"],
    attack: (host) => over(host, "/proc/1/attr"),
    twin: (host) => over(host, "/proc-of-my-own"),
    held: /nothing may be mounted over/,
    works: /^inside$/,
    without: [
      [
        "agent/runtime/oci/validate.ts",
        '(clean === "/proc" || clean.startsWith("/proc/")) && !PROC_FILES.has(clean)',
        "false",
      ],
      ["agent/runtime/plan/mounts.ts", 'destination !== "/proc" && !destination.startsWith("/proc/")', "false"],
    ],
    fallen: /^inside$/,
  },
  {
    name: "a volume at a link of the image that leads into /proc",
    rows: ["2023-27561", "2025-52881", "suite 1"],
    attack: (host) => over(host, "/data", [link("data", "/proc/sys/kernel")]),
    twin: (host) => over(host, "/data", [link("data", "/srv/kernel")]),
    held: /ELOOP/,
    works: /^inside$/,
    without: [["native/shim/ops_files.c", "rc < 0 ? rc : rc ? -ELOOP : 0", "rc < 0 ? rc : 0"]],
    fallen: /^inside$/,
  },
  {
    name: "a /dev/null that is something else where files are masked with it",
    rows: ["2025-31133"],
    attack: (host) =>
      ownDev(host, (dev) => symlinkSync("/etc/passwd", join(dev, "null")), { command: "cat /proc/version" }),
    twin: (host) =>
      ownDev(host, (dev) => execFileSync("mknod", [join(dev, "null"), "c", "1", "3"]), {
        command: "cat /proc/version; echo masked",
      }),
    held: /linux\.maskedPaths/,
    works: /^masked$/,
    without: [
      [
        "agent/runtime/plan/devices.ts",
        'plan.add("child", "check_node", { reg, format: S_IFCHR, major: 1, minor: 3 }, cause);',
        "",
      ],
      [
        "agent/runtime/plan/devices.ts",
        "flags: O.PATH | O.NOFOLLOW, mode: 0, resolve: RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS",
        "flags: O.PATH, mode: 0, resolve: RESOLVE.IN_ROOT",
      ],
      ["native/shim/ops_mounts.c", "return S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);", "return 1;"],
    ],
    fallen: /^root:x:0:0/,
  },
  {
    name: "a /dev/console that leads into /proc where the terminal is bound to it",
    rows: ["2025-52565"],
    attack: (host) =>
      ownDev(
        host,
        (dev) => {
          execFileSync("mknod", [join(dev, "null"), "c", "1", "3"]);
          mkdirSync(join(dev, "pts"));
          symlinkSync("/proc/sys/kernel/core_pattern", join(dev, "console"));
        },
        { command: "test -c /proc/sys/kernel/core_pattern && echo bound", tty: true },
      ),
    twin: (host) =>
      ownDev(
        host,
        (dev) => {
          execFileSync("mknod", [join(dev, "null"), "c", "1", "3"]);
          mkdirSync(join(dev, "pts"));
        },
        { command: "test -c /dev/console && echo bound", tty: true },
      ),
    held: /ELOOP/,
    works: /^bound\r?$/,
    without: [["native/shim/ops_streams.c", "if (rc > 0) return -ELOOP;", ""]],
    fallen: /^bound\r?$/,
  },
  {
    name: "a part of a volume that is a link to the host",
    rows: ["2017-1002101", "2021-25741"],
    attack: (host) => part(host, ""),
    twin: (host) => part(host, "inside"),
    held: /it leads out of the volume/,
    works: /^inside$/,
    without: [["native/shim/volume.c", "RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)", "0)"]],
    fallen: /^untouched$/,
  },
  {
    name: "a volume with links and mounts of the host in it, when it is deleted",
    rows: ["2017-1002102"],
    attack: (host) => deletion(host, true),
    twin: (host) => deletion(host, false),
    held: /EXDEV.*; untouched$/,
    works: /^removed; untouched$/,
    without: [["native/addon/tree.c", "RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS", "0"]],
    fallen: /TOUCHED/,
  },
  {
    name: "a container writes to its cgroups, and looks for a release_agent",
    rows: ["2022-0492"],
    async attack(host) {
      const script =
        "mkdir /sys/fs/cgroup/own 2>&1; ls -d /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent 2> /dev/null; " +
        "mkdir /tmp/c; mount -t cgroup -o memory none /tmp/c 2> /dev/null && echo mounted; cat /proc/self/cgroup";
      const { output, refused } = await host.run(["/bin/sh", "-c", script]);
      return refused || output.replaceAll("\n", "; ");
    },
    async twin(host) {
      const { output } = await host.run(["/bin/sh", "-c", "test -r /sys/fs/cgroup/cgroup.procs && echo readable"]);
      return output;
    },
    held: /^mkdir: .*: Read-only file system; .*0::\/$/,
    works: /^readable$/,
    without: [["agent/runtime/oci/mounts.ts", '"relatime", "ro"]', '"relatime", "rw"]']],
    fallen: /^(?!.*Read-only)/,
  },
];
