// Random layers that are valid, and use names again and again, so that layers meet.

import { decodeBytes } from "../../../agent/base/byte-text.ts";
import type { Compression, LayerSource } from "../../../scripts/lib/oci-layout.ts";
import { buildTar, type TarEntry } from "../../../scripts/lib/tar.ts";
import type { Random } from "../../fixtures/soak.ts";

/** What lies at a path; a link that leads to a directory of the tree says which. */
type Kind = "file" | "directory" | "other" | { readonly leadsTo: string };

const raw = (hex: string): string => decodeBytes(Buffer.from(hex, "hex"));
/** Few, so that they meet; of every kind: long, with spaces, not UTF-8, looking like something else. */
const NAMES = ["a", "b", "c", "dir", "lib", "é", "n".repeat(255), "x y", ".hidden", "wh.x", raw("ff61"), raw("e282")];
const TIMES = ["0", "1", "-1", "-0.5", "-2000000000.000000001", "1700000000", "1234567890.123456789", "4000000000"];
/** A capability set of revision 2: net_bind_service. */
const CAPABILITY = Buffer.from("0100000200040000000000000000000000000000", "hex");

/** Layers with every kind of entry; the tree is followed so that parents are directories and hard links have targets. */
export function randomLayers(random: Random): TarEntry[][] {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const chance = (one: number): boolean => random(one) === 0;
  /** The merged tree: paths without links on the way. */
  const tree = new Map<string, Kind>();
  const remove = (path: string): void => {
    for (const known of tree.keys()) if (known === path || known.startsWith(`${path}/`)) tree.delete(known);
  };
  const layers: TarEntry[][] = [];
  const count = 1 + random(5);
  for (let layer = 0; layer < count; layer++) {
    const entries: TarEntry[] = [];
    /** Names that this layer has made, with those that it removed: a whiteout goes before what it does not mean. */
    const touched = new Set<string>();
    const attributes = (): Partial<TarEntry> => {
      const time = pick(TIMES);
      const format = pick(["pax", "pax", "gnu"] as const);
      const whole = /^[0-9]+$/.test(time);
      return {
        mode: random(0o10000),
        uid: pick([0, 0, 0, 1000, 4_294_967_294]),
        gid: pick([0, 0, 5, 100_000, 4_294_967_294]),
        ...(whole ? { mtime: Number(time), format } : { pax: { mtime: time } }),
      };
    };
    const xattrs = (capable: boolean): Partial<TarEntry> => {
      const values: Record<string, string | Uint8Array> = {};
      if (chance(5)) values["user.x"] = `v${random(100)}`;
      if (chance(12)) values["user.binary"] = Buffer.from([0, 10, 61, 255]);
      if (chance(12)) values["trusted.note"] = "t";
      if (capable && chance(12)) values["security.capability"] = CAPABILITY;
      return Object.keys(values).length === 0 ? {} : { xattrs: values, format: "pax" };
    };
    const size = 1 + random(30);
    for (let index = 0; index < size; index++) {
      const depth = chance(30) ? 10 : 1 + random(4);
      let parts = Array.from({ length: depth }, () => (depth === 10 ? "n".repeat(255) : pick(NAMES)));
      // Stay below directories, existing or new.
      for (let at = 1; at < parts.length; at++) {
        const kind = tree.get(parts.slice(0, at).join("/"));
        if (kind !== undefined && kind !== "directory") parts.splice(at);
      }
      let path = parts.join("/");
      /** As the archive writes it: maybe through a link. */
      let written = path;
      const through = tree.get(path);
      if (typeof through === "object" && tree.get(through.leadsTo) === "directory" && chance(2)) {
        const name = pick(NAMES);
        written = `${path}/${name}`;
        path = `${through.leadsTo}/${name}`;
        parts = path.split("/");
      }
      const directory = parts.slice(0, -1).join("/");
      const action = random(24);
      if (action < 3 && layer > 0 && ![...touched].some((item) => item === path || item.startsWith(`${path}/`))) {
        // Of what is there, and now and then of what is not: removed before, or never made.
        const parentThere = directory === "" || tree.get(directory) === "directory";
        if (!parentThere || (!tree.has(path) && !chance(3))) continue;
        const place = written.slice(0, written.lastIndexOf("/") + 1);
        entries.push({ name: `${place}.wh.${parts.at(-1)}` });
        remove(path);
        touched.add(path);
        continue;
      }
      if (
        action === 3 &&
        layer > 0 &&
        directory !== "" &&
        tree.get(directory) === "directory" &&
        ![...touched].some((item) => item.startsWith(directory))
      ) {
        entries.push({ name: `${directory}/.wh..wh..opq` });
        const before = [...tree].filter(([known]) => known.startsWith(`${directory}/`));
        for (const [known] of before) tree.delete(known);
        touched.add(`${directory}/`);
        // Something that was hidden comes back.
        const again = before.find(
          ([known, kind]) => kind === "file" && !known.slice(directory.length + 1).includes("/"),
        );
        if (again !== undefined && chance(2)) {
          entries.push({ name: again[0], content: "again", ...attributes() });
          tree.set(again[0], "file");
          touched.add(again[0]);
        }
        continue;
      }
      if (action === 4 && (directory === "" || tree.get(directory) === "directory")) {
        // Notes that aufs kept in its layers, and a whiteout of a whiteout: nothing comes of them.
        entries.push({ name: `${directory === "" ? "" : `${directory}/`}.wh..wh.${pick(NAMES).slice(0, 200)}` });
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
      if (action < 9) {
        // A directory in place of a file of a lower layer is one of its own.
        entries.push({ name: `${written}/`, ...attributes(), ...xattrs(false) });
        tree.set(path, "directory");
      } else {
        const kind = tree.get(path);
        if (kind === "directory") remove(path);
        const targets = [...tree].flatMap(([other, type]) =>
          other !== path && (type === "file" || (type === "other" && chance(4))) ? [[other, type] as const] : [],
        );
        const directories = [...tree].flatMap(([other, type]) => (type === "directory" && other !== path ? other : []));
        if (action < 12 && targets.length > 0) {
          const [linkname, type] = pick(targets);
          entries.push({ name: written, type: "hardlink", linkname: chance(4) ? `/${linkname}` : linkname });
          tree.set(path, type);
        } else if (action < 13 && directories.length > 0) {
          const leadsTo = pick(directories);
          const up = "../".repeat(parts.length - 1);
          entries.push({ name: written, type: "symlink", linkname: chance(2) ? `/${leadsTo}` : `${up}${leadsTo}` });
          tree.set(path, { leadsTo });
        } else if (action < 15) {
          const linkname = pick(["a", "../b", "/lib", "dangling", "x".repeat(200), raw("ff2fe9")]);
          entries.push({ name: written, type: "symlink", linkname, ...attributes() });
          tree.set(path, "other");
        } else if (action === 15) {
          const type = pick(["char", "block"] as const);
          const device = chance(4)
            ? { major: 4095, minor: 1_048_575 }
            : { major: 1 + random(200), minor: random(1000) };
          entries.push({ name: written, type, ...device, ...attributes() });
          tree.set(path, "other");
        } else if (action === 16) {
          entries.push({ name: written, type: "fifo", ...attributes() });
          tree.set(path, "other");
        } else if (action === 17) {
          entries.push({ name: written, ...attributes(), ...sparseContent(random) });
          tree.set(path, "file");
        } else {
          const content = "c".repeat(chance(3) ? random(20_000) : random(20)) + random(1000);
          entries.push({ name: written, content, ...attributes(), ...xattrs(true) });
          tree.set(path, "file");
        }
      }
      touched.add(path);
    }
    layers.push(entries);
  }
  return layers;
}

/** Holes and data in turn, as GNU tar stores them in PAX archives, versions 0.1 and 1.0. */
function sparseContent(random: Random): Pick<TarEntry, "content" | "pax" | "format"> {
  const map: number[] = [];
  const data: string[] = [];
  let size = 0;
  for (let part = random(5); part > 0; part--) {
    const text = String(part).repeat(1 + random(1500));
    size += 512 * random(40);
    map.push(size, text.length);
    data.push(text);
    size += text.length;
  }
  size += random(100_000);
  // As GNU tar closes a map; Go's reader takes an empty one for none.
  map.push(size, 0);
  if (random(2) === 0) {
    const records = { "GNU.sparse.size": String(size), "GNU.sparse.numblocks": String(map.length / 2) };
    return { content: data.join(""), pax: { ...records, "GNU.sparse.map": map.join(",") }, format: "pax" };
  }
  const text = [map.length / 2, ...map].map((number) => `${number}\n`).join("");
  const head = text + "\0".repeat((512 - (text.length % 512)) % 512);
  const records = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": String(size) };
  return { content: head + data.join(""), pax: records, format: "pax" };
}

/** The same layers twice: for tools that know gzip only, and compressed in each way. */
export function compressed(
  layers: readonly TarEntry[][],
  random: Random,
): { plain: LayerSource[]; mixed: LayerSource[] } {
  const kinds: Compression[] = ["none", "gzip", "zstd"];
  const tars = layers.map((entries) => buildTar(entries));
  return {
    plain: tars.map((tar) => ({ tar, compression: "gzip" })),
    mixed: tars.map((tar) => ({ tar, compression: kinds[random(kinds.length)]! })),
  };
}
