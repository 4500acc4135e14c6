// KubeletConfiguration out of files, drop-ins and flags.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import t, { test, type Test } from "tap";

import { describeError } from "../../../../agent/base/errors.ts";
import { setting } from "../../../fixtures/settings.ts";
import { parseFlags, readOptions, type AgentOptions } from "../../../../agent/config/options.ts";

const HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

class Host {
  readonly directory: string;

  constructor(t: Test) {
    this.directory = mkdtempSync(join(tmpdir(), "nodelet-config-"));
    t.teardown(() => rmSync(this.directory, { recursive: true }));
  }

  write(name: string, text: string): string {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** With `kubelet.yaml` of this text. */
  async read(text: string, ...argv: string[]): Promise<AgentOptions> {
    const path = this.write("kubelet.yaml", text.startsWith("apiVersion") ? text : HEAD + text);
    return await readOptions(parseFlags([`--config=${path}`, ...argv]));
  }

  async error(text: string, ...argv: string[]): Promise<string> {
    try {
      await this.read(text, ...argv);
      return "none";
    } catch (error) {
      return describeError(error);
    }
  }
}

test("fields of the file stand before the defaults, flags before the file", async (t) => {
  const { kubelet, givenFields } = await new Host(t).read(
    [
      "staticPodPath: manifests",
      "clusterDNS: [10.0.0.10]",
      "fileCheckFrequency: 90s",
      "port: 0",
      "syncFrequency: 0s",
      "seccompDefault: true",
      "featureGates: {MemoryQoS: true, NodeSwap: true}",
      "evictionHard: {memory.available: 200Mi}",
      "authentication: {anonymous: {enabled: true}, x509: {clientCAFile: ca.crt}}",
      "healthzPort: 0",
      "maxPods: null",
      "",
    ].join("\n"),
    "--seccomp-default=false",
    "--feature-gates=MemoryQoS=false,QOSReserved=true",
    "--system-reserved=cpu=200m,memory=1Gi",
    "--register-with-taints=a=b:NoSchedule,c:NoExecute",
    "--reserved-memory=0:memory=1Gi",
    "--reserved-memory=1:memory=2Gi",
    "--eviction-soft=memory.available<1Gi",
    "--eviction-soft-grace-period=memory.available=1m",
  );
  t.match(kubelet, {
    clusterDNS: ["10.0.0.10"],
    fileCheckFrequency: "1m30s",
    port: 10_250,
    healthzPort: 0,
    syncFrequency: "1m0s",
    seccompDefault: false,
    featureGates: { MemoryQoS: false, NodeSwap: true, QOSReserved: true },
    evictionHard: { "memory.available": "200Mi" },
    evictionSoft: { "memory.available": "1Gi" },
    authentication: { anonymous: { enabled: true }, webhook: { enabled: true, cacheTTL: "2m0s" } },
    maxPods: 110,
    systemReserved: { cpu: "200m", memory: "1Gi" },
    registerWithTaints: [
      { key: "a", value: "b", effect: "NoSchedule" },
      { key: "c", effect: "NoExecute" },
    ],
    reservedMemory: [
      { numaNode: 0, limits: { memory: "1Gi" } },
      { numaNode: 1, limits: { memory: "2Gi" } },
    ],
  });
  t.same(kubelet.evictionHard, { "memory.available": "200Mi" }, "the others are gone, as nothing asks for them");
  t.match(kubelet.staticPodPath, /^\/.*\/manifests$/, "beside the file");
  t.match(kubelet.authentication.x509.clientCAFile, /^\/.*\/ca\.crt$/);
  t.ok(givenFields.has("authentication.anonymous.enabled") && givenFields.has("systemReserved"));
  t.notOk(givenFields.has("authentication.webhook.enabled") || givenFields.has("maxPods"));
});

test("defaults that depend on other fields", async (t) => {
  const host = new Host(t);
  t.match((await host.read("maxParallelImagePulls: 3\n")).kubelet, { serializeImagePulls: false });
  t.match((await host.read("")).kubelet, {
    serializeImagePulls: true,
    nodeStatusReportFrequency: "5m0s",
    evictionHard: { "nodefs.available": "10%" },
    imagePullCredentialsVerificationPolicy: "NeverVerifyPreloadedImages",
    authorization: { mode: "Webhook" },
    readOnlyPort: 0,
  });
  t.match((await host.read("nodeStatusUpdateFrequency: 7s\n")).kubelet, { nodeStatusReportFrequency: "7s" });
  t.match((await host.read("evictionHard: {pid.available: 5%}\nmergeDefaultEvictionSettings: true\n")).kubelet, {
    evictionHard: { "pid.available": "5%", "memory.available": "100Mi" },
  });
  t.match((await host.read("podPidsLimit: -7\n")).kubelet, { podPidsLimit: -1 });
});

test("errors name file, line and field", async (t) => {
  const host = new Host(t);
  const cases: [text: string, error: RegExp][] = [
    [
      "staticPodPat: /x\n",
      /kubelet\.yaml:3:1: staticPodPat: Unknown field "staticPodPat" \(Did you mean staticPodPath\?\)/,
    ],
    ["authentication: {x509: {clientCa: a}}\n", /kubelet\.yaml:3:25: authentication\.x509\.clientCa: Unknown field/],
    ["maxPods: five\n", /kubelet\.yaml:3:10: maxPods: Must be a whole number: it is the string "five"/],
    ["maxPods: -5\n", /maxPods: Must be a whole number from 0 to 2147483647: it is -5/],
    ["clusterDNS: x\n", /clusterDNS: Must be a list/],
    ["syncFrequency: 10\n", /syncFrequency: Must be a string: it is the number 10/],
    ["imageGCHighThresholdPercent: 40\n", /imageGCLowThresholdPercent: Must be below .*which is 40: it is 80/],
    ["imageMaximumGCAge: 1m\n", /kubelet\.yaml:3:20: imageMaximumGCAge: Must be above imageMinimumGCAge/],
    [
      "cpuCFSQuotaPeriod: 2s\nfeatureGates: {CustomCPUCFSQuotaPeriod: true}\n",
      /cpuCFSQuotaPeriod: Must be from 1ms to 1s/,
    ],
    ["featureGates: {NodeSwop: true}\n", /featureGates\.NodeSwop: There is no feature gate .*Did you mean NodeSwap/],
    ["featureGates: {NodeSwap: false}\n", /featureGates\.NodeSwap: This feature gate is locked to true/],
    ["memoryReservationPolicy: TieredReservation\n", /needs the feature gate MemoryQoS/],
    ["containerLogMonitorInterval: 1s\n", /containerLogMonitorInterval: "1s" must be 3s or more/],
    ["containerLogMaxFiles: 1\n", /containerLogMaxFiles: Must be a whole number from 2/],
    ["shutdownGracePeriodCriticalPods: 10s\n", /shutdownGracePeriodCriticalPods: Must be at most shutdownGracePeriod/],
    [
      "enforceNodeAllocatable: [pods, kube-reserved]\n",
      /enforceNodeAllocatable\[1\]: kube-reserved needs kubeReservedCgroup/,
    ],
    ["enforceNodeAllocatable: [none, pods]\n", /enforceNodeAllocatable\[0\]: none must stand alone/],
    ["systemCgroups: /s\n", /systemCgroups: Needs cgroupRoot/],
    ["evictionHard: {memory.available: lots}\n", /evictionHard\["memory\.available"\]: "lots" must be a quantity/],
    ["evictionHard: {memory.available: 120%}\n", /must be from 0% to 100%/],
    ["evictionSoft: {memory.available: 1Gi}\n", /Needs its time in evictionSoftGracePeriod/],
    ["systemReserved: {gpu: '1'}\n", /systemReserved\.gpu: Key "gpu" cannot be reserved/],
    ["registerWithTaints: [{key: a, effect: Never}]\n", /registerWithTaints\[0\]\.effect: Must be one of NoSchedule/],
    ["userNamespaces: {idsPerPod: 70000}\n", /idsPerPod: Must be a multiple of 65536/],
    ["runOnce: true\n", /runOnce: Must not be set/],
    ["memoryThrottlingFactor: 1.5\n", /memoryThrottlingFactor: Must be a number above 0 and at most 1/],
    ["tlsCertFile: /a\n", /tlsCertFile: Needs tlsPrivateKeyFile/],
    ["tlsMinVersion: TLS13\n", /tlsMinVersion: Must be one of/],
    ["podLogsDir: /a/../b\n", /podLogsDir: Must have no '\/\/', '\.' or '\.\.'/],
    ["crashLoopBackOff: {maxContainerRestartPeriod: 10m}\n", /maxContainerRestartPeriod: Must be from 1s to 300s/],
    ["logging: {options: {text: {splitStream: true}}}\n", /splitStream: Needs the feature gate LoggingAlphaOptions/],
    ["serializeImagePulls: true\nmaxParallelImagePulls: 2\n", /maxParallelImagePulls: Must be 1 while/],
    ["imagePullCredentialsVerificationPolicy: Never\n", /Must be one of NeverVerify, /],
    ["preloadedImagesVerificationAllowlist: [a/b]\n", /Needs .*: NeverVerifyAllowlistedImages/],
    ...["''", "' a'", "'*'", "'/*'", "'a*'", "'a/*/b'", "a:1", "'a@sha256:0'"].map((pattern): [string, RegExp] => [
      `imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\npreloadedImagesVerificationAllowlist: [a/b, ${pattern}]\n`,
      /kubelet\.yaml:4:\d+: preloadedImagesVerificationAllowlist\[1\]: Must be the name of an image/,
    ]),
    ["reservedSystemCPUs: 3-1\n", /reservedSystemCPUs: 3-1 ends before it begins/],
    ["podCIDR: fd00::/8\n", /podCIDR: Must be an IPv4 network/],
    ["apiVersion: v1\nkind: Pod\n", /Must be a KubeletConfiguration/],
    ["a: b: c\n", /kubelet\.yaml:3:4: Not valid YAML/],
  ];
  for (const [text, error] of cases) t.match(await host.error(text), error, text);
  const several = await host.error("maxPods: -1\nregistryBurst: x\n");
  t.match(several, /kubelet\.yaml:3:10: maxPods: .*\n.*kubelet\.yaml:4:16: registryBurst: /, "all at once");
  t.match(
    await host.error("", "--image-gc-high-threshold=5"),
    /^--image-gc-high-threshold|imageGCLowThresholdPercent: /,
  );
  await t.rejects(readOptions(parseFlags(["--config=/nonexistent"])), { message: /Cannot read the configuration/ });
});

setting(t, "runOnce", "it is refused", async (t) => {
  t.match(await new Host(t).error("runOnce: true\n"), /runOnce: Must not be set/);
});

setting(t, "featureGates", "they decide what else may be said", async (t) => {
  const host = new Host(t);
  t.match(await host.error("memoryReservationPolicy: TieredReservation\n"), /needs the feature gate MemoryQoS/);
  const text = "memoryReservationPolicy: TieredReservation\nfeatureGates: {MemoryQoS: true}\n";
  t.match((await host.read(text)).kubelet, { memoryReservationPolicy: "TieredReservation" });
  t.match(
    await host.error("serverTLSBootstrap: true\nfeatureGates: {AllBeta: false}\n"),
    /RotateKubeletServerCertificate/,
  );
});

test("drop-ins are laid over the file in the order of their names", async (t) => {
  const host = new Host(t);
  const directory = join(host.directory, "kubelet.d");
  host.write(
    "kubelet.d/20-b.conf",
    `${HEAD}maxPods: 30\nclusterDNS: [10.0.0.3]\nevictionHard: {memory.available: 1Gi}\n`,
  );
  host.write("kubelet.d/10-a.conf", `${HEAD}maxPods: 20\nclusterDomain: a.example\nfeatureGates: {MemoryQoS: true}\n`);
  host.write("kubelet.d/30/c.conf", `${HEAD}staticPodURL: null\n`);
  host.write("kubelet.d/40.yaml", "not read");
  const file = "clusterDNS: [10.0.0.1, 10.0.0.2]\nstaticPodURL: http://x/\nfeatureGates: {QOSReserved: true}\n";
  const { kubelet, givenFields } = await host.read(file, `--config-dir=${directory}`);
  t.match(kubelet, {
    maxPods: 30,
    clusterDomain: "a.example",
    clusterDNS: ["10.0.0.3"],
    featureGates: { MemoryQoS: true, QOSReserved: true },
    evictionHard: { "memory.available": "1Gi", "nodefs.available": "10%" },
  });
  t.equal(kubelet.staticPodURL, undefined, "null takes away");
  t.ok(givenFields.has("clusterDomain"));
  t.match((await readOptions(parseFlags([`--config-dir=${directory}`, "--max-pods=7"]))).kubelet, { maxPods: 7 });

  host.write("kubelet.d/50.conf", `${HEAD}maxPodz: 1\n`);
  t.match(await host.error(file, `--config-dir=${directory}`), /kubelet\.d\/50\.conf:3:1: maxPodz: Unknown field/);
  host.write("kubelet.d/50.conf", `${HEAD}imageGCLowThresholdPercent: 90\n`);
  t.match(
    await host.error(file, `--config-dir=${directory}`),
    /kubelet\.d\/50\.conf:3:29: imageGCLowThresholdPercent: /,
  );
  host.write("kubelet.d/50.conf", "maxPods: 1\n");
  t.match(await host.error(file, `--config-dir=${directory}`), /50\.conf: Must be a KubeletConfiguration/);
  t.match(await host.error(file, `--config-dir=${directory}/none`), /Cannot read the drop-ins.*ENOENT/);
});

test("secrets are not shown", async (t) => {
  const { shownConfiguration } = await import("../../../../agent/config/kubelet/shown.ts");
  const { kubelet } = await readOptions(
    parseFlags(["--manifest-url=http://user:word@host/a?token=1", "--manifest-url-header=Authorization:Bearer x"]),
  );
  t.same(kubelet.staticPodURLHeader, { Authorization: ["Bearer x"] });
  const shown = shownConfiguration(kubelet);
  t.equal(shown.staticPodURL, "http://host/a");
  t.same(shown.staticPodURLHeader, { Authorization: ["<masked>"] });
});
