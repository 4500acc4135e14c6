// Run by builtin-ipv6.test.ts, on a host of its own.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { silentLogger } from "../../../agent/base/log.ts";
import { createBuiltinNetwork, type BuiltinNetworkOptions } from "../../../cni/builtin.ts";
import type { PodNetwork } from "../../../cni/network.ts";
import { settledDifference, takePicture } from "../../fixtures/picture.ts";
import { addNetns, attachment, deleteNetns, Peer, sh, system } from "./own-host.ts";

const NAME = "ndtest0";
const IPV4 = "10.213.64.0/20";
const BOTH = [IPV4, "fd00:213:64::/64"];
const GATEWAY = "10.213.64.1";
const GATEWAY6 = "fd00:213:64::1";
const WITHOUT = ["processes", "network namespaces", "cgroups", "sockets", "mounts", "iptables"] as const;
const CONF = "/proc/sys/net/ipv6/conf";

if (!existsSync("/proc/sys/net/ipv6")) {
  t.pass("this kernel has no IPv6", { skip: "this kernel has no IPv6" });
  process.exit();
}

async function open(directory: string, options: Partial<BuiltinNetworkOptions> = {}): Promise<PodNetwork> {
  return await createBuiltinNetwork({ system, directory, name: NAME, subnets: BOTH, logger: silentLogger, ...options });
}

async function withNetwork(t: Test, body: (network: PodNetwork, directory: string) => Promise<void>): Promise<void> {
  const before = await takePicture({ without: WITHOUT });
  const directory = mkdtempSync(join(tmpdir(), "network-"));
  const network = await open(directory);
  try {
    await network.restore(new Set());
    await body(network, directory);
  } finally {
    await network.close();
    const next = await open(directory);
    await next.restore(new Set());
    await next.shutdown();
    await next.close();
    for (const name of readdirSync("/run/netns")) await deleteNetns(name);
  }
  t.same(readdirSync(join(directory, "sandboxes")), [], "no record is left");
  t.same(await settledDifference(before, { without: WITHOUT }), [], "nothing is left");
  rmSync(directory, { recursive: true });
}

/** A machine beyond the host, with addresses of both families. */
async function addOutside(): Promise<void> {
  await sh(`ip netns add outside && ip link add up0 type veth peer name eth0 netns outside
    ip link set up0 up && ip -n outside link set eth0 up && ip -n outside link set lo up
    ip addr add 203.0.113.1/24 dev up0 && ip -n outside addr add 203.0.113.2/24 dev eth0
    ip -6 addr add 2001:db8::1/64 dev up0 nodad && ip -n outside -6 addr add 2001:db8::2/64 dev eth0 nodad`);
}

await t.test("pods reach each other, the host and what is beyond, over both families", async (t) => {
  await withNetwork(t, async (network) => {
    await addOutside();
    await addNetns("p0");
    await addNetns("p1");
    const result = await network.attach(attachment("p0"));
    t.same(result.ips, ["10.213.64.2", "fd00:213:64::2"], "IPv4 first");
    t.same((await network.attach(attachment("p0"))).ips, result.ips, "again: the same");
    t.same((await network.attach(attachment("p1"))).ips, ["10.213.64.3", "fd00:213:64::3"]);
    await using host = await Peer.start();
    await using p0 = await Peer.start("p0");
    await using p1 = await Peer.start("p1");
    await using outside = await Peer.start("outside");
    for (const peer of [p0, host, outside]) {
      await peer.listen("tcp", 7000, "::");
      await peer.listen("udp", 7000, "::");
    }
    for (const protocol of ["tcp", "udp"] as const) {
      t.equal(await p1.ask(protocol, "fd00:213:64::2", 7000), "fd00:213:64::3", `pod to pod, ${protocol}`);
      t.equal(await p0.ask(protocol, GATEWAY6, 7000), "fd00:213:64::2", `pod to host, ${protocol}`);
      t.equal(await host.ask(protocol, "fd00:213:64::2", 7000), GATEWAY6, `host to pod, ${protocol}`);
      t.equal(await p1.ask(protocol, "2001:db8::2", 7000), "2001:db8::1", `to outside, masqueraded, ${protocol}`);
    }
    t.equal(await p1.ask("tcp", "203.0.113.2", 7000), "::ffff:203.0.113.1", "and over IPv4");
    const inside = await sh("ip -n p0 -o -6 addr show dev eth0; ip -n p0 -6 route");
    t.match(inside, "inet6 fd00:213:64::2/64 scope global");
    t.notMatch(inside, "tentative");
    t.match(inside, "default via fd00:213:64::1 dev eth0");
    await sh("ip link delete up0");
  });
});

await t.test("host ports on both families", async (t) => {
  await sh("ip addr add 198.51.100.1/32 dev lo && ip -6 addr add 2001:db8:5::1/128 dev lo nodad");
  await withNetwork(t, async (network) => {
    await addOutside();
    for (const name of ["p0", "p1"]) await addNetns(name);
    const ports = ["tcp 8080:80", "udp 5353:53", "tcp 0.0.0.0:8081:80", "tcp :::8082:80", "tcp 2001:db8:5::1:8083:80"];
    const request = attachment("p0");
    const portMappings = ports.map((text) => {
      const [, protocol, hostIp = "", hostPort, containerPort] = /^(\w+) (?:(.+):)?(\d+):(\d+)$/.exec(text) ?? [];
      return { protocol: protocol as "tcp", hostIp, hostPort: Number(hostPort), containerPort: Number(containerPort) };
    });
    await network.attach({ ...request, portMappings });
    await network.attach(attachment("p1"));
    await using host = await Peer.start();
    await using p0 = await Peer.start("p0");
    await using p1 = await Peer.start("p1");
    await using outside = await Peer.start("outside");
    await p0.listen("tcp", 80, "::");
    await p0.listen("udp", 53, "::");
    await p0.listen("udp", 53, "0.0.0.0").catch(() => undefined); // taken by the one of both families
    t.equal(await outside.ask("tcp", "2001:db8::1", 8080), "2001:db8::2", "outside, with its own address");
    t.equal(await outside.ask("udp", "2001:db8::1", 5353), "2001:db8::2");
    t.equal(await outside.ask("tcp", "203.0.113.1", 8080), "::ffff:203.0.113.2");
    t.equal(await host.ask("tcp", "2001:db8:5::1", 8080), "2001:db8:5::1", "host");
    t.equal(await host.ask("udp", "2001:db8:5::1", 5353), "2001:db8:5::1");
    t.equal(await host.ask("tcp", "127.0.0.1", 8080), `::ffff:${GATEWAY}`, "the host's IPv4 loopback");
    t.equal(await host.ask("tcp", "::1", 8080), "ECONNREFUSED", "not at ::1, said at once");
    t.equal(await p1.ask("tcp", "2001:db8:5::1", 8080), GATEWAY6, "another pod");
    t.equal(await p0.ask("tcp", "2001:db8:5::1", 8080), GATEWAY6, "the pod itself");
    t.equal(await host.ask("tcp", "198.51.100.1", 8081), "::ffff:198.51.100.1", "every IPv4 address");
    t.equal(await host.ask("tcp", "2001:db8:5::1", 8081), "ECONNREFUSED", "is no IPv6 address");
    t.equal(await host.ask("tcp", "2001:db8:5::1", 8082), "2001:db8:5::1", "every IPv6 address");
    t.equal(await host.ask("tcp", "198.51.100.1", 8082), "ECONNREFUSED", "is no IPv4 address");
    t.equal(await host.ask("tcp", "2001:db8:5::1", 8083), "2001:db8:5::1", "hostIP");
    t.equal(await outside.ask("tcp", "2001:db8::1", 8083), "ECONNREFUSED", "another address than hostIP");
    await t.rejects(host.listen("tcp", 8080, "::"), /EADDRINUSE/, "a held port is taken for others");
    await t.rejects(host.listen("udp", 5353, "2001:db8:5::1"), /EADDRINUSE/);
    await t.rejects(network.attach({ ...attachment("p2", "tcp 8081:80"), netns: "/run/netns/p1" }), {
      code: "conflict",
      message: /pod default\/p0 has it/,
    });
    await network.detach("sandbox-p0");
    t.equal(await outside.ask("tcp", "2001:db8::1", 8080), "ECONNREFUSED", "after detach");
    await sh("ip link delete up0");
  });
  await sh("ip addr del 198.51.100.1/32 dev lo && ip -6 addr del 2001:db8:5::1/128 dev lo");
});

await t.test("a pod is not taken for a router, nor sends as somebody else", async (t) => {
  await withNetwork(t, async (network) => {
    await addNetns("p0");
    await network.attach(attachment("p0"));
    t.equal((await sh(`ip netns exec p0 cat ${CONF}/eth0/accept_ra`)).trim(), "0", "by other pods");
    t.equal(readFileSync(`${CONF}/${NAME}/accept_ra`, "utf8").trim(), "0", "by the host");
    await sh(`ip -n p0 -6 addr add 2001:db8:9::9/128 dev eth0 nodad && ip -6 route add 2001:db8:9::9/128 dev ${NAME}
      ip -n p0 -6 route replace default via ${GATEWAY6} src 2001:db8:9::9
      ip -6 addr add 2001:db8:5::1/128 dev lo nodad`);
    await using host = await Peer.start();
    await using p0 = await Peer.start("p0");
    await host.listen("tcp", 7002, "2001:db8:5::1");
    t.equal(await p0.ask("tcp", "2001:db8:5::1", 7002, { milliseconds: 500 }), "timeout");
    await sh(`nft flush chain ip6 nodelet-${NAME} guard`);
    t.equal(await p0.ask("tcp", "2001:db8:5::1", 7002), "2001:db8:9::9", "the rule kept it out");
    await sh("ip -6 addr del 2001:db8:5::1/128 dev lo");
  });
});

await t.test("a host that takes its routes from router advertisements goes on to", async (t) => {
  await sh("ip link add ra0 type veth peer name ra1");
  writeFileSync(`${CONF}/all/forwarding`, "0");
  writeFileSync(`${CONF}/ra0/accept_ra`, "1");
  await sh("ip link add static0 type veth peer name static1");
  writeFileSync(`${CONF}/static0/accept_ra`, "0");
  await withNetwork(t, async () => {
    t.equal(readFileSync(`${CONF}/all/forwarding`, "utf8").trim(), "1");
    t.equal(readFileSync(`${CONF}/ra0/accept_ra`, "utf8").trim(), "2");
    t.equal(readFileSync(`${CONF}/static0/accept_ra`, "utf8").trim(), "0", "one that does not stays so");
  });
  await sh("ip link delete ra0; ip link delete static0");
});

await t.test("a pod that has turned IPv6 off", async (t) => {
  await withNetwork(t, async (network, directory) => {
    await addNetns("p0");
    await sh(`ip netns exec p0 sh -c 'echo 1 > ${CONF}/default/disable_ipv6; echo 1 > ${CONF}/all/disable_ipv6'`);
    t.same((await network.attach(attachment("p0", "tcp 8080:80"))).ips, ["10.213.64.2"]);
    t.notMatch(readFileSync(join(directory, "sandboxes", "sandbox-p0.json"), "utf8"), "fd00:213");
    t.notMatch(await sh(`nft list table ip6 nodelet-${NAME}`), /8080 : fd00/);
    await using p0 = await Peer.start("p0");
    await p0.listen("tcp", 80);
    await using host = await Peer.start();
    t.equal(await host.ask("tcp", "127.0.0.1", 8080), GATEWAY);
  });
});

await t.test("pods that were connected before the node had IPv6, and after", async (t) => {
  await withNetwork(t, async (network, directory) => {
    await network.close();
    await network.shutdown();
    const single = await open(directory, { subnets: [IPV4] });
    await single.restore(new Set());
    t.notMatch(await sh("nft list tables"), "ip6", "the table of IPv6 goes with the last daemon that had it");
    for (const name of ["p0", "p1"]) await addNetns(name);
    t.same((await single.attach(attachment("p0", "tcp 8080:80"))).ips, ["10.213.64.2"]);
    await single.close();
    // As the records of a release that knew no IPv6 say it.
    const record = join(directory, "sandboxes", "sandbox-p0.json");
    writeFileSync(record, readFileSync(record, "utf8").replace('"hostIp":"0.0.0.0"', '"hostIp":""'));

    const dual = await open(directory);
    await dual.restore(new Set(["sandbox-p0"]));
    const { ips } = await dual.attach(attachment("p1", "tcp 8081:80"));
    t.match(ips, [/^10\.213\./, /^fd00:213:64::/]);
    await using p0 = await Peer.start("p0");
    await using p1 = await Peer.start("p1");
    await using host = await Peer.start();
    for (const peer of [p0, p1]) await peer.listen("tcp", 80, "::");
    t.equal(await host.ask("tcp", "127.0.0.1", 8080), `::ffff:${GATEWAY}`, "goes on");
    t.equal(await host.ask("tcp", GATEWAY6, 8080), "ECONNREFUSED", "without IPv6");
    t.equal(await host.ask("tcp", GATEWAY6, 8081), GATEWAY6);
    t.equal(await p1.ask("tcp", "10.213.64.2", 80), `::ffff:${ips[0]}`);
    await dual.close();

    // And a restart puts back what was flushed.
    await sh(`nft flush ruleset; ip link delete ${NAME}`);
    const third = await open(directory);
    await third.restore(new Set(["sandbox-p0", "sandbox-p1"]));
    t.equal(await host.ask("tcp", GATEWAY6, 8081), GATEWAY6);
    t.equal(await p1.ask("tcp", GATEWAY6, 8081), GATEWAY6);
    await third.detach("sandbox-p0");
    await third.detach("sandbox-p1");
    await third.close();
    await t.rejects(open(directory, { subnets: [IPV4, "fd00:213:64::/124"] }), { code: "invalid" }, "too small");
  });
});

await t.test("a host without IPv6: pods have IPv4 addresses only", async (t) => {
  await withNetwork(t, async (network, directory) => {
    await network.close();
    await network.shutdown();
    writeFileSync(`${CONF}/all/disable_ipv6`, "1");
    const messages: string[] = [];
    const logger = { ...silentLogger, info: (_fields: object, message?: string) => messages.push(message ?? "") };
    const single = await open(directory, { logger: logger as never });
    t.match(messages, [/does not use IPv6/]);
    await addNetns("p0");
    t.same((await single.attach(attachment("p0", "tcp 8080:80"))).ips, ["10.213.64.2"]);
    await single.detach("sandbox-p0");
    await single.close();
    writeFileSync(`${CONF}/all/disable_ipv6`, "0");
  });
});

await t.test("a subnet that the host has a route to", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "network-"));
  await sh(
    "ip link add far0 type veth peer name far1 && ip link set far0 up && ip -6 route add fd00:213::/32 dev far0",
  );
  const network = await open(directory);
  await t.rejects(network.restore(new Set()), {
    code: "conflict",
    message: /fd00:213:64::\/64: the host has a route to/,
  });
  await network.shutdown();
  await network.close();
  await sh("ip link delete far0");
});
