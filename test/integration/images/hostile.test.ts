// Layers made to reach outside of their directory, to fill the disk or to confuse. Each has a twin that is nearly the same
// and must load, so that a refusal is for the right reason.

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { describeError } from "../../../agent/base/errors.ts";
import { type LayerSource, writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { buildTar, type TarEntry, tarEntry } from "../../../scripts/lib/tar.ts";
import { describeImage, leftovers, openImages, scratch } from "./support.ts";

type Layers = readonly (readonly TarEntry[] | Buffer)[];

interface Case {
  readonly name: string;
  readonly hostile: Layers;
  /** What the error must say; undefined when it loads and must only do no harm. */
  readonly error?: RegExp;
  readonly twin: Layers;
  /** Lines of the twin's tree, by their beginning. */
  readonly has?: readonly string[];
}

const link = (name: string, linkname: string): TarEntry => ({ name, type: "symlink", linkname });
const hard = (name: string, linkname: string): TarEntry => ({ name, type: "hardlink", linkname });
const file = (name: string, content: string | Buffer = "pwned"): TarEntry => ({ name, content });

/** OUTSIDE is replaced by a directory that must stay as it is. */
function cases(outside: string): Case[] {
  const up = "../".repeat(20);
  return [
    {
      name: "a name that climbs out",
      hostile: [[file(`${up}${outside}/file`)]],
      error: /entry .*".."/,
      twin: [[file("a..b/..c")]],
      has: ["/a..b/..c "],
    },
    {
      name: "a name that climbs inside",
      hostile: [[{ name: "a/" }, file("a/../../b")]],
      error: /holds ".."/,
      twin: [[{ name: "a/" }, file("a/./b")]],
      has: ["/a/b "],
    },
    {
      name: "an absolute name stays inside",
      hostile: [[file(`${outside}/file`)]],
      twin: [[file("/inside")]],
      has: ["/inside "],
    },
    {
      name: "write through an absolute link",
      hostile: [[link("l", outside), file("l/file")]],
      twin: [[{ name: "dir/" }, link("l", "/dir"), file("l/file")]],
      has: ["/dir/file "],
    },
    {
      name: "write through a link that climbs",
      hostile: [[link("l", `${up}${outside}`), file("l/file")]],
      twin: [[{ name: "dir/" }, link("x/l", "../dir"), file("x/l/file")]],
      has: ["/dir/file "],
    },
    {
      name: "write over a link",
      hostile: [[link("file", `${outside}/victim`), file("file")]],
      twin: [[link("file", "other"), file("other", "o"), file("file", "f")]],
      has: ["/file 100644", "/other 100644"],
    },
    {
      name: "write through a link of a lower layer",
      hostile: [[link("l", outside)], [file("l/file")]],
      twin: [[{ name: "dir/" }, link("l", "dir")], [file("l/file")]],
      has: ["/dir/file "],
    },
    {
      name: "links that lead to each other",
      hostile: [[link("a", "b"), link("b", "a"), file("a/file")]],
      error: /too many symbolic links/,
      twin: [[link("a", "b"), link("b", "c"), file("a/file")]],
      has: ["/c/file "],
    },
    {
      name: "links that grow",
      hostile: [[link("a", `${"x/../".repeat(500)}a/a`), file("a/file")]],
      error: /too many symbolic links|too long/,
      twin: [[{ name: "x/" }, link("a", `${"x/../".repeat(500)}x`), file("a/file")]],
      has: ["/x/file "],
    },
    {
      name: "a hard link outside by climbing",
      hostile: [[hard("h", `${up}${outside}/victim`)]],
      error: /hard link .*".."/,
      twin: [[file("victim"), hard("h", "./victim")]],
      has: ["/h 100644"],
    },
    {
      name: "a hard link outside by an absolute name",
      hostile: [[hard("h", `${outside}/victim`)]],
      error: /does not exist/,
      twin: [[file("victim"), hard("h", "/victim")]],
      has: ["/h 100644"],
    },
    {
      name: "a hard link through a link",
      hostile: [[link("l", outside), hard("h", "l/victim")]],
      error: /does not exist/,
      twin: [[{ name: "dir/" }, file("dir/victim"), link("l", "dir"), hard("h", "l/victim")]],
      has: ["/h 100644"],
    },
    {
      name: "a hard link to a link, then a write",
      hostile: [[link("l", `${outside}/victim`), hard("h", "l"), file("h")]],
      twin: [[link("l", "x"), hard("h", "l")]],
      has: ["/h 120777"],
    },
    {
      name: "a hard link to a directory",
      hostile: [[{ name: "d/" }, hard("h", "d")]],
      error: /leads to a directory/,
      twin: [[{ name: "d/" }, file("d/f"), hard("h", "d/f")]],
      has: ["/h 100644"],
    },
    {
      name: "a hard link to itself",
      hostile: [[file("h"), hard("h", "h")]],
      error: /to itself/,
      twin: [[file("h"), hard("i", "h"), hard("i", "h")]],
      has: ["/i 100644"],
    },
    {
      name: "a hard link to what the layer removes",
      hostile: [[file("h")], [file(".wh.h"), hard("i", "h")]],
      error: /removes/,
      twin: [[file("h")], [hard("i", "h")]],
      has: ["/i 100644", "/h 100644"],
    },
    {
      name: "a whiteout through a link",
      hostile: [[link("l", outside)], [file("l/.wh.victim", "")]],
      twin: [[file("dir/victim"), link("l", "dir")], [file("l/.wh.victim", "")]],
      has: ["/dir 40755"],
    },
    {
      name: "a whiteout of the parent directory",
      hostile: [[{ name: "d/" }, file("d/.wh...", "")]],
      error: /whiteout of nothing/,
      twin: [[file("d/...", "x"), file("k")], [file("d/.wh....", "")]],
      has: ["/d 40755", "/k "],
    },
    {
      name: "an opaque marker through a link",
      hostile: [[link("l", outside)], [file("l/.wh..wh..opq", "")]],
      twin: [
        [file("dir/x"), link("l", "dir")],
        [file("l/.wh..wh..opq", ""), file("l/y")],
      ],
      has: ["/dir/y "],
    },
    {
      name: "a directory in place of a link, then files in it",
      hostile: [[link("d", outside), { name: "d/", mode: 0o755 }, file("d/file")]],
      twin: [[link("d", "e"), { name: "e/" }, { name: "d/" }, file("d/file")]],
      has: ["/d/file "],
    },
    {
      name: "a link in place of a directory that has files",
      hostile: [[{ name: "d/" }, file("d/x"), link("d", outside), file("d/file")]],
      twin: [[{ name: "d/" }, file("d/x"), link("d", "e"), file("d/file")]],
      has: ["/e/file "],
    },
    {
      name: "a file in the way",
      hostile: [[file("f"), file("f/g")]],
      error: /is not a directory/,
      twin: [[file("f")], [file("f/g")]],
      has: ["/f/g "],
    },
    {
      name: "the root as something else",
      hostile: [[link("./", outside)]],
      error: /root can only be a directory/,
      twin: [[{ name: "./", mode: 0o700 }]],
      has: ["/ 40700"],
    },
    {
      name: "overlayfs' own attributes",
      hostile: [
        [
          { name: "d/", xattrs: { "trusted.overlay.redirect": outside, "trusted.overlay.opaque": "y" } },
          { ...file("f"), xattrs: { "trusted.overlay.metacopy": "" } },
        ],
        [{ name: "d/", xattrs: { "trusted.overlay.redirect": "/etc" } }],
      ],
      twin: [[{ name: "d/", xattrs: { "user.overlay": "y", "trusted.other": "z" } }]],
      has: ["/d 40755 0:0 trusted.other=7a user.overlay=79"],
    },
    {
      name: "an owner that means no change",
      hostile: [[{ ...file("f"), uid: 4_294_967_295 }]],
      error: /owner .* out of range/,
      twin: [[{ ...file("f"), uid: 4_294_967_294 }]],
      has: ["/f 100644 4294967294:0"],
    },
    {
      name: "a device number out of range",
      hostile: [[{ name: "d", type: "char", major: 4096, minor: 0 }]],
      error: /device number/,
      twin: [[{ name: "d", type: "char", major: 4095, minor: 1_048_575 }]],
      has: ["/d 20644"],
    },
    {
      name: "a name that is too long",
      hostile: [[file("n".repeat(256))]],
      error: /255 bytes/,
      twin: [[file("n".repeat(255))]],
      has: [`/${"n".repeat(255)} `],
    },
    {
      name: "a path that is too long",
      hostile: [[file(`${`${"n".repeat(127)}/`.repeat(31)}${"n".repeat(129)}`)]],
      error: /longer than 4096/,
      twin: [[file(`${`${"n".repeat(127)}/`.repeat(31)}${"n".repeat(128)}`)]],
    },
    {
      name: "a link that is too long",
      hostile: [[link("l", "t".repeat(4096))]],
      error: /4095/,
      twin: [[link("l", "t".repeat(4095))]],
      has: ["/l 120777"],
    },
    {
      name: "a truncated tar",
      hostile: [buildTar([file("f", "x".repeat(5000))]).subarray(0, 2000)],
      error: /ends in the middle.*|entry "f"/,
      twin: [tarEntry(file("f", "x".repeat(5000)))],
      has: ["/f 100644"],
    },
    {
      name: "a size that lies",
      hostile: [[{ ...file("f", "abc"), claimedSize: 1024 * 1024 }]],
      error: /ends in the middle/,
      twin: [[{ ...file("f", "abc"), claimedSize: 2 }]],
      has: ["/f 100644"],
    },
    {
      name: "too many files",
      hostile: [Array.from({ length: 1200 }, (_, index) => file(`f${index}`, ""))],
      error: /more than 1000 files/,
      twin: [Array.from({ length: 900 }, (_, index) => file(`f${index}`, ""))],
    },
    {
      name: "too many directories by one name",
      hostile: [[file("d/".repeat(1100) + "f")]],
      error: /more than 1000 files/,
      twin: [[file("d/".repeat(900) + "f")]],
    },
    {
      name: "too many bytes",
      hostile: [[file("f", randomBytes(3_000_000)), file("g", randomBytes(3_000_000))]],
      error: /more than 5000000 bytes/,
      twin: [[file("f", randomBytes(3_000_000)), file("g", randomBytes(1_900_000))]],
    },
    {
      name: "a decompression bomb",
      hostile: [[file("f", "\0".repeat(4_000_000))]],
      error: /decompression bomb/,
      twin: [[file("f", "\0".repeat(1_500_000))]],
    },
    {
      name: "a sparse bomb of data that is not there",
      hostile: [
        [
          {
            ...file("f", "abc"),
            pax: { "GNU.sparse.size": "9000000000000000", "GNU.sparse.map": "8999999999999000,3" },
          },
        ],
      ],
      error: /entry "f"/,
      twin: [[{ ...file("f", "abc"), pax: { "GNU.sparse.size": "9000000000", "GNU.sparse.map": "8999999000,3" } }]],
      has: ["/f 100644 0:0 9000000000"],
    },
  ];
}

const limits = { maxInodes: 1000, maxBytes: 5_000_000, ratioFrom: 2_000_000, maxRatio: 100, maxEntries: 5000 };

test("hostile layers and their twins", async (t) => {
  const directory = scratch(t);
  const outside = join(directory, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "victim"), "untouched");
  const untouched = (): unknown => [readdirSync(outside), readFileSync(join(outside, "victim"), "utf8")];
  const before = untouched();
  const { images, directory: stateDir } = await openImages(t, directory, { limits });
  for (const [index, item] of cases(outside).entries()) {
    const write = async (kind: string, layers: Layers): Promise<string> => {
      const layout = join(directory, `${index}-${kind}`);
      const sources = layers.map((tar): LayerSource => ({ tar: tar as TarEntry[] }));
      await writeOciLayout(layout, { ref: `hostile/${kind}:${index}`, layers: sources });
      return layout;
    };
    const path = await write("hostile", item.hostile);
    if (item.error === undefined) {
      const [image] = await images.load(path);
      t.ok(image, `${item.name}: loads`);
      t.ok(await images.remove(image!.id));
    } else {
      const error: unknown = await images.load(path).catch((thrown: unknown) => thrown);
      t.match(describeError(error), item.error, item.name);
      t.match(error, { name: "NodeletError", where: path }, `${item.name}: names the file`);
    }
    t.strictSame(untouched(), before, `${item.name}: nothing outside is touched`);
    t.strictSame(leftovers(stateDir), [], `${item.name}: nothing stays`);

    const [twin] = await images.load(await write("twin", item.twin));
    // Paths of full length are for the kernel only relative to a directory.
    const tree = item.has === undefined ? [] : describeImage(images, twin!.id);
    for (const line of item.has ?? []) {
      t.ok(
        tree.some((found) => found.startsWith(line)),
        `${item.name}: the twin has ${line.slice(0, 60)}`,
        { tree },
      );
    }
    t.ok(await images.remove(twin!.id));
  }
});

test("a layout directory of links and FIFOs", async (t) => {
  const directory = scratch(t);
  const { images, directory: stateDir } = await openImages(t, directory);
  const layout = join(directory, "layout");
  await writeOciLayout(layout, { ref: "a/b:1", layers: [{ tar: [file("f")] }] });
  const index = readFileSync(join(layout, "index.json"), "utf8");
  for (const digest of ["sha256:../../../../etc/passwd", "sha256:", "x"]) {
    writeFileSync(join(layout, "index.json"), index.replace(/sha256:[0-9a-f]{64}/, digest));
    await t.rejects(images.load(layout), { code: "invalid" });
  }
  writeFileSync(join(layout, "index.json"), index);
  t.equal((await images.load(layout)).length, 1);
  await images.remove("a/b:1");
  const away = join(directory, "away");
  mkdirSync(away);
  symlinkSync("/dev/zero", join(away, "oci-layout"));
  await t.rejects(images.load(away), { code: "invalid" });
  await t.rejects(images.load("/dev/zero"), { code: "invalid" });
  await t.rejects(images.load(join(directory, "nothing")), { code: "not-found" });
  t.strictSame(leftovers(stateDir), []);
});
