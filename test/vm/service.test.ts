// time limit: 1800 s
// The .deb and its systemd service: whatever happens to the agent, containers do not notice; after a reboot everything is there again.

import t, { type Test } from "tap";

import { readOnlyDisk } from "./content-disk.ts";
import { debDisk } from "./deb-disk.ts";
import { Machine } from "./machine.ts";
import {
  IMAGE,
  installDeb,
  machineDifference,
  podManifest,
  podOf,
  pods,
  putManifest,
  runs,
  takeMachinePicture,
  untilPods,
} from "./service.ts";

/** A line about every 20 ms. */
const COUNTER = { command: ["sh", "-c", "i=0; while :; do i=$((i + 1)); echo line $i; sleep 0.02; done"] };

const WATCHDOG_SECONDS = 5;

await using disk = await debDisk();
await using machine = await Machine.boot({ disks: [readOnlyDisk("deb", disk.path)] });

const property = async (name: string): Promise<string> =>
  (await machine.do(`systemctl show -P ${name} nodelet`)).trim();
const counter = async (): Promise<{ pid: string; id: string }> => {
  const status = podOf(await pods(machine), "counter")?.status.containerStatuses?.[0];
  const id = status?.containerID.replace("nodelet://", "") ?? "";
  return {
    id,
    pid: (await machine.do(`cat /sys/fs/cgroup/kubepods/*/*/${id}/cgroup.procs | sort -n | head -1`)).trim(),
  };
};

/** The log's lines from the first to the last, without a gap. Returns their number. */
async function checkLog(t: Test): Promise<number> {
  const log = await machine.do("cat /var/log/pods/default_counter*/main/0.log");
  const wrong = log
    .trimEnd()
    .split("\n")
    .map((line, index) => (new RegExp(`^\\S+Z stdout F line ${index + 1}$`).test(line) ? undefined : line))
    .filter((line) => line !== undefined);
  t.same(wrong.slice(0, 5), [], "no line of the log is missing or torn");
  return log.split("\n").length - 1;
}

await t.test("the package installs, starts and enables the service", async (t) => {
  await installDeb(machine);
  t.equal(await machine.do("systemctl is-active nodelet; systemctl is-enabled nodelet"), "active\nenabled\n");
  t.match(await property("StatusText"), /test-machine/, "told by the agent itself");
  t.equal(await property("NotifyAccess"), "main");
  t.match(await machine.do("nodelet version"), /^nodelet \d/);
});

// What comes with the first pod and stays: the cgroups of pods and shims, the network's memory of the last address.
await putManifest(machine, "first", podManifest("first", COUNTER));
await untilPods(machine, "a first pod", (all) => runs(podOf(all, "first")));
await machine.do("rm /etc/nodelet/manifests/first.json");
await untilPods(machine, "no pod", (all) => all.length === 0);
const before = await takeMachinePicture(machine);

await t.test("what happens to the agent does not reach the containers", async (t) => {
  await machine.do(`
    mkdir -p /etc/systemd/system/nodelet.service.d
    printf '[Service]\\nWatchdogSec=${WATCHDOG_SECONDS}\\n' >/etc/systemd/system/nodelet.service.d/watchdog.conf
    systemctl daemon-reload && systemctl restart nodelet`);
  await putManifest(machine, "counter", podManifest("counter", COUNTER));
  await untilPods(machine, "a running pod", (all) => runs(podOf(all, "counter")));
  const first = await counter();
  t.match(first.pid, /^\d+$/);
  let lines = 0;

  for (const [what, script] of [
    ["stop and start", "systemctl stop nodelet; sleep 1; systemctl start nodelet"],
    ["kill -9", "kill -KILL $(systemctl show -P MainPID nodelet)"],
    ["a hang, ended by the watchdog", "kill -STOP $(systemctl show -P MainPID nodelet)"],
  ] as const) {
    await t.test(what, async (t) => {
      const agent = await property("MainPID");
      await machine.do(script);
      await machine.until(
        "another agent",
        `pid=$(systemctl show -P MainPID nodelet); [ $pid != 0 ] && [ $pid != ${agent} ] && systemctl is-active -q nodelet`,
      );
      await untilPods(machine, "the running pod", (all) => runs(podOf(all, "counter")));
      t.same(await counter(), first, "the same container and process");
      t.equal(podOf(await pods(machine), "counter")?.status.containerStatuses?.[0]?.restartCount, 0);
      const now = await checkLog(t);
      t.ok(now > lines, "it went on writing");
      lines = now;
    });
  }
  t.match(await machine.do("journalctl -u nodelet --no-pager"), /[Ww]atchdog timeout/, "the watchdog did it");
});

await t.test("`nodelet stop --all` is not followed by a restart", async (t) => {
  await machine.do("nodelet stop --all --grace-period 1");
  await machine.until("the end of the service", '[ "$(systemctl show -P ActiveState nodelet)" = inactive ]');
  await machine.do("sleep 3");
  t.equal(await property("ActiveState"), "inactive");
  t.equal(
    await machine.do("find /sys/fs/cgroup/kubepods -name cgroup.procs -exec cat {} + 2>/dev/null | wc -l"),
    "0\n",
  );
  await machine.do("systemctl start nodelet");
  await untilPods(machine, "the running pod", (all) => runs(podOf(all, "counter")));
});

await t.test("after a reboot pods are there again, and nothing of the old boot", async (t) => {
  await machine.writeFile("/root/local.yaml", podManifest("local", { command: ["sleep", "100000"] }));
  await machine.do("nodelet run /root/local.yaml");
  const old = await untilPods(machine, "two pods", (all) => runs(podOf(all, "counter")) && runs(podOf(all, "local")));
  const ids = old.flatMap(({ status }) => status.containerStatuses?.map(({ containerID }) => containerID) ?? []);
  const boot = await machine.do("cat /proc/sys/kernel/random/boot_id");
  await machine.reboot();
  t.not(await machine.do("cat /proc/sys/kernel/random/boot_id"), boot);
  const all = await untilPods(
    machine,
    "two pods",
    (found) => runs(podOf(found, "counter")) && runs(podOf(found, "local")),
  );
  for (const name of ["counter", "local"]) {
    t.equal(podOf(all, name)?.metadata.uid, podOf(old, name)?.metadata.uid, `${name} is the same pod`);
    t.notOk(ids.includes(podOf(all, name)?.status.containerStatuses?.[0]?.containerID ?? ""), "in another container");
  }
  t.match(await machine.do("nodelet images"), IMAGE);
  await machine.do("rm /etc/nodelet/manifests/counter.json; nodelet rm local");
  await untilPods(machine, "no pod", (found) => found.length === 0);
  t.same(
    (await machineDifference(machine, before)).filter(
      (line) => !line.startsWith("gone: ") && !line.includes("mount /run/user"),
    ),
    [],
    "as before the first pod",
  );
});

await t.test("removing the package ends pods and service", async (t) => {
  await putManifest(machine, "counter", podManifest("counter", COUNTER));
  await untilPods(machine, "a running pod", (all) => runs(podOf(all, "counter")));
  await machine.do("dpkg -r nodelet", { limitSeconds: 300 });
  t.equal(
    await machine.do("find /sys/fs/cgroup/kubepods -name cgroup.procs -exec cat {} + 2>/dev/null | wc -l"),
    "0\n",
  );
  t.equal(await machine.do("ps -eo comm= | grep -c ^nodelet; true"), "0\n");
  t.match(await machine.run("systemctl cat nodelet"), { code: 1 });
  await machine.do("dpkg -P nodelet");
  t.equal(await machine.do("ls -d /var/lib/nodelet /etc/default/nodelet /usr/lib/nodelet 2>/dev/null; true"), "");
});
