// `nodelet cri` as a service of a test machine, beside programs that were built for the conformance suites.

import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { TOOLS_DIR } from "../conformance/tools/build.ts";
import { contentDisk, type ContentDisk } from "./content-disk.ts";
import type { Machine } from "./machine.ts";

export const CRI_SOCKET = "unix:///run/nodelet/cri.sock";

/** Where the programs are in the machine, after `mountTools`. */
export const TOOLS = "/opt/tools";

const DISK = "tools";

/** `more` puts further files beside them. */
export async function toolsDisk(
  programs: readonly string[],
  more: (content: string) => Promise<void> = async () => undefined,
): Promise<ContentDisk> {
  return await contentDisk(DISK, async (content) => {
    for (const program of programs) await copyFile(join(TOOLS_DIR, program), join(content, basename(program)));
    await more(content);
  });
}

export async function mountTools(machine: Machine): Promise<void> {
  await machine.do(`mkdir -p ${TOOLS} && mount -o ro /dev/disk/by-label/${DISK} ${TOOLS}`);
}

/** Pods run on when it is stopped, as with the unit of the package. */
export async function startCri(machine: Machine): Promise<void> {
  await machine.do("systemd-run --quiet --unit=nodelet-cri -p KillMode=process nodelet cri --network=builtin");
  await machine.until("the CRI socket", `${TOOLS}/crictl -r ${CRI_SOCKET} version`);
}
