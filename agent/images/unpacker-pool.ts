/**
 * Unpacker processes, started when there is work and ended soon after the last: their memory goes with them, and one that
 * hangs in the kernel or dies takes nothing with it. Each does one request at a time.
 */
import type { ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { entryPath } from "../base/entry.ts";
import { NodeletError } from "../base/errors.ts";
import { type HelperEnd, startHelper } from "../base/helper.ts";
import { fromWire, type ResultOf, type UnpackerReply, type UnpackerRequest } from "./unpacker-protocol.ts";

/** A process without work waits this long for more: the layers of a pull come one after another. */
const IDLE_MS = 1500;
/** More do not help: the disk and the memory's bandwidth are shared. */
const MAX_PROCESSES = 8;
/** Bounds what a hostile layer can make the process hold: names of directories, PAX headers. */
const MAX_HEAP_MB = 1024;

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the source read so far. */
  readonly progress?: ((bytes: number) => void) | undefined;
}

interface Job {
  /** The process has the request. */
  begun: boolean;
  /** A process that it was for hung at its start. */
  retried: boolean;
  readonly request: UnpackerRequest;
  readonly options: RunOptions;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Unpacker {
  readonly child: ChildProcess;
  /** It has done a job before. */
  proven: boolean;
  job: Job | undefined;
  readonly gone: PromiseWithResolvers<void>;
  idle: NodeJS.Timeout | undefined;
}

export interface UnpackerPoolOptions {
  /** @default as many as there are processors, 8 at most */
  readonly processes?: number | undefined;
  /** Another program, for tests. */
  readonly entry?: string | undefined;
  /** @default 30000 */
  readonly helloLimitMs?: number | undefined;
}

export class UnpackerPool {
  readonly #options: UnpackerPoolOptions;
  readonly #limit: number;
  readonly #unpackers = new Set<Unpacker>();
  readonly #waiting: Job[] = [];
  #closed = false;

  constructor(options: UnpackerPoolOptions = {}) {
    this.#options = options;
    this.#limit = options.processes ?? Math.min(availableParallelism(), MAX_PROCESSES);
  }

  /** Process ids of the unpackers, for tests and for showing. */
  get pids(): number[] {
    return [...this.#unpackers].flatMap((unpacker) => unpacker.child.pid ?? []);
  }

  run<Op extends keyof ResultOf>(
    request: Extract<UnpackerRequest, { op: Op }>,
    options: RunOptions = {},
  ): Promise<ResultOf[Op]> {
    const { signal } = options;
    if (this.#closed) return Promise.reject(new NodeletError("unavailable", "The image store is closed"));
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const abort = (): void => this.#abort(job);
    const done = (): void => signal?.removeEventListener("abort", abort);
    const job: Job = {
      begun: false,
      retried: false,
      request,
      options,
      resolve: (result) => {
        done();
        resolve(result);
      },
      reject: (error) => {
        done();
        reject(error);
      },
    };
    signal?.addEventListener("abort", abort, { once: true });
    // Short requests finish layers that are unpacked already.
    if (request.op === "unpack") this.#waiting.push(job);
    else this.#waiting.unshift(job);
    this.#next();
    return promise as Promise<ResultOf[Op]>;
  }

  /** Ends all processes; what they were doing fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) {
      job.reject(new NodeletError("unavailable", "The image store was closed meanwhile"));
    }
    const gone = [...this.#unpackers].map((unpacker) => {
      unpacker.child.ref();
      unpacker.child.channel?.ref();
      unpacker.child.kill("SIGKILL");
      return unpacker.gone.promise;
    });
    await Promise.all(gone);
  }

  #abort(job: Job): void {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      job.reject(job.options.signal?.reason);
      return;
    }
    for (const unpacker of this.#unpackers) {
      // The promise is settled on its exit, so that nobody removes a directory that is still being written.
      if (unpacker.job === job) unpacker.child.kill("SIGKILL");
    }
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      let unpacker = [...this.#unpackers].find((item) => item.job === undefined && item.child.connected);
      if (unpacker === undefined) {
        if (this.#unpackers.size >= this.#limit) {
          // A place comes free with the end of one that is leaving: somebody waits for that now.
          for (const item of this.#unpackers) if (item.job === undefined) item.child.ref();
          return;
        }
        try {
          unpacker = this.#start();
        } catch (error) {
          this.#waiting.shift()?.reject(error);
          continue;
        }
      }
      const job = this.#waiting.shift();
      if (job === undefined) return;
      unpacker.job = job;
      clearTimeout(unpacker.idle);
      unpacker.child.ref();
      unpacker.child.channel?.ref();
      unpacker.child.send(job.request, () => undefined);
    }
  }

  #start(): Unpacker {
    const child = startHelper({
      name: "unpacker",
      entry: this.#options.entry ?? entryPath("unpacker"),
      nodeOptions: [`--max-old-space-size=${MAX_HEAP_MB}`, "--max-semi-space-size=1"],
      helloLimitMs: this.#options.helloLimitMs,
      onMessage: (message) => this.#reply(unpacker, message as UnpackerReply),
      onGone: (end) => this.#gone(unpacker, end),
    });
    const unpacker: Unpacker = {
      child,
      proven: false,
      job: undefined,
      gone: Promise.withResolvers(),
      idle: undefined,
    };
    this.#unpackers.add(unpacker);
    return unpacker;
  }

  #reply(unpacker: Unpacker, reply: UnpackerReply): void {
    const job = unpacker.job;
    if (job === undefined) return;
    if (reply.kind === "begun") {
      job.begun = true;
      return;
    }
    if (reply.kind === "progress") {
      job.options.progress?.(reply.bytes);
      return;
    }
    unpacker.job = undefined;
    unpacker.proven = true;
    // An idle process keeps nobody waiting.
    unpacker.child.unref();
    unpacker.child.channel?.unref();
    const stderr = unpacker.child.stderr as { unref?: () => void } | null;
    stderr?.unref?.();
    unpacker.idle = setTimeout(() => unpacker.child.disconnect(), IDLE_MS);
    unpacker.idle.unref();
    if (reply.kind === "result") job.resolve(reply.result);
    else job.reject(fromWire(reply.error));
    this.#next();
  }

  #gone(unpacker: Unpacker, { hung, error }: HelperEnd): void {
    this.#unpackers.delete(unpacker);
    unpacker.gone.resolve();
    clearTimeout(unpacker.idle);
    const job = unpacker.job;
    unpacker.job = undefined;
    if (job !== undefined) {
      const { signal } = job.options;
      // It was dead already, or dying, when it was given the job.
      const lost = unpacker.proven && !job.begun;
      const again = !this.#closed && (lost || (hung && !job.retried));
      if (signal?.aborted === true) job.reject(signal.reason);
      else if (again) {
        job.retried ||= hung;
        this.#waiting.unshift(job);
      } else job.reject(error);
    }
    if (!this.#closed) this.#next();
  }
}
