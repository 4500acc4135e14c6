// kubelet's root directory as a shared mount, so that what a CSI driver or a privileged container mounts below it is seen by the host, and
// what the host mounts by containers. Where the host's mounts are private, the directory is bound on itself.

import { existsSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { NodeletError } from "../base/errors.ts";
import { mountOf, readMounts } from "../system/mountinfo.ts";
import type { System } from "../system/system.ts";

const MS_BIND = 0x1000;
const MS_SHARED = 1 << 20;
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;
/** Says that the bind is ours, and not a disk that somebody mounted there; written first, and gone after a reboot as the bind is. */
const JOURNAL = "root-bind";

export interface SharedRoot {
  /** It was bound just now, and not by an earlier daemon whose pods may run below it. */
  readonly isNew: boolean;
  /** Takes the bind away, if it is ours; for when nothing is below it any more. */
  undo(): Promise<void>;
}

/** `runDir` holds the journal. Both directories exist. Repeatable. */
export function shareRoot(system: System, rootDir: string, runDir: string): SharedRoot {
  const journal = join(runDir, JOURNAL);
  const root = realpathSync(rootDir);
  const mounted = mountOf(readMounts(), root);
  const bind = mounted?.mountPoint !== root;
  if (mounted?.shared === undefined) {
    try {
      if (bind) {
        writeFileSync(journal, `${root}\n`, { mode: 0o600 });
        system.mount(root, root, "", MS_BIND, "");
      }
      system.mount("", root, "", MS_SHARED, "");
    } catch (cause) {
      throw new NodeletError("unavailable", "The directory cannot be made a shared mount", {
        where: `--root-dir ${rootDir}`,
        cause,
        fix: "Run as root in the host's mount namespace",
      });
    }
  }
  return {
    isNew: bind && mounted?.shared === undefined,
    async undo(): Promise<void> {
      if (!existsSync(journal)) return;
      // Held open by this daemon's own lock, so it goes when that does.
      if (readMounts().some((mount) => mount.mountPoint === root))
        await system.umount(root, MNT_DETACH | UMOUNT_NOFOLLOW);
      rmSync(journal, { force: true });
    },
  };
}
