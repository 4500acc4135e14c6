import { test } from "tap";
import { mountOf, parseMountinfo, parseMountLine, readMounts, unescapePath } from "../../../agent/system/mountinfo.ts";

const TABLE = String.raw`23 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw,discard
31 23 0:28 / /sys/fs/cgroup rw,nosuid - tmpfs tmpfs rw,mode=755
41 31 0:38 / /sys/fs/cgroup/unified rw shared:9 master:4 propagate_from:2 - cgroup2 cgroup2 rw
52 23 0:44 /sub\040dir /mnt/a\040b\011c\134d rw,unbindable unbindable - tmpfs none rw
53 23 0:45 / /mnt/a\040b\011c\134d ro - overlay overlay rw,lowerdir=/x\054y:/z
not a line
`;

test("lines with any number of optional fields", async (t) => {
  const mounts = parseMountinfo(TABLE);
  t.equal(mounts.length, 5);
  t.strictSame(mounts[0], {
    id: 23,
    parent: 1,
    device: "254:0",
    root: "/",
    mountPoint: "/",
    options: ["rw", "relatime"],
    shared: 1,
    master: undefined,
    unbindable: false,
    fsType: "ext4",
    source: "/dev/root",
    superOptions: ["rw", "discard"],
  });
  t.match(mounts[1], { shared: undefined, fsType: "tmpfs" });
  t.match(mounts[2], { shared: 9, master: 4, fsType: "cgroup2" });
  t.match(mounts[3], { unbindable: true, root: "/sub dir", mountPoint: "/mnt/a b\tc\\d" });
  t.match(mounts[4], { superOptions: ["rw", "lowerdir=/x,y:/z"] });
  t.equal(parseMountLine(""), undefined);
});

test("octal escapes are bytes, and nothing else is an escape", async (t) => {
  t.equal(unescapePath(String.raw`\303\251t\303\251`), "été");
  t.equal(unescapePath(String.raw`é\040`), "é ");
  t.equal(unescapePath(String.raw`\134134`), String.raw`\134`);
  t.equal(unescapePath(String.raw`\08 \9 \777 \4`), String.raw`\08 \9 \777 \4`);
});

test("a path lies on the mount with the longest prefix, the last of them", async (t) => {
  const mounts = parseMountinfo(TABLE);
  t.equal(mountOf(mounts, "/sys/fs/cgroup/unified/x")?.id, 41);
  t.equal(mountOf(mounts, "/sys/fs/cgroup2")?.id, 23);
  t.equal(mountOf(mounts, "/mnt/a b\tc\\d")?.id, 53);
  t.equal(mountOf([], "/"), undefined);
});

test("this process's own table", async (t) => {
  const mounts = readMounts();
  t.ok(mounts.some((mount) => mount.mountPoint === "/"));
  t.ok(mounts.every((mount) => mount.id > 0 && mount.fsType !== ""));
});
