// As many pods as the load asks for, by the figures of real controllers: the node is a test machine, the control plane and metrics-server
// run on the host.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import t from "tap";

import { packageRoot } from "../../agent/base/paths.ts";
import { goObstacle, TOOLS_DIR } from "../conformance/tools/build.ts";
import { ControlPlane, freePorts } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { joinMachine, nodePort } from "./joined-node.ts";
import { Machine } from "./machine.ts";
import { BUSYBOX_LAYOUT } from "./package-disk.ts";

const run = promisify(execFile);

const NODE_NAME = "machine";

/** In software everything takes its time. */
const LIMIT_MS = 600_000;
const LIMIT_SECONDS = LIMIT_MS / 1_000;

/** The controller waits 15 s between looks, and for minutes after a pod's start, unless it is told otherwise. */
const CONTROLLER_MANAGER_FLAGS = [
  "--horizontal-pod-autoscaler-sync-period=2s",
  "--horizontal-pod-autoscaler-initial-readiness-delay=1s",
  "--horizontal-pod-autoscaler-cpu-initialization-period=5s",
];

/** Half of it is more than an emulated processor takes for nothing, and less than for the load. */
const REQUEST_MILLI = 600;

/** metrics-server's, which runs beside the API server, not behind a service. */
function registration(port: number): readonly object[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "metrics-server", namespace: "kube-system" },
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io" },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: "metrics-server", namespace: "kube-system", port },
      },
    },
  ];
}

const obstacle = goObstacle();

await t.test("a HorizontalPodAutoscaler", { skip: obstacle ?? false }, async (t) => {
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), "ndl-scaled-"));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const plane = parts.use(
    await ControlPlane.start(join(directory, "plane"), {
      scheduler: true,
      controllerManager: true,
      aggregation: true,
      controllerManagerFlags: CONTROLLER_MANAGER_FLAGS,
      apiServerFlags: ["--enable-aggregator-routing=false"],
    }),
  );
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (await run(join(TOOLS_DIR, "kubectl"), [`--kubeconfig=${plane.kubeconfig}`, ...args])).stdout;
  const apply = async (name: string, text: string): Promise<void> => {
    const path = join(directory, name);
    writeFileSync(path, text);
    await kubectl("apply", "-f", path);
  };

  const machine = parts.use(await Machine.boot(nodePort(port)));
  await joinMachine(machine, { plane, nodeName: NODE_NAME, port });
  await machine.until("the image", `nodelet load ${BUSYBOX_LAYOUT}`, LIMIT_SECONDS);

  const log = openSync(join(directory, "metrics-server.log"), "w");
  const metricsServer = spawn(
    join(TOOLS_DIR, "metrics-server"),
    [
      ...["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map(
        (flag) => `--${flag}=${plane.kubeconfig}`,
      ),
      `--secure-port=${metricsPort}`,
      "--bind-address=127.0.0.1",
      `--cert-dir=${directory}`,
      "--kubelet-insecure-tls",
      "--kubelet-preferred-address-types=InternalIP",
      "--kubelet-use-node-status-port",
      "--metric-resolution=20s",
      "--kubelet-request-timeout=15s",
    ],
    { stdio: ["ignore", log, log] },
  );
  closeSync(log);
  parts.defer(async () => {
    if (metricsServer.exitCode !== null) return;
    metricsServer.kill("SIGKILL");
    await once(metricsServer, "exit");
  });
  await apply("metrics.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: registration(metricsPort) }));

  await kubectl("wait", "--for=create", `node/${NODE_NAME}`, `--timeout=${LIMIT_SECONDS}s`);
  await kubectl("wait", "--for=condition=Ready", `node/${NODE_NAME}`, `--timeout=${LIMIT_SECONDS}s`);
  const figures = await eventually(
    "figures of the node",
    async () => (await kubectl("top", "nodes", "--no-headers").catch(() => "")).trim() || undefined,
    LIMIT_MS,
  ).catch((error: unknown) => {
    throw new Error(readFileSync(join(directory, "metrics-server.log"), "utf8").slice(-4_000), { cause: error });
  });
  t.match(figures, new RegExp(`^${NODE_NAME} +[1-9]\\d*m +\\d+% +[1-9]\\d*Mi +\\d+%$`));

  const example = readFileSync(join(packageRoot(), "examples", "cluster", "autoscaled.yaml"), "utf8");
  await apply("autoscaled.yaml", example.replace(/cpu: \d+m/, `cpu: ${REQUEST_MILLI}m`));
  await kubectl("rollout", "status", "deployment/autoscaled", `--timeout=${LIMIT_SECONDS}s`);
  const [first = "", uid = ""] = (
    await kubectl(
      "get",
      "pods",
      "-l",
      "app=autoscaled",
      "-o",
      "jsonpath={.items[0].metadata.name} {.items[0].metadata.uid}",
    )
  ).split(" ");
  const replicas = async (): Promise<number> =>
    Number(await kubectl("get", "deployment", "autoscaled", "-o", "jsonpath={.status.readyReplicas}"));
  const used = async (): Promise<number> =>
    Number(
      /^usage_usec (\d+)$/m.exec(await machine.do(`cat /sys/fs/cgroup/kubepods/burstable/pod${uid}/cpu.stat`))?.[1],
    );

  const before = await used();
  await kubectl("exec", first, "--", "touch", "/tmp/busy");
  const told = await eventually(
    "a figure of the load",
    async () => {
      const rows = await kubectl("top", "pods", "--no-headers").catch(() => "");
      const milli = Number(new RegExp(`^${first} +(\\d+)m`, "m").exec(rows)?.[1] ?? 0);
      return milli > REQUEST_MILLI / 2 && milli;
    },
    LIMIT_MS,
  );
  t.comment(`${told}m are told`);
  t.ok((await used()) - before > 1_000_000, "which the pod's cgroup counted");
  await eventually("more pods", async () => (await replicas()) > 1, LIMIT_MS);
  await kubectl("exec", first, "--", "rm", "/tmp/busy");
  await eventually("one pod", async () => (await replicas()) === 1, LIMIT_MS);
  t.match(await kubectl("describe", "hpa", "autoscaled"), /SuccessfulRescale/);
});
