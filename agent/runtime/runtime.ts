// The built-in runtime: CRI v1 in process, over sandboxes, containers and images.

import type { PodNetwork } from "../../cni/network.ts";
import type { Clock } from "../base/clock.ts";
import { NodeletError } from "../base/errors.ts";
import { toDisplayJson } from "../base/json.ts";
import type { Logger } from "../base/log.ts";
import { CgroupDriver, type Cri, type Image as CriImage } from "../cri/runtime.ts";
import type { Image, ImageStore } from "../images/images.ts";
import type { Store } from "../store/store.ts";
import type { Cgroups } from "../system/cgroupfs.ts";
import type { System } from "../system/system.ts";
import { Containers } from "./containers.ts";
import type { RuntimeContext, RuntimeOptions } from "./context.ts";
import { EventHub } from "./events.ts";
import { Execs } from "./exec.ts";
import { readExplanation } from "./explanation.ts";
import { readHostFacts } from "./host-facts.ts";
import { containerFiles, layoutOf, sandboxFiles } from "./layout.ts";
import { openPort } from "./port.ts";
import { Records, type ContainerRecord, type SandboxRecord } from "./records.ts";
import { runtimeHandlers, Sandboxes } from "./sandboxes.ts";
import { Stats } from "./stats/stats.ts";

export const RUNTIME_NAME = "nodelet";

export interface RuntimeDependencies {
  readonly system: System;
  readonly store: Store;
  readonly images: ImageStore;
  readonly network: PodNetwork;
  readonly cgroups: Cgroups;
  readonly clock: Clock;
  readonly log: Logger;
  readonly runDir: string;
  /** Default /run/netns. */
  readonly netnsDir?: string | undefined;
  readonly seccompProfileRoot: string;
  readonly version: string;
  readonly options: RuntimeOptions;
}

/** Without the calls that hand out URLs: those need a server, which stands above the runtime. */
export interface Runtime extends Omit<Cri, "exec" | "attach" | "portForward"> {
  /** Lets go of everything; sandboxes and containers run on. */
  close(): Promise<void>;
}

/** Takes up what an earlier daemon left before it resolves. */
export async function createRuntime(deps: RuntimeDependencies): Promise<Runtime> {
  const layout = layoutOf(deps.runDir, deps.netnsDir);
  const ctx: RuntimeContext = {
    system: deps.system,
    images: deps.images,
    network: deps.network,
    cgroups: deps.cgroups,
    layout,
    clock: deps.clock,
    log: deps.log,
    host: readHostFacts(deps.system),
    events: new EventHub(),
    seccompProfileRoot: deps.seccompProfileRoot,
    options: deps.options,
  };
  const sandboxRecords = new Records<SandboxRecord>(
    deps.store.table("sandboxes", { version: 1 }),
    layout.sandboxes,
    (id) => sandboxFiles(layout, id).record,
  );
  const containerRecords = new Records<ContainerRecord>(
    deps.store.table("containers", { version: 1 }),
    layout.containers,
    (id) => containerFiles(layout, id).record,
  );
  const sandboxes = new Sandboxes(ctx, sandboxRecords);
  const containers = new Containers(ctx, containerRecords, sandboxes);
  const execs = new Execs(ctx, containers);
  const stats = new Stats({
    system: deps.system,
    cgroups: deps.cgroups,
    images: deps.images,
    containers,
    sandboxes,
    layout,
    clock: deps.clock,
    log: deps.log,
  });

  await containers.restore();
  await sandboxes.restore();

  return {
    // Runtime service

    version: async () => ({
      version: "0.1.0",
      runtimeName: RUNTIME_NAME,
      runtimeVersion: deps.version,
      runtimeApiVersion: "v1",
    }),

    status: async (request) => {
      const network = deps.network.readiness();
      return {
        status: {
          conditions: [
            { type: "RuntimeReady", status: true, reason: "", message: "" },
            { type: "NetworkReady", status: network.ready, reason: network.reason, message: network.message },
          ],
        },
        info: request.verbose === true ? runtimeInfo() : {},
        runtimeHandlers: runtimeHandlers(ctx.options).map((name) => ({
          name,
          features: { recursiveReadOnlyMounts: true, userNamespaces: ctx.host.kernel.idmappedOverlayLayers },
        })),
        features: { supplementalGroupsPolicy: true },
      };
    },

    runtimeConfig: async () => ({ linux: { cgroupDriver: CgroupDriver.CGROUPFS } }),
    updateRuntimeConfig: async () => ({}),

    // Sandboxes

    runPodSandbox: async (request, options) => ({ podSandboxId: await sandboxes.run(request, options?.signal) }),

    stopPodSandbox: async (request) => {
      const id = request.podSandboxId ?? "";
      await sandboxes.stop(id, () => containers.stopAllOf(id));
      return {};
    },

    removePodSandbox: async (request) => {
      const id = request.podSandboxId ?? "";
      await sandboxes.remove(id, () => containers.removeAllOf(id));
      return {};
    },

    podSandboxStatus: async (request) => {
      const record = sandboxes.require(request.podSandboxId ?? "");
      const explanation =
        request.verbose === true ? readExplanation(sandboxFiles(layout, record.id).explain) : undefined;
      return {
        status: sandboxes.status(record),
        info: request.verbose === true ? { ...sandboxes.info(record), ...explanationInfo(explanation) } : {},
        containersStatuses: containers.ofSandbox(record.id).map((container) => containers.status(container)),
        timestamp: deps.clock.now(),
      };
    },

    listPodSandbox: async (request) => ({ items: sandboxes.list(request.filter) }),
    async *streamPodSandboxes(request) {
      for (const item of sandboxes.list(request.filter)) yield { podSandboxes: [item] };
    },

    // Containers

    createContainer: async (request) => ({ containerId: await containers.create(request) }),

    startContainer: async (request, options) => {
      await containers.start(request.containerId ?? "", options?.signal);
      return {};
    },

    stopContainer: async (request, options) => {
      await containers.stop(request.containerId ?? "", Number(request.timeout ?? 0n), options?.signal);
      return {};
    },

    removeContainer: async (request) => {
      await containers.remove(request.containerId ?? "");
      return {};
    },

    listContainers: async (request) => ({ containers: containers.list(request.filter) }),
    async *streamContainers(request) {
      for (const item of containers.list(request.filter)) yield { containers: [item] };
    },

    containerStatus: async (request) => {
      const record = containers.require(request.containerId ?? "");
      const info = request.verbose === true ? containerInfo(record) : {};
      return { status: containers.status(record), info };
    },

    reopenContainerLog: async (request) => {
      await execs.reopenLog(request.containerId ?? "");
      return {};
    },

    updateContainerResources: async (request) => {
      containers.updateResources(request.containerId ?? "", request.linux ?? {});
      return {};
    },

    updatePodSandboxResources: async (request) => {
      sandboxes.updateResources(request);
      return {};
    },

    execSync: (request, options) =>
      execs.sync(request.containerId ?? "", request.cmd ?? [], Number(request.timeout ?? 0n), options?.signal),

    openExec: (request, options) =>
      execs.open(
        request.containerId ?? "",
        {
          cmd: request.cmd ?? [],
          tty: request.tty === true,
          stdin: request.stdin === true,
          stdout: request.stdout === true,
          stderr: request.stderr === true,
        },
        options?.signal,
      ),

    openAttach: (request) =>
      execs.attach(request.containerId ?? "", {
        stdin: request.stdin === true,
        stdout: request.stdout === true,
        stderr: request.stderr === true,
      }),

    openPort: (request, options) => openPort(deps.system, layout, sandboxes, request, options?.signal),

    // Statistics and events

    containerStats: async (request) => ({ stats: await stats.container(request.containerId ?? "") }),
    listContainerStats: async (request) => ({ stats: await Array.fromAsync(stats.containers(request.filter)) }),
    async *streamContainerStats(request) {
      for await (const item of stats.containers(request.filter)) yield { containerStats: [item] };
    },
    podSandboxStats: async (request) => ({ stats: await stats.sandbox(request.podSandboxId ?? "") }),
    listPodSandboxStats: async (request) => ({ stats: await Array.fromAsync(stats.sandboxes(request.filter)) }),
    async *streamPodSandboxStats(request) {
      for await (const item of stats.sandboxes(request.filter)) yield { podSandboxStats: [item] };
    },
    listMetricDescriptors: async () => ({ descriptors: stats.metricDescriptors() }),
    listPodSandboxMetrics: async () => ({ podMetrics: await Array.fromAsync(stats.metrics()) }),
    async *streamPodSandboxMetrics() {
      for await (const item of stats.metrics()) yield { podSandboxMetrics: [item] };
    },
    getContainerEvents: (_request, options) => ctx.events.subscribe(options?.signal),

    checkpointContainer: () => Promise.reject(notYet("CheckpointContainer")),
    checkpointPod: () => Promise.reject(notYet("CheckpointPod")),
    restorePod: () => Promise.reject(notYet("RestorePod")),

    // Image service

    listImages: async (request) => {
      const wanted = request.filter?.image?.image ?? "";
      const found =
        wanted === "" ? deps.images.list() : [deps.images.find(wanted)].filter((image) => image !== undefined);
      return { images: found.map(toCriImage) };
    },
    async *streamImages() {
      for (const image of deps.images.list()) yield { images: [toCriImage(image)] };
    },
    imageStatus: async (request) => {
      const image = deps.images.find(request.image?.image ?? "");
      if (image === undefined) return {};
      return {
        image: toCriImage(image),
        info: request.verbose === true ? { config: toDisplayJson(image.config, 0) } : {},
      };
    },
    pullImage: async (request, options) => {
      const image = await deps.images.pull(request.image?.image ?? "", {
        auth: request.auth,
        signal: options?.signal,
      });
      return { imageRef: image.id };
    },
    removeImage: async (request) => {
      await deps.images.remove(request.image?.image ?? "");
      return {};
    },
    imageFsInfo: async () => {
      const usage = await deps.images.usage();
      return {
        imageFilesystems: [
          {
            timestamp: deps.clock.now(),
            fsId: { mountpoint: usage.mountpoint },
            usedBytes: { value: usage.bytesUsed },
            inodesUsed: { value: usage.inodesUsed },
          },
        ],
      };
    },

    async close() {
      stats.close();
      containers.close();
      sandboxes.close();
      await Promise.all([containerRecords.close(), sandboxRecords.close()]);
    },
  };

  /** As `crictl info` prints it. */
  function runtimeInfo(): Record<string, string> {
    return {
      config: toDisplayJson(
        { runDir: deps.runDir, version: deps.version, network: deps.network.describe(), ...deps.options },
        0,
      ),
      cgroups: toDisplayJson(
        { root: deps.cgroups.root, controllers: deps.cgroups.controllers, missing: deps.cgroups.missing },
        0,
      ),
      host: toDisplayJson(ctx.host, 0),
    };
  }

  function containerInfo(record: ContainerRecord): Record<string, string> {
    const files = containers.files(record.id);
    const snapshot = deps.images.snapshot(record.id);
    return {
      pid: String(record.pid),
      sandboxID: record.sandboxId,
      cgroup: record.cgroup,
      runtimeSpec: JSON.stringify(containers.readSpec(record.id)),
      ...(snapshot === undefined ? {} : { snapshot: JSON.stringify(snapshot) }),
      ...explanationInfo(readExplanation(files.explain)),
    };
  }
}

function explanationInfo(text: string | undefined): Record<string, string> {
  return text === undefined ? {} : { explain: text };
}

function notYet(what: string): NodeletError {
  return new NodeletError("unsupported", `${what} is not implemented yet`);
}

function toCriImage(image: Image): CriImage {
  const user = /^(\d+)(:|$)/.exec(image.config.User ?? "");
  return {
    id: image.id,
    repoTags: [...image.tags],
    repoDigests: [...image.digests],
    size: image.size,
    uid: user === null ? undefined : { value: BigInt(user[1] ?? 0) },
    username: user === null ? (image.config.User ?? "").split(":")[0] : "",
    spec: { image: image.id },
    pinned: image.pinned,
  };
}
