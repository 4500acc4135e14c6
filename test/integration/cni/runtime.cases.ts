// Run by runtime.test.ts, on a host of its own.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { silentLogger } from "../../../agent/base/log.ts";
import { openChosenNetwork, type ChosenNetworkOptions } from "../../../cni/chosen-network.ts";
import type { PodNetwork } from "../../../cni/network.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime, untilExited } from "../../fixtures/runtime.ts";
import { DEBIAN_PLUGINS, OwnCni } from "./own-cni.ts";
import { addNetns, attachment, deleteNetns, sh, system } from "./own-host.ts";

t.setTimeout(280_000);

await sh("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");

const RESULT = { cniVersion: "1.0.0", ips: [{ address: "10.1.2.3/24" }] };
const CONFLIST = { cniVersion: "1.0.0", name: "net", plugins: [{ type: "one", testResult: RESULT }] };

await t.test("a pod with a process in it", async (t) => {
  using cni = new OwnCni();
  const ipam = { type: "host-local", dataDir: join(cni.directory, "ipam"), subnet: "10.77.0.0/24" };
  const dns = { nameservers: ["10.77.0.1"], search: ["example.org"], options: ["ndots:3"] };
  cni.configure("10-net.conflist", {
    cniVersion: "1.0.0",
    name: "net",
    plugins: [{ type: "bridge", bridge: "cnitest0", isGateway: true, ipam, dns }],
  });
  const before = await takePicture({ ...ownProcesses, without: ["files"] });
  const fixture = await startRuntime("cnirun", { network: () => cni.open({ pluginDirs: [DEBIAN_PLUGINS] }) });
  try {
    const { runtime } = fixture;
    const config = sandboxConfig(fixture.logs);
    const { podSandboxId = "" } = await runtime.runPodSandbox({ config });
    const { status, info } = await runtime.podSandboxStatus({ podSandboxId, verbose: true });
    t.equal(status?.network?.ip, "10.77.0.2");
    t.match(JSON.parse(info?.["network"] ?? "{}"), {
      network: "net",
      plugins: ["bridge"],
      result: { cniVersion: "1.0.0", ips: [{ address: "10.77.0.2/24" }] },
    });
    t.match((await runtime.status({})).status?.conditions, [{}, { type: "NetworkReady", status: true }]);
    const { containerId = "" } = await runtime.createContainer({
      podSandboxId,
      sandboxConfig: config,
      config: containerConfig(["sh", "-c", "cat /etc/resolv.conf; ip -4 -o addr show eth0"], { logPath: "out.log" }),
    });
    await runtime.startContainer({ containerId });
    t.equal((await untilExited(runtime, containerId)).exitCode, 0);
    const said = readFileSync(join(config.logDirectory ?? "", "out.log"), "utf8");
    t.match(said, /search example\.org\n.*nameserver 10\.77\.0\.1\n.*options ndots:3\n/);
    t.match(said, "inet 10.77.0.2/24");
  } finally {
    await fixture.remove();
  }
  await sh("ip link delete cnitest0");
  t.same(cni.cached(), []);
  t.same(await settledDifference(before, { ...ownProcesses, without: ["files"] }), [], "nothing is left");
});

await t.test("a sandbox whose caller does not wait", async (t) => {
  using cni = new OwnCni();
  const gate = join(cni.directory, "gate");
  const testScript = `[ "$CNI_COMMAND" != ADD ] || while [ ! -e ${gate} ]; do sleep 0.05; done`;
  cni.recorder("one");
  cni.configure("10-x.conflist", { ...CONFLIST, plugins: [{ type: "one", testResult: RESULT, testScript }] });
  const fixture = await startRuntime("cniwait", { network: () => cni.open() });
  try {
    const { runtime } = fixture;
    const config = sandboxConfig(fixture.logs);
    const call = (milliseconds: number) =>
      runtime.runPodSandbox({ config }, { signal: AbortSignal.timeout(milliseconds) });
    await t.rejects(call(500), { name: "TimeoutError" });
    await t.rejects(call(500), { name: "TimeoutError" }, "a retry waits for the same");
    const last = runtime.runPodSandbox({ config });
    writeFileSync(gate, "");
    const { podSandboxId = "" } = await last;
    t.same(cni.commands(), ["ADD one"]);
    t.equal((await runtime.runPodSandbox({ config })).podSandboxId, podSandboxId, "and it is there for the next");
    await runtime.removePodSandbox({ podSandboxId });

    rmSync(gate);
    cni.forgetCalls();
    await t.rejects(call(500), { name: "TimeoutError" });
    writeFileSync(gate, "");
    while (cni.cached().length > 0 || cni.callsOf("DEL").length === 0) await sleep(20);
    while ((await sh("ls /run/netns")).includes("nodelet-")) await sleep(20);
    t.same((await runtime.listPodSandbox({})).items, [], "what nobody waits for is removed");
  } finally {
    await fixture.remove();
  }
});

await t.test("which network, and pods of the other", async (t) => {
  using cni = new OwnCni();
  cni.recorder("one");
  const open = async (mode: ChosenNetworkOptions["mode"], standalone = true): Promise<PodNetwork> =>
    await openChosenNetwork({
      mode,
      standalone,
      builtin: { system, directory: join(cni.directory, "builtin"), name: "ndtest0", subnets: ["10.213.64.0/20"] },
      cni: {
        system,
        confDir: cni.confDir,
        pluginDirs: [cni.binDir],
        cacheDir: cni.cacheDir,
        owner: cni.directory,
        bootId: "boot-1",
      },
      log: silentLogger,
    });
  const before = await takePicture({
    ...ownProcesses,
    without: ["files", "mounts", "named network namespaces", "network namespaces"],
  });
  for (const name of ["p0", "p1", "p2"]) await addNetns(name);

  const joined = await open("auto", false);
  t.match(joined.readiness(), { ready: false, message: /There is no CNI configuration/ });
  await t.rejects(
    joined.attach(attachment("p0")),
    { code: "unavailable" },
    "joined to an API server: none until there is one",
  );
  await joined.close();

  const alone = await open("auto");
  t.equal(alone.name, "builtin");
  await alone.restore(new Set());
  t.same((await alone.attach(attachment("p0"))).ips, ["10.213.64.2"]);
  cni.configure("10-x.conflist", CONFLIST);
  while (alone.name !== "net") await sleep(20);
  t.same((await alone.attach(attachment("p1"))).ips, ["10.1.2.3"], "from now on by plugins");
  rmSync(join(cni.confDir, "10-x.conflist"));
  while (alone.readiness().ready) await sleep(20);
  t.notMatch(alone.name, "builtin", "a configuration that is gone is waited for");
  await alone.close();

  cni.configure("10-x.conflist", "{");
  const broken = await open("auto");
  t.match(broken.readiness(), { ready: false, message: /it is not JSON/ }, "a broken one is one");
  await broken.restore(new Set(["sandbox-p0", "sandbox-p1"]));
  await broken.close();

  const builtin = await open("builtin");
  await builtin.restore(new Set(["sandbox-p0", "sandbox-p1"]));
  t.match((await builtin.attach(attachment("p2"))).ips, [/^10\.213\.64\./]);
  cni.forgetCalls();
  await builtin.detach("sandbox-p1");
  t.equal(cni.callsOf("DEL").length, 1, "a pod of the plugins");
  t.same(cni.cached(), []);
  await builtin.close();

  cni.configure("10-x.conflist", CONFLIST);
  const plugins = await open("cni");
  await plugins.restore(new Set(["sandbox-p0"]));
  t.match(await sh("ip -o link"), "ndtest0", "the bridge stays for the pod that is on it");
  await plugins.detach("sandbox-p0");
  t.notMatch(await sh("ip -o link; nft list ruleset"), "ndtest0", "and goes with it");
  await plugins.close();
  for (const name of ["p0", "p1", "p2"]) await deleteNetns(name);
  t.same(
    await settledDifference(before, {
      ...ownProcesses,
      without: ["files", "mounts", "named network namespaces", "network namespaces"],
    }),
    [],
  );
});
