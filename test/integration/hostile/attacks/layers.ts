// Attacks by what layers hold: names that lead out of the image, attributes, devices, more than they say.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { describeError } from "../../../../agent/base/errors.ts";
import { openImageStore } from "../../../../agent/images/image-store.ts";
import { openStore } from "../../../../agent/store/sqlite-store.ts";
import { AT_FDCWD, O } from "../../../../agent/system/system.ts";
import { type LayerSource, writeOciLayout } from "../../../../scripts/lib/oci-layout.ts";
import { buildTar, type TarEntry } from "../../../../scripts/lib/tar.ts";
import type { Attack } from "../attack.ts";
import type { Host } from "../host.ts";

const limits = { ratioFrom: 2_000_000, maxRatio: 100, maxBytes: 20_000_000, maxEntries: 500, maxInodes: 400 };

/** More than a sparse file may have. */
const SPARSE_PARTS = 1_100_000;

const link = (name: string, linkname: string): TarEntry => ({ name, type: "symlink", linkname });

/** Loads an image into a store of its own; `look` tells what there is then. */
async function load(
  host: Host,
  layers: readonly LayerSource["tar"][],
  { look, compression }: { look?: (stateDir: string) => string; compression?: "none" } = {},
): Promise<string> {
  const stateDir = host.make("layers");
  const store = await openStore(stateDir, { system: host.system });
  const images = openImageStore({ system: host.system, store, stateDir, limits });
  try {
    const layout = join(stateDir, "layout");
    const sources = layers.map((tar) => (compression === undefined ? { tar } : { tar, compression }));
    await writeOciLayout(layout, { ref: "a/b:1", layers: sources });
    await images.load(layout);
    return look === undefined ? "loaded" : `loaded; ${look(stateDir)}`;
  } catch (error) {
    return describeError(error);
  } finally {
    await images.close();
    await store.close();
  }
}

/** Whether anything of the host was reached: its content, or the file itself by another name. */
const reached = (host: Host) => (): string =>
  statSync(join(host.outside, "victim")).nlink > 1 ? "TAKEN into the image" : host.touched();

/** Attributes of the directory `marked` of a layer. */
const attributesOf =
  ({ system }: Host) =>
  (stateDir: string): string => {
    const found = readdirSync(stateDir, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith("/marked"));
    if (found === undefined) return "no such directory";
    const fd = system.openat2(AT_FDCWD, join(stateDir, found), { flags: O.RDONLY | O.DIRECTORY });
    try {
      return system.listxattrat(fd, "").toSorted().join(" ");
    } finally {
      system.close(fd);
    }
  };

/** GNU sparse 1.0: the map is in front of the data, of which there is none. */
const sparse = (parts: number): TarEntry => ({
  name: "f",
  content: `${parts}\n${"0\n0\n".repeat(parts)}`.padEnd(Math.ceil((8 + parts * 4) / 512) * 512, "\0"),
  pax: { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "f", "GNU.sparse.realsize": "0" },
});

/** Opens a device of the image for writing, and writes nothing. */
async function opens(host: Host, minor: number): Promise<string> {
  const image = await host.image([{ name: "node", type: "char", major: 1, minor, mode: 0o666 }]);
  const { output, refused } = await host.run(["/bin/sh", "-c", ": > /node && echo opened"], { image });
  return refused || output;
}

const whole = buildTar([{ name: "f", content: "x".repeat(100_000) }]);

export const attacks: readonly Attack[] = [
  {
    name: "a hard link to a file of the host",
    rows: ["suite 9"],
    attack: (host) =>
      load(host, [[{ name: "h", type: "hardlink", linkname: `${host.outside}/victim` }]], { look: reached(host) }),
    twin: (host) =>
      load(
        host,
        [
          [
            { name: "victim", content: "own" },
            { name: "h", type: "hardlink", linkname: "/victim" },
          ],
        ],
        {
          look: reached(host),
        },
      ),
    held: /which does not exist/,
    works: /^loaded; untouched$/,
    without: [
      ["agent/images/layer-writer.ts", "if (existing === undefined) this.#copyUp(target, entry.linkName);", ""],
      [
        "agent/images/layer-writer.ts",
        "if (source === undefined) throw invalid(",
        "if (source === undefined) void invalid(",
      ],
      [
        "agent/images/layer-writer.ts",
        "this.#system.linkat(this.#fdOf(source), targetName, fd, name)",
        "this.#system.linkat(-100, entry.linkName, fd, name)",
      ],
    ],
    fallen: /TAKEN/,
  },
  {
    name: "a whiteout through a link to the host",
    rows: ["suite 9"],
    attack: (host) =>
      load(host, [[{ name: "f" }], [link("l", host.outside), { name: "l/.wh.made" }]], { look: reached(host) }),
    twin: (host) =>
      load(host, [[{ name: "dir/made" }], [link("l", "dir"), { name: "l/.wh.made" }]], { look: reached(host) }),
    held: /^loaded; untouched$/,
    works: /^loaded; untouched$/,
    without: [
      [
        "agent/images/layer-writer.ts",
        "const target = this.#linkAt(at, part);",
        "const target = undefined as string | undefined;",
      ],
      [
        "agent/images/layer-writer.ts",
        "      this.#moveAway(parent, name);\n      this.#system.mkdirat(fd, name, 0o700);\n",
        "",
      ],
      [
        "agent/images/layer-stack.ts",
        "O.RDONLY | O.DIRECTORY | O.NOFOLLOW, resolve: NEVER_LEAVE }",
        "O.RDONLY | O.DIRECTORY }",
      ],
    ],
    fallen: /TOUCHED: made made/,
  },
  {
    name: "a file that was a link to the host a moment before",
    rows: ["suite 9"],
    attack: (host) =>
      load(host, [[link("f", `${host.outside}/victim`), { name: "f", content: "taken" }]], { look: reached(host) }),
    twin: (host) =>
      load(
        host,
        [
          [
            { name: "f", content: "first" },
            { name: "f", content: "second" },
          ],
        ],
        { look: reached(host) },
      ),
    held: /^loaded; untouched$/,
    works: /^loaded; untouched$/,
    without: [
      [
        "agent/images/layer-writer.ts",
        "flags: O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW,\n        mode,\n        resolve: NEVER_LEAVE,",
        "flags: O.WRONLY | O.CREAT,\n        mode,",
      ],
    ],
    fallen: /TOUCHED: the victim is/,
  },
  {
    name: "attributes by which overlayfs itself works",
    rows: ["suite 9"],
    attack: (host) =>
      load(host, [[{ name: "marked/", xattrs: { "trusted.overlay.redirect": "/etc", "user.own": "y" } }]], {
        look: attributesOf(host),
      }),
    twin: (host) => load(host, [[{ name: "marked/", xattrs: { "user.own": "y" } }]], { look: attributesOf(host) }),
    held: /^loaded; user\.own$/,
    works: /^loaded; user\.own$/,
    without: [["agent/images/layer-writer.ts", "&& !name.startsWith(OVERLAY_XATTRS)", ""]],
    fallen: /trusted\.overlay\.redirect/,
  },
  {
    name: "a device of the host in a layer",
    rows: ["suite 9"],
    // The kernel's messages, which whoever may open it can write.
    attack: (host) => opens(host, 11),
    twin: (host) => opens(host, 3),
    held: /Operation not permitted/,
    works: /^opened$/,
    without: [
      [
        "agent/runtime/oci/devices.ts",
        "const DENY_ALL: OciDeviceRule = { allow: false,",
        "const DENY_ALL: OciDeviceRule = { allow: true,",
      ],
    ],
    fallen: /^opened$/,
  },
  {
    name: "a sparse file of parts without end",
    rows: ["suite 9"],
    attack: (host) => load(host, [[sparse(SPARSE_PARTS)]], { compression: "none" }),
    twin: (host) => load(host, [[sparse(1000)]], { compression: "none" }),
    held: /its sparse map has more than/,
    works: /^loaded$/,
    without: [
      ["agent/images/tar.ts", "if (count > this.#limits.maxSparseSegments) {", "if (count < 0) {"],
      ["agent/images/tar.ts", "numbers.length > 2 * this.#limits.maxSparseSegments", "numbers.length < 0"],
    ],
    fallen: /^loaded$/,
  },
  {
    name: "a layer that unpacks to hundreds of times its size",
    rows: ["suite 9"],
    attack: (host) => load(host, [[{ name: "f", content: "\0".repeat(8_000_000) }]]),
    twin: (host) => load(host, [[{ name: "f", content: "\0".repeat(1_500_000) }]]),
    held: /a decompression bomb/,
    works: /^loaded$/,
    without: [["agent/images/decompress.ts", "if (produced > ratioFrom && ", "if (produced < 0 && "]],
    fallen: /^loaded$/,
  },
  {
    name: "a layer with more files than an image may have",
    rows: ["suite 9"],
    attack: (host) => load(host, [Array.from({ length: 450 }, (_, index) => ({ name: `f${index}` }))]),
    twin: (host) => load(host, [Array.from({ length: 350 }, (_, index) => ({ name: `f${index}` }))]),
    held: /more than 400/,
    works: /^loaded$/,
    without: [["agent/images/layer-writer.ts", "++this.#inodes > this.#limits.maxInodes", "++this.#inodes < 0"]],
    fallen: /^loaded$/,
  },
  {
    name: "a layer that is cut off",
    rows: ["suite 9"],
    attack: (host) => load(host, [whole.subarray(0, 60_000)]),
    twin: (host) => load(host, [whole]),
    held: /ends|truncated|cut/,
    works: /^loaded$/,
    without: [
      [
        "agent/images/tar.ts",
        'this.#fail(this.#name === "" ? "the archive ends inside a header" : "the archive ends in the middle of this entry");',
        "",
      ],
    ],
    fallen: /^loaded$/,
  },
];
