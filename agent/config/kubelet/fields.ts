// KubeletConfiguration, kubelet.config.k8s.io/v1beta1, as of Kubernetes 1.36: all its fields, from which files and flags are read,
// checked and explained (docs/kubelet-configuration.md).
//
// A field inside another one is written as a path. Lists of objects are one field.

import { parseDuration } from "../../base/duration.ts";
import { quantityValue } from "../../base/quantity.ts";
import { bool, int, intOrName, list, map, number, object, oneOf, string, type Shape } from "../../base/shapes.ts";
import { CIPHER_NAMES } from "./tls.ts";
import {
  absolute,
  address,
  atLeast,
  count,
  duration,
  percent,
  port,
  quantityRule,
  textMap,
  texts,
  type Field,
} from "./field.ts";

const LABEL_VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;
const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;

const qualifiedName = (value: string): string | undefined =>
  QUALIFIED_NAME.test(value)
    ? undefined
    : "must be a name of letters, digits, '-', '_' and '.', with a domain and '/' before it or without";

const SIGNALS: readonly string[] = [
  "memory.available",
  "nodefs.available",
  "nodefs.inodesFree",
  "imagefs.available",
  "imagefs.inodesFree",
  "containerfs.available",
  "containerfs.inodesFree",
  "pid.available",
];
const signal = (key: string): string | undefined =>
  SIGNALS.includes(key) ? undefined : `is no eviction signal: write one of ${SIGNALS.join(", ")}`;

/** A percentage of what there is, or a quantity. */
const threshold = (value: string): string | undefined => {
  if (!value.endsWith("%")) return quantityRule(value);
  const share = Number(value.slice(0, -1));
  return value !== "%" && share >= 0 && share <= 100 ? undefined : "must be from 0% to 100%";
};

const RESERVED: readonly string[] = ["cpu", "memory", "ephemeral-storage", "pid"];
const reservations = map(
  string((value) => quantityRule(value) ?? ((quantityValue(value) ?? 0n) < 0n ? "must not be negative" : undefined)),
  (key) => (RESERVED.includes(key) ? undefined : `cannot be reserved: write one of ${RESERVED.join(", ")}`),
);

const taint: Shape = object(
  {
    key: string(qualifiedName),
    value: string((value) =>
      LABEL_VALUE.test(value) ? undefined : "must be at most 63 letters, digits, '-', '_' and '.'",
    ),
    effect: oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
  },
  ["key", "effect"],
);

const CPU_SET = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

const nowhere = "effect" as const;

export const FIELDS: Readonly<Record<string, Field>> = {
  enableServer: {
    shape: bool,
    default: true,
    flag: "enable-server",
    help: "serve the kubelet's own API",
  },
  staticPodPath: {
    shape: string(),
    path: true,
    flag: "pod-manifest-path",
    help: "directory of pod manifests, or one file; followed for changes",
  },
  podLogsDir: {
    shape: string(absolute),
    default: "/var/log/pods",
    flag: "pod-logs-dir",
    path: true,
    help: "logs of containers",
  },
  syncFrequency: {
    shape: duration,
    default: "1m0s",
    flag: "sync-frequency",
    help: "how often pods are compared with what runs, besides when something happens",
  },
  fileCheckFrequency: {
    shape: duration,
    default: "20s",
    flag: "file-check-frequency",
    help: "how often manifests are looked over besides being watched",
  },
  httpCheckFrequency: {
    shape: duration,
    default: "20s",
    flag: "http-check-frequency",
    help: "how often staticPodURL is read",
  },
  staticPodURL: {
    shape: string((value) =>
      value === "" || (URL.canParse(value) && /^https?:/.test(value)) ? undefined : "must be an http or https address",
    ),
    flag: "manifest-url",
    help: "address of pod manifests; read at intervals",
  },
  staticPodURLHeader: {
    shape: map(texts),
    flag: "manifest-url-header",
    form: "header-map",
    help: "headers sent to staticPodURL",
  },
  address: {
    shape: address,
    default: "0.0.0.0",
    flag: "address",
    help: "address that the server listens on",
  },
  port: { shape: port, default: 10_250, flag: "port", help: "port of the server" },
  readOnlyPort: {
    shape: port,
    default: 0,
    flag: "read-only-port",
    help: "port without authentication for what only reads; 0: none",
  },
  tlsCertFile: {
    shape: string(),
    path: true,
    flag: "tls-cert-file",
    help: "certificate of the server, with its chain",
  },
  tlsPrivateKeyFile: {
    shape: string(),
    path: true,
    flag: "tls-private-key-file",
    help: "key of tlsCertFile",
  },
  tlsCipherSuites: {
    shape: list(oneOf(...CIPHER_NAMES)),
    flag: "tls-cipher-suites",
    help: "ciphers of TLS 1.2, by their IANA names",
  },
  tlsCurvePreferences: {
    shape: list(int(1, 65_535)),
    flag: "tls-curve-preferences",
    help: "curves of key exchange, by IANA number",
  },
  tlsMinVersion: {
    shape: oneOf("", "VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"),
    flag: "tls-min-version",
    help: "oldest version of TLS that is spoken; by default 1.2",
  },
  rotateCertificates: {
    shape: bool,
    default: false,
    flag: "rotate-certificates",
    help: "renew the certificate shown to the API server before it ends",
  },
  serverTLSBootstrap: {
    shape: bool,
    default: false,
    flag: "rotate-server-certificates",
    help: "have the API server sign the server's certificate, and sign it anew before it ends or when addresses change",
  },
  "authentication.x509.clientCAFile": {
    shape: string(),
    path: true,
    flag: "client-ca-file",
    help: "CAs of clients: one is the common name of its certificate, in groups by its organizations",
  },
  "authentication.webhook.enabled": {
    shape: bool,
    default: true,
    flag: "authentication-token-webhook",
    help: "have the API server say whose a bearer token is",
  },
  "authentication.webhook.cacheTTL": {
    shape: duration,
    default: "2m0s",
    flag: "authentication-token-webhook-cache-ttl",
    help: "how long such an answer holds",
  },
  "authentication.anonymous.enabled": {
    shape: bool,
    default: false,
    flag: "anonymous-auth",
    help: "who shows nothing is system:anonymous instead of being refused",
  },
  "authorization.mode": {
    shape: oneOf("AlwaysAllow", "Webhook"),
    default: "Webhook",
    flag: "authorization-mode",
    help: "who decides what a user may do: Webhook asks the API server",
  },
  "authorization.webhook.cacheAuthorizedTTL": {
    shape: duration,
    default: "5m0s",
    flag: "authorization-webhook-cache-authorized-ttl",
    help: "how long a yes holds",
  },
  "authorization.webhook.cacheUnauthorizedTTL": {
    shape: duration,
    default: "30s",
    flag: "authorization-webhook-cache-unauthorized-ttl",
    help: "how long a no holds",
  },
  registryPullQPS: {
    shape: count,
    default: 5,
    zero: "counts",
    flag: "registry-qps",
    help: "pulls of images a second; 0: no limit",
  },
  registryBurst: {
    shape: count,
    default: 10,
    flag: "registry-burst",
    help: "pulls at once before registryPullQPS holds",
  },
  imagePullCredentialsVerificationPolicy: {
    shape: oneOf("NeverVerify", "NeverVerifyPreloadedImages", "NeverVerifyAllowlistedImages", "AlwaysVerify"),
    help: "which images that are there a pod may use without credentials for them",
  },
  preloadedImagesVerificationAllowlist: {
    shape: texts,
    help: "images that NeverVerifyAllowlistedImages lets through",
  },
  eventRecordQPS: {
    shape: count,
    default: 50,
    zero: "counts",
    flag: "event-qps",
    help: "events sent to the API server a second; 0: no limit",
  },
  eventBurst: {
    shape: count,
    default: 100,
    flag: "event-burst",
    help: "events sent at once before eventRecordQPS holds",
  },
  enableDebuggingHandlers: {
    shape: bool,
    default: true,
    flag: "enable-debugging-handlers",
    help: "serve logs, exec, attach, port-forward and what else shows or changes what runs",
  },
  enableContentionProfiling: {
    shape: bool,
    default: false,
    flag: "contention-profiling",
    help: "profile waits for Go's locks, which are not here",
    without: nowhere,
  },
  healthzPort: {
    shape: port,
    default: 10_248,
    zero: "counts",
    flag: "healthz-port",
    help: "port of /healthz; 0: none",
  },
  healthzBindAddress: {
    shape: address,
    default: "127.0.0.1",
    flag: "healthz-bind-address",
    help: "address that /healthz is served on",
  },
  oomScoreAdj: {
    shape: int(-1000, 1000),
    default: -999,
    zero: "counts",
    flag: "oom-score-adj",
    help: "how unlikely the kernel ends the daemon when memory runs out",
  },
  clusterDomain: { shape: string(), flag: "cluster-domain", help: "DNS domain of the cluster" },
  clusterDNS: {
    shape: list(address),
    flag: "cluster-dns",
    help: "name servers of the cluster, for dnsPolicy ClusterFirst",
  },
  streamingConnectionIdleTimeout: {
    shape: duration,
    default: "4h0m0s",
    flag: "streaming-connection-idle-timeout",
    help: "exec, attach and port-forward end when nothing flows for so long",
  },
  nodeStatusUpdateFrequency: {
    shape: duration,
    default: "10s",
    flag: "node-status-update-frequency",
    help: "how often the node's status is worked out",
  },
  nodeStatusReportFrequency: {
    shape: duration,
    help: "how often it is told when nothing changes; 5m, or nodeStatusUpdateFrequency where that is given",
  },
  nodeLeaseDurationSeconds: {
    shape: count,
    default: 40,
    help: "how long the node counts as alive without a sign",
  },
  imageMinimumGCAge: {
    shape: atLeast(0, "0 or more"),
    default: "2m0s",
    flag: "minimum-image-ttl-duration",
    help: "an unused image is kept for so long",
  },
  imageMaximumGCAge: {
    shape: atLeast(0, "0 or more"),
    default: "0s",
    help: "an unused image is removed after so long; 0: never for its age",
  },
  imageGCHighThresholdPercent: {
    shape: percent,
    default: 85,
    zero: "counts",
    flag: "image-gc-high-threshold",
    help: "usage of the disk from which images are removed",
  },
  imageGCLowThresholdPercent: {
    shape: percent,
    default: 80,
    zero: "counts",
    flag: "image-gc-low-threshold",
    help: "usage of the disk down to which images are removed",
  },
  volumeStatsAggPeriod: {
    shape: duration,
    default: "1m0s",
    flag: "volume-stats-agg-period",
    help: "how often the usage of volumes is measured while somebody asks for it; below 0: never",
  },
  kubeletCgroups: {
    shape: string(),
    flag: "kubelet-cgroups",
    help: "cgroup that the daemon moves into",
  },
  systemCgroups: {
    shape: string(),
    flag: "system-cgroups",
    help: "cgroup for processes that are in none",
    without: nowhere,
  },
  cgroupRoot: { shape: string(), flag: "cgroup-root", help: "cgroup above those of pods; it has to be there" },
  cgroupsPerQOS: {
    shape: bool,
    default: true,
    flag: "cgroups-per-qos",
    help: "a cgroup a QoS class and pod",
    without: nowhere,
  },
  cgroupDriver: {
    shape: oneOf("cgroupfs", "systemd"),
    default: "cgroupfs",
    flag: "cgroup-driver",
    help: "who makes cgroups; the runtime's own choice goes before it",
  },
  cpuManagerPolicy: {
    shape: oneOf("none", "static"),
    default: "none",
    flag: "cpu-manager-policy",
    help: "whether Guaranteed containers get CPUs of their own",
    without: nowhere,
  },
  singleProcessOOMKill: {
    shape: bool,
    help: "end one process of a container that is out of memory, not all",
  },
  cpuManagerPolicyOptions: {
    shape: textMap,
    flag: "cpu-manager-policy-options",
    form: "one-pair",
    help: "options of cpuManagerPolicy",
    without: nowhere,
  },
  cpuManagerReconcilePeriod: {
    shape: duration,
    default: "10s",
    flag: "cpu-manager-reconcile-period",
    help: "how often assigned CPUs are checked",
    without: nowhere,
  },
  memoryManagerPolicy: {
    shape: oneOf("None", "Static"),
    default: "None",
    flag: "memory-manager-policy",
    help: "whether Guaranteed pods get memory of their NUMA nodes",
    without: nowhere,
  },
  topologyManagerPolicy: {
    shape: oneOf("none", "best-effort", "restricted", "single-numa-node"),
    default: "none",
    flag: "topology-manager-policy",
    help: "how CPUs, memory and devices are to lie together",
    without: nowhere,
  },
  topologyManagerScope: {
    shape: oneOf("container", "pod"),
    default: "container",
    flag: "topology-manager-scope",
    help: "what topologyManagerPolicy is applied to",
    without: nowhere,
  },
  topologyManagerPolicyOptions: {
    shape: textMap,
    flag: "topology-manager-policy-options",
    help: "options of topologyManagerPolicy",
    without: nowhere,
  },
  qosReserved: {
    shape: textMap,
    flag: "qos-reserved",
    help: "share of requested memory kept from lower QoS classes",
    without: nowhere,
  },
  runtimeRequestTimeout: {
    shape: duration,
    default: "2m0s",
    flag: "runtime-request-timeout",
    help: "limit of a call of the runtime",
    without: nowhere,
  },
  hairpinMode: {
    shape: oneOf("none", "hairpin-veth", "promiscuous-bridge"),
    default: "promiscuous-bridge",
    flag: "hairpin-mode",
    help: "how a pod reaches itself through its service: the network's own affair",
    without: nowhere,
  },
  maxPods: { shape: count, default: 110, flag: "max-pods", help: "pods that run on the node" },
  podCIDR: {
    shape: string(),
    flag: "pod-cidr",
    help: "addresses of pods, without an API server",
  },
  podPidsLimit: {
    shape: int(-(2 ** 53) + 1, 2 ** 53 - 1),
    default: -1,
    zero: "counts",
    flag: "pod-max-pids",
    help: "processes of a pod; -1: no limit",
  },
  resolvConf: {
    shape: string(),
    default: "/etc/resolv.conf",
    zero: "counts",
    path: true,
    flag: "resolv-conf",
    help: "resolver configuration that pods start from",
  },
  runOnce: {
    shape: bool,
    default: false,
    flag: "runonce",
    help: "refused, as Kubernetes does: run the pods once and end",
  },
  cpuCFSQuota: {
    shape: bool,
    default: true,
    flag: "cpu-cfs-quota",
    help: "hold containers to their limits of CPU",
  },
  cpuCFSQuotaPeriod: {
    shape: duration,
    default: "100ms",
    zero: "counts",
    flag: "cpu-cfs-quota-period",
    help: "period over which CPU is metered",
  },
  nodeStatusMaxImages: {
    shape: int(-1, 2 ** 31 - 1),
    default: 50,
    zero: "counts",
    flag: "node-status-max-images",
    help: "images that the node's status lists; -1: all",
  },
  maxOpenFiles: {
    shape: int(0, 2 ** 53 - 1),
    default: 1_000_000,
    flag: "max-open-files",
    help: "files that the daemon may have open",
    without: nowhere,
  },
  contentType: {
    shape: string(),
    default: "application/vnd.kubernetes.protobuf",
    flag: "kube-api-content-type",
    help: "how objects are encoded for the API server",
    without: nowhere,
  },
  kubeAPIQPS: {
    shape: count,
    default: 50,
    zero: "counts",
    flag: "kube-api-qps",
    help: "requests to the API server a second",
  },
  kubeAPIBurst: {
    shape: count,
    default: 100,
    flag: "kube-api-burst",
    help: "requests at once before kubeAPIQPS holds",
  },
  serializeImagePulls: {
    shape: bool,
    flag: "serialize-image-pulls",
    help: "pull one image at a time; true unless maxParallelImagePulls is above 1",
  },
  maxParallelImagePulls: {
    shape: int(1, 2 ** 31 - 1),
    help: "pulls at a time",
  },
  evictionHard: {
    shape: map(string(threshold), signal),
    flag: "eviction-hard",
    form: "threshold-map",
    help: "what must be left before pods are ended at once",
    without: nowhere,
  },
  evictionSoft: {
    shape: map(string(threshold), signal),
    flag: "eviction-soft",
    form: "threshold-map",
    help: "what must be left before pods are ended after evictionSoftGracePeriod",
    without: nowhere,
  },
  evictionSoftGracePeriod: {
    shape: map(atLeast(0, "0 or more"), signal),
    flag: "eviction-soft-grace-period",
    help: "how long a soft threshold is passed before it counts",
    without: nowhere,
  },
  evictionPressureTransitionPeriod: {
    shape: duration,
    default: "5m0s",
    flag: "eviction-pressure-transition-period",
    help: "how long the node stays under pressure at least",
    without: nowhere,
  },
  evictionMaxPodGracePeriod: {
    shape: int(-(2 ** 31), 2 ** 31 - 1),
    default: 0,
    flag: "eviction-max-pod-grace-period",
    help: "seconds that a pod ended for a soft threshold gets at most",
    without: nowhere,
  },
  evictionMinimumReclaim: {
    shape: map(string(threshold), signal),
    flag: "eviction-minimum-reclaim",
    help: "what is won back at least once a threshold is passed",
    without: nowhere,
  },
  mergeDefaultEvictionSettings: {
    shape: bool,
    default: false,
    help: "signals that evictionHard leaves out keep their defaults",
    without: nowhere,
  },
  podsPerCore: {
    shape: count,
    default: 0,
    flag: "pods-per-core",
    help: "pods a core; 0: no such limit",
  },
  enableControllerAttachDetach: {
    shape: bool,
    default: true,
    flag: "enable-controller-attach-detach",
    help: "leave attaching volumes to the control plane",
  },
  protectKernelDefaults: {
    shape: bool,
    default: false,
    flag: "protect-kernel-defaults",
    help: "do not start where the kernel's settings are not kubelet's; they are never changed",
  },
  makeIPTablesUtilChains: {
    shape: bool,
    default: true,
    flag: "make-iptables-util-chains",
    help: "keep iptables chains that other programs look for",
    without: nowhere,
  },
  iptablesMasqueradeBit: {
    shape: int(0, 31),
    default: 14,
    zero: "counts",
    help: "mark of packets that are masqueraded",
    without: nowhere,
  },
  iptablesDropBit: {
    shape: int(0, 31),
    default: 15,
    zero: "counts",
    help: "mark of packets that are dropped",
    without: nowhere,
  },
  featureGates: {
    shape: map(bool),
    flag: "feature-gates",
    form: "gates",
    help: "features of Kubernetes, by name: they decide what else may be said here",
  },
  failSwapOn: {
    shape: bool,
    default: true,
    flag: "fail-swap-on",
    help: "refuse to start on a host with swap; by default only as a node of a cluster",
  },
  "memorySwap.swapBehavior": {
    shape: oneOf("", "NoSwap", "LimitedSwap"),
    help: "whether pods may swap: LimitedSwap lets some; by default none does",
  },
  containerLogMaxSize: {
    shape: string((value) =>
      (quantityValue(value) ?? 0n) > 0n ? undefined : "must be a quantity of bytes above 0, such as 10Mi",
    ),
    default: "10Mi",
    flag: "container-log-max-size",
    help: "a container's log is rotated when it is longer",
  },
  containerLogMaxFiles: {
    shape: int(2, 2 ** 31 - 1),
    default: 5,
    zero: "counts",
    flag: "container-log-max-files",
    help: "so many log files of a container are kept, the current one included",
  },
  containerLogMaxWorkers: {
    shape: int(1, 2 ** 31 - 1),
    default: 1,
    zero: "counts",
    help: "logs that are rotated at a time",
  },
  containerLogMonitorInterval: {
    shape: atLeast(3000, "3s or more"),
    default: "10s",
    zero: "counts",
    flag: "container-log-monitor-interval",
    help: "how often the size of logs is looked at",
  },
  configMapAndSecretChangeDetectionStrategy: {
    shape: oneOf("Get", "Cache", "Watch"),
    default: "Watch",
    help: "how changes of ConfigMaps and Secrets are noticed: by watches, or by asking every syncFrequency, of which Cache keeps answers",
  },
  systemReserved: {
    shape: reservations,
    flag: "system-reserved",
    help: "resources kept for the system",
  },
  kubeReserved: {
    shape: reservations,
    flag: "kube-reserved",
    help: "resources kept for the daemon",
  },
  reservedSystemCPUs: {
    shape: string((value) => (value === "" || CPU_SET.test(value) ? undefined : "must be CPUs such as 0-1,4")),
    flag: "reserved-cpus",
    help: "CPUs kept for the system and the daemon",
  },
  showHiddenMetricsForVersion: {
    shape: string((value) =>
      value === "" || value === "1.35" ? undefined : "must be the version before this one: 1.35",
    ),
    help: "show metrics that this version hides",
    without: nowhere,
  },
  systemReservedCgroup: {
    shape: string(),
    flag: "system-reserved-cgroup",
    help: "cgroup that systemReserved is enforced on, where enforceNodeAllocatable says so",
  },
  kubeReservedCgroup: {
    shape: string(),
    flag: "kube-reserved-cgroup",
    help: "cgroup that kubeReserved is enforced on, where enforceNodeAllocatable says so",
  },
  enforceNodeAllocatable: {
    shape: list(
      oneOf(
        "none",
        "pods",
        "system-reserved",
        "system-reserved-compressible",
        "kube-reserved",
        "kube-reserved-compressible",
      ),
    ),
    default: ["pods"],
    flag: "enforce-node-allocatable",
    help: "who is held to what is for them: pods, system-reserved and kube-reserved, these two also -compressible",
  },
  allowedUnsafeSysctls: {
    shape: texts,
    flag: "allowed-unsafe-sysctls",
    help: "sysctls that pods may set beside the safe ones; a last '*' stands for any rest",
  },
  volumePluginDir: {
    shape: string(),
    default: "/usr/libexec/kubernetes/kubelet-plugins/volume/exec/",
    path: true,
    flag: "volume-plugin-dir",
    help: "FlexVolume drivers",
    without: nowhere,
  },
  providerID: {
    shape: string(),
    flag: "provider-id",
    help: "the node's name in a database of machines",
  },
  kernelMemcgNotification: {
    shape: bool,
    default: false,
    flag: "kernel-memcg-notification",
    help: "have the kernel tell when memory thresholds are passed",
    without: nowhere,
  },
  "logging.format": {
    shape: oneOf("text", "json"),
    default: "text",
    flag: "logging-format",
    help: "form of the log; --log-format goes before it",
  },
  "logging.flushFrequency": {
    shape: intOrName(1, 2 ** 53 - 1, (value) =>
      (parseDuration(value) ?? 0) > 0 ? undefined : "must be a time above 0, such as 5s",
    ),
    default: "5s",
    flag: "log-flush-frequency",
    help: "how often a buffered log is written; this one is not buffered",
    without: nowhere,
  },
  "logging.verbosity": {
    shape: count,
    default: 0,
    flag: "v",
    help: "4: details, 6: everything; --log-level goes before it",
  },
  "logging.vmodule": {
    shape: list(object({ filePattern: string(), verbosity: count }, ["filePattern"])),
    flag: "vmodule",
    form: "vmodule",
    help: "verbosity of single files of Go",
    without: nowhere,
  },
  "logging.options.text.splitStream": {
    shape: bool,
    flag: "log-text-split-stream",
    help: "errors to standard error, the rest to standard output",
    without: nowhere,
  },
  "logging.options.text.infoBufferSize": {
    shape: { type: "quantity" },
    default: "0",
    flag: "log-text-info-buffer-size",
    help: "buffer of a split log",
    without: nowhere,
  },
  "logging.options.json.splitStream": {
    shape: bool,
    flag: "log-json-split-stream",
    help: "errors to standard error, the rest to standard output",
    without: nowhere,
  },
  "logging.options.json.infoBufferSize": {
    shape: { type: "quantity" },
    default: "0",
    flag: "log-json-info-buffer-size",
    help: "buffer of a split log",
    without: nowhere,
  },
  enableSystemLogHandler: { shape: bool, default: true, help: "serve the host's /var/log at /logs" },
  enableSystemLogQuery: {
    shape: bool,
    help: "answer queries for logs of services at /logs/?query=SERVICE",
  },
  shutdownGracePeriod: {
    shape: duration,
    default: "0s",
    help: "how long a shutdown of the host waits for pods",
    without: nowhere,
  },
  shutdownGracePeriodCriticalPods: {
    shape: duration,
    default: "0s",
    help: "how much of it critical pods get",
    without: nowhere,
  },
  shutdownGracePeriodByPodPriority: {
    shape: list(
      object({ priority: int(-(2 ** 31), 2 ** 31 - 1), shutdownGracePeriodSeconds: int(0, 2 ** 53 - 1) }, [
        "priority",
        "shutdownGracePeriodSeconds",
      ]),
    ),
    help: "how long pods of each priority get",
    without: nowhere,
  },
  "crashLoopBackOff.maxContainerRestartPeriod": {
    shape: duration,
    flag: "max-container-restart-period",
    help: "longest wait before a failed container is started again",
  },
  reservedMemory: {
    shape: list(object({ numaNode: count, limits: map({ type: "quantity" }) }, ["limits"])),
    flag: "reserved-memory",
    form: "reserved-memory",
    help: "memory of NUMA nodes kept for the system",
    without: nowhere,
  },
  enableProfilingHandler: { shape: bool, default: true, help: "serve profiles at /debug/pprof" },
  enableDebugFlagsHandler: {
    shape: bool,
    default: true,
    help: "let /debug/flags/v change the log's verbosity",
  },
  seccompDefault: {
    shape: bool,
    default: false,
    flag: "seccomp-default",
    help: "pods without a seccomp profile get RuntimeDefault",
  },
  memoryThrottlingFactor: {
    shape: number(0, 1),
    default: 0.9,
    zero: "counts",
    help: "part of the way from its request of memory to its limit from which a container is slowed down, with the gate MemoryQoS",
  },
  memoryReservationPolicy: {
    shape: oneOf("None", "TieredReservation"),
    default: "None",
    help: "whether requested memory is protected",
    without: nowhere,
  },
  registerWithTaints: {
    shape: list(taint),
    flag: "register-with-taints",
    form: "taints",
    help: "taints that the node is registered with",
  },
  registerNode: {
    shape: bool,
    default: true,
    flag: "register-node",
    help: "register the node at the API server",
  },
  "tracing.endpoint": { shape: string(), help: "where traces are sent", without: nowhere },
  "tracing.samplingRatePerMillion": {
    shape: int(0, 1_000_000),
    help: "traces of a million requests",
    without: nowhere,
  },
  localStorageCapacityIsolation: {
    shape: bool,
    default: true,
    flag: "local-storage-capacity-isolation",
    help: "heed requests and limits of ephemeral storage",
  },
  containerRuntimeEndpoint: {
    shape: string((value) =>
      value === "" || /^(unix:\/\/)?\//.test(value) ? undefined : "must be unix:// and an absolute path",
    ),
    default: "",
    flag: "container-runtime-endpoint",
    help: "another CRI v1 runtime: unix:///path/to/socket; empty or our own socket: the built-in one",
  },
  imageServiceEndpoint: {
    shape: string(),
    flag: "image-service-endpoint",
    help: "where images are, when not at containerRuntimeEndpoint: empty or our own socket",
  },
  failCgroupV1: {
    shape: bool,
    default: true,
    flag: "fail-cgroupv1",
    help: "refuse to start on a host with cgroup v1; the built-in runtime uses v2 alone",
    without: nowhere,
  },
  "userNamespaces.idsPerPod": {
    shape: int(65_536, 2 ** 32 - 1),
    help: "ids in a pod's user namespace",
    without: nowhere,
  },
};
