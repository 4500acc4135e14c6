import { execFileSync } from "node:child_process";
import { test } from "tap";
import { buildTar, tarEntry } from "../../../../scripts/lib/tar.ts";

const listing = (tar: Buffer): string[] =>
  execFileSync("tar", ["--numeric-owner", "-tvf", "-"], {
    input: tar,
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC" },
  })
    .split("\n")
    .filter(Boolean);

test("tar reads every kind of entry as it was meant", async (t) => {
  const long = `${"d".repeat(90)}/${"f".repeat(90)}`;
  const longest = `${"x".repeat(150)}/${"y".repeat(150)}`;
  const lines = listing(
    buildTar([
      { name: "dir/" },
      { name: "dir/file", content: "hello", mode: 0o4755, uid: 1000, gid: 3_000_000 },
      { name: "dir/hard", type: "hardlink", linkname: "dir/file" },
      { name: "dir/soft", type: "symlink", linkname: "../elsewhere" },
      { name: "dev/null", type: "char", major: 1, minor: 3 },
      { name: "dev/sda", type: "block", major: 8, minor: 0 },
      { name: "pipe", type: "fifo" },
      { name: long },
      { name: longest, content: "x" },
      { name: "soft2", type: "symlink", linkname: longest },
    ]),
  );
  t.match(lines[0], /^drwxr-xr-x 0\/0 .* dir\/$/);
  t.match(lines[1], /^-rwsr-xr-x 1000\/3000000 +5 .* dir\/file$/);
  t.match(lines[2], /^h.* dir\/hard link to dir\/file$/);
  t.match(lines[3], /^lrwxrwxrwx .* dir\/soft -> \.\.\/elsewhere$/);
  t.match(lines[4], /^c.* 1,3 .* dev\/null$/);
  t.match(lines[5], /^b.* 8,0 .* dev\/sda$/);
  t.match(lines[6], /^p.* pipe$/);
  t.ok(lines[7]?.endsWith(long));
  t.ok(lines[8]?.endsWith(longest));
  t.ok(lines[9]?.endsWith(` -> ${longest}`));
  t.equal(lines.length, 10);
});

test("extended attributes and fractions of a second stand in PAX records with right lengths", async (t) => {
  const entry = tarEntry({
    name: "f",
    mtime: 1.5,
    xattrs: { "user.a": "1", "security.capability": Buffer.from([1, 0]) },
  });
  const body = entry.subarray(512, 1024).toString("latin1");
  t.ok(body.startsWith("35 SCHILY.xattr.security.capability".replace("35", String(body.indexOf("\n") + 1))));
  t.match(body, /\n25 SCHILY\.xattr\.user\.a=1\n/);
  t.match(body, /\n13 mtime=1\.5\n/);
});

test("the same entries give the same bytes", async (t) => {
  const entries = [{ name: "a/" }, { name: "a/b", content: "x", xattrs: { "user.z": "1", "user.a": "2" } }];
  t.ok(buildTar(entries).equals(buildTar(entries)));
});
