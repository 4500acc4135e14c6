// Snapshots of containers, what they hold, what is there after a crash, and reading inside an image.

import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { openImageStore } from "../../../agent/images/image-store.ts";
import { openStore } from "../../../agent/store/sqlite-store.ts";
import { O, RESOLVE } from "../../../agent/system/system.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { leftovers, openImages, scratch, system } from "./support.ts";

const MNT_DETACH = 2;

async function layout(directory: string, ref: string, layers: readonly (readonly TarEntry[])[]): Promise<string> {
  const path = join(directory, ref.replaceAll(/[^a-z0-9]/g, "-"));
  await writeOciLayout(path, { ref, layers: layers.map((tar) => ({ tar })) });
  return path;
}

test("a snapshot mounts as an overlay whose root is the image's", async (t) => {
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  const root: TarEntry = { name: "./", mode: 0o710, uid: 5, gid: 6 };
  await images.load(
    await layout(directory, "a/b:1", [[root, { name: "one", content: "1" }], [{ name: "two", content: "2" }]]),
  );
  const image = images.find("a/b:1")!;
  const snapshot = await images.createSnapshot(image.id, "container-1");
  t.equal(snapshot.lower.length, 3, "two layers and the one with the mount points");
  t.ok([...snapshot.lower, snapshot.upper, snapshot.work].every((path) => !path.startsWith("/")));
  t.strictSame(await images.createSnapshot(image.id, "container-1"), snapshot, "the same key, the same snapshot");
  t.strictSame(images.snapshot("container-1"), snapshot);
  t.equal(images.snapshot("other"), undefined);
  const upper = statSync(join(snapshot.directory, snapshot.upper));
  t.strictSame([upper.mode & 0o7777, upper.uid, upper.gid], [0o710, 5, 6]);

  const place = mkdtempSync(join(tmpdir(), "nodelet-overlay-"));
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  const absolute = (path: string): string => join(snapshot.directory, path);
  const options = `lowerdir=${snapshot.lower.map(absolute).join(":")},upperdir=${absolute(snapshot.upper)},workdir=${absolute(snapshot.work)}`;
  system.mount("overlay", place, "overlay", 0, options);
  try {
    t.strictSame(readdirSync(place).toSorted(), ["dev", "etc", "one", "proc", "sys", "two"]);
    t.equal(statSync(place).mode & 0o7777, 0o710);
    writeFileSync(join(place, "one"), "changed");
  } finally {
    await system.umount(place, MNT_DETACH);
  }
  t.equal(readFileSync(absolute(`${snapshot.upper}/one`), "utf8"), "changed");
  await images.removeSnapshot("container-1");
  await images.removeSnapshot("container-1");
  t.notOk(existsSync(absolute(snapshot.upper)));
  t.equal(images.snapshot("container-1"), undefined);
});

test("what a container uses stays", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const { images } = opened;
  await images.load(await layout(directory, "a/b:1", [[{ name: "one" }], [{ name: "two" }]]));
  const id = images.find("a/b:1")!.id;
  const snapshot = await images.createSnapshot(id, "c1");
  await t.rejects(images.remove("a/b:1"), { code: "conflict", fix: /c1/ });
  await t.rejects(images.remove(id), { code: "conflict" });
  t.ok(images.find(id), "still there");
  await images.tag(id, "a/other:1");
  t.ok(await images.remove("a/b:1"), "a name can go while others stay");
  t.ok(await images.remove(id, { force: true }));
  t.equal(images.find(id), undefined);
  t.ok(
    snapshot.lower.every((name) => existsSync(join(snapshot.directory, name))),
    "the layers stay",
  );
  t.strictSame(images.snapshot("c1"), snapshot);
  await t.rejects(images.createSnapshot(id, "c2"), { code: "not-found" });

  // Loaded again, it takes the layers that are there.
  await images.load(join(directory, "a-b-1"));
  t.strictSame((await images.createSnapshot(id, "c2")).lower, snapshot.lower);
  await images.removeSnapshot("c1");
  await images.removeSnapshot("c2");
  t.ok(await images.remove(id));
  t.strictSame(leftovers(opened.directory), []);
});

test("keys are checked, and one is of one image", async (t) => {
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  await images.load(await layout(directory, "a/b:1", [[{ name: "one" }]]));
  await images.load(await layout(directory, "a/c:1", [[{ name: "two" }]]));
  const id = images.find("a/b:1")!.id;
  for (const key of ["", ".", "..", "a/b", "../x", "a\nb", "x".repeat(129), ".hidden"]) {
    await t.rejects(images.createSnapshot(id, key), { code: "invalid" }, JSON.stringify(key));
  }
  await images.createSnapshot(id, "k");
  await t.rejects(images.createSnapshot(images.find("a/c:1")!.id, "k"), { code: "conflict" });
});

test("after a crash: what no record names goes, what containers use stays", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  await opened.images.load(await layout(directory, "a/b:1", [[{ name: "one" }], [{ name: "two" }]]));
  await opened.images.load(await layout(directory, "a/c:1", [[{ name: "one" }]]));
  const id = opened.images.find("a/b:1")!.id;
  const cid = opened.images.find("a/c:1")!.id;
  const snapshot = await opened.images.createSnapshot(id, "lives");
  await opened.images.createSnapshot(cid, "lives-too");
  await opened.images.remove(cid, { force: true });
  const stateDir = opened.directory;
  await opened.close();

  const inState = (...parts: string[]): string => join(stateDir, ...parts);
  mkdirSync(inState("layers", "99", "deep"), { recursive: true });
  mkdirSync(inState("tmp", "layer-77", "root"), { recursive: true });
  mkdirSync(inState("snapshots", "half-made", "upper"), { recursive: true });
  mkdirSync(inState("snapshots", "other-boot", "upper"), { recursive: true });
  symlinkSync(`another-boot ${id} -`, inState("snapshots", "other-boot", "image"));
  writeFileSync(inState("blobs", "sha256", "f".repeat(64)), "no record names it");

  const again = await openImages(t, directory);
  t.strictSame(again.warnings, []);
  t.strictSame(
    again.images.list().map((image) => image.tags),
    [["docker.io/a/b:1"]],
  );
  t.strictSame(again.images.snapshot("lives"), snapshot);
  t.strictSame(again.images.snapshotKeys().toSorted(), ["lives", "lives-too"]);
  t.strictSame(readdirSync(inState("layers")).toSorted(), [...snapshot.lower].toSorted());
  t.strictSame(readdirSync(inState("tmp")), []);
  t.strictSame(readdirSync(inState("snapshots")).toSorted(), ["lives", "lives-too"]);
  t.equal(readdirSync(inState("blobs", "sha256")).length, 2);
  await again.images.removeSnapshot("lives-too");
  await again.images.removeSnapshot("lives");
  t.ok(await again.images.remove(id));
  t.strictSame(leftovers(stateDir), []);
});

test("an image whose layer somebody deleted is forgotten, and can be loaded again", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const path = await layout(directory, "a/b:1", [[{ name: "one" }], [{ name: "two" }]]);
  await opened.images.load(path);
  await opened.images.load(await layout(directory, "a/c:1", [[{ name: "one" }]]));
  const snapshot = await opened.images.createSnapshot(opened.images.find("a/b:1")!.id, "k");
  await opened.images.removeSnapshot("k");
  await opened.close();
  rmSync(join(snapshot.directory, snapshot.lower[0]!), { recursive: true });

  const again = await openImages(t, directory);
  t.match(again.warnings, [/a\/b:1 is forgotten/]);
  t.strictSame(
    again.images.list().map((image) => image.tags),
    [["docker.io/a/c:1"]],
  );
  await again.images.load(path);
  t.equal(again.images.list().length, 2);
});

test("reading inside: one layer, many layers, more than options hold", async (t) => {
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  for (const count of [1, 2, 60, 200]) {
    const layers = Array.from({ length: count }, (_, index): TarEntry[] => [
      { name: `file-${index}`, content: String(index) },
      { name: "top", content: String(index) },
    ]);
    await images.load(await layout(directory, `many/layers:${count}`, layers));
    const fd = images.openRoot(`many/layers:${count}`);
    try {
      t.equal(readdirSync(`/proc/self/fd/${fd}/`).length, count + 1);
      const file = system.openat2(fd, "/top", { flags: O.RDONLY, resolve: RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS });
      t.equal(readFileSync(`/proc/self/fd/${file}`, "utf8"), String(count - 1));
      closeSync(file);
    } finally {
      system.close(fd);
    }
  }
  t.notOk(execFileSync("cat", ["/proc/self/mountinfo"]).toString().includes(directory), "nothing stays mounted");
});

test("a kernel without lowerdir+", async (t) => {
  const directory = scratch(t);
  const stateDir = join(directory, "state");
  const store = await openStore(stateDir, { system });
  const calls: string[] = [];
  const old = new Proxy(system, {
    get(target, name) {
      if (name === "detachedMount") {
        return (fstype: string, options: readonly string[], attributes: number) => {
          if (options.some((option) => option.startsWith("lowerdir+")))
            throw Object.assign(new Error("no"), { code: "EINVAL" });
          calls.push("fsconfig");
          if (options.some((option) => option.length > 255 + "lowerdir=".length))
            throw Object.assign(new Error("no"), { code: "EINVAL" });
          return target.detachedMount(fstype, options, attributes);
        };
      }
      if (name === "mount") calls.push("mount");
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const images = openImageStore({ system: old, store, stateDir });
  try {
    for (const [count, how] of [
      [3, "fsconfig"],
      [100, "mount"],
    ] as const) {
      const layers = Array.from({ length: count }, (_, index): TarEntry[] => [{ name: `file-${index}` }]);
      await images.load(await layout(directory, `old/kernel:${count}`, layers));
      calls.length = 0;
      const fd = images.openRoot(`old/kernel:${count}`);
      t.equal(readdirSync(`/proc/self/fd/${fd}/`).length, count);
      system.close(fd);
      t.ok(calls.includes(how), how);
    }
  } finally {
    await images.close();
    await store.close();
  }
  t.strictSame(readdirSync(join(stateDir, "tmp")), []);
  t.notOk(readFileSync("/proc/self/mountinfo", "utf8").includes(directory), "nothing stays mounted");
});

test("users: through links, never outside, only regular files of sane size", async (t) => {
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  const passwd = "app:x:7:8::/srv:\n";
  const link = (name: string, linkname: string): TarEntry => ({ name, type: "symlink", linkname });
  const cases: [string, TarEntry[][], number[] | RegExp][] = [
    ["plain", [[{ name: "etc/passwd", content: passwd }]], [7]],
    ["absent", [[{ name: "x" }]], []],
    ["link", [[link("etc/passwd", "/usr/etc/passwd"), { name: "usr/etc/passwd", content: passwd }]], [7]],
    ["dirlink", [[link("etc", "usr/etc"), { name: "usr/etc/passwd", content: passwd }]], [7]],
    ["outside", [[link("etc/passwd", "../../../../../../../../etc/passwd")]], []],
    ["magic", [[link("etc/passwd", "/proc/self/environ")]], []],
    ["loop", [[link("etc/passwd", "passwd")]], []],
    ["fifo", [[{ name: "etc/passwd", type: "fifo" }]], []],
    ["device", [[{ name: "etc/passwd", type: "char", major: 1, minor: 5 }]], []],
    ["directory", [[{ name: "etc/passwd/x" }]], []],
    ["whiteout", [[{ name: "etc/passwd", content: passwd }], [{ name: "etc/.wh.passwd" }]], []],
    ["opaque", [[{ name: "etc/passwd", content: passwd }], [{ name: "etc/.wh..wh..opq" }]], []],
    ["upper", [[{ name: "etc/passwd", content: passwd }], [{ name: "etc/passwd", content: "b:x:9:9::/:\n" }]], [9]],
    ["below", [[{ name: "etc/passwd", content: passwd }], [{ name: "etc/other" }]], [7]],
    ["giant", [[{ name: "etc/passwd", content: Buffer.alloc(1024 * 1024 + 1, "a") }]], /1048577 bytes/],
    ["largest", [[{ name: "etc/passwd", content: Buffer.alloc(1024 * 1024, "#\n") }]], []],
  ];
  for (const [name, layers, expected] of cases) {
    await images.load(await layout(directory, `users/${name}:1`, layers));
    const users = images.users(`users/${name}:1`);
    if (expected instanceof RegExp) await t.rejects(users, { code: "invalid", message: expected }, name);
    else
      t.strictSame(
        (await users).passwd.map((entry) => entry.uid),
        expected,
        name,
      );
  }
});
