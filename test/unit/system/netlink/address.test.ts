import t from "tap";
import {
  formatAddress,
  ipv4ToNumber,
  numberToIpv4,
  parseAddress,
  parseIpv4Subnet,
  subnetContains,
  subnetsOverlap,
} from "../../../../agent/system/netlink/address.ts";

void t.test("addresses there and back", async (t) => {
  for (const address of [
    "0.0.0.0",
    "10.1.2.3",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "2001:db8::1:0:0:1",
    "2001:db8:1:2:3:4:5:6",
    "1:0:0:2::",
    "1:2:3:4:5:6:7:0",
  ]) {
    t.equal(formatAddress(parseAddress(address).bytes), address);
  }
  t.equal(formatAddress(parseAddress("::ffff:10.1.2.3").bytes), "::ffff:a01:203");
  t.equal(formatAddress(parseAddress("1:0:0:0:2:0:0:3").bytes), "1::2:0:0:3", "the longest run of zeros");
  for (const wrong of [
    "",
    "10.1.2",
    "10.1.2.3.4",
    "10.1.2.256",
    "010.1.2.3",
    "fe80::1%eth0",
    ":::",
    "10.1.2.3/8",
    "a",
  ]) {
    t.throws(() => parseAddress(wrong), { code: "invalid" }, wrong);
  }
  t.throws(() => formatAddress(Buffer.alloc(5)), { code: "internal" });
  t.equal(ipv4ToNumber("255.0.0.1"), 0xff000001);
  t.equal(numberToIpv4(0xff000001), "255.0.0.1");
  t.throws(() => ipv4ToNumber("::1"), { code: "invalid" });
});

void t.test("subnets", async (t) => {
  const subnet = parseIpv4Subnet("200.1.16.0/20");
  t.same(subnet, { base: 0xc8011000, prefix: 20, size: 4096 });
  t.ok(subnetContains(subnet, ipv4ToNumber("200.1.31.255")));
  t.notOk(subnetContains(subnet, ipv4ToNumber("200.1.32.0")));
  t.notOk(subnetContains(subnet, ipv4ToNumber("200.1.15.255")));
  t.ok(subnetsOverlap(subnet, parseIpv4Subnet("200.1.0.0/16")));
  t.ok(subnetsOverlap(parseIpv4Subnet("200.1.20.0/24"), subnet));
  t.notOk(subnetsOverlap(subnet, parseIpv4Subnet("200.1.32.0/20")));
  t.same(parseIpv4Subnet("0.0.0.0/0"), { base: 0, prefix: 0, size: 2 ** 32 });
  t.throws(() => parseIpv4Subnet("10.1.2.0/16"), { code: "invalid", fix: "Write 10.1.0.0/16." });
  for (const wrong of ["10.1.0.0", "10.1.0.0/33", "10.1.0.0/", "/8", "10.1/16", "::/64", "10.0.0.0/8/8", ""]) {
    t.throws(() => parseIpv4Subnet(wrong), { code: "invalid" }, wrong);
  }
});
