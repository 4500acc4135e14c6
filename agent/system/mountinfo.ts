// /proc/PID/mountinfo, see proc(5).

import { readFileSync } from "node:fs";

export interface Mount {
  readonly id: number;
  readonly parent: number;
  /** `major:minor` of the file system. */
  readonly device: string;
  /** The directory of the file system that is mounted: "/" unless it is a bind. */
  readonly root: string;
  readonly mountPoint: string;
  /** Options of the mount: `rw`, `nosuid` ... */
  readonly options: readonly string[];
  /** Peer group that it shares propagation with. */
  readonly shared: number | undefined;
  /** Peer group that it receives from. */
  readonly master: number | undefined;
  readonly unbindable: boolean;
  readonly fsType: string;
  readonly source: string;
  /** Options of the file system: `lowerdir=...`. */
  readonly superOptions: readonly string[];
}

/** The kernel writes space, tab, newline, backslash and # as three octal digits. */
export function unescapePath(text: string): string {
  if (!text.includes("\\")) return text;
  // A file name is bytes: escaped ones may be part of a character of several.
  const bytes = Buffer.from(text);
  const result = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const octal = bytes[at] === 0x5c /* \ */ ? bytes.toString("latin1", at + 1, at + 4) : "";
    if (/^[0-3][0-7]{2}$/.test(octal)) {
      result[length++] = Number.parseInt(octal, 8);
      at += 3;
    } else {
      result[length++] = bytes[at] ?? 0;
    }
  }
  return result.toString("utf8", 0, length);
}

/** One line; undefined when it is not one. */
export function parseMountLine(line: string): Mount | undefined {
  const fields = line.split(" ");
  // Optional fields lie between the sixth field and a lone "-".
  const separator = fields.indexOf("-", 6);
  if (separator < 0) return undefined;
  const [id = "", parent = "", device = "", root = "", mountPoint = "", options = ""] = fields;
  const [fsType = "", source = "", superOptions = ""] = fields.slice(separator + 1);
  const optional = fields.slice(6, separator);
  const group = (name: string): number | undefined => {
    const field = optional.find((item) => item.startsWith(`${name}:`));
    return field === undefined ? undefined : Number(field.slice(name.length + 1));
  };
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: unescapePath(root),
    mountPoint: unescapePath(mountPoint),
    options: options.split(","),
    shared: group("shared"),
    master: group("master"),
    unbindable: optional.includes("unbindable"),
    fsType,
    source: unescapePath(source),
    superOptions: superOptions.split(",").map(unescapePath),
  };
}

export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const mount = parseMountLine(line);
    if (mount !== undefined) mounts.push(mount);
  }
  return mounts;
}

/** In the kernel's order: a mount comes after the one that it lies on. */
export function readMounts(pid: number | "self" = "self"): Mount[] {
  return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
}

/** The mount that a path lies on: of those at the longest prefix the last, which covers the others. The path is absolute and resolved. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    const point = mount.mountPoint;
    const within = point === "/" || path === point || path.startsWith(`${point}/`);
    if (within && (found === undefined || point.length >= found.mountPoint.length)) found = mount;
  }
  return found;
}
