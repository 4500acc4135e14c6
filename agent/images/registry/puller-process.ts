/** The daemon's side of the puller process: started when there is something to pull, ended soon after the last. */
import { type ChildProcess, fork } from "node:child_process";

import { withStreams } from "../../base/child.ts";
import { entryPath } from "../../base/entry.ts";
import { NodeletError } from "../../base/errors.ts";
import { fromWire } from "../unpacker-protocol.ts";
import type { FromPuller, PullerRequest, PullerResult, PullerSettings, ToPuller } from "./puller-protocol.ts";

/** Tokens and connections are kept for so long. */
const IDLE_MS = 3000;
/** Bounds what a registry can make the process hold. */
const MAX_HEAP_MB = 512;
const MAX_STDERR = 4096;
/** A process that does not end what it was told to end is not waited for any longer. */
const ABORT_LIMIT_MS = 10_000;

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes downloaded so far. */
  readonly progress?: ((bytes: number) => void) | undefined;
}

interface Job {
  readonly options: RunOptions;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Running {
  readonly child: ChildProcess;
  readonly jobs: Map<number, Job>;
  stderr: string;
  idle: NodeJS.Timeout | undefined;
}

export class PullerProcess {
  readonly #settings: PullerSettings;
  #running: Running | undefined;
  /** With those that are about to end. */
  readonly #all = new Set<Running>();
  #nextId = 1;
  #closed = false;

  constructor(settings: PullerSettings) {
    this.#settings = settings;
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
    const running = this.#running ?? this.#start();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    running.jobs.set(id, { options, resolve, reject });
    this.#setBusy(running);
    let late: NodeJS.Timeout | undefined;
    const abort = (): void => {
      send(running.child, { kind: "abort", id });
      // Settled when the process has let go of the file, or cannot be made to.
      late = setTimeout(() => running.child.kill("SIGKILL"), ABORT_LIMIT_MS);
    };
    signal?.addEventListener("abort", abort, { once: true });
    send(running.child, { kind: "start", id, request });
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

  #start(): Running {
    const child = withStreams(
      fork(entryPath("puller"), [], {
        execPath: process.execPath,
        execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`],
        serialization: "advanced",
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        cwd: "/",
      }),
      "the puller",
    );
    const running: Running = { child, jobs: new Map(), stderr: "", idle: undefined };
    this.#running = running;
    this.#all.add(running);
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => {
      running.stderr = (running.stderr + text).slice(-MAX_STDERR);
    });
    child.on("message", (message) => this.#reply(running, message as FromPuller));
    child.on("error", (error) => this.#gone(running, error.message));
    child.on("exit", (code, signal) => this.#gone(running, signal ?? `exit code ${code}`));
    send(child, { kind: "settings", settings: this.#settings });
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

  #gone(running: Running, how: string): void {
    this.#all.delete(running);
    if (this.#running === running) this.#running = undefined;
    clearTimeout(running.idle);
    const words = running.stderr.trim();
    for (const job of running.jobs.values()) {
      job.reject(
        new NodeletError("unavailable", `The puller process ended in the middle of its work (${how})`, {
          cause: words === "" ? undefined : new Error(words),
          fix: "Pull the image again",
        }),
      );
    }
    running.jobs.clear();
  }
}

function send(child: ChildProcess, message: ToPuller): void {
  // A process that is gone says so by its exit.
  child.send(message, () => undefined);
}
