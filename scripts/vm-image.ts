// The root file system, kernel and initial RAM disk of the test machines: a Debian 12 with systemd, out of Debian's packages.
//
//     node scripts/vm-image.ts        builds it, or says that it is there
//
// Kept in build/vm under the hash of its recipe. No mount is needed for it: mke2fs fills the file system.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");

export const VM_DIRECTORY = join(root, "build", "vm");

const SUITE = "bookworm";

const PACKAGES = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "udev",
  "kmod",
  "linux-image-cloud-amd64",
  "initramfs-tools",
  "iproute2",
  "iptables",
  "nftables",
  "procps",
  "libseccomp2",
  "libatomic1",
  "busybox",
];

/** What the initial RAM disk needs to find and mount the root; with all modules it takes three times as long to boot. */
const BOOT_MODULES = ["virtio_pci", "virtio_blk", "ext4", "crc32c_generic"];

/** Units that a test machine does without. */
const MASKED = [
  "serial-getty@ttyS0.service",
  "getty@tty1.service",
  "systemd-timesyncd.service",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "systemd-networkd-wait-online.service",
];

const GUEST = join(root, "test", "vm", "guest");
const ROOT_SIZE = "4G";

/** The build downloads packages and unpacks a kernel. */
const BUILD_LIMIT_MS = 20 * 60_000;

export interface VmImage {
  /** A raw ext4 file system; never written to. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** Shell lines that run with the new root as $1 before the kernel's package makes the initial RAM disk. */
function beforePackages(): string {
  return [
    'mkdir -p "$1/etc/initramfs-tools/conf.d"',
    `printf '%s\\n' ${BOOT_MODULES.join(" ")} >"$1/etc/initramfs-tools/modules"`,
    `printf '%s\\n' MODULES=list COMPRESS=gzip >"$1/etc/initramfs-tools/conf.d/test"`,
  ].join(" && ");
}

function afterPackages(): string {
  return [
    ...MASKED.map((unit) => `ln -sf /dev/null "$1/etc/systemd/system/${unit}"`),
    'mkdir -p "$1/usr/local/lib" "$1/mnt/package"',
    `cp ${GUEST}/commands.sh "$1/usr/local/lib/test-commands.sh"`,
    `install -m 755 ${GUEST}/agent-get.pl "$1/usr/local/bin/agent-get"`,
    `cp ${GUEST}/test-commands.service "$1/etc/systemd/system/"`,
    'ln -sf /etc/systemd/system/test-commands.service "$1/etc/systemd/system/multi-user.target.wants/"',
    // The package's own disk, see test/vm/package-disk.ts.
    'echo "LABEL=package /mnt/package ext4 ro 0 0" >"$1/etc/fstab"',
    'ln -s /mnt/package/usr/lib/nodelet "$1/usr/lib/nodelet" && ln -s ../lib/nodelet/bin/nodelet "$1/usr/bin/nodelet"',
    'echo test-machine >"$1/etc/hostname"',
    `printf '%s\\n' '127.0.0.1 localhost' '127.0.1.1 test-machine' >"$1/etc/hosts"`,
    'echo "nameserver 127.0.0.1" >"$1/etc/resolv.conf"',
    // Empty: an identity of its own at each boot, without what systemd does at a first boot.
    ': >"$1/etc/machine-id"',
    'rm -rf "$1/var/lib/apt/lists" "$1/var/cache/apt"',
  ].join(" && ");
}

function recipeHash(): string {
  const hash = createHash("sha256");
  for (const part of [SUITE, ROOT_SIZE, beforePackages(), afterPackages(), ...PACKAGES]) hash.update(`${part}\n`);
  for (const file of globSync("*", { cwd: GUEST }).toSorted()) hash.update(readFileSync(join(GUEST, file)));
  return hash.digest("hex").slice(0, 16);
}

/** Builds the image unless it is there. Throws with the last lines of the tool that failed. */
export async function vmImage(say: (line: string) => void = () => undefined): Promise<VmImage> {
  const directory = join(VM_DIRECTORY, `base-${recipeHash()}`);
  const image = {
    disk: join(directory, "root.ext4"),
    kernel: join(directory, "vmlinuz"),
    initrd: join(directory, "initrd"),
  };
  if (existsSync(image.disk)) return image;
  await mkdir(VM_DIRECTORY, { recursive: true });
  say("building the test machine's image out of Debian's packages (one to three minutes)");
  const scratch = await mkdtemp(join(VM_DIRECTORY, "making-"));
  try {
    const tree = join(scratch, "root");
    const made = join(scratch, "image");
    await mkdir(made);
    // It mounts /proc, /sys and /dev/shm in the new root: in a mount namespace of its own they end with it, also if it is killed.
    await tool("unshare", [
      "--mount",
      "--propagation=private",
      "mmdebstrap",
      "--variant=minbase",
      "--mode=root",
      "--skip=check/qemu",
      `--include=${PACKAGES.join(",")}`,
      '--aptopt=Acquire::Languages "none"',
      ...["doc", "man", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
      `--essential-hook=${beforePackages()}`,
      `--customize-hook=${afterPackages()}`,
      SUITE,
      tree,
    ]);
    const boot = await readdir(join(tree, "boot"));
    await copyFile(join(tree, "boot", boot.find((name) => name.startsWith("vmlinuz-")) ?? ""), join(made, "vmlinuz"));
    await copyFile(join(tree, "boot", boot.find((name) => name.startsWith("initrd.img-")) ?? ""), join(made, "initrd"));
    await tool("mke2fs", [
      "-q",
      "-t",
      "ext4",
      "-E",
      "lazy_itable_init=1",
      "-d",
      tree,
      join(made, "root.ext4"),
      ROOT_SIZE,
    ]);
    await rename(made, directory).catch(async (error: unknown) => {
      if (!existsSync(image.disk)) throw error; // another run was first
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return image;
}

async function tool(command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, [...args], { timeout: BUILD_LIMIT_MS, maxBuffer: 64 << 20 });
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    throw new Error(`${command} failed: ${stderr.trim().split("\n").slice(-15).join("\n") || message}`, {
      cause: error,
    });
  }
}

if (import.meta.main) {
  const { disk } = await vmImage((line) => console.error(`vm-image: ${line}`));
  console.error(`vm-image: ${disk}`);
}
