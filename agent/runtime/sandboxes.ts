// Pod sandboxes: pinned namespaces, the pod's /dev/shm, its files and its network. There is no pause process; READY means
// that the pins are of this boot, and that the init of a shared pid namespace lives.

import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname as hostHostname } from "node:os";
import { dirname } from "node:path";

import { Rollback } from "../base/dispose.ts";
import { describeError, isErrno, NodeletError } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { unlessAborted } from "../base/limits.ts";
import { toDisplayJson } from "../base/json.ts";
import {
  ContainerEventType,
  NamespaceMode,
  PodSandboxState,
  type ContainerStatus,
  type PodSandbox,
  type PodSandboxConfig,
  type PodSandboxFilter,
  type PodSandboxStatus,
  type RunPodSandboxRequest,
  type UpdatePodSandboxResourcesRequest,
} from "../cri/runtime.ts";
import type { NetworkAttachment, PortMapping } from "../../cni/network.ts";
import { idMappingsOf } from "./oci/id-mappings.ts";
import { requireName, validateSandboxConfig } from "./oci/validate.ts";
import { compileReleasePlan } from "./plan/release-plan.ts";
import { compileSandboxPlan } from "./plan/sandbox-plan.ts";
import type { RuntimeContext, RuntimeOptions } from "./context.ts";
import { errnoName } from "./errno.ts";
import { keepExplanation } from "./explanation.ts";
import { runPlan } from "./launch.ts";
import { sandboxFiles } from "./layout.ts";
import { podLimits } from "./pod-limits.ts";
import type { Records, SandboxRecord } from "./records.ts";
import { hostFileText, resolvConfText } from "./resolv-conf.ts";
import type { Fd } from "../system/system.ts";

/** A healthy host needs a millisecond. */
const UNMOUNT_TIMEOUT_MS = 20_000;

/** containerd's and Docker's size of a pod's /dev/shm. */
const SHM_BYTES = 64 * 1024 * 1024;

/** The built-in runtime is the default, and has names that a RuntimeClass can give. */
export function runtimeHandlers({ runtimeHandlers: more = [] }: RuntimeOptions): readonly string[] {
  return [...new Set(["", "nodelet", ...more])];
}

type Namespace = SandboxRecord["pinned"][number];

interface Creation {
  readonly id: Promise<string>;
  /** Callers that still want it. */
  waiting: number;
}

export class Sandboxes {
  readonly #ctx: RuntimeContext;
  readonly records: Records<SandboxRecord>;
  /** By namespace, name, uid and attempt: a retried call joins the first. */
  readonly #running = new Map<string, Creation>();
  readonly #stopping = new Map<string, Promise<void>>();
  readonly #removing = new Map<string, Promise<void>>();
  /** By sandbox: ends the watch over its init. */
  readonly #watches = new Map<string, AbortController>();
  /** Of a sandbox's containers, for events. */
  containerStatuses: (sandboxId: string) => ContainerStatus[] = () => [];

  constructor(ctx: RuntimeContext, records: Records<SandboxRecord>) {
    this.#ctx = ctx;
    this.records = records;
  }

  /** Throws `not-found`. */
  require(id: string): SandboxRecord {
    const record = this.find(id);
    if (record === undefined) throw new NodeletError("not-found", `there is no pod sandbox ${id}`);
    return record;
  }

  find(id: string): SandboxRecord | undefined {
    const record = this.records.get(id);
    return record?.state === "creating" ? undefined : record;
  }

  isReady(record: SandboxRecord): boolean {
    return record.state === "ready" && record.bootId === this.#ctx.host.bootId;
  }

  async run(request: RunPodSandboxRequest, signal: AbortSignal | undefined): Promise<string> {
    const config = request.config ?? {};
    requireName(config.metadata);
    validateSandboxConfig(config);
    const runtimeHandler = request.runtimeHandler ?? "";
    if (!runtimeHandlers(this.#ctx.options).includes(runtimeHandler)) {
      throw new NodeletError("not-found", `there is no runtime handler "${runtimeHandler}"`, {
        fix: "use the default handler, the empty name, or name it with --runtime-handlers",
      });
    }
    const { namespace = "", name = "", uid = "", attempt = 0 } = config.metadata ?? {};
    const key = [namespace, name, uid, attempt].join("/");
    for (const record of this.records.values()) {
      const other = record.config.metadata ?? {};
      const otherKey = [other.namespace ?? "", other.name ?? "", other.uid ?? "", other.attempt ?? 0].join("/");
      if (otherKey !== key || record.state === "creating") continue;
      if (this.isReady(record)) return record.id;
      throw new NodeletError("exists", `the pod has this sandbox already: it is ${record.id}, and not ready`, {
        fix: "remove it first, or count the attempt up",
        where: "config.metadata",
      });
    }
    signal?.throwIfAborted();
    const creation = this.#running.get(key) ?? this.#begin(key, config, runtimeHandler);
    creation.waiting++;
    try {
      return await unlessAborted(creation.id, signal);
    } finally {
      creation.waiting--;
    }
  }

  /** A creation does not end with its caller's deadline, which may be shorter than what a network needs: a retry joins it. */
  #begin(key: string, config: PodSandboxConfig, runtimeHandler: string): Creation {
    const create = async (): Promise<string> => {
      const id = await this.#create(config, runtimeHandler);
      if (creation.waiting > 0) return id;
      this.#ctx.log.info({ sandbox: id, pod: key }, "nobody waits for the pod sandbox any more: it is removed");
      await this.remove(id, () => Promise.resolve()); // nobody knew of it: it has no containers
      throw new NodeletError("cancelled", `nobody waits for the pod sandbox ${id} any more`);
    };
    const creation: Creation = { waiting: 0, id: create().finally(() => this.#running.delete(key)) };
    creation.id.catch((error: unknown) => {
      if (creation.waiting === 0) this.#ctx.log.warn({ pod: key, error }, "a pod sandbox that nobody waits for failed");
    });
    this.#running.set(key, creation);
    return creation;
  }

  async #create(config: PodSandboxConfig, runtimeHandler: string): Promise<string> {
    const { system, cgroups, network, layout, host } = this.#ctx;
    const id = newId();
    const files = sandboxFiles(layout, id);
    const options = config.linux?.securityContext?.namespaceOptions ?? {};
    const idMappings = idMappingsOf(options.usernsOptions);
    if (idMappings !== undefined && !host.kernel.idmappedOverlayLayers) {
      throw new NodeletError(
        "unsupported",
        `user namespaces for pods need Linux 6.3 or later, this is ${host.kernel.release}`,
        {
          where: "linux.security_context.namespace_options.userns_options",
          fix: "set hostUsers: true in the pod, or boot a newer kernel",
        },
      );
    }
    const hostNetwork = options.network === NamespaceMode.NODE;
    const pinned: Namespace[] = [];
    if (idMappings !== undefined) pinned.push("user");
    if (!hostNetwork) pinned.push("network", "uts");
    if (options.ipc !== NamespaceMode.NODE) pinned.push("ipc");
    if ((options.pid ?? NamespaceMode.POD) === NamespaceMode.POD) pinned.push("pid");
    const parent = cgroupParentOf(config, this.#ctx.options.cgroupParent);
    const record: SandboxRecord = {
      id,
      config,
      runtimeHandler,
      createdAt: this.#ctx.clock.now(),
      bootId: host.bootId,
      state: "creating",
      pinned,
      initPid: 0,
      ips: [],
      idMappings,
      cgroup: `${parent}/${id}`,
      ownsPodCgroup: this.#ownsPodCgroup(config, parent),
      hostname: hostNetwork ? hostHostname() : config.hostname || hostHostname(),
    };

    await using rollback = new Rollback();
    rollback.defer(() => this.#undo(record));
    mkdirSync(files.dir, { recursive: true, mode: 0o700 });
    this.records.save(record);

    this.#setPodLimits(record);
    // A pod's first process needs the cgroup; the others only its parent, which their own makes.
    const cgroupDir = pinned.includes("pid") ? cgroups.create(record.cgroup) : undefined;
    if (pinned.includes("ipc")) mkdirSync(files.shm, { mode: 0o700 });
    if (pinned.includes("network")) mkdirSync(layout.netns, { recursive: true, mode: 0o755 });
    const plan = compileSandboxPlan({
      hostname: pinned.includes("uts") ? record.hostname : undefined,
      namespaces: {
        network: pinned.includes("network"),
        ipc: pinned.includes("ipc"),
        uts: pinned.includes("uts"),
        pid: pinned.includes("pid"),
        user: pinned.includes("user"),
      },
      pins: files.pins,
      idMappings,
      sysctls: config.linux?.sysctls ?? {},
      shm: pinned.includes("ipc") ? { path: files.shm, size: SHM_BYTES } : undefined,
      cgroupDir,
    });
    const { pid, results } = await runPlan(system, plan, { cgroupFd: this.#ctx.cgroups.shimCgroupFd() });
    record.initPid = pid;
    if (pid !== 0) this.records.save(record); // the init must be found again if the daemon ends before the pod is ready
    keepExplanation(files.explain, () => ({ plan, results }));

    writeFileSync(files.hostname, `${record.hostname}\n`, { mode: 0o644 });
    writeFileSync(files.hosts, await hostFileText("/etc/hosts"), { mode: 0o644 });
    if (pinned.includes("network")) {
      const attached = await network.attach(attachmentOf(record, files.pins.network));
      record.ips = attached.ips;
      record.network = attached.detail;
      writeFileSync(files.resolvConf, await resolvConfText(config.dnsConfig, attached.dns), { mode: 0o644 });
    } else {
      writeFileSync(files.resolvConf, await resolvConfText(config.dnsConfig, undefined), { mode: 0o644 });
    }
    record.state = "ready";
    this.records.save(record);
    rollback.commit();
    this.#publish(record, ContainerEventType.CONTAINER_CREATED_EVENT);
    this.#publish(record, ContainerEventType.CONTAINER_STARTED_EVENT);
    if (pid !== 0) this.#watchInit(record);
    return id;
  }

  /**
   * Ends what belongs to the sandbox but its record; `endContainers` ends the containers, which none are added to from now on.
   * Missing is success; concurrent calls join.
   */
  async stop(id: string, endContainers: () => Promise<void>): Promise<void> {
    const record = this.find(id);
    if (record === undefined) return;
    const stopping =
      this.#stopping.get(id) ?? this.#stop(record, endContainers).finally(() => this.#stopping.delete(id));
    this.#stopping.set(id, stopping);
    await stopping;
  }

  async #stop(record: SandboxRecord, endContainers: () => Promise<void>): Promise<void> {
    this.#setNotReady(record);
    await endContainers();
    await this.#release(record, { forget: false });
  }

  /** The sandbox, stopped if need be, with its record and run directory. Missing is success; concurrent calls join. */
  async remove(id: string, removeContainers: () => Promise<void>): Promise<void> {
    const record = this.find(id);
    if (record === undefined) return;
    const removing =
      this.#removing.get(id) ?? this.#remove(record, removeContainers).finally(() => this.#removing.delete(id));
    this.#removing.set(id, removing);
    await removing;
  }

  async #remove(record: SandboxRecord, removeContainers: () => Promise<void>): Promise<void> {
    await this.#stopping.get(record.id)?.catch(() => undefined);
    this.#setNotReady(record);
    await removeContainers();
    const status = this.status(record);
    await this.#release(record, { forget: true });
    this.#publish(record, ContainerEventType.CONTAINER_DELETED_EVENT, status);
  }

  #setNotReady(record: SandboxRecord): void {
    if (record.state === "notready") return;
    record.state = "notready";
    if (record.bootId === this.#ctx.host.bootId) this.records.save(record);
    else this.records.saveRow(record);
    this.#publish(record, ContainerEventType.CONTAINER_STOPPED_EVENT);
  }

  /** As above, of what start-up would find again by itself: that needs no file, which there may be no room for. */
  #ended(record: SandboxRecord): void {
    record.state = "notready";
    this.records.saveRow(record);
    this.#publish(record, ContainerEventType.CONTAINER_STOPPED_EVENT);
  }

  // The pod's cgroup

  /** A group that is there already is its maker's: a kubelet makes a pod's group, with limits that `resources` do not tell. */
  #ownsPodCgroup(config: PodSandboxConfig, parent: string): boolean {
    if (!config.linux?.cgroupParent || !this.#ctx.cgroups.exists(parent)) return true;
    return this.#under(parent).some((record) => record.ownsPodCgroup !== false);
  }

  /** Sandboxes whose containers have this parent. */
  #under(parent: string): SandboxRecord[] {
    return [...this.records.values()].filter((record) => dirname(record.cgroup) === parent);
  }

  /** Unless it is not ours, or has the limits of another sandbox of the pod. */
  async #removePodCgroup(record: SandboxRecord): Promise<void> {
    const { cgroups, host } = this.#ctx;
    const inUse = this.#under(dirname(record.cgroup)).some(
      (other) => other.id !== record.id && other.bootId === host.bootId && other.state !== "notready",
    );
    if (record.ownsPodCgroup !== false && !inUse) await cgroups.removeEmptyParent(record.cgroup);
  }

  #setPodLimits(record: SandboxRecord): void {
    const { linux = {} } = record.config;
    if (record.ownsPodCgroup === false || !linux.cgroupParent) return; // pods that name none share a group
    const limits = podLimits(linux);
    if (limits === undefined) return;
    const parent = dirname(record.cgroup);
    this.#ctx.cgroups.create(parent);
    this.#ctx.cgroups.update(parent, limits);
  }

  /** What is absent stays as it is. */
  updateResources({ podSandboxId = "", resources, overhead }: UpdatePodSandboxResourcesRequest): void {
    const record = this.require(podSandboxId);
    const linux = {
      ...record.config.linux,
      ...(resources === undefined ? {} : { resources }),
      ...(overhead === undefined ? {} : { overhead }),
    };
    record.config = { ...record.config, linux };
    if (this.isReady(record)) this.#setPodLimits(record);
    if (record.bootId === this.#ctx.host.bootId) this.records.save(record);
    else this.records.saveRow(record);
  }

  // The init of a shared pid namespace

  /** All of the pod's processes end with it, and none can be started any more: the sandbox is not ready from then on. */
  #watchInit(record: SandboxRecord): void {
    const { system, log } = this.#ctx;
    const pidfd = this.#initOf(record);
    if (pidfd === undefined) return this.#lostInit(record);
    const watch = new AbortController();
    this.#watches.set(record.id, watch);
    system
      .pidfdExited(pidfd, { signal: watch.signal })
      .then(
        () => this.#lostInit(record),
        (error: unknown) => {
          if (!watch.signal.aborted) log.error({ sandbox: record.id, error }, "a pod's init is not watched any more");
        },
      )
      .finally(() => {
        system.close(pidfd);
        this.#watches.delete(record.id);
      });
  }

  /** Undefined: it has ended. Its pid may be another's since: only the init is in the sandbox's own cgroup. */
  #initOf(record: SandboxRecord): Fd | undefined {
    const { system, cgroups } = this.#ctx;
    let pidfd: Fd;
    try {
      pidfd = system.pidfdOpen(record.initPid);
    } catch (error) {
      if (isErrno(error, "ESRCH")) return undefined;
      throw error;
    }
    if (cgroups.processes(record.cgroup).includes(record.initPid)) return pidfd;
    system.close(pidfd);
    return undefined;
  }

  #lostInit(record: SandboxRecord): void {
    if (record.state === "notready") return;
    this.#ctx.log.warn(
      { sandbox: record.id, pid: record.initPid },
      "a pod's init has ended, and its containers with it",
    );
    this.#ended(record);
  }

  /** As containerd has it, a sandbox has the events of a container of its own id. */
  #publish(record: SandboxRecord, type: ContainerEventType, status = this.status(record)): void {
    const { events, clock } = this.#ctx;
    if (events.idle) return;
    events.publish({
      containerId: record.id,
      containerEventType: type,
      createdAt: clock.now(),
      podSandboxStatus: status,
      containersStatuses: this.containerStatuses(record.id),
    });
  }

  /** Of one that is half made. What cannot be undone now is listed as not ready, so that its pod removes it later. */
  async #undo(record: SandboxRecord): Promise<void> {
    try {
      await this.#release(record, { forget: true });
    } catch (error) {
      this.#ctx.log.error(
        { sandbox: record.id, error: describeError(error) },
        "a half-made pod sandbox could not be undone",
      );
      this.#ended(record);
    }
  }

  /** Each part on its own: one that fails is reported, the others are released all the same, and a later call tries it again. */
  async #release(record: SandboxRecord, options: { forget: boolean }): Promise<void> {
    const { cgroups, network } = this.#ctx;
    const failures: unknown[] = [];
    this.#watches.get(record.id)?.abort();
    const attempt = async (action: () => Promise<void>): Promise<void> => {
      try {
        await action();
      } catch (error) {
        failures.push(error);
      }
    };
    if (record.bootId === this.#ctx.host.bootId) {
      if (record.pinned.includes("network")) await attempt(() => network.detach(record.id));
      if (record.pinned.includes("pid")) {
        await attempt(async () => {
          await cgroups.kill(record.cgroup);
          await cgroups.remove(record.cgroup);
        });
      }
      await attempt(() => this.#unmount(record));
    } else if (record.pinned.includes("network")) {
      await attempt(() => network.detach(record.id));
    }
    if (failures.length > 0) {
      throw new NodeletError(
        "internal",
        `pod sandbox ${record.id} is not wholly released: ${failures.map(describeError).join("; ")}`,
        {
          cause: failures[0],
          fix: "the next stop or remove tries again",
        },
      );
    }
    if (options.forget) {
      await attempt(() => this.#removePodCgroup(record));
      await this.records.delete(record.id);
    }
  }

  /** What is not mounted any more is as it should be. */
  async #unmount(record: SandboxRecord): Promise<void> {
    const { system, cgroups, layout } = this.#ctx;
    const files = sandboxFiles(layout, record.id);
    const pins = record.pinned.map((name) => ({ path: files.pins[name], cause: `pin of the ${name} namespace` }));
    const shm = record.pinned.includes("ipc") ? [{ path: files.shm, cause: "the pod's /dev/shm" }] : [];
    const plan = compileReleasePlan([...shm, ...pins]);
    if (plan.steps.length === 0) return;
    const signal = AbortSignal.timeout(UNMOUNT_TIMEOUT_MS);
    const { results } = await runPlan(system, plan, { cgroupFd: cgroups.shimCgroupFd(), signal }).catch(
      (error: unknown) => {
        if (!signal.aborted) throw error;
        throw new NodeletError("timeout", `unmounting does not end within ${UNMOUNT_TIMEOUT_MS / 1000} s`, {
          where: files.dir,
        });
      },
    );
    for (const [index, { errno }] of results.entries()) {
      const name = errnoName(errno);
      if (errno !== 0 && name !== "ENOENT" && name !== "EINVAL")
        throw new NodeletError("internal", `cannot unmount ${plan.steps[index]?.cause}: ${name}`, { where: files.dir });
    }
    for (const { path } of pins) await rm(path, { force: true });
  }

  /** Undoes what a crash left half-made, and tells the network which sandboxes live. */
  async restore(): Promise<void> {
    const halfMade = [...this.records.values()].filter((record) => record.state === "creating");
    for (const record of halfMade) await this.#undo(record);
    for (const record of this.records.values())
      if (this.isReady(record) && record.initPid !== 0) this.#watchInit(record);
    const live = [...this.records.values()].filter(
      (record) => this.isReady(record) && record.pinned.includes("network"),
    );
    await this.#ctx.network.restore(new Set(live.map((record) => record.id)));
  }

  /** Lets go of the inits; pods run on. */
  close(): void {
    for (const watch of this.#watches.values()) watch.abort();
  }

  list(filter: PodSandboxFilter | undefined): PodSandbox[] {
    const found: PodSandbox[] = [];
    for (const record of this.records.values()) {
      if (record.state === "creating") continue;
      const state = this.#stateOf(record);
      if (filter?.id !== undefined && filter.id !== "" && !record.id.startsWith(filter.id)) continue;
      if (filter?.state !== undefined && (filter.state.state ?? 0) !== state) continue;
      if (!matchesLabels(record.config.labels, filter?.labelSelector)) continue;
      found.push({
        id: record.id,
        metadata: record.config.metadata,
        state,
        createdAt: record.createdAt,
        labels: record.config.labels,
        annotations: record.config.annotations,
        runtimeHandler: record.runtimeHandler,
      });
    }
    return found;
  }

  status(record: SandboxRecord): PodSandboxStatus {
    return {
      id: record.id,
      metadata: record.config.metadata,
      state: this.#stateOf(record),
      createdAt: record.createdAt,
      network: { ip: record.ips[0] ?? "", additionalIps: record.ips.slice(1).map((ip) => ({ ip })) },
      linux: { namespaces: { options: record.config.linux?.securityContext?.namespaceOptions ?? {} } },
      labels: record.config.labels,
      annotations: record.config.annotations,
      runtimeHandler: record.runtimeHandler,
    };
  }

  /** For `crictl inspectp` and `nodelet inspect`. */
  info(record: SandboxRecord): Record<string, string> {
    const files = sandboxFiles(this.#ctx.layout, record.id);
    return {
      pid: String(record.initPid),
      cgroup: record.cgroup,
      ...(record.network === undefined ? {} : { network: toDisplayJson(record.network, 0) }),
      namespaces: toDisplayJson(Object.fromEntries(record.pinned.map((name) => [name, files.pins[name]])), 0),
      config: toDisplayJson(record.config, 0),
    };
  }

  #stateOf(record: SandboxRecord): PodSandboxState {
    return this.isReady(record) ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }
}

export function cgroupParentOf(config: PodSandboxConfig, otherwise: string): string {
  const parent = config.linux?.cgroupParent ?? "";
  return parent === "" ? otherwise : `/${parent.replace(/^\/+|\/+$/g, "")}`;
}

export function attachmentOf(record: SandboxRecord, netns: string): NetworkAttachment {
  const { config } = record;
  return {
    sandboxId: record.id,
    podNamespace: config.metadata?.namespace ?? "",
    podName: config.metadata?.name ?? "",
    podUid: config.metadata?.uid ?? "",
    netns,
    annotations: config.annotations ?? {},
    dns: {
      servers: config.dnsConfig?.servers ?? [],
      searches: config.dnsConfig?.searches ?? [],
      options: config.dnsConfig?.options ?? [],
    },
    cgroupParent: config.linux?.cgroupParent ?? "",
    portMappings: (config.portMappings ?? [])
      .filter((mapping) => (mapping.hostPort ?? 0) > 0)
      .map((mapping): PortMapping => ({
        protocol: mapping.protocol === 1 ? "udp" : mapping.protocol === 2 ? "sctp" : "tcp",
        containerPort: mapping.containerPort ?? 0,
        hostPort: mapping.hostPort ?? 0,
        hostIp: mapping.hostIp ?? "",
      })),
  };
}

export function matchesLabels(
  labels: Record<string, string> | undefined,
  selector: Record<string, string> | undefined,
): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}
