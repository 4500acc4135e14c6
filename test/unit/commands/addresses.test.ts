import type { NetworkInterfaceInfo } from "node:os";

import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { chooseAddresses, defaultInterface, hostAddresses } from "../../../agent/commands/agent/addresses.ts";

const HEADER = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
const route = (name: string, destination: string, metric: number, mask: string): string =>
  `${name}\t${destination}\t0100A8C0\t0003\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`;

t.test("the interface of the default route", async (t) => {
  t.equal(defaultInterface(HEADER), undefined);
  t.equal(
    defaultInterface(
      HEADER +
        route("wlan0", "00000000", 600, "00000000") +
        route("eth0", "00000000", 100, "00000000") +
        route("eth0", "0000A8C0", 0, "00FFFFFF"),
    ),
    "eth0",
  );
});

const address = (text: string): NetworkInterfaceInfo =>
  ({
    address: text,
    family: text.includes(":") ? "IPv6" : "IPv4",
    internal: text === "127.0.0.1",
  }) as NetworkInterfaceInfo;

t.test("the node's addresses", async (t) => {
  const interfaces = {
    lo: [address("127.0.0.1")],
    nodelet0: [address("10.213.0.1")],
    eth0: [address("fe80::1"), address("2001:db8::1"), address("192.0.2.1"), address("192.0.2.2")],
  };
  const routes = HEADER + route("eth0", "00000000", 0, "00000000");
  t.same(chooseAddresses(interfaces, routes, "", "nodelet0"), ["192.0.2.1", "2001:db8::1"]);
  t.same(chooseAddresses(interfaces, HEADER, "", "nodelet0"), ["192.0.2.1", "2001:db8::1"], "without a default route");
  t.same(chooseAddresses(interfaces, routes, "192.0.2.2", "nodelet0"), ["192.0.2.2", "2001:db8::1"]);
  t.same(chooseAddresses({ lo: [address("127.0.0.1")] }, HEADER, "", "nodelet0"), ["127.0.0.1"]);
});

t.test("they are read once a second at most", async (t) => {
  const clock = new ManualClock();
  let read = 0;
  const addresses = hostAddresses(clock, () => [String(++read)]);
  t.strictSame([addresses(), addresses()], [["1"], ["1"]]);
  await clock.advance(999);
  t.strictSame(addresses(), ["1"]);
  await clock.advance(1);
  t.strictSame(addresses(), ["2"]);
});
