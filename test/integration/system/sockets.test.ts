import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { test } from "tap";
import { createLinuxSystem } from "../../../agent/system/linux.ts";

const system = createLinuxSystem();

test("descriptors travel with data", async (t) => {
  const [left, right] = system.socketPair();
  const file = openSync("/etc/hostname", "r");
  system.sendFds(left, Buffer.from("two"), [file, left]);
  const received = system.receiveFds(right, 100);
  t.same(received.data, Buffer.from("two"));
  t.equal(received.fds.length, 2);
  const buffer = Buffer.alloc(256);
  const length = readSync(received.fds[0] ?? -1, buffer, 0, buffer.length, 0);
  t.equal(buffer.toString("utf8", 0, length), readFileSync("/etc/hostname", "utf8"));
  for (const fd of [...received.fds, file]) system.close(fd);

  system.sendFds(left, Buffer.from("plain"), []);
  t.strictSame(system.receiveFds(right, 3).data.toString(), "pla");
  t.same(system.receiveFds(right, 100), { data: Buffer.from("in"), fds: [] });
  system.close(left);
  t.same(system.receiveFds(right, 100), { data: Buffer.alloc(0), fds: [] }, "the other end is closed");
  t.throws(() => system.sendFds(right, Buffer.from("x"), []), { code: "EPIPE" });
  system.close(right);
});

/** Binds the name, says so, and prints the first message with its length. */
const RECEIVER = `
  use Socket; $| = 1;
  socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  bind($s, pack_sockaddr_un($ARGV[0] =~ s/^@/\\0/r)) or die $!;
  print "bound\\n"; recv($s, my $m, 4096, 0); print length($m), " $m\\n";`;

for (const abstract of [false, true]) {
  test(`a datagram to ${abstract ? "an abstract name" : "a path"}`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "ndl-datagram-"));
    t.teardown(() => rmSync(directory, { recursive: true }));
    const name = abstract ? `@${directory}` : join(directory, "socket");
    const message = Buffer.from("READY=1\0STATUS=up");
    t.throws(() => system.sendDatagram(name, message), { code: abstract ? "ECONNREFUSED" : "ENOENT", path: name });
    const receiver = spawn("perl", ["-e", RECEIVER, name], { stdio: ["ignore", "pipe", "inherit"] });
    t.teardown(() => receiver.kill("SIGKILL"));
    const lines = createInterface(receiver.stdout)[Symbol.asyncIterator]();
    t.equal((await lines.next()).value, "bound");
    system.sendDatagram(name, message);
    t.equal((await lines.next()).value, `${message.length} ${message.toString()}`);
  });
}

test("a name that no address holds", async (t) => {
  t.throws(() => system.sendDatagram("x".repeat(108), Buffer.from("x")), { code: "ENAMETOOLONG" });
  t.throws(() => system.sendDatagram("", Buffer.from("x")), { code: "ENAMETOOLONG" });
});

test("what cannot be sent or received", async (t) => {
  const [left, right] = system.socketPair();
  t.throws(() => system.sendFds(left, new Uint8Array(0), [left]), { code: "EINVAL" });
  t.throws(() => system.sendFds(left, Buffer.from("x"), [987_654]), { code: "EBADF" });
  t.throws(
    () =>
      system.sendFds(
        left,
        Buffer.from("x"),
        Array.from({ length: 254 }, () => left),
      ),
    { code: "EINVAL" },
  );
  t.throws(() => system.sendFds(left, Buffer.from("x"), ["3" as unknown as number]), TypeError);
  t.throws(() => system.receiveFds(right, 0), { code: "EINVAL" });
  const file = openSync("/etc/hostname", "r");
  t.throws(() => system.receiveFds(file, 10), { code: "ENOTSOCK" });
  t.throws(() => system.peerCredentials(file), { code: "ENOTSOCK" });
  for (const fd of [file, left, right]) system.close(fd);
});

test("who is at the other end", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-sockets-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const server = createServer();
  server.listen(join(directory, "socket"));
  await once(server, "listening");
  t.teardown(() => server.close());
  const client = connect(join(directory, "socket"));
  const [socket] = (await once(server, "connection")) as [Socket & { _handle: { fd: number } }];
  t.strictSame(system.peerCredentials(socket._handle.fd), { pid: process.pid, uid: 0, gid: 0 });
  client.destroy();
  socket.destroy();
});

test("a memfd holds its bytes and cannot be changed", async (t) => {
  const fd = system.memfd("some name", Buffer.from("content"));
  t.equal(readFileSync(fd, "utf8"), "content");
  t.throws(() => writeSync(fd, "x"), { code: "EPERM" });
  t.throws(() => writeSync(openSync(`/proc/self/fd/${fd}`, "r+"), "x"), { code: "EPERM" });
  closeSync(fd);
  const large = Buffer.alloc(3_000_000, 7);
  const second = system.memfd("", large);
  t.ok(readFileSync(second).equals(large));
  closeSync(second);
  t.throws(() => system.memfd("x".repeat(300), large), { code: "EINVAL" });
});

test("terminals and capabilities", async (t) => {
  const file = openSync("/dev/null", "r");
  t.equal(system.windowSize(file), undefined);
  closeSync(file);
  t.throws(() => system.windowSize(987_654), { code: "EBADF" });
  const terminal = openSync("/dev/ptmx", "r+");
  t.strictSame(system.windowSize(terminal), { columns: 0, rows: 0 });
  closeSync(terminal);

  const { last, bounding, permitted, effective } = system.capabilities();
  t.equal(last, Number(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8")));
  const status = readFileSync("/proc/self/status", "utf8");
  const field = (name: string): bigint =>
    BigInt(`0x${new RegExp(`^${name}:\\s+(\\w+)$`, "m").exec(status)?.[1] ?? "0"}`);
  t.strictSame([bounding, permitted, effective], [field("CapBnd"), field("CapPrm"), field("CapEff")]);
});
