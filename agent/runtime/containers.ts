// Containers: created as a spec and a snapshot, started through a shim, watched until their exit is recorded.
//
//   create ─► created ─► (shim: set up, commit) ─► running ─► exited ─► removed
//                └──────────── a failed start ────────────────►┘

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { Rollback } from "../base/dispose.ts";
import { describeError, isErrno, NodeletError } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import {
  ContainerEventType,
  ContainerState,
  NamespaceMode,
  type Container,
  type ContainerConfig,
  type ContainerFilter,
  type ContainerStatus,
  type CreateContainerRequest,
  type LinuxContainerResources,
} from "../cri/runtime.ts";
import type { Image } from "../images/images.ts";
import { readMounts } from "../system/mountinfo.ts";
import type { Fd } from "../system/system.ts";
import type { RuntimeContext } from "./context.ts";
import { errnoName, execErrorText } from "./errno.ts";
import { keepExplanation } from "./explanation.ts";
import { readHostDevices } from "./host-facts.ts";
import { answerOf, endShim, PlanError, reapLater, runPlan, sendPlan, startShim, type Shim } from "./launch.ts";
import { containerFiles, sandboxFiles, type ContainerFiles } from "./layout.ts";
import { buildContainerSpec } from "./oci/container-spec.ts";
import { deviceProgram } from "./oci/device-program.ts";
import { containerResources } from "./oci/resources.ts";
import { checkPropagation } from "./oci/propagation.ts";
import type { ImageVolume } from "./oci/mounts.ts";
import type { OciSpec } from "./oci/types.ts";
import { requireName, validateContainerConfig } from "./oci/validate.ts";
import { compileContainerPlan } from "./plan/container-plan.ts";
import { decodeResults } from "./plan/encode.ts";
import { FrameType } from "./plan/frames.ts";
import { compilePoststopPlan } from "./plan/hooks.ts";
import type { Plan } from "./plan/operations.ts";
import { writeAtomically, type ContainerRecord, type Records, type SandboxRecord } from "./records.ts";
import { cgroupParentOf, matchesLabels, type Sandboxes } from "./sandboxes.ts";
import { seccompFilterOf } from "./seccomp-filter.ts";
import { decodeExit } from "./session.ts";
import { ShimConnection } from "./shim-client.ts";
import { parseStopSignal, SIGKILL } from "./signals.ts";

/** After SIGKILL to everything in its cgroup a container ends at once, unless it is stuck in the kernel. */
const KILL_TIMEOUT_MS = 30_000;

/** exitCode of a container whose end nobody saw, as containerd reports it. */
const EXIT_UNKNOWN = 255;

/** exitCode of a container that could not be started, as containerd reports it. */
const EXIT_START_FAILED = 128;

/** What the daemon holds of a running container. */
interface Live {
  readonly connection: ShimConnection;
  /** Of the container's first process; signals go here, never to a bare pid. */
  readonly pidfd: Fd;
  readonly exited: Promise<void>;
}

export class Containers {
  readonly #ctx: RuntimeContext;
  readonly #sandboxes: Sandboxes;
  readonly records: Records<ContainerRecord>;
  readonly #live = new Map<string, Live>();
  /** Of containers that are created and not started yet; others are read from their files. */
  readonly #specs = new Map<string, OciSpec>();
  /** By sandbox, name and attempt: a retried call joins the first. */
  readonly #creating = new Map<string, Promise<string>>();
  readonly #starting = new Map<string, Promise<void>>();
  #closed = false;
  /** Those that got their stop signal: a second stop waits, it does not signal again. */
  readonly #signalled = new Set<string>();
  readonly #removing = new Map<string, Promise<void>>();

  constructor(ctx: RuntimeContext, records: Records<ContainerRecord>, sandboxes: Sandboxes) {
    this.#ctx = ctx;
    this.records = records;
    this.#sandboxes = sandboxes;
    sandboxes.containerStatuses = (id) => this.ofSandbox(id).map((record) => this.status(record));
  }

  /** Throws `not-found`. */
  require(id: string): ContainerRecord {
    const record = this.find(id);
    if (record === undefined) throw new NodeletError("not-found", `there is no container ${id}`);
    return record;
  }

  find(id: string): ContainerRecord | undefined {
    const record = this.records.get(id);
    return record?.state === "creating" ? undefined : record;
  }

  isRunning(id: string): boolean {
    return this.find(id)?.state === "running";
  }

  /** Throws `conflict` unless the container runs. */
  requireRunning(id: string): ContainerRecord {
    const record = this.require(id);
    if (record.state !== "running") {
      throw new NodeletError("conflict", `container ${id} is not running, it is ${record.state}`, {
        fix: "start it first",
      });
    }
    return record;
  }

  ofSandbox(sandboxId: string): ContainerRecord[] {
    return [...this.records.values()].filter((record) => record.sandboxId === sandboxId && record.state !== "creating");
  }

  /** Ends all of a sandbox that is made no more, those too that are just being made. */
  async stopAllOf(sandboxId: string): Promise<void> {
    await this.#created(sandboxId);
    await Promise.all(this.ofSandbox(sandboxId).map((record) => this.stop(record.id, 0, undefined)));
  }

  async removeAllOf(sandboxId: string): Promise<void> {
    await this.#created(sandboxId);
    await Promise.all(this.ofSandbox(sandboxId).map((record) => this.remove(record.id)));
  }

  async #created(sandboxId: string): Promise<void> {
    const under = [...this.#creating].filter(([key]) => key.startsWith(`${sandboxId}/`));
    await Promise.allSettled(under.map(([, creation]) => creation));
  }

  files(id: string): ContainerFiles {
    return containerFiles(this.#ctx.layout, id);
  }

  readSpec(id: string): OciSpec {
    return JSON.parse(readFileSync(this.files(id).spec, "utf8")) as OciSpec;
  }

  // Create

  async create(request: CreateContainerRequest): Promise<string> {
    const config = request.config ?? {};
    requireName(config.metadata);
    validateContainerConfig(config);
    const sandbox = this.#sandboxes.require(request.podSandboxId ?? "");
    if (!this.#sandboxes.isReady(sandbox)) {
      throw new NodeletError("conflict", `pod sandbox ${sandbox.id} is not ready`, {
        fix: "run a new sandbox for the pod",
      });
    }
    const key = [sandbox.id, config.metadata?.name ?? "", config.metadata?.attempt ?? 0].join("/");
    const first = this.#creating.get(key);
    if (first !== undefined) return await first;
    const twin = this.ofSandbox(sandbox.id).find(
      (record) =>
        record.config.metadata?.name === config.metadata?.name &&
        (record.config.metadata?.attempt ?? 0) === (config.metadata?.attempt ?? 0),
    );
    if (twin !== undefined) {
      if (twin.state === "created" && !this.#removing.has(twin.id)) return twin.id;
      throw new NodeletError("exists", `the pod has this container already: it is ${twin.id}, ${twin.state}`, {
        fix: "remove it first, or count the attempt up",
        where: "config.metadata",
      });
    }
    const creation = this.#create(request, sandbox).finally(() => this.#creating.delete(key));
    this.#creating.set(key, creation);
    return await creation;
  }

  async #create(request: CreateContainerRequest, sandbox: SandboxRecord): Promise<string> {
    const { images, clock, host, layout } = this.#ctx;
    const config = request.config ?? {};
    const sandboxConfig = request.sandboxConfig ?? sandbox.config;
    const wanted = config.image?.image ?? "";
    const image = images.find(wanted);
    if (image === undefined) {
      throw new NodeletError("not-found", `image ${wanted} is not on this node`, {
        fix: "load or pull it first",
        where: "config.image",
      });
    }
    const id = newId();
    const files = containerFiles(layout, id);
    const cgroup = `${cgroupParentOf(sandboxConfig, this.#ctx.options.cgroupParent)}/${id}`;
    await using rollback = new Rollback();
    rollback.defer(() => this.#removeImageVolumes(id, config));
    const imageVolumes = await this.#imageVolumes(id, config);
    const spec = await this.#buildSpec(id, request, sandbox, image, cgroup, imageVolumes);
    if (spec.mounts?.some((mount) => mount.options?.some((option) => /^r?(shared|slave)$/.test(option))))
      checkPropagation(spec, readMounts());
    const logDirectory = sandboxConfig.logDirectory ?? "";
    const logPath = logDirectory === "" || !config.logPath ? "" : resolve(logDirectory, config.logPath);
    if (logPath !== "" && !logPath.startsWith(`${resolve(logDirectory)}/`)) {
      throw new NodeletError("invalid", `${config.logPath} leaves the pod's log directory`, {
        where: "config.log_path",
      });
    }
    const record: ContainerRecord = {
      id,
      sandboxId: sandbox.id,
      config,
      imageId: image.id,
      createdAt: clock.now(),
      bootId: host.bootId,
      state: "creating",
      cgroup,
      logPath,
      stopSignal: parseStopSignal(config.stopSignal, image.config.StopSignal),
      user: {
        linux: {
          uid: BigInt(spec.process?.user?.uid ?? 0),
          gid: BigInt(spec.process?.user?.gid ?? 0),
          supplementalGroups: (spec.process?.user?.additionalGids ?? []).map(BigInt),
        },
      },
      pid: 0,
      startedAt: 0n,
      finishedAt: 0n,
      exitCode: 0,
      signal: 0,
      reason: "",
      message: "",
    };

    rollback.defer(() => this.#forget(record));
    mkdirSync(files.dir, { recursive: true, mode: 0o700 });
    this.records.save(record);
    await images.createSnapshot(image.id, id);
    writeFileSync(files.spec, JSON.stringify(spec), { mode: 0o600 });
    this.#specs.set(id, spec);
    if (logPath !== "") mkdirSync(dirname(logPath), { recursive: true, mode: 0o755 });
    record.state = "created";
    this.records.save(record);
    rollback.commit();
    this.#publish(record, ContainerEventType.CONTAINER_CREATED_EVENT);
    return id;
  }

  /** Layers of the images that the configuration mounts, held for the container. */
  async #imageVolumes(id: string, config: ContainerConfig): Promise<Record<string, ImageVolume>> {
    const { images } = this.#ctx;
    const volumes: Record<string, ImageVolume> = {};
    for (const [index, mount] of (config.mounts ?? []).entries()) {
      const wanted = mount.image?.image ?? "";
      if (wanted === "") continue;
      const image = images.find(wanted);
      if (image === undefined) {
        throw new NodeletError("not-found", `image ${wanted} is not on this node`, {
          fix: "load or pull it first",
          where: `config.mounts[${index}].image`,
        });
      }
      volumes[mount.containerPath ?? ""] = await images.createView(image.id, imageVolumeKey(id, index));
    }
    return volumes;
  }

  async #removeImageVolumes(id: string, config: ContainerConfig): Promise<void> {
    for (const [index, mount] of (config.mounts ?? []).entries())
      if ((mount.image?.image ?? "") !== "") await this.#ctx.images.removeSnapshot(imageVolumeKey(id, index));
  }

  async #buildSpec(
    id: string,
    request: CreateContainerRequest,
    sandbox: SandboxRecord,
    image: Image,
    cgroup: string,
    imageVolumes: Readonly<Record<string, ImageVolume>>,
  ): Promise<OciSpec> {
    const { images, layout, host, cgroups } = this.#ctx;
    const config = request.config ?? {};
    const files = sandboxFiles(layout, sandbox.id);
    const pin = (name: SandboxRecord["pinned"][number]): string | undefined =>
      sandbox.pinned.includes(name) ? files.pins[name] : undefined;
    return buildContainerSpec({
      id,
      sandboxId: sandbox.id,
      config,
      sandbox: request.sandboxConfig ?? sandbox.config,
      imageConfig: image.config,
      users: await images.users(image.id),
      hostname: sandbox.hostname,
      files: { hosts: files.hosts, hostname: files.hostname, resolvConf: files.resolvConf },
      shmPath: sandbox.pinned.includes("ipc") ? files.shm : undefined,
      namespaces: {
        network: pin("network"),
        ipc: pin("ipc"),
        uts: pin("uts"),
        user: pin("user"),
        pid: this.#pidNamespaceOf(request, sandbox),
      },
      idMappings: sandbox.idMappings,
      hostCapabilities: host.capabilities,
      rlimits: host.rlimits,
      cgroup: { version2: true, path: cgroup, controllers: [...cgroups.controllers] },
      kernel: { ...host.kernel, apparmorDefaultProfile: this.#ctx.options.apparmorDefaultProfile },
      hostDevices:
        config.linux?.securityContext?.privileged === true || (config.devices ?? []).length > 0
          ? readHostDevices()
          : [],
      seccompProfile: (name: string) => this.#localSeccompProfile(name),
      imageVolumes,
    });
  }

  /** A path to join; undefined for one of its own (CONTAINER) and for the host's (NODE), which the spec tells apart by the config. */
  #pidNamespaceOf(request: CreateContainerRequest, sandbox: SandboxRecord): string | undefined {
    const options = request.config?.linux?.securityContext?.namespaceOptions;
    const mode = options?.pid ?? NamespaceMode.POD;
    if (mode === NamespaceMode.POD)
      return sandbox.pinned.includes("pid") ? sandboxFiles(this.#ctx.layout, sandbox.id).pins.pid : undefined;
    if (mode !== NamespaceMode.TARGET) return undefined;
    const target = this.requireRunning(options?.targetId ?? "");
    if (target.sandboxId !== sandbox.id) {
      throw new NodeletError("invalid", `container ${target.id} belongs to another pod`, {
        where: "linux.security_context.namespace_options.target_id",
      });
    }
    return `/proc/${target.pid}/ns/pid`;
  }

  #localSeccompProfile(name: string): string {
    const path = name.startsWith("/") ? name : join(this.#ctx.seccompProfileRoot, name);
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new NodeletError("invalid", `cannot read the seccomp profile ${path}`, {
        cause: error,
        where: "securityContext.seccompProfile",
        fix: "put the profile on the node, or correct its name",
      });
    }
  }

  // Start

  async start(id: string, signal: AbortSignal | undefined): Promise<void> {
    const record = this.require(id);
    const starting = this.#starting.get(id);
    if (starting !== undefined) return await starting;
    if (record.state !== "created" || this.#removing.has(id)) {
      const state = this.#removing.has(id) ? "being removed" : record.state;
      throw new NodeletError("conflict", `container ${id} cannot be started, it is ${state}`, {
        fix: "create a new container: each is started once",
      });
    }
    const sandbox = this.#sandboxes.require(record.sandboxId);
    if (!this.#sandboxes.isReady(sandbox)) {
      throw new NodeletError("conflict", `pod sandbox ${sandbox.id} of container ${id} is not ready`, {
        fix: "run a new sandbox for the pod",
      });
    }
    const start = this.#start(record, sandbox, signal).finally(() => this.#starting.delete(id));
    this.#starting.set(id, start);
    await start;
  }

  async #start(record: ContainerRecord, sandbox: SandboxRecord, signal: AbortSignal | undefined): Promise<void> {
    const { system, cgroups } = this.#ctx;
    const files = this.files(record.id);
    await using rollback = new Rollback();
    rollback.defer(() => this.#removeCgroup(record));
    // First of all, as it starts while the plan is made.
    const shim = startShim(system, cgroups.shimCgroupFd());
    rollback.defer(() => endShim(system, shim));
    let plan: Plan | undefined;
    try {
      plan = this.#compile(record, sandbox);
      sendPlan(shim, plan);
      const ready = await answerOf(shim, plan, FrameType.READY, signal);
      record.pid = Buffer.from(ready.payload).readUInt32LE(0);
      // Until the shim has reaped it the pid is this process's, so the descriptor cannot name another one.
      const pidfd = await this.#openInit(record.pid, shim, plan, signal);
      rollback.defer(() => system.close(pidfd));
      shim.connection.send(FrameType.COMMIT);
      const started = await answerOf(shim, plan, FrameType.STARTED, signal);
      record.startedAt = Buffer.from(started.payload).readBigUInt64LE(4);
      record.state = "running";
      this.records.save(record);
      rollback.commit();
      const made = plan;
      keepExplanation(files.explain, () => ({ plan: made, results: decodeResults(started.payload.subarray(12)) }));
      // Before the watch, which may find at once that it has ended.
      this.#publish(record, ContainerEventType.CONTAINER_STARTED_EVENT);
      this.#watch(record, shim.connection, pidfd, shim);
    } catch (error) {
      if (plan !== undefined && error instanceof PlanError) {
        const failed = { plan, results: error.results };
        keepExplanation(files.explain, () => failed);
      }
      this.#recordFailedStart(record, plan, error);
      throw error instanceof NodeletError
        ? new NodeletError(error.code, record.message, { cause: error.cause, fix: error.fix })
        : error;
    }
  }

  /** Makes the cgroup on the way, as the plan opens it. */
  #compile(record: ContainerRecord, sandbox: SandboxRecord): Plan {
    const { system, cgroups, images, host, layout } = this.#ctx;
    const spec = this.#specs.get(record.id) ?? this.readSpec(record.id);
    this.#specs.delete(record.id);
    const snapshot = images.snapshot(record.id);
    if (snapshot === undefined) {
      throw new NodeletError("internal", `the snapshot of container ${record.id} is gone`, {
        fix: "remove and create it again",
      });
    }
    return compileContainerPlan({
      spec,
      snapshot,
      cgroupDir: cgroups.create(record.cgroup, spec.linux?.resources),
      userNamespace: sandbox.pinned.includes("user") ? sandboxFiles(layout, sandbox.id).pins.user : undefined,
      exitDir: this.files(record.id).dir,
      io: {
        tty: record.config.tty === true,
        stdin: record.config.stdin === true,
        stdinOnce: record.config.stdinOnce === true,
      },
      logPath: record.logPath,
      seccompFilter: seccompFilterOf(system, spec),
      deviceProgram: deviceProgram(spec.linux?.resources?.devices ?? []),
      kernel: host.kernel,
    });
  }

  #recordFailedStart(record: ContainerRecord, plan: Plan | undefined, error: unknown): void {
    record.pid = 0;
    record.state = "exited";
    record.exitCode = EXIT_START_FAILED;
    record.reason = "StartError";
    record.message = startFailureMessage(plan, error);
    record.startedAt = 0n;
    record.finishedAt = this.#ctx.clock.now();
    this.records.save(record);
    this.#ctx.log.info({ container: record.id, error: record.message }, "a container did not start");
  }

  /** Of a first process that is still being set up: one that has failed by now is reaped, and the shim tells why once it may. */
  async #openInit(pid: number, shim: Shim, plan: Plan, signal: AbortSignal | undefined): Promise<Fd> {
    try {
      return this.#ctx.system.pidfdOpen(pid);
    } catch (error) {
      if (!isErrno(error, "ESRCH")) throw error;
      shim.connection.send(FrameType.COMMIT);
      await answerOf(shim, plan, FrameType.STARTED, signal);
      throw error;
    }
  }

  /** Follows a running container through its shim. Also for one adopted after a restart of the daemon. */
  #watch(record: ContainerRecord, connection: ShimConnection, pidfd: Fd, shim: Shim | undefined): void {
    const exited = new Promise<void>((resolve) => {
      let reported: { exitCode: number; signal: number; finishedAt: bigint } | undefined;
      connection.listen((frame) => {
        if (frame?.type === FrameType.EXITED) {
          reported = decodeExit(frame);
          this.#recordExit(record, reported);
          resolve();
        }
        if (frame !== undefined) return;
        if (this.#closed) {
          // We let go; the shim and its container go on.
          this.#ctx.system.close(pidfd);
          return resolve();
        }
        if (shim !== undefined) reapLater(this.#ctx.system, shim.process);
        if (reported === undefined) this.#recordLostShim(record).then(resolve, resolve);
        this.#live.delete(record.id);
        this.#signalled.delete(record.id);
        this.#ctx.system.close(pidfd);
        this.#removeCgroup(record).catch((error: unknown) => {
          this.#ctx.log.warn({ container: record.id, error: describeError(error) }, "the cgroup is removed later");
        });
      });
    });
    this.#live.set(record.id, { connection, pidfd, exited });
  }

  #recordExit(record: ContainerRecord, exit: { exitCode: number; signal: number; finishedAt: bigint }): void {
    const oomKilled = this.#wasOomKilled(record);
    record.state = "exited";
    record.exitCode = exit.exitCode;
    record.signal = exit.signal;
    record.finishedAt = exit.finishedAt;
    record.reason = oomKilled && exit.exitCode !== 0 ? "OOMKilled" : exit.exitCode === 0 ? "Completed" : "Error";
    this.records.saveRow(record); // the shim's exit record tells start-up the same
    this.#publish(record, ContainerEventType.CONTAINER_STOPPED_EVENT);
  }

  #wasOomKilled(record: ContainerRecord): boolean {
    try {
      return this.#ctx.cgroups.oomKills(record.cgroup) > 0;
    } catch (error) {
      this.#ctx.log.warn({ container: record.id, error: describeError(error) }, "why a container ended cannot be read");
      return false;
    }
  }

  /** The shim ended without a word: killed, or out of memory. What it watched is killed with it. */
  async #recordLostShim(record: ContainerRecord): Promise<void> {
    if (record.state === "exited") return;
    const exit = readExitRecord(this.files(record.id).exit);
    if (exit !== undefined) return this.#recordExit(record, exit);
    await this.#ctx.cgroups.kill(record.cgroup).catch(() => undefined);
    record.state = "exited";
    record.exitCode = EXIT_UNKNOWN;
    record.finishedAt = this.#ctx.clock.now();
    record.reason = "Unknown";
    record.message = "the container's shim was killed, and the container with it";
    this.records.save(record);
    this.#publish(record, ContainerEventType.CONTAINER_STOPPED_EVENT);
  }

  // Stop and remove

  /** Missing or ended is success. The stop signal once, then after the grace SIGKILL to all of its cgroup. */
  async stop(id: string, graceSeconds: number, signal: AbortSignal | undefined): Promise<void> {
    const record = this.find(id);
    if (record === undefined) return;
    await this.#starting.get(id)?.catch(() => undefined);
    if (record.state !== "running") return;
    if (graceSeconds > 0) {
      if (!this.#signalled.has(id)) {
        this.#signalled.add(id);
        this.#signal(id, record.stopSignal);
      }
      await this.#awaitExit(id, graceSeconds * 1000, signal);
      if (hasEnded(record)) return;
    }
    await this.kill(record);
    await this.#awaitExit(id, KILL_TIMEOUT_MS, signal);
    if (!hasEnded(record)) {
      throw new NodeletError(
        "timeout",
        `container ${id} does not end after SIGKILL: a process of it is stuck in the kernel`,
        {
          fix: "look at its state with `ps -o pid,stat,wchan`; the next stop tries again",
        },
      );
    }
  }

  async kill(record: ContainerRecord): Promise<void> {
    this.#signal(record.id, SIGKILL);
    await this.#ctx.cgroups.kill(record.cgroup);
  }

  #signal(id: string, signal: number): void {
    const live = this.#live.get(id);
    if (live === undefined) return;
    try {
      this.#ctx.system.pidfdSendSignal(live.pidfd, signal);
    } catch (error) {
      if (!isErrno(error, "ESRCH")) throw error;
    }
  }

  /** Resolves when it has ended or the time is over. */
  async #awaitExit(id: string, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const live = this.#live.get(id);
    if (live === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    let giveUp: (() => void) | undefined;
    const limit = new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, milliseconds);
      giveUp = () => reject(signal?.reason as Error);
      signal?.addEventListener("abort", giveUp);
    });
    try {
      await Promise.race([live.exited, limit]);
    } finally {
      clearTimeout(timer);
      if (giveUp !== undefined) signal?.removeEventListener("abort", giveUp);
    }
  }

  /** A running one is killed first. Missing is success; concurrent calls join. */
  async remove(id: string): Promise<void> {
    const record = this.records.get(id);
    if (record === undefined) return;
    const removing =
      this.#removing.get(id) ??
      (async () => {
        await this.stop(id, 0, undefined);
        await this.#forget(record);
        this.#publish(record, ContainerEventType.CONTAINER_DELETED_EVENT);
      })().finally(() => this.#removing.delete(id));
    this.#removing.set(id, removing);
    await removing;
  }

  async #forget(record: ContainerRecord): Promise<void> {
    this.#specs.delete(record.id);
    await this.#removeCgroup(record);
    await this.#ctx.images.removeSnapshot(record.id);
    await this.#removeImageVolumes(record.id, record.config);
    if (record.startedAt !== 0n) await this.#runPoststopHooks(record);
    await this.records.delete(record.id);
  }

  async #runPoststopHooks(record: ContainerRecord): Promise<void> {
    const files = this.files(record.id);
    if (!existsSync(files.spec)) return; // of an earlier boot
    const plan = compilePoststopPlan(this.readSpec(record.id), { id: record.id, bundle: files.dir });
    if (plan === undefined) return;
    const { results } = await runPlan(this.#ctx.system, plan, { cgroupFd: this.#ctx.cgroups.shimCgroupFd() });
    for (const [index, { errno }] of results.entries()) {
      if (errno === 0) continue;
      this.#ctx.log.warn(
        { container: record.id, hook: plan.steps[index]?.cause, error: errnoName(errno) },
        "a poststop hook failed",
      );
    }
  }

  async #removeCgroup(record: ContainerRecord): Promise<void> {
    if (record.bootId !== this.#ctx.host.bootId) return;
    await this.#ctx.cgroups.kill(record.cgroup);
    await this.#ctx.cgroups.remove(record.cgroup);
  }

  // After a restart of the daemon

  /** Finishes or undoes what a crash left half-way, and takes up the running ones again. */
  async restore(): Promise<void> {
    await Promise.all(
      [...this.records.values()].map(async (record) => {
        try {
          await this.#restoreOne(record);
        } catch (error) {
          this.#ctx.log.error(
            { container: record.id, error: describeError(error) },
            "a container could not be restored",
          );
        }
      }),
    );
  }

  async #restoreOne(record: ContainerRecord): Promise<void> {
    if (record.state === "creating") return await this.#forget(record);
    if (record.state === "exited") return;
    const files = this.files(record.id);
    const exit = readExitRecord(files.exit);
    if (exit !== undefined) {
      record.startedAt = exit.startedAt;
      this.#recordExit(record, exit);
      return await this.#removeCgroup(record);
    }
    if (record.bootId !== this.#ctx.host.bootId) {
      if (record.state === "created") return;
      record.state = "exited";
      record.exitCode = EXIT_UNKNOWN;
      record.finishedAt = this.#ctx.clock.now();
      record.reason = "Unknown";
      record.message = "the node was restarted while the container ran";
      this.records.saveRow(record);
      return;
    }
    const adopted = await this.#adopt(record, files);
    if (adopted) return;
    if (record.state === "running") return await this.#recordLostShim(record);
    // Created, or a start that had no commit: no entrypoint ran. Whatever was set up is gone with its shim.
    await this.#removeCgroup(record);
    record.state = "created";
    record.pid = 0;
    this.records.save(record);
  }

  async #adopt(record: ContainerRecord, files: ContainerFiles): Promise<boolean> {
    let connection: ShimConnection;
    try {
      connection = await ShimConnection.connect(files.socket);
    } catch (error) {
      if (isErrno(error, "ENOENT", "ECONNREFUSED")) return false;
      throw error;
    }
    const hello = await connection.answer();
    if (hello === undefined || hello.type !== FrameType.HELLO) {
      connection.close();
      return false;
    }
    const state = Buffer.from(hello.payload).readUInt32LE(8);
    const pid = Buffer.from(hello.payload).readUInt32LE(12);
    const SHIM_RUNNING = 2;
    if (state !== SHIM_RUNNING) {
      connection.close();
      return false;
    }
    connection.send(FrameType.WATCH);
    await connection.answer();
    record.pid = pid;
    if (record.state !== "running") {
      record.state = "running";
      if (record.startedAt === 0n) record.startedAt = this.#ctx.clock.now();
      this.records.save(record);
    }
    this.#watch(record, connection, this.#ctx.system.pidfdOpen(pid), undefined);
    return true;
  }

  // Resources

  /** What is absent stays as it is. Before the start it changes what the container starts with. */
  updateResources(id: string, asked: LinuxContainerResources): void {
    const record = this.require(id);
    const { config } = record;
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const resources: LinuxContainerResources = { ...config.linux?.resources, ...given };
    if (record.state === "running") this.#ctx.cgroups.update(record.cgroup, given);
    if (record.state === "created") {
      const spec = this.readSpec(id);
      const cgroup = { version2: true, path: record.cgroup, controllers: [...this.#ctx.cgroups.controllers] };
      const changed = containerResources(resources, spec.linux?.resources?.devices ?? [], cgroup);
      this.#specs.delete(id);
      writeAtomically(this.files(id).spec, JSON.stringify({ ...spec, linux: { ...spec.linux, resources: changed } }));
    }
    record.config = { ...config, linux: { ...config.linux, resources } };
    if (record.bootId === this.#ctx.host.bootId) this.records.save(record);
  }

  // Views

  list(filter: ContainerFilter | undefined): Container[] {
    const found: Container[] = [];
    for (const record of this.records.values()) {
      if (record.state === "creating") continue;
      if (filter?.id !== undefined && filter.id !== "" && !record.id.startsWith(filter.id)) continue;
      if (
        filter?.podSandboxId !== undefined &&
        filter.podSandboxId !== "" &&
        !record.sandboxId.startsWith(filter.podSandboxId)
      )
        continue;
      if (filter?.state !== undefined && (filter.state.state ?? 0) !== stateOf(record)) continue;
      if (!matchesLabels(record.config.labels, filter?.labelSelector)) continue;
      found.push({
        id: record.id,
        podSandboxId: record.sandboxId,
        metadata: record.config.metadata,
        image: record.config.image,
        imageRef: record.imageId,
        imageId: record.imageId,
        state: stateOf(record),
        createdAt: record.createdAt,
        labels: record.config.labels,
        annotations: record.config.annotations,
      });
    }
    return found;
  }

  status(record: ContainerRecord): ContainerStatus {
    return {
      id: record.id,
      metadata: record.config.metadata,
      state: stateOf(record),
      createdAt: record.createdAt,
      startedAt: record.startedAt,
      finishedAt: record.finishedAt,
      exitCode: record.exitCode,
      image: record.config.image,
      imageRef: record.imageId,
      imageId: record.imageId,
      reason: record.reason,
      message: record.message,
      labels: record.config.labels,
      annotations: record.config.annotations,
      mounts: record.config.mounts ?? [],
      logPath: record.logPath,
      resources: { linux: record.config.linux?.resources ?? {} },
      user: record.user,
      stopSignal: record.config.stopSignal,
    };
  }

  #publish(record: ContainerRecord, type: ContainerEventType): void {
    const { events, clock } = this.#ctx;
    if (events.idle) return;
    const sandbox = this.#sandboxes.find(record.sandboxId);
    events.publish({
      containerId: record.id,
      containerEventType: type,
      createdAt: clock.now(),
      podSandboxStatus: sandbox === undefined ? undefined : this.#sandboxes.status(sandbox),
      containersStatuses: this.ofSandbox(record.sandboxId).map((other) => this.status(other)),
    });
  }

  /** Lets go of the shims; the containers run on. */
  close(): void {
    this.#closed = true;
    for (const live of this.#live.values()) live.connection.close();
  }
}

/** A function, as the state changes behind the type checker's back while others are awaited. */
function imageVolumeKey(id: string, index: number): string {
  return `${id}.image-${index}`;
}

function hasEnded(record: ContainerRecord): boolean {
  return record.state === "exited";
}

function stateOf(record: ContainerRecord): ContainerState {
  switch (record.state) {
    case "running":
      return ContainerState.CONTAINER_RUNNING;
    case "exited":
      return ContainerState.CONTAINER_EXITED;
    default:
      return ContainerState.CONTAINER_CREATED;
  }
}

function startFailureMessage(plan: Plan | undefined, error: unknown): string {
  if (plan === undefined || !(error instanceof PlanError)) return describeError(error);
  const step = plan.steps[error.step];
  if (step?.op === "exec") {
    const {
      argv: [program = ""],
    } = step.args;
    return `cannot run ${JSON.stringify(program)}: ${execErrorText(program, error.errno)} (${step.cause})`;
  }
  return `cannot build the container: step ${error.step}, ${error.message} (${step?.cause ?? "plan"})`;
}

function readExitRecord(
  file: string,
): { exitCode: number; signal: number; startedAt: bigint; finishedAt: bigint } | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
  const record = JSON.parse(text) as { exitCode: number; signal: number; startedAt: string; finishedAt: string };
  return {
    exitCode: record.exitCode,
    signal: record.signal,
    startedAt: BigInt(record.startedAt),
    finishedAt: BigInt(record.finishedAt),
  };
}
