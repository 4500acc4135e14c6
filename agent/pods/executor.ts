// Runs the planner's steps through the CRI.

import type { V1Container, V1LifecycleHandler, V1ResourceRequirements } from "@kubernetes/client-node";

import { describeError, isNodeletError, NodeletError } from "../base/errors.ts";
import { secondsBetween } from "../base/meters.ts";
import type { Image, LinuxContainerResources, PodSandboxConfig } from "../cri/runtime.ts";
import { parseReference } from "../images/reference.ts";
import { bindSubPath } from "../volumes/sub-path.ts";
import { refreshVolumes, setUpVolumes } from "../volumes/volumes.ts";
import type { VolumeContext, VolumeSource } from "../volumes/volume.ts";
import { backoffUntil, raiseBackoff } from "./backoff.ts";
import type { BackoffEntry } from "./backoff.ts";
import { containersOf } from "./containers-of.ts";
import { containerConfig } from "./container-config.ts";
import { dnsConfig, podHostname } from "./dns.ts";
import { downwardFields } from "./downward.ts";
import { readEnvFiles } from "./env-file.ts";
import { lookUpEnv, resolveEnv } from "./env.ts";
import type { PodAddresses } from "./env.ts";
import type { NewEvent } from "./events.ts";
import { linkLog, makeTerminationMessageFile, newestLog, removeContainerFiles, writeHosts } from "./files.ts";
import { runHook } from "./hooks.ts";
import { CONTAINER_PORTS, CONTAINER_PRE_STOP } from "./labels.ts";
import { podDir } from "./layout.ts";
import { containerType } from "./meters.ts";
import type { Observation, ObservedContainer, ObservedSandbox } from "./observation.ts";
import { usableSandbox } from "./planner.ts";
import type { Step, Wait } from "./planner.ts";
import { pullCredentials, type PodCredentials } from "./pull-credentials.ts";
import { containerResources, replacing, wider } from "./qos.ts";
import { allocationOf, resizeSummary, shrunkMemory, withAllocation } from "./resize.ts";
import type { Allocation } from "./resize.ts";
import { sandboxConfig } from "./sandbox-config.ts";
import type { DecodedPod } from "./schema/decode.ts";
import { subPathsOf } from "./sub-paths.ts";
import { milliseconds, type PodServices } from "./services.ts";
import { stopInOrder } from "./stop.ts";

/** A configuration error is looked at again after this time: what it depends on may have changed. */
const CONFIG_RETRY_MS = 10_000;
/** The first reason of a failed pull is shown this long before it is said to be in back-off. */
const FIRST_REASON_MS = 2_000;
/** A stop gives at least this much time after a hook, or other containers, used up the grace. */
const MIN_STOP_SECONDS = 2;

/** Volumes whose content could not be had from the API server are tried again after this time. */
const VOLUMES_RETRY_MS = 30_000;

/** What volumes show is not made anew more often, whatever it says of its time: the node's clock may be far ahead of the server's. */
const RENEWAL_MIN_MS = 30_000;

/** A resize that the runtime refused. */
const RESIZE_RETRY_MS = 10_000;

const CONFIG_ERROR = "CreateContainerConfigError";
const PULL_BACK_OFF = "ImagePullBackOff";

type ResizeStep = Extract<Step, { kind: "resize-pod" | "resize-container" }>;
type StartStep = Extract<Step, { kind: "start-container" }>;

/** A start that failed: its reason for the status, which may change after a while. */
interface Failure {
  readonly wait: Wait;
  readonly afterwards: { readonly at: number; readonly wait: Wait; readonly events: readonly NewEvent[] } | undefined;
}

/** An image that could not be pulled, and why. */
interface FailedPull {
  readonly entry: BackoffEntry;
  readonly message: string;
}

class StartError extends NodeletError {
  readonly reason: string;
  /** That could not be pulled: the container's, or one that it mounts. */
  readonly image: string | undefined;
  constructor(reason: string, cause: unknown, image?: string) {
    const known = isNodeletError(cause) ? cause : undefined;
    super(known?.code ?? "internal", describeError(cause), { cause });
    this.reason = reason;
    this.image = image;
  }
}

export interface ExecutorPod {
  readonly pod: DecodedPod;
  readonly containerHashes: ReadonlyMap<string, string>;
  readonly userNamespace: number | undefined;
  /** The newest instances of a former life of the pod, by container: counted on. @default none */
  readonly formerAttempts?: ReadonlyMap<string, number> | undefined;
}

/** What would be lost with the agent: how a container that it stopped has ended does not tell that another is to follow. */
export interface ReplacedRecord {
  /** Ids of instances that a former run of the agent stopped for another to follow. */
  readonly replaced: readonly string[];
  /** Resolves when the next agent would know of `replaced`. */
  readonly keepReplaced: () => Promise<void>;
}

/** Runs steps for one pod and remembers what the next plan has to know of how they went. */
export class Executor {
  readonly #services: PodServices;
  readonly backoff = new Map<string, BackoffEntry>();
  /** By the image as the pod names it: its containers share it, and another specification does not clear it. */
  readonly #failedPulls = new Map<string, FailedPull>();
  readonly #failures = new Map<string, Failure>();
  /** Containers whose preStop hook ran: a second attempt to stop one does not run it again. */
  readonly #hooked = new Set<string>();
  readonly #replaced: Set<string>;
  readonly #keepReplaced: () => Promise<void>;
  /** Containers whose postStart hook runs: they do not count as running yet. */
  readonly #starting = new Set<string>();
  #volumes: ReadonlyMap<string, VolumeSource> | undefined;
  /** Volumes may show what was before; so they may after a former run of the agent. */
  #stale = true;
  #refreshAt: number | undefined;

  constructor(services: PodServices, { replaced, keepReplaced }: ReplacedRecord) {
    this.#services = services;
    this.#replaced = new Set(replaced);
    this.#keepReplaced = keepReplaced;
  }

  /** Resources that running containers were made with or resized to; by id. */
  readonly #actuated = new Map<string, V1ResourceRequirements>();
  /** What the groups of all containers were made for or resized to; by id of the sandbox. */
  readonly #groups = new Map<string, Allocation>();
  #resizeFailure: { readonly message: string; readonly until: number } | undefined;

  get actuated(): ReadonlyMap<string, V1ResourceRequirements> {
    return this.#actuated;
  }

  get groups(): ReadonlyMap<string, Allocation> {
    return this.#groups;
  }

  /** As an agent before this one knew them. */
  restoreSizes(
    actuated: Readonly<Record<string, V1ResourceRequirements>>,
    groups: Readonly<Record<string, Allocation>>,
  ): void {
    for (const [id, resources] of Object.entries(actuated)) this.#actuated.set(id, resources);
    for (const [id, allocation] of Object.entries(groups)) this.#groups.set(id, allocation);
  }

  /** Why the last resize did not come about, and when it is tried again. */
  get resizeFailure(): { readonly message: string; readonly until: number } | undefined {
    return this.#resizeFailure;
  }

  /** Failures that are being waited out. */
  waits(now: number): ReadonlyMap<string, Wait> {
    const waits = new Map<string, Wait>();
    for (const [name, failure] of this.#failures) {
      const { afterwards } = failure;
      if (afterwards !== undefined && afterwards.at <= now) {
        for (const event of afterwards.events) this.#services.event(event);
        this.#failures.set(name, { wait: afterwards.wait, afterwards: undefined });
        waits.set(name, afterwards.wait);
      } else {
        waits.set(name, failure.wait);
      }
    }
    return waits;
  }

  /** When a reason changes though nothing else happens. */
  nextReasonAt(): number | undefined {
    const times = [...this.#failures.values()].flatMap(({ afterwards }) =>
      afterwards === undefined ? [] : [afterwards.at],
    );
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Ids of instances that were stopped for another to follow. */
  get replaced(): ReadonlySet<string> {
    return this.#replaced;
  }

  /** They run on after all: how they end is their own affair. Whether one of them was to be followed. */
  runOn(ids: readonly string[]): boolean {
    return ids.filter((id) => this.#replaced.delete(id)).length > 0;
  }

  /** The pod is over: what was stopped for another to follow has none any more. */
  nothingFollows(): void {
    this.#replaced.clear();
  }

  /** By id. */
  get starting(): ReadonlySet<string> {
    return this.#starting;
  }

  /** Another specification: what failed before may work now. */
  forgetFailures(): void {
    this.#failures.clear();
    this.#resizeFailure = undefined;
    this.#volumes = undefined;
    this.#stale = true;
  }

  async run(target: ExecutorPod, steps: readonly Step[], observation: Observation, signal: AbortSignal): Promise<void> {
    let sandbox = usableSandbox(target.pod, observation);
    let initFailed = false;
    for (const step of steps) {
      signal.throwIfAborted();
      switch (step.kind) {
        case "stop-container": {
          const container = observation.containers.find((item) => item.id === step.id);
          if (container === undefined) break;
          if (step.replaced && !this.#replaced.has(step.id)) {
            this.#replaced.add(step.id);
            await this.#keepReplaced();
            signal.throwIfAborted();
          }
          const grace = step.graceSeconds ?? target.pod.spec.terminationGracePeriodSeconds ?? 0;
          const deadline = this.#services.steady.now() + grace * 1000;
          await this.#stopContainer(target.pod, container, observation, step.message, deadline, undefined, signal);
          break;
        }
        case "stop-all": {
          const grace = step.graceSeconds ?? target.pod.spec.terminationGracePeriodSeconds ?? 0;
          const deadline = this.#services.steady.now() + grace * 1000;
          await this.stopAll(target.pod, step.ids, observation, step.message, deadline, signal);
          break;
        }
        case "resize-pod":
        case "resize-container":
          // The plan without it is another one: a container whose resize needs a restart is not restarted.
          if (!(await this.#tryResize(target, step, steps, observation, signal))) return;
          break;
        case "remove-container":
          this.#replaced.delete(step.id);
          this.#actuated.delete(step.id);
          await this.#services.cri.removeContainer({ containerId: step.id }, { signal });
          await removeContainerFiles(this.#services.layout, target.pod, step);
          break;
        case "stop-sandbox":
          await this.#services.cri.stopPodSandbox({ podSandboxId: step.id }, { signal });
          break;
        case "remove-sandbox":
          this.#groups.delete(step.id);
          await this.#services.cri.removePodSandbox({ podSandboxId: step.id }, { signal });
          break;
        case "create-sandbox":
          sandbox = await this.#createSandbox(target, step, signal);
          break;
        case "start-container":
          if (initFailed) break;
          if (sandbox === undefined) throw new NodeletError("internal", "A container was to start without a sandbox");
          if (!(await this.#tryStart(target, step, sandbox, observation, signal)))
            initFailed = step.role === "init" || step.role === "sidecar";
          break;
      }
    }
  }

  /** False when it failed, which is told and tried again later: the pod runs on as it is. */
  async #tryResize(
    target: ExecutorPod,
    step: ResizeStep,
    steps: readonly Step[],
    observation: Observation,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { pod } = target;
    try {
      if (step.kind === "resize-pod") await this.#resizePod(target, step, steps, observation, signal);
      else await this.#resizeContainer(pod, step, signal);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      const message = describeError(error);
      if (message !== this.#resizeFailure?.message)
        this.#event(pod, "Warning", "ResizeError", `Pod resize error: ${resizeSummary(pod, message)}`);
      this.#resizeFailure = { message, until: this.#services.steady.now() + RESIZE_RETRY_MS };
      return false;
    }
  }

  async #resizePod(
    target: ExecutorPod,
    { id, when }: Extract<Step, { kind: "resize-pod" }>,
    steps: readonly Step[],
    observation: Observation,
    signal: AbortSignal,
  ): Promise<void> {
    const { pod } = target;
    const resources = async (of: DecodedPod): Promise<LinuxContainerResources> =>
      (await this.#sandboxConfig({ ...target, pod: of }, 0)).linux?.resources ?? {};
    const wanted = await resources(pod);
    if (when === "before") {
      await this.#checkMemory(pod, steps, signal);
      const group = this.#groups.get(id) ?? allocationOf(pod);
      const had = wider(
        await resources(withAllocation(pod, group)),
        await resources(this.#asActuated(pod, group, observation)),
      );
      await this.#updateSandbox(id, wider(had, wanted), signal);
      return;
    }
    await this.#updateSandbox(id, replacing(wanted), signal);
    this.#groups.set(id, allocationOf(pod));
    this.#resizeFailure = undefined;
    this.#event(pod, "Normal", "ResizeCompleted", `Pod resize completed: ${resizeSummary(pod)}`);
  }

  /** The pod with the resources that its running containers have. */
  #asActuated(pod: DecodedPod, group: Allocation, { containers }: Observation): DecodedPod {
    const allocated = allocationOf(pod);
    const running = containers.filter(({ state }) => state === "running");
    const has = running.flatMap(({ id, name }) => {
      const resources = this.#actuated.get(id);
      return resources === undefined ? [] : [[name, resources] as const];
    });
    return withAllocation(pod, { ...group, containers: { ...allocated.containers, ...Object.fromEntries(has) } });
  }

  /** Runtimes that have no groups of pods have nothing to resize there. */
  async #updateSandbox(podSandboxId: string, resources: LinuxContainerResources, signal: AbortSignal): Promise<void> {
    try {
      await this.#services.cri.updatePodSandboxResources({ podSandboxId, resources }, { signal });
    } catch (error) {
      if (!isNodeletError(error, "unsupported")) throw error;
    }
  }

  /** A container that uses more than it may from now on would be killed for it. */
  async #checkMemory(pod: DecodedPod, steps: readonly Step[], signal: AbortSignal): Promise<void> {
    for (const { id, name } of steps.filter((step) => step.kind === "resize-container")) {
      const container = containersOf(pod.spec).find((item) => item.name === name);
      const limit = container === undefined ? undefined : shrunkMemory(container, this.#actuated.get(id));
      if (limit === undefined) continue;
      const { stats } = await this.#services.cri.containerStats({ containerId: id }, { signal });
      const usage = stats?.memory?.usageBytes?.value ?? 0n;
      if (usage >= limit) {
        const what = `attempting to set container "${name}" memory limit (${limit}) below current usage (${usage})`;
        throw new NodeletError("conflict", `cannot decrease memory limits: ${what}`);
      }
    }
  }

  async #resizeContainer(
    pod: DecodedPod,
    { id, name }: Extract<Step, { kind: "resize-container" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const container = containersOf(pod.spec).find((item) => item.name === name);
    if (container === undefined) return;
    const linux = replacing(containerResources(container, pod, this.#services.limits));
    await this.#services.cri.updateContainerResources({ containerId: id, linux }, { signal });
    this.#actuated.set(id, container.resources ?? {});
  }

  async #createSandbox(
    target: ExecutorPod,
    step: Extract<Step, { kind: "create-sandbox" }>,
    signal: AbortSignal,
  ): Promise<ObservedSandbox> {
    const { cri } = this.#services;
    const { pod } = target;
    if (step.replaces) {
      this.#event(pod, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    }
    this.#refuseClaims(pod);
    await this.#ensureVolumes(target, signal);
    const { meters } = this.#services;
    const ownUsers = pod.spec.hostUsers === false;
    meters.pods.add();
    if (ownUsers) meters.userNamespaces.add();
    try {
      const runtimeHandler = await this.#runtimeHandler(pod, signal);
      const config = await this.#sandboxConfig(target, step.attempt);
      const { podSandboxId = "" } = await cri.runPodSandbox({ config, runtimeHandler }, { signal });
      this.#groups.set(podSandboxId, allocationOf(pod));
      const { status } = await cri.podSandboxStatus({ podSandboxId }, { signal });
      const ip = status?.network?.ip ?? "";
      const more = (status?.network?.additionalIps ?? []).map((item) => item.ip ?? "");
      return {
        id: podSandboxId,
        attempt: step.attempt,
        ready: true,
        createdAt: 0,
        ips: ip === "" ? [] : [ip, ...more],
        hostNetwork: pod.spec.hostNetwork === true,
      };
    } catch (error) {
      if (signal.aborted) throw error;
      meters.podErrors.add();
      if (ownUsers) meters.userNamespaceErrors.add();
      this.#event(pod, "Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${describeError(error)}`);
      throw error;
    }
  }

  /** A container that was promised a device does not run without it. */
  #refuseClaims(pod: DecodedPod): void {
    if ((pod.spec.resourceClaims ?? []).length === 0) return;
    const error = new NodeletError("unsupported", "this node has no drivers for resource claims", {
      where: "spec.resourceClaims",
    });
    const message = `Failed to prepare dynamic resources: ${describeError(error)}`;
    this.#event(pod, "Warning", "FailedPrepareDynamicResources", message);
    throw error;
  }

  async #runtimeHandler(pod: DecodedPod, signal: AbortSignal): Promise<string> {
    const { runtimeClassName = "" } = pod.spec;
    if (runtimeClassName === "") return "";
    const { cluster } = this.#services;
    if (cluster !== undefined) return await cluster.runtimeHandler(runtimeClassName, signal);
    throw new NodeletError("not-found", `runtimeclass.node.k8s.io "${runtimeClassName}" not found`, {
      where: "spec.runtimeClassName",
      fix: "Remove it: a node without an API server has no RuntimeClass",
    });
  }

  async #ensureVolumes({ pod }: ExecutorPod, signal: AbortSignal): Promise<ReadonlyMap<string, VolumeSource>> {
    if (this.#volumes !== undefined) return this.#volumes;
    try {
      this.#volumes = await setUpVolumes(this.#volumeContext(pod, signal));
      this.#stale = false;
      return this.#volumes;
    } catch (error) {
      if (!signal.aborted) this.#event(pod, "Warning", "FailedMount", describeError(error));
      throw error;
    }
  }

  /** Volumes are brought up to date with the next pass, and containers that could not be configured are tried again. */
  objectsChanged(): void {
    this.#stale = true;
    for (const [name, { wait }] of this.#failures) if (wait.reason === CONFIG_ERROR) this.#failures.delete(name);
  }

  /** They were taken down. */
  volumesGone(): void {
    this.#volumes = undefined;
    this.#refreshAt = undefined;
  }

  /** When what volumes show is out of date though nothing happens; milliseconds since the epoch. */
  get volumesRefreshAt(): number | undefined {
    return this.#refreshAt;
  }

  /** Of a pod that runs. What fails is told, and tried again when what it shows changes. */
  async refreshVolumes({ pod }: ExecutorPod, signal: AbortSignal): Promise<void> {
    const now = milliseconds(this.#services.clock);
    if (!this.#stale && (this.#refreshAt === undefined || now < this.#refreshAt)) return;
    this.#stale = false;
    this.#refreshAt = undefined;
    try {
      await refreshVolumes(this.#volumeContext(pod, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      if (this.#services.cluster !== undefined) this.#refreshAt = now + VOLUMES_RETRY_MS;
      this.#event(pod, "Warning", "FailedMount", describeError(error));
    }
  }

  /** Images that the container mounts as volumes are pulled as its own is, and named by their id. */
  async #withImages(
    { pod }: ExecutorPod,
    container: V1Container,
    volumes: ReadonlyMap<string, VolumeSource>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, VolumeSource>> {
    const result = new Map(volumes);
    for (const name of new Set(container.volumeMounts?.map((mount) => mount.name))) {
      const source = volumes.get(name);
      if (source?.image === undefined) continue;
      const imagePullPolicy = pod.spec.volumes?.find((volume) => volume.name === name)?.image?.pullPolicy;
      const asked = { name: container.name, image: source.image, ...(imagePullPolicy && { imagePullPolicy }) };
      const image = await this.#ensureImage(pod, asked, signal);
      result.set(name, { ...source, image: image.id ?? source.image });
    }
    return result;
  }

  /** By the index of the mount: where the part is bound, or what of an image is mounted. */
  async #bindSubPaths(
    pod: DecodedPod,
    container: V1Container,
    volumes: ReadonlyMap<string, VolumeSource>,
    env: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, string>> {
    const asked = subPathsOf(container, env);
    const bound = new Map<number, string>();
    const context = this.#volumeContext(pod, signal);
    for (const [index, path] of asked) {
      const volume = container.volumeMounts?.[index]?.name ?? "";
      const source = volumes.get(volume);
      if (source?.image !== undefined) bound.set(index, path);
      else if (source !== undefined) {
        const part = { volume, container: container.name, index, hostPath: source.hostPath, path };
        bound.set(index, await bindSubPath(context, part));
      }
    }
    return bound;
  }

  #volumeContext(pod: DecodedPod, signal: AbortSignal): VolumeContext {
    const { system, slow, clock, layout, objects, cluster, nodeFacts } = this.#services;
    return {
      token: cluster === undefined ? undefined : (request) => cluster.token(pod, request, signal),
      trustAnchors: cluster === undefined ? undefined : (choice) => cluster.trustBundles.anchors(choice, signal),
      refreshAt: (time) => {
        const at = Math.max(time, milliseconds(clock) + RENEWAL_MIN_MS);
        this.#refreshAt = Math.min(at, this.#refreshAt ?? at);
      },
      system,
      slow,
      pod,
      podDir: podDir(layout, pod.metadata.uid ?? ""),
      objects,
      downward: downwardFields(pod, nodeFacts),
      meters: this.#services.meters.volumes,
      signal,
    };
  }

  async #sandboxConfig({ pod, userNamespace }: ExecutorPod, attempt: number): Promise<PodSandboxConfig> {
    const { layout, cgroupDriver, podCgroup, dns, podPidsLimit, limits } = this.#services;
    const { hostname } = podHostname(pod, dns.clusterDomain);
    return sandboxConfig(pod, {
      layout,
      cgroupDriver,
      podCgroup,
      hostname,
      dns: await dnsConfig(pod, dns),
      attempt,
      userNamespace,
      pidsLimit: podPidsLimit,
      limits,
    });
  }

  /** False when the start failed; the failure is remembered, told as an event, and waited out. */
  async #tryStart(
    target: ExecutorPod,
    step: StartStep,
    sandbox: ObservedSandbox,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { pod } = target;
    const container = containersOf(pod.spec).find((item) => item.name === step.name);
    if (container === undefined) return false;
    if (step.backoff !== undefined) this.backoff.set(step.name, step.backoff);
    const { meters } = this.#services;
    const container_type = containerType(pod.spec, container.name);
    meters.containers.add({ container_type });
    try {
      await this.#start(target, container, step, sandbox, observation, signal);
      this.#failures.delete(step.name);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(error instanceof StartError)) throw error;
      meters.containerErrors.add({ container_type, code: error.reason });
      this.#remember(pod, container, error);
      return false;
    }
  }

  async #start(
    target: ExecutorPod,
    container: V1Container,
    step: StartStep,
    sandbox: ObservedSandbox,
    observation: Observation,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, layout, dns, seccompDefault, seccompProfileRoot } = this.#services;
    const { pod, userNamespace } = target;
    const { uid = "" } = pod.metadata;
    const image = await this.#ensureImage(pod, container, signal);
    const volumes = await this.#withImages(target, container, await this.#ensureVolumes(target, signal), signal);
    const addresses = this.#addresses(pod, sandbox.ips);

    // After a reboot the runtime may have forgotten containers whose logs are still there.
    const former = Math.max(
      target.formerAttempts?.get(container.name) ?? -1,
      step.attempt > 0 ? -1 : await newestLog(layout, pod, container.name),
    );
    const attempt = step.attempt > 0 ? step.attempt : former + 1;
    let containerId: string;
    try {
      await Promise.all([
        writeHosts(layout, pod, { ips: sandbox.ips, ...podHostname(pod, dns.clusterDomain) }),
        makeTerminationMessageFile(layout, uid, container.name, attempt),
      ]);
      const objects = await lookUpEnv(container, pod.metadata.namespace, this.#services.objects, signal);
      const files = await readEnvFiles(this.#services.system, container, volumes);
      const links = pod.spec.enableServiceLinks !== false;
      const services = await this.#services.cluster?.serviceVariables(pod.metadata.namespace, links);
      const { variables, skipped } = resolveEnv(container, {
        pod,
        addresses,
        objects,
        services,
        files,
        node: this.#services.nodeFacts,
      });
      for (const { source, keys } of skipped) {
        const message = `Keys [${keys.join(", ")}] from the EnvFrom ${source} were skipped since they are considered invalid environment variable names.`;
        this.#event(pod, "Warning", "InvalidEnvironmentVariableNames", message, container.name);
      }
      const wanted = { pod, unscheduled: this.#services.cluster === undefined };
      const devices = await this.#services.devices?.prepare(wanted, container, signal);
      const config = containerConfig(pod, container, {
        layout,
        env: new Map([...(devices?.env ?? []), ...variables]),
        devices,
        attempt,
        hash: target.containerHashes.get(container.name) ?? "",
        image,
        pidTarget: pidTarget(pod, container.name, observation),
        volumes,
        subPaths: await this.#bindSubPaths(pod, container, volumes, variables, signal),
        recursiveReadOnly: this.#services.recursiveReadOnly,
        userNamespace,
        limits: this.#services.limits,
        seccompDefault,
        seccompProfileRoot,
      });
      const request = {
        podSandboxId: sandbox.id,
        config,
        sandboxConfig: await this.#sandboxConfig(target, sandbox.attempt),
      };
      try {
        containerId = (await cri.createContainer(request, { signal })).containerId ?? "";
      } catch (error) {
        throw new StartError("CreateContainerError", error);
      }
    } catch (error) {
      const failure = error instanceof StartError ? error : new StartError(CONFIG_ERROR, error);
      if (!signal.aborted) this.#event(pod, "Warning", "Failed", `Error: ${failure.message}`, container.name);
      throw failure;
    }
    this.#actuated.set(containerId, container.resources ?? {});
    this.#event(pod, "Normal", "Created", `Created container: ${container.name}`, container.name);

    const hook = container.lifecycle?.postStart;
    if (hook !== undefined) this.#starting.add(containerId);
    try {
      try {
        await cri.startContainer({ containerId }, { signal });
      } catch (error) {
        if (!signal.aborted) this.#event(pod, "Warning", "Failed", `Error: ${describeError(error)}`, container.name);
        throw new StartError("RunContainerError", error);
      }
      this.#event(pod, "Normal", "Started", `Started container ${container.name}`, container.name);
      const { status } = await cri.containerStatus({ containerId }, { signal });
      await linkLog(layout, pod, container.name, containerId, status?.logPath ?? "");
      if (hook !== undefined) await this.#runPostStart(pod, container, hook, containerId, addresses, signal);
    } finally {
      this.#starting.delete(containerId);
    }
  }

  /** A container whose hook fails is ended. */
  async #runPostStart(
    pod: DecodedPod,
    container: V1Container,
    hook: V1LifecycleHandler,
    containerId: string,
    addresses: PodAddresses,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, clock } = this.#services;
    try {
      const podIp = addresses.podIPs[0] ?? "";
      await runHook(hook, { cri, clock, containerId, container, podIp, limitMs: undefined, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const message = `PostStartHook failed: ${describeError(error)}`;
      this.#event(pod, "Warning", "FailedPostStartHook", message, container.name);
      this.#event(pod, "Normal", "Killing", "FailedPostStartHook", container.name);
      const grace = pod.spec.terminationGracePeriodSeconds ?? 0;
      await cri.stopContainer({ containerId, timeout: BigInt(grace) }, { signal });
      throw new StartError("PostStartHookError", error);
    }
  }

  #addresses(pod: DecodedPod, podIPs: readonly string[]): PodAddresses {
    const hostIPs = this.#services.hostIPs();
    return { podIPs: pod.spec.hostNetwork === true ? hostIPs : podIPs, hostIPs, nodeName: this.#services.nodeName };
  }

  async #ensureImage(pod: DecodedPod, container: V1Container, signal: AbortSignal): Promise<Image> {
    const { cri, clock } = this.#services;
    const wanted = container.image ?? "";
    const spec = { image: wanted };
    try {
      parseReference(wanted);
    } catch (error) {
      const message = `Failed to apply default image tag "${wanted}": ${describeError(error)}`;
      this.#event(pod, "Warning", "InspectFailed", message, container.name);
      throw new StartError("InvalidImageName", new NodeletError("invalid", message, { cause: error }));
    }
    let present: Image | undefined;
    try {
      present = (await cri.imageStatus({ image: spec }, { signal })).image;
    } catch (error) {
      this.#event(
        pod,
        "Warning",
        "InspectFailed",
        `Failed to inspect image "${wanted}": ${describeError(error)}`,
        container.name,
      );
      throw new StartError("ImageInspectError", error);
    }
    const policy = container.imagePullPolicy;
    let asked: Promise<readonly PodCredentials[]> | undefined;
    const ownCredentials = (): Promise<readonly PodCredentials[]> =>
      (asked ??= this.#pullCredentials(pod, wanted, signal));
    if (present !== undefined && policy !== "Always" && (await this.#mayUse(wanted, present, ownCredentials, signal))) {
      const which = this.#services.imageAccess === undefined ? "" : " and can be accessed by the pod";
      const message = `Container image "${wanted}" already present on machine${which}`;
      this.#event(pod, "Normal", "Pulled", message, container.name);
      return present;
    }
    if (policy === "Never") {
      const message = `Container image "${wanted}" is not present with pull policy of Never`;
      this.#event(pod, "Warning", "ErrImageNeverPull", message, container.name);
      const fix = "Load it with: nodelet load FILE";
      throw new StartError("ErrImageNeverPull", new NodeletError("not-found", message, { fix }));
    }
    this.#refuseTooSoon(pod, container.name, wanted);
    this.#event(pod, "Normal", "Pulling", `Pulling image "${wanted}"`, container.name);
    const begun = clock.monotonic();
    const since = (start: bigint): string => `${Number((clock.monotonic() - start) / 1_000_000n)}ms`;
    try {
      const config = await this.#sandboxConfig({ pod, containerHashes: new Map(), userNamespace: undefined }, 0);
      // Before its turn: who waits for Secrets holds up no other pull.
      const credentials = await ownCredentials();
      const [imageRef, took] = await this.#services.pullTurns.run(async () => {
        const turn = clock.monotonic();
        return [await this.#pull(spec, present?.id, credentials, config, signal), since(turn)] as const;
      }, signal);
      const { image } = await cri.imageStatus({ image: { image: imageRef } }, { signal });
      if (image === undefined) throw new NodeletError("internal", `Image "${wanted}" is not there after it was pulled`);
      this.#services.meters.pulled(Number(image.size ?? 0n), secondsBetween(begun, clock.monotonic()));
      const size = image.size === undefined ? "" : ` Image size: ${image.size} bytes.`;
      const message = `Successfully pulled image "${wanted}" in ${took} (${since(begun)} including waiting).${size}`;
      this.#event(pod, "Normal", "Pulled", message, container.name);
      return image;
    } catch (error) {
      if (signal.aborted) throw error;
      const message = `Failed to pull image "${wanted}": ${describeError(error)}`;
      this.#event(pod, "Warning", "Failed", message, container.name);
      this.#event(pod, "Warning", "Failed", "Error: ErrImagePull", container.name);
      const failure = new StartError("ErrImagePull", error, wanted);
      const now = this.#services.steady.now();
      const entry = raiseBackoff(this.#failedPulls.get(wanted)?.entry, now, now);
      this.#failedPulls.set(wanted, { entry, message: failure.message });
      throw failure;
    }
  }

  /** An image that failed lately is not asked for, whichever container of the pod wants it. */
  #refuseTooSoon(pod: DecodedPod, container: string, image: string): void {
    const failed = this.#failedPulls.get(image);
    if (failed === undefined) return;
    const now = this.#services.steady.now();
    if (backoffUntil(failed.entry, failed.entry.at, now) === undefined) return;
    for (const event of backOffEvents(podKey(pod), container, image)) this.#services.event(event);
    throw new StartError(PULL_BACK_OFF, new NodeletError("unavailable", backOffMessage(image, failed)), image);
  }

  /** Whether the pod may use an image that is there. Where its Secrets cannot be had it may not: the pull tells why. */
  async #mayUse(
    wanted: string,
    present: Image,
    credentials: () => Promise<readonly PodCredentials[]>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { imageAccess } = this.#services;
    if (imageAccess === undefined) return true;
    const { id = "", repoTags = [], repoDigests = [] } = present;
    try {
      return await imageAccess.allows(wanted, { id, names: [...repoTags, ...repoDigests] }, async () =>
        (await credentials()).map(({ secret }) => secret),
      );
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  /** Those of the pod's Secrets for the registry of the image. */
  async #pullCredentials(pod: DecodedPod, image: string, signal: AbortSignal): Promise<readonly PodCredentials[]> {
    const { objects } = this.#services;
    const names = (pod.spec.imagePullSecrets ?? []).map(({ name = "" }) => name).filter((name) => name !== "");
    const secrets = await Promise.all(names.map((name) => objects.secret(pod.metadata.namespace, name, { signal })));
    const missing = names.filter((_name, index) => secrets[index] === undefined);
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`;
      this.#event(pod, "Warning", "FailedToRetrieveImagePullSecret", message);
    }
    const { domain, path } = parseReference(image);
    return pullCredentials(
      secrets.filter((secret) => secret !== undefined),
      `${domain}/${path}`,
    );
  }

  /** With one after the other until the registry takes it; without any, with the node's own. */
  async #pull(
    image: { readonly image: string },
    before: string | undefined,
    credentials: readonly PodCredentials[],
    sandboxConfig: PodSandboxConfig,
    signal: AbortSignal,
  ): Promise<string> {
    const { cri, imageAccess } = this.#services;
    const begun = await imageAccess?.begin(image.image, before);
    let failure: unknown;
    let goesOn = false;
    for (const own of credentials.length === 0 ? [undefined] : credentials) {
      try {
        const request = { image, sandboxConfig, ...(own === undefined ? {} : { auth: own.auth }) };
        const { imageRef = image.image } = await cri.pullImage(request, { signal });
        begun?.done(imageRef, own?.secret);
        return imageRef;
      } catch (error) {
        failure = error;
        goesOn ||= signal.aborted || isNodeletError(error, "cancelled") || isNodeletError(error, "timeout");
        if (signal.aborted) break;
      }
    }
    if (goesOn) begun?.left();
    else begun?.failed();
    throw failure;
  }

  #remember(pod: DecodedPod, container: V1Container, error: StartError): void {
    const now = this.#services.steady.now();
    const { name } = container;
    const { reason, message } = error;
    this.#services.log.info({ pod: podKey(pod), container: name, reason, error: message }, "a container did not start");
    // It exists and ended: the back-off of its restarts holds.
    if (reason === "RunContainerError" || reason === "PostStartHookError") {
      const wait = { reason, message, until: now + FIRST_REASON_MS };
      this.#failures.set(name, { wait, afterwards: undefined });
      return;
    }
    const { image = "" } = error;
    const failed = this.#failedPulls.get(image);
    if (failed === undefined) {
      this.#failures.set(name, { wait: { reason, message, until: now + CONFIG_RETRY_MS }, afterwards: undefined });
      return;
    }
    const until = failed.entry.at + failed.entry.delayMs;
    this.#failures.set(name, {
      wait: { reason, message, until },
      afterwards:
        reason === PULL_BACK_OFF
          ? undefined
          : {
              at: now + FIRST_REASON_MS,
              wait: { reason: PULL_BACK_OFF, message: backOffMessage(image, failed), until },
              events: backOffEvents(podKey(pod), name, image),
            },
    });
  }

  /** Ends containers of the pod, side by side, sidecars last and in reverse; what runs at the deadline is killed. Repeatable. */
  async stopAll(
    pod: DecodedPod,
    ids: readonly string[],
    observation: Observation,
    message: string | undefined,
    deadline: number,
    signal: AbortSignal,
  ): Promise<void> {
    const containers = observation.containers.filter(({ id }) => ids.includes(id));
    await stopInOrder(pod, containers, async (container, turn) => {
      const why = message ?? `Stopping container ${container.name}`;
      await this.#stopContainer(pod, container, observation, why, deadline, turn, signal);
    });
  }

  /** Hook, its turn, stop signal, and at the deadline the kill. Repeatable. */
  async #stopContainer(
    pod: DecodedPod,
    container: ObservedContainer,
    observation: Observation,
    message: string,
    deadline: number,
    turn: Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, clock, steady, log } = this.#services;
    const over = new AbortController();
    const left = (): number => Math.max(0, (deadline - steady.now()) / 1000);
    let least = 0;
    if (!this.#hooked.has(container.id)) {
      this.#hooked.add(container.id);
      this.#event(pod, "Normal", "Killing", message, container.name);
      const handler = recorded<V1LifecycleHandler>(container, CONTAINER_PRE_STOP);
      if (handler !== undefined && container.state === "running" && left() > 0) {
        least = MIN_STOP_SECONDS;
        await this.#runPreStop(pod, container, observation, handler, left() * 1000, signal);
      }
    }
    if (turn !== undefined) {
      least = MIN_STOP_SECONDS;
      // At the deadline all end together, whoever's turn it is.
      await Promise.race([turn, clock.sleep(left() * 1000, { signal: over.signal })]).finally(() => over.abort());
      signal.throwIfAborted();
    }
    const grace = Math.max(left(), least);
    log.debug({ pod: podKey(pod), container: container.name, grace }, "stopping a container");
    await cri.stopContainer({ containerId: container.id, timeout: BigInt(Math.ceil(grace)) }, { signal });
  }

  async #runPreStop(
    pod: DecodedPod,
    observed: ObservedContainer,
    observation: Observation,
    handler: V1LifecycleHandler,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, clock } = this.#services;
    const ports = recorded<NonNullable<V1Container["ports"]>>(observed, CONTAINER_PORTS);
    const container: V1Container = { name: observed.name, ...(ports === undefined ? {} : { ports }) };
    const sandbox = observation.sandboxes.find(({ id }) => id === observed.sandboxId);
    const podIp = this.#addresses(pod, sandbox?.ips ?? []).podIPs[0] ?? "";
    try {
      await runHook(handler, { cri, clock, containerId: observed.id, container, podIp, limitMs, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      this.#event(pod, "Warning", "FailedPreStopHook", `PreStopHook failed: ${describeError(error)}`, observed.name);
    }
  }

  #event(pod: DecodedPod, type: "Normal" | "Warning", reason: string, message: string, container?: string): void {
    this.#services.event({ type, reason, message, pod: podKey(pod), container });
  }
}

function backOffText(image: string): string {
  return `Back-off pulling image "${image}"`;
}

function backOffMessage(image: string, { message }: FailedPull): string {
  return `${backOffText(image)}: ErrImagePull: ${message}`;
}

function backOffEvents(pod: string, container: string, image: string): NewEvent[] {
  return [
    { type: "Normal", reason: "BackOff", message: backOffText(image), pod, container },
    { type: "Warning", reason: "Failed", message: `Error: ${PULL_BACK_OFF}`, pod, container },
  ];
}

/** The container that one for debugging is to see the processes of. */
function pidTarget(pod: DecodedPod, name: string, observation: Observation): string | undefined {
  const target = pod.spec.ephemeralContainers?.find((item) => item.name === name)?.targetContainerName ?? "";
  if (target === "") return undefined;
  const running = observation.containers.find((item) => item.name === target && item.state === "running");
  if (running === undefined) throw new NodeletError("not-found", `unable to find target container "${target}"`);
  return running.id;
}

export function podKey(pod: { readonly metadata: { readonly namespace: string; readonly name: string } }): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** What the container itself recorded at its creation: its manifest may have changed, or be gone. */
function recorded<T>(container: ObservedContainer, annotation: string): T | undefined {
  const text = container.annotations[annotation];
  if (text === undefined || text === "") return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined; // written by another agent in another form
  }
}
