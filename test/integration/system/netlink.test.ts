import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "tap";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import type { Fd } from "../../../agent/system/system.ts";
import { plainEnvironment } from "../../fixtures/stand-in.ts";

const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLM_F_DUMP = 0x300;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFF_UP = 1;

const system = createLinuxSystem();

function message(type: number, flags: number, sequence: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(16 + payload.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags | NLM_F_REQUEST, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.set(payload, 16);
  return bytes;
}

/** struct ifinfomsg */
function link(index: number, flags = 0, change = 0): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(index, 4);
  bytes.writeUInt32LE(flags, 8);
  bytes.writeUInt32LE(change, 12);
  return bytes;
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const typeOf = (bytes: Uint8Array): number => view(bytes).readUInt16LE(4);
const errorOf = (bytes: Uint8Array): number => view(bytes).readInt32LE(16);

/** A network namespace that lasts as long as the test. */
async function makeNetns(t: { teardown(done: () => unknown): void }): Promise<Fd> {
  const child = spawn("unshare", ["--net", "sh", "-c", "echo ready; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: plainEnvironment(),
  });
  await once(child.stdout, "data");
  const fd = openSync(`/proc/${child.pid ?? 0}/ns/net`, "r");
  t.teardown(async () => {
    closeSync(fd);
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return fd;
}

test("a dump, an acknowledged request and an error are all answers", async (t) => {
  const before = readlinkSync("/proc/self/ns/net");
  const [dump = [], one = [], missing = [], ...rest] = await system.netlink(NETLINK_ROUTE, [
    message(RTM_GETLINK, NLM_F_DUMP, 1, link(0)),
    message(RTM_GETLINK, 0, 2, link(1)),
    message(RTM_GETLINK, NLM_F_ACK, 3, link(987_654)),
  ]);
  t.equal(typeOf(dump.at(-1) ?? Buffer.alloc(20)), NLMSG_DONE);
  t.ok(dump.slice(0, -1).every((item) => typeOf(item) === RTM_NEWLINK));
  t.strictSame(one.map(typeOf), [RTM_NEWLINK], "unacknowledged: what comes at once");
  t.strictSame(missing.map(typeOf), [NLMSG_ERROR]);
  t.equal(errorOf(missing[0] ?? Buffer.alloc(20)), -19, "ENODEV");
  t.strictSame(rest, []);
  t.strictSame(await system.netlink(NETLINK_ROUTE, []), []);
  t.equal(readlinkSync("/proc/self/ns/net"), before);
});

test("in another network namespace, of which no thread stays", async (t) => {
  const netns = await makeNetns(t);
  const flagsOf = async (): Promise<number> => {
    const [answer = []] = await system.netlink(NETLINK_ROUTE, [message(RTM_GETLINK, NLM_F_ACK, 9, link(1))], { netns });
    return view(answer[0] ?? Buffer.alloc(32)).readUInt32LE(24);
  };
  t.equal((await flagsOf()) & IFF_UP, 0, "lo is down in a new one");
  const [ack = []] = await system.netlink(
    NETLINK_ROUTE,
    [message(RTM_NEWLINK, NLM_F_ACK, 10, link(1, IFF_UP, IFF_UP))],
    { netns },
  );
  t.equal(errorOf(ack[0] ?? Buffer.alloc(20)), 0);
  t.equal((await flagsOf()) & IFF_UP, IFF_UP);
  const own = readlinkSync("/proc/self/ns/net");
  const tasks = system.openat2(-100, "/proc/self/task", { flags: 0o200000 });
  for (const task of system.readdir(tasks)) t.equal(readlinkSync(`/proc/self/task/${task}/ns/net`), own);
  system.close(tasks);
});

test("an nfnetlink batch is one request; its answers are those of all its messages", async (t) => {
  const netns = await makeNetns(t);
  const NFNL_MSG_BATCH_BEGIN = 16;
  const NFNL_MSG_BATCH_END = 17;
  const NFNL_SUBSYS_NFTABLES = 10;
  const nfgen = (family: number, resource: number): Buffer => Buffer.from([family, 0, resource >> 8, resource & 0xff]);
  const table = (sequence: number, flags: number, name: string): Buffer => {
    const padded = Buffer.alloc(4 + ((name.length + 1 + 3) & ~3));
    padded.writeUInt16LE(4 + name.length + 1, 0);
    padded.writeUInt16LE(1, 2); // NFTA_TABLE_NAME
    padded.write(name, 4);
    return message(NFNL_SUBSYS_NFTABLES << 8, flags, sequence, Buffer.concat([nfgen(2, 0), padded]));
  };
  const batch = (...messages: Buffer[]): Buffer =>
    Buffer.concat([
      message(NFNL_MSG_BATCH_BEGIN, 0, 100, nfgen(0, NFNL_SUBSYS_NFTABLES)),
      ...messages,
      message(NFNL_MSG_BATCH_END, 0, 199, nfgen(0, NFNL_SUBSYS_NFTABLES)),
    ]);
  const NLM_F_CREATE = 0x400;
  const NLM_F_EXCL = 0x200;
  const create = NLM_F_ACK | NLM_F_CREATE;
  const [made = []] = await system.netlink(
    NETLINK_NETFILTER,
    [batch(table(101, create, "one"), table(102, create, "two"))],
    { netns },
  );
  t.strictSame(
    made.map((item) => [typeOf(item), errorOf(item)]),
    [
      [NLMSG_ERROR, 0],
      [NLMSG_ERROR, 0],
    ],
  );
  const [again = []] = await system.netlink(
    NETLINK_NETFILTER,
    [batch(table(103, create | NLM_F_EXCL, "one"), table(104, create, "three"))],
    { netns },
  );
  t.ok(
    again.some((item) => errorOf(item) === -17),
    "EEXIST",
  );
  const names = Array.from({ length: 500 }, (_, index) => table(1_000 + index, create, `table${index}`));
  const [many = []] = await system.netlink(NETLINK_NETFILTER, [batch(...names)], { netns });
  t.equal(many.filter((item) => errorOf(item) === 0).length, 500);
});

test("what is wrong with the request or the namespace rejects", async (t) => {
  const file = openSync("/etc/passwd", "r");
  await t.rejects(system.netlink(NETLINK_ROUTE, [], { netns: file }), { code: "EINVAL", syscall: "socket" });
  await t.rejects(async () => system.netlink(NETLINK_ROUTE, [], { netns: 987_654 }), { code: "EBADF" });
  closeSync(file);
  await t.rejects(system.netlink(77, []), { code: "EPROTONOSUPPORT", syscall: "socket" });
  await t.rejects(system.netlink(NETLINK_ROUTE, [Buffer.alloc(7)]), { code: "EINVAL" });
  const long = message(RTM_GETLINK, 0, 1, link(1));
  long.writeUInt32LE(64, 0);
  await t.rejects(system.netlink(NETLINK_ROUTE, [long]), { code: "EINVAL" });
  await t.rejects(async () => system.netlink(NETLINK_ROUTE, ["text" as unknown as Uint8Array]), TypeError);
  await t.rejects(async () => system.netlink(NETLINK_ROUTE, "text" as unknown as Uint8Array[]), TypeError);
});

test("many at a time keep to their own answers", async (t) => {
  const netns = await makeNetns(t);
  const answers = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const [answer = []] = await system.netlink(
        NETLINK_ROUTE,
        [message(RTM_GETLINK, NLM_F_ACK, index, link(1))],
        index % 2 === 0 ? { netns } : {},
      );
      return answer.map((item) => view(item).readUInt32LE(8));
    }),
  );
  for (const [index, sequences] of answers.entries()) t.strictSame(sequences, [index, index]);
});

test("sysctls and connections inside a network namespace", async (t) => {
  const netns = await makeNetns(t);
  const outside = readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8");
  system.writeSysctlInNetns(netns, "net/ipv4/ip_unprivileged_port_start", "77");
  t.equal(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"), outside);
  t.throws(() => system.writeSysctlInNetns(netns, "net/ipv4/no_such", "1"), {
    code: "ENOENT",
    path: "/proc/sys/net/ipv4/no_such",
  });
  t.throws(() => system.writeSysctlInNetns(netns, "net/ipv4/ip_forward", "words"), { code: "EINVAL" });
  for (const name of ["net/../kernel/hostname", "/net/ipv4/ip_forward", "", "net//ipv4", "net/ipv4/."]) {
    t.throws(() => system.writeSysctlInNetns(netns, name, "1"), TypeError, name);
  }

  await t.rejects(system.connectInNetns(netns, "127.0.0.1", 80), {
    code: "ENETUNREACH",
    syscall: "connect",
    path: "127.0.0.1:80",
  });
  await system.netlink(NETLINK_ROUTE, [message(RTM_NEWLINK, NLM_F_ACK, 10, link(1, IFF_UP, IFF_UP))], { netns });
  await t.rejects(system.connectInNetns(netns, "127.0.0.1", 80), { code: "ECONNREFUSED" });
  await t.rejects(system.connectInNetns(netns, "::1", 80), { code: "ECONNREFUSED" });
  await t.rejects(async () => system.connectInNetns(netns, "localhost", 80), { code: "EINVAL" });
  await t.rejects(async () => system.connectInNetns(netns, "127.0.0.1", 65_536), { code: "EINVAL" });

  const server = createServer((socket) => socket.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const own = openSync("/proc/self/ns/net", "r");
  const fd = await system.connectInNetns(own, "127.0.0.1", port);
  closeSync(own);
  await system.fdReady(fd);
  const buffer = Buffer.alloc(16);
  t.equal(buffer.toString("utf8", 0, readSync(fd, buffer)), "hello");
  system.close(fd);
});
