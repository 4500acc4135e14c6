// What comes out of layers: compared with umoci and GNU tar, seen through overlayfs.

import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { writeOciLayout, type LayerSource } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { describeImage, describeTree, leftovers, openImages, scratch } from "./support.ts";

const umoci = hasProgram("umoci");

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");

/** Every type and attribute, and every way in which a layer changes those below. */
const layers: readonly TarEntry[][] = [
  [
    { name: "./", mode: 0o711, uid: 7, gid: 8, mtime: 1_000_000_000 },
    { name: "bin/", mode: 0o755 },
    { name: "bin/su", content: "setuid", mode: 0o4755, uid: 0, gid: 5, mtime: 1_234_567_890.25 },
    { name: "bin/ping", content: "ping", mode: 0o755, xattrs: { "security.capability": capability } },
    { name: "bin/ping2", content: "ping", mode: 0o755, uid: 12, xattrs: { "security.capability": capability } },
    { name: "bin/su-hard", type: "hardlink", linkname: "bin/su" },
    { name: "bin/abs-hard", type: "hardlink", linkname: "/bin/su" },
    { name: "tmp/", mode: 0o1777 },
    { name: "shared/", mode: 0o2775, uid: 1, gid: 50, xattrs: { "user.dir": "d" } },
    { name: "shared/inherits-no-group", content: "x" },
    { name: "shared/sub/", mode: 0o755 },
    { name: "lib", type: "symlink", linkname: "usr/lib", uid: 3, gid: 4, mtime: 77 },
    { name: "absolute", type: "symlink", linkname: "/usr/lib" },
    { name: "dangling", type: "symlink", linkname: "/no/where" },
    { name: "usr/lib/" },
    { name: "usr/lib/one", content: "one", xattrs: { "user.note": "n\n=" } },
    { name: "lib/two", content: "through a link of this layer" },
    { name: "absolute/three", content: "through an absolute link" },
    { name: "dev/null", type: "char", major: 1, minor: 3, mode: 0o666 },
    { name: "dev/loop7", type: "block", major: 7, minor: 7, mode: 0o660, gid: 6 },
    { name: "run/pipe", type: "fifo", mode: 0o600, uid: 9 },
    { name: "big-ids", content: "", uid: 4_294_967_294, gid: 4_294_967_294 },
    { name: "old", content: "old", mtime: 1 },
    { name: "opaque/a/b", content: "hidden" },
    { name: "opaque/kept", content: "hidden too" },
    { name: "gone/a", content: "goes" },
    { name: "gone/b", content: "goes" },
    { name: "becomes-dir", content: "file" },
    { name: "becomes-file/inner", content: "x" },
    { name: "replaced/", mode: 0o700 },
    { name: "replaced/inner", content: "x" },
    { name: "pair-a", content: "pair" },
    { name: "/leading/slash", content: "s" },
    { name: "dup", content: "first" },
    { name: "dup", content: "second", mode: 0o600 },
    { name: "dup-dir/x/y", content: "goes" },
    { name: "dup-dir", content: "now a file" },
    { name: `names/${"n".repeat(255)}`, content: "255" },
    { name: `${"deep/".repeat(400)}file`, content: "deep" },
    { name: "ünï/cödé", content: "utf8" },
    { name: "size", content: Buffer.alloc(3_000_000, "abc") },
  ],
  [
    { name: "usr/lib/new", content: "in a directory without an entry here" },
    { name: "shared/new", content: "keeps mode and owner of the directory" },
    { name: ".wh.gone" },
    { name: "opaque/" },
    { name: "opaque/.wh..wh..opq" },
    { name: "opaque/new", content: "only this" },
    { name: "becomes-dir/", mode: 0o750 },
    { name: "becomes-dir/inner", content: "y" },
    { name: "becomes-file", content: "z" },
    { name: ".wh.replaced" },
    { name: "replaced/", mode: 0o711 },
    { name: "replaced/other", content: "o" },
    { name: ".wh..wh.plnk", content: "ignored" },
    { name: ".wh.never-there" },
    { name: "bin/.wh.ping2" },
  ],
  [
    { name: "lib/via-lower-link", content: "lib is a link two layers below" },
    { name: "hard-to-lower", type: "hardlink", linkname: "pair-a" },
    { name: "absolute", type: "symlink", linkname: "bin" },
    { name: "bin/su", content: "changed", mode: 0o755 },
  ],
  [{ name: "gone/c", content: "after the whiteout" }],
  [
    // A third name for a file that has two below; one of these goes again, one lies under a whiteout.
    { name: "third", type: "hardlink", linkname: "hard-to-lower" },
    { name: "fourth", type: "hardlink", linkname: "bin/su-hard" },
    { name: "bin/.wh.abs-hard" },
    { name: "moved", type: "hardlink", linkname: "old" },
    { name: ".wh.old" },
  ],
];

test("the tree is the one that umoci makes", { skip: umoci ? false : "umoci is missing" }, async (t) => {
  const directory = scratch(t);
  const layout = join(directory, "layout");
  await writeOciLayout(layout, { ref: "team/everything:1", layers: layers.map((tar) => ({ tar })) });
  execFileSync("umoci", ["unpack", "--image", `${layout}:team/everything:1`, join(directory, "bundle")], {
    stdio: "pipe",
  });
  const expected = describeTree(join(directory, "bundle", "rootfs"));
  const { images } = await openImages(t, directory);
  const [image] = await images.load(layout);
  t.strictSame(describeImage(images, image!.id), expected);
});

test("the same with every compression, and layers that come all at once or one by one", async (t) => {
  const directory = scratch(t);
  let first: string[] | undefined;
  const compressions: LayerSource["compression"][] = ["none", "gzip", "zstd"];
  for (const [index, compression] of compressions.entries()) {
    const layout = join(directory, `layout-${compression}`);
    await writeOciLayout(layout, {
      ref: "team/everything:1",
      layers: layers.map((tar) => ({ tar, ...(compression === undefined ? {} : { compression }) })),
    });
    // One process unpacks one layer after the other.
    const opened = await openImages(t, join(directory, String(index)), { processes: 1 + index });
    const [image] = await opened.images.load(layout);
    const tree = describeImage(opened.images, image!.id);
    first ??= tree;
    t.strictSame(tree, first);
    // A lower part of the chain is there already.
    const more = join(directory, `more-${compression}`);
    await writeOciLayout(more, {
      ref: "team/more:1",
      layers: [...layers, [{ name: "lib/more", content: "m" }]].map((tar) => ({ tar })),
    });
    const [bigger] = await opened.images.load(more);
    const biggerTree = describeImage(opened.images, bigger!.id);
    t.strictSame(
      biggerTree.filter((line) => !line.startsWith("/usr/lib/more ")),
      first,
    );
    t.ok(biggerTree.some((line) => line.startsWith("/usr/lib/more ")));
    t.ok(await opened.images.remove("team/everything:1"));
    t.strictSame(describeImage(opened.images, bigger!.id), biggerTree);
    t.ok(await opened.images.remove(bigger!.id));
    t.strictSame(leftovers(opened.directory), []);
    await opened.close();
  }
});

test("archives of GNU tar in each of its formats, holes kept", async (t) => {
  const directory = scratch(t);
  const source = join(directory, "source");
  mkdirSync(join(source, "sub"), { recursive: true });
  const fd = openSync(join(source, "sparse"), "w");
  writeSync(fd, "begin", 0);
  for (let part = 1; part < 60; part++) writeSync(fd, `part ${part}`, part * 1_000_000);
  ftruncateSync(fd, 100_000_000);
  closeSync(fd);
  const hole = openSync(join(source, "only-a-hole"), "w");
  ftruncateSync(hole, 5_000_000_000);
  closeSync(hole);
  execFileSync("sh", [
    "-c",
    `cd "$1/sub"; echo text >plain; ln plain hard; ln -s plain soft; mkfifo pipe; : >$(printf 'n%.0s' $(seq 200))`,
    "sh",
    source,
  ]);
  const { images } = await openImages(t, directory);
  const expected = describeTree(source).slice(1);
  const formats = [
    "--format=gnu",
    "--format=posix --sparse-version=0.0",
    "--format=posix --sparse-version=0.1",
    "--format=posix --sparse-version=1.0",
    "--format=oldgnu",
  ];
  for (const format of formats) {
    const archive = join(directory, "layer.tar");
    execFileSync("tar", [...format.split(" "), "--sparse", "--numeric-owner", "-C", source, "-cf", archive, "."]);
    const layout = join(directory, `layout${format.replaceAll(/[^a-z0-9]/g, "")}`);
    await writeOciLayout(layout, { ref: "team/sparse:1", layers: [{ tar: readFileSync(archive) }] });
    const [image] = await images.load(layout);
    const whole = format.includes("posix");
    const tree = describeImage(images, image!.id, whole ? {} : { without: ["mtime"] }).slice(1);
    t.strictSame(tree, whole ? expected : describeTree(source, { without: ["mtime"] }).slice(1), format);
    t.ok(image!.size < 3_000_000n, `${image!.size} bytes on disk by the record`);
    const fdRoot = images.openRoot(image!.id);
    const onDisk = statSync(`/proc/self/fd/${fdRoot}/sparse`).blocks * 512;
    closeSync(fdRoot);
    t.ok(onDisk < 2_000_000, `${onDisk} bytes on disk in fact`);
    t.ok(await images.remove(image!.id));
  }
});

test("whiteouts that hide nothing leave no names behind, however the layers come", async (t) => {
  const directory = scratch(t);
  const mtime = 1_500_000_000;
  const layered: TarEntry[][] = [
    [
      { name: "base/" },
      { name: "base/gone", content: "g" },
      { name: "opaque/" },
      { name: "opaque/hidden", content: "h" },
    ],
    [
      // A directory of this layer alone: overlayfs lists it as it lies on the disk.
      { name: "own/", mtime },
      { name: "own/.wh.never-there" },
      { name: "own/file", content: "f" },
      { name: "base/.wh.gone" },
      { name: "base/.wh.never-there" },
      { name: "opaque/" },
      { name: "opaque/.wh..wh..opq" },
      { name: "opaque/.wh.hidden" },
      { name: "replaced/.wh.x" },
      { name: "replaced", content: "a file after all" },
    ],
    [{ name: "own/.wh.never-there" }, { name: "late/" }, { name: "late/.wh.device" }],
    [
      { name: "late/zero", type: "char", major: 0, minor: 0 },
      { name: "own/zero", type: "char", major: 0, minor: 0 },
    ],
  ];
  const layout = join(directory, "layout");
  await writeOciLayout(layout, { ref: "a/b:1", layers: layered.map((tar) => ({ tar })) });
  for (const processes of [1, 4]) {
    const opened = await openImages(t, join(directory, String(processes)), { processes });
    const [image] = await opened.images.load(layout);
    const names = describeImage(opened.images, image!.id).map((line) => line.split(" ")[0]);
    t.strictSame(names, ["/", "/base", "/late", "/opaque", "/own", "/own/file", "/replaced"]);
    const root = opened.images.openRoot(image!.id);
    t.equal(statSync(`/proc/self/fd/${root}/own`).mtimeMs, mtime * 1000, "the directory keeps its time");
    closeSync(root);
    const { inodesUsed } = await opened.images.usage();
    const disk = execFileSync("find", [
      join(opened.directory, "layers"),
      "-mindepth",
      "1",
      "-not",
      "-path",
      "*/layers/0*",
    ]);
    const replaced = 2n; // the directory and the whiteout in it that a file took the place of
    t.equal(
      inodesUsed - replaced,
      BigInt(disk.toString().trim().split("\n").length),
      "whiteouts that went are not counted",
    );
    await opened.close();
  }
});

test("sizes are known, and near what the disk says", async (t) => {
  const directory = scratch(t);
  const layout = join(directory, "layout");
  await writeOciLayout(layout, { ref: "team/everything:1", layers: layers.map((tar) => ({ tar })) });
  const opened = await openImages(t, directory);
  const [image] = await opened.images.load(layout);
  const disk = BigInt(
    execFileSync("du", ["-s", "--block-size=1", join(opened.directory, "layers")])
      .toString()
      .split("\t")[0]!,
  );
  const ratio = Number(image!.size) / Number(disk);
  t.ok(ratio > 0.9 && ratio < 1.1, `recorded ${image!.size}, on disk ${disk}`);
  const usage = await opened.images.usage();
  t.equal(usage.bytesUsed, image!.size);
  t.equal(usage.mountpoint, opened.directory);
});
