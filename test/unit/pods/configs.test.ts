import t, { test } from "tap";

import { quantityMilli, quantityValue } from "../../../agent/base/quantity.ts";
import { Signal } from "../../../agent/cri/runtime.ts";
import { containerConfig } from "../../../agent/pods/container-config.ts";
import { dnsConfig, parseResolvConf, podHostname } from "../../../agent/pods/dns.ts";
import { type NodeAmounts, expand, resolveEnv, resourceField } from "../../../agent/pods/env.ts";
import { logTail } from "../../../agent/pods/files.ts";
import {
  cgroupParent,
  containerResources,
  hugePageLimits,
  cpuQuota,
  cpuShares,
  DEFAULT_LIMIT_SETTINGS,
  oomScoreAdj,
  podResources,
  qosClass,
} from "../../../agent/pods/qos.ts";
import { sandboxConfig } from "../../../agent/pods/sandbox-config.ts";
import type { DecodedPod } from "../../../agent/pods/schema/decode.ts";
import { setting } from "../../fixtures/settings.ts";
import { decoded } from "./node.ts";

const layout = { rootDir: "/root-dir", podLogsDir: "/logs", containerLogsDir: "/links" };
const addresses = { podIPs: ["10.0.0.2", "fd00::2"], hostIPs: ["192.0.2.1"], nodeName: "node" };

function pod(spec: object, metadata: object = {}): DecodedPod {
  return decoded("web", spec, { uid: "u-1", ...metadata }).pod;
}

function first(target: DecodedPod): DecodedPod["spec"]["containers"][number] {
  const [container] = target.spec.containers;
  if (container === undefined) throw new Error("no container");
  return container;
}

const node = (): NodeAmounts => ({ cpuMilli: 3500n, memory: 1n << 30n, ephemeralStorage: 10n << 30n });
const noObjects = { configMaps: new Map(), secrets: new Map() };

const main = (fields: object): object => ({ containers: [{ name: "main", image: "i:1", ...fields }] });

function config(target: DecodedPod, options: object = {}): ReturnType<typeof containerConfig> {
  const { variables } = resolveEnv(first(target), { pod: target, addresses, objects: noObjects, node });
  return containerConfig(target, first(target), {
    layout,
    env: variables,
    attempt: 2,
    hash: "0123456789abcdef",
    image: { id: "sha256:1", uid: { value: 1000n } },
    volumes: new Map([["data", { hostPath: "/host/data" }]]),
    subPaths: new Map(),
    recursiveReadOnly: true,
    userNamespace: undefined,
    limits: DEFAULT_LIMIT_SETTINGS,
    seccompDefault: false,
    seccompProfileRoot: "/seccomp",
    ...options,
  });
}

test("$(VAR) references", async (t) => {
  const variables = new Map([
    ["A", "1"],
    ["B", "$(A)"],
  ]);
  for (const [text, expanded] of [
    ["$(A)", "1"],
    ["x$(A)y$(A)", "x1y1"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$(C)", "$(C)"],
    ["$(B)", "$(A)"],
    ["$A $ {A} $", "$A $ {A} $"],
    ["$(A", "$(A"],
  ] as const) {
    t.equal(expand(text, variables), expanded, text);
  }
});

test("environment", async (t) => {
  const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const target = pod(
    main({
      resources: { limits: { cpu: "1500m", memory: "64Mi" } },
      env: [
        { name: "A", value: "a" },
        { name: "B", value: "$(A)$(Z)" },
        field("NAME", "metadata.name"),
        field("UID", "metadata.uid"),
        field("LABEL", "metadata.labels['app.io/x']"),
        field("IP", "status.podIP"),
        field("IPS", "status.podIPs"),
        field("HOST", "status.hostIP"),
        field("NODE", "spec.nodeName"),
        { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
        { name: "MEM", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } } },
        { name: "EMPTY" },
      ],
    }),
    { labels: { "app.io/x": "label" } },
  );
  t.strictSame(
    Object.fromEntries(resolveEnv(first(target), { pod: target, addresses, objects: noObjects, node }).variables),
    {
      A: "a",
      B: "a$(Z)",
      NAME: "web",
      UID: "u-1",
      LABEL: "label",
      IP: "10.0.0.2",
      IPS: "10.0.0.2,fd00::2",
      HOST: "192.0.2.1",
      NODE: "node",
      CPU: "2",
      MEM: "64",
      EMPTY: "",
    },
  );
  t.equal(resourceField("requests.cpu", "1m", first(target), node), "1500");
  const asked = (resource: string, divisor: string, limits?: Record<string, string>): string =>
    resourceField(resource, divisor, { name: "c", ...(limits && { resources: { limits } }) }, node);
  t.equal(asked("limits.cpu", "1"), "4", "without a limit, what of the node is for pods");
  t.equal(asked("limits.cpu", "1m"), "3500");
  t.equal(asked("limits.memory", "1Mi", { memory: "0" }), "1024");
  t.equal(asked("limits.ephemeral-storage", "1Gi"), "10");
  t.equal(asked("limits.hugepages-2Mi", "1Mi"), "0");
  t.equal(asked("requests.memory", "1"), "0");
});

test("environment from objects", async (t) => {
  const objects = {
    configMaps: new Map([["settings", { data: { A: "a", B: "b", "": "nameless", "x=y": "1" } }]]),
    secrets: new Map([["keys", { data: { B: Buffer.from("secret").toString("base64") } }]]),
  };
  const resolve = (fields: object): ReturnType<typeof resolveEnv> => {
    const target = pod(main(fields));
    return resolveEnv(first(target), { pod: target, addresses, objects, node });
  };
  const { variables, skipped } = resolve({
    envFrom: [
      { configMapRef: { name: "settings" } },
      { secretRef: { name: "keys" } },
      { prefix: "P_", secretRef: { name: "keys" } },
      { configMapRef: { name: "nothing", optional: true } },
    ],
    env: [
      { name: "A", value: "own $(A) $(B)" },
      { name: "C", valueFrom: { configMapKeyRef: { name: "settings", key: "B" } } },
      { name: "D", valueFrom: { secretKeyRef: { name: "keys", key: "B" } } },
      { name: "E", valueFrom: { secretKeyRef: { name: "keys", key: "Z", optional: true } } },
      { name: "F", valueFrom: { configMapKeyRef: { name: "nothing", key: "Z", optional: true } } },
    ],
  });
  t.strictSame(Object.fromEntries(variables), { A: "own a secret", B: "secret", P_B: "secret", C: "b", D: "secret" });
  t.strictSame(skipped, [{ source: "configMap default/settings", keys: ["", "x=y"] }]);
  for (const [fields, message] of [
    [{ envFrom: [{ configMapRef: { name: "no" } }] }, 'configmap "no" not found'],
    [{ envFrom: [{ secretRef: { name: "no" } }] }, 'secret "no" not found'],
    [{ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "no", key: "k" } } }] }, 'secret "no" not found'],
    [
      { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "k" } } }] },
      "couldn't find key k in ConfigMap default/settings",
    ],
  ] as const) {
    t.throws(() => resolve(fields), { code: "not-found", message });
  }
});

test("quantities", async (t) => {
  for (const [text, value, milli] of [
    ["1", 1n, 1000n],
    ["500m", 1n, 500n],
    ["0.1", 1n, 100n],
    [".5", 1n, 500n],
    ["1.5Gi", 1610612736n, 1610612736000n],
    ["1k", 1000n, 1000000n],
    ["1e3", 1000n, 1000000n],
    ["1E", 1000000000000000000n, 1000000000000000000000n],
    ["12E-3", 1n, 12n],
    ["100n", 1n, 1n],
    ["-1", -1n, -1000n],
    ["0", 0n, 0n],
  ] as const) {
    t.equal(quantityValue(text), value, text);
    t.equal(quantityMilli(text), milli, text);
  }
  for (const text of ["", "1GB", "m", ".", "1.2.3", "0x1", "1 Gi", "1e999", "9".repeat(50)])
    t.equal(quantityValue(text), undefined, text);
});

test("quality of service", async (t) => {
  const all = { cpu: "1", memory: "1Gi" };
  t.equal(qosClass(pod(main({}))), "BestEffort");
  t.equal(qosClass(pod(main({ resources: { limits: all } }))), "Guaranteed");
  t.equal(qosClass(pod(main({ resources: { limits: all, requests: { cpu: "500m" } } }))), "Burstable");
  t.equal(qosClass(pod(main({ resources: { limits: { cpu: "1" } } }))), "Burstable");
  t.equal(cgroupParent("u-1", "Guaranteed"), "/kubepods/podu-1");
  t.equal(cgroupParent("u-1", "Burstable"), "/kubepods/burstable/podu-1");
  t.equal(
    cgroupParent("u-1", "BestEffort", "systemd"),
    "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podu_1.slice",
  );
  t.equal(cpuShares(0n), 2n);
  t.equal(cpuShares(1500n), 1536n);
  t.equal(cpuQuota(1n), 1000n);
  t.equal(cpuQuota(1500n), 150_000n);
  const burstable = first(pod(main({ resources: { requests: { memory: "1Gi" } } })));
  t.equal(oomScoreAdj(burstable, "Burstable", 4 * 2 ** 30), 750);
  t.equal(oomScoreAdj(burstable, "BestEffort"), 1000);
  const guaranteed = pod(main({ resources: { limits: all } }));
  t.match(containerResources(first(guaranteed), guaranteed), {
    cpuShares: 1024n,
    cpuQuota: 100_000n,
    memoryLimitInBytes: 2n ** 30n,
    memorySwapLimitInBytes: 2n ** 30n,
    oomScoreAdj: -997n,
  });
  t.strictSame(hugePageLimits(first(pod(main({ resources: { limits: all } })))), {});
  const pages = { "hugepages-2Mi": "4Mi", "hugepages-1Gi": "0", "hugepages-64Ki": "64Ki" };
  t.strictSame(hugePageLimits({ name: "c", resources: { limits: pages } }), {
    hugepageLimits: [
      { pageSize: "2MB", limit: 4n << 20n },
      { pageSize: "1GB", limit: 0n },
      { pageSize: "64KB", limit: 1n << 16n },
    ],
  });
  const two = pod({
    initContainers: [{ name: "i", image: "i:1", resources: { limits: { cpu: "3", memory: "1Gi" } } }],
    containers: ["a", "b"].map((name) => ({ name, image: "i:1", resources: { limits: { cpu: "1", memory: "1Gi" } } })),
  });
  t.match(podResources(two), { cpuShares: 3072n, cpuQuota: 300_000n, memoryLimitInBytes: 2n ** 31n });
  t.equal(podResources(pod(main({}))).memoryLimitInBytes, undefined);
  const whole = { resources: { limits: { cpu: "2", memory: "1Gi" } }, overhead: { cpu: "500m", memory: "1Gi" } };
  t.equal(qosClass(pod({ ...whole, ...main({}) })), "Guaranteed");
  t.match(podResources(pod({ ...whole, ...main({}) })), {
    cpuShares: 2560n,
    cpuQuota: 250_000n,
    memoryLimitInBytes: 2n ** 31n,
  });
});

test("a container's configuration", async (t) => {
  const target = pod({
    securityContext: {
      fsGroup: 2000,
      supplementalGroups: [3000],
      runAsUser: 5,
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumes: [{ name: "data", emptyDir: {} }],
    ...main({
      command: ["run", "$(A)"],
      env: [{ name: "A", value: "1" }],
      tty: true,
      workingDir: "/w",
      volumeMounts: [{ name: "data", mountPath: "/data/", readOnly: true, mountPropagation: "HostToContainer" }],
      securityContext: {
        runAsGroup: 6,
        capabilities: { add: ["CAP_NET_ADMIN"], drop: ["all"] },
        allowPrivilegeEscalation: false,
      },
      lifecycle: { stopSignal: "SIGINT" },
    }),
  });
  const result = config(target);
  t.match(result, {
    metadata: { name: "main", attempt: 2 },
    image: { image: "sha256:1", userSpecifiedImage: "i:1" },
    command: ["run", "1"],
    workingDir: "/w",
    tty: true,
    logPath: "main/2.log",
    labels: { "io.kubernetes.pod.uid": "u-1", "io.kubernetes.container.name": "main" },
    annotations: { "io.kubernetes.container.hash": "0123456789abcdef", "io.kubernetes.container.restartCount": "2" },
    mounts: [
      { containerPath: "/data", hostPath: "/host/data", readonly: true, propagation: 1 },
      { containerPath: "/etc/hosts", hostPath: "/root-dir/pods/u-1/etc-hosts" },
      { containerPath: "/dev/termination-log", hostPath: "/root-dir/pods/u-1/containers/main/termination-2" },
    ],
    linux: {
      securityContext: {
        runAsUser: { value: 5n },
        runAsGroup: { value: 6n },
        supplementalGroups: [3000n, 2000n],
        capabilities: { addCapabilities: ["NET_ADMIN"], dropCapabilities: ["ALL"] },
        noNewPrivs: true,
        privileged: false,
        seccomp: { profileType: 0 },
        namespaceOptions: { network: 0, pid: 1, ipc: 0 },
      },
    },
  });
  t.equal(result.stopSignal, Signal.SIGNAL_SIGINT);
  t.equal(config(pod(main({ lifecycle: { stopSignal: "SIGRTMIN+3" } }))).stopSignal, Signal.SIGNAL_SIGRTMINPLUS3);
  t.ok(result.linux?.securityContext?.maskedPaths?.includes("/proc/kcore"));
  t.strictSame(config(pod(main({ securityContext: { privileged: true } }))).linux?.securityContext?.maskedPaths, []);

  const mapped = config(pod({ hostUsers: false, ...main({}) }), { userNamespace: 3 });
  const mapping = [{ containerId: 0, hostId: 196_608, length: 65_536 }];
  t.strictSame(
    mapped.mounts?.map((mount) => mount.uidMappings),
    [mapping, mapping],
  );
  t.strictSame(mapped.linux?.securityContext?.namespaceOptions?.usernsOptions, {
    mode: 0,
    uids: mapping,
    gids: mapping,
  });
});

test("runAsNonRoot is checked against the image", async (t) => {
  const target = pod(main({ securityContext: { runAsNonRoot: true } }));
  t.ok(config(target));
  t.throws(() => config(target, { image: { id: "x", uid: { value: 0n } } }), { message: /image will run as root/ });
  t.throws(() => config(target, { image: { id: "x", username: "www" } }), { message: /non-numeric user \(www\)/ });
  t.throws(() => config(pod(main({ securityContext: { runAsNonRoot: true, runAsUser: 0 } }))), {
    message: /breaks non-root/,
  });
});

test("a sandbox's configuration", async (t) => {
  const settings = {
    layout,
    cgroupDriver: "cgroupfs",
    podCgroup: "kubepods",
    hostname: "web",
    dns: {},
    attempt: 1,
    userNamespace: undefined,
    pidsLimit: -1,
    limits: DEFAULT_LIMIT_SETTINGS,
  } as const;
  const target = pod({
    shareProcessNamespace: true,
    securityContext: { sysctls: [{ name: "net/ipv4/tcp_syncookies", value: "1" }] },
    ...main({
      ports: [
        { containerPort: 80, hostPort: 8080 },
        { containerPort: 53, protocol: "UDP" },
      ],
    }),
  });
  t.match(sandboxConfig(target, settings), {
    metadata: { name: "web", namespace: "default", uid: "u-1", attempt: 1 },
    hostname: "web",
    logDirectory: "/logs/default_web_u-1",
    portMappings: [
      { protocol: 0, containerPort: 80, hostPort: 8080 },
      { protocol: 1, containerPort: 53, hostPort: 0 },
    ],
    linux: {
      cgroupParent: "/kubepods/besteffort/podu-1",
      sysctls: { "net.ipv4.tcp_syncookies": "1" },
      securityContext: { namespaceOptions: { network: 0, pid: 0, ipc: 0 } },
    },
  });
  const host = sandboxConfig(
    pod({ hostNetwork: true, hostPID: true, hostIPC: true, ...main({ ports: [{ containerPort: 80 }] }) }),
    settings,
  );
  t.match(host, {
    hostname: "",
    portMappings: [],
    linux: { securityContext: { namespaceOptions: { network: 2, pid: 2, ipc: 2 } } },
  });
});

test("name resolution", async (t) => {
  t.strictSame(
    parseResolvConf("# x\nnameserver 1.1.1.1\nsearch a b\nnameserver 2.2.2.2 # y\noptions ndots:2 rotate\n"),
    {
      servers: ["1.1.1.1", "2.2.2.2"],
      searches: ["a", "b"],
      options: ["ndots:2", "rotate"],
    },
  );
  const settings = { resolvConf: "/nonexistent", clusterDns: ["10.0.0.10"], clusterDomain: "cluster.local" };
  t.strictSame(await dnsConfig(pod({}), settings), {
    servers: ["10.0.0.10"],
    searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"],
    options: ["ndots:5"],
  });
  const own = {
    dnsConfig: {
      nameservers: ["9.9.9.9"],
      searches: ["x"],
      options: [{ name: "ndots", value: "1" }, { name: "edns0" }],
    },
  };
  t.strictSame(await dnsConfig(pod({ dnsPolicy: "None", ...own }), settings), {
    servers: ["9.9.9.9"],
    searches: ["x"],
    options: ["ndots:1", "edns0"],
  });
  t.match(await dnsConfig(pod({ ...own }), settings), {
    servers: ["10.0.0.10", "9.9.9.9"],
    options: ["ndots:1", "edns0"],
  });
  t.strictSame(await dnsConfig(pod({ hostNetwork: true }), settings), { servers: [], searches: [], options: [] });
  t.strictSame(podHostname(pod({}), ""), { hostname: "web", fqdn: "" });
  t.strictSame(podHostname(pod({ hostnameOverride: "any.name", subdomain: "s" }), "c"), {
    hostname: "any.name",
    fqdn: "",
  });
  const long = { subdomain: "s".repeat(60), setHostnameAsFQDN: true };
  t.throws(() => podHostname(pod(long), "c.local"), { message: /is too long \(64 characters is the max, 84 / });
  t.strictSame(podHostname(pod({ hostname: "h", subdomain: "s", setHostnameAsFQDN: true }), "c.local"), {
    hostname: "h.s.default.svc.c.local",
    fqdn: "h.s.default.svc.c.local",
  });
});

test("the end of a log stands in for a termination message", async (t) => {
  t.equal(logTail("t stdout F one\nt stderr P tw\nt stderr F o\nbroken\n"), "one\ntwo");
});

const limited = main({ resources: { limits: { cpu: "500m", memory: "1Gi" } } });

setting(t, "cpuCFSQuota", "without it neither containers nor pods are held to their limits of CPU", async (t) => {
  const limits = { ...DEFAULT_LIMIT_SETTINGS, cpuQuota: false };
  const { linux } = config(pod(limited), { limits });
  t.equal(linux?.resources?.cpuQuota, undefined);
  t.match(linux?.resources, { cpuShares: 512n, memoryLimitInBytes: 2n ** 30n });
  t.equal(podResources(pod(limited), limits).cpuQuota, undefined);
  t.equal(config(pod(limited)).linux?.resources?.cpuQuota, 50_000n, "with it they are");
});

setting(t, "cpuCFSQuotaPeriod", "the quotas of containers and pods are of this time", async (t) => {
  const limits = { ...DEFAULT_LIMIT_SETTINGS, cpuPeriod: 10_000n };
  const expected = { cpuQuota: 5_000n, cpuPeriod: 10_000n };
  t.match(config(pod(limited), { limits }).linux?.resources, expected);
  t.match(podResources(pod(limited), limits), expected);
});

setting(t, "singleProcessOOMKill", "with it memory.oom.group of a container is 0, else 1", async (t) => {
  const group = (oomGroup: boolean): string | undefined =>
    config(pod(limited), { limits: { ...DEFAULT_LIMIT_SETTINGS, oomGroup } }).linux?.resources?.unified?.[
      "memory.oom.group"
    ];
  t.equal(group(false), "0");
  t.equal(group(true), "1");
});

setting(
  t,
  "memorySwap.swapBehavior",
  "no container swaps; with LimitedSwap those that request less memory than they may have do, by the share that they request",
  async (t) => {
    const swap = { limited: true, memory: 8n * 2n ** 30n, swap: 2n * 2n ** 30n };
    const resourcesOf = (target: DecodedPod, limited = true): unknown =>
      config(target, { limits: { ...DEFAULT_LIMIT_SETTINGS, swap: { ...swap, limited } } }).linux?.resources;
    const burstable = main({ resources: { requests: { memory: "2Gi" }, limits: { memory: "4Gi" } } });
    const some = { memoryLimitInBytes: 2n ** 32n, memorySwapLimitInBytes: 2n ** 32n + 2n ** 29n };
    t.match(resourcesOf(pod(burstable)), some);
    t.match(resourcesOf(pod(burstable), false), { ...some, memorySwapLimitInBytes: 2n ** 32n });
    const open = main({ resources: { requests: { memory: "4Gi" } } });
    t.match(resourcesOf(pod(open)), { unified: { "memory.swap.max": String(2n ** 30n) } });
    t.match(resourcesOf(pod(open), false), { unified: { "memory.swap.max": "0" } });
    t.match(resourcesOf(pod(main({}))), { unified: { "memory.swap.max": "0" } }, "BestEffort");
    t.match(resourcesOf(pod(limited)), { memorySwapLimitInBytes: 2n ** 30n }, "as much as it may have");
    const critical = pod(open);
    critical.spec.priority = 2_000_000_000;
    t.match(resourcesOf(critical), { unified: { "memory.swap.max": "0" } }, "critical");
    t.equal(config(pod(open)).linux?.resources?.unified, undefined, "where the host does not count it");
  },
);

setting(
  t,
  "memoryThrottlingFactor",
  "memory.high lies at this part of the way from a container's request to its limit, or to what the node has",
  async (t) => {
    const throttling = { factor: 0.5, allocatable: 8n * 2n ** 30n };
    const high = (resources: object, limits: object = { throttling }): string | undefined =>
      config(pod(main({ resources })), { limits: { ...DEFAULT_LIMIT_SETTINGS, ...limits } }).linux?.resources
        ?.unified?.["memory.high"];
    const some = { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } };
    t.equal(high(some), String(3n * 2n ** 29n));
    t.equal(high({ requests: { memory: "1Gi" } }), String(9n * 2n ** 29n), "no limit");
    t.equal(high({}), undefined, "BestEffort");
    t.equal(high({ requests: { memory: "1000" }, limits: { memory: "9000" } }), "4096", "whole pages");
    t.equal(high({ limits: { memory: "1Gi" }, requests: { memory: "1Gi" } }), undefined, "nothing between");
    t.equal(high(some, {}), undefined, "without the gate");
  },
);
