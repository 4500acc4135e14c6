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

/** Emulated, on a host that has other things to do. */
const START_LIMIT_SECONDS = 300;

/** crictl's own 2 s are too few for an emulated machine. */
const CALL_LIMIT = "60s";

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
  await machine.until("the CRI socket", `${TOOLS}/crictl -r ${CRI_SOCKET} version`, START_LIMIT_SECONDS);
}

/** A sandbox with these `linux` options, in the spelling of crictl. Resolves with its id. */
export async function runSandbox(machine: Machine, name: string, linux: object = {}): Promise<string> {
  const metadata = { name, namespace: "default", uid: `${name}-uid`, attempt: 0 };
  await machine.writeFile(`/tmp/${name}.json`, JSON.stringify({ metadata, log_directory: `/tmp/${name}`, linux }));
  return (await crictl(machine, `runp /tmp/${name}.json`)).trim();
}

/** A container that runs in the sandbox of that name; `more` is of its configuration. Resolves with its id. */
export async function runContainer(
  machine: Machine,
  sandbox: { readonly name: string; readonly id: string },
  image: string,
  command: readonly string[],
  more: object = {},
): Promise<string> {
  const path = `/tmp/${sandbox.name}-container.json`;
  const config = { metadata: { name: "main", attempt: 0 }, image: { image }, command, log_path: "main.log", ...more };
  await machine.writeFile(path, JSON.stringify(config));
  const id = (await crictl(machine, `create --no-pull ${sandbox.id} ${path} /tmp/${sandbox.name}.json`)).trim();
  await crictl(machine, `start ${id}`);
  return id;
}

export async function removeSandbox(machine: Machine, id: string): Promise<void> {
  await crictl(machine, `stopp ${id}`);
  await crictl(machine, `rmp ${id}`);
}

export async function crictl(machine: Machine, command: string): Promise<string> {
  return await machine.do(`${TOOLS}/crictl --timeout ${CALL_LIMIT} -r ${CRI_SOCKET} ${command}`);
}
