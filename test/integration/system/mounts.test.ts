import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "tap";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import { readMounts } from "../../../agent/system/mountinfo.ts";
import { AT_FDCWD, O } from "../../../agent/system/system.ts";
import { plainEnvironment } from "../../fixtures/stand-in.ts";

const MS_RDONLY = 1;
const MNT_DETACH = 2;
const OPEN_TREE_CLONE = 1;
const AT_RECURSIVE = 0x8000;
const MOUNT_ATTR_RDONLY = 1;
const MOUNT_ATTR_NODEV = 4;
const MS_PRIVATE = 1 << 18;
const MS_SHARED = 1 << 20;
const TMPFS_MAGIC = 0x01021994;

const system = createLinuxSystem();
const base = mkdtempSync(join(tmpdir(), "nodelet-mounts-"));
after(() => rmSync(base, { recursive: true, force: true }));

function makePoint(t: { teardown(done: () => unknown): void }, name: string): string {
  const point = join(base, name);
  mkdirSync(point);
  t.teardown(() => system.umount(point, MNT_DETACH).catch(() => undefined));
  return point;
}

test("mount and umount by path", async (t) => {
  const point = makePoint(t, "by-path");
  system.mount("none", point, "tmpfs", MS_RDONLY, "size=64k,mode=0700");
  const mount = readMounts().find((candidate) => candidate.mountPoint === point);
  t.match(mount, { fsType: "tmpfs", options: ["ro", "relatime"] });
  t.match(await system.statfs(point), { type: TMPFS_MAGIC, blockSize: 4096n, blocks: 16n });
  const busy = openSync(point, "r");
  await t.rejects(system.umount(point, 0), { code: "EBUSY", syscall: "umount2", path: point });
  closeSync(busy);
  await system.umount(point, 0);
  await t.rejects(system.umount(point, 0), { code: "EINVAL" });
  await t.rejects(system.statfs(join(point, "missing")), { code: "ENOENT", syscall: "statfs" });
  t.throws(() => system.mount("none", join(point, "missing"), "tmpfs", 0, ""), { code: "ENOENT", syscall: "mount" });
  t.throws(() => system.mount("none", point, "no-such-fs", 0, ""), { code: "ENODEV" });
});

test("a detached mount is used through its descriptor and is gone with it", async (t) => {
  const before = readMounts().length;
  const mount = system.detachedMount("tmpfs", ["source=none", "size=64k", "mode=0750"], MOUNT_ATTR_NODEV);
  const dir = system.openat2(mount, ".", { flags: O.DIRECTORY });
  system.mkdirat(dir, "inside", 0o755);
  t.strictSame(system.readdir(dir), ["inside"]);
  t.equal(system.fstatat(mount, "").mode, 0o40750);
  t.equal(readMounts().length, before, "nowhere to be seen");
  system.close(dir);

  const point = makePoint(t, "detached");
  system.moveMount(mount, AT_FDCWD, point);
  system.close(mount);
  t.ok(existsSync(join(point, "inside")));
  t.match(
    readMounts().find((candidate) => candidate.mountPoint === point),
    { fsType: "tmpfs", source: "none", options: ["rw", "nodev", "relatime"] },
  );
});

test("what a file system says about a failure is in the message", async (t) => {
  const before = readFds();
  t.throws(() => system.detachedMount("tmpfs", ["size=lots"], 0), {
    code: "EINVAL",
    syscall: "fsconfig",
    path: "size=lots",
    message: /tmpfs: Bad value for 'size'/,
  });
  t.throws(() => system.detachedMount("tmpfs", ["no_such_option=1"], 0), { message: /no_such_option/ });
  t.throws(() => system.detachedMount("overlay", ["lowerdir=/no/such/dir"], 0), { code: /E/, syscall: "fsconfig" });
  t.throws(() => system.detachedMount("no-such-fs", [], 0), { code: "ENODEV", syscall: "fsopen", path: "no-such-fs" });
  t.throws(() => system.detachedMount("tmpfs", [], 0x40000000), { code: "EINVAL", syscall: "fsmount" });
  t.throws(() => system.detachedMount("tmpfs", [7 as unknown as string], 0), TypeError);
  t.equal(readFds(), before);
});

function readFds(): number {
  const fd = system.openat2(AT_FDCWD, "/proc/self/fd", { flags: O.DIRECTORY });
  const count = system.readdir(fd).length;
  system.close(fd);
  return count;
}

test("open_tree, move_mount onto a descriptor, mount_setattr with propagation", async (t) => {
  const source = join(base, "source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "here");
  const tree = system.openTree(AT_FDCWD, source, OPEN_TREE_CLONE | AT_RECURSIVE);
  system.mountSetattr(tree, { set: MOUNT_ATTR_RDONLY, recursive: true });
  const point = makePoint(t, "tree");
  const target = system.openat2(AT_FDCWD, point, { flags: O.PATH });
  system.moveMount(tree, target, "");
  system.close(target);
  t.equal(readFileSync(join(point, "file"), "utf8"), "here");
  t.throws(() => writeFileSync(join(point, "file"), "x"), { code: "EROFS" });
  system.mountSetattr(tree, { clear: MOUNT_ATTR_RDONLY, propagation: MS_SHARED });
  const shared = readMounts().find((candidate) => candidate.mountPoint === point);
  t.type(shared?.shared, "number");
  writeFileSync(join(point, "file"), "changed");
  system.mountSetattr(tree, { propagation: MS_PRIVATE });
  t.equal(readMounts().find((candidate) => candidate.mountPoint === point)?.shared, undefined);
  const again = system.openTree(tree, "", 0);
  system.close(again);
  system.close(tree);
  t.throws(() => system.openTree(AT_FDCWD, join(base, "missing"), 0), { code: "ENOENT", syscall: "open_tree" });
  const file = openSync(join(source, "file"), "r");
  t.throws(() => system.mountSetattr(file, { set: MOUNT_ATTR_RDONLY }), { code: "EINVAL", syscall: "mount_setattr" });
  t.throws(() => system.moveMount(file, AT_FDCWD, base), { code: "EINVAL", syscall: "move_mount" });
  closeSync(file);
});

test("a mount is idmapped by a user namespace", async (t) => {
  const child = spawn("unshare", ["--user", "sh", "-c", "echo ready; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: plainEnvironment(),
  });
  t.teardown(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  writeFileSync(`/proc/${pid}/uid_map`, "0 100000 1000");
  writeFileSync(`/proc/${pid}/gid_map`, "0 100000 1000");
  const userns = openSync(`/proc/${pid}/ns/user`, "r");
  t.teardown(() => closeSync(userns));
  const mount = system.detachedMount("tmpfs", [], 0);
  t.teardown(() => system.close(mount));
  const dir = system.openat2(mount, ".", { flags: O.DIRECTORY });
  system.mkdirat(dir, "sub", 0o755);
  system.close(dir);
  const own = openSync("/proc/self/ns/user", "r");
  t.throws(
    () => system.mountSetattr(mount, { userns: own }),
    { code: /^E(INVAL|PERM)$/ },
    "the initial one maps nothing",
  );
  closeSync(own);
  try {
    system.mountSetattr(mount, { userns });
  } catch (error) {
    t.match(error, { code: "EINVAL" }, "kernels before 6.3 cannot idmap a tmpfs");
    return;
  }
  t.match(system.fstatat(mount, "sub"), { uid: 100_000, gid: 100_000 });
});
