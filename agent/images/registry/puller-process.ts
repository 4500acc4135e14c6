/** The daemon's side of the puller process: started when there is something to pull, ended soon after the last. */
import type { ChildProcess } from "node:child_process";

import { entryPath } from "../../base/entry.ts";
import { NodeletError } from "../../base/errors.ts";
import { type HelperEnd, startHelper } from "../../base/helper.ts";
import { fromWire } from "../unpacker-protocol.ts";
import type { FromPuller, PullerRequest, PullerResult, PullerSettings, ToPuller } from "./puller-protocol.ts";

/** Tokens and connections are kept for so long. */
const IDLE_MS = 3000;
/** Bounds what a registry can make the process hold. */
const MAX_HEAP_MB = 512;
/** A process that does not end what it was told to end is not waited for any longer. */
const ABORT_LIMIT_MS = 10_000;

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes downloaded so far. */
  readonly progress?: ((bytes: number) => void) | undefined;
}

interface Job {
  readonly request: PullerRequest;
  /** The process that has it. */
  process: Running;
  /** A process that it was for hung at its start. */
  retried: boolean;
  readonly options: RunOptions;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Running {
  /** It has said hello: it gets its jobs. */
  started: boolean;
  readonly child: ChildProcess;
  readonly jobs: Map<number, Job>;
  idle: NodeJS.Timeout | undefined;
}

export interface PullerProcessOptions {
  /** Another program, for tests. */
  readonly entry?: string | undefined;
  /** @default 30000 */
  readonly helloLimitMs?: number | undefined;
}

export class PullerProcess {
  readonly #settings: PullerSettings;
  readonly #options: PullerProcessOptions;
  #running: Running | undefined;
  /** With those that are about to end. */
  readonly #all = new Set<Running>();
  #nextId = 1;
  #closed = false;

  constructor(settings: PullerSettings, options: PullerProcessOptions = {}) {
    this.#settings = settings;
    this.#options = options;
  }

  /** Process ids, for tests and for showing. */
  get pids(): number[] {
    return [...this.#all].flatMap(({ child }) => child.pid ?? []);
  }

  async run<Op extends keyof PullerResult>(
    request: Extract<PullerRequest, { op: Op }>,
    options: RunOptions = {},
  ): Promise<PullerResult[Op]> {
    const { signal } = options;
    if (this.#closed) throw new NodeletError("unavailable", "The image store is closed");
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const job: Job = {
      request,
      process: this.#running ?? this.#start(),
      retried: false,
      options,
      resolve,
      reject,
    };
    this.#give(id, job);
    let late: NodeJS.Timeout | undefined;
    const abort = (): void => {
      const { child, started, jobs } = job.process;
      if (!started) {
        jobs.delete(id);
        reject(signal?.reason);
        return;
      }
      send(child, { kind: "abort", id });
      // Settled when the process has let go of the file, or cannot be made to.
      late = setTimeout(() => child.kill("SIGKILL"), ABORT_LIMIT_MS);
    };
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return (await promise) as PullerResult[Op];
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(late);
      signal?.removeEventListener("abort", abort);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const exits = [...this.#all].map(({ child }) => {
      const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.ref();
      child.kill("SIGKILL");
      return exit;
    });
    await Promise.all(exits);
  }

  #give(id: number, job: Job): void {
    job.process.jobs.set(id, job);
    this.#setBusy(job.process);
    if (job.process.started) send(job.process.child, { kind: "start", id, request: job.request });
  }

  #hello(running: Running): void {
    running.started = true;
    send(running.child, { kind: "settings", settings: this.#settings });
    for (const [id, { request }] of running.jobs) send(running.child, { kind: "start", id, request });
    if (running.jobs.size === 0) this.#setIdle(running);
  }

  #start(): Running {
    const child = startHelper({
      name: "puller",
      entry: this.#options.entry ?? entryPath("puller"),
      nodeOptions: [`--max-old-space-size=${MAX_HEAP_MB}`],
      helloLimitMs: this.#options.helloLimitMs,
      onHello: () => this.#hello(running),
      onMessage: (message) => this.#reply(running, message as FromPuller),
      onGone: (end) => this.#gone(running, end),
    });
    const running: Running = { started: false, child, jobs: new Map(), idle: undefined };
    this.#running = running;
    this.#all.add(running);
    return running;
  }

  #reply(running: Running, message: FromPuller): void {
    const job = running.jobs.get(message.id);
    if (job === undefined) return;
    if (message.kind === "progress") {
      job.options.progress?.(message.bytes);
      return;
    }
    running.jobs.delete(message.id);
    if (message.kind === "result") job.resolve(message.result);
    else job.reject(fromWire(message.error));
    if (running.jobs.size === 0) this.#setIdle(running);
  }

  #setBusy(running: Running): void {
    clearTimeout(running.idle);
    running.child.ref();
    running.child.channel?.ref();
  }

  /** An idle process keeps nobody waiting. */
  #setIdle(running: Running): void {
    running.child.unref();
    running.child.channel?.unref();
    (running.child.stderr as { unref?: () => void } | null)?.unref?.();
    running.idle = setTimeout(() => {
      if (this.#running === running) this.#running = undefined;
      if (running.child.connected) running.child.disconnect();
    }, IDLE_MS);
    running.idle.unref();
  }

  #gone(running: Running, { hung, error }: HelperEnd): void {
    this.#all.delete(running);
    if (this.#running === running) this.#running = undefined;
    clearTimeout(running.idle);
    for (const [id, job] of running.jobs) {
      if (hung && !job.retried && !this.#closed && job.options.signal?.aborted !== true) this.#giveAgain(id, job);
      else job.reject(error);
    }
    running.jobs.clear();
  }

  #giveAgain(id: number, job: Job): void {
    try {
      job.retried = true;
      job.process = this.#running ?? this.#start();
      this.#give(id, job);
    } catch (error) {
      job.reject(error);
    }
  }
}

function send(child: ChildProcess, message: ToPuller): void {
  // A process that is gone says so by its exit.
  child.send(message, () => undefined);
}
