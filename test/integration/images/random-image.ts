// Random layers that are valid, and use names again and again, so that layers meet.

import type { TarEntry } from "../../../scripts/lib/tar.ts";

export type Random = (below: number) => number;

/** A linear congruential generator: a seed gives the same images on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Kind = "file" | "directory" | "other";

const NAMES = ["a", "b", "c", "dir", "lib", "é", "n".repeat(255), "x y", ".hidden", "wh.x"];

/** Layers with every kind of entry; the tree is followed so that parents are directories and hard links have targets. */
export function randomLayers(random: Random): TarEntry[][] {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  /** The merged tree: paths without links on the way. */
  const tree = new Map<string, Kind>();
  const remove = (path: string): void => {
    for (const known of tree.keys()) if (known === path || known.startsWith(`${path}/`)) tree.delete(known);
  };
  const layers: TarEntry[][] = [];
  const count = 1 + random(4);
  for (let layer = 0; layer < count; layer++) {
    const entries: TarEntry[] = [];
    /** Names that this layer has made, with those that it removed: a whiteout goes before what it does not mean. */
    const touched = new Set<string>();
    const attributes = (): Partial<TarEntry> => ({
      mode: random(0o10000),
      uid: pick([0, 0, 0, 1000, 4_294_967_294]),
      gid: pick([0, 0, 5, 100_000, 4_294_967_294]),
      mtime: pick([0, 1, 1_700_000_000, 1_234_567_890.5, 4_000_000_000]),
      ...(random(6) === 0 ? { xattrs: { "user.x": `v${random(100)}` } } : {}),
    });
    const size = 1 + random(25);
    for (let index = 0; index < size; index++) {
      const depth = 1 + random(4);
      const parts = Array.from({ length: depth }, () => pick(NAMES));
      // Stay below directories, existing or new.
      for (let at = 1; at < parts.length; at++) {
        const kind = tree.get(parts.slice(0, at).join("/"));
        if (kind !== undefined && kind !== "directory") parts.splice(at);
      }
      const path = parts.join("/");
      const directory = parts.slice(0, -1).join("/");
      const action = random(20);
      if (
        action < 2 &&
        layer > 0 &&
        tree.has(path) &&
        ![...touched].some((item) => item === path || item.startsWith(`${path}/`))
      ) {
        entries.push({ name: [...parts.slice(0, -1), `.wh.${parts.at(-1)}`].join("/") });
        remove(path);
        touched.add(path);
        continue;
      }
      if (
        action === 2 &&
        layer > 0 &&
        directory !== "" &&
        tree.get(directory) === "directory" &&
        ![...touched].some((item) => item.startsWith(directory))
      ) {
        entries.push({ name: `${directory}/.wh..wh..opq` });
        for (const known of tree.keys()) if (known.startsWith(`${directory}/`)) tree.delete(known);
        touched.add(`${directory}/`);
        continue;
      }
      // A directory that nobody has described gets what the unpacker gives it: only known ones go without an entry.
      for (let at = 1; at < parts.length; at++) {
        const ancestor = parts.slice(0, at).join("/");
        if (tree.has(ancestor)) continue;
        entries.push({ name: `${ancestor}/`, ...attributes() });
        tree.set(ancestor, "directory");
        touched.add(ancestor);
      }
      if (action < 8) {
        // A directory in place of a file of a lower layer is one of its own.
        entries.push({ name: `${path}/`, ...attributes() });
        tree.set(path, "directory");
      } else {
        const kind = tree.get(path);
        if (kind === "directory") remove(path);
        const targets = [...tree].filter(([other, type]) => type === "file" && other !== path).map(([other]) => other);
        if (action < 10 && targets.length > 0) {
          entries.push({ name: path, type: "hardlink", linkname: pick(targets) });
          tree.set(path, "file");
        } else if (action < 12) {
          entries.push({
            name: path,
            type: "symlink",
            linkname: pick(["a", "../b", "/lib", "dangling", "x".repeat(200)]),
            ...attributes(),
            xattrs: {},
          });
          tree.set(path, "other");
        } else if (action === 12) {
          entries.push({
            name: path,
            type: pick(["char", "block"] as const),
            major: 1 + random(200),
            minor: random(1000),
            ...attributes(),
            xattrs: {},
          });
          tree.set(path, "other");
        } else if (action === 13) {
          entries.push({ name: path, type: "fifo", ...attributes(), xattrs: {} });
          tree.set(path, "other");
        } else {
          entries.push({
            name: path,
            content: "c".repeat(random(3) === 0 ? random(20_000) : random(20)) + random(1000),
            ...attributes(),
          });
          tree.set(path, "file");
        }
      }
      touched.add(path);
    }
    layers.push(entries);
  }
  return layers;
}
