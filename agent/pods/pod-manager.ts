// All pods of the node: which are wanted, a worker for each, and what a former run of the agent left.
//
// Only one pod of a name lives at a time: the next one of that name begins when nothing of the one before is left.

import { randomUUID } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";

import type { V1ConfigMap, V1Pod, V1PodStatus } from "@kubernetes/client-node";

import { wantsDevices, type DeviceManager } from "../../deviceplugins/device-manager.ts";
import { describeError, isNodeletError, NodeletError } from "../base/errors.ts";
import { CgroupDriver } from "../cri/runtime.ts";
import type { Cri } from "../cri/runtime.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { secondsBetween } from "../base/meters.ts";
import { SteadyTime } from "../base/steady-time.ts";
import type { ObjectChange } from "../kube/objects.ts";
import type { ApiPodChange, ApiPodSource, PodSource as Source, SourceChange } from "../sources/source.ts";
import type { Store, Table } from "../store/store.ts";
import { enabledLsms } from "../system/lsm.ts";
import type { SlowCalls } from "../system/slow-calls.ts";
import type { System } from "../system/system.ts";
import { showsTrustBundles } from "../volumes/references.ts";
import { admit, NODE_AFFINITY, OUT_OF, portConflict } from "./admission.ts";
import type { NodeFacts, RunningPod } from "./admission.ts";
import { MAX_DELAY_MS } from "./backoff.ts";
import { DesiredPods } from "./desired.ts";
import type { DesiredPod } from "./desired.ts";
import type { DnsSettings } from "./dns.ts";
import { EventRing } from "./events.ts";
import type { ImageAccess } from "./image-access/image-access.ts";
import * as labels from "./labels.ts";
import type { PodLayout } from "./layout.ts";
import type { PodEvent, PodManager, PodSource, PodView } from "./manager.ts";
import { decodeLocalObjects, LocalSecrets } from "./local-objects.ts";
import type { LocalObjects } from "./local-objects.ts";
import { PodMeters } from "./meters.ts";
import { ManifestObjects } from "./objects.ts";
import { refersTo } from "./references.ts";
import type { PodFailure } from "./planner.ts";
import { isCritical } from "./critical.ts";
import { givesWay, preempted, PREEMPTED } from "./preemption.ts";
import { DEFAULT_LIMIT_SETTINGS, type LimitSettings } from "./qos.ts";
import { PullTurns, type PullLimits } from "./pull-turns.ts";
import { allocationOf, judgeResize, resizeOrder, resizeSummary, sameAllocation, withAllocation } from "./resize.ts";
import type { Allocation, PendingResize } from "./resize.ts";
import { IDS_PER_POD } from "./sandbox-config.ts";
import { decodePod } from "./schema/decode.ts";
import type { DecodedPod } from "./schema/decode.ts";
import { milliseconds } from "./services.ts";
import { hasStorageLimits, storageExcess } from "./storage-limits.ts";
import { measureStorage } from "./storage-usage.ts";
import type { ClusterServices, PodDevices, PodServices } from "./services.ts";
import { isOver, PodWorker } from "./worker.ts";
import type { WorkerMemory } from "./worker.ts";

/** kubelet's syncFrequency. */
const SYNC_MS = 60_000;
/** Kubelet's: as long as it may not come round. */
const STALLED_MS = 300_000;
/** How often the disk usage of pods with limits is measured: kubelet's interval. */
const STORAGE_MS = 10_000;
/** Before the runtime's events are asked for again after they broke off. */
const EVENTS_RETRY_MS = 1_000;
/** As long as kubelet keeps the logs that it counts instances by. */
const ATTEMPTS_KEPT_NS = 60_000_000_000n;
/** Blocks of ids for user namespaces; the host's own ids are the first, and ids have 32 bits. */
const MAX_USER_NAMESPACES = 2 ** 32 / IDS_PER_POD - 1;

export interface PodManagerOptions {
  readonly cri: Cri;
  readonly system: System;
  readonly slow: SlowCalls;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sources: readonly Source[];
  readonly layout: PodLayout;
  /** Secrets that were given with pods of `nodelet run`; used on a tmpfs only. @default they end with the agent */
  readonly localSecretsDir?: string | undefined;
  readonly nodeName: string;
  /** The node's addresses, the primary one first. */
  readonly hostIPs: () => readonly string[];
  /** @default the node's resolver configuration, no cluster DNS */
  readonly dns?: DnsSettings | undefined;
  readonly seccompDefault?: boolean | undefined;
  /** Processes of a pod. @default -1, no limit */
  readonly podPidsLimit?: number | undefined;
  /** @default Kubernetes' */
  readonly limits?: LimitSettings | undefined;
  /** Of all pods, without "/" before it. @default kubepods */
  readonly podCgroup?: string | undefined;
  /** How often everything is looked at, whether the runtime told of changes or not. @default 60000 */
  readonly syncMs?: number | undefined;
  /** Limits of disk usage are kept. @default true */
  readonly storageLimits?: boolean | undefined;
  /** @default ROOT/seccomp */
  readonly seccompProfileRoot?: string | undefined;
  readonly allowedUnsafeSysctls?: readonly string[] | undefined;
  /** Milliseconds. @default 300000 */
  readonly maxBackoffMs?: number | undefined;
  /** @default none */
  readonly pullLimits?: PullLimits | undefined;
  /** Which images that are there pods may use. @default all */
  readonly imageAccess?: ImageAccess | undefined;
  /** The control plane that this node belongs to. @default none */
  readonly cluster?: ClusterPods | undefined;
  /** Of device plugins. @default none */
  readonly devices?: (PodDevices & Pick<DeviceManager, "release">) | undefined;
  /** What admission goes by. @default the whole machine and the labels that every node has */
  readonly nodeFacts?: (() => NodeFacts) | undefined;
  /** Count what becomes of pods. @default nobody asks for it */
  readonly meters?: PodMeters | undefined;
}

/** What pods have of the control plane. */
export interface ClusterPods {
  readonly source: ApiPodSource;
  readonly services: ClusterServices;
}

/** What is kept of a pod over restarts of the agent, by uid. */
interface PodRecord {
  readonly written: V1Pod;
  readonly source: PodSource;
  readonly origin: string;
  readonly startTime: number;
  readonly userNamespace?: number;
  readonly memory?: WorkerMemory;
  /** Resources that it has, where it asks for others that the node does not give it. */
  readonly allocated?: Allocation;
  /** Given with a local pod. */
  readonly configMaps?: readonly V1ConfigMap[];
  /** It was removed and is not to come back; the record goes with the last of its files. */
  readonly ending?: boolean;
}

const RECORD_VERSION = 1;

const NO_PULL_LIMITS: PullLimits = { parallel: undefined, rate: { perSecond: 0, burst: 0 } };

const API_ORIGIN = "the API server";
/** A pod that was taken from the API server at once has this much time yet, as kubelet gives it. */
const MIN_GRACE_SECONDS = 1;

interface Tracked {
  readonly worker: PodWorker;
  source: PodSource;
  origin: string;
  hash: string;
  readonly gone: Promise<void>;
}

export class NodePodManager implements PodManager, AsyncDisposable {
  readonly #options: PodManagerOptions;
  readonly #records: Table<PodRecord>;
  readonly #desired: DesiredPods;
  readonly #objects = new ManifestObjects();
  readonly #localSecrets: LocalSecrets;
  readonly #events: EventRing;
  readonly #tracked = new Map<string, Tracked>();
  readonly #listeners = new Set<(change: { pod?: PodView; removed?: PodView; event?: PodEvent }) => void>();
  readonly #meters: PodMeters;
  /** When all pods were looked at, whatever they tell; monotonic. */
  #lookedAt: bigint | undefined;
  readonly #stop = new AbortController();
  readonly #tasks: Promise<void>[] = [];
  /** Messages of problems that were told. */
  #told = new Set<string>();
  #services: PodServices | undefined;
  #synced = false;
  #stopped = false;
  /** The API server told its pods since this agent started. */
  #apiSynced = false;
  /** The API server's pods as it has them, by uid. */
  readonly #api = new Map<string, V1Pod>();
  /** Of pods of manifests that ended lately, by uid. */
  readonly #attempts = new Map<string, { readonly at: bigint; readonly newest: ReadonlyMap<string, number> }>();
  /** Pods of the API server that have had their life here. */
  readonly #finished = new Set<string>();
  /** Critical pods for which others are being ended, by uid: the room is theirs. */
  readonly #waitsForRoom = new Map<string, RunningPod>();
  /** Pods that are not for this node, as far as its labels are known: those of whom the server was asked for them, by uid. */
  readonly #askedForNode = new Map<string, "asking" | "answered">();
  /** Pods with a sandbox that was alive when this agent started. */
  #alive: ReadonlySet<string> = new Set();

  constructor(options: PodManagerOptions) {
    this.#options = options;
    this.#meters = options.meters ?? new PodMeters(options.clock);
    this.#records = options.store.table<PodRecord>("pods", { version: RECORD_VERSION });
    this.#events = new EventRing(options.clock, (event) => this.#notify({ event }));
    this.#localSecrets = new LocalSecrets(options.localSecretsDir, options.log);
    this.#desired = new DesiredPods({
      nodeName: options.nodeName,
      joined: options.cluster !== undefined,
      now: () => new Date(milliseconds(options.clock)),
      allowedUnsafeSysctls: options.allowedUnsafeSysctls,
    });
  }

  /**
   * Takes up what runs, reads the sources, and from then on keeps the pods as they are wanted. Nothing is ended before every
   * source was read once.
   */
  async start(): Promise<void> {
    const { cri, log, sources, clock, cluster } = this.#options;
    this.#services = await this.#makeServices();
    this.#alive = await this.#findAlive();
    const origins = { file: new Set<string>(), url: new Set<string>() };
    const records = [...this.#records.entries()].toSorted(([, a], [, b]) => a.startTime - b.startTime);
    for (const [uid, record] of records) {
      if (record.ending === true) continue;
      try {
        if (record.source === "local") {
          const { key } = this.#desired.setLocal(
            uid,
            decodePod(record.written, { origin: record.origin }),
            record.origin,
          );
          this.#setLocalObjects(key, {
            configMaps: record.configMaps ?? [],
            secrets: await this.#localSecrets.load(key),
          });
        } else if (record.source === "api") {
          // Until the server can be asked, what runs goes on.
          if (cluster !== undefined) this.#desired.setApi(record.written, record.origin);
        } else this.#desired.seed(record.source, record.origin, record.written);
        if (record.source === "file" || record.source === "url") origins[record.source].add(record.origin);
      } catch (error) {
        this.#problem(
          new NodeletError("invalid", `A pod that ran before is refused now: ${describeError(error)}`, {
            where: record.origin,
            cause: error,
          }),
        );
      }
    }
    this.#objects.subscribe((change) => this.#objectChanged(change, false));
    cluster?.services.objects.subscribe((change) => this.#objectChanged(change, true));
    cluster?.services.trustBundles.subscribe(() => {
      for (const { worker, source } of this.#tracked.values())
        if (source === "api" && showsTrustBundles(worker.state.pod.spec)) worker.objectsChanged();
    });
    this.#tasks.push(this.#followEvents());
    for (const source of sources) {
      await source.start((change) => this.#apply(source.kind, change), [...origins[source.kind]]);
    }
    // Without the source that a record came from, its pod is no longer wanted.
    for (const kind of ["file", "url"] as const)
      if (!sources.some((source) => source.kind === kind))
        for (const origin of origins[kind]) this.#desired.remove(origin);
    this.#synced = true;
    this.#reconcile();
    await this.#adoptOrphans();
    cluster?.source.start((change) => this.#applyApi(change), this.#desired.apiUids());
    this.#tasks.push(this.#relist());
    if (this.#options.storageLimits !== false) this.#tasks.push(this.#watchStorage());
    log.info(
      { pods: this.#tracked.size, at: milliseconds(clock), runtime: (await cri.version({})).runtimeName },
      "pods are followed",
    );
  }

  async #makeServices(): Promise<PodServices> {
    const { cri, system, slow, clock, log, layout, nodeName, hostIPs } = this.#options;
    const version = await cri.version({});
    const { runtimeHandlers = [] } = await cri.status({});
    let driver: "cgroupfs" | "systemd" = "cgroupfs";
    try {
      const { linux } = await cri.runtimeConfig({});
      if (linux !== undefined && (linux.cgroupDriver ?? 0) === CgroupDriver.SYSTEMD) driver = "systemd";
    } catch (error) {
      if (!isNodeletError(error, "unsupported")) throw error;
    }
    return {
      cri,
      system,
      slow,
      clock,
      steady: new SteadyTime(clock),
      log,
      layout,
      nodeName,
      nodeFacts: () => this.#nodeFacts(),
      hostIPs,
      dns: this.#options.dns ?? { resolvConf: undefined, clusterDns: [], clusterDomain: "" },
      cgroupDriver: driver,
      podCgroup: this.#options.podCgroup ?? "kubepods",
      runtimeName: version.runtimeName ?? "nodelet",
      recursiveReadOnly:
        runtimeHandlers.find(({ name = "" }) => name === "")?.features?.recursiveReadOnlyMounts === true,
      seccompDefault: this.#options.seccompDefault ?? false,
      seccompProfileRoot: this.#options.seccompProfileRoot ?? `${layout.rootDir}/seccomp`,
      podPidsLimit: this.#options.podPidsLimit ?? -1,
      limits: this.#options.limits ?? DEFAULT_LIMIT_SETTINGS,
      maxBackoffMs: this.#options.maxBackoffMs ?? MAX_DELAY_MS,
      pullTurns: new PullTurns(this.#options.pullLimits ?? NO_PULL_LIMITS, clock),
      imageAccess: this.#options.imageAccess,
      objects: this.#objects,
      meters: this.#meters,
      devices: this.#options.devices,
      event: (event) => this.#events.add(event),
    };
  }

  /** Uids of pods that use devices, or may; undefined: not every source has told its pods yet. */
  livePods(): ReadonlySet<string> | undefined {
    if (!this.#synced || (this.#options.cluster !== undefined && !this.#apiSynced)) return undefined;
    const tracked = [...this.#tracked].flatMap(([uid, { worker }]) => (worker.isOver ? [] : [uid]));
    const coming = [...this.#desired.resolve().pods.values()].map(({ uid }) => uid);
    return new Set([...tracked, ...coming.filter((uid) => !this.#tracked.has(uid) && !this.#finished.has(uid))]);
  }

  /** What the node has of a resource changed: pods that want it are looked at. */
  devicesChanged(resource: string): void {
    for (const { worker } of this.#tracked.values())
      if (wantsDevices(worker.state.pod, resource)) worker.objectsChanged();
  }

  // Sources

  #apply(kind: "file" | "url", change: SourceChange): void {
    for (const origin of change.removed) {
      this.#desired.remove(origin);
      this.#objects.remove(origin);
    }
    // Removed and there again: its pods end before they live again.
    const again = change.changed.some(({ origin }) => change.removed.includes(origin));
    if (again && this.#synced) this.#reconcile();
    for (const content of change.changed) {
      this.#objects.apply(kind, content);
      this.#desired.apply(kind, content);
    }
    if (this.#synced) this.#reconcile();
  }

  #applyApi({ pods, removed }: ApiPodChange): void {
    const first = !this.#apiSynced;
    this.#apiSynced = true;
    for (const pod of removed) {
      const { uid = "", deletionGracePeriodSeconds } = pod.metadata ?? {};
      this.#desired.removeApi(uid);
      this.#api.delete(uid);
      this.#finished.delete(uid);
      const worker = this.#tracked.get(uid)?.worker;
      const grace = deletionGracePeriodSeconds ?? worker?.state.pod.spec.terminationGracePeriodSeconds ?? 0;
      worker?.terminate(Math.max(grace, MIN_GRACE_SECONDS));
    }
    for (const pod of pods) {
      try {
        this.#desired.setApi(pod, API_ORIGIN);
        this.#api.set(pod.metadata?.uid ?? "", pod);
      } catch (error) {
        this.#problem(
          isNodeletError(error) ? error : new NodeletError("internal", describeError(error), { where: API_ORIGIN }),
        );
      }
    }
    this.#reconcile();
    if (first) {
      this.#tasks.push(
        this.#adoptOrphans().catch((error: unknown) => {
          if (!this.#stop.signal.aborted)
            this.#options.log.warn({ error: describeError(error) }, "the runtime could not be listed");
        }),
      );
    }
  }

  /** Pods with a sandbox that lives, by uid. */
  async #findAlive(): Promise<ReadonlySet<string>> {
    const { items = [] } = await this.#options.cri.listPodSandbox({ filter: { state: { state: 0 } } });
    return new Set(items.map(({ labels: found }) => found?.[labels.POD_UID] ?? ""));
  }

  #objectChanged({ kind, namespace, name }: ObjectChange, ofApi: boolean): void {
    for (const { worker, source } of this.#tracked.values()) {
      const { pod } = worker.state;
      if ((source === "api") !== ofApi) continue;
      if (pod.metadata.namespace === namespace && refersTo(pod.spec, kind, name)) worker.objectsChanged();
    }
  }

  /** Problems are told once each, and again when they come back. */
  #tellProblems(problems: readonly NodeletError[]): void {
    const texts = new Set(problems.map((problem) => describeError(problem)));
    for (const problem of problems) if (!this.#told.has(describeError(problem))) this.#problem(problem);
    this.#told = texts;
  }

  #problem(problem: NodeletError): void {
    const message = describeError(problem);
    this.#options.log.warn(message);
    this.#events.add({ type: "Warning", reason: "InvalidManifest", message, pod: "" });
  }

  /** What is wrong with manifests now, a line each. */
  problems(): readonly string[] {
    const { conflicts } = this.#desired.resolve();
    return [...this.#desired.problems(), ...conflicts, ...this.#objects.problems()].map((item) => describeError(item));
  }

  // Workers

  /** Everything that is known now has been acted on. */
  get idle(): boolean {
    return [...this.#tracked.values()].every(({ worker }) => worker.idle);
  }

  /** Ends workers that are not wanted, begins those that are missing. */
  #reconcile(): void {
    const { pods, conflicts } = this.#desired.resolve();
    this.#tellProblems([...this.#desired.problems(), ...conflicts, ...this.#objects.problems()]);
    const wanted = this.#wanted();
    for (const uid of this.#waitsForRoom.keys()) if (!wanted.has(uid)) this.#waitsForRoom.delete(uid);
    const busyNames = new Set<string>();
    for (const [uid, tracked] of this.#tracked) {
      busyNames.add(tracked.worker.key);
      const desired = wanted.get(uid);
      if (desired === undefined || this.#stopped) {
        // One that is ending has its grace already.
        if (!tracked.worker.terminating) tracked.worker.terminate();
        continue;
      }
      tracked.source = desired.source;
      tracked.origin = desired.origin;
      const { deletionTimestamp, deletionGracePeriodSeconds } = desired.pod.metadata;
      if (deletionTimestamp !== undefined) tracked.worker.terminate(deletionGracePeriodSeconds);
      if (!tracked.worker.terminating && tracked.hash !== desired.hash) this.#change(tracked, desired);
    }
    if (this.#stopped) return;
    const age = ({ uid }: DesiredPod): number => this.#records.get(uid)?.startTime ?? Number.MAX_SAFE_INTEGER;
    // Those that ran before have what they had before.
    const missing = [...pods.values()].filter(({ key }) => !busyNames.has(key));
    for (const desired of missing.toSorted((a, b) => age(a) - age(b))) this.#begin(desired);
    this.#retryResizes();
  }

  /** The same uid with another specification, or one whose resize may have room now. */
  #change(tracked: Tracked, desired: DesiredPod): void {
    const { startTime, userNamespace, pendingResize: before, pod } = tracked.worker.state;
    const given = this.#allocate(desired, allocationOf(pod));
    const { pendingResize: now } = given;
    if (tracked.hash === desired.hash && now?.reason === before?.reason && now?.message === before?.message) return;
    if (now === undefined || now.reason !== before?.reason) this.#tellResize(desired, tracked, given);
    tracked.hash = desired.hash;
    this.#save(desired, startTime, userNamespace, given);
    if (desired.source === "api") this.#options.cluster?.services.retain(desired.pod);
    tracked.worker.update({
      ...given,
      containerHashes: desired.containerHashes,
      startTime,
      userNamespace,
      conditions: this.#api.get(desired.uid)?.status?.conditions,
    });
  }

  /** Beside all pods that are known by now, and in kubelet's order. */
  #retryResizes(): void {
    const { pods } = this.#desired.resolve();
    const waiting = [...this.#tracked.values()].flatMap((tracked) => {
      const { worker } = tracked;
      if (worker.state.pendingResize === undefined || worker.terminating || worker.isOver) return [];
      const desired = pods.get(worker.key);
      if (desired?.uid !== worker.uid) return [];
      if (tracked.hash !== desired.hash) return [];
      return [{ tracked, desired, asked: desired.pod, has: worker.state.pod, since: waitsSince(worker.status) }];
    });
    for (const { tracked, desired } of waiting.toSorted(resizeOrder)) this.#change(tracked, desired);
  }

  /** The pod with the resources that the node gives it: those that it asks for, or, if they do not fit, those that it has. */
  #allocate(
    { pod, source, uid }: DesiredPod,
    has: Allocation | undefined,
  ): { readonly pod: DecodedPod; readonly pendingResize?: PendingResize } {
    if (source !== "api" || has === undefined || sameAllocation(allocationOf(pod), has)) return { pod };
    const others = this.#running().filter((other) => other.pod.metadata.uid !== uid);
    const pendingResize = judgeResize(pod, others, this.#nodeFacts());
    return pendingResize === undefined ? { pod } : { pod: withAllocation(pod, has), pendingResize };
  }

  /** By uid. */
  #wanted(): ReadonlyMap<string, DesiredPod> {
    return new Map([...this.#desired.resolve().pods.values()].map((desired) => [desired.uid, desired]));
  }

  #tellResize({ pod, key }: DesiredPod, { worker }: Tracked, given: { readonly pendingResize?: PendingResize }): void {
    if (sameAllocation(allocationOf(pod), allocationOf(worker.state.pod))) return;
    const { pendingResize } = given;
    const [type, reason, message] =
      pendingResize === undefined
        ? (["Normal", "ResizeStarted", `Pod resize started: ${resizeSummary(pod)}`] as const)
        : ([
            "Warning",
            `Resize${pendingResize.reason}`,
            `Pod resize ${pendingResize.reason}: ${resizeSummary(pod, pendingResize.message)}`,
          ] as const);
    this.#events.add({ type, reason, message, pod: key });
  }

  /** Pods that have resources of the node. */
  #running(): { readonly key: string; readonly pod: DecodedPod; readonly ending: boolean }[] {
    return [...this.#tracked.values()]
      .filter(({ worker }) => !worker.isOver)
      .map(({ worker }) => ({ key: worker.key, pod: worker.state.pod, ending: worker.terminating }));
  }

  /** Whether a pod of the API server is to be taken on now. */
  #mayBegin({ uid, source, pod }: DesiredPod): boolean {
    if (source !== "api") return true;
    if (this.#finished.has(uid)) return false;
    // After a reboot its Secrets, and what else it needs, have to come from the server first.
    if (!this.#apiSynced) return this.#alive.has(uid);
    if (pod.metadata.deletionTimestamp !== undefined || this.#records.get(uid)?.memory !== undefined) return true;
    const over = isOver(this.#api.get(uid)?.status);
    if (over) this.#finished.add(uid);
    return !over;
  }

  #begin(desired: DesiredPod): void {
    if (!this.#mayBegin(desired)) return;
    const deleted = desired.pod.metadata.deletionTimestamp !== undefined;
    const running = this.#running();
    // What is ending soon gives its ports back: the pod begins then.
    if (portConflict(desired.pod, running)?.holder.ending === true) return;
    const known = this.#records.get(desired.uid)?.memory?.failure;
    const began = this.#alive.has(desired.uid) || this.#records.get(desired.uid)?.memory !== undefined;
    const judged = known === undefined && !deleted && !(desired.source === "api" && began);
    const facts: NodeFacts = {
      ...this.#nodeFacts(),
      // What is not scheduled keeps away from no node: a node that is told to be away runs its own pods on.
      ...(desired.source === "api" ? {} : { taints: [] }),
      allowedUnsafeSysctls: this.#options.allowedUnsafeSysctls ?? [],
    };
    this.#waitsForRoom.delete(desired.uid);
    const rejected = judged ? admit(desired.pod, [...running, ...this.#waitsForRoom.values()], facts) : undefined;
    if (rejected?.reason.startsWith(OUT_OF) === true && this.#makesRoom(desired, facts)) return;
    if (rejected?.reason === NODE_AFFINITY && desired.source === "api" && this.#asksForNode(desired.uid)) return;
    this.#askedForNode.delete(desired.uid);
    const record = this.#records.get(desired.uid);
    const told = this.#api.get(desired.uid)?.status;
    const startTime =
      record?.startTime ??
      (told?.startTime === undefined ? milliseconds(this.#options.clock) : new Date(told.startTime).getTime());
    let userNamespace = record?.userNamespace;
    if (desired.pod.spec.hostUsers === false) userNamespace ??= this.#freeUserNamespace();
    const given = heldBack(desired, began ? record?.allocated : undefined);
    if (record === undefined) this.#save(desired, startTime, userNamespace, given);
    const state = {
      ...given,
      containerHashes: desired.containerHashes,
      userNamespace,
      startTime,
      conditions: told?.conditions,
      formerAttempts: this.#attempts.get(desired.uid)?.newest,
    };
    const { worker } = this.#track(desired.uid, desired.hash, desired.source, desired.origin, state, rejected, told);
    if (rejected !== undefined) {
      this.#meters.rejections.add({ reason: rejected.reason });
      this.#events.add({ type: "Warning", reason: rejected.reason, message: rejected.message, pod: desired.key });
    }
    if (deleted) worker.terminate(desired.pod.metadata.deletionGracePeriodSeconds);
    worker.start();
  }

  /** Whether the pod waits for others to end, as it is critical and they are not. */
  #makesRoom(desired: DesiredPod, facts: NodeFacts): boolean {
    const { uid, key, pod, source } = desired;
    if (this.#options.cluster === undefined || !isCritical(pod, source)) return false;
    const live = [...this.#tracked.values()].filter(({ worker }) => !worker.isOver && !worker.ending);
    const candidates: (RunningPod & { readonly worker: PodWorker })[] = [];
    const kept = [...this.#waitsForRoom.values()];
    for (const { worker, source: from } of live) {
      const running = { key: worker.key, pod: worker.state.pod, worker };
      (from === "api" && givesWay(running.pod, pod) ? candidates : kept).push(running);
    }
    const chosen = preempted(pod, candidates, kept, facts);
    if (chosen === undefined) return false;
    for (const { worker } of chosen) worker.fail(PREEMPTED);
    this.#waitsForRoom.set(uid, { key, pod });
    return true;
  }

  /** Its labels may have changed a moment before the pod came: once for each pod, the server is asked, and the pod waits for that. */
  #asksForNode(uid: string): boolean {
    const before = this.#askedForNode.get(uid);
    if (before !== undefined) return before === "asking";
    const { cluster, log } = this.#options;
    if (cluster === undefined) return false;
    this.#askedForNode.set(uid, "asking");
    void cluster.services
      .refreshNode(this.#stop.signal)
      .catch((error: unknown) => log.debug({ error: describeError(error) }, "the node's labels could not be asked for"))
      .then(() => {
        if (this.#stop.signal.aborted) return;
        this.#askedForNode.set(uid, "answered");
        this.#reconcile();
        this.#askedForNode.delete(uid);
      });
    return true;
  }

  #nodeFacts(): NodeFacts {
    if (this.#options.nodeFacts !== undefined) return this.#options.nodeFacts();
    const name = this.#options.nodeName;
    return {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": process.arch === "x64" ? "amd64" : process.arch,
      },
      apparmor: enabledLsms().apparmor,
      cpuMilli: BigInt(availableParallelism()) * 1000n,
      memory: BigInt(totalmem()),
    };
  }

  #track(
    uid: string,
    hash: string,
    source: PodSource,
    origin: string,
    state: PodWorker["state"],
    rejected?: PodFailure,
    told?: V1PodStatus,
  ): Tracked {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#services === undefined) throw new NodeletError("unavailable", "The agent is starting");
    const cluster = source === "api" ? this.#options.cluster?.services : undefined;
    cluster?.retain(state.pod);
    const worker = new PodWorker({
      services: cluster === undefined ? this.#services : { ...this.#services, objects: cluster.objects, cluster },
      state,
      once: source === "api",
      memory: this.#records.get(uid)?.memory ?? memoryOfEnd(told),
      rejected,
      remember: (memory) => this.#remember(uid, memory),
      onStatus: () => {
        const tracked = this.#tracked.get(uid);
        if (tracked !== undefined) this.#notify({ pod: this.#view(tracked) });
        // It has given its resources back.
        if (!worker.isOver) return;
        this.#retryResizes();
        if (this.#waitsForRoom.size > 0) this.#reconcile();
      },
      onGone: () => {
        const tracked = this.#tracked.get(uid);
        if (tracked === undefined) return;
        this.#tracked.delete(uid);
        if (source !== "api") this.#rememberAttempts(uid, worker);
        cluster?.release(uid);
        this.#options.devices?.release(uid);
        if (cluster !== undefined && this.#api.has(uid) && !this.#stopped) this.#finished.add(uid);
        this.#forget(uid);
        const { name, namespace } = worker.state.pod.metadata;
        this.#meters.forget(namespace, name);
        this.#notify({ removed: this.#view(tracked) });
        resolve();
        this.#reconcile();
      },
    });
    const tracked: Tracked = { worker, source, origin, hash, gone: promise };
    this.#tracked.set(uid, tracked);
    return tracked;
  }

  /** A manifest that was removed may be there again soon: the instances of its pod are counted on then. */
  #rememberAttempts(uid: string, { lastAttempts }: PodWorker): void {
    const now = this.#options.clock.monotonic();
    for (const [other, { at }] of this.#attempts) if (now - at > ATTEMPTS_KEPT_NS) this.#attempts.delete(other);
    this.#attempts.set(uid, { at: now, newest: lastAttempts });
  }

  #save(
    desired: DesiredPod,
    startTime: number,
    userNamespace: number | undefined,
    { pod, pendingResize }: { readonly pod: DecodedPod; readonly pendingResize?: PendingResize },
  ): void {
    const { written, source, origin } = desired;
    const memory = this.#records.get(desired.uid)?.memory;
    const record: PodRecord = {
      ...(memory === undefined ? {} : { memory }),
      ...(pendingResize === undefined ? {} : { allocated: allocationOf(pod) }),
      written,
      source,
      origin,
      startTime,
      ...(userNamespace === undefined ? {} : { userNamespace }),
    };
    this.#records.put(desired.uid, record).catch((error: unknown) => {
      this.#options.log.error({ pod: desired.key, error }, "the record of the pod could not be written");
    });
  }

  async #remember(uid: string, memory: WorkerMemory): Promise<void> {
    const record = this.#records.get(uid);
    if (record === undefined) return;
    try {
      await this.#records.put(uid, { ...record, memory });
    } catch (error) {
      this.#options.log.error({ uid, error }, "what is known of a pod could not be recorded");
    }
  }

  /** Once nothing of a pod is left, unless it is to live again: a local pod stays known until it is removed. */
  #forget(uid: string): void {
    const record = this.#records.get(uid);
    if (record === undefined) return;
    if (record.source === "local" && this.#isWanted(uid)) return;
    const { name = "", namespace = "default" } = record.written.metadata ?? {};
    const local = record.source === "local" ? this.#forgetLocalObjects(`${namespace}/${name}`) : undefined;
    Promise.all([this.#records.delete(uid), local]).catch((error: unknown) => {
      this.#options.log.error({ uid, error }, "the record of a pod could not be deleted");
    });
  }

  #setLocalObjects(key: string, { configMaps, secrets }: LocalObjects): void {
    const locate = (): undefined => undefined;
    this.#objects.apply("local", {
      origin: localObjectsOrigin(key),
      objects: [
        ...configMaps.map((value) => ({ kind: "ConfigMap" as const, value, locate })),
        ...secrets.map((value) => ({ kind: "Secret" as const, value, locate })),
      ],
      problems: [],
    });
  }

  /** Unless another pod of that name was run meanwhile, to which they belong now. */
  async #forgetLocalObjects(key: string): Promise<void> {
    if (this.#desired.local(key) !== undefined) return;
    this.#objects.remove(localObjectsOrigin(key));
    await this.#localSecrets.remove(key);
  }

  #freeUserNamespace(): number {
    const used = new Set([...this.#records.entries()].map(([, record]) => record.userNamespace));
    for (let candidate = 1; candidate < MAX_USER_NAMESPACES; candidate++) if (!used.has(candidate)) return candidate;
    throw new NodeletError("exhausted", "There is no free range of ids for the user namespace of another pod");
  }

  /** Pods in the runtime, or in the records, that nobody wants: they are ended. */
  async #adoptOrphans(): Promise<void> {
    const { cri } = this.#options;
    const [sandboxes, containers] = await Promise.all([cri.listPodSandbox({}), cri.listContainers({})]);
    const found = new Map<string, { name: string; namespace: string; grace: number }>();
    for (const item of [...(containers.containers ?? []), ...(sandboxes.items ?? [])]) {
      const uid = item.labels?.[labels.POD_UID];
      if (uid === undefined || uid === "" || this.#tracked.has(uid)) continue;
      const grace = Number(item.annotations?.[labels.POD_GRACE] ?? 0) || found.get(uid)?.grace || 0;
      found.set(uid, {
        name: item.labels?.[labels.POD_NAME] ?? "",
        namespace: item.labels?.[labels.POD_NAMESPACE] ?? "",
        grace,
      });
    }
    for (const [uid, record] of this.#records.entries()) {
      if (this.#tracked.has(uid) || found.has(uid)) continue;
      const { metadata, spec } = record.written;
      found.set(uid, {
        name: metadata?.name ?? "",
        namespace: metadata?.namespace ?? "default",
        grace: spec?.terminationGracePeriodSeconds ?? 0,
      });
    }
    for (const [uid, { name, namespace, grace }] of found) {
      // Wanted, but not begun yet as another of its name is ending.
      if (this.#isWanted(uid)) continue;
      this.#options.log.info({ pod: `${namespace}/${name}`, uid }, "ending a pod that is no longer wanted");
      const known = this.#records.get(uid)?.written.spec;
      const spec = {
        containers: known?.containers ?? [],
        ...(known?.initContainers === undefined ? {} : { initContainers: known.initContainers }),
      };
      const pod: DecodedPod = {
        metadata: { name, namespace, uid },
        spec: { ...spec, terminationGracePeriodSeconds: grace },
      };
      const state = {
        pod,
        containerHashes: new Map<string, string>(),
        userNamespace: undefined,
        startTime: milliseconds(this.#options.clock),
      };
      const { worker } = this.#track(
        uid,
        "",
        "file",
        this.#records.get(uid)?.origin ?? "a former run of the agent",
        state,
      );
      worker.terminate();
      worker.start();
    }
  }

  #isWanted(uid: string): boolean {
    return [...this.#desired.resolve().pods.values()].some((desired) => desired.uid === uid);
  }

  // Following the runtime

  async #followEvents(): Promise<void> {
    const { cri, clock, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const event of cri.getContainerEvents({}, { signal })) {
          const uid = event.podSandboxStatus?.labels?.[labels.POD_UID] ?? event.podSandboxStatus?.metadata?.uid ?? "";
          const tracked = this.#tracked.get(uid);
          if (tracked !== undefined) tracked.worker.wake();
          else if (uid === "") this.#wakeAll();
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error: describeError(error) }, "the runtime's events broke off");
      }
      await clock.sleep(EVENTS_RETRY_MS, { signal }).catch(() => undefined);
      this.#wakeAll();
    }
  }

  async #relist(): Promise<void> {
    const { clock, log, syncMs = SYNC_MS } = this.#options;
    const { signal } = this.#stop;
    const { relists, relistIntervals, relistedAt } = this.#meters;
    let before: bigint | undefined;
    this.#lookedAt = clock.monotonic();
    for (;;) {
      await clock.sleep(syncMs, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const begun = clock.monotonic();
      if (before !== undefined) relistIntervals.observe(secondsBetween(before, begun));
      before = begun;
      try {
        await this.#adoptOrphans();
        relistedAt.set(milliseconds(clock) / 1000);
        this.#lookedAt = clock.monotonic();
      } catch (error) {
        log.warn({ error: describeError(error) }, "the runtime could not be listed");
      }
      relists.observe(secondsBetween(begun, clock.monotonic()));
      // A resize that had to wait may have room by now.
      this.#reconcile();
      this.#wakeAll();
    }
  }

  /** That all pods have not been looked at for far too long, as where the runtime does not answer. */
  get stalled(): string | undefined {
    const { clock, syncMs = SYNC_MS } = this.#options;
    if (this.#lookedAt === undefined) return undefined;
    const seconds = secondsBetween(this.#lookedAt, clock.monotonic());
    if (seconds * 1000 < Math.max(2 * syncMs, STALLED_MS)) return undefined;
    return `all pods were last looked at ${Math.floor(seconds)} s ago`;
  }

  /** Pods that use more disk than they may are evicted. One is measured at a time. */
  async #watchStorage(): Promise<void> {
    const { cri, slow, layout, clock, log } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      await clock.sleep(STORAGE_MS, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      for (const { worker } of this.#tracked.values()) {
        const { pod } = worker.state;
        if (worker.isOver || worker.terminating || !hasStorageLimits(pod)) continue;
        try {
          const usage = await measureStorage(cri, slow, layout, pod, worker.observation, signal);
          const excess = storageExcess(pod, usage);
          if (excess !== undefined) worker.fail(excess);
        } catch (error) {
          if (signal.aborted) return;
          log.warn({ pod: worker.key, error: describeError(error) }, "the disk usage of a pod was not measured");
        }
      }
    }
  }

  #wakeAll(): void {
    for (const { worker } of this.#tracked.values()) worker.wake();
  }

  // What others ask

  list(): readonly PodView[] {
    const views = [...this.#tracked.values()].map((tracked) => this.#view(tracked));
    const names = new Set(views.map(({ pod }) => `${pod.metadata?.namespace}/${pod.metadata?.name}`));
    if (!this.#stopped) {
      for (const desired of this.#desired.resolve().pods.values())
        if (!names.has(desired.key) && !this.#finished.has(desired.uid)) views.push(pendingView(desired));
    }
    const key = ({ pod }: PodView): string => `${pod.metadata?.namespace}/${pod.metadata?.name}`;
    return views.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  get(namespace: string, name: string): PodView | undefined {
    const key = `${namespace}/${name}`;
    const tracked = this.#byKey(key);
    if (tracked !== undefined) return this.#view(tracked);
    const desired = this.#stopped ? undefined : this.#desired.resolve().pods.get(key);
    return desired === undefined || this.#finished.has(desired.uid) ? undefined : pendingView(desired);
  }

  container(
    namespace: string,
    pod: string,
    container: string,
    options: { previous?: boolean } = {},
  ): { readonly id: string; readonly logPath: string } | undefined {
    const tracked = this.#byKey(`${namespace}/${pod}`);
    const instances = tracked?.worker.observation.containers.filter((item) => item.name === container);
    const found = instances?.[options.previous === true ? 1 : 0];
    return found === undefined ? undefined : { id: found.id, logPath: found.logPath };
  }

  sandboxId(namespace: string, pod: string): string | undefined {
    return this.#byKey(`${namespace}/${pod}`)?.worker.observation.sandboxes[0]?.id;
  }

  async run(pod: V1Pod, objects: readonly unknown[] = []): Promise<PodView> {
    if (this.#stopped) throw new NodeletError("unavailable", "All pods were stopped", { fix: "Start the agent anew" });
    const origin = "nodelet run";
    const decoded = decodePod(pod, { origin, allowedUnsafeSysctls: this.#options.allowedUnsafeSysctls });
    const key = `${decoded.pod.metadata.namespace}/${decoded.pod.metadata.name}`;
    const holder = this.#desired.resolve().pods.get(key);
    if (holder !== undefined && holder.source !== "local") {
      throw new NodeletError("conflict", `Pod ${key} is already defined by ${holder.origin}`, {
        where: "metadata.name",
        fix: "Choose another name, or change it there",
      });
    }
    const belongings = decodeLocalObjects(objects, origin);
    this.#setLocalObjects(key, belongings);
    await this.#localSecrets.save(key, belongings.secrets);
    const { configMaps } = belongings;
    const before = this.#desired.local(key);
    const record = before === undefined ? undefined : this.#records.get(before.uid);
    if (before !== undefined && record !== undefined && before.hash === decoded.hash)
      await this.#records.put(before.uid, { ...record, configMaps });
    if (before !== undefined && before.hash === decoded.hash) {
      const phase = this.#byKey(key)?.worker.status.phase;
      const live = phase !== "Succeeded" && phase !== "Failed";
      if (live) return this.get(decoded.pod.metadata.namespace, decoded.pod.metadata.name) ?? pendingView(before);
    }
    if (before !== undefined) await this.#markEnding(before.uid);
    const desired = this.#desired.setLocal(decoded.written.metadata?.uid ?? randomUUID(), decoded, origin);
    await this.#records.put(desired.uid, {
      written: desired.written,
      source: "local",
      origin,
      configMaps,
      startTime: milliseconds(this.#options.clock),
      ...(desired.pod.spec.hostUsers === false ? { userNamespace: this.#freeUserNamespace() } : {}),
    });
    this.#reconcile();
    return this.get(desired.pod.metadata.namespace, desired.pod.metadata.name) ?? pendingView(desired);
  }

  async remove(
    namespace: string,
    name: string,
    options: { graceSeconds?: number; signal?: AbortSignal } = {},
  ): Promise<void> {
    const key = `${namespace}/${name}`;
    const tracked = this.#byKey(key);
    const holder = this.#desired.resolve().pods.get(key);
    if (holder !== undefined && holder.source !== "local") {
      throw new NodeletError("conflict", `Pod ${key} comes from ${holder.origin}`, {
        where: key,
        fix: holder.source === "api" ? "Use kubectl delete" : `Remove it from ${holder.origin}`,
      });
    }
    if (holder === undefined && tracked === undefined) {
      throw new NodeletError("not-found", `There is no pod ${key}`, { fix: "List the pods with: nodelet pods" });
    }
    this.#desired.removeLocal(key);
    // Before anything is awaited: whoever reconciles meanwhile would end it with the grace of its specification.
    tracked?.worker.terminate(options.graceSeconds);
    // One that still waits for its predecessor to be gone has nothing but its record.
    if (holder !== undefined && holder.uid !== tracked?.worker.uid) {
      await this.#records.delete(holder.uid);
      await this.#forgetLocalObjects(key);
    }
    if (tracked === undefined) return;
    await this.#markEnding(tracked.worker.uid);
    await abortable(tracked.gone, options.signal);
  }

  async #markEnding(uid: string): Promise<void> {
    const record = this.#records.get(uid);
    if (record !== undefined) await this.#records.put(uid, { ...record, ending: true });
  }

  async stopAll(options: { graceSeconds?: number; signal?: AbortSignal } = {}): Promise<void> {
    this.#stopped = true;
    const all = [...this.#tracked.values()];
    for (const { worker } of all) worker.terminate(options.graceSeconds);
    await abortable(Promise.all(all.map((tracked) => tracked.gone)), options.signal);
  }

  report(event: Pick<PodEvent, "type" | "reason" | "message">): void {
    this.#events.add({ ...event, pod: "" });
  }

  events(): readonly PodEvent[] {
    return this.#events.list();
  }

  subscribe(listener: (change: { pod?: PodView; removed?: PodView; event?: PodEvent }) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #notify(change: { pod?: PodView; removed?: PodView; event?: PodEvent }): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#options.log.error({ error }, "a listener of pod changes failed");
      }
    }
  }

  #byKey(key: string): Tracked | undefined {
    for (const tracked of this.#tracked.values()) if (tracked.worker.key === key) return tracked;
    return undefined;
  }

  #view(tracked: Tracked): PodView {
    const { worker, source, origin } = tracked;
    const { pod } = worker.state;
    const desired = this.#desired.resolve().pods.get(worker.key);
    const creationTimestamp = new Date(Math.floor(worker.state.startTime / 1000) * 1000);
    return {
      pod: {
        apiVersion: "v1",
        kind: "Pod",
        ...pod,
        metadata: { creationTimestamp, ...pod.metadata },
        status: worker.status,
      },
      source,
      origin,
      problem: desired?.uid === worker.uid ? desired.problem : undefined,
      deleting: worker.terminating,
    };
  }

  /** Lets go of the pods; they run on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the agent ends"));
    for (const source of this.#options.sources) await source[Symbol.asyncDispose]();
    await this.#options.cluster?.source[Symbol.asyncDispose]();
    await Promise.all([...this.#tracked.values()].map(({ worker }) => worker[Symbol.asyncDispose]()));
    await Promise.all(this.#tasks);
  }
}

/** A pod that an agent before this one did not give what it asks for: whether there is room is seen when all pods are known. */
function heldBack(
  { pod }: DesiredPod,
  has: Allocation | undefined,
): { readonly pod: DecodedPod; readonly pendingResize?: PendingResize } {
  if (has === undefined || sameAllocation(allocationOf(pod), has)) return { pod };
  return { pod: withAllocation(pod, has), pendingResize: { reason: "Deferred", message: "" } };
}

/** Of a pod that is over at the server and of which no agent here knows: it stays as it was told. */
function memoryOfEnd(told: V1PodStatus | undefined): WorkerMemory | undefined {
  return isOver(told) ? { status: told, health: {} } : undefined;
}

/** When a resize began to wait; milliseconds. */
function waitsSince({ conditions = [] }: V1PodStatus): number {
  const told = conditions.find(({ type }) => type === "PodResizePending")?.lastTransitionTime;
  return told === undefined ? Number.MAX_SAFE_INTEGER : new Date(told).getTime();
}

function localObjectsOrigin(key: string): string {
  return `nodelet run ${key}`;
}

function pendingView(desired: DesiredPod): PodView {
  return {
    pod: { apiVersion: "v1", kind: "Pod", ...desired.pod, status: { phase: "Pending" } },
    source: desired.source,
    origin: desired.origin,
    problem: desired.problem,
    deleting: false,
  };
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
