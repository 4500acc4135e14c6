// Puts the daemon together from its parts, and takes it apart again.

import { existsSync } from "node:fs";
import { join } from "node:path";

import type { V1Pod } from "@kubernetes/client-node";

import { DeviceManager } from "../../../deviceplugins/device-manager.ts";
import { servePodResources } from "../../../deviceplugins/pod-resources.ts";
import { systemClock } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import { NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { quantityValue } from "../../base/quantity.ts";
import { milliseconds } from "../../config/kubelet/configuration.ts";
import { featureGates } from "../../config/kubelet/feature-gates.ts";
import { fieldsWithoutEffect, shownConfiguration } from "../../config/kubelet/shown.ts";
import type { AgentOptions } from "../../config/options.ts";
import { measured, RuntimeMeters } from "../../cri/measured.ts";
import { CertificateMeters } from "../../kube/certificates/meters.ts";
import { RequestMeters } from "../../kube/request-meters.ts";
import { allocatable } from "../../node/capacity.ts";
import { checkKernelSettings } from "../../node/kernel-settings.ts";
import { setOomScore } from "../../node/oom-score.ts";
import { checkSwap } from "../../node/swap.ts";
import { collectImages } from "../../node/image-garbage.ts";
import { readMachine } from "../../node/machine.ts";
import { PodMeters } from "../../pods/meters.ts";
import { rotateLogs } from "../../pods/log-rotation.ts";
import { NodePodManager } from "../../pods/pod-manager.ts";
import { createLocalServer } from "../../server/server.ts";
import { ManifestSource } from "../../sources/manifests.ts";
import type { PodSource } from "../../sources/source.ts";
import { UrlSource } from "../../sources/url.ts";
import { lockDirectory } from "../../store/directory-lock.ts";
import { findHierarchy } from "../../system/cgroupfs.ts";
import { enterCgroup } from "../../system/own-cgroup.ts";
import { createLinuxSystem } from "../../system/linux.ts";
import { ownCgroup } from "../../system/procfs.ts";
import { createSlowCalls } from "../../system/slow-calls.ts";
import { shareRoot } from "../../volumes/shared-root.ts";
import { socketPath } from "../cli.ts";
import type { Daemon } from "../daemon-command.ts";
import { ownVersion } from "../version.ts";
import { createCriServer } from "../../cri-server/server.ts";
import { openBuiltinRuntime } from "../runtime/builtin-runtime.ts";
import { makeDirectory } from "../runtime/directories.ts";
import { POD_CGROUP, removeOwnCgroups, SHIM_CGROUP } from "../runtime/own-cgroups.ts";
import { hostAddresses, readAddresses } from "./addresses.ts";
import { holdPods } from "./hold-pods.ts";
import { holdReserved } from "./hold-reserved.ts";
import { prepareKubeletApi, startKubeletApi } from "./kubelet-api.ts";
import { openImageAccess, tidyImageAccess } from "./image-access.ts";
import { pullEvent } from "./pull-event.ts";
import { reservationsOf } from "./reservations.ts";

/** The built-in runtime's. */
const CGROUP_DRIVER = "cgroupfs";

/**
 * Starts the daemon: it has taken up what an earlier one left, and answers on its socket. What was begun is undone when it
 * throws. Disposing lets go of everything; pods run on.
 */
export async function startAgent(options: AgentOptions, log: Logger, signal: AbortSignal): Promise<Daemon> {
  const { kubelet } = options;
  refuseLater(options);
  reportWithoutEffect(options, log);
  if (kubelet.protectKernelDefaults) checkKernelSettings();
  if (kubelet.failSwapOn && (options.kubeconfig !== "" || options.givenFields.has("failSwapOn"))) checkSwap();
  checkCgroupRoot(kubelet.cgroupRoot);
  setOomScore(kubelet.oomScoreAdj, log);
  if (kubelet.cgroupDriver !== CGROUP_DRIVER)
    log.info(
      { cgroupDriver: kubelet.cgroupDriver },
      `the runtime makes cgroups by ${CGROUP_DRIVER}, which goes before it`,
    );
  const podCgroup = join(kubelet.cgroupRoot ?? "", POD_CGROUP).replace(/^\/+/, "");
  const clock = systemClock;
  const startedAt = Number(clock.now() / 1_000_000n);
  const version = ownVersion();
  const system = createLinuxSystem();
  await using parts = new AsyncDisposableStack();
  if ((kubelet.kubeletCgroups ?? "") !== "") parts.use(enterCgroup(kubelet.kubeletCgroups ?? ""));

  for (const [directory, mode, flag] of [
    [options.runDir, 0o700, "--run-dir"],
    [options.stateDir, 0o700, "--state-dir"],
    [options.rootDir, 0o755, "--root-dir"],
    [kubelet.podLogsDir, 0o755, "--pod-logs-dir"],
    [options.containerLogsDir, 0o755, "--container-logs-dir"],
  ] as const) {
    makeDirectory(directory, mode, flag);
  }
  // The state directory is locked by the store. Log directories are shared by their nature.
  parts.use(await lockDirectory(system, options.runDir, "--run-dir"));
  parts.use(await lockDirectory(system, options.rootDir, "--root-dir"));
  const addresses = hostAddresses(clock, () => readAddresses(options.nodeIp, options.bridgeName));
  const hasApiServer = options.kubeconfig !== "";
  const prepared = await prepareKubeletApi({ options, hasApiServer, addresses, clock, log });
  const sharedRoot = shareRoot(system, options.rootDir, options.runDir);
  let podsMayRun = !sharedRoot.isNew;
  parts.defer(async () => {
    if (!podsMayRun) await sharedRoot.undo();
  });

  const runtime = parts.use(
    await openBuiltinRuntime({ system, clock, log, options, version, podCgroup, shimCgroup: SHIM_CGROUP }),
  );
  const { store, images, cgroups, network } = runtime;
  const meters = {
    runtime: new RuntimeMeters(),
    pods: new PodMeters(clock),
    requests: new RequestMeters(),
    certificate: new CertificateMeters(clock, "client"),
  };
  const cri = measured(runtime.cri, meters.runtime, clock);

  const machine = readMachine(options.rootDir);
  const reservations = reservationsOf(kubelet, machine);
  holdPods({
    cgroups,
    podCgroup,
    machine,
    reservations: kubelet.enforceNodeAllocatable.includes("pods") ? reservations : undefined,
    log,
  });

  holdReserved({ cgroups, kubelet });

  const criServer = createCriServer({ cri: runtime.cri, system, log: log.child({ part: "cri" }) });
  parts.defer(() => criServer.close());
  await criServer.listen(options.criSocket);

  const deviceLog = log.child({ part: "devices" });
  const devices = parts.use(new DeviceManager({ rootDir: options.rootDir, system, clock, log: deviceLog }));

  // Loaded only where it is used: it takes 2 MB of memory.
  const cluster =
    options.kubeconfig === ""
      ? undefined
      : parts.use(
          await (
            await import("./cluster.ts")
          ).joinCluster({
            options,
            cri,
            devices,
            clock,
            log,
            version,
            addresses,
            meters,
            signal,
            port: prepared === undefined ? 0 : kubelet.port,
            remarks:
              cgroups.missing.length === 0
                ? []
                : [`no limits, as there is no controller for ${cgroups.missing.join(", ")}`],
          }),
        );

  const imageAccess = await openImageAccess(options, images, clock, log);
  if (imageAccess !== undefined) parts.use(imageAccess);

  const pods = new NodePodManager({
    cluster: cluster?.pods,
    nodeFacts: cluster?.nodeFacts,
    meters: meters.pods,
    devices,
    cri,
    system,
    slow: createSlowCalls(),
    store,
    clock,
    log: log.child({ part: "pods" }),
    sources: sourcesOf(options, clock, log),
    layout: {
      rootDir: options.rootDir,
      podLogsDir: kubelet.podLogsDir,
      containerLogsDir: options.containerLogsDir,
    },
    localSecretsDir: join(options.runDir, "local-secrets"),
    nodeName: options.nodeName,
    hostIPs: addresses,
    dns: {
      // By default the host's, which is looked for behind a stub that pods cannot reach.
      resolvConf: options.givenFields.has("resolvConf") ? kubelet.resolvConf : undefined,
      clusterDns: kubelet.clusterDNS ?? [],
      clusterDomain: kubelet.clusterDomain ?? "",
    },
    seccompDefault: kubelet.seccompDefault,
    podPidsLimit: kubelet.podPidsLimit,
    limits: {
      cpuQuota: kubelet.cpuCFSQuota,
      cpuPeriod: BigInt(Math.round(milliseconds(kubelet.cpuCFSQuotaPeriod) * 1000)),
      oomGroup: kubelet.singleProcessOOMKill !== true,
      throttling: featureGates(kubelet.featureGates ?? {}).enabled("MemoryQoS")
        ? {
            factor: kubelet.memoryThrottlingFactor,
            allocatable: quantityValue(allocatable(machine, reservations)["memory"] ?? "") ?? machine.memory,
          }
        : undefined,
      swap: existsSync(join(cgroups.directory(podCgroup), "memory.swap.max"))
        ? {
            limited: kubelet.memorySwap?.swapBehavior === "LimitedSwap",
            memory: machine.memory,
            swap: machine.swap,
          }
        : undefined,
    },
    podCgroup,
    syncMs: milliseconds(kubelet.syncFrequency),
    storageLimits: kubelet.localStorageCapacityIsolation,
    seccompProfileRoot: options.seccompProfileRoot,
    allowedUnsafeSysctls: kubelet.allowedUnsafeSysctls ?? [],
    maxBackoffMs: milliseconds(kubelet.crashLoopBackOff.maxContainerRestartPeriod ?? "5m"),
    pullLimits: {
      parallel: kubelet.serializeImagePulls ? 1 : kubelet.maxParallelImagePulls,
      rate: { perSecond: kubelet.registryPullQPS, burst: kubelet.registryBurst },
    },
    imageAccess,
  });
  parts.use(pods);
  parts.use(images.watchPulls((step) => pods.report(pullEvent(step))));

  const stopped = Promise.withResolvers<void>();
  const { givenFields: _given, ...ownOptions } = options;
  const shownOptions = { ...ownOptions, kubelet: shownConfiguration(kubelet) };
  const server = createLocalServer({
    pods,
    problems: () => pods.problems(),
    cri,
    images,
    system,
    info: { version, pid: process.pid, startedAt, nodeName: options.nodeName, options: shownOptions },
    stop: async ({ pods: all, graceSeconds }) => {
      if (all) {
        log.info("ending all pods, as asked");
        await pods.stopAll(graceSeconds === undefined ? {} : { graceSeconds });
        await sharedRoot.undo();
        await network.shutdown();
        await removeOwnCgroups(cgroups, podCgroup, log);
      }
      // After the answer is out.
      setImmediate(() => stopped.resolve());
    },
    clock,
    log: log.child({ part: "server" }),
  });
  parts.defer(() => server.close());
  await server.listen(socketPath(options.runDir));

  await devices.start({
    livePods: () => pods.livePods(),
    onChange: (resource) => {
      pods.devicesChanged(resource);
      cluster?.nodeChanged();
    },
  });
  podsMayRun = true;
  await pods.start();
  const views = (): readonly V1Pod[] => pods.list().map(({ pod }) => pod);
  parts.use(await servePodResources({ rootDir: options.rootDir, devices, pods: views, system, clock, log: deviceLog }));
  const { nodeName } = options;
  parts.use(
    await startKubeletApi({
      pods,
      cri,
      system,
      clock,
      log: log.child({ part: "kubelet" }),
      info: { version, pid: process.pid, startedAt, nodeName, options: shownOptions },
      options,
      cgroups,
      ownCgroup: ownCgroup(),
      podCgroup,
      client: cluster?.client,
      stalled: () => pods.stalled,
      meters: Object.values(meters),
      probes: () => meters.pods.probeFamilies(),
      addresses,
      prepared,
    }),
  );
  cluster?.start(pods);

  const rotation = new AbortController();
  const rotating = rotateLogs(
    {
      cri,
      clock,
      log: log.child({ part: "logs" }),
      maxSize: quantityValue(kubelet.containerLogMaxSize) ?? 0n,
      maxFiles: kubelet.containerLogMaxFiles,
      workers: kubelet.containerLogMaxWorkers,
      intervalMs: milliseconds(kubelet.containerLogMonitorInterval),
    },
    rotation.signal,
  );
  parts.defer(async () => {
    rotation.abort(new NodeletError("cancelled", "the daemon is stopping"));
    await rotating;
  });
  const collection = new AbortController();
  const collecting = collectImages(
    {
      images,
      system,
      clock,
      log: log.child({ part: "images" }),
      highPercent: kubelet.imageGCHighThresholdPercent,
      lowPercent: kubelet.imageGCLowThresholdPercent,
      minAgeMs: milliseconds(kubelet.imageMinimumGCAge),
      maxAgeMs: milliseconds(kubelet.imageMaximumGCAge),
      report: (event) => pods.report(event),
      afterwards: imageAccess && (() => tidyImageAccess(imageAccess, images)),
    },
    collection.signal,
  );
  parts.defer(async () => {
    collection.abort(new NodeletError("cancelled", "the daemon is stopping"));
    await collecting;
  });
  log.info({ version, pid: process.pid, node: options.nodeName, runDir: options.runDir }, "the agent is ready");
  const running = parts.move();
  return {
    stopped: stopped.promise,
    status: `node ${options.nodeName}`,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

function sourcesOf({ kubelet }: AgentOptions, clock: Clock, log: Logger): PodSource[] {
  const sources: PodSource[] = [];
  const { staticPodPath: path = "", staticPodURL: url = "", staticPodURLHeader = {} } = kubelet;
  if (path !== "") {
    const rescanMs = milliseconds(kubelet.fileCheckFrequency);
    sources.push(new ManifestSource({ path, clock, log: log.child({ part: "manifests" }), rescanMs }));
  }
  if (url !== "") {
    const headers = Object.entries(staticPodURLHeader).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    );
    const intervalMs = milliseconds(kubelet.httpCheckFrequency);
    sources.push(new UrlSource({ url, headers, clock, log: log.child({ part: "manifests" }), intervalMs }));
  }
  return sources;
}

/** What was asked for and does nothing is said once. */
function reportWithoutEffect({ givenFields, flagsWithoutEffect: flags }: AgentOptions, log: Logger): void {
  const fields = fieldsWithoutEffect(givenFields);
  if (fields.length > 0) log.warn({ fields }, "these fields of KubeletConfiguration have no effect yet");
  if (flags.length > 0) log.warn({ flags }, "these flags of kubelet have no effect");
}

/** As kubelet, which does not make it either. */
function checkCgroupRoot(root = ""): void {
  if (root.replaceAll("/", "") === "" || existsSync(join(findHierarchy()?.root ?? "", root, "cgroup.controllers")))
    return;
  throw new NodeletError("invalid", "There is no such cgroup", { where: root, fix: "Make it, or correct cgroupRoot" });
}

/** Options that are understood and whose parts are not there yet. */
function refuseLater({ kubelet, criSocket }: AgentOptions): void {
  for (const [given, where, what] of [
    [kubelet.containerRuntimeEndpoint, "--container-runtime-endpoint", "runtime"],
    [kubelet.imageServiceEndpoint, "--image-service-endpoint", "image service"],
  ] as const) {
    const endpoint = (given ?? "").replace(/^unix:\/\//, "");
    if (endpoint === "" || endpoint === criSocket) continue;
    throw new NodeletError("unsupported", `the use of another ${what} is not there yet`, {
      where,
      fix: "Leave it out: the built-in one is used",
    });
  }
}
