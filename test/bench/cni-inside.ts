// Run by cni.ts, on a host of its own.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { DEBIAN_PLUGINS, OwnCni } from "../integration/cni/own-cni.ts";
import { attachment } from "../integration/cni/own-host.ts";
import { formatSeries, percentile } from "./report.ts";

const quick = process.argv.includes("--quick");
const COUNT = quick ? 20 : 100;
const WARMUP = 5;
/** Starts the plugin as plainly as can be: by posix_spawn or vfork, from a small process. */
const ALONE = `import os, sys, time, json, subprocess
plugin, config, count = sys.argv[1], open(sys.argv[2]).read(), int(sys.argv[3])
for index in range(count):
    env = {"CNI_CONTAINERID": f"alone{index}", "CNI_NETNS": f"/run/netns/a{index}", "CNI_IFNAME": "eth0", "CNI_PATH": os.path.dirname(plugin), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    took = []
    for command in ("ADD", "DEL"):
        start = time.monotonic()
        subprocess.run([plugin], input=config.encode(), env={**env, "CNI_COMMAND": command}, stdout=subprocess.DEVNULL, check=True)
        took.append((time.monotonic() - start) * 1000)
    print(*took)
`;

using cni = new OwnCni();
const plugin = {
  type: "bridge",
  bridge: "cnibench0",
  isGateway: true,
  ipMasq: true,
  ipam: { type: "host-local", dataDir: join(cni.directory, "ipam"), subnet: "10.80.0.0/16" },
};
cni.configure("10-net.conflist", { cniVersion: "1.0.0", name: "net", plugins: [plugin] });
const total = COUNT + WARMUP;
for (let index = 0; index < total; index++) {
  for (const name of [`p${index}`, `a${index}`]) execFileSync("ip", ["netns", "add", name]);
}
const times: { add: number[]; del: number[]; aloneAdd: number[]; aloneDel: number[] } = {
  add: [],
  del: [],
  aloneAdd: [],
  aloneDel: [],
};
const network = await cni.open();
for (let index = 0; index < total; index++) {
  const start = performance.now();
  await network.attach(attachment(`p${index}`));
  const attached = performance.now();
  await network.detach(`sandbox-p${index}`);
  if (index < WARMUP) continue;
  times.add.push(attached - start);
  times.del.push(performance.now() - attached);
}
await network.close();

cni.configure("alone.json", { cniVersion: "1.0.0", name: "net", ...plugin });
const alone = execFileSync(
  "python3",
  ["-c", ALONE, join(DEBIAN_PLUGINS, "bridge"), join(cni.confDir, "alone.json"), String(total)],
  { encoding: "utf8" },
);
for (const line of alone.trim().split("\n").slice(WARMUP)) {
  const [add = 0, del = 0] = line.split(" ").map(Number);
  times.aloneAdd.push(add);
  times.aloneDel.push(del);
}
process.stdout.write(
  `${formatSeries([
    { what: "ADD by the bridge plugin", who: "nodelet", values: times.add, unit: "ms" },
    { what: "ADD by the bridge plugin", who: "the plugin alone", values: times.aloneAdd, unit: "ms" },
    { what: "DEL by the bridge plugin", who: "nodelet", values: times.del, unit: "ms" },
    { what: "DEL by the bridge plugin", who: "the plugin alone", values: times.aloneDel, unit: "ms" },
  ])}\n\nADD: ${(percentile(times.add, 0.5) / percentile(times.aloneAdd, 0.5)).toFixed(2)} of the plugin's own time\n`,
);
for (let index = 0; index < total; index++) {
  for (const name of [`p${index}`, `a${index}`]) execFileSync("ip", ["netns", "delete", name]);
}
execFileSync("ip", ["link", "delete", "cnibench0"]);
