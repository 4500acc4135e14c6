// One pod's worker: compares what is wanted with what the runtime has, does what the planner says, and tells the status.
//
//          update, wake, timer                terminate
//   running ───────────► running ────────────────────────► terminating ──► gone
//
// Level-triggered: being woken means to look again, whatever happened. A termination interrupts what is being done.

import type { V1Container, V1PodCondition, V1PodStatus, V1ResourceRequirements } from "@kubernetes/client-node";

import type { SteadyTime } from "../base/steady-time.ts";
import { describeError } from "../base/errors.ts";
import { secondsBetween } from "../base/meters.ts";
import { Wake } from "../base/wake.ts";
import { tearDownVolumes } from "../volumes/volumes.ts";
import { restoreBackoff } from "./backoff.ts";
import { Executor, podKey } from "./executor.ts";
import type { ExecutorPod } from "./executor.ts";
import { readTerminationMessage, removePodDir, removePodLogs } from "./files.ts";
import * as labels from "./labels.ts";
import { podDir } from "./layout.ts";
import { endedIds, type PassType } from "./meters.ts";
import { newestByName, planPod, restartsInSandbox, roleOf } from "./planner.ts";
import type { Plan, PodFailure } from "./planner.ts";
import { NOTHING, Observer } from "./observation.ts";
import type { Observation } from "./observation.ts";
import type { Attempt } from "./probes/attempt.ts";
import { PodProbes, PROBE_NAMES } from "./probes/pod-probes.ts";
import type { ContainerHealth, ProbeKind } from "./probes/pod-probes.ts";
import type { Allocation, PendingResize } from "./resize.ts";
import { milliseconds } from "./services.ts";
import type { PodServices } from "./services.ts";
import { computeStatus, finalStatus, sameStatus, withSuccessors } from "./status.ts";

/** After an error the pod is looked at again in this time, doubling to the longest. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** A plan is followed by another until there is nothing to do; more rounds than this mean that they do not lead there. */
const ROUNDS_MAX = 20;
/** A pass that takes longer has its status told in between. */
const REFRESH_AFTER_MS = 50;
/**
 * A container that is stopped for another to follow is told of as it was for this long, as by a kubelet that looks each second: who changes
 * its image does not find the pod unready a moment later.
 */
const REPLACING_MS = 1_000;

export interface WorkerState extends ExecutorPod {
  /** When the agent first took the pod on; milliseconds since the epoch. */
  readonly startTime: number;
  /** As the API server has them: those of readiness gates count. */
  readonly conditions?: readonly V1PodCondition[] | undefined;
  /** Why the pod has other resources than it asks for. */
  readonly pendingResize?: PendingResize | undefined;
}

/** What of a pod the runtime does not tell an agent that starts anew. Plain data, for the records. */
export interface WorkerMemory {
  readonly failure?: PodFailure | undefined;
  /** As it was last told; V1PodStatus in JSON. */
  readonly status: unknown;
  /** By container id. */
  readonly health: Readonly<Record<string, ContainerHealth>>;
  /** Ids of instances that were stopped for another to follow. @default none */
  readonly replaced?: readonly string[] | undefined;
  /** Resources, by container id. */
  readonly actuated?: Readonly<Record<string, V1ResourceRequirements>> | undefined;
  /** What the groups of all containers were set for, by sandbox id. */
  readonly groups?: Readonly<Record<string, Allocation>> | undefined;
}

export interface WorkerOptions {
  readonly services: PodServices;
  readonly state: WorkerState;
  /** As `remember` was last called with. */
  readonly memory?: WorkerMemory | undefined;
  /** Why the pod may not run at all. */
  readonly rejected?: PodFailure | undefined;
  /** It has one life, as pods of an API server have: what is over stays so, also when the runtime has forgotten it. */
  readonly once?: boolean | undefined;
  /** Resolves when it is on disk, or cannot be brought there. */
  readonly remember: (memory: WorkerMemory) => Promise<void>;
  /** The status changed. */
  readonly onStatus: () => void;
  /** Nothing of the pod is left. */
  readonly onGone: () => void;
}

export class PodWorker {
  readonly #services: PodServices;
  readonly #options: WorkerOptions;
  readonly #executor: Executor;
  readonly #observer: Observer;
  readonly #probes: PodProbes;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  /** Of the pass under way. */
  #pass = new AbortController();
  #state: WorkerState;
  #observation: Observation = NOTHING;
  #status: V1PodStatus | undefined;
  /** Of a former run of the agent. */
  readonly #before: V1PodStatus | undefined;
  #failure: PodFailure | undefined;
  /** Why it was not let in. */
  #rejected: PodFailure | undefined;
  /** It has its devices, or is told that it has none. */
  #admitted = false;
  #remembered: string;
  /** Termination messages by container id. */
  #messages = new Map<string, string>();
  #termination: { deadline: number } | undefined;
  #start: { readonly wall: number; readonly steady: number } | undefined;
  /** Before the first pass. */
  #starting = true;
  #busy = false;
  /** It has another specification than in the last pass. */
  #updated = false;
  #refreshing = false;
  #restored = false;
  #retryMs = 0;
  #volumesReleased = false;
  /** Instances whose end was counted; by id, as statuses name them. */
  readonly #ended: Set<string>;
  readonly #lastAttempts = new Map<string, number>();
  #running: Promise<void> | undefined;
  #gone = false;
  /** The pod is over and not to live again, and its status says so. */
  #lastWord = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#services = options.services;
    this.#state = options.state;
    this.#executor = new Executor(options.services, {
      replaced: options.memory?.replaced ?? [],
      keepReplaced: () => this.#remember(),
    });
    this.#observer = new Observer(options.services.cri, options.state.pod.metadata.uid ?? "");
    this.#wake = new Wake(options.services.clock);
    const { memory } = options;
    this.#executor.restoreSizes(memory?.actuated ?? {}, memory?.groups ?? {});
    this.#rejected = options.rejected;
    this.#failure = memory?.failure ?? options.rejected;
    this.#remembered = JSON.stringify(memory);
    this.#before = memory === undefined ? undefined : reviveStatus(memory.status);
    this.#ended = new Set(endedIds(this.#before));
    this.#probes = new PodProbes({
      cri: options.services.cri,
      clock: options.services.clock,
      attempted: (kind, container, attempt, seconds) => this.#countProbe(kind, container, attempt, seconds),
      steady: options.services.steady,
      event: ({ reason, message, container }) =>
        this.#services.event({ type: "Warning", reason, message, pod: this.key, container }),
      wake: () => this.wake(),
      remembered: new Map(Object.entries(memory?.health ?? {})),
    });
  }

  get uid(): string {
    return this.#state.pod.metadata.uid ?? "";
  }

  /** `namespace/name`. */
  get key(): string {
    return podKey(this.#state.pod);
  }

  get state(): WorkerState {
    return this.#state;
  }

  get observation(): Observation {
    return this.#observation;
  }

  #countProbe(kind: ProbeKind, container: string, { outcome }: Attempt, seconds: number): void {
    const { probes, probeDurations } = this.#services.meters;
    const { name: pod, namespace } = this.#state.pod.metadata;
    const labels = { probe_type: PROBE_NAMES[kind], container, pod, namespace };
    const result = outcome === "failure" ? "failed" : outcome === "unknown" ? "unknown" : "successful";
    probes.add({ ...labels, pod_uid: this.uid, result });
    if (result !== "failed") probeDurations.observe(seconds, labels);
  }

  /** Nothing of the pod runs, nor will again. */
  get isOver(): boolean {
    return isOver(this.#status ?? this.#before) || (this.#failure !== undefined && this.#observation === NOTHING);
  }

  /** Of a pod that was ended: the newest instance of each container. */
  get lastAttempts(): ReadonlyMap<string, number> {
    return this.#lastAttempts;
  }

  get terminating(): boolean {
    return this.#termination !== undefined;
  }

  /** It is on its way to its end. */
  get ending(): boolean {
    return this.#termination !== undefined || this.#failure !== undefined;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Nothing is under way or due now. */
  get idle(): boolean {
    return !this.#starting && !this.#busy && !this.#wake.pending;
  }

  get status(): V1PodStatus {
    return this.#status ?? this.#before ?? this.#compute(NOTHING);
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Something happened to the pod: look again. */
  wake(): void {
    this.#wake.ring();
    // A long step must not hide what happens meanwhile.
    if (this.#busy) {
      this.#refreshSoon().catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#services.log.debug({ pod: this.key, error }, "status not refreshed");
      });
    }
  }

  /** A ConfigMap or Secret that the pod refers to came, changed or went. */
  objectsChanged(): void {
    this.#executor.objectsChanged();
    this.#wake.ring();
  }

  /** The same pod with another specification. */
  update(state: WorkerState): void {
    for (const [name, hash] of state.containerHashes)
      if (this.#state.containerHashes.get(name) !== hash) this.#executor.backoff.delete(name);
    this.#state = state;
    this.#updated = true;
    this.#executor.forgetFailures();
    this.#wake.ring();
  }

  /** Ends the pod's containers for good; the pod stays, as failed. What is under way is broken off. */
  fail(failure: PodFailure): void {
    if (this.#failure !== undefined || this.#termination !== undefined) return;
    this.#failure = failure;
    const { reason, message } = failure;
    this.#services.event({ type: "Warning", reason, message, pod: this.key });
    this.#pass.abort(new Error("the pod failed"));
    this.#wake.ring();
  }

  /** Ends the pod and removes what is left of it. A later call can only shorten the grace. */
  terminate(graceSeconds?: number): void {
    const grace = graceSeconds ?? this.#state.pod.spec.terminationGracePeriodSeconds ?? 0;
    const deadline = this.#services.steady.now() + grace * 1000;
    if (this.#termination !== undefined && this.#termination.deadline <= deadline) return;
    this.#termination = { deadline };
    this.#pass.abort(new Error("the pod is ended"));
    this.#wake.ring();
    this.#options.onStatus();
  }

  /** Lets the pod be, as the agent ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the agent ends"));
    this.#pass.abort(this.#stop.signal.reason);
    this.#probes[Symbol.dispose]();
    await this.#running;
  }

  async #loop(): Promise<void> {
    let waitMs: number | undefined = 0;
    while (!this.#stop.signal.aborted && !this.#gone) {
      await this.#wake.wait(waitMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      this.#pass = new AbortController();
      this.#busy = true;
      const pass = this.#passType();
      const begun = this.#services.clock.monotonic();
      this.#starting = false;
      this.#updated = false;
      try {
        waitMs =
          this.#termination === undefined ? await this.#sync(this.#pass.signal) : await this.#end(this.#pass.signal);
        this.#retryMs = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (this.#pass.signal.aborted) {
          waitMs = 0;
        } else {
          this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY_MIN_MS), RETRY_MAX_MS);
          waitMs = this.#retryMs;
          this.#services.log.warn(
            { pod: this.key, error: describeError(error), retryMs: waitMs },
            "the pod could not be brought to what is wanted",
          );
          const message = `the pod could not be brought to what is wanted: ${describeError(error)}`;
          this.#services.event({ type: "Warning", reason: "FailedSync", message, pod: this.key });
          await this.#refresh().catch(() => undefined);
        }
      } finally {
        this.#busy = false;
        const took = secondsBetween(begun, this.#services.clock.monotonic());
        this.#services.meters.passes.observe(took, { operation_type: pass });
      }
    }
  }

  #passType(): PassType {
    if (this.#termination !== undefined) return "kill";
    if (!this.#starting) return this.#updated ? "update" : "sync";
    this.#services.meters.containersPerPod.observe(this.#state.pod.spec.containers.length);
    return "create";
  }

  /** Rounds of plan and steps until there is nothing to do. Milliseconds until the next look. */
  async #sync(signal: AbortSignal): Promise<number | undefined> {
    const { clock, steady, maxBackoffMs } = this.#services;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const state = this.#state;
      const observation = await this.#observer.observe(signal);
      signal.throwIfAborted();
      if (!this.#restored) this.#restore(observation);
      const before = this.#status ?? this.#before;
      if (this.#options.once === true && isOver(before) && observation.containers.length === 0) {
        this.#status = before;
        if (!observation.sandboxes.some(({ ready }) => ready)) return undefined;
      }
      if (!this.#admitted) await this.#admitToDevices(observation, signal);
      const now = steady.now();
      const deadline = this.#checkDeadline(now);
      const placed = placeTimes(observation, steady);
      this.#follow(placed);
      const plan = planPod({
        pod: state.pod,
        containerHashes: state.containerHashes,
        observation: placed,
        backoff: this.#executor.backoff,
        waits: this.#executor.waits(now),
        health: this.#probes.health,
        actuated: this.#executor.actuated,
        groups: this.#executor.groups,
        resizeAt: this.#executor.resizeFailure?.until,
        replaced: this.#executor.replaced,
        failure: this.#failure,
        now,
        maxBackoffMs,
      });
      if (plan.finished) this.#executor.nothingFollows();
      const forgotten = this.#executor.runOn(leftRunning(observation, plan));
      this.#tellBackoff(plan.waits);
      this.#waits = plan.waits;
      if (observation.sandboxes.some((sandbox) => sandbox.ready)) await this.#executor.refreshVolumes(state, signal);
      await this.#publish(observation);
      if (forgotten) void this.#remember();
      if (plan.steps.length === 0) {
        if (plan.finished) await this.#releaseVolumes(signal);
        const times = [plan.wakeAt, this.#executor.nextReasonAt(), plan.finished ? undefined : deadline];
        const waits = times.flatMap((time) => (time === undefined ? [] : time - steady.now()));
        const renewal = plan.finished ? undefined : this.#executor.volumesRefreshAt;
        if (renewal !== undefined) waits.push(renewal - milliseconds(clock));
        return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
      }
      this.#volumesReleased = false;
      await this.#executor.run(state, plan.steps, observation, signal);
    }
    this.#services.log.warn({ pod: this.key }, "the pod does not settle; looking again later");
    return RETRY_MAX_MS;
  }

  /** Gives it its devices before anything of it is made. Rejects while a plugin is awaited. */
  async #admitToDevices(observation: Observation, signal: AbortSignal): Promise<void> {
    const { devices, event, cluster } = this.#services;
    const begun = observation.containers.length > 0 || observation.sandboxes.length > 0;
    const request = { pod: this.#state.pod, unscheduled: cluster === undefined };
    const refused = begun || this.#failure !== undefined ? undefined : await devices?.admit(request, signal);
    this.#admitted = true;
    if (refused === undefined) return;
    const message = `Pod was rejected: Allocate failed due to ${refused}, which is unexpected`;
    const failure = { reason: "UnexpectedAdmissionError", message };
    this.#rejected = failure;
    this.#failure = failure;
    this.#services.meters.rejections.add({ reason: failure.reason });
    event({ type: "Warning", ...failure, pod: this.key });
  }

  /** Nothing of a pod that is over uses them any more; made anew should it live again. */
  async #releaseVolumes(signal: AbortSignal): Promise<void> {
    if (this.#volumesReleased) return;
    const { system, slow, layout } = this.#services;
    this.#executor.volumesGone();
    await tearDownVolumes({ system, slow, podDir: podDir(layout, this.uid), signal });
    this.#volumesReleased = true;
  }

  /** When activeDeadlineSeconds are over; what is past it makes the pod fail. */
  #checkDeadline(now: number): number | undefined {
    const { pod, startTime } = this.#state;
    const seconds = pod.spec.activeDeadlineSeconds;
    if (seconds === undefined || this.#failure !== undefined) return undefined;
    // Placed once: the longer ago it was, the less is known of how the clock was set then.
    if (this.#start?.wall !== startTime) this.#start = { wall: startTime, steady: this.#services.steady.of(startTime) };
    const deadline = this.#start.steady + seconds * 1000;
    if (now < deadline || isOver(this.#status)) return deadline;
    this.#failure = { reason: "DeadlineExceeded", message: DEADLINE_MESSAGE };
    this.#services.event({
      type: "Normal",
      reason: "DeadlineExceeded",
      message: DEADLINE_MESSAGE,
      pod: this.key,
    });
    return undefined;
  }

  /** Has the probes follow the containers that run. */
  #follow(observation: Observation): void {
    const { pod } = this.#state;
    const byName = new Map<string, V1Container>(
      [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => [container.name, container]),
    );
    const running = observation.containers.flatMap((observed) => {
      const container = byName.get(observed.name);
      if (container === undefined || observed.state !== "running") return [];
      if (roleOf(pod, observed.name) === "init" || this.#executor.starting.has(observed.id)) return [];
      return [{ container, observed }];
    });
    const podIp =
      pod.spec.hostNetwork === true
        ? this.#services.hostIPs()[0]
        : observation.sandboxes.find(({ ready }) => ready)?.ips[0];
    this.#probes.sync(running, podIp ?? "", this.#termination !== undefined || this.#failure !== undefined);
  }

  #waits: ReturnType<typeof planPod>["waits"] = new Map();
  /** Containers that are in back-off, so that each is told once a wait. */
  readonly #told = new Map<string, number>();

  #tellBackoff(waits: ReturnType<typeof planPod>["waits"]): void {
    for (const [name, wait] of waits) {
      if (wait.reason !== "CrashLoopBackOff" || this.#told.get(name) === wait.until) continue;
      this.#told.set(name, wait.until);
      const { name: pod, namespace } = this.#state.pod.metadata;
      const message = `Back-off restarting failed container ${name} in pod ${pod}_${namespace}(${this.uid})`;
      this.#services.event({ type: "Warning", reason: "BackOff", message, pod: this.key, container: name });
    }
  }

  /** Takes up what an earlier run of the agent left. */
  #restore(observation: Observation): void {
    this.#restored = true;
    for (const [name, container] of newestByName(observation)) {
      // What the one before did says nothing of another definition.
      if (container.hash !== undefined && container.hash !== this.#state.containerHashes.get(name)) continue;
      const entry = restoreBackoff(
        restartsInSandbox(container, observation),
        this.#services.steady.of(container.startedAt || container.createdAt),
        this.#services.maxBackoffMs,
      );
      if (entry !== undefined) this.#executor.backoff.set(name, entry);
    }
  }

  /** Reads and tells the status beside a pass, if that takes long: a short one tells it itself. */
  async #refreshSoon(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    const { signal } = this.#stop;
    try {
      await this.#services.clock.sleep(REFRESH_AFTER_MS, { signal });
      if (this.#busy && this.#isReplacing(await this.#observer.observe(signal)))
        await this.#services.clock.sleep(REPLACING_MS - REFRESH_AFTER_MS, { signal });
    } finally {
      this.#refreshing = false;
    }
    if (this.#busy) await this.#refresh();
  }

  /** One was stopped for another to follow, which does not run yet. */
  #isReplacing({ containers }: Observation): boolean {
    const running = new Set(containers.filter(({ state }) => state === "running").map(({ name }) => name));
    return containers.some(({ id, name }) => this.#executor.replaced.has(id) && !running.has(name));
  }

  /** Names of containers that were stopped for another to follow, which is not there yet. */
  #between(observation: Observation): ReadonlySet<string> {
    const newest = [...newestByName(observation).values()];
    const ended = newest.filter(({ id, state }) => state === "exited" && this.#executor.replaced.has(id));
    return new Set(ended.map(({ name }) => name));
  }

  async #refresh(): Promise<void> {
    await this.#publish(await this.#observer.observe(this.#stop.signal));
  }

  /** `last`: nothing of the pod runs any more. After its last word, what is removed has nothing to say. */
  async #publish(observation: Observation, last = false): Promise<void> {
    await this.#readMessages(observation);
    if (this.#lastWord) return;
    this.#follow(placeTimes(observation, this.#services.steady));
    this.#observation = observation;
    const computed = this.#compute(observation);
    const status = last ? finalStatus(computed, this.#state.pod) : computed;
    this.#lastWord = last;
    if (sameStatus(this.#status, status)) return;
    const { meters, clock } = this.#services;
    const { pod, startTime } = this.#state;
    meters.changed(pod, this.#status ?? this.#before, status, { startTime, now: milliseconds(clock) });
    meters.countEnds(status, this.#ended);
    this.#status = status;
    void this.#remember();
    this.#options.onStatus();
  }

  async #remember(): Promise<void> {
    // A pod that was not let in is looked at anew by the next agent.
    if (this.#failure !== undefined && this.#failure === this.#rejected) return;
    const replaced = [...this.#executor.replaced];
    const memory: WorkerMemory = {
      ...(replaced.length === 0 ? {} : { replaced }),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      status: JSON.parse(JSON.stringify(this.#status)),
      health: Object.fromEntries(this.#probes.health),
      actuated: Object.fromEntries(this.#executor.actuated),
      groups: Object.fromEntries(this.#executor.groups),
    };
    const text = JSON.stringify(memory);
    if (text === this.#remembered) return;
    this.#remembered = text;
    await this.#options.remember(memory);
  }

  async #readMessages(observation: Observation): Promise<void> {
    const messages = new Map<string, string>();
    for (const container of observation.containers) {
      if (container.state !== "exited") continue;
      let message = this.#messages.get(container.id);
      if (message === undefined) {
        const policy = container.annotations[labels.CONTAINER_TERMINATION_MESSAGE_POLICY] ?? "File";
        message = await readTerminationMessage(this.#services.layout, this.uid, container, policy).catch(() => "");
      }
      messages.set(container.id, message);
    }
    this.#messages = messages;
  }

  #compute(observation: Observation): V1PodStatus {
    const { clock, hostIPs, runtimeName, recursiveReadOnly } = this.#services;
    const { pod, startTime } = this.#state;
    const status = computeStatus({
      pod,
      observation,
      waits: this.#termination === undefined ? this.#waits : new Map(),
      messages: this.#messages,
      health: this.#probes.health,
      starting: this.#executor.starting,
      failure: this.#failure,
      hostIPs: hostIPs(),
      startTime,
      now: milliseconds(clock),
      previous: this.#status ?? this.#before,
      runtimeName,
      recursiveReadOnly,
      conditions: this.#state.conditions ?? [],
      actuated: this.#executor.actuated,
      groups: this.#executor.groups,
      pendingResize: this.#state.pendingResize,
      resizeError: this.#executor.resizeFailure?.message,
      devices: (container) => this.#services.devices?.health(this.uid, container) ?? [],
    });
    if (this.#failure !== undefined || this.#termination !== undefined) return status;
    return withSuccessors(status, this.#between(observation));
  }

  /** Stops everything in order, then removes it. Each part can be repeated. */
  async #end(signal: AbortSignal): Promise<number> {
    const { cri, system, slow, layout, log } = this.#services;
    const { pod } = this.#state;
    const observation = await this.#observer.observe(signal);
    for (const { name, attempt } of newestByName(observation).values()) this.#lastAttempts.set(name, attempt);
    const before = this.#status ?? this.#before;
    if (this.#options.once === true && isOver(before) && observation.containers.length === 0) {
      this.#status = before;
      this.#lastWord = true;
    }
    await this.#publish(observation);
    const alive = observation.containers
      .filter((container) => container.state === "running" || container.state === "unknown")
      .map(({ id }) => id);
    const deadline = this.#termination?.deadline ?? 0;
    await this.#executor.stopAll(pod, alive, observation, undefined, deadline, signal);
    for (const sandbox of observation.sandboxes) await cri.stopPodSandbox({ podSandboxId: sandbox.id }, { signal });
    const last = await this.#observer.observe(signal);
    await this.#publish(last, this.#options.once === true);
    for (const container of observation.containers)
      await cri.removeContainer({ containerId: container.id }, { signal });
    for (const sandbox of observation.sandboxes) await cri.removePodSandbox({ podSandboxId: sandbox.id }, { signal });
    await tearDownVolumes({ system, slow, podDir: podDir(layout, this.uid), signal });
    await removePodDir(system, layout, this.uid);
    await removePodLogs(system, layout, pod);
    this.#gone = true;
    log.debug({ pod: this.key, uid: this.uid }, "the pod is gone");
    this.#options.onGone();
    return 0;
  }
}

/** Ids of containers that run, and that the plan does not stop. */
function leftRunning({ containers }: Observation, { steps }: Plan): string[] {
  const stopped = new Set(steps.flatMap((step) => (step.kind === "stop-container" ? step.id : [])));
  return containers.flatMap(({ id, state }) => (state === "running" && !stopped.has(id) ? id : []));
}

/** As of steady time, for what is counted from them. */
function placeTimes(observation: Observation, steady: SteadyTime): Observation {
  const place = (time: number): number => (time === 0 ? 0 : steady.of(time));
  return {
    sandboxes: observation.sandboxes,
    containers: observation.containers.map((container) => ({
      ...container,
      createdAt: place(container.createdAt),
      startedAt: place(container.startedAt),
      finishedAt: place(container.finishedAt),
    })),
  };
}

const DEADLINE_MESSAGE = "Pod was active on the node longer than the specified deadline";

/** It ended, and is not to live again. */
export function isOver(status: V1PodStatus | undefined): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

const TIMES = ["lastTransitionTime", "startTime", "startedAt", "finishedAt"];

function reviveStatus(status: unknown): V1PodStatus {
  return JSON.parse(JSON.stringify(status), (key, value: unknown) =>
    TIMES.includes(key) && typeof value === "string" ? new Date(value) : value,
  ) as V1PodStatus;
}
