// Run by cni.ts, on a host of its own.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { DEBIAN_PLUGINS, OwnCni } from "../integration/cni/own-cni.ts";
import { attachment } from "../integration/cni/own-host.ts";
import { bridgeNetwork, type BridgeNetwork } from "./bridge-network.ts";
import { formatSeries, percentile, type Series } from "./report.ts";

const quick = process.argv.includes("--quick");
const COUNT = quick ? 20 : 100;
const WARMUP = 5;
/**
 * Starts the plugins as plainly as can be: by vfork, from a small process. Arguments: their directory, the network as JSON. For each
 * name of a network namespace on standard input a line with the milliseconds of ADD and DEL.
 */
const ALONE = `import json, os, subprocess, sys, time
directory, network = sys.argv[1], json.loads(sys.argv[2])
def run(plugin, command, name, previous):
    config = {**plugin, "cniVersion": network["cniVersion"], "name": network["name"], **({"prevResult": previous} if previous else {})}
    env = {"CNI_COMMAND": command, "CNI_CONTAINERID": name, "CNI_NETNS": f"/run/netns/{name}", "CNI_IFNAME": "eth0", "CNI_PATH": directory, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run([os.path.join(directory, plugin["type"])], input=json.dumps(config).encode(), env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout) if command == "ADD" else None
for line in sys.stdin:
    name, result, took = line.strip(), None, []
    start = time.monotonic()
    for plugin in network["plugins"]:
        result = run(plugin, "ADD", name, result)
    took.append((time.monotonic() - start) * 1000)
    start = time.monotonic()
    for plugin in reversed(network["plugins"]):
        run(plugin, "DEL", name, result)
    took.append((time.monotonic() - start) * 1000)
    print(*took, flush=True)
`;

async function measure(what: string, network: BridgeNetwork): Promise<Series[]> {
  cni.configure("10-net.conflist", network);
  const connected = await cni.open();
  const alone = spawn("python3", ["-c", ALONE, DEBIAN_PLUGINS, JSON.stringify(network)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(alone.stdout)[Symbol.asyncIterator]();
  const times: Record<"add" | "del" | "aloneAdd" | "aloneDel", number[]> = {
    add: [],
    del: [],
    aloneAdd: [],
    aloneDel: [],
  };
  for (let index = -WARMUP; index < COUNT; index++) {
    execFileSync("ip", ["netns", "add", "ours"]);
    execFileSync("ip", ["netns", "add", "alone"]);
    const start = performance.now();
    await connected.attach(attachment("ours"));
    const attached = performance.now();
    await connected.detach(attachment("ours").sandboxId);
    const detached = performance.now();
    alone.stdin.write("alone\n");
    const { value } = (await lines.next()) as { value: string };
    const [add = NaN, del = NaN] = value.split(" ").map(Number);
    execFileSync("ip", ["netns", "delete", "ours"]);
    execFileSync("ip", ["netns", "delete", "alone"]);
    if (index < 0) continue;
    times.add.push(attached - start);
    times.del.push(detached - attached);
    times.aloneAdd.push(add);
    times.aloneDel.push(del);
  }
  alone.stdin.end();
  await once(alone, "exit");
  await connected.close();
  return [
    { what: `ADD, ${what}`, who: "nodelet", values: times.add, unit: "ms" },
    { what: `ADD, ${what}`, who: "the plugins alone", values: times.aloneAdd, unit: "ms" },
    { what: `DEL, ${what}`, who: "nodelet", values: times.del, unit: "ms" },
    { what: `DEL, ${what}`, who: "the plugins alone", values: times.aloneDel, unit: "ms" },
  ];
}

using cni = new OwnCni();
const dataDir = join(cni.directory, "ipam");
const series = [
  ...(await measure(
    "bridge, host-local",
    bridgeNetwork({ name: "cniplain0", subnet: "10.80.0.0/16", dataDir, masquerade: false }),
  )),
  ...(await measure(
    "with ipMasq, portmap",
    bridgeNetwork({ name: "cnimasq0", subnet: "10.81.0.0/16", dataDir, masquerade: true }),
  )),
];
console.log(formatSeries(series));
for (let index = 0; index + 1 < series.length; index += 2) {
  const [ours, alone] = [series[index], series[index + 1]];
  const ratio = percentile(ours?.values ?? [], 0.5) / percentile(alone?.values ?? [], 0.5);
  console.log(`${ours?.what}: ${ratio.toFixed(2)} of the plugins' own time`);
}
