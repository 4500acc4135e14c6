// Variables from a file that an earlier container has written into an emptyDir (fileKeyRef). The file is a container's, so it is
// opened inside the volume alone, has to be a regular one, and is read up to a limit.

import { fstat, read } from "node:fs";
import { promisify } from "node:util";

import type { V1Container } from "@kubernetes/client-node";

import { isErrno, NodeletError } from "../base/errors.ts";
import { AT_FDCWD, O, RESOLVE, type System } from "../system/system.ts";
import type { VolumeSource } from "../volumes/volume.ts";

const MAX_BYTES = 1024 * 1024;

/** The texts of files that the container's variables come from, by `fileKey`; undefined: there is no such file. */
export type EnvFiles = ReadonlyMap<string, string | undefined>;

export function fileKey(volume: string, path: string): string {
  return `${volume}/${path}`;
}

/** Rejects with `invalid` for what is no file of the volume. */
export async function readEnvFiles(
  system: System,
  container: V1Container,
  volumes: ReadonlyMap<string, VolumeSource>,
): Promise<EnvFiles> {
  const files = new Map<string, string | undefined>();
  for (const { valueFrom } of container.env ?? []) {
    const reference = valueFrom?.fileKeyRef;
    if (reference === undefined) continue;
    const { volumeName, path } = reference;
    const key = fileKey(volumeName, path);
    if (!files.has(key)) files.set(key, await readInside(system, volumes.get(volumeName)?.hostPath, key, path));
  }
  return files;
}

async function readInside(
  system: System,
  root: string | undefined,
  name: string,
  path: string,
): Promise<string | undefined> {
  if (root === undefined || root === "")
    throw new NodeletError("invalid", `There is no volume for the file ${name} that variables are read from`);
  const directory = system.openat2(AT_FDCWD, root, { flags: O.PATH | O.DIRECTORY });
  try {
    const fd = system.openat2(directory, path, {
      flags: O.RDONLY | O.NONBLOCK,
      resolve: RESOLVE.IN_ROOT | RESOLVE.NO_XDEV | RESOLVE.NO_MAGICLINKS,
    });
    try {
      const found = await promisify(fstat)(fd);
      if (!found.isFile()) throw unusable(name, "it is not a regular file");
      if (found.size > MAX_BYTES) throw unusable(name, `it has more than ${MAX_BYTES} bytes`);
      return await readStart(fd, found.size);
    } finally {
      system.close(fd);
    }
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    if (isErrno(error, "ELOOP", "EXDEV", "ENXIO", "EAGAIN")) throw unusable(name, "it leads nowhere");
    throw error;
  } finally {
    system.close(directory);
  }
}

/** Whatever a container makes of the file meanwhile: no more than it had. */
async function readStart(fd: number, bytes: number): Promise<string> {
  const content = Buffer.allocUnsafe(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await promisify(read)(fd, content, filled, bytes - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return content.toString("utf8", 0, filled);
}

function unusable(name: string, why: string): NodeletError {
  return new NodeletError("invalid", `couldn't parse env file: ${name}: ${why}`);
}

/**
 * The value of a name in an environment file; undefined when it has none. Lines are `NAME='VALUE'`, maybe with blanks before them and a
 * comment behind; a value is taken as it is and may go on over several lines. Lines that are empty or begin with `#` are nothing. As in
 * a shell, blanks behind `=` mean an empty value. Throws `invalid` with the line of what is none of that, up to the name.
 */
export function envFileValue(text: string, name: string, file: string): string | undefined {
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const number = index + 1;
    const fail = (why: string): NodeletError => unusable(file, `line ${number}: ${why}`);
    const line = trimStart(lines[index] ?? "");
    if (line === "" || line === "\r" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    if (equals === -1) throw fail("there is no =");
    const key = line.slice(0, equals);
    if (key === "") throw fail("there is no name before =");
    if (/[ \t]$/.test(key)) throw fail("there are blanks before =");
    const written = line.slice(equals + 1);
    if (/^[ \t]/.test(written)) {
      if (key === name) return "";
      continue;
    }
    if (!written.startsWith("'")) throw fail("the value is not in single quotes");
    let value = written.slice(1);
    while (!value.includes("'")) {
      index++;
      if (index >= lines.length) throw fail("the quote is not closed");
      value += `\n${lines[index] ?? ""}`;
    }
    const end = value.indexOf("'");
    const rest = trimStart(value.slice(end + 1)).replace(/\r$/, "");
    if (rest !== "" && !rest.startsWith("#")) throw fail("there is something behind the value");
    if (key === name) return value.slice(0, end);
  }
  return undefined;
}

function trimStart(text: string): string {
  return text.replace(/^[ \t]+/, "");
}
