// Files that change all at once, in the layout that kubelet writes and that programs rely on:
//
//     volume/..2026_11_21_08_16_00.104729315/key    the content
//     volume/..data -> ..2026_11_21_08_16_00.104729315
//     volume/key -> ..data/key
//
// A new content is written beside the old one, then `..data` is replaced by rename(2): whoever reads sees the one or the other.

import { randomInt } from "node:crypto";
import {
  chmod,
  lchown,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";

import { isErrno } from "../base/errors.ts";
import type { Payload } from "./payload.ts";

const DATA = "..data";
const NEW_DATA = "..data_tmp";
const DIRECTORY_MODE = 0o755;

export interface Ownership {
  /** Group of everything; undefined: left as it is. */
  readonly group: number | undefined;
  /** Bits that the group needs beside those of the file and the directory. */
  readonly fileBits: number;
  readonly directoryBits: number;
}

export const NO_OWNERSHIP: Ownership = { group: undefined, fileBits: 0, directoryBits: 0 };

/** Makes `directory` show the payload and nothing else; true when something changed. Repeatable, also after a crash in the middle. */
export async function writePayload(
  directory: string,
  payload: Payload,
  ownership: Ownership,
  now: Date,
): Promise<boolean> {
  const current = await currentName(directory);
  const changed = current === undefined || !(await holds(join(directory, current), payload, ownership));
  if (changed) {
    const name = await writeContent(directory, payload, ownership, now);
    await rm(join(directory, NEW_DATA), { force: true });
    await symlink(name, join(directory, NEW_DATA));
    await own(join(directory, NEW_DATA), ownership);
    await rename(join(directory, NEW_DATA), join(directory, DATA));
  }
  await arrangeLinks(directory, payload, ownership);
  return changed;
}

async function currentName(directory: string): Promise<string | undefined> {
  try {
    return await readlink(join(directory, DATA));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Whether the content on disk is the payload: names, bytes, permissions. */
async function holds(directory: string, payload: Payload, ownership: Ownership): Promise<boolean> {
  let found: string[];
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
  if (found.length !== payload.size) return false;
  for (const [path, file] of payload) {
    const place = join(directory, path);
    if (!found.includes(place)) return false;
    const info = await stat(place);
    if ((info.mode & 0o7777) !== (file.mode | ownership.fileBits) || info.size !== file.data.length) return false;
    if (ownership.group !== undefined && info.gid !== ownership.group) return false;
    if (file.owner !== undefined && info.uid !== file.owner) return false;
    if (!(await readFile(place)).equals(file.data)) return false;
  }
  return true;
}

async function writeContent(directory: string, payload: Payload, ownership: Ownership, now: Date): Promise<string> {
  const name = contentName(now);
  const root = join(directory, name);
  const made = new Set<string>();
  const make = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    if (path !== root) await make(dirname(path));
    await mkdir(path, { mode: DIRECTORY_MODE });
    await own(path, ownership);
    await chmod(path, DIRECTORY_MODE | ownership.directoryBits);
    made.add(path);
  };
  try {
    await make(root);
    for (const [path, file] of payload) {
      const place = join(root, path);
      await make(dirname(place));
      await writeFile(place, file.data, { mode: 0o600, flag: "wx" });
      await own(place, ownership, file.owner);
      await chmod(place, file.mode | ownership.fileBits);
    }
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
  return name;
}

function contentName(now: Date): string {
  const [day = "", time = ""] = now.toISOString().slice(0, 19).split("T");
  return `..${day.replaceAll("-", "_")}_${time.replaceAll(":", "_")}.${randomInt(100_000_000, 4_000_000_000)}`;
}

/** A link for each first part of a path; what belongs to no payload goes. */
async function arrangeLinks(directory: string, payload: Payload, ownership: Ownership): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split("/")[0] ?? path));
  const current = await currentName(directory);
  const present = new Set(await readdir(directory));
  for (const name of wanted) {
    if (present.has(name)) continue;
    const link = join(directory, name);
    await symlink(join(DATA, name), link);
    await own(link, ownership);
  }
  for (const name of present) {
    if (wanted.has(name) || name === DATA || name === current) continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function own(path: string, { group }: Ownership, user?: number): Promise<void> {
  if (group !== undefined || user !== undefined) await lchown(path, user ?? -1, group ?? -1);
}
