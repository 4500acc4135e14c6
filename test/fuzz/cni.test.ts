// What CNI plugins print, what administrators and other runtimes leave in CNI's directories.

import { parseNetworkList, parsePluginText, parseSingle } from "../../cni/plugins/config.ts";
import { readResult, writeResult } from "../../cni/plugins/result.ts";
import { fuzz } from "./harness.ts";

const result = (cniVersion: string): string =>
  JSON.stringify({
    cniVersion,
    interfaces: [
      { name: "cni0", mac: "00:11:22:33:44:55", mtu: 1500 },
      { name: "eth0", mac: "02:00:00:00:00:01", sandbox: "/run/netns/x", socketPath: "/s", pciID: "0000:00:1f.6" },
    ],
    ips: [
      { version: "4", interface: 1, address: "10.1.0.5/16", gateway: "10.1.0.1" },
      { version: "6", interface: 1, address: "fd00::5/64", gateway: "fd00::1" },
    ],
    routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.1", mtu: 1400, advmss: 1, priority: 2, table: 3, scope: 4 }],
    dns: { nameservers: ["1.1.1.1"], domain: "d", search: ["a"], options: ["ndots:5"] },
  });
const old = JSON.stringify({
  cniVersion: "0.2.0",
  ip4: { ip: "10.1.0.5/16", gateway: "10.1.0.1", routes: [{ dst: "0.0.0.0/0" }] },
  ip6: { ip: "fd00::5/64" },
});
const plugin = JSON.stringify({
  cniVersion: "1.0.0",
  name: "n",
  type: "bridge",
  capabilities: { portMappings: true },
  ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/16" }]] },
  args: { a: 1 },
});
const list = JSON.stringify({
  cniVersion: "1.1.0",
  cniVersions: ["0.4.0", "1.1.0"],
  name: "n",
  disableCheck: true,
  disableGC: "true",
  loadOnlyInlinedPlugins: false,
  plugins: [JSON.parse(plugin), { type: "portmap" }],
});

/** JSON is the plugin's affair: only objects are read on. */
function object(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString("utf8"));
  } catch {
    return undefined;
  }
}

fuzz([
  {
    name: "cni-result",
    run(input, random) {
      const value = object(input);
      if (value === undefined) return "no JSON";
      const found = readResult(value, ["", "0.2.0", "0.4.0", "1.0.0", "1.1.0"][random(5)]!);
      // What was taken can be written, and says the same when it is read again.
      const written = JSON.parse(JSON.stringify(writeResult(found))) as unknown;
      const again = readResult(written, found.version);
      if (
        JSON.stringify(again.ips) !== JSON.stringify(found.ips) &&
        !found.version.startsWith("0.2") &&
        !found.version.startsWith("0.1")
      )
        throw new Error("the addresses are others when written");
      return `${found.version} ${found.ips.length} ${found.interfaces.length} ${found.routes.length}`;
    },
    seeds: [result("1.1.0"), result("1.0.0"), result("0.4.0"), old, "{}", "[]", "null"],
    dictionary: [
      '"ips"',
      '"interfaces"',
      "null",
      "{}",
      "[]",
      '"0.3.1"',
      "-1",
      "1e400",
      '"10.1.0.5/33"',
      '"::/129"',
      '"__proto__":{}',
      "\\u0000",
    ],
    count: 20_000,
  },
  {
    name: "cni-configuration",
    run(input, random) {
      const text = input.toString("utf8");
      const read = [parseNetworkList, parseSingle, parsePluginText][random(3)]!;
      return Object.keys(read(text, "f.conflist")).length;
    },
    seeds: [list, plugin, "{}"],
    dictionary: ['"plugins"', '"type"', '"name"', "null", "[]", '"../x"', '"cniVersion"', '"__proto__":{}'],
    count: 10_000,
  },
]);
