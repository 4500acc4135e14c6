// Run by agent.test.ts, on a host of its own: pods of a whole agent on a network of Debian's plugins and on the built-in one, over the end of
// the agent and of the machine.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { containerStatus, FieldNode, sh as script, type Pod } from "../../fixtures/fields.ts";
import { DEBIAN_PLUGINS, OwnCni } from "./own-cni.ts";
import { sh } from "./own-host.ts";

/** What the kernel tells of itself, and differs after a reboot. */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const SERVER =
  "mkdir -p /www && echo hello >/www/index.html && httpd -f -p '[::]:80' -h /www & trap 'exit 0' TERM; wait $!";
const PORTS = [{ containerPort: 80, hostPort: 18_080 }];

t.setTimeout(230_000);
await sh("for each in all default lo; do echo 0 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; done");
await sh("ip addr add 198.51.100.1/32 dev lo && ip -6 addr add 2001:db8:5::1/128 dev lo nodad");

async function get(host: string, port: number): Promise<string> {
  const response = await fetch(`http://${host.includes(":") ? `[${host}]` : host}:${port}/`, {
    signal: AbortSignal.timeout(30_000),
  });
  return await response.text();
}

function addresses(pod: Pod): (string | undefined)[] {
  return (pod.status.podIPs ?? []).map(({ ip }) => ip);
}

async function answers(t: Test, pod: Pod, hosts: readonly string[]): Promise<void> {
  // The kernel first makes sure that nobody else has an address of IPv6 that a plugin gave.
  while ((await sh("for n in $(ls /run/netns); do ip -n $n -6 addr; done; ip -6 addr")).includes("tentative"));
  for (const address of addresses(pod)) t.equal(await get(address ?? "", 80), "hello\n", `pod ${address}`);
  for (const host of hosts) t.equal(await get(host, 18_080), "hello\n", `host port of ${host}`);
}

/** What a reboot ends: processes, namespaces, mounts, links, rules, and what lies on a tmpfs. */
async function endMachine(node: FieldNode): Promise<void> {
  const here = readlinkSync("/proc/self/ns/net");
  const { agent } = node;
  await agent.signal("SIGKILL");
  const pods = new Set(await sh("stat -Lc %i /run/netns/*").then((text) => text.trim().split("\n")));
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const netns = readlinkSync(`/proc/${pid}/ns/net`);
      const shim = netns === here && readFileSync(`/proc/${pid}/comm`, "utf8") === "nodelet-shim\n";
      if (shim || pods.has(netns.replace(/\D/g, ""))) process.kill(Number(pid), "SIGKILL");
    } catch {
      // it has ended
    }
  }
  await sh(`awk '$5 ~ "^${agent.runDir}/" || $5 ~ "^${agent.directory}/root(/|$)" || $5 ~ "^/run/netns/" { print $5 }' \
    /proc/self/mountinfo | tac | while read -r point; do umount -l "$point"; done
    rm -rf ${agent.runDir} /run/netns/*; nft flush ruleset; ip link delete cniagent0`);
  const bootId = join(agent.directory, "boot_id");
  writeFileSync(bootId, "11111111-2222-3333-4444-555555555555\n");
  await sh(`mount --bind ${bootId} ${BOOT_ID}`);
}

await t.test("plugins of Debian: bridge, host-local with both families, portmap", async (t) => {
  using cni = new OwnCni();
  const ipamDir = join(cni.directory, "ipam");
  const leases = (): string[] => readdirSync(join(ipamDir, "net")).filter((name) => !/^l(ast|ock)/.test(name));
  const working = {
    cniVersion: "1.0.0",
    name: "net",
    plugins: [
      {
        type: "bridge",
        bridge: "cniagent0",
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: ipamDir,
          ranges: [[{ subnet: "10.78.0.0/24" }], [{ subnet: "fd00:78::/64" }]],
          routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  // A plugin that fails comes first in line; pods wait, and go on when the configuration is right.
  const broken = { ...working, plugins: [{ type: "rubbish" }] };
  cni.plugin(
    "rubbish",
    '#!/bin/sh\n[ "$CNI_COMMAND" = VERSION ] && exec echo \'{"supportedVersions":["1.0.0"]}\'\necho nonsense\n',
  );
  cni.configure("10-net.conflist", broken);
  await using node = await FieldNode.create(35, [
    "--network=cni",
    `--cni-conf-dir=${cni.confDir}`,
    `--cni-bin-dir=${DEBIAN_PLUGINS},${cni.binDir}`,
    `--cni-cache-dir=${cni.cacheDir}`,
  ]);
  const web = await node.run(script(SERVER, { ports: PORTS }));
  await node.until(web, "the plugin's failure", (_pod, events) =>
    events.some(
      ({ reason, message }) =>
        reason === "FailedCreatePodSandBox" &&
        message.includes("CNI plugin rubbish failed at ADD") &&
        message.includes("nonsense"),
    ),
  );
  const why = await node.agent.command("why", web);
  t.match(why.out, /CNI plugin rubbish failed at ADD/, "nodelet why tells it");
  cni.configure("10-net.conflist", working);
  const first = await node.ready(web);
  t.match(addresses(first), [/^10\.78\.0\.\d+$/, /^fd00:78::/], "an address of each family");
  await answers(t, first, ["127.0.0.1", "198.51.100.1", "2001:db8:5::1"]);
  const { out } = await node.agent.command("explain", web);
  t.match(
    out,
    /network net, by CNI plugins\n {2}bridge {2}[\d.]+ ms\n {2}portmap {2}[\d.]+ ms\n {2}result \{"cniVersion"/,
  );

  await node.agent.signal("SIGKILL");
  await node.agent.start();
  const again = await node.ready(web);
  t.same(addresses(again), addresses(first), "the agent's end changes nothing");
  t.equal(containerStatus(again)?.containerID, containerStatus(first)?.containerID);
  await answers(t, again, ["127.0.0.1", "2001:db8:5::1"]);

  t.equal(cni.cached().length, 1);
  t.equal(leases().length, 2);
  await endMachine(node);
  t.equal(cni.cached().length, 1, "the cache outlives the machine's end");
  await node.agent.start();
  const reborn = await node.until(web, "another life", (pod) => {
    const status = containerStatus(pod);
    return status?.state?.running !== undefined && status.containerID !== containerStatus(first)?.containerID;
  });
  t.not(containerStatus(reborn)?.containerID, containerStatus(first)?.containerID);
  await answers(t, reborn, ["127.0.0.1", "2001:db8:5::1"]);
  t.equal(cni.cached().length, 1, "of the earlier attachment nothing is left");
  t.same(leases().toSorted(), addresses(reborn).map(String).toSorted(), "nor its addresses");

  await node.remove(web);
  t.same(cni.cached(), []);
  t.same(leases(), []);
  t.same(readdirSync("/run/netns"), []);
  t.notMatch(await sh("nft list ruleset; ip -o link"), /18080|veth/);
  await sh(`umount ${BOOT_ID}`);
});
await sh("ip link delete cniagent0");

await t.test("the built-in network: both families", async (t) => {
  await using node = await FieldNode.create(35, ["--pod-cidr=10.214.235.0/24,fd00:214:235::/64"]);
  const web = await node.run(
    script(SERVER, {
      ports: PORTS,
      env: [{ name: "IPS", valueFrom: { fieldRef: { fieldPath: "status.podIPs" } } }],
    }),
  );
  const pod = await node.ready(web);
  t.match(addresses(pod), [/^10\.214\.235\.\d+$/, /^fd00:214:235::/]);
  t.equal(pod.status.podIP, addresses(pod)[0]);
  await answers(t, pod, ["127.0.0.1", "198.51.100.1", "2001:db8:5::1"]);
  const inside = await node.agent.command("exec", web, "--", "sh", "-c", "echo $IPS; cat /etc/hosts");
  t.match(inside.out, `${addresses(pod).join(",")}\n`, "downward API");
  for (const address of addresses(pod)) t.match(inside.out, `\n${address}\t${web}\n`, "in /etc/hosts");
  const { out } = await node.agent.command("explain", web);
  t.match(out, /network builtin {2}[\d.]+ ms\n {2}link eth0, on the host nd\w+ at the bridge /);
  t.match(out, `address ${addresses(pod)[1]}, default route by fd00:214:235::1`);
  t.match(out, "host port tcp :18080 to 80");
  const other = await node.output(script(`wget -qO- http://[${addresses(pod)[1]}]/`), {});
  t.equal(other, "hello\n", "another pod, over IPv6");

  await node.agent.signal("SIGKILL");
  await node.agent.start();
  t.same(addresses(await node.ready(web)), addresses(pod));
  await answers(t, pod, ["127.0.0.1", "2001:db8:5::1"]);
});
