import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "tap";
import { decodeBytes } from "../../../agent/base/byte-text.ts";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import { AT_FDCWD, O, RESOLVE } from "../../../agent/system/system.ts";

const system = createLinuxSystem();
const base = mkdtempSync(join(tmpdir(), "nodelet-paths-"));
after(() => rmSync(base, { recursive: true, force: true }));

let count = 0;
/** A new directory, and a descriptor of it that the test closes. */
function makeDirectory(t: { teardown(done: () => unknown): void }): { dir: string; fd: number } {
  const dir = join(base, `d${count++}`);
  mkdirSync(dir);
  const fd = system.openat2(AT_FDCWD, dir, { flags: O.DIRECTORY });
  t.teardown(() => system.close(fd));
  return { dir, fd };
}

test("openat2 resolves within its root, and says what was wrong", async (t) => {
  const { dir, fd } = makeDirectory(t);
  symlinkSync("/etc/passwd", join(dir, "absolute"));
  symlinkSync("../../../../etc/passwd", join(dir, "upwards"));
  symlinkSync("loop", join(dir, "loop"));
  symlinkSync("/proc/self/exe", join(dir, "magic"));
  for (const path of ["absolute", "upwards"]) {
    t.throws(() => system.openat2(fd, path, { flags: 0, resolve: RESOLVE.IN_ROOT }), { code: "ENOENT" }, path);
    t.throws(() => system.openat2(fd, path, { flags: 0, resolve: RESOLVE.BENEATH }), { code: "EXDEV" }, path);
    t.throws(() => system.openat2(fd, path, { flags: 0, resolve: RESOLVE.NO_SYMLINKS }), { code: "ELOOP" }, path);
    system.close(system.openat2(fd, path, { flags: 0 }));
  }
  t.throws(() => system.openat2(fd, "loop", { flags: 0 }), { code: "ELOOP", syscall: "openat2", path: "loop" });
  t.throws(() => system.openat2(AT_FDCWD, "/proc/self/exe", { flags: 0, resolve: RESOLVE.NO_MAGICLINKS }), {
    code: "ELOOP",
  });
  t.throws(() => system.openat2(AT_FDCWD, "/proc/self", { flags: 0, resolve: RESOLVE.NO_XDEV }), { code: "EXDEV" });
  mkdirSync(join(dir, "etc"));
  const made = system.openat2(fd, "absolute", { flags: O.CREAT | O.WRONLY, mode: 0o640, resolve: RESOLVE.IN_ROOT });
  writeSync(made, "inside");
  system.close(made);
  t.equal(readFileSync(join(dir, "etc/passwd"), "utf8"), "inside");
  t.throws(
    () => system.openat2(AT_FDCWD, join(dir, "absolute"), { flags: 0, mode: 0o644 }),
    { code: "EINVAL" },
    "mode without O_CREAT",
  );
  t.throws(() => system.openat2(987_654, "x", { flags: 0 }), { code: "EBADF" });
});

test("descriptors are close-on-exec", async (t) => {
  const { fd } = makeDirectory(t);
  t.match(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"), /^flags:\s+0?2[0-7]{6}$/m);
});

test("arguments are checked before the kernel sees them", async (t) => {
  const { fd } = makeDirectory(t);
  const loose = system as unknown as Record<string, (...args: unknown[]) => unknown>;
  t.throws(() => loose["close"]?.("3"), TypeError);
  t.throws(() => loose["close"]?.(), TypeError);
  t.throws(() => loose["close"]?.(1.5), TypeError);
  t.throws(() => loose["close"]?.(2 ** 40), TypeError);
  t.throws(() => loose["close"]?.(Number.NaN), TypeError);
  t.throws(() => loose["mkdirat"]?.(fd, 7, 0), TypeError);
  t.throws(() => loose["mkdirat"]?.(fd, "x", -1), TypeError);
  t.throws(() => loose["memfd"]?.("x", "no bytes"), TypeError);
  t.throws(() => loose["memfd"]?.("x", new Uint16Array(2)), TypeError);
  t.throws(() => loose["utimensat"]?.(fd, "x", 2n ** 64n, 0n), TypeError);
  t.throws(() => system.mkdirat(fd, "a\0b", 0o755), { code: "EINVAL" });
  t.throws(() => system.mkdirat(fd, "x".repeat(4096), 0o755), { code: "ENAMETOOLONG" });
  t.throws(() => system.mkdirat(fd, "é".repeat(2048), 0o755), { code: "ENAMETOOLONG" });
  t.throws(() => system.mkdirat(fd, "€".repeat(1_000_000), 0o755), { code: "ENAMETOOLONG" });
  t.throws(
    () => system.mkdirat(fd, "x".repeat(300), 0o755),
    { code: "ENAMETOOLONG", syscall: "mkdirat" },
    "the kernel's own limit",
  );
});

test("errors have Node's shape", async (t) => {
  const { fd } = makeDirectory(t);
  try {
    system.unlinkat(fd, "missing");
    t.fail("it must throw");
  } catch (error) {
    t.ok(error instanceof Error);
    t.match(error, { code: "ENOENT", errno: -2, syscall: "unlinkat", path: "missing" });
    t.equal((error as Error).message, "ENOENT: No such file or directory, unlinkat 'missing'");
    t.match((error as Error).stack, /paths\.test\.ts/);
  }
});

test("directories, links and nodes", async (t) => {
  const { dir, fd } = makeDirectory(t);
  system.mkdirat(fd, "sub", 0o750);
  t.equal(statSync(join(dir, "sub")).mode & 0o7777, 0o750);
  t.throws(() => system.mkdirat(fd, "sub", 0o750), { code: "EEXIST", path: "sub" });
  system.symlinkat("../target", fd, "sub/link");
  t.equal(readlinkSync(join(dir, "sub/link")), "../target");
  t.equal(system.readlinkat(fd, "sub/link"), "../target");
  t.throws(() => system.readlinkat(fd, "sub"), { code: "EINVAL" });
  system.mknodat(fd, "null", 0o020600, 1, 3);
  t.match(system.fstatat(fd, "null"), { rdevMajor: 1, rdevMinor: 3 });
  system.mknodat(fd, "pipe", 0o010644, 0, 0);
  t.ok(lstatSync(join(dir, "pipe")).isFIFO());
  t.strictSame(system.readdir(fd).sort(), ["null", "pipe", "sub"]);
  t.strictSame(system.readdir(fd).sort(), ["null", "pipe", "sub"], "again from the start");
  t.throws(() => system.readdir(0x7fff_0000), { code: "EBADF" });

  writeFileSync(join(dir, "file"), "content");
  system.linkat(fd, "file", fd, "second");
  t.equal(system.fstatat(fd, "file").nlink, 2);
  const opened = system.openat2(fd, "file", { flags: O.PATH });
  system.linkat(opened, "", fd, "third");
  system.close(opened);
  t.equal(system.fstatat(fd, "third").ino, system.fstatat(fd, "file").ino);
  t.throws(() => system.linkat(fd, "file", fd, "second"), { code: "EEXIST" });

  system.renameat2(fd, "second", fd, "renamed");
  t.throws(() => system.renameat2(fd, "renamed", fd, "file", { noReplace: true }), { code: "EEXIST" });
  system.renameat2(fd, "pipe", fd, "null", { exchange: true });
  t.ok(lstatSync(join(dir, "null")).isFIFO());
  t.throws(() => system.unlinkat(fd, "sub"), { code: "EISDIR" });
  t.throws(() => system.unlinkat(fd, "sub", { directory: true }), { code: "ENOTEMPTY" });
  system.unlinkat(fd, "sub/link");
  system.unlinkat(fd, "sub", { directory: true });
});

test("many entries", async (t) => {
  const { fd } = makeDirectory(t);
  const names = Array.from({ length: 3000 }, (_, index) => `entry-with-a-rather-long-name-${index}`);
  for (const name of names) system.symlinkat("x", fd, name);
  t.strictSame(new Set(system.readdir(fd)), new Set(names));
});

test("owner, mode and times never follow a final link", async (t) => {
  const { dir, fd } = makeDirectory(t);
  writeFileSync(join(dir, "file"), "x", { mode: 0o600 });
  system.symlinkat("file", fd, "link");
  system.fchownat(fd, "link", 1234, 5678);
  t.match(system.fstatat(fd, "link"), { uid: 1234, gid: 5678 });
  t.match(system.fstatat(fd, "file"), { uid: 0, gid: 0 });
  t.throws(() => system.fchmodat(fd, "link", 0o777), { code: "EOPNOTSUPP" });
  system.fchmodat(fd, "file", 0o4755);
  t.equal(system.fstatat(fd, "file").mode, 0o104755);
  system.utimensat(fd, "link", 1n, -1_500_000_001n);
  system.utimensat(fd, "file", 5n, 1_234_567_890_123_456_789n);
  t.equal(system.fstatat(fd, "link").mtimeNs, -1_500_000_001n);
  t.equal(system.fstatat(fd, "file").mtimeNs, 1_234_567_890_123_456_789n);

  const file = system.openat2(fd, "file", { flags: O.PATH });
  system.fchownat(file, "", 7, 8);
  system.fchmodat(file, "", 0o640);
  t.match(system.fstatat(file, ""), { uid: 7, gid: 8, mode: 0o100640, size: 1n });
  system.close(file);
  for (const call of [
    () => system.fchownat(fd, "no", 0, 0),
    () => system.fchmodat(fd, "no", 0),
    () => system.utimensat(fd, "no", 0n, 0n),
    () => system.fstatat(fd, "no"),
  ]) {
    t.throws(call, { code: "ENOENT", path: "no" });
  }
});

test("extended attributes, on links too", async (t) => {
  const { dir, fd } = makeDirectory(t);
  writeFileSync(join(dir, "file"), "x");
  system.symlinkat("file", fd, "link");
  system.setxattrat(fd, "file", "trusted.short", Buffer.from("value"));
  system.setxattrat(fd, "file", "trusted.long", Buffer.alloc(3000, "é"));
  system.setxattrat(fd, "file", "trusted.empty", new Uint8Array(0));
  system.setxattrat(fd, "link", "trusted.link", Buffer.from("own"));
  t.same(system.getxattrat(fd, "file", "trusted.short"), Buffer.from("value"));
  t.same(system.getxattrat(fd, "file", "trusted.long"), Buffer.alloc(3000, "é"));
  t.same(system.getxattrat(fd, "file", "trusted.empty"), Buffer.alloc(0));
  t.equal(system.getxattrat(fd, "file", "trusted.link"), undefined);
  t.same(system.getxattrat(fd, "link", "trusted.link"), Buffer.from("own"));
  t.strictSame(system.listxattrat(fd, "file").sort(), ["trusted.empty", "trusted.long", "trusted.short"]);
  t.strictSame(system.listxattrat(fd, "link"), ["trusted.link"]);
  const opened = system.openat2(fd, "file", { flags: O.PATH });
  t.same(system.getxattrat(opened, "", "trusted.short"), Buffer.from("value"));
  system.close(opened);
  t.throws(() => system.setxattrat(fd, "no", "trusted.x", new Uint8Array(1)), { code: "ENOENT", path: "no" });
  t.throws(() => system.setxattrat(fd, "file", "nonsense", new Uint8Array(1)), {
    code: "EOPNOTSUPP",
    message: /nonsense/,
  });
  t.throws(() => system.getxattrat(fd, "no", "trusted.x"), { code: "ENOENT" });
  t.throws(() => system.listxattrat(fd, "no"), { code: "ENOENT" });
});

test("a lock is held by one opening of the file", async (t) => {
  const { dir } = makeDirectory(t);
  const first = openSync(join(dir, "lock"), "w");
  const second = openSync(join(dir, "lock"), "w");
  t.equal(system.tryLock(first), true);
  t.equal(system.tryLock(first), true, "again");
  t.equal(system.tryLock(second), false);
  closeSync(first);
  t.equal(system.tryLock(second), true);
  closeSync(second);
  t.throws(() => system.tryLock(second), { code: "EBADF" });
});

test("syncing", async (t) => {
  const { dir, fd } = makeDirectory(t);
  const file = openSync(join(dir, "file"), "w");
  const syncing = Promise.all([system.fsync(file), system.syncfs(fd)]);
  closeSync(file); // the call holds a descriptor of its own
  await syncing;
  await t.rejects(async () => system.fsync(file), { code: "EBADF", syscall: "fsync" });
  const [read, write] = system.socketPair();
  await t.rejects(system.fsync(read), { code: "EINVAL", syscall: "fsync" });
  system.close(read);
  system.close(write);
  t.throws(() => system.close(write), { code: "EBADF" });
});

test("names of any bytes go through every call that takes or gives one", async (t) => {
  const { dir, fd } = makeDirectory(t);
  const raw = ["ff", "61e9", "c3a9", "f09f9880", "f09f9880b0", "eda080", "efbfbd", "efbfbdff"];
  const names = raw.map((hex) => decodeBytes(Buffer.from(hex, "hex")));
  for (const name of names) system.mkdirat(fd, name, 0o700);
  const onDisk = readdirSync(Buffer.from(dir), { encoding: "buffer" }).map((name) => name.toString("hex"));
  t.strictSame(onDisk.toSorted(), raw.toSorted());
  const listing = system.openat2(fd, ".", { flags: O.DIRECTORY });
  t.strictSame(system.readdir(listing).toSorted(), names.toSorted());
  system.close(listing);
  system.symlinkat(names[0]!, fd, "link");
  t.equal(system.readlinkat(fd, "link"), names[0]);
  t.strictSame(readlinkSync(join(dir, "link"), { encoding: "buffer" }), Buffer.from("ff", "hex"));
  for (const name of names) {
    system.renameat2(fd, name, fd, `${name}${names[1]}`);
    system.unlinkat(fd, `${name}${names[1]}`, { directory: true });
  }
  t.throws(() => system.mkdirat(fd, "half \ud800", 0o700), { code: "EINVAL" });
  t.throws(() => system.mkdirat(fd, "low \udc2f", 0o700), { code: "EINVAL" });
  t.throws(() => system.mkdirat(fd, names[0]!.repeat(256), 0o700), {
    code: "ENAMETOOLONG",
    path: names[0]!.repeat(256),
  });
  system.mkdirat(fd, names[0]!.repeat(255), 0o700);
  t.throws(() => system.mkdirat(fd, names[0]!.repeat(5000), 0o700), { code: "ENAMETOOLONG" });
});
