// What is to be done for one pod, as data: from the pod that is wanted and what the runtime has of it. Pure.

import type { V1Container, V1ResourceRequirements } from "@kubernetes/client-node";

import { backoffUntil, MAX_DELAY_MS, raiseBackoff } from "./backoff.ts";
import type { BackoffEntry } from "./backoff.ts";
import { containersOf } from "./containers-of.ts";
import type { Observation, ObservedContainer, ObservedSandbox } from "./observation.ts";
import type { ContainerHealth } from "./probes/pod-probes.ts";
import { groupDiffers, resizeOf } from "./resize.ts";
import type { Allocation } from "./resize.ts";
import { matchingRule, restarts } from "./restart.ts";
import type { DecodedPod } from "./schema/decode.ts";

export type ContainerRole = "init" | "sidecar" | "main" | "ephemeral";

export type Step =
  | {
      readonly kind: "stop-container";
      readonly id: string;
      readonly name: string;
      readonly message: string;
      /** Undefined: the pod's. */
      readonly graceSeconds: number | undefined;
      /** Another instance follows, whatever the restart policy says of how this one ends. */
      readonly replaced: boolean;
    }
  /** All that run, side by side; sidecars last and in reverse. */
  | {
      readonly kind: "stop-all";
      readonly ids: readonly string[];
      readonly message: string;
      /** Undefined: the pod's. */
      readonly graceSeconds: number | undefined;
    }
  | {
      readonly kind: "remove-container";
      readonly id: string;
      readonly name: string;
      readonly attempt: number;
      readonly logPath: string;
    }
  /** In place. */
  | { readonly kind: "resize-container"; readonly id: string; readonly name: string }
  /** The group of all containers: before them wide enough for both, after them as it is to be. */
  | { readonly kind: "resize-pod"; readonly id: string; readonly when: "before" | "after" }
  | { readonly kind: "stop-sandbox"; readonly id: string }
  | { readonly kind: "remove-sandbox"; readonly id: string }
  | { readonly kind: "create-sandbox"; readonly attempt: number; readonly replaces: boolean }
  | {
      readonly kind: "start-container";
      readonly name: string;
      readonly role: ContainerRole;
      readonly attempt: number;
      /** The record to keep once it is started again. */
      readonly backoff: BackoffEntry | undefined;
    };

/** Why a container does not run now though it should; shown in its status. */
export interface Wait {
  readonly reason: string;
  readonly message: string;
  /** When it is looked at again; milliseconds since the epoch. */
  readonly until: number;
}

export interface PlanInput {
  readonly pod: DecodedPod;
  readonly containerHashes: ReadonlyMap<string, string>;
  readonly observation: Observation;
  /** By container. */
  readonly backoff: ReadonlyMap<string, BackoffEntry>;
  /** Failures that are waited out: image pulls, configuration errors. By container. */
  readonly waits: ReadonlyMap<string, Wait>;
  /** By container id. */
  readonly health: ReadonlyMap<string, ContainerHealth>;
  /** Resources that running containers have, by container id. What is not in it has what it was allocated. @default none */
  readonly actuated?: ReadonlyMap<string, V1ResourceRequirements> | undefined;
  /** What the groups of all containers were set for, by sandbox id. What is not in it is as the pod was allocated. @default none */
  readonly groups?: ReadonlyMap<string, Allocation> | undefined;
  /** A resize that failed is tried again then. */
  readonly resizeAt?: number | undefined;
  /** Ids of instances that were stopped for another to follow. @default none */
  readonly replaced?: ReadonlySet<string> | undefined;
  /** The pod has failed as a whole: nothing of it is to run. Undefined: it has not. */
  readonly failure: PodFailure | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** @default 300000 */
  readonly maxBackoffMs?: number | undefined;
}

/** Why a pod failed though no container of it did: for its status. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** For its containers; undefined: the pod's. */
  readonly graceSeconds?: number | undefined;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** By container. */
  readonly waits: ReadonlyMap<string, Wait>;
  /** When to plan again though nothing happens. */
  readonly wakeAt: number | undefined;
  /** All containers ended and none is started again. */
  readonly finished: boolean;
}

/** Ended instances of a container that are kept: the newest, and one before it for `logs --previous`. */
export const KEPT_INSTANCES = 2;

export function roleOf(pod: DecodedPod, name: string): ContainerRole {
  const init = (pod.spec.initContainers ?? []).find((container) => container.name === name);
  if (init === undefined)
    return pod.spec.ephemeralContainers?.some((container) => container.name === name) === true ? "ephemeral" : "main";
  return init.restartPolicy === "Always" ? "sidecar" : "init";
}

/** Its startup probe passed, or it has none. */
export function isStarted(
  container: V1Container,
  current: ObservedContainer,
  health: ReadonlyMap<string, ContainerHealth>,
): boolean {
  return health.get(current.id)?.started ?? container.startupProbe === undefined;
}

/**
 * When a container ended whose rules then want every container of the pod to run anew: what was made before belongs to a former life.
 * 0: never. Milliseconds since the epoch.
 */
export function lifeBegan(pod: DecodedPod, observation: Observation): number {
  let began = 0;
  for (const container of containersOf(pod.spec)) {
    if (container.restartPolicyRules === undefined) continue;
    for (const { name, state, exitCode, finishedAt } of observation.containers) {
      if (name === container.name && state === "exited" && matchingRule(container, exitCode) === "RestartAllContainers")
        began = Math.max(began, finishedAt);
    }
  }
  return began;
}

/** The newest instance of each container. */
export function newestByName(observation: Observation): ReadonlyMap<string, ObservedContainer> {
  const newest = new Map<string, ObservedContainer>();
  for (const container of observation.containers)
    if (!newest.has(container.name)) newest.set(container.name, container);
  return newest;
}

/**
 * How often a container, the newest of its name, was started again in the pod's present sandbox with its present definition: what ended with
 * the sandbox before, as all does when the machine is switched off, did not end for itself.
 */
export function restartsInSandbox(newest: ObservedContainer, { sandboxes, containers }: Observation): number {
  if (!sandboxes.some(({ id, ready }) => id === newest.sandboxId && ready)) return 0;
  const before = containers.find(
    ({ name, sandboxId, hash }) => name === newest.name && (sandboxId !== newest.sandboxId || hash !== newest.hash),
  );
  return before === undefined ? newest.attempt : newest.attempt - before.attempt - 1;
}

export function planPod(input: PlanInput): Plan {
  return new Planner(input).plan();
}

class Planner {
  readonly #input: PlanInput;
  readonly #newest: ReadonlyMap<string, ObservedContainer>;
  readonly #steps: Step[] = [];
  readonly #waits = new Map<string, Wait>();
  #resizes = false;
  /** One that failed before is to be tried again. */
  #resizeWaits = false;

  constructor(input: PlanInput) {
    this.#input = input;
    this.#newest = newestByName(input.observation);
  }

  plan(): Plan {
    const { pod, observation, failure } = this.#input;
    const sandbox = usableSandbox(pod, observation);
    this.#dropStrangers();
    let finished: boolean;
    if (failure !== undefined) finished = true;
    else if (sandbox === undefined) finished = this.#withoutSandbox();
    else {
      finished = this.#withSandbox(sandbox);
      if (!finished) this.#resize(sandbox);
    }
    if (finished) this.#finish();
    this.#collectGarbage(sandbox);
    let wakeAt: number | undefined;
    if (this.#resizeWaits) wakeAt = this.#input.resizeAt;
    for (const wait of this.#waits.values()) wakeAt = wakeAt === undefined ? wait.until : Math.min(wakeAt, wait.until);
    return { steps: this.#steps, waits: this.#waits, wakeAt, finished };
  }

  /** Around the steps of the containers: they never have more than their pod. */
  #resize({ id }: ObservedSandbox): void {
    const { pod, groups, resizeAt = 0, now } = this.#input;
    // Also for containers that do not run: they are started with what they are allocated.
    if (groupDiffers(pod, groups?.get(id))) {
      if (resizeAt <= now) this.#resizes = true;
      else this.#resizeWaits = true;
    }
    if (!this.#resizes) return;
    this.#steps.unshift({ kind: "resize-pod", id, when: "before" });
    this.#steps.push({ kind: "resize-pod", id, when: "after" });
  }

  /** Containers that the specification no longer has. */
  #dropStrangers(): void {
    const { pod, observation } = this.#input;
    const known = new Set(containersOf(pod.spec).map((container) => container.name));
    for (const container of observation.containers) {
      if (known.has(container.name)) continue;
      if (container.state !== "exited") this.#stop(container, `Container ${container.name} is no longer in the pod`);
      this.#remove(container);
    }
  }

  /** No sandbox to work in: make one, unless the pod is over. */
  #withoutSandbox(): boolean {
    const { pod, observation } = this.#input;
    if (this.#isOver()) return true;
    for (const container of observation.containers) {
      if (isAlive(container)) this.#stop(container, "The pod's sandbox ended");
    }
    for (const sandbox of observation.sandboxes)
      if (sandbox.ready) this.#steps.push({ kind: "stop-sandbox", id: sandbox.id });
    const previous = observation.sandboxes[0];
    this.#steps.push({
      kind: "create-sandbox",
      attempt: previous === undefined ? 0 : previous.attempt + 1,
      replaces: previous !== undefined,
    });
    const inits = pod.spec.initContainers ?? [];
    const [first] = inits;
    if (first !== undefined) this.#startOrWait(first);
    else for (const container of pod.spec.containers) if (this.#shouldRun(container)) this.#startOrWait(container);
    return false;
  }

  /** Whether everything that the pod was to do is done, seen without a sandbox. */
  #isOver(): boolean {
    const { pod } = this.#input;
    if (this.#newest.size === 0) return false;
    if (this.#initFailedForGood()) return true;
    const mains = pod.spec.containers;
    const ran = mains.some((container) => this.#newest.has(container.name));
    // With restartPolicy Never a pod has one life: a sandbox that is lost after its containers ran is not made again.
    const ownPolicies = containersOf(pod.spec).some(
      ({ restartPolicy, restartPolicyRules }) => restartPolicy !== undefined || restartPolicyRules !== undefined,
    );
    if (pod.spec.restartPolicy === "Never" && !ownPolicies && ran) return true;
    return mains.every((container) => !this.#shouldRun(container));
  }

  #initFailedForGood(): boolean {
    const { pod } = this.#input;
    return (pod.spec.initContainers ?? []).some((container) => {
      const newest = this.#newest.get(container.name);
      if (container.restartPolicy === "Always" || newest?.state !== "exited" || newest.exitCode === 0) return false;
      return !restarts(container, pod, newest.exitCode);
    });
  }

  #withSandbox(sandbox: ObservedSandbox): boolean {
    const { pod, observation } = this.#input;
    const mains = pod.spec.containers;
    const began = lifeBegan(pod, observation);
    const former = observation.containers.filter((item) => item.createdAt < began && isAlive(item));
    if (former.length > 0) {
      const message = "A container asked for all containers of the pod to be restarted";
      const ids = former.map(({ id }) => id);
      this.#steps.push({ kind: "stop-all", ids, message, graceSeconds: undefined });
      return false;
    }
    const here = (name: string): ObservedContainer | undefined => {
      const newest = this.#newest.get(name);
      return newest?.sandboxId === sandbox.id && newest.createdAt >= began ? newest : undefined;
    };
    // Instances that are still alive in an older sandbox have no place any more.
    for (const container of this.#input.observation.containers) {
      if (container.sandboxId !== sandbox.id && isAlive(container))
        this.#stop(container, "The pod's sandbox was replaced");
    }
    const begun = mains.some((container) => here(container.name) !== undefined);
    if (began === 0 && mains.every((container) => !this.#shouldRun(container))) return true;
    if (began > 0 && mains.every(({ name }) => here(name) !== undefined)) {
      if (mains.every((container) => !this.#shouldRun(container))) return true;
    }
    if (!begun && this.#initFailedForGood()) return true;
    // Each runs once, whatever else the pod does.
    for (const container of pod.spec.ephemeralContainers ?? []) {
      const newest = this.#newest.get(container.name);
      if (newest === undefined || newest.state === "created") this.#startOrWait(container);
    }
    if (!this.#initialize(here, begun)) return false;

    for (const container of mains) {
      const current = here(container.name);
      if (current !== undefined && current.state === "running") this.#keep(container, current);
      else if (current === undefined || this.#shouldRun(container)) this.#startOrWait(container);
    }
    return false;
  }

  /** Runs the init containers in order and keeps the sidecars up; true when the main containers may run. */
  #initialize(here: (name: string) => ObservedContainer | undefined, begun: boolean): boolean {
    for (const container of this.#input.pod.spec.initContainers ?? []) {
      const current = here(container.name);
      if (container.restartPolicy === "Always") {
        if (current?.state === "running") this.#keep(container, current);
        else this.#startOrWait(container);
        // The others wait until it runs and its startup probe has passed, but only at first.
        if (begun) continue;
        if (current?.state === "running" && isStarted(container, current, this.#input.health)) continue;
        return false;
      }
      if (begun || (current?.state === "exited" && current.exitCode === 0)) continue;
      if (current?.state === "running") {
        this.#keepSize(container, current);
        return false;
      }
      this.#startOrWait(container);
      return false;
    }
    return true;
  }

  /** A running container goes on unless its specification changed or a probe failed for good. */
  #keep(container: V1Container, current: ObservedContainer): void {
    const wanted = this.#input.containerHashes.get(container.name);
    if (current.hash !== undefined && wanted !== undefined && current.hash !== wanted) {
      this.#stop(current, `Container ${container.name} definition changed, will be restarted`, { replaced: true });
      this.#start(container, current.attempt + 1, undefined);
      return;
    }
    if (this.#keepSize(container, current)) return;
    const failed = this.#input.health.get(current.id)?.failed;
    if (failed !== undefined) this.#endUnhealthy(container, current, failed);
  }

  /** Whether another instance takes the place of the container, as it cannot be resized while it runs. */
  #keepSize(container: V1Container, current: ObservedContainer): boolean {
    const { actuated, resizeAt, now } = this.#input;
    const needed = resizeOf(container, actuated?.get(current.id));
    if (needed === "nothing") return false;
    if (resizeAt !== undefined && resizeAt > now) {
      this.#resizeWaits = true;
      return false;
    }
    this.#resizes = true;
    if (needed === "update") {
      this.#steps.push({ kind: "resize-container", id: current.id, name: container.name });
      return false;
    }
    this.#stop(current, `Container ${container.name} resize requires restart`, { replaced: true });
    this.#start(container, current.attempt + 1, undefined);
    return true;
  }

  #endUnhealthy(container: V1Container, current: ObservedContainer, failed: "startup" | "liveness"): void {
    const { pod, observation, backoff, now } = this.#input;
    const message = `Container ${container.name} failed ${failed} probe`;
    const probe = failed === "startup" ? container.startupProbe : container.livenessProbe;
    const grace = probe?.terminationGracePeriodSeconds;
    if ((container.restartPolicy ?? pod.spec.restartPolicy) === "Never") {
      this.#stop(current, message, { grace });
      return;
    }
    this.#stop(current, `${message}, will be restarted`, { grace, replaced: true });
    // The restart before this one, not the end that is only now asked for, tells whether it has to wait.
    const before = observation.containers.find((item) => item.name === container.name && item.state === "exited");
    const max = this.#input.maxBackoffMs ?? MAX_DELAY_MS;
    const entry = backoff.get(container.name);
    if (before !== undefined && backoffUntil(entry, before.finishedAt, now, max) !== undefined) return;
    const raised = before === undefined ? entry : raiseBackoff(entry, before.finishedAt, now, max);
    this.#start(container, current.attempt + 1, raised);
  }

  /** Whether the restart policy wants another instance, or a first one. */
  #shouldRun(container: V1Container): boolean {
    const newest = this.#newest.get(container.name);
    if (newest === undefined || newest.state !== "exited") return true;
    return this.#input.replaced?.has(newest.id) === true || restarts(container, this.#input.pod, newest.exitCode);
  }

  #startOrWait(container: V1Container): void {
    const { backoff, waits, now, pod } = this.#input;
    const max = this.#input.maxBackoffMs ?? MAX_DELAY_MS;
    const held = waits.get(container.name);
    if (held !== undefined && held.until > now) {
      this.#waits.set(container.name, held);
      return;
    }
    const newest = this.#newest.get(container.name);
    if (newest === undefined) {
      this.#start(container, 0, undefined);
    } else if (newest.state === "created") {
      // Made but never started: an agent ended in between. It is made afresh, as its configuration may be out of date.
      this.#remove(newest);
      this.#start(container, newest.attempt, backoff.get(container.name));
    } else if (newest.state === "exited") {
      const entry = backoff.get(container.name);
      const until = backoffUntil(entry, newest.finishedAt, now, max);
      if (until === undefined) {
        this.#start(container, newest.attempt + 1, raiseBackoff(entry, newest.finishedAt, now, max));
      } else {
        const { name, namespace, uid } = pod.metadata;
        const delay = showDelay(Math.min(entry?.delayMs ?? 0, max));
        const message = `back-off ${delay} restarting failed container=${container.name} pod=${name}_${namespace}(${uid ?? ""})`;
        this.#waits.set(container.name, { reason: "CrashLoopBackOff", message, until });
      }
    } else {
      this.#stop(newest, `Container ${container.name} is in an unknown state, it is restarted`);
      this.#start(container, newest.attempt + 1, backoff.get(container.name));
    }
  }

  #start(container: V1Container, attempt: number, backoff: BackoffEntry | undefined): void {
    const role = roleOf(this.#input.pod, container.name);
    this.#steps.push({ kind: "start-container", name: container.name, role, attempt, backoff });
  }

  #stop(
    container: ObservedContainer,
    message: string,
    { grace: graceSeconds, replaced = false }: { grace?: number | undefined; replaced?: boolean } = {},
  ): void {
    if (this.#steps.some((step) => step.kind === "stop-container" && step.id === container.id)) return;
    this.#steps.push({
      kind: "stop-container",
      id: container.id,
      name: container.name,
      message,
      graceSeconds,
      replaced,
    });
  }

  #remove(container: ObservedContainer): void {
    if (this.#steps.some((step) => step.kind === "remove-container" && step.id === container.id)) return;
    const { id, name, attempt, logPath } = container;
    this.#steps.push({ kind: "remove-container", id, name, attempt, logPath });
  }

  /** The pod is over: what still runs of it ends, then its sandbox. */
  #finish(): void {
    const { observation, failure } = this.#input;
    const ids = observation.containers.filter(isAlive).map(({ id }) => id);
    const message = failure?.message ?? "The pod's main containers ended";
    const graceSeconds = failure?.graceSeconds;
    if (ids.length > 0) this.#steps.push({ kind: "stop-all", ids, message, graceSeconds });
    const [newest] = observation.sandboxes;
    if (newest?.ready === true) this.#steps.push({ kind: "stop-sandbox", id: newest.id });
  }

  /** Old instances, and sandboxes that hold nothing any more. */
  #collectGarbage(sandbox: ObservedSandbox | undefined): void {
    const { observation } = this.#input;
    const counts = new Map<string, number>();
    const replaced = new Set(this.#steps.filter((step) => step.kind === "start-container").map((step) => step.name));
    for (const container of observation.containers) {
      if (container.state !== "exited" && container.state !== "unknown") continue;
      const count = (counts.get(container.name) ?? 0) + 1;
      counts.set(container.name, count);
      if (count > KEPT_INSTANCES - (replaced.has(container.name) ? 1 : 0) && container.state === "exited")
        this.#remove(container);
    }
    const gone = new Set(this.#steps.filter((step) => step.kind === "remove-container").map((step) => step.id));
    const newest = observation.sandboxes[0];
    for (const old of observation.sandboxes) {
      if (old === sandbox || old === newest) continue;
      const held = observation.containers.some(
        (container) => container.sandboxId === old.id && !gone.has(container.id),
      );
      if (old.ready && !this.#steps.some((step) => step.kind === "stop-sandbox" && step.id === old.id)) {
        this.#steps.push({ kind: "stop-sandbox", id: old.id });
      }
      if (!held) this.#steps.push({ kind: "remove-sandbox", id: old.id });
    }
  }
}

/** As Go prints it: 40s, 1m20s, 5m0s. */
function showDelay(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function isAlive(container: ObservedContainer): boolean {
  return container.state === "running" || container.state === "unknown";
}

/** The newest sandbox if containers can run in it. */
export function usableSandbox(pod: DecodedPod, observation: Observation): ObservedSandbox | undefined {
  const newest = observation.sandboxes[0];
  if (newest === undefined || !newest.ready) return undefined;
  return newest.hostNetwork === (pod.spec.hostNetwork === true) ? newest : undefined;
}
