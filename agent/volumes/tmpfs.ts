// A volume's own tmpfs.

import { lstat } from "node:fs/promises";
import { dirname } from "node:path";

import { isErrno } from "../base/errors.ts";
import type { System } from "../system/system.ts";

const MS_NOSUID = 2;
const MS_NODEV = 4;

/** Mounts it on `directory` unless that was done before. With `noswap` what is in it never reaches a disk, where the kernel can (6.4). */
export async function mountTmpfs(
  system: System,
  directory: string,
  options: {
    readonly mode: number;
    readonly group?: number | undefined;
    readonly size?: bigint | undefined;
    readonly noswap?: boolean | undefined;
  },
): Promise<void> {
  const [inner, outer] = await Promise.all([lstat(directory), lstat(dirname(directory))]);
  if (inner.dev !== outer.dev) return; // mounted by an earlier attempt
  const size = options.size === undefined ? [] : [`size=${options.size}`];
  const group = options.group === undefined ? [] : [`gid=${options.group}`];
  const data = [...size, `mode=${options.mode.toString(8)}`, ...group].join(",");
  const mount = (text: string): void => system.mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV, text);
  if (options.noswap !== true) return mount(data);
  try {
    mount(`${data},noswap`);
  } catch (error) {
    if (!isErrno(error, "EINVAL")) throw error;
    mount(data);
  }
}
