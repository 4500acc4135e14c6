// Where images and records lie: overlay on that file system, room, and the run directory.

import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { System } from "../../system/system.ts";
import { formatBytes } from "../table.ts";
import { Findings, reason, type Finding } from "./finding.ts";
import { nearestExisting, type Host } from "./host.ts";

/** Below this nothing can be unpacked. */
const SPACE_MIN = 100_000_000;

/** Below this a handful of images fills the disk. */
const SPACE_GOOD = 5_000_000_000;

/** Layers are small files by the thousand. */
const INODES_GOOD = 100_000n;

const TMPFS_MAGIC = 0x01021994;
const OVERLAYFS_MAGIC = 0x794c7630;

export async function checkStorage(host: Host): Promise<readonly Finding[]> {
  const found = new Findings("storage");
  const { system } = host;
  const state = nearestExisting(host, host.stateDir);
  if (system === undefined) return found.list;

  const usage = await system.statfs(state);
  const available = Number(usage.available * usage.blockSize);
  const room = `${formatBytes(available)} free for ${host.stateDir}`;
  if (available < SPACE_MIN)
    found.missing("disk space", room, "No image can be loaded.", "Free some, or give another disk with --state-dir.");
  else if (available < SPACE_GOOD)
    found.warn(
      "disk space",
      room,
      "A handful of images fills it.",
      "Free some, or give another disk with --state-dir.",
    );
  else found.ok("disk space", room);
  // A file system without a fixed number of inodes says 0.
  if (usage.files > 0n && usage.filesFree < INODES_GOOD) {
    found.warn(
      "inodes",
      `${usage.filesFree} free for ${host.stateDir}`,
      "A handful of images uses them up.",
      "Free some, or make the file system with more.",
    );
  }

  if (host.root) {
    if (usage.type === OVERLAYFS_MAGIC) {
      found.fatal(
        "overlay",
        `${host.stateDir} itself lies on an overlay`,
        "Put --state-dir onto a disk or tmpfs: where nodelet itself runs in a container, onto a volume.",
      );
    } else {
      checkOverlay(system, state, found);
    }
  }

  const run = nearestExisting(host, host.runDir);
  const runType = (await system.statfs(run)).type;
  if (runType === TMPFS_MAGIC) found.ok("run directory", `${host.runDir} is on a tmpfs`);
  else
    found.warn(
      "run directory",
      `${host.runDir} is not on a tmpfs`,
      "After a reboot the daemon first has to clear what it remembers of dead containers.",
      "Mount a tmpfs at /run, or give another directory with --run-dir.",
    );
  return found.list;
}

/** Mounts an overlay of directories made for a moment, attached nowhere. */
function checkOverlay(system: System, state: string, found: Findings): void {
  let directory: string;
  try {
    directory = mkdtempSync(join(state, ".nodelet-doctor-"));
  } catch (error) {
    try {
      directory = mkdtempSync(join(tmpdir(), "nodelet-doctor-"));
    } catch {
      found.fatal(
        "overlay",
        `cannot write in ${state}: ${reason(error)}`,
        "Give a directory that can be written with --state-dir.",
      );
      return;
    }
  }
  try {
    const part = (name: string): string => join(directory, name);
    for (const name of ["lower", "below", "upper", "work"]) mkdirSync(part(name));
    const rest = [`upperdir=${part("upper")}`, `workdir=${part("work")}`, "volatile"];
    const attempts = [
      { how: "layer by layer", options: [`lowerdir+=${part("lower")}`, `lowerdir+=${part("below")}`, ...rest] },
      { how: "layers in one option", options: [`lowerdir=${part("lower")}:${part("below")}`, ...rest] },
    ];
    let failure: unknown;
    for (const { how, options } of attempts) {
      try {
        system.close(system.detachedMount("overlay", options, 0));
        found.ok("overlay", `works on ${state}, ${how}`);
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    found.fatal(
      "overlay",
      `${reason(failure)} on ${state}`,
      "Use a kernel with CONFIG_OVERLAY_FS, and a file system for --state-dir that can hold an upper layer, such as ext4, xfs or btrfs.",
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
