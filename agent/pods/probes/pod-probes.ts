// The probes of one pod's running containers, and what they have found.
//
//   startup ──passed──► liveness, readiness side by side      startup or liveness failed: probing rests until the container is
//      │                                                      another one
//      └─────failed──► rest
//
// Each container instance has its own run, which ends with it.

import type { V1Container, V1Probe } from "@kubernetes/client-node";

import type { Clock } from "../../base/clock.ts";
import type { SteadyTime } from "../../base/steady-time.ts";
import { describeError } from "../../base/errors.ts";
import { secondsBetween } from "../../base/meters.ts";
import type { Cri } from "../../cri/runtime.ts";
import type { ObservedContainer } from "../observation.ts";
import { attemptProbe } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";

export type ProbeKind = "startup" | "liveness" | "readiness";

/** What is known of a running container. */
export interface ContainerHealth {
  /** Its startup probe passed, or it has none. */
  readonly started: boolean;
  /** Its readiness probe passed, or it has none. Only once it is started. */
  readonly ready: boolean;
  /** The probe that failed for good: the container is to be ended. */
  readonly failed: "startup" | "liveness" | undefined;
}

export interface PodProbesOptions {
  readonly cri: Cri;
  readonly clock: Clock;
  readonly steady: SteadyTime;
  /** A probe failed, or could not be made. */
  readonly event: (event: {
    readonly reason: "Unhealthy" | "ProbeWarning";
    readonly message: string;
    readonly container: string;
  }) => void;
  readonly attempted: (kind: ProbeKind, container: string, attempt: Attempt, seconds: number) => void;
  /** Health changed. */
  readonly wake: () => void;
  /** As an earlier run of the agent knew it, by container id. */
  readonly remembered: ReadonlyMap<string, ContainerHealth>;
}

interface Run {
  health: ContainerHealth;
  /** Of everything. */
  readonly all: AbortController;
  /** Of startup and liveness, which end before a container that is being ended. */
  readonly vital: AbortController;
}

export interface ProbedContainer {
  readonly container: V1Container;
  readonly observed: ObservedContainer;
}

export const PROBE_NAMES: Readonly<Record<ProbeKind, string>> = {
  startup: "Startup",
  liveness: "Liveness",
  readiness: "Readiness",
};

export class PodProbes implements Disposable {
  readonly #options: PodProbesOptions;
  readonly #runs = new Map<string, Run>();

  constructor(options: PodProbesOptions) {
    this.#options = options;
  }

  /** Begins the runs of containers that are new and ends those of containers that are gone. `ending`: the pod is being ended. */
  sync(running: readonly ProbedContainer[], podIp: string, ending: boolean): void {
    const ids = new Set(running.map(({ observed }) => observed.id));
    for (const [id, run] of this.#runs) {
      if (!ids.has(id)) {
        run.all.abort(ENDED);
        run.vital.abort(ENDED);
        this.#runs.delete(id);
      } else if (ending) run.vital.abort(ENDED);
    }
    for (const { container, observed } of running) {
      if (this.#runs.has(observed.id)) continue;
      const { startupProbe, readinessProbe } = container;
      const run: Run = {
        health: this.#options.remembered.get(observed.id) ?? {
          started: startupProbe === undefined,
          ready: startupProbe === undefined && readinessProbe === undefined,
          failed: undefined,
        },
        all: new AbortController(),
        vital: new AbortController(),
      };
      this.#runs.set(observed.id, run);
      if (ending) run.vital.abort(ENDED);
      this.#follow(container, observed, podIp, run);
    }
  }

  /** By container id. */
  get health(): ReadonlyMap<string, ContainerHealth> {
    return new Map([...this.#runs].map(([id, { health }]) => [id, health]));
  }

  [Symbol.dispose](): void {
    for (const run of this.#runs.values()) {
      run.all.abort(ENDED);
      run.vital.abort(ENDED);
    }
    this.#runs.clear();
  }

  #follow(container: V1Container, observed: ObservedContainer, podIp: string, run: Run): void {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    const probing = { container, observed, podIp, run };
    const afterStart = (): void => {
      if (livenessProbe !== undefined) {
        this.#start("liveness", livenessProbe, probing, run.vital.signal, (passed) => {
          if (passed) return false;
          this.#set(run, { failed: "liveness" });
          return true;
        });
      }
      if (readinessProbe !== undefined) {
        this.#start("readiness", readinessProbe, probing, run.all.signal, (passed) => {
          this.#set(run, { ready: passed });
          return false;
        });
      }
    };
    if (run.health.failed !== undefined) return;
    if (startupProbe === undefined || run.health.started) {
      afterStart();
      return;
    }
    this.#start("startup", startupProbe, probing, run.vital.signal, (passed) => {
      if (passed) {
        this.#set(run, { started: true, ready: readinessProbe === undefined });
        afterStart();
      } else {
        this.#set(run, { failed: "startup" });
      }
      return true;
    });
  }

  #set(run: Run, change: Partial<ContainerHealth>): void {
    const health = { ...run.health, ...change };
    if (JSON.stringify(health) === JSON.stringify(run.health)) return;
    run.health = health;
    this.#options.wake();
  }

  #start(
    kind: ProbeKind,
    probe: V1Probe,
    probing: Probing,
    signal: AbortSignal,
    decide: (passed: boolean) => boolean,
  ): void {
    this.#loop(kind, probe, probing, signal, decide).catch((error: unknown) => {
      if (!signal.aborted) this.#unhealthy(kind, probing.container.name, `probe errored: ${describeError(error)}`);
    });
  }

  /** Attempts until `decide` has had enough. */
  async #loop(
    kind: ProbeKind,
    probe: V1Probe,
    { container, observed, podIp }: Probing,
    signal: AbortSignal,
    decide: (passed: boolean) => boolean,
  ): Promise<void> {
    const { cri, clock, steady } = this.#options;
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    const firstAt = observed.startedAt + (probe.initialDelaySeconds ?? 0) * 1000;
    const delayMs = firstAt - steady.now();
    if (delayMs > 0) await clock.sleep(delayMs, { signal });
    let counted: Counted | undefined;
    for (;;) {
      const begun = steady.now();
      const from = clock.monotonic();
      const attempt = await attemptProbe(probe, { cri, containerId: observed.id, container, podIp, signal });
      signal.throwIfAborted();
      this.#options.attempted(kind, container.name, attempt, secondsBetween(from, clock.monotonic()));
      this.#tell(kind, container.name, attempt);
      counted = countAttempt(counted, attempt);
      const passed = verdict(counted, probe);
      if (passed !== undefined && decide(passed)) return;
      await clock.sleep(Math.max(0, periodMs - (steady.now() - begun)), { signal });
    }
  }

  #tell(kind: ProbeKind, container: string, { outcome, output }: Attempt): void {
    if (outcome === "failure") this.#unhealthy(kind, container, `probe failed: ${output}`);
    if (outcome === "unknown")
      this.#unhealthy(kind, container, `probe errored and resulted in unknown state: ${output}`);
    if (outcome === "warning") {
      const message = `${PROBE_NAMES[kind]} probe warning: ${output}`;
      this.#options.event({ reason: "ProbeWarning", message, container });
    }
  }

  #unhealthy(kind: ProbeKind, container: string, text: string): void {
    this.#options.event({ reason: "Unhealthy", message: `${PROBE_NAMES[kind]} ${text}`, container });
  }
}

interface Probing {
  readonly container: V1Container;
  readonly observed: ObservedContainer;
  readonly podIp: string;
  readonly run: Run;
}

const ENDED = new Error("the container ended");

/** How many attempts in a row came to the same. */
export interface Counted {
  readonly passed: boolean;
  readonly times: number;
}

export function countAttempt(before: Counted | undefined, { outcome }: Attempt): Counted | undefined {
  if (outcome === "unknown") return before;
  const passed = outcome !== "failure";
  return { passed, times: before?.passed === passed ? before.times + 1 : 1 };
}

/** Whether the thresholds make it a pass or a failure; undefined: not yet. */
export function verdict(counted: Counted | undefined, probe: V1Probe): boolean | undefined {
  if (counted === undefined) return undefined;
  const needed = counted.passed ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return counted.times >= needed ? counted.passed : undefined;
}
