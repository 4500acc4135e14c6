// Fields of KubeletConfiguration that show on the host: the daemon's own process and the cgroups of pods.
// time limit: 180 s

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import t from "tap";

import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { FieldNode, FOREVER, sh } from "../../fixtures/fields.ts";
import { setting } from "../../fixtures/settings.ts";

const scratch = mkdtempSync(join(tmpdir(), "nodelet-host-"));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));

const hierarchy = findHierarchy();
if (hierarchy === undefined) throw new Error("there is no version 2 hierarchy of cgroups");
const root = basename(scratch);
const rootDirectory = join(hierarchy.root, root);
mkdirSync(rootDirectory);

const file = join(scratch, "kubelet.json");
writeFileSync(
  file,
  JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    imageGCHighThresholdPercent: 100,
    oomScoreAdj: 500,
    cgroupRoot: `/${root}`,
    cgroupDriver: "systemd",
    kubeletCgroups: `/${root}/daemon`,
  }),
);
const node = await FieldNode.create(47, [`--config=${file}`]);
let ended = false;
const end = async (): Promise<void> => {
  if (ended) return;
  ended = true;
  await node[Symbol.asyncDispose]();
  rmdirSync(rootDirectory);
};
t.teardown(end);

setting(t, "oomScoreAdj", "the daemon has it, what runs in containers does not", async (t) => {
  const score = (pid: number | string): string => readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim();
  t.equal(score(node.agent.pid ?? 0), "500");
  const name = await node.running(await node.run(sh("cat /proc/self/oom_score_adj; " + FOREVER)));
  const pod = name.metadata?.name ?? "";
  t.equal(await eventually("its own", async () => (await node.log(pod)).trim()), "1000", "BestEffort");
  const { out } = await node.agent.command("exec", pod, "--", "cat", "/proc/self/oom_score_adj");
  t.equal(out.trim(), "1000");
});

setting(
  t,
  "cgroupDriver",
  "systemd is passed over, as the runtime's own goes before it, and the log says so",
  async (t) => {
    t.match(node.agent.log(), /the runtime makes cgroups by cgroupfs/);
  },
);

setting(t, "cgroupRoot", "the cgroups of pods are below it; one that is not there is refused", async (t) => {
  const { metadata } = await node.running(await node.run(sh(FOREVER)));
  const groups = readdirSync(join(rootDirectory, "kubepods", "besteffort"));
  t.ok(groups.includes(`pod${metadata?.uid}`), groups.join(" "));
  const other = join(scratch, "other.json");
  writeFileSync(other, readFileSync(file, "utf8").replace(`/${root}`, `/${root}-none`));
  const flags = [
    `--config=${other}`,
    ...["root-dir", "state-dir", "run-dir"].map((flag) => `--${flag}=${join(scratch, flag)}`),
  ];
  const { code, err } = await node.agent.command(
    "agent",
    "--healthz-port=0",
    "--allow-missing-cgroup-controllers",
    ...flags,
  );
  t.equal(code, 1);
  t.match(err, /no such cgroup/i);
});

setting(t, "kubeletCgroups", "the daemon is in it", async (t) => {
  const processes = readFileSync(join(rootDirectory, "daemon", "cgroup.procs"), "utf8").split("\n");
  t.ok(processes.includes(String(node.agent.pid)), processes.join(" "));
});

setting(t, "imageServiceEndpoint", "no other images but those of the built-in runtime are taken yet", async (t) => {
  const { code, err } = await node.agent.command("agent", "--image-service-endpoint=unix:///run/other.sock");
  t.equal(code, 1);
  t.match(err, /--image-service-endpoint: .*not there yet/);
});

t.test("a start that fails leaves nothing mounted", async (t) => {
  const flags = ["root-dir", "state-dir", "run-dir"].map((flag) => `--${flag}=${join(scratch, "failed", flag)}`);
  const ports = ["--healthz-port=0", "--enable-server=false"];
  const bridge = `--bridge-name=${node.agent.bridge}`;
  const { code, err } = await node.agent.command(
    "agent",
    "--allow-missing-cgroup-controllers",
    ...ports,
    ...flags,
    bridge,
  );
  t.equal(code, 1);
  t.match(err, /Cannot use the bridge/);
  t.notMatch(readFileSync("/proc/self/mountinfo", "utf8"), join(scratch, "failed"));
});

t.test("the cgroups end with the pods and the daemon", async (t) => {
  await end();
  t.pass();
});
