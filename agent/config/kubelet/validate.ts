// What must hold between the fields of a configuration, and of those whose rules need more than the value itself: as Kubernetes
// 1.36 checks it.

import { parseDuration } from "../../base/duration.ts";
import { quantityValue } from "../../base/quantity.ts";
import type { Problems } from "../../base/shapes.ts";
import { milliseconds, type KubeletConfiguration } from "./configuration.ts";
import { CURVE_NUMBERS } from "./tls.ts";
import { featureGates, gateProblem, type FeatureGates } from "./feature-gates.ts";

type Rule = (config: KubeletConfiguration, gates: FeatureGates, problems: Problems) => void;

const SECOND = 1_000;
const RESTART_PERIOD_MAX_MS = 300_000;
const IDS_UNIT = 65_536;

const images: Rule = (config, _gates, problems) => {
  const { imageGCLowThresholdPercent: low, imageGCHighThresholdPercent: high } = config;
  if (low >= high)
    problems.add(
      ["imageGCLowThresholdPercent"],
      `Must be below imageGCHighThresholdPercent, which is ${high}: it is ${low}`,
    );
  const maximum = milliseconds(config.imageMaximumGCAge);
  if (maximum > 0 && maximum <= milliseconds(config.imageMinimumGCAge))
    problems.add(
      ["imageMaximumGCAge"],
      `Must be above imageMinimumGCAge, which is ${config.imageMinimumGCAge}: it is ${config.imageMaximumGCAge}`,
    );
  if (config.serializeImagePulls && (config.maxParallelImagePulls ?? 1) > 1)
    problems.add(
      ["maxParallelImagePulls"],
      `Must be 1 while serializeImagePulls is true: it is ${config.maxParallelImagePulls}`,
      "Set serializeImagePulls: false",
    );
};

const pulledImages: Rule = (config, gates, problems) => {
  const { imagePullCredentialsVerificationPolicy: policy, preloadedImagesVerificationAllowlist: allowed = [] } = config;
  if (!gates.enabled("KubeletEnsureSecretPulledImages")) {
    const fix = "Turn the feature gate on, or remove it";
    if (policy !== undefined)
      problems.add(
        ["imagePullCredentialsVerificationPolicy"],
        "Needs the feature gate KubeletEnsureSecretPulledImages",
        fix,
      );
    if (allowed.length > 0)
      problems.add(
        ["preloadedImagesVerificationAllowlist"],
        "Needs the feature gate KubeletEnsureSecretPulledImages",
        fix,
      );
    return;
  }
  if (allowed.length > 0 && policy !== "NeverVerifyAllowlistedImages")
    problems.add(
      ["preloadedImagesVerificationAllowlist"],
      "Needs imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages",
    );
  for (const [index, pattern] of allowed.entries()) {
    if (isImagePattern(pattern)) continue;
    problems.add(
      ["preloadedImagesVerificationAllowlist", index],
      "Must be the name of an image without tag and digest, or such a beginning with /* behind it",
    );
  }
};

function isImagePattern(pattern: string): boolean {
  if (pattern !== pattern.trim() || pattern === "" || pattern === "/*") return false;
  const name = pattern.endsWith("/*") ? pattern.slice(0, -1) : pattern;
  return !/[*@]/.test(name) && !/:[^/]*$/.test(name);
}

const cpu: Rule = (config, gates, problems) => {
  const period = milliseconds(config.cpuCFSQuotaPeriod);
  if (!gates.enabled("CustomCPUCFSQuotaPeriod") && period !== 100)
    problems.add(["cpuCFSQuotaPeriod"], "Needs the feature gate CustomCPUCFSQuotaPeriod");
  else if (period < 1 || period > SECOND)
    problems.add(["cpuCFSQuotaPeriod"], `Must be from 1ms to 1s: it is ${config.cpuCFSQuotaPeriod}`);
  if (config.reservedSystemCPUs === undefined || config.reservedSystemCPUs === "") return;
  if ((config.systemReservedCgroup ?? "") !== "" || (config.kubeReservedCgroup ?? "") !== "")
    problems.add(["reservedSystemCPUs"], "Must not be set together with systemReservedCgroup or kubeReservedCgroup");
  for (const range of config.reservedSystemCPUs.split(",")) {
    const [first = 0, last = first] = range.split("-").map(Number);
    if (last < first) problems.add(["reservedSystemCPUs"], `${range} ends before it begins`);
  }
};

const cgroups: Rule = (config, _gates, problems) => {
  if ((config.systemCgroups ?? "") !== "" && (config.cgroupRoot ?? "") === "")
    problems.add(["systemCgroups"], "Needs cgroupRoot", "Set cgroupRoot, as / for the root");
  const path = ["enforceNodeAllocatable"];
  const enforced = config.enforceNodeAllocatable;
  for (const kind of ["system-reserved", "kube-reserved"])
    if (enforced.includes(kind) && enforced.includes(`${kind}-compressible`))
      problems.add(path, `${kind} and ${kind}-compressible exclude each other`);
  for (const [index, name] of enforced.entries()) {
    const at = [...path, index];
    if (enforced.indexOf(name) !== index) {
      problems.add(at, `${name} stands there twice`);
      continue;
    }
    if (name === "none") {
      if (enforced.length > 1) problems.add(at, "none must stand alone");
      continue;
    }
    if (name.startsWith("system-reserved") && (config.systemReservedCgroup ?? "") === "")
      problems.add(at, `${name} needs systemReservedCgroup`);
    if (name.startsWith("kube-reserved") && (config.kubeReservedCgroup ?? "") === "")
      problems.add(at, `${name} needs kubeReservedCgroup`);
    if (!config.cgroupsPerQOS) problems.add(at, `${name} needs cgroupsPerQOS: true`);
  }
};

const shutdown: Rule = (config, gates, problems) => {
  const whole = milliseconds(config.shutdownGracePeriod);
  const critical = milliseconds(config.shutdownGracePeriodCriticalPods);
  if (gates.enabled("GracefulNodeShutdown")) {
    if (critical > whole)
      problems.add(
        ["shutdownGracePeriodCriticalPods"],
        `Must be at most shutdownGracePeriod, which is ${config.shutdownGracePeriod}: it is ${config.shutdownGracePeriodCriticalPods}`,
      );
    for (const [name, period] of [
      ["shutdownGracePeriod", whole],
      ["shutdownGracePeriodCriticalPods", critical],
    ] as const)
      if (period < 0 || (period > 0 && period < SECOND))
        problems.add([name], `Must be 0, or 1s or more: it is ${config[name]}`);
  } else if (whole > 0 || critical > 0) {
    problems.add(
      [whole > 0 ? "shutdownGracePeriod" : "shutdownGracePeriodCriticalPods"],
      "Needs the feature gate GracefulNodeShutdown",
    );
  }
  if ((config.shutdownGracePeriodByPodPriority ?? []).length === 0) return;
  const path = ["shutdownGracePeriodByPodPriority"];
  if (!gates.enabled("GracefulNodeShutdownBasedOnPodPriority"))
    problems.add(path, "Needs the feature gate GracefulNodeShutdownBasedOnPodPriority");
  else if (whole > 0 || critical > 0)
    problems.add(path, "Must not be set together with shutdownGracePeriod and shutdownGracePeriodCriticalPods");
};

const restarts: Rule = (config, gates, problems) => {
  const path = ["crashLoopBackOff", "maxContainerRestartPeriod"];
  const { maxContainerRestartPeriod: period } = config.crashLoopBackOff;
  if (period === undefined) return;
  if (!gates.enabled("KubeletCrashLoopBackOffMax"))
    problems.add(path, "Needs the feature gate KubeletCrashLoopBackOffMax");
  else if (milliseconds(period) < SECOND || milliseconds(period) > RESTART_PERIOD_MAX_MS)
    problems.add(path, `Must be from 1s to 300s: it is ${period}`);
};

const memory: Rule = (config, gates, problems) => {
  if (config.memoryReservationPolicy === "TieredReservation" && !gates.enabled("MemoryQoS"))
    problems.add(["memoryReservationPolicy"], "TieredReservation needs the feature gate MemoryQoS");
  const seen = new Set<string>();
  for (const [index, { numaNode = 0, limits }] of (config.reservedMemory ?? []).entries()) {
    for (const [resource, amount] of Object.entries(limits)) {
      const at = ["reservedMemory", index, "limits", resource];
      if (resource !== "memory" && !resource.startsWith("hugepages-"))
        problems.add(at, "Must be memory or hugepages-SIZE", undefined, "key");
      if ((quantityValue(amount) ?? 0n) === 0n) problems.add(at, "Must not be 0");
      if (seen.has(`${numaNode}/${resource}`))
        problems.add(at, `NUMA node ${numaNode} has ${resource} twice`, undefined, "key");
      seen.add(`${numaNode}/${resource}`);
    }
  }
  const ids = config.userNamespaces?.idsPerPod;
  if (ids !== undefined && ids % IDS_UNIT !== 0)
    problems.add(["userNamespaces", "idsPerPod"], `Must be a multiple of ${IDS_UNIT}: it is ${ids}`);
};

const eviction: Rule = (config, _gates, problems) => {
  for (const signal of Object.keys(config.evictionSoft ?? {}))
    if (config.evictionSoftGracePeriod?.[signal] === undefined)
      problems.add(
        ["evictionSoft", signal],
        `Needs its time in evictionSoftGracePeriod`,
        `Set evictionSoftGracePeriod: {${signal}: 1m30s}`,
      );
};

const server: Rule = (config, gates, problems) => {
  if (config.serverTLSBootstrap && !gates.enabled("RotateKubeletServerCertificate"))
    problems.add(["serverTLSBootstrap"], "Needs the feature gate RotateKubeletServerCertificate");
  if (config.port < 1)
    problems.add(["port"], `Must be from 1 to 65535: it is ${config.port}`, "Set enableServer: false for none");
  if (config.nodeLeaseDurationSeconds < 1)
    problems.add(["nodeLeaseDurationSeconds"], `Must be above 0: it is ${config.nodeLeaseDurationSeconds}`);
  const { tlsCertFile: certificate = "", tlsPrivateKeyFile: key = "" } = config;
  if ((certificate === "") !== (key === ""))
    problems.add(
      [certificate === "" ? "tlsPrivateKeyFile" : "tlsCertFile"],
      `Needs ${certificate === "" ? "tlsCertFile" : "tlsPrivateKeyFile"}`,
    );
  const curves = config.tlsCurvePreferences ?? [];
  for (const [index, curve] of curves.entries()) {
    if (!CURVE_NUMBERS.includes(curve))
      problems.add(["tlsCurvePreferences", index], `Must be one of ${CURVE_NUMBERS.join(", ")}: it is ${curve}`);
    if (curves.indexOf(curve) !== index) problems.add(["tlsCurvePreferences", index], `${curve} stands there twice`);
  }
  if (config.enableSystemLogQuery === true && !gates.enabled("NodeLogQuery"))
    problems.add(["enableSystemLogQuery"], "Needs the feature gate NodeLogQuery");
  if (config.enableSystemLogQuery === true && !config.enableSystemLogHandler)
    problems.add(["enableSystemLogQuery"], "Needs enableSystemLogHandler: true");
};

const logging: Rule = (config, gates, problems) => {
  const { format, vmodule = [], options } = config.logging;
  if (vmodule.length > 0 && format !== "text")
    problems.add(["logging", "vmodule"], "Must be empty unless the format is text");
  for (const kind of ["text", "json"] as const) {
    const alpha = gates.enabled("LoggingAlphaOptions");
    if (options[kind].splitStream === true && !alpha)
      problems.add(["logging", "options", kind, "splitStream"], "Needs the feature gate LoggingAlphaOptions");
    if (!alpha && (quantityValue(options[kind].infoBufferSize) ?? 0n) !== 0n)
      problems.add(["logging", "options", kind, "infoBufferSize"], "Needs the feature gate LoggingAlphaOptions");
  }
  const { endpoint } = config.tracing ?? {};
  const scheme = endpoint === undefined ? undefined : /^([\w-]+):\/\//.exec(endpoint)?.[1];
  if (scheme !== undefined && !["dns", "unix", "unix-abstract"].includes(scheme))
    problems.add(
      ["tracing", "endpoint"],
      `Must begin with dns://, unix:// or unix-abstract://, or with none: it has ${scheme}`,
    );
};

const paths: Rule = (config, _gates, problems) => {
  const { podLogsDir } = config;
  const parts = podLogsDir.split("/").slice(1);
  if (parts.some((part) => part === "." || part === ".." || (part === "" && parts.length > 1)))
    problems.add(
      ["podLogsDir"],
      `Must have no '//', '.' or '..' and no '/' at its end: it is ${JSON.stringify(podLogsDir)}`,
    );
  if (!/^[\x20-\x7e]*$/.test(podLogsDir)) problems.add(["podLogsDir"], "Must be of ASCII characters");
  if (config.runOnce) problems.add(["runOnce"], "Must not be set: Kubernetes has given it up", "Remove it");
  for (const [name, text] of Object.entries({
    syncFrequency: config.syncFrequency,
    fileCheckFrequency: config.fileCheckFrequency,
    httpCheckFrequency: config.httpCheckFrequency,
  }))
    if ((parseDuration(text) ?? 0) < 0) problems.add([name], `Must not be negative: it is ${text}`);
};

const RULES: readonly Rule[] = [
  images,
  pulledImages,
  cpu,
  cgroups,
  shutdown,
  restarts,
  memory,
  eviction,
  server,
  logging,
  paths,
];

/** Gates come first: the other rules stand on them. */
export function checkGates(set: Readonly<Record<string, unknown>>, problems: Problems): void {
  for (const [name, value] of Object.entries(set)) {
    const problem = typeof value === "boolean" ? gateProblem(name, value) : undefined;
    if (problem !== undefined) problems.add(["featureGates", name], problem.message, problem.fix, "key");
  }
}

export function validate(config: KubeletConfiguration, problems: Problems): void {
  const gates = featureGates(config.featureGates ?? {});
  for (const rule of RULES) rule(config, gates, problems);
}
