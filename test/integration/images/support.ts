// What the image tests share: a store in a directory of its own, and the picture of a tree.

import { createHash } from "node:crypto";
import { closeSync, lstatSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBytes } from "../../../agent/base/byte-text.ts";
import { openImageStore, type ImageStoreOptions, type LocalImageStore } from "../../../agent/images/image-store.ts";
import type { Store } from "../../../agent/store/store.ts";
import { openStore } from "../../../agent/store/sqlite-store.ts";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import { AT_FDCWD, type Fd, O } from "../../../agent/system/system.ts";

export const system = createLinuxSystem();

export interface Opened {
  readonly directory: string;
  readonly store: Store;
  readonly images: LocalImageStore;
  readonly warnings: string[];
  close(): Promise<void>;
}

interface Teardown {
  teardown(body: () => Promise<void> | void): unknown;
}

/** A scratch directory that goes with the test. */
export function scratch(t: Teardown): string {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-images-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** An image store in DIRECTORY/state, closed with the test. */
export async function openImages(
  t: Teardown,
  directory: string,
  options: Partial<ImageStoreOptions> = {},
): Promise<Opened> {
  const stateDir = join(directory, "state");
  const store = await openStore(stateDir, { system });
  const warnings: string[] = [];
  const images = openImageStore({ system, store, stateDir, warn: (message) => warnings.push(message), ...options });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await images.close();
    await store.close();
  };
  t.teardown(close);
  await images.collect();
  return { directory: stateDir, store, images, warnings, close };
}

/** Everything below the state directory that a failed or removed load must not leave. */
export function leftovers(stateDir: string): string[] {
  return [
    ...readdirSync(join(stateDir, "layers")).filter((name) => name !== "0"),
    ...readdirSync(join(stateDir, "tmp")),
    ...readdirSync(join(stateDir, "blobs", "sha256")),
    ...readdirSync(join(stateDir, "snapshots")),
  ];
}

export interface TreeOptions {
  /** @default all */
  readonly without?: readonly ("mtime" | "links")[];
}

/**
 * One line an entry: type, mode, owner, device, content or target, time (not of directories), attributes, and for hard
 * links the first name of the group.
 */
export function describeTree(root: string, options: TreeOptions = {}): string[] {
  const lines: string[][] = [];
  /** Names that can be seen: a name in a lower layer that is hidden counts only in the number of links. */
  const groups = new Map<bigint, string[]>();
  const members = new Map<string[], bigint>();
  /** `name` in the directory `parent`: paths may be longer than the kernel takes, and names no text. */
  const visit = (parent: Fd, name: string, path: string): void => {
    const place = Buffer.concat([Buffer.from(`/proc/self/fd/${parent}/`), encodeBytes(name)]);
    const stat = lstatSync(place, { bigint: true });
    const type = Number(stat.mode) & 0o170000;
    const parts = [path, stat.mode.toString(8), `${stat.uid}:${stat.gid}`];
    if (type === 0o100000) parts.push(`${stat.size} ${sha(place, stat.size)}`);
    if (type === 0o120000) parts.push(`-> ${system.readlinkat(parent, name)}`);
    if (type === 0o020000 || type === 0o060000) parts.push(`rdev ${stat.rdev}`);
    if (type !== 0o040000) {
      if (options.without?.includes("mtime") !== true) parts.push(`mtime ${stat.mtimeNs}`);
      if (options.without?.includes("links") !== true && stat.nlink > 1n) {
        groups.set(stat.ino, [...(groups.get(stat.ino) ?? []), path]);
        members.set(parts, stat.ino);
      }
    }
    for (const attribute of system.listxattrat(parent, name).toSorted()) {
      if (attribute.startsWith("trusted.overlay.")) continue;
      parts.push(`${attribute}=${Buffer.from(system.getxattrat(parent, name, attribute) ?? []).toString("hex")}`);
    }
    lines.push(parts);
    if (type !== 0o040000) return;
    const fd = system.openat2(parent, name, { flags: O.RDONLY | O.DIRECTORY | O.NOFOLLOW });
    try {
      for (const child of system.readdir(fd).toSorted())
        visit(fd, child, path === "/" ? `/${child}` : `${path}/${child}`);
    } finally {
      system.close(fd);
    }
  };
  const top = system.openat2(AT_FDCWD, root, { flags: O.RDONLY | O.DIRECTORY });
  try {
    visit(top, ".", "/");
  } finally {
    system.close(top);
  }
  for (const [parts, ino] of members) {
    const group = groups.get(ino) ?? [];
    if (group.length > 1) parts.push(`linked ${group[0]}`);
  }
  return lines.map((parts) => parts.join(" "));
}

function sha(path: Buffer, size: bigint): string {
  if (size > 64n * 1024n * 1024n) return "large";
  const fd = openSync(path, "r");
  try {
    return createHash("sha256").update(readFileSync(fd)).digest("hex").slice(0, 16);
  } finally {
    closeSync(fd);
  }
}

/** The tree of an image as a container sees it. */
export function describeImage(images: LocalImageStore, id: string, options: TreeOptions = {}): string[] {
  const fd = images.openRoot(id);
  try {
    return describeTree(`/proc/self/fd/${fd}/`, options);
  } finally {
    system.close(fd);
  }
}
