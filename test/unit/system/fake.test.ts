import { test } from "tap";
import { isErrno } from "../../../agent/base/errors.ts";
import { FakeSystem, systemError } from "../../../agent/system/fake.ts";

test("calls are recorded and descriptors counted", async (t) => {
  const fake = new FakeSystem();
  const { system } = fake;
  const fd = system.openat2(-100, "/x", { flags: 0 });
  const shim = system.spawnShim({ cgroupFd: 5 });
  system.mkdirat(fd, "dir", 0o755);
  t.strictSame(fake.names(), ["openat2", "spawnShim", "mkdirat"]);
  t.strictSame(fake.callsOf("mkdirat"), [[fd, "dir", 0o755]]);
  t.strictSame(fake.callsOf("spawnShim"), [[{ cgroupFd: 5 }]]);
  for (const open of [fd, (await shim.started).pidfd, shim.control]) system.close(open);
  t.equal(fake.descriptors.size, 0);
  t.throws(() => system.close(fd), { code: "EBADF" });
});

test("answers and failures are as the test says", async (t) => {
  const fake = new FakeSystem();
  const { system } = fake;
  fake.answer("readlinkat", () => "target");
  t.equal(system.readlinkat(3, "link"), "target");
  fake.fail("mkdirat", "ENOSPC", { after: 1, times: 2, path: "/full" });
  system.mkdirat(3, "a", 0);
  t.throws(() => system.mkdirat(3, "b", 0), { code: "ENOSPC", errno: -28, syscall: "mkdirat", path: "/full" });
  t.throws(() => system.mkdirat(3, "c", 0), { code: "ENOSPC" });
  system.mkdirat(3, "d", 0);
  t.equal(fake.calls.length, 5);
});

test("a failing promise rejects instead of throwing", async (t) => {
  const fake = new FakeSystem();
  fake.fail("removeTree", "EXDEV");
  const removing = fake.system.removeTree(-100, "/x");
  await t.rejects(removing, { code: "EXDEV", errno: -18 });
  await fake.system.removeTree(-100, "/x");
  t.ok(isErrno(systemError("ENOENT", "open"), "ENOENT"));
});
