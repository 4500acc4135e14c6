// time limit: 1200 s
// nodelet on a Debian with systemd and a full cgroup v2 tree: a first pod, and the limits that other hosts cannot set.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import { Machine } from "./machine.ts";
import {
  installService,
  machineDifference,
  podManifest,
  podOf,
  putManifest,
  runs,
  takeMachinePicture,
  untilPods,
  type Pod,
} from "./service.ts";

const EXAMPLE = readFileSync(join(import.meta.dirname, "..", "..", "examples", "web.yaml"), "utf8");

interface Finding {
  readonly area: string;
  readonly name: string;
  readonly state: string;
}

const MIB = 1 << 20;

await using machine = await Machine.boot();

await t.test("doctor finds nothing missing", async (t) => {
  const { containersPossible, findings } = JSON.parse(await machine.do("nodelet doctor -o json")) as {
    containersPossible: boolean;
    findings: readonly Finding[];
  };
  t.equal(containersPossible, true);
  t.same(
    findings.filter(({ state }) => state !== "ok").map(({ area, name }) => `${area}: ${name}`),
    ["kernel: user namespaces", "storage: disk space"],
    "but for what this kernel and this small disk lack",
  );
});

await installService(machine);

await t.test("the example's pod", async (t) => {
  await putManifest(machine, "web", EXAMPLE);
  const pod = podOf(await untilPods(machine, "a running pod", (all) => runs(podOf(all, "web"))), "web");
  t.match(await machine.do("nodelet pods"), /default +web\S* +2\/2 +Running +0 /);
  await machine.until("the page", `busybox wget -q -O - http://${pod?.status.podIP}:8080/ | grep 'Hello from web'`);
  t.match(
    await machine.run("busybox wget -q -O - http://127.0.0.1:18080/"),
    { code: 0, out: /Hello from/ },
    "the host's port",
  );
  t.match(await machine.run(`nodelet exec ${pod?.metadata.name} -c httpd -- id -u`), { code: 0, out: "33\n" });
  t.match(await machine.run(`nodelet logs ${pod?.metadata.name} -c ticker --tail 1`), { code: 0, out: /^tick \d+\n$/ });
  await machine.do("rm /etc/nodelet/manifests/web.json");
  await untilPods(machine, "no pod", (all) => all.length === 0);
});

const before = await takeMachinePicture(machine);

await t.test("cgroups are where kubelet has them, and hold what the pod says", async (t) => {
  const sleep = { command: ["sleep", "100000"] };
  await putManifest(
    machine,
    "guaranteed",
    podManifest("guaranteed", { ...sleep, resources: { limits: { cpu: "250m", memory: "64Mi" } } }),
  );
  await putManifest(
    machine,
    "burstable",
    podManifest("burstable", { ...sleep, resources: { requests: { cpu: "100m" }, limits: { memory: "48Mi" } } }),
  );
  await putManifest(machine, "besteffort", podManifest("besteffort", sleep));
  const names = ["guaranteed", "burstable", "besteffort"] as const;
  const all = await untilPods(machine, "three pods", (found) => names.every((name) => runs(podOf(found, name))));
  const groupOf = (name: (typeof names)[number]): string => {
    const pod = podOf(all, name) as Pod;
    return `/kubepods${name === "guaranteed" ? "" : `/${name}`}/pod${pod.metadata.uid}`;
  };
  const container = (name: (typeof names)[number]): string =>
    `${groupOf(name)}/${podOf(all, name)?.status.containerStatuses?.[0]?.containerID.replace("nodelet://", "")}`;
  const read = async (path: string): Promise<string> => (await machine.do(`cat /sys/fs/cgroup${path}`)).trim();

  for (const name of names) t.match(await read(`${container(name)}/cgroup.procs`), /^\d+$/m, `${name}: its process`);
  t.equal(await read(`${container("guaranteed")}/memory.max`), String(64 * MIB));
  t.equal(await read(`${container("guaranteed")}/cpu.max`), "25000 100000");
  t.equal(await read(`${container("burstable")}/memory.max`), String(48 * MIB));
  t.equal(await read(`${container("burstable")}/cpu.max`), "max 100000");
  t.equal(await read(`${container("besteffort")}/memory.max`), "max");
  t.equal(await read(`${groupOf("guaranteed")}/memory.max`), String(64 * MIB), "the pod as a whole");
  t.equal(await read(`${groupOf("guaranteed")}/cpu.max`), "25000 100000");
  t.equal(await read(`${groupOf("burstable")}/memory.max`), String(48 * MIB));
  t.equal(await read(`${groupOf("besteffort")}/memory.max`), "max");
  t.match(await read(`${container("guaranteed")}/memory.pressure`), /^some avg10=/);

  await machine.do("systemctl daemon-reload && systemctl start systemd-tmpfiles-clean.service");
  t.equal(
    await read(`${container("guaranteed")}/cpu.max`),
    "25000 100000",
    "also after systemd has looked at its tree",
  );

  const agents = await machine.do("cat /proc/$(systemctl show -P MainPID nodelet)/cgroup");
  t.match(agents, /system\.slice\/nodelet\.service$/m);
  t.equal(
    await machine.do("find /sys/fs/cgroup/system.slice/nodelet.service -mindepth 1 -type d"),
    "",
    "no pod is below the service",
  );
  t.match(
    await machine.do("cat /sys/fs/cgroup/nodelet-shims/cgroup.procs | wc -l"),
    /^[3-9]/,
    "shims have a group of their own",
  );
  await machine.do("rm /etc/nodelet/manifests/*");
  await untilPods(machine, "no pod", (found) => found.length === 0);
});

await t.test("a container over its memory limit is killed for that reason, and only then", async (t) => {
  const eat = (mib: number): string => `dd if=/dev/zero of=/dev/shm/eaten bs=1M count=${mib}`;
  const limits = { resources: { limits: { memory: "32Mi" } } };
  await putManifest(
    machine,
    "within",
    podManifest("within", { command: ["sh", "-c", eat(8)], ...limits }, { restartPolicy: "Never" }),
  );
  await putManifest(
    machine,
    "beyond",
    podManifest("beyond", { command: ["sh", "-c", eat(60)], ...limits }, { restartPolicy: "Never" }),
  );
  await putManifest(
    machine,
    "killed",
    podManifest(
      "killed",
      { command: ["sh", "-c", "kill -KILL $$$$"], ...limits },
      { restartPolicy: "Never", shareProcessNamespace: true },
    ),
  );
  const over = (pod: Pod | undefined): boolean => ["Succeeded", "Failed"].includes(pod?.status.phase ?? "");
  const all = await untilPods(machine, "three ended pods", (found) =>
    ["within", "beyond", "killed"].every((name) => over(podOf(found, name))),
  );
  const end = (name: string): unknown => podOf(all, name)?.status.containerStatuses?.[0]?.state?.terminated;
  t.match(end("within"), { exitCode: 0, reason: "Completed" });
  t.match(end("beyond"), { exitCode: 137, reason: "OOMKilled" });
  t.match(end("killed"), { exitCode: 137, reason: "Error" });
  await machine.do("rm /etc/nodelet/manifests/*");
  await untilPods(machine, "no pod", (found) => found.length === 0);
});

await t.test("a container gets the share of the processor that it may have", async (t) => {
  const command = ["sh", "-c", "while :; do :; done"];
  await putManifest(machine, "busy", podManifest("busy", { command, resources: { limits: { cpu: "100m" } } }));
  const pod = podOf(await untilPods(machine, "a running pod", (all) => runs(podOf(all, "busy"))), "busy");
  const id = pod?.status.containerStatuses?.[0]?.containerID.replace("nodelet://", "");
  const stat = await machine.until(
    "throttling",
    `f=$(echo /sys/fs/cgroup/kubepods/*/pod${pod?.metadata.uid}/${id}/cpu.stat); grep -q 'nr_throttled [1-9][0-9]' $f && cat $f`,
  );
  const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]);
  // 10 ms in each period, and what a processor has taken as its slice of it at once.
  t.ok(
    value("usage_usec") < value("nr_periods") * 2 * 10_000,
    `${value("usage_usec")} us in ${value("nr_periods")} periods`,
  );
  await machine.do("rm /etc/nodelet/manifests/*");
  await untilPods(machine, "no pod", (found) => found.length === 0);
});

await t.test("a pod with a user namespace is refused on this kernel, with the reason", async (t) => {
  await putManifest(machine, "mapped", podManifest("mapped", { command: ["true"] }, { hostUsers: false }));
  await machine.until("the refusal", "nodelet events | grep -E 'user namespaces.*6\\.3'");
  t.pass("said");
  await machine.do("rm /etc/nodelet/manifests/*");
  await untilPods(machine, "no pod", (found) => found.length === 0);
});

await t.test("nothing is left", async (t) => {
  t.same(await machineDifference(machine, before), []);
});
