// The kubelet's API of a standalone agent, from outside: curl with and without certificates, and clients of exec and port-forward.
// time limit: 180 s

import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { TestAgent } from "../../fixtures/agent.ts";
import { TestAuthority } from "../../fixtures/certificates.ts";
import { FieldNode, FOREVER, sh } from "../../fixtures/fields.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { setting } from "../../fixtures/settings.ts";
import { dialSpdy, dialWebSocket, textOf, type Tls } from "../../fixtures/spdy-client.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const before = await takePicture(ownProcesses);
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "nodelet-api-")));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
const clients = new TestAuthority(join(scratch, "clients"), "clients");
const others = new TestAuthority(join(scratch, "others"), "others");
const admin = clients.issue("admin", { subject: "/O=system:masters/CN=admin" });
const stranger = others.issue("stranger", { subject: "/CN=admin" });

const [port, readOnlyPort, healthzPort] = [await freePort(), await freePort(), await freePort()];
const configuration = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: "127.0.0.1",
  port,
  readOnlyPort,
  healthzPort,
  healthzBindAddress: "127.0.0.1",
  authentication: { x509: { clientCAFile: clients.certificate } },
  authorization: { mode: "AlwaysAllow" },
  tlsMinVersion: "VersionTLS12",
  tlsCipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
  tlsCurvePreferences: [24, 23],
  staticPodURLHeader: { Authorization: ["Bearer secret"] },
};
const write = (name: string, more: object = {}): string => {
  const path = join(scratch, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...configuration, ...more }));
  return path;
};

const node = await FieldNode.create(31, [`--config=${write("main")}`, `--healthz-port=${healthzPort}`]);
t.teardown(() => node[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly err: string;
}

/** Status 0: no answer. */
async function curl(url: string, ...argv: readonly string[]): Promise<Answer> {
  return await new Promise((resolve) => {
    execFile(
      "curl",
      ["-sS", "--max-time", "60", "-w", "\n%{http_code}", "-o", "-", ...argv, url],
      { maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, err) => {
        const at = stdout.lastIndexOf("\n");
        resolve({ status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at), err });
      },
    );
  });
}

const base = `https://127.0.0.1:${port}`;
const serverCa = join(node.directory, "root", "pki", "kubelet.crt");
const as = (who: { certificate: string; key: string }): string[] => ["--cert", who.certificate, "--key", who.key];
const trusting = ["--cacert", serverCa];
const get = async (path: string, ...argv: readonly string[]): Promise<Answer> =>
  await curl(`${base}${path}`, ...trusting, ...as(admin), ...argv);
const readinessProbe = { exec: { command: ["true"] }, periodSeconds: 1 };
const name = await node.run(sh(`echo to-the-log; ${FOREVER}`, { readinessProbe }));
await node.running(name);

setting(
  t,
  ["authentication.x509.clientCAFile", "authorization.mode", "address", "port"],
  "who shows a certificate of the CA may do everything, all others are refused",
  async (t) => {
    t.match(await get("/pods"), { status: 200, body: /"kind":"PodList"/ });
    t.match(await curl(`${base}/pods`, ...trusting), { status: 401, body: "Unauthorized" });
    t.match(await curl(`${base}/pods`, ...trusting, ...as(stranger)), { status: 401 });
    t.match(await curl(`${base}/pods`, ...trusting, "-H", "Authorization: Bearer x"), { status: 401 });
    t.match(await curl(`${base}/healthz`, ...trusting), { status: 401 }, "not even this");
    t.match(await curl(`http://127.0.0.1:${port}/pods`), { status: 0 });
    const { mode } = statSync(join(node.directory, "root", "pki", "kubelet.key"));
    t.equal(mode & 0o777, 0o600);
  },
);

setting(t, ["tlsMinVersion", "tlsCipherSuites", "tlsCurvePreferences"], "what a handshake agrees on", async (t) => {
  const handshake = async (...argv: string[]): Promise<Answer> =>
    await curl(`${base}/healthz`, ...trusting, ...as(admin), ...argv);
  t.equal((await handshake("--tls-max", "1.2")).status, 200);
  t.equal((await handshake("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384")).status, 200);
  t.equal((await handshake("--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256")).status, 0);
  t.equal((await handshake("--tlsv1.3")).status, 200);
  t.equal((await handshake("--curves", "P-384")).status, 200);
  t.equal((await handshake("--curves", "X25519")).status, 0);
  // What is below needs a client that would do it: one that says no by itself shows nothing.
  t.equal((await handshake("--tls-max", "1.1", "--tlsv1.1", "--ciphers", "DEFAULT@SECLEVEL=0")).status, 0);
});

setting(
  t,
  ["healthzPort", "healthzBindAddress"],
  "where /healthz answers everybody, and nothing else does",
  async (t) => {
    t.match(await curl(`http://127.0.0.1:${healthzPort}/healthz`), { status: 200, body: "ok" });
    t.match(await curl(`http://127.0.0.1:${healthzPort}/healthz/ping`), { status: 200, body: "ok" });
    t.match(await curl(`http://127.0.0.1:${healthzPort}/healthz?verbose`), { status: 200, body: /\[\+\]syncloop ok/ });
    t.match(await curl(`http://127.0.0.1:${healthzPort}/pods`), { status: 404 });
  },
);

setting(t, "readOnlyPort", "who asks there may read, and change nothing", async (t) => {
  const open = `http://127.0.0.1:${readOnlyPort}`;
  t.match(await curl(`${open}/pods`), { status: 200, body: new RegExp(`"name":"${name}"`) });
  t.match(await curl(`${open}/stats/summary`), { status: 200 });
  t.match(await curl(`${open}/metrics`), { status: 200 });
  for (const path of [
    `/containerLogs/default/${name}/main`,
    `/exec/default/${name}/main?command=id&output=1`,
    "/logs/",
    "/runningpods/",
  ])
    t.match(await curl(`${open}${path}`), { status: 405, body: /disabled/ }, path);
  t.match(await curl(`${open}/run/default/${name}/main?cmd=id`, "-X", "POST"), { status: 405 });
  t.match(await curl(`${open}/configz`), { status: 404 });
});

t.test("what there is to read", async (t) => {
  t.match(await get(`/containerLogs/default/${name}/main`), { status: 200, body: "to-the-log\n" });
  t.match(await get(`/containerLogs/default/none/main`), { status: 404, body: 'pod "none" does not exist\n' });
  t.match(await get(`/containerLogs/default/${name}/none`), {
    status: 404,
    body: `container "none" not found in pod "${name}"\n`,
  });
  t.match(await get(`/containerLogs/default/${name}/main?previous=true`), {
    status: 400,
    body: `previous terminated container "main" in pod "${name}" not found\n`,
  });
  t.match(await curl(`${base}/pods`, ...trusting, ...as(admin), "-X", "DELETE", "-i"), {
    status: 405,
    body: /^allow: GET\r$/im,
  });
  const running = JSON.parse((await get("/runningpods/")).body) as { items: { metadata: { name: string } }[] };
  t.ok(running.items.some(({ metadata }) => metadata.name === name));
  const { kubeletconfig } = JSON.parse((await get("/configz")).body) as { kubeletconfig: Record<string, unknown> };
  t.match(kubeletconfig, {
    port,
    readOnlyPort,
    syncFrequency: "1m0s",
    maxPods: 110,
    authentication: { webhook: { enabled: true, cacheTTL: "2m0s" } },
    staticPodURLHeader: { Authorization: ["<masked>"] },
    containerRuntimeEndpoint: /^unix:\/\/.*cri\.sock$/,
  });
  t.match(await get("/flagz"), { status: 200, body: /\nnetwork=builtin\n/ });
  t.match(await get("/statusz"), { status: 200, body: /Up: .*\n[^]*Paths: .*\/configz/ });
  t.match(await get("/healthz/syncloop"), { status: 200, body: "ok" });
  t.match(await get("/nothing"), { status: 404 });
  t.match(await curl(`${base}/checkpoint/default/${name}/main`, ...trusting, ...as(admin), "-X", "POST"), {
    status: 500,
    body: /checkpoint/,
  });
  t.match(await curl(`${base}/checkpoint/default/none/main`, ...trusting, ...as(admin), "-X", "POST"), { status: 404 });
});

const SHOWN: readonly string[] = [
  'kubelet_runtime_operations_total\\{operation_type="run_podsandbox"\\} [1-9]',
  'kubelet_runtime_operations_duration_seconds_bucket\\{operation_type="start_container",le="0.005"\\} ',
  'kubelet_run_podsandbox_duration_seconds_count\\{runtime_handler=""\\} [1-9]',
  "kubelet_pod_start_duration_seconds_count [1-9]",
  'kubelet_pod_worker_duration_seconds_bucket\\{operation_type="create",le="10"\\} [1-9]',
  "kubelet_pleg_relist_duration_seconds_count ",
  "kubelet_pleg_relist_interval_seconds_count ",
  "kubelet_started_pods_total [1-9]",
  "kubelet_started_pods_errors_total 0",
  'kubelet_started_containers_total\\{container_type="container"\\} [1-9]',
  'kubelet_working_pods\\{config="desired",lifecycle="sync",static="true"\\} [1-9]',
  'kubelet_http_inflight_requests\\{long_running="false",method="GET",path="metrics",server_type="readwrite"\\} 1',
  'kubelet_node_name\\{node="[^"]+"\\} 1',
  'kubernetes_build_info\\{git_version="v',
  "process_resident_memory_bytes [1-9]",
  "process_cpu_seconds_total ",
  "process_open_fds [1-9]",
  "process_max_fds [1-9]",
];

t.test("statistics, under Kubernetes' names", async (t) => {
  const summary = JSON.parse((await get("/stats/summary")).body) as {
    node: Record<string, unknown>;
    pods: { podRef: { name: string; uid: string }; containers: { name: string }[] }[];
  };
  t.match(summary.node, {
    nodeName: String,
    startTime: /^\d{4}-.*Z$/,
    cpu: { usageCoreNanoSeconds: Number },
    memory: { workingSetBytes: Number, availableBytes: Number },
    fs: { capacityBytes: Number, inodesFree: Number },
    runtime: { imageFs: { usedBytes: Number } },
    rlimit: { maxpid: Number },
  });
  const { systemContainers = [] } = summary.node as { systemContainers?: { name: string }[] };
  const pods = systemContainers.find((group) => group.name === "pods");
  t.match(pods, { startTime: /^\d{4}-.*Z$/, cpu: { usageCoreNanoSeconds: Number } }, "all pods together");
  const own = summary.pods.find(({ podRef }) => podRef.name === name);
  t.match(own, {
    podRef: { namespace: "default", uid: /^[0-9a-f-]{36}$/ },
    containers: [{ name: "main", cpu: { usageCoreNanoSeconds: Number }, memory: { workingSetBytes: Number } }],
    network: { interfaces: [{ name: "eth0", rxBytes: Number }] },
  });
  // Measured away from the request.
  const measured = await eventually("what a pod takes on the disk", async () => {
    const { pods: all } = JSON.parse((await get("/stats/summary")).body) as typeof summary;
    const pod = all.find(({ podRef }) => podRef.name === name) as
      | { containers: { logs?: object; rootfs?: object }[] }
      | undefined;
    return pod?.containers[0]?.logs !== undefined && pod.containers[0].rootfs !== undefined ? pod : undefined;
  });
  const fs = { capacityBytes: Number, availableBytes: Number, inodesFree: Number, usedBytes: Number };
  t.match(measured, { containers: [{ rootfs: fs, logs: fs }], "ephemeral-storage": fs });
  const few = JSON.parse((await get("/stats/summary?only_cpu_and_memory=true")).body) as { node: object };
  t.notOk("fs" in few.node);

  const resource = (await get("/metrics/resource")).body;
  t.match(
    resource,
    new RegExp(
      `^container_cpu_usage_seconds_total\\{container="main",namespace="default",pod="${name}"\\} [\\d.e-]+ \\d+$`,
      "m",
    ),
  );
  t.match(resource, new RegExp(`^pod_memory_working_set_bytes\\{namespace="default",pod="${name}"\\} \\d+`, "m"));
  t.match(resource, /^node_cpu_usage_seconds_total \d/m);
  t.match(resource, /^resource_scrape_error 0$/m);
  const cadvisor = (await get("/metrics/cadvisor")).body;
  t.match(
    cadvisor,
    new RegExp(
      `^container_memory_working_set_bytes\\{id="[^"]+",.*container="main",pod="${name}",namespace="default"\\}`,
      "m",
    ),
  );
  t.match(cadvisor, /^machine_memory_bytes\{boot_id="[^"]+",machine_id="[^"]*",system_uuid="[^"]*"\} \d+$/m);
  t.match(
    cadvisor,
    new RegExp(`^container_cpu_usage_seconds_total\\{[^}]*pod="${name}"[^}]*cpu="total"\\} 0\\.\\d+ `, "m"),
    "parts of seconds, of a container that does next to nothing",
  );
  const inodes = cadvisor.split("\n").filter((sample) => sample.startsWith("container_fs_inodes_free"));
  t.notMatch(inodes.join("\n"), /container="main"/, "those of a whole file system are not a container's");
  const metrics = (await get("/metrics")).body;
  t.match(metrics, /^kubelet_running_pods [1-9]/m);
  t.match(metrics, /^kubelet_running_containers\{container_state="running"\} [1-9]/m);
  t.match(
    metrics,
    /^kubelet_http_requests_total\{long_running="false",method="GET",path="stats",server_type="readwrite"\} \d/m,
  );
  for (const series of SHOWN) t.match(metrics, new RegExp(`^${series}`, "m"), "as dashboards and alerts ask for it");
  const probes = (await get("/metrics/probes")).body;
  t.match(probes, /^process_start_time_seconds \d/m);
  const probed = `probe_type="Readiness",container="main",pod="${name}",namespace="default"`;
  t.match(
    probes,
    new RegExp(`^prober_probe_total\\{${probed},pod_uid="[0-9a-f-]{36}",result="successful"\\} [1-9]`, "m"),
  );
  t.match(probes, new RegExp(`^prober_probe_duration_seconds_count\\{${probed}\\} [1-9]`, "m"));
  t.match((await get("/metrics/slis")).body, /^kubernetes_healthcheck\{name="ping",type="healthz"\} 1$/m);
  // As Prometheus reads it: a name, labels, a value, a time perhaps.
  const line = /^[a-z_:][a-z0-9_:]*(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? ([\d.e+-]+|NaN|\+Inf)( \d+)?$/i;
  for (const text of [resource, cadvisor, metrics, probes]) {
    const samples = text.split("\n").filter((one) => one !== "" && !one.startsWith("#"));
    for (const one of samples) t.match(one, line);
    const series = samples.map(seriesOf);
    t.same(
      series.filter((one, index) => series.indexOf(one) < index),
      [],
      "each series once: with two of one Prometheus takes none",
    );
  }
});

/** The name and the labels of a sample, whatever their order. */
function seriesOf(sample: string): string {
  const [, name = "", labels = ""] = /^([a-z_:0-9]+)(?:\{(.*)\})? /i.exec(sample) ?? [];
  const pairs = labels.match(/[a-z_]+="(?:[^"\\]|\\.)*"/g) ?? [];
  return `${name} ${pairs.toSorted().join(",")}`;
}

setting(t, "enableSystemLogHandler", "/logs is the host's /var/log; links are not followed", async (t) => {
  const directory = `/var/log/nodelet-test-${process.pid}`;
  mkdirSync(directory);
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "a.log"), "a line\n");
  symlinkSync("/etc/passwd", join(directory, "link"));
  const path = directory.replace("/var/log", "/logs");
  t.match(await get("/logs/"), { status: 200, body: new RegExp(`nodelet-test-${process.pid}/`) });
  t.match(await get(`${path}/a.log`), { status: 200, body: "a line\n" });
  t.match(await get(`${path}/link`), { status: 403, body: /links are not followed/ });
  t.match(await get(`/logs/..%2f..%2fetc/passwd`), { status: /^40/ });
  t.match(await get(`${path}/none`), { status: 404 });
});

setting(t, "enableProfilingHandler", "a profile of the daemon", async (t) => {
  const { status, body } = await get("/debug/pprof/profile?seconds=1");
  t.equal(status, 200);
  t.type((JSON.parse(body) as { nodes: unknown[] }).nodes.length, "number");
});

setting(t, "enableDebugFlagsHandler", "how much is logged is changed while it runs", async (t) => {
  const put = async (verbosity: string): Promise<Answer> =>
    await curl(`${base}/debug/flags/v`, ...trusting, ...as(admin), "-X", "PUT", "-d", verbosity);
  // The server tells of it in detail only.
  const mistakes = (): number => node.agent.log().split("a handshake failed").length - 1;
  const mistake = async (): Promise<void> => void (await curl(base.replace("https:", "http:")));
  await mistake();
  t.match(await put("6"), { status: 200, body: "successfully set klog.logging.verbosity to 6" });
  const before = mistakes();
  await mistake();
  await eventually("a line of detail", () => mistakes() > before);
  t.match(await put("much"), { status: 400 });
  t.match(await put("0"), { status: 200 });
  const told = mistakes();
  await mistake();
  t.equal(mistakes(), told);
});

t.test("/run gives a command's output", async (t) => {
  const run = async (cmd: string): Promise<Answer> =>
    await curl(
      `${base}/run/default/${name}/main?cmd=${encodeURIComponent(cmd)}`,
      ...trusting,
      ...as(admin),
      "-X",
      "POST",
    );
  t.match(await run("echo a b"), { status: 200, body: "a b\n" });
  t.match(await run("ls /none"), { status: 500, body: /none/ });
  t.match(await get(`/run/default/${name}/main?cmd=id`), { status: 405 });
});

t.test("exec, attach and port-forward ask for an upgrade, and for who may", async (t) => {
  t.match(await get(`/exec/default/${name}/main?command=id&output=1`), { status: 400, body: /SPDY/ });
  const upgrade = [
    "-H",
    "Connection: Upgrade",
    "-H",
    "Upgrade: SPDY/3.1",
    "-H",
    "X-Stream-Protocol-Version: v4.channel.k8s.io",
  ];
  const exec = `${base}/exec/default/${name}/main?command=id&output=1`;
  t.match(await curl(exec, ...trusting, ...upgrade, "-X", "POST"), { status: 401 });
  t.match(await curl(`${base}/exec/default/none/main?command=id&output=1`, ...trusting, ...as(admin), ...upgrade), {
    status: 404,
    body: "pod does not exist\n",
  });
  t.match(await curl(`${base}/exec/default/${name}/main?command=id`, ...trusting, ...as(admin), ...upgrade), {
    status: 400,
  });
});

setting(
  t,
  ["tlsCertFile", "tlsPrivateKeyFile", "enableDebuggingHandlers", "authentication.anonymous.enabled"],
  "a certificate of one's own; anonymous users are let in; what shows or changes pods is closed",
  async (t) => {
    const server = others.issue("server", { subject: "/CN=server", names: ["IP:127.0.0.1"] });
    const second = await freePort();
    const file = write("second", {
      port: second,
      readOnlyPort: 0,
      healthzPort: 0,
      tlsCertFile: server.certificate,
      tlsPrivateKeyFile: server.key,
      tlsCipherSuites: [],
      enableDebuggingHandlers: false,
      authentication: { anonymous: { enabled: true } },
    });
    await using agent = await TestAgent.create(32, [`--config=${file}`]);
    await agent.start();
    const open = `https://127.0.0.1:${second}`;
    t.match(await curl(`${open}/pods`, "--cacert", others.certificate), { status: 200 });
    t.match(await curl(`${open}/runningpods/`, "--cacert", others.certificate), { status: 405, body: /disabled/ });
    t.match(await curl(`${open}/logs/`, "--cacert", others.certificate), { status: 405 });
    t.match(await curl(`${open}/configz`, "--cacert", others.certificate), { status: 404 });
    t.notOk(existsSync(join(agent.directory, "root", "pki")));
  },
);

setting(t, "enableServer", "without it there is neither of the ports, but /healthz", async (t) => {
  const [second, open, healthz] = [await freePort(), await freePort(), await freePort()];
  const file = write("off", { port: second, readOnlyPort: open, enableServer: false });
  await using agent = await TestAgent.create(33, [`--config=${file}`, `--healthz-port=${healthz}`]);
  await agent.start();
  t.match(await curl(`http://127.0.0.1:${healthz}/healthz`), { status: 200 });
  t.match(await curl(`https://127.0.0.1:${second}/pods`, "--insecure", ...as(admin)), { status: 0 });
  t.match(await curl(`http://127.0.0.1:${open}/pods`), { status: 0 });
});

const tls = (): Tls => ({
  ca: readFileSync(serverCa, "utf8"),
  cert: readFileSync(admin.certificate, "utf8"),
  key: readFileSync(admin.key, "utf8"),
});

t.test("exec over SPDY, with and without the pod's uid, and over WebSocket", async (t) => {
  const uid = (await node.pod(name))?.metadata?.uid ?? "";
  const query = "command=sh&command=-c&command=cat;exit%207&input=1&output=1&error=1";
  for (const path of [`/exec/default/${name}/main`, `/exec/default/${name}/${uid}/main`]) {
    const client = await dialSpdy(`${base}${path}?${query}`, undefined, tls());
    const error = client.open("error");
    const stdin = client.open("stdin");
    const stdout = client.open("stdout");
    client.open("stderr").resume();
    stdin.end("through SPDY");
    t.equal(await textOf(stdout), "through SPDY", path);
    t.match(JSON.parse(await textOf(error)), { status: "Failure", reason: "NonZeroExitCode" });
    client.connection.close();
  }
  const { connection, protocol } = await dialWebSocket(
    `${base}/exec/default/${name}/main?command=echo&command=ws&output=1`,
    ["v5.channel.k8s.io"],
    tls(),
  );
  t.equal(protocol, "v5.channel.k8s.io");
  const parts: Buffer[] = [];
  await new Promise<void>((done) => {
    connection.listen({ message: (data) => void parts.push(Buffer.from(data)), closed: () => done() });
  });
  t.match(Buffer.concat(parts).toString(), /\x01ws\n/);
});

t.test("a command may be as long as a script is", async (t) => {
  const script = `echo begun; : ${"x".repeat(100_000)}; echo ended`;
  const query = new URLSearchParams([
    ["command", "sh"],
    ["command", "-c"],
    ["command", script],
    ["output", "1"],
  ]);
  const client = await dialSpdy(`${base}/exec/default/${name}/main?${query.toString()}`, undefined, tls());
  const error = client.open("error");
  t.equal(await textOf(client.open("stdout")), "begun\nended\n");
  t.match(JSON.parse(await textOf(error)), { status: "Success" });
  client.connection.close();
  const { code, out, err } = await node.agent.command("exec", name, "--", "sh", "-c", script);
  t.match({ code, out }, { code: 0, out: "begun\nended\n" }, err);
});

t.test("a connection is kept for whoever asks again", async (t) => {
  const keepAlive = await get("/healthz", "-i");
  t.match(keepAlive.body, /^keep-alive: timeout=90\r$/im);
});

t.test("attach and port-forward over SPDY", async (t) => {
  const echo = await node.run(sh("nc -l -p 7000 -e cat & while read line; do echo got $line; done", { stdin: true }));
  await node.running(echo);
  const attach = await dialSpdy(`${base}/attach/default/${echo}/main?input=1&output=1`, undefined, tls());
  attach.open("error").resume();
  const stdin = attach.open("stdin");
  const stdout = attach.open("stdout");
  stdin.write("one\n");
  const [first] = (await once(stdout, "data")) as [Buffer];
  t.equal(first.toString(), "got one\n");
  attach.connection.close();

  const forward = await dialSpdy(`${base}/portForward/default/${echo}`, ["portforward.k8s.io"], tls());
  forward.open("error", { port: "7000", requestid: "0" }).resume();
  const data = forward.open("data", { port: "7000", requestid: "0" });
  data.write("ping");
  const [answer] = (await once(data, "data")) as [Buffer];
  t.equal(answer.toString(), "ping");
  forward.connection.close();
});

setting(t, "streamingConnectionIdleTimeout", "a session through which nothing flows is ended", async (t) => {
  const second = await freePort();
  const file = write("idle", {
    port: second,
    readOnlyPort: 0,
    streamingConnectionIdleTimeout: "2s",
    enableServer: true,
  });
  await using idle = await FieldNode.create(34, [`--config=${file}`]);
  const pod = await idle.run(sh(FOREVER));
  await idle.running(pod);
  const ca = readFileSync(join(idle.directory, "root", "pki", "kubelet.crt"), "utf8");
  const address = `https://127.0.0.1:${second}/exec/default/${pod}/main?command=sleep&command=1000&output=1`;
  const client = await dialSpdy(address, undefined, { ...tls(), ca });
  client.open("error").resume();
  client.open("stdout").resume();
  await client.connection.closed;
  t.pass("ended");
});

t.test("what cannot be is told at the start", async (t) => {
  const error = async (more: object): Promise<string> => {
    const { code, err } = await node.agent.command("agent", `--config=${write("wrong", more)}`, ...ownDirectories());
    t.equal(code, 1);
    return err;
  };
  let number = 0;
  const ownDirectories = (): string[] => {
    const directory = join(scratch, `wrong-${++number}`);
    mkdirSync(directory);
    return [
      ...["root-dir", "state-dir", "run-dir", "container-logs-dir"].map((flag) => `--${flag}=${join(directory, flag)}`),
      `--pod-logs-dir=${join(directory, "logs")}`,
      "--allow-missing-cgroup-controllers",
      "--network=cni",
      `--cni-conf-dir=${directory}`,
      `--cni-cache-dir=${directory}/cache`,
      "--healthz-port=0",
    ];
  };
  t.match(await error({ authorization: { mode: "Webhook" } }), /authorization\.mode: Webhook asks an API server/);
  t.match(await error({ authentication: {} }), /authentication: There is no way to know who comes/);
  t.match(await error({ authentication: { x509: { clientCAFile: "/none" } } }), /\/none: Cannot read it/);
  t.match(await error({ tlsCipherSuites: ["RC4"] }), /tlsCipherSuites\[0\]: Must be one of/);
});

t.test("nothing is left", async (t) => {
  await node[Symbol.asyncDispose]();
  t.strictSame(await settledDifference(before, ownProcesses), []);
});
