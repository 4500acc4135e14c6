// Removing trees that were made to be hard to remove, or to be removed beside something that must stay.

import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "tap";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import { AT_FDCWD, O } from "../../../agent/system/system.ts";

const MS_BIND = 4096;
const MNT_DETACH = 2;

const system = createLinuxSystem();
const base = mkdtempSync(join(tmpdir(), "nodelet-tree-"));
after(() => rmSync(base, { recursive: true, force: true }));

test("files of every kind, links, unreadable directories", async (t) => {
  const tree = join(base, "kinds");
  const outside = join(base, "outside");
  mkdirSync(join(tree, "a/b/c"), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "keep"), "kept");
  writeFileSync(join(tree, "a/file"), "x", { mode: 0 });
  linkSync(join(outside, "keep"), join(tree, "a/hard"));
  symlinkSync(outside, join(tree, "a/b/link"));
  symlinkSync("loop", join(tree, "loop"));
  const fd = system.openat2(AT_FDCWD, tree, { flags: O.DIRECTORY });
  system.mknodat(fd, "pipe", 0o010600, 0, 0);
  system.close(fd);
  for (let index = 0; index < 2_000; index++) writeFileSync(join(tree, `a/b/c/file-with-a-long-name-${index}`), "");
  chmodSync(join(tree, "a/b"), 0);
  await system.removeTree(AT_FDCWD, tree);
  t.notOk(existsSync(tree));
  t.strictSame(readdirSync(outside), ["keep"]);
});

test("missing is success; a file, a link and a trailing slash", async (t) => {
  await system.removeTree(AT_FDCWD, join(base, "never-made"));
  await system.removeTree(AT_FDCWD, join(base, "never/made"));
  const fd = system.openat2(AT_FDCWD, base, { flags: O.DIRECTORY });
  t.teardown(() => system.close(fd));
  mkdirSync(join(base, "stays"));
  writeFileSync(join(base, "file"), "");
  symlinkSync("stays", join(base, "link"));
  await system.removeTree(fd, "file");
  await system.removeTree(fd, "link");
  t.notOk(existsSync(join(base, "file")));
  t.ok(existsSync(join(base, "stays")));
  mkdirSync(join(base, "slashes/x"), { recursive: true });
  await system.removeTree(fd, "slashes///");
  t.notOk(existsSync(join(base, "slashes")));
});

test("what names no entry of a directory is refused", async (t) => {
  for (const path of ["", ".", "..", "/", "x/..", "/tmp/."]) {
    await t.rejects(system.removeTree(AT_FDCWD, path), { code: "EINVAL" }, JSON.stringify(path));
  }
  await t.rejects(system.removeTree(987_654, "x"), { code: "EBADF" });
});

test("a tree deeper than descriptors are held for, and than a path is long", async (t) => {
  const tree = join(base, "deep");
  mkdirSync(tree);
  let fd = system.openat2(AT_FDCWD, tree, { flags: O.DIRECTORY });
  const name = "d".repeat(100);
  for (let depth = 0; depth < 3_000; depth++) {
    system.mkdirat(fd, name, 0o755);
    system.mkdirat(fd, "sibling", 0o755);
    const next = system.openat2(fd, name, { flags: O.DIRECTORY });
    system.close(fd);
    fd = next;
  }
  system.close(fd);
  const before = readdirSync("/proc/self/fd").length;
  await system.removeTree(AT_FDCWD, tree);
  t.notOk(existsSync(tree));
  t.equal(readdirSync("/proc/self/fd").length, before);
});

test("a mount stops it: on the tree, on a directory and on a file in it", async (t) => {
  const tree = join(base, "mounted");
  const outside = join(base, "bound");
  mkdirSync(join(tree, "sub/point"), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "keep"), "kept");
  writeFileSync(join(tree, "sub/file"), "");
  const points = [join(tree, "sub/point"), join(tree, "sub/file"), tree];
  t.teardown(async () => {
    for (const point of points) await system.umount(point, MNT_DETACH).catch(() => undefined);
  });

  // Of the same device: only the mount tells it apart.
  system.mount(outside, join(tree, "sub/point"), "", MS_BIND, "");
  await t.rejects(system.removeTree(AT_FDCWD, tree), { code: "EXDEV", path: join(tree, "sub/point") });
  t.ok(existsSync(join(outside, "keep")));
  await system.umount(join(tree, "sub/point"), 0);

  writeFileSync(join(tree, "sub/file"), "");
  system.mount(join(outside, "keep"), join(tree, "sub/file"), "", MS_BIND, "");
  await t.rejects(system.removeTree(AT_FDCWD, tree), { code: "EXDEV", path: join(tree, "sub/file") });
  await system.umount(join(tree, "sub/file"), 0);

  mkdirSync(tree, { recursive: true });
  system.mount(outside, tree, "", MS_BIND, "");
  await t.rejects(system.removeTree(AT_FDCWD, tree), { code: "EXDEV", path: tree });
  t.strictSame(readdirSync(outside), ["keep"]);
  await system.umount(tree, 0);
  await system.removeTree(AT_FDCWD, tree);
  t.notOk(existsSync(tree), "the same call works once the cause is gone");
});

test("somebody who swaps directories for links gets nothing outside removed", async (t) => {
  const outside = join(base, "precious");
  mkdirSync(join(outside, "sub"), { recursive: true });
  for (let index = 0; index < 50; index++) writeFileSync(join(outside, `sub/file${index}`), "");
  for (let round = 0; round < 8; round++) {
    const tree = join(base, "raced");
    for (let index = 0; index < 30; index++) {
      mkdirSync(join(tree, `dir${index}/sub`), { recursive: true });
      for (let file = 0; file < 5; file++) writeFileSync(join(tree, `dir${index}/sub/file${file}`), "");
    }
    const links = join(base, "links");
    mkdirSync(links);
    for (let index = 0; index < 30; index++) symlinkSync(outside, join(links, `dir${index}`));
    const removing = system.removeTree(AT_FDCWD, tree).then(
      () => "done",
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    );
    for (let index = 29; index >= 0; index--) {
      try {
        renameSync(join(tree, `dir${index}`), join(links, `moved${index}`));
        renameSync(join(links, `dir${index}`), join(tree, `dir${index}`));
      } catch {
        // the tree was faster
      }
    }
    const outcome = await removing;
    if (outcome !== "done") t.comment(`round ${round}: ${outcome}`);
    rmSync(tree, { recursive: true, force: true });
    rmSync(links, { recursive: true });
  }
  t.equal(readdirSync(join(outside, "sub")).length, 50);
});

test("a failure names the entry", async (t) => {
  const point = join(base, "readonly");
  mkdirSync(point);
  system.mount("tmpfs", point, "tmpfs", 0, "size=64k");
  t.teardown(() => system.umount(point, MNT_DETACH));
  mkdirSync(join(point, "a/b"), { recursive: true });
  writeFileSync(join(point, "a/b/file"), "");
  system.mount("", point, "", 32 /* MS_REMOUNT */ | MS_BIND | 1 /* MS_RDONLY */, "");
  await t.rejects(system.removeTree(AT_FDCWD, join(point, "a")), {
    code: "EROFS",
    syscall: "unlinkat",
    path: join(point, "a"),
  });
});
