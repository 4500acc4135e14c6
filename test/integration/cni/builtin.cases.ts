// Run by builtin.test.ts, on a host of its own.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { silentLogger } from "../../../agent/base/log.ts";
import type { System } from "../../../agent/system/system.ts";
import { createBuiltinNetwork, type BuiltinNetworkOptions } from "../../../cni/builtin.ts";
import { linkName } from "../../../cni/names.ts";
import type { PodNetwork } from "../../../cni/network.ts";
import { settledDifference, takePicture } from "../../fixtures/picture.ts";
import { addNetns, attachment, deleteNetns, Peer, sh, system } from "./own-host.ts";

const NAME = "ndtest0";
const SUBNET = "10.213.64.0/20";
const GATEWAY = "10.213.64.1";
const TABLE = `nodelet-${NAME}`;
const ALL_ALIVE = new Set(["sandbox-p0", "sandbox-p1"]);

type Netlink = Pick<System, "netlink">;

/** Everything that the network could leave on the host. */
const WITHOUT = ["processes", "network namespaces", "cgroups", "sockets", "mounts", "iptables"] as const;

async function withNetwork(
  t: Test,
  body: (network: PodNetwork, directory: string) => Promise<void>,
  options: Partial<BuiltinNetworkOptions> = {},
): Promise<void> {
  const before = await takePicture({ without: WITHOUT });
  const directory = mkdtempSync(join(tmpdir(), "network-"));
  const network = await createBuiltinNetwork({
    system,
    directory,
    name: NAME,
    subnets: [SUBNET],
    logger: silentLogger,
    ...options,
  });
  const namespaces = new Set(readdirSync("/run/netns"));
  try {
    await network.restore(new Set());
    await body(network, directory);
  } finally {
    await network.close();
    // As after a restart of the daemon.
    const next = await createBuiltinNetwork({ system, directory, name: NAME, subnets: [SUBNET], ...options });
    await next.restore(new Set());
    await next.shutdown();
    await next.close();
    for (const name of readdirSync("/run/netns")) if (!namespaces.has(name)) await deleteNetns(name);
  }
  t.same(readdirSync(join(directory, "sandboxes")), [], "no record is left");
  t.same(await settledDifference(before, { without: WITHOUT }), [], "nothing is left");
  rmSync(directory, { recursive: true });
}

async function attachNew(network: PodNetwork, name: string, ...ports: string[]): Promise<string> {
  await addNetns(name);
  const result = await network.attach(attachment(name, ...ports));
  return result.ips[0] ?? "";
}

/** Breaks off at the call with this number, counted from 1: it fails, or the process is as if it had ended there. */
class Breaking implements Netlink {
  #calls = 0;
  readonly #at: number;
  readonly #how: "before" | "after" | "hang";

  constructor(at: number, how: "before" | "after" | "hang") {
    this.#at = at;
    this.#how = how;
  }

  readonly netlink: System["netlink"] = async (protocol, requests, options) => {
    this.#calls++;
    if (this.#calls > this.#at && this.#how === "hang") return await new Promise<never>(() => undefined);
    if (this.#calls === this.#at) {
      if (this.#how === "before") throw Object.assign(new Error("ENOBUFS: netlink"), { code: "ENOBUFS" });
      await system.netlink(protocol, requests, options);
      if (this.#how === "after") throw Object.assign(new Error("ENOBUFS: netlink"), { code: "ENOBUFS" });
      return await new Promise<never>(() => undefined);
    }
    return await system.netlink(protocol, requests, options);
  };
}

const sysctls: Pick<System, "writeSysctlInNetns"> = {
  writeSysctlInNetns: (...args) => system.writeSysctlInNetns(...args),
};

t.setTimeout(280_000);

await t.test("pods reach each other, the host and what is beyond", async (t) => {
  await withNetwork(t, async (network) => {
    await sh(`ip netns add outside && ip link add up0 type veth peer name eth0 netns outside
      ip addr add 203.0.113.1/24 dev up0 && ip link set up0 up
      ip -n outside addr add 203.0.113.2/24 dev eth0 && ip -n outside link set eth0 up && ip -n outside link set lo up`);
    await addNetns("p0");
    await addNetns("p1");
    const result = await network.attach(attachment("p0", "tcp 8080:80"));
    t.match(result, { ips: ["10.213.64.2"], interfaces: [{ name: "eth0", mac: "0a:6e:0a:d5:40:02" }], dns: undefined });
    const { times: _times, ...detail } = result.detail;
    t.same(await network.attach(attachment("p0", "tcp 8080:80")), { ...result, detail }, "again: the same");
    const second = await network.attach(attachment("p1"));
    t.same(second.ips, ["10.213.64.3"]);

    await using host = await Peer.start();
    await using p0 = await Peer.start("p0");
    await using p1 = await Peer.start("p1");
    await using outside = await Peer.start("outside");
    await p0.listen("tcp", 80);
    await host.listen("tcp", 7000);
    await outside.listen("tcp", 7000);
    t.equal(await p1.ask("tcp", "10.213.64.2", 80), "10.213.64.3", "pod to pod");
    t.equal(await p0.ask("tcp", GATEWAY, 7000), "10.213.64.2", "pod to host");
    t.equal(await host.ask("tcp", "10.213.64.2", 80), GATEWAY, "host to pod");
    t.equal(await p1.ask("tcp", "203.0.113.2", 7000), "203.0.113.1", "pod to outside, with the host's address");
    t.equal(
      await outside.ask("tcp", "203.0.113.1", 8080),
      "203.0.113.2",
      "outside to a host port, with its own address",
    );
    t.equal(await p1.ask("tcp", "203.0.113.1", 8080), GATEWAY, "pod to a host port of the host's outer address");

    const inside = await sh("ip -n p0 -o addr show dev eth0; ip -n p0 route");
    t.match(inside, "inet 10.213.64.2/20 brd 10.213.79.255 scope global eth0");
    t.match(inside, "default via 10.213.64.1 dev eth0");
    t.notMatch(inside, "inet6");
    await sh("ip link delete up0");
  });
});

const bridgeNetfilter = "/proc/sys/net/bridge/bridge-nf-call-iptables";
for (const setting of ["0", "1"]) {
  await t.test(`host ports, with bridge netfilter ${setting === "1" ? "on" : "off"}`, async (t) => {
    try {
      await sh(`echo ${setting} > ${bridgeNetfilter}`);
    } catch {
      if (setting === "1") return t.comment("this kernel has no bridge netfilter");
    }
    await sh("ip addr add 198.51.100.1/32 dev lo && ip addr add 198.51.100.2/32 dev lo");
    await withNetwork(t, async (network) => {
      await attachNew(network, "p0", "tcp 8080:80", "udp 5353:53", "tcp 198.51.100.1:8081:80", "tcp 127.0.0.1:8082:80");
      await attachNew(network, "p1");
      await using host = await Peer.start();
      await using p0 = await Peer.start("p0");
      await using p1 = await Peer.start("p1");
      await p0.listen("tcp", 80);
      await p0.listen("udp", 53);
      for (const address of ["127.0.0.1", "198.51.100.1", GATEWAY]) {
        const source = address === "198.51.100.1" ? address : GATEWAY;
        t.equal(await host.ask("tcp", address, 8080), source, `host, tcp, ${address}`);
        t.equal(await host.ask("udp", address, 5353), source, `host, udp, ${address}`);
      }
      for (const address of ["198.51.100.1", GATEWAY]) {
        t.equal(await p1.ask("tcp", address, 8080), GATEWAY, `another pod, tcp, ${address}`);
        t.equal(await p1.ask("udp", address, 5353), GATEWAY, `another pod, udp, ${address}`);
        t.equal(await p0.ask("tcp", address, 8080), GATEWAY, `the pod itself, tcp, ${address}`);
        t.equal(await p0.ask("udp", address, 5353), GATEWAY, `the pod itself, udp, ${address}`);
      }
      t.equal(await host.ask("tcp", "198.51.100.1", 8081), "198.51.100.1", "hostIP");
      t.equal(await p1.ask("tcp", "198.51.100.1", 8081), GATEWAY, "hostIP, from a pod");
      t.equal(await host.ask("tcp", "198.51.100.2", 8081), "ECONNREFUSED", "another address than hostIP");
      t.equal(await host.ask("tcp", "127.0.0.1", 8081), "ECONNREFUSED");
      t.equal(await host.ask("tcp", "127.0.0.1", 8082), GATEWAY, "hostIP 127.0.0.1");
      t.equal(await host.ask("tcp", "198.51.100.1", 8082), "ECONNREFUSED");
      await network.detach("sandbox-p0");
      t.equal(await host.ask("tcp", "127.0.0.1", 8080), "ECONNREFUSED", "after detach");
    });
    await sh("ip addr del 198.51.100.1/32 dev lo && ip addr del 198.51.100.2/32 dev lo");
  });
}

await t.test("a UDP flow follows the host port", async (t) => {
  await withNetwork(t, async (network) => {
    await addNetns("outside");
    await sh(`ip link add up0 type veth peer name eth0 netns outside
      ip addr add 203.0.113.1/24 dev up0 && ip link set up0 up
      ip -n outside addr add 203.0.113.2/24 dev eth0 && ip -n outside link set eth0 up`);
    await using outside = await Peer.start("outside");
    const ask = () => outside.ask("udp", "203.0.113.1", 5353, { from: 40_000, milliseconds: 500 });
    t.equal(await ask(), "timeout", "nobody is there; the kernel remembers the flow");
    await attachNew(network, "p0", "udp 5353:53");
    await using p0 = await Peer.start("p0");
    await p0.listen("udp", 53);
    t.equal(await ask(), "203.0.113.2", "the pod");
    await network.detach("sandbox-p0");
    await attachNew(network, "p1", "udp 5353:53");
    await using p1 = await Peer.start("p1");
    await p1.listen("udp", 53);
    t.equal(await ask(), "203.0.113.2", "the pod that has the port now");
    await sh("ip link delete up0");
  });
});

await t.test("a pod does not reach the host's loopback", async (t) => {
  await withNetwork(t, async (network) => {
    await attachNew(network, "p0");
    await using host = await Peer.start();
    await host.listen("tcp", 7001, "127.0.0.1");
    // What a pod with rights over its own network namespace can do: send to 127.0.0.1 by the gateway.
    await sh(`ip netns exec p0 sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
      ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via ${GATEWAY} dev eth0'`);
    await using p0 = await Peer.start("p0");
    t.equal(await p0.ask("tcp", "127.0.0.1", 7001, { milliseconds: 500 }), "timeout");
    // Nor does it send as somebody else.
    await sh("ip -n p0 addr add 192.0.2.9/32 dev lo && ip route add 192.0.2.9/32 dev ndtest0");
    await sh(`ip -n p0 route replace default via ${GATEWAY} src 192.0.2.9`);
    await sh("ip addr add 198.51.100.1/32 dev lo");
    await host.listen("tcp", 7002, "198.51.100.1");
    t.equal(await p0.ask("tcp", "198.51.100.1", 7002, { milliseconds: 500 }), "timeout");
    // Without the rules both work: the test sees what they keep out.
    await sh(`nft flush chain ip ${TABLE} guard`);
    t.equal(await p0.ask("tcp", "127.0.0.1", 7001), "10.213.64.2");
    t.equal(await p0.ask("tcp", "198.51.100.1", 7002), "192.0.2.9");
    await sh("ip addr del 198.51.100.1/32 dev lo");
    // The next change puts them back.
    await attachNew(network, "p1");
    t.match(await sh(`nft list chain ip ${TABLE} guard`), "drop");
  });
});

await t.test("host ports that are taken", async (t) => {
  await withNetwork(t, async (network) => {
    await attachNew(network, "p0", "tcp 8080:80", "udp 8080:80");
    await addNetns("p1");
    await t.rejects(network.attach(attachment("p1", "tcp 8080:81")), {
      code: "conflict",
      message: "Cannot give pod default/p1 tcp port 8080 of the host: pod default/p0 has it",
    });
    await t.rejects(network.attach(attachment("p1", "udp 127.0.0.1:8080:81")), {
      code: "conflict",
      message: /pod default\/p0 has it/,
    });
    await using host = await Peer.start();
    await host.listen("tcp", 7000);
    await host.listen("udp", 7001, "127.0.0.1");
    for (const port of ["tcp 7000:80", "udp 7001:80"]) {
      await t.rejects(network.attach(attachment("p1", port)), {
        code: "conflict",
        message: /a program of the host listens there/,
      });
    }
    await t.rejects(host.listen("tcp", 8080), /EADDRINUSE/, "a held port is taken for others");
    await t.rejects(host.listen("udp", 8080), /EADDRINUSE/);
    t.same(
      (await network.attach(attachment("p1", "tcp 8081:81"))).ips,
      ["10.213.64.3"],
      "the failed ones cost no address",
    );
    await network.detach("sandbox-p0");
    await host.listen("tcp", 8080);
    await network.detach("sandbox-p1");
    await network.attach(attachment("p1", "udp 8080:80"));
  });
});

await t.test("an attach that cannot be done is undone", async (t) => {
  await withNetwork(t, async (network, directory) => {
    const before = await takePicture({ without: WITHOUT });
    await t.rejects(network.attach(attachment("none", "tcp 8080:80")), { code: "not-found", where: "/run/netns/none" });
    await t.rejects(network.attach({ ...attachment("p0", "tcp 8080:80"), netns: "/dev/null" }), {
      message: /make the veth pair .* EINVAL/,
    });
    await t.rejects(network.attach({ ...attachment("p0"), sandboxId: "../p0" }), { code: "invalid" });
    const aborted = AbortSignal.abort(new Error("enough"));
    await t.rejects(network.attach(attachment("p0"), { signal: aborted }), { message: "enough" });
    t.same(await settledDifference(before, { without: WITHOUT }), []);

    await addNetns("p0");
    await sh("ip -n p0 link add eth0 type bridge");
    await t.rejects(network.attach(attachment("p0", "tcp 8080:80")), {
      code: "conflict",
      message: /has a link called eth0 already/,
    });
    await sh("ip -n p0 link delete eth0");
    const controller = new AbortController();
    const attaching = network.attach(attachment("p0", "tcp 8080:80"), { signal: controller.signal });
    setImmediate(() => controller.abort(new Error("changed my mind")));
    await t.rejects(attaching, { message: "changed my mind" });
    t.equal((await sh("ip -n p0 link")).includes("eth0"), false);
    t.same(readdirSync(join(directory, "sandboxes")), []);
    await network.attach(attachment("p0", "tcp 8080:80"));
  });
});

await t.test("a failure at any call to the kernel leaves nothing, and the next attach works", async (t) => {
  /** More calls than an attach with its undoing makes. */
  const enough = 13;
  for (const how of ["before", "after"] as const) {
    for (let at = 1, attached = false; at < enough || !attached; at++) {
      let netlink: System["netlink"] = (...args) => system.netlink(...args);
      await withNetwork(
        t,
        async (network, directory) => {
          await addNetns("p0");
          const before = await takePicture({ without: WITHOUT });
          netlink = new Breaking(at, how).netlink;
          attached = await network.attach(attachment("p0", "tcp 8080:80", "udp 127.0.0.1:53:53")).then(
            () => true,
            () => false,
          );
          netlink = (...args) => system.netlink(...args);
          if (!attached) {
            // When the failure came while an earlier one was undone, this makes up for it.
            await network.detach("sandbox-p0");
            t.same(readdirSync(join(directory, "sandboxes")), [], `${how} call ${at}`);
            t.same(await settledDifference(before, { without: WITHOUT }), [], `${how} call ${at}`);
          }
          await network.attach(attachment("p0", "tcp 8080:80"));
        },
        { system: { ...sysctls, netlink: (...args) => netlink(...args) } },
      );
    }
  }
});

await t.test("a daemon that ends at any call", async (t) => {
  for (const alive of [false, true]) {
    for (let at = 1; at <= 6; at++) {
      await withNetwork(t, async (_network, directory) => {
        await addNetns("p0");
        const first = await createBuiltinNetwork({
          system: { ...sysctls, netlink: new Breaking(at, "hang").netlink },
          directory,
          name: NAME,
          subnets: [SUBNET],
          bindPort: async () => undefined,
        });
        void first.attach(attachment("p0", "tcp 8080:80")).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 50));

        const second = await createBuiltinNetwork({ system, directory, name: NAME, subnets: [SUBNET] });
        const recorded = readdirSync(join(directory, "sandboxes")).length > 0;
        await second.restore(new Set(alive ? ["sandbox-p0"] : []));
        if (alive && recorded) {
          const result = await second.attach(attachment("p0", "tcp 8080:80"));
          await using p0 = await Peer.start("p0");
          await p0.listen("tcp", 80);
          await using host = await Peer.start();
          t.equal(await host.ask("tcp", "127.0.0.1", 8080), GATEWAY, `finished after call ${at}`);
          t.equal(await host.ask("tcp", result.ips[0] ?? "", 80), GATEWAY);
        }
        await second.detach("sandbox-p0");
        t.notMatch(await sh("ip link"), linkName(NAME, "sandbox-p0"), `nothing after call ${at}`);
        t.notMatch(await sh(`nft list table ip ${TABLE}`), "8080");
        await second.close();
      });
    }
  }
});

await t.test("a record that was cut off, and links without one", async (t) => {
  await withNetwork(t, async (network, directory) => {
    await attachNew(network, "p0");
    await sh(`: > ${join(directory, "sandboxes", "sandbox-torn.intent")}`);
    await sh(`ip link add ${linkName(NAME, "sandbox-torn")} type veth peer name x0`);
    await sh(`ip link add ${linkName(NAME, "forgotten")} type veth peer name x1`);
    await sh(`ip link add ${linkName("another0", "theirs")} type veth peer name x2`);
    const next = await createBuiltinNetwork({ system, directory, name: NAME, subnets: [SUBNET] });
    await next.restore(new Set(["sandbox-p0"]));
    const links = await sh("ip -o link");
    t.notMatch(links, linkName(NAME, "sandbox-torn"));
    t.notMatch(links, linkName(NAME, "forgotten"));
    t.match(links, linkName("another0", "theirs"), "those of another network are not ours");
    t.match(links, linkName(NAME, "sandbox-p0"));
    await sh(`ip link delete ${linkName("another0", "theirs")}`);
    await next.close();
  });
});

await t.test("what somebody flushed or deleted is made again", async (t) => {
  await withNetwork(t, async (network, directory) => {
    await attachNew(network, "p0", "tcp 8080:80");
    await using p0 = await Peer.start("p0");
    await p0.listen("tcp", 80);
    await using host = await Peer.start();
    const works = async (): Promise<string> => await host.ask("tcp", "127.0.0.1", 8080);
    t.equal(await works(), GATEWAY);

    await network.close();
    await sh(`nft flush ruleset; ip link delete ${NAME}`);
    const next = await createBuiltinNetwork({ system, directory, name: NAME, subnets: [SUBNET] });
    await next.restore(ALL_ALIVE);
    t.equal(await works(), GATEWAY, "by restore");

    await sh(`ip link delete ${linkName(NAME, "sandbox-p0")}`);
    const third = await createBuiltinNetwork({
      system,
      directory,
      name: NAME,
      subnets: [SUBNET],
      bindPort: async () => undefined,
    });
    await third.restore(ALL_ALIVE);
    t.equal(await works(), GATEWAY, "the pod's link, by restore");
    await third.close();

    await sh("nft flush ruleset");
    await attachNew(next, "p1");
    t.equal(await works(), GATEWAY, "rules, by the next attach");
    await next.detach("sandbox-p1");

    await sh(`ip link delete ${NAME}`);
    await deleteNetns("p1");
    await attachNew(next, "p1");
    t.equal(await works(), GATEWAY, "the bridge, by the next attach");
    await sh(`nft delete table ip ${TABLE}`);
    await next.detach("sandbox-p1");
    await next.detach("sandbox-p0");
    await next.close();
  });
});

await t.test("detach", async (t) => {
  await withNetwork(t, async (network) => {
    await network.detach("sandbox-unknown");
    await attachNew(network, "p0", "tcp 8080:80");
    await deleteNetns("p0");
    await network.detach("sandbox-p0");
    await network.detach("sandbox-p0");
    t.notMatch(await sh("ip -o link"), linkName(NAME, "sandbox-p0"));
    const address = await attachNew(network, "p0", "tcp 8080:80");
    t.equal(address, "10.213.64.3", "another address than before");
    await deleteNetns("p0");
    await addNetns("p0");
    await network.detach("sandbox-p0");
    t.equal((await network.attach(attachment("p0"))).ips[0], "10.213.64.4");
    await Promise.all([network.detach("sandbox-p0"), network.detach("sandbox-p0")]);
  });
});

await t.test("nothing is to be seen when detach resolves", async (t) => {
  await withNetwork(t, async (network) => {
    for (let round = 0; round < 20; round++) {
      await attachNew(network, `p${round}`, ...(round % 2 === 0 ? [] : ["tcp 8080:80"]));
      await network.detach(`sandbox-p${round}`);
      t.notMatch(readFileSync("/proc/net/dev", "utf8"), linkName(NAME, `sandbox-p${round}`));
      t.notMatch(await sh(`ip -n p${round} -o link; nft list table ip ${TABLE}`), /eth0|8080/);
    }
  });
});

await t.test("200 pods, one after the other", async (t) => {
  await withNetwork(t, async (network) => {
    const addresses = new Set<string>();
    for (let round = 0; round < 200; round++) {
      addresses.add(await attachNew(network, `p${round}`, "tcp 8080:80"));
      await network.detach(`sandbox-p${round}`);
      await deleteNetns(`p${round}`);
    }
    t.equal(addresses.size, 200, "no address twice");
  });
});

await t.test("20 at once, three times", async (t) => {
  await withNetwork(t, async (network) => {
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    for (const name of names) await addNetns(name);
    for (let round = 0; round < 3; round++) {
      const results = await Promise.all(
        names.map((name, index) => network.attach(attachment(name, `tcp ${9000 + index}:80`))),
      );
      t.equal(new Set(results.map(({ ips }) => ips[0])).size, 20);
      await using first = await Peer.start("p0");
      await using last = await Peer.start("p19");
      await last.listen("tcp", 80);
      t.equal(await first.ask("tcp", results[19]?.ips[0] ?? "", 80), results[0]?.ips[0]);
      t.equal(await first.ask("tcp", GATEWAY, 9019), GATEWAY);
      await Promise.all(names.map((name) => network.detach(`sandbox-${name}`)));
      const links = await sh("ip -o link");
      for (const name of names) t.notMatch(links, linkName(NAME, `sandbox-${name}`));
    }
    const mixed = names.map(async (name) => {
      await network.attach(attachment(name));
      await network.detach(`sandbox-${name}`);
      await network.attach(attachment(name));
    });
    await Promise.all(mixed);
  });
});

await t.test("all addresses are given away", async (t) => {
  await withNetwork(
    t,
    async (network) => {
      t.equal(await attachNew(network, "p0"), "10.213.200.2");
      await addNetns("p1");
      await t.rejects(network.attach(attachment("p1", "tcp 8080:80")), { code: "exhausted", where: "10.213.200.0/30" });
      await network.detach("sandbox-p0");
      t.same((await network.attach(attachment("p1", "tcp 8080:80"))).ips, ["10.213.200.2"]);
    },
    { subnets: ["10.213.200.0/30"] },
  );
});

await t.test("shutdown keeps what pods need", async (t) => {
  await withNetwork(t, async (network, directory) => {
    await attachNew(network, "p0");
    await network.shutdown();
    await using p0 = await Peer.start("p0");
    await using host = await Peer.start();
    await host.listen("tcp", 7000);
    t.equal(await p0.ask("tcp", GATEWAY, 7000), "10.213.64.2");
    await network.detach("sandbox-p0");
    await network.shutdown();
    t.notMatch(await sh("ip -o link; nft list ruleset"), NAME);
    await network.attach(attachment("p0"));
    t.match(await sh("ip -o link"), NAME, "it can be used again");
    t.same(readdirSync(join(directory, "sandboxes")), ["sandbox-p0.json"]);
  });
});

await t.test("several networks on one host", async (t) => {
  await withNetwork(t, async (network) => {
    await attachNew(network, "p0");
    // The kernel tells of the bridge's carrier some time after the link has it.
    const link = linkName(NAME, "sandbox-p0");
    const settled = async (): Promise<boolean> =>
      !(await sh("ip route")).includes("linkdown") &&
      (!existsSync("/proc/sys/net/ipv6") || (await sh("ip -6 route show table local")).includes(link));
    while (!(await settled())) await new Promise((resolve) => setTimeout(resolve, 50));
    await withNetwork(
      t,
      async (other) => {
        await attachNew(other, "p1", "tcp 8080:80");
        await using p0 = await Peer.start("p0");
        await using p1 = await Peer.start("p1");
        await p1.listen("tcp", 80);
        t.equal(await p0.ask("tcp", "10.214.0.1", 8080), "10.214.0.1", "from one's pod to the other's host port");
      },
      { name: "ndtest1", subnets: ["10.214.0.0/24"] },
    );
    const directory = mkdtempSync(join(tmpdir(), "network-"));
    const same = await createBuiltinNetwork({ system, directory, name: NAME, subnets: [SUBNET] });
    await t.rejects(same.attach(attachment("p0")), {
      code: "conflict",
      message: /^Cannot use the bridge ndtest0: it belongs to the nodelet of /,
    });
    t.match(same.readiness(), { ready: false, message: /belongs to the nodelet/ });
    await same.close();
    const overlapping = await createBuiltinNetwork({ system, directory, name: "ndtest2", subnets: ["10.213.0.0/16"] });
    await t.rejects(overlapping.restore(new Set()), {
      code: "conflict",
      message: /the host has a route to 10\.213\.64\.0\/20/,
    });
    await overlapping.shutdown();
    await overlapping.close();
    t.match(network.readiness(), { ready: true });
  });
});

await t.test("a link that is no bridge has the name", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "network-"));
  await sh(`ip link add ${NAME} type veth peer name x0`);
  const network = await createBuiltinNetwork({ system, directory, name: NAME, subnets: [SUBNET] });
  await t.rejects(network.restore(new Set()), { code: "conflict", message: /has another link of that name/ });
  await t.rejects(network.shutdown(), { code: "conflict" });
  await network.close();
  await sh(`ip link delete ${NAME}; nft delete table ip ${TABLE} 2>/dev/null || true`);
});
