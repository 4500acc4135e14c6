import t from "tap";
import { readResult, writeResult } from "../../../../cni/plugins/result.ts";

/** As JSON keeps it: without fields that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const convert = (result: unknown, to: string, configVersion = "1.1.0"): unknown =>
  plain(writeResult(readResult(result, configVersion), to));

const MODERN = {
  cniVersion: "1.1.0",
  interfaces: [
    { name: "br0" },
    { name: "eth0", mac: "0a:00:00:00:00:01", mtu: 1400, sandbox: "/run/netns/x", pciID: "0:1" },
  ],
  ips: [
    { address: "10.1.2.3/16", gateway: "10.1.0.1", interface: 1 },
    { address: "fd00::2/64", interface: 1 },
    { address: "10.1.2.4/16", interface: 1 },
  ],
  routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0", gw: "fd00::1", mtu: 1400, table: 0 }],
  dns: { nameservers: ["10.1.0.1"], search: ["a", "b"] },
};

t.test("the newest version is kept as it is", async (t) => {
  t.same(convert(MODERN, "1.1.0"), MODERN);
  t.same(convert({ ...MODERN, dns: {}, extra: 1 }, "1.0.0"), plain({ ...MODERN, cniVersion: "1.0.0", dns: undefined }));
});

t.test("to 0.4.0 and back", async (t) => {
  const older = convert(MODERN, "0.4.0");
  t.same(older, {
    ...MODERN,
    cniVersion: "0.4.0",
    interfaces: [{ name: "br0" }, { name: "eth0", mac: "0a:00:00:00:00:01", sandbox: "/run/netns/x" }],
    ips: [
      { version: "4", address: "10.1.2.3/16", gateway: "10.1.0.1", interface: 1 },
      { version: "6", address: "fd00::2/64", interface: 1 },
      { version: "4", address: "10.1.2.4/16", interface: 1 },
    ],
  });
  t.same(convert(older, "1.0.0"), {
    ...MODERN,
    cniVersion: "1.0.0",
    interfaces: [{ name: "br0" }, { name: "eth0", mac: "0a:00:00:00:00:01", sandbox: "/run/netns/x" }],
  });
});

t.test("to 0.2.0: the first address of each family", async (t) => {
  const oldest = {
    cniVersion: "0.2.0",
    ip4: { ip: "10.1.2.3/16", gateway: "10.1.0.1", routes: [{ dst: "0.0.0.0/0" }] },
    ip6: { ip: "fd00::2/64", routes: [{ dst: "::/0", gw: "fd00::1" }] },
    dns: MODERN.dns,
  };
  t.same(convert(MODERN, "0.2.0"), oldest);
  t.same(convert(oldest, "1.1.0"), {
    cniVersion: "1.1.0",
    ips: [{ address: "10.1.2.3/16", gateway: "10.1.0.1" }, { address: "fd00::2/64" }],
    routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0", gw: "fd00::1" }],
    dns: MODERN.dns,
  });
  t.throws(() => convert({ cniVersion: "1.0.0" }, "0.2.0"), /without addresses/);
});

t.test("a result without a version has the configuration's", async (t) => {
  t.same(convert({ ip4: { ip: "10.1.2.3/24" } }, "0.1.0", ""), {
    cniVersion: "0.1.0",
    ip4: { ip: "10.1.2.3/24" },
    dns: {},
  });
  t.equal(readResult({}, "0.3.1").version, "0.3.1");
  t.equal(readResult({ cniVersion: "" }, "0.3.1").version, "0.3.1");
});

t.test("addresses are written in one way", async (t) => {
  t.match(readResult({ ips: [{ address: "FD00:0:0::2/64", gateway: "fd00:0::1" }] }, "1.0.0"), {
    ips: [{ family: 6, address: "fd00::2/64", gateway: "fd00::1" }],
  });
});

t.test("what cannot be used is refused by name", async (t) => {
  const cases: [result: unknown, where: string][] = [
    [null, "result"],
    [[], "result"],
    ["x", "result"],
    [{ cniVersion: 1 }, "result.cniVersion"],
    [{ cniVersion: "1.2.0" }, "result.cniVersion"],
    [{ ips: {} }, "result.ips"],
    [{ ips: [null] }, "result.ips[0]"],
    [{ ips: [{ address: "10.1.2.3" }] }, "result.ips[0].address"],
    [{ ips: [{ address: "10.1.2.3/33" }] }, "result.ips[0].address"],
    [{ ips: [{ address: "fe80::1%eth0/64" }] }, "result.ips[0].address"],
    [{ ips: [{ address: "10.1.2.3/24", gateway: "x" }] }, "result.ips[0].gateway"],
    [{ ips: [{ address: "10.1.2.3/24", interface: 1 }] }, "result.ips[0].interface"],
    [{ ips: [{ address: "10.1.2.3/24", interface: -1 }] }, "result.ips[0].interface"],
    [{ interfaces: [{ name: "sixteen-letters!" }] }, "result.interfaces[0].name"],
    [{ interfaces: [{ name: "a/b" }] }, "result.interfaces[0].name"],
    [{ interfaces: [{ name: "a", mac: "x\n" }] }, "result.interfaces[0].mac"],
    [{ interfaces: [{ name: "a", sandbox: "x\0" }] }, "result.interfaces[0].sandbox"],
    [{ routes: [{ dst: "x" }] }, "result.routes[0].dst"],
    [{ routes: [{ dst: "0.0.0.0/0", mtu: 1.5 }] }, "result.routes[0].mtu"],
    [{ dns: { nameservers: ["x"] } }, "result.dns.nameservers[0]"],
    [{ dns: { search: ["a b"] } }, "result.dns.search[0]"],
    [{ dns: { options: ["x".repeat(2000)] } }, "result.dns.options[0]"],
    [{ cniVersion: "0.2.0", ip4: { ip: "fd00::1/64" } }, "result.ip4.ip"],
  ];
  for (const [result, where] of cases) t.throws(() => readResult(result, "1.1.0"), { code: "invalid", where }, where);
});
