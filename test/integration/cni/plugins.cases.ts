// Run by plugins.test.ts, on a host of its own.
import { randomInt } from "node:crypto";
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { describeError } from "../../../agent/base/errors.ts";
import { createLogger } from "../../../agent/base/log.ts";
import type { CniNetwork, CniNetworkOptions } from "../../../cni/plugins/cni-network.ts";
import { buildTools, goObstacle, TOOLS_DIR } from "../../conformance/tools/build.ts";
import { settledDifference, takePicture } from "../../fixtures/picture.ts";
import { DEBIAN_PLUGINS, nameOf, OwnCni } from "./own-cni.ts";
import { addNetns, attachment, deleteNetns, Peer, sh } from "./own-host.ts";

const WITHOUT = ["processes", "network namespaces", "cgroups", "sockets", "mounts"] as const;
const RESULT = {
  cniVersion: "1.0.0",
  interfaces: [{ name: "eth0", mac: "0a:00:00:00:00:01", sandbox: "/run/netns/p0" }],
  ips: [{ address: "10.1.2.3/24", gateway: "10.1.2.1", interface: 0 }],
};

/** In the arguments of what plugins leave behind here: other tests run beside this one. */
const MARK = randomInt(1e9, 1e10);

async function withCni(
  body: (cni: OwnCni, open: (options?: Partial<CniNetworkOptions>) => Promise<CniNetwork>) => Promise<void>,
): Promise<void> {
  using cni = new OwnCni();
  const opened: CniNetwork[] = [];
  const namespaces = new Set(readdirSync("/run/netns"));
  try {
    await body(cni, async (options) => {
      const network = await cni.open(options);
      opened.push(network);
      return network;
    });
  } finally {
    for (const network of opened) await network.close();
    for (const name of readdirSync("/run/netns")) if (!namespaces.has(name)) await deleteNetns(name);
  }
}

/** Bounded by the test's own limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

/** The kernel first makes sure that nobody else has an address of IPv6. */
async function untilAddressesUsable(command: string): Promise<void> {
  while ((await sh(command)).includes("tentative")) await sleep(50);
}

/** A plugin that works, then the one in question. */
function configureBehind(cni: OwnCni, script: string): void {
  cni.recorder("good", "bad");
  cni.configure("10-x.conflist", {
    cniVersion: "1.0.0",
    name: "net",
    plugins: [
      { type: "good", testResult: RESULT },
      { type: "bad", testScript: script },
    ],
  });
}

t.setTimeout(280_000);

if (!existsSync(DEBIAN_PLUGINS)) throw new Error(`${DEBIAN_PLUGINS} is missing: scripts/setup.sh test installs it`);

await t.test("bridge, host-local, portmap, firewall, bandwidth, tuning; both families", async (t) => {
  await sh("echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6");
  await withCni(async (cni, open) => {
    const ipam = {
      type: "host-local",
      dataDir: join(cni.directory, "ipam"),
      ranges: [[{ subnet: "10.77.0.0/24" }], [{ subnet: "fd00:77::/64" }]],
      routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
    };
    cni.configure("10-net.conflist", {
      cniVersion: "1.0.0",
      name: "net",
      plugins: [
        { type: "bridge", bridge: "cnitest0", isGateway: true, ipMasq: true, hairpinMode: true, ipam },
        { type: "portmap", capabilities: { portMappings: true } },
        { type: "firewall" },
        { type: "bandwidth", capabilities: { bandwidth: true } },
        { type: "tuning", sysctl: { "net.core.somaxconn": "500" } },
      ],
    });
    const network = await open();
    await addNetns("p0");
    await addNetns("p1");
    // Chains and a bridge that the plugins make once and leave.
    await network.attach(attachment("p1", "tcp 8080:80"));
    await untilAddressesUsable("ip -6 addr");
    await network.detach("sandbox-p1");
    const before = await takePicture({ without: WITHOUT });
    const request = {
      ...attachment("p0", "tcp 8080:80", "tcp 127.0.0.1:8081:80", "udp 5353:53"),
      annotations: { "kubernetes.io/ingress-bandwidth": "100M" },
    };
    const result = await network.attach(request);
    t.same(result.ips, ["10.77.0.3", "fd00:77::3"]);
    t.same(result.detail.plugins, ["bridge", "portmap", "firewall", "bandwidth", "tuning"]);
    const { times: _times, ...detail } = result.detail;
    t.same(await network.attach(request), { ...result, detail }, "again: the same");
    t.same((await network.attach(attachment("p1"))).ips, ["10.77.0.4", "fd00:77::4"]);
    t.match(await sh("ip netns exec p0 cat /proc/sys/net/core/somaxconn"), /^500$/m);
    t.match(await sh("tc qdisc show"), /tbf .* rate 100Mbit/);

    await using host = await Peer.start();
    await using p0 = await Peer.start("p0");
    await using p1 = await Peer.start("p1");
    await p0.listen("tcp", 80, "::");
    await p0.listen("udp", 53);
    t.match(await p1.ask("tcp", "10.77.0.3", 80), "10.77.0.4", "pod to pod");
    await untilAddressesUsable("ip -n p0 -6 addr; ip -n p1 -6 addr; ip -6 addr");
    t.equal(await p1.ask("tcp", "fd00:77::3", 80), "fd00:77::4", "pod to pod, IPv6");
    t.match(await host.ask("tcp", "127.0.0.1", 8080), "10.77.0.1", "host port");
    t.match(await p1.ask("tcp", "10.77.0.1", 8080), "10.77.0", "a host port, from a pod");
    t.match(await host.ask("tcp", "127.0.0.1", 8081), "10.77.0.1", "a host port of one address");
    t.equal(await host.ask("tcp", "10.77.0.1", 8081), "ECONNREFUSED", "and of no other");
    t.match(await host.ask("udp", "127.0.0.1", 5353), "10.77.0.1", "udp");

    t.same(cni.cached(), ["net-sandbox-p0-eth0", "net-sandbox-p1-eth0"]);
    const path = join(cni.cacheDir, "results", "net-sandbox-p0-eth0");
    t.equal(statSync(path).mode & 0o777, 0o600);
    const { config, ...cached } = cni.readCached("net-sandbox-p0-eth0");
    t.match(cached, {
      kind: "cniCacheV1",
      containerId: "sandbox-p0",
      ifName: "eth0",
      networkName: "net",
      netns: "/run/netns/p0",
      cniArgs: [["IgnoreUnknown", "1"]],
      capabilityArgs: { bandwidth: { ingressRate: 100_000_000, ingressBurst: 4_294_967_295 } },
      result: { cniVersion: "1.0.0", ips: [{ address: "10.77.0.3/24" }, { address: "fd00:77::3/64" }] },
    });
    t.equal(
      Buffer.from(String(config), "base64").toString(),
      readFileSync(join(cni.confDir, "10-net.conflist"), "utf8"),
    );

    await network.detach("sandbox-p0");
    await network.detach("sandbox-p1");
    await network.detach("sandbox-p1");
    t.same(cni.cached(), []);
    t.same(
      readdirSync(join(cni.directory, "ipam", "net")).filter((name) => /^(10\.|fd00)/.test(name)),
      [],
      "no address is left",
    );
    t.equal(await host.ask("tcp", "127.0.0.1", 8080), "ECONNREFUSED");
    t.same(await settledDifference(before, { without: WITHOUT }), [], "nothing of the pods is left");
    await sh("ip link delete cnitest0; nft flush ruleset");
  });
});

await t.test("CHECK, by real plugins", async (t) => {
  await withCni(async (cni, open) => {
    const ipam = { type: "host-local", dataDir: join(cni.directory, "ipam"), subnet: "10.77.0.0/24" };
    const plugins = [
      { type: "bridge", bridge: "cnitest0", ipam },
      { type: "tuning", sysctl: { "net.core.somaxconn": "500" } },
    ];
    cni.configure("10-net.conflist", { cniVersion: "1.0.0", name: "net", plugins });
    const network = await open();
    await addNetns("p0");
    await network.attach(attachment("p0"));
    await network.check("sandbox-p0");
    await sh("ip netns exec p0 sh -c 'echo 600 > /proc/sys/net/core/somaxconn'");
    await t.rejects(network.check("sandbox-p0"), {
      message: /^CNI plugin tuning failed at CHECK for the network net: /,
    });
    await sh("ip -n p0 link delete eth0");
    await t.rejects(network.check("sandbox-p0"), {
      message: /^CNI plugin bridge failed at CHECK for the network net: /,
    });
    await network.detach("sandbox-p0");
    await t.rejects(network.check("sandbox-p0"), { code: "not-found" });
    await sh("ip link delete cnitest0");
  });
});

await t.test(
  "current plugins, which speak 1.1: STATUS and GC",
  { skip: goObstacle() ?? false, timeout: 280_000 },
  async (t) => {
    buildTools("cni");
    await withCni(async (cni, open) => {
      const ipam = (subnet: string): unknown => ({ type: "host-local", dataDir: join(cni.directory, "ipam"), subnet });
      const network = (subnet: string): unknown => ({
        cniVersion: "1.1.0",
        name: "net",
        plugins: [
          {
            type: "bridge",
            bridge: "cnitest0",
            isGateway: true,
            ipMasq: true,
            ipMasqBackend: "nftables",
            ipam: ipam(subnet),
          },
          { type: "portmap", backend: "nftables", capabilities: { portMappings: true } },
          { type: "tuning", sysctl: { "net.core.somaxconn": "500" } },
        ],
      });
      const pluginDirs = [join(TOOLS_DIR, "cni")];
      cni.configure("10-net.conflist", network("10.78.0.0/24"));
      const first = await open({ pluginDirs });
      await until(() => first.readiness().ready);
      t.equal(first.describe().cniVersion, "1.1.0");
      for (const name of ["p0", "p1"]) await addNetns(name);
      t.same((await first.attach(attachment("p0", "tcp 8080:80"))).ips, ["10.78.0.2"]);
      await using host = await Peer.start();
      await using p0 = await Peer.start("p0");
      await p0.listen("tcp", 80);
      t.match(await host.ask("tcp", "10.78.0.1", 8080), /^10\.78\.0\.1$/);
      await first.check("sandbox-p0");
      await first.attach(attachment("p1", "tcp 8081:80"));
      await first.close();
      const lines: string[] = [];
      const logger = await createLogger({ level: "warn", write: (line) => lines.push(line) });
      const second = await open({ pluginDirs, logger });
      await second.restore(new Set(["sandbox-p0"]));
      t.same(cni.cached(), ["net-sandbox-p0-eth0"]);
      const addresses = readdirSync(join(cni.directory, "ipam", "net")).filter((name) => name.startsWith("10."));
      t.same(addresses, ["10.78.0.2"], "these plugins collect no garbage themselves: DEL was called for the other pod");
      t.match(await host.ask("tcp", "10.78.0.1", 8080), /^10\.78\.0\.1$/);
      await second.detach("sandbox-p0");
      t.notMatch(await sh("nft list ruleset"), /10\.78\.0\.[2-9]/);
      t.same(lines, [], "nobody objects");
      await sh("ip link delete cnitest0; nft flush ruleset");
    });
  },
);

await t.test("what a plugin can do wrong", async (t) => {
  const cases: [name: string, script: string, message: RegExp][] = [
    [
      "an error",
      `echo '{"code":7,"msg":"no good","details":"field x"}'; exit 1`,
      /no good; field x \(code 7: it does not accept the configuration\)/,
    ],
    ["an error of its own", `echo '{"code":123,"msg":"out of luck"}'; exit 1`, /out of luck \(code 123\)/],
    [
      "try again later",
      `echo '{"code":11,"msg":"busy"}'; exit 1`,
      /busy \(code 11: it wants to be called again later\)/,
    ],
    ["words on stderr", "echo 'panic: oh no' >&2; exit 2", /it printed: panic: oh no \(exit code 2\)/],
    ["nothing at all", "exit 3", /it gave no reason \(exit code 3\)/],
    ["rubbish and an error", "echo '<html>'; exit 1", /it printed: <html> \(exit code 1\)/],
    ["rubbish", "echo hello; exit 0", /it ended well, but what it printed is not a JSON object: hello/],
    ["control characters", `printf '\\033[2Jhello'; exit 0`, /not a JSON object: {2}?\[2Jhello$/],
    ["no output", "exit 0", /it ended well without a result/],
    ["half a result", `printf '{"cniVersion":"1.0.0","ips":[{"addr'; exit 0`, /not a JSON object: \{"cniVersion/],
    ["a list", "echo '[]'; exit 0", /not a JSON object: \[\]/],
    [
      "no address",
      `echo '{"ips":[{"address":"10.1.2.300/24"}]}'; exit 0`,
      /its result cannot be used: result\.ips\[0\]\.address: "10\.1\.2\.300\/24" is not an address/,
    ],
    [
      "an interface that is not there",
      `echo '{"ips":[{"address":"10.1.2.3/24","interface":7}]}'; exit 0`,
      /result\.ips\[0\]\.interface: there is no interface 7/,
    ],
    [
      "a name server with a line of its own",
      `printf '%s' '{"ips":[{"address":"10.1.2.3/24"}],"dns":{"search":["x\\nnameserver 6.6.6.6"]}}'; exit 0`,
      /result\.dns\.search\[0\]: has control characters/,
    ],
    ["a newer version", `echo '{"cniVersion":"9.0.0"}'; exit 0`, /9\.0\.0 is newer than 1\.1\.0/],
    [
      "megabytes",
      `trap '' PIPE; yes 0123456789.${MARK}`,
      /it printed more than 1024 KiB and was killed; it began: 0123456789/,
    ],
    ["a signal", "kill -SEGV $$", /it was ended by SIGSEGV/],
    ["a hang, with a child", `sleep 1000.${MARK} & sleep 1000.${MARK}`, /it did not end within 2 s and was killed/],
  ];
  for (const [name, script, message] of cases) {
    await t.test(name, async (t) => {
      await withCni(async (cni, open) => {
        configureBehind(cni, `[ "$CNI_COMMAND" != ADD ] || { ${script}; }`);
        const network = await open({ limits: { operationMs: 2_000 } });
        await addNetns("p0");
        const error: unknown = await network.attach(attachment("p0")).catch((reason: unknown) => reason);
        t.match(error, { message, where: join(cni.confDir, "10-x.conflist") });
        t.match(error, { message: /^CNI plugin bad failed at ADD for the network net: / });
        t.same(cni.commands(), ["ADD good", "ADD bad", "DEL bad", "DEL good"]);
        t.same(cni.cached(), [], "the half-made attachment is undone");
        t.notMatch(await sh("ps -eo args"), new RegExp(`\\.${MARK}`), "nothing of it runs on");
      });
    });
  }
});

await t.test("a result with a process left behind that holds the output", async (t) => {
  await withCni(async (cni, open) => {
    configureBehind(cni, `[ "$CNI_COMMAND" != ADD ] || { sleep 1000.${MARK} & }`);
    const network = await open();
    await addNetns("p0");
    t.same((await network.attach(attachment("p0"))).ips, ["10.1.2.3"]);
    t.notMatch(await sh("ps -eo args"), `sleep 1000.${MARK}`);
  });
});

await t.test("a program that cannot be run", async (t) => {
  await withCni(async (cni, open) => {
    configureBehind(cni, "");
    const network = await open();
    await addNetns("p0");
    chmodSync(join(cni.binDir, "bad"), 0o644);
    await t.rejects(network.attach(attachment("p0")), { message: /bad cannot be run/, fix: /chmod \+x/ });
    t.same(cni.cached().length, 1, "what could not be undone is not forgotten");
    rmSync(join(cni.binDir, "bad"));
    await t.rejects(network.attach(attachment("p0")), {
      message: /^CNI plugin bad failed at ADD for the network net: there is no such program in /,
      fix: "Install it, or name its directory with --cni-bin-dir",
    });
    t.same(cni.cached().length, 1, "it may hold something, should it come back");
    cni.forgetCalls();
    cni.recorder("bad");
    await network.detach("sandbox-p0");
    t.same(cni.commands(), ["DEL bad", "DEL good"]);
    t.same(cni.cached(), []);
  });
});

await t.test("a program that is being written", async (t) => {
  await withCni(async (cni, open) => {
    configureBehind(cni, "");
    const network = await open();
    await addNetns("p0");
    // A copy of a binary, as a script's text is no busy file.
    const path = join(cni.binDir, "bad");
    await sh(`cp /bin/true ${path}`);
    const writer = await import("node:fs/promises").then(({ open: openFile }) => openFile(path, "r+"));
    const attached = network.attach(attachment("p0"));
    await sleep(700);
    rmSync(path);
    cni.recorder("bad");
    await writer.close();
    t.same((await attached).ips, ["10.1.2.3"]);
  });
});

await t.test("detaching goes by the configuration of the attachment", async (t) => {
  await withCni(async (cni, open) => {
    cni.recorder("one", "two", "three");
    const conflist = (...types: string[]): unknown => ({
      cniVersion: "0.4.0",
      name: "net",
      plugins: types.map((type) => ({
        type,
        testResult: { ...RESULT, cniVersion: "0.4.0", ips: [{ version: "4", ...RESULT.ips[0] }] },
      })),
    });
    cni.configure("10-x.conflist", conflist("one", "two"));
    const first = await open();
    await addNetns("p0");
    await first.attach(attachment("p0"));
    cni.configure("10-x.conflist", conflist("three"));
    await first.close();
    const second = await open();
    await second.restore(new Set(["sandbox-p0"]));
    cni.forgetCalls();
    await second.detach("sandbox-p0");
    t.same(cni.callsOf("DEL").map(nameOf), ["two", "one"]);
    t.match(cni.callsOf("DEL")[0]?.stdin, { prevResult: { ips: [{ version: "4", address: "10.1.2.3/24" }] } });
    t.equal(cni.callsOf("DEL")[0]?.env["CNI_NETNS"], "/run/netns/p0");
    await second.attach(attachment("p0"));
    await deleteNetns("p0");
    cni.forgetCalls();
    await second.detach("sandbox-p0");
    t.same(cni.callsOf("DEL").map(nameOf), ["three"]);
    t.equal(cni.callsOf("DEL")[0]?.env["CNI_NETNS"], "", "no path to a namespace that is gone");
  });
});

await t.test("after a reboot, and after a crash", async (t) => {
  await withCni(async (cni, open) => {
    cni.recorder("one");
    cni.configure("10-x.conflist", {
      cniVersion: "1.1.0",
      name: "net",
      plugins: [{ type: "one", testResult: RESULT }],
    });
    const first = await open();
    for (const name of ["p0", "p1", "p2"]) {
      await addNetns(name);
      await first.attach(attachment(name));
    }
    // Another runtime's.
    const foreign = { ...cni.readCached("net-sandbox-p2-eth0"), containerId: "other", nodelet: undefined };
    writeFileSync(join(cni.cacheDir, "results", "net-other-eth0"), JSON.stringify(foreign));
    await first.close();
    cni.forgetCalls();
    const second = await open();
    await second.restore(new Set(["sandbox-p0", "sandbox-p1"]));
    await until(() => cni.callsOf("GC").length > 0);
    const gone = cni.callsOf("DEL");
    t.same(
      gone.map(({ env }) => env["CNI_CONTAINERID"]),
      ["sandbox-p2"],
      "what no sandbox has is released",
    );
    const valid = ["sandbox-p0", "sandbox-p1", "other"].map((containerID) => ({ containerID, ifname: "eth0" }));
    const gc = cni.callsOf("GC")[0];
    t.same(gc?.stdin, {
      cniVersion: "1.1.0",
      name: "net",
      type: "one",
      testResult: RESULT,
      "cni.dev/valid-attachments": valid,
      "cni.dev/attachments": valid,
    });
    await until(() => cni.callsOf("CHECK").length === 2);
    await second.close();
    cni.forgetCalls();
    const third = await open({ bootId: "boot-2" });
    await third.restore(new Set(["sandbox-p0"]));
    const dels = cni.callsOf("DEL");
    t.same(new Set(dels.map(({ env }) => env["CNI_CONTAINERID"])), new Set(["sandbox-p0", "sandbox-p1"]));
    t.same(cni.cached(), ["net-other-eth0"], "another runtime's is left alone");
  });
});

await t.test("a caller that does not wait", async (t) => {
  await withCni(async (cni, open) => {
    const gate = join(cni.directory, "gate");
    configureBehind(cni, `[ "$CNI_COMMAND" != ADD ] || while [ ! -e ${gate} ]; do sleep 0.05; done`);
    const network = await open();
    await addNetns("p0");
    const controller = new AbortController();
    const first = network.attach(attachment("p0"), { signal: controller.signal });
    await until(() => cni.commands().length === 2);
    controller.abort(new Error("deadline"));
    await t.rejects(first, { message: "deadline" });
    const again = network.attach(attachment("p0"));
    writeFileSync(gate, "");
    t.same((await again).ips, ["10.1.2.3"]);
    t.same(cni.commands(), ["ADD good", "ADD bad"], "a retry joins what is under way");
    await network.detach("sandbox-p0");

    rmSync(gate);
    cni.forgetCalls();
    const second = new AbortController();
    const abandoned = network.attach(attachment("p0"), { signal: second.signal });
    await until(() => cni.commands().length === 2);
    second.abort(new Error("deadline"));
    await t.rejects(abandoned, { message: "deadline" });
    writeFileSync(gate, "");
    await until(() => cni.commands().length === 4 && cni.cached().length === 0);
    t.same(cni.commands(), ["ADD good", "ADD bad", "DEL bad", "DEL good"], "it is undone by itself");
  });
});

await t.test("one operation at a time for a container, none beside GC", async (t) => {
  await withCni(async (cni, open) => {
    const log = join(cni.directory, "log");
    const script = `echo "+$CNI_COMMAND$CNI_CONTAINERID" >> ${log}; sleep 0.2; echo "-$CNI_COMMAND$CNI_CONTAINERID" >> ${log}`;
    cni.recorder("slow");
    cni.configure("10-x.conflist", {
      cniVersion: "1.1.0",
      name: "net",
      plugins: [{ type: "slow", testResult: RESULT, testScript: `case $CNI_COMMAND in ADD|DEL|GC) ${script} ;; esac` }],
    });
    const network = await open();
    await network.restore(new Set());
    await addNetns("p0");
    await addNetns("p1");
    const work = ["p0", "p1"].flatMap((name) => [
      network.attach(attachment(name)),
      network.detach(`sandbox-${name}`),
      network.attach(attachment(name)).catch(() => undefined),
      network.detach(`sandbox-${name}`),
    ]);
    await Promise.all(work);
    const running = new Set<string>();
    let together = 0;
    for (const line of readFileSync(log, "utf8").trim().split("\n")) {
      const what = line.slice(1);
      const container = what.replace(/^[A-Z]+/, "");
      if (line.startsWith("-")) {
        running.delete(container);
        continue;
      }
      t.notOk(running.has(container), `${what} alone`);
      if (what === "GC") t.equal(running.size, 0, "GC alone");
      else t.notOk(running.has(""), `${what} without GC`);
      running.add(container);
      together = Math.max(together, running.size);
    }
    t.equal(together, 2, "those of several containers run side by side");
    t.match(readFileSync(log, "utf8"), "+GC");
  });
});

await t.test("readiness", async (t) => {
  await withCni(async (cni, open) => {
    const network = await open({ intervalMs: 200, limits: { questionMs: 500 } });
    t.match(network.readiness(), {
      ready: false,
      reason: "NetworkPluginNotReady",
      message: /There is no CNI configuration/,
    });
    await t.rejects(network.attach(attachment("p0")), {
      code: "unavailable",
      message: "There is no CNI configuration",
    });
    const status = join(cni.directory, "status");
    cni.recorder("one");
    writeFileSync(status, "");
    const plugin = { type: "one", testResult: RESULT, testScript: `[ $CNI_COMMAND != STATUS ] || . ${status}` };
    cni.configure("10-x.conflist", { cniVersion: "1.1.0", name: "net", plugins: [plugin] });
    await until(() => network.readiness().ready);
    t.match(network.describe(), { name: "net", cniVersion: "1.1.0", plugins: ["one"] });
    writeFileSync(status, `echo '{"code":50,"msg":"no leases"}'; exit 1`);
    await until(() => !network.readiness().ready);
    t.match(network.readiness().message, /no leases \(code 50: it cannot connect pods now\)/);
    writeFileSync(status, "sleep 1000");
    await until(() => network.readiness().message.includes("did not end within 0.5 s"));
    writeFileSync(status, "");
    await until(() => network.readiness().ready);
    cni.configure("10-x.conflist", "{");
    await until(() => !network.readiness().ready);
    t.match(network.readiness().message, /10-x\.conflist: Cannot use the CNI configuration: it is not JSON/);
    cni.configure("05-first.conf", { cniVersion: "1.0.0", name: "single", type: "one", testResult: RESULT });
    await until(() => network.readiness().ready);
    t.equal(network.name, "single", "the first file in lexical order");
    rmSync(cni.confDir, { recursive: true });
    await until(() => !network.readiness().ready);
    await sh(`mkdir ${cni.confDir}`);
    cni.configure("10-x.conflist", { cniVersion: "1.0.0", name: "again", plugins: [{ ...plugin, type: "absent" }] });
    await until(() => describeError(new Error(network.readiness().message)).includes("absent"));
    t.match(
      network.readiness().message,
      /CNI plugin absent failed at VERSION for the network again: there is no such program/,
    );
    cni.recorder("absent");
    await until(() => network.readiness().ready);
    t.equal(network.name, "again");
  });
});

await t.test("versions that only some plugins speak", async (t) => {
  await withCni(async (cni, open) => {
    cni.recorder("new");
    const older = `[ $CNI_COMMAND != VERSION ] || { echo '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0"]}'; exit 0; }`;
    // Not in its configuration, as VERSION gets none.
    cni.recorder("old");
    writeFileSync(
      join(cni.binDir, "old"),
      readFileSync(join(cni.binDir, "old"), "utf8").replace("\ncase", `\n${older}\ncase`),
    );
    const plugins = [{ type: "new", testResult: RESULT }, { type: "old" }];
    cni.configure("10-x.conflist", { cniVersion: "0.4.0", cniVersions: ["1.0.0", "1.1.0"], name: "net", plugins });
    const network = await open();
    await until(() => network.readiness().ready);
    t.equal(network.describe().cniVersion, "1.0.0", "the newest that all speak");
    await addNetns("p0");
    await network.attach(attachment("p0"));
    await network.detach("sandbox-p0");
    const versions = cni.calls().filter(({ env }) => env["CNI_COMMAND"] !== "VERSION");
    t.same(
      versions.map(({ stdin }) => (stdin as { cniVersion: string }).cniVersion),
      ["1.0.0", "1.0.0", "1.0.0", "1.0.0"],
    );
    cni.configure("10-x.conflist", { cniVersion: "1.1.0", name: "net", plugins });
    await until(() => network.readiness().message.includes("speak"));
    t.match(
      network.readiness().message,
      /do not speak the CNI version of its configuration, 1\.1\.0: new speaks .*; old speaks 0\.4\.0, 1\.0\.0/,
    );
  });
});

await t.test("resolver settings, and links of the host among the results", async (t: Test) => {
  await withCni(async (cni, open) => {
    cni.recorder("one");
    const testResult = {
      interfaces: [
        { name: "br0" },
        { name: "eth0", mac: "0a:00:00:00:00:01", sandbox: "/run/netns/p0" },
        { name: "net1", sandbox: "/run/netns/p0" },
      ],
      ips: [
        { address: "192.0.2.1/24", interface: 0 },
        { address: "fd00::2/64", interface: 1 },
        { address: "10.1.2.3/24", interface: 1 },
        { address: "10.9.9.9/24", interface: 2 },
      ],
      dns: { nameservers: ["10.1.2.1"], domain: "example.org", options: ["ndots:2"] },
    };
    cni.configure("10-x.conflist", { cniVersion: "1.0.0", name: "net", plugins: [{ type: "one", testResult }] });
    const network = await open();
    await addNetns("p0");
    const { ips, dns } = await network.attach(attachment("p0"));
    t.same(ips, ["10.1.2.3", "fd00::2"]);
    t.same(dns, { servers: ["10.1.2.1"], searches: ["example.org"], options: ["ndots:2"] });
  });
});
