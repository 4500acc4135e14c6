// Exec and attach: sessions with the shim of a running container.

import { isErrno, NodeletError } from "../base/errors.ts";
import type { ExecSyncResponse, StreamSession } from "../cri/runtime.ts";
import type { Containers } from "./containers.ts";
import type { RuntimeContext } from "./context.ts";
import { errnoName, execErrorText } from "./errno.ts";
import { awaitFrame, PlanError } from "./launch.ts";
import { compileExecPlan } from "./plan/exec-plan.ts";
import { encodePlan } from "./plan/encode.ts";
import { FrameType } from "./plan/frames.ts";
import type { Plan } from "./plan/operations.ts";
import { seccompFilterOf } from "./seccomp-filter.ts";
import { openSession } from "./session.ts";
import { ShimConnection } from "./shim-client.ts";
import { SIGKILL } from "./signals.ts";

/** What ExecSync keeps of each stream; the rest is read and dropped. */
const EXEC_SYNC_BYTES_MAX = 16 * 1024 * 1024;

/** After a timed-out command is killed its output is awaited no longer than this. */
const KILL_DRAIN_MS = 2_000;

/** The command's process, or the one that it joins, was killed before it ran. */
const ESRCH = 3;

export interface ExecOptions {
  readonly cmd: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export class Execs {
  readonly #ctx: RuntimeContext;
  readonly #containers: Containers;

  constructor(ctx: RuntimeContext, containers: Containers) {
    this.#ctx = ctx;
    this.#containers = containers;
  }

  async open(
    containerId: string,
    options: ExecOptions,
    signal: AbortSignal | undefined,
  ): Promise<StreamSession & { readonly kill: () => void }> {
    const record = this.#containers.requireRunning(containerId);
    if (options.cmd.length === 0)
      throw new NodeletError("invalid", "the command is empty", { fix: "name a program to run" });
    if (options.cmd.some((word) => word.includes("\0"))) throw new NodeletError("invalid", "an argument holds NUL");
    const spec = this.#containers.readSpec(containerId);
    const plan = compileExecPlan({
      initPid: record.pid,
      spec,
      argv: options.cmd,
      tty: options.tty,
      stdin: options.stdin,
      stdout: options.stdout,
      stderr: options.stderr,
      cgroupDir: this.#ctx.cgroups.directory(record.cgroup),
      seccompFilter: seccompFilterOf(this.#ctx.system, spec),
    });
    const connection = await this.#connect(containerId);
    connection.send(FrameType.EXEC, encodePlan(plan));
    let pid: number;
    try {
      const started = await awaitFrame(connection, plan, FrameType.STARTED, signal);
      pid = Buffer.from(started.payload).readUInt32LE(0);
    } catch (error) {
      connection.close();
      if (!(error instanceof PlanError)) throw error;
      if (error.errno === ESRCH || !this.#containers.isRunning(containerId)) {
        throw new NodeletError("conflict", `container ${containerId} ended while the command was being started`, {
          cause: error,
        });
      }
      throw execFailure(plan, error, options.cmd[0] ?? "");
    }
    const session = openSession(connection, {
      stdin: options.stdin,
      stdout: options.stdout,
      stderr: options.stderr && !options.tty,
    });
    return {
      ...session,
      kill() {
        const payload = Buffer.alloc(12);
        payload.writeUInt32LE(pid, 0);
        payload.writeInt32LE(SIGKILL, 4);
        payload.writeUInt32LE(1, 8);
        connection.send(FrameType.SIGNAL, payload);
      },
    };
  }

  async sync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
    signal: AbortSignal | undefined,
  ): Promise<ExecSyncResponse> {
    const session = await this.open(containerId, { cmd, tty: false, stdin: false, stdout: true, stderr: true }, signal);
    const stdout = collect(session.stdout);
    const stderr = collect(session.stderr);
    let timedOut = false;
    let drain: NodeJS.Timeout | undefined;
    const giveUp = (): void => {
      session.kill();
      drain = setTimeout(() => session.close(), KILL_DRAIN_MS);
    };
    const timer =
      timeoutSeconds > 0
        ? setTimeout(() => {
            timedOut = true;
            giveUp();
          }, timeoutSeconds * 1000)
        : undefined;
    signal?.addEventListener("abort", giveUp);
    try {
      const { exitCode } = await session.exited.catch((error: unknown) => {
        if (timedOut) return { exitCode: -1 };
        throw error;
      });
      signal?.throwIfAborted();
      if (timedOut) {
        throw new NodeletError(
          "timeout",
          `the command ${JSON.stringify(cmd[0])} did not end within ${timeoutSeconds} s and was killed`,
        );
      }
      return { stdout: Buffer.concat(await stdout), stderr: Buffer.concat(await stderr), exitCode };
    } finally {
      clearTimeout(timer);
      clearTimeout(drain);
      signal?.removeEventListener("abort", giveUp);
      session.close();
    }
  }

  async attach(
    containerId: string,
    streams: { stdin: boolean; stdout: boolean; stderr: boolean },
  ): Promise<StreamSession> {
    const record = this.#containers.requireRunning(containerId);
    if (streams.stdin && record.config.stdin !== true) {
      throw new NodeletError("conflict", `container ${containerId} has no stdin`, {
        fix: "set stdin: true in the container's specification",
      });
    }
    const connection = await this.#connect(containerId);
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE((streams.stdin ? 1 : 0) | (streams.stdout ? 2 : 0) | (streams.stderr ? 4 : 0), 0);
    connection.send(FrameType.ATTACH, payload);
    const answer = await connection.answer();
    if (answer?.type !== FrameType.DONE) {
      connection.close();
      throw new NodeletError("unavailable", `container ${containerId} cannot be attached to: it has just ended`);
    }
    return openSession(connection, streams);
  }

  /** Makes the shim open its log file anew, after a rotation. */
  async reopenLog(containerId: string): Promise<void> {
    this.#containers.requireRunning(containerId);
    const connection = await this.#connect(containerId);
    try {
      connection.send(FrameType.REOPEN_LOG);
      const answer = await connection.answer();
      const errno = answer?.type === FrameType.DONE ? Buffer.from(answer.payload).readInt32LE(0) : undefined;
      if (errno === undefined) throw new NodeletError("unavailable", `container ${containerId} has just ended`);
      if (errno !== 0)
        throw new NodeletError("internal", `the log of container ${containerId} cannot be opened: ${errnoName(errno)}`);
    } finally {
      connection.close();
    }
  }

  /** A connection past its HELLO. */
  async #connect(containerId: string): Promise<ShimConnection> {
    const ended = (cause?: unknown): NodeletError =>
      new NodeletError("unavailable", `container ${containerId} has just ended`, { cause });
    let connection: ShimConnection;
    try {
      connection = await ShimConnection.connect(this.#containers.files(containerId).socket);
    } catch (error) {
      throw isErrno(error, "ENOENT", "ECONNREFUSED", "ECONNRESET") ? ended(error) : error;
    }
    const hello = await connection.answer();
    if (hello?.type === FrameType.HELLO) return connection;
    connection.close();
    throw ended();
  }
}

function execFailure(plan: Plan, error: PlanError, program: string): NodeletError {
  const step = plan.steps[error.step];
  if (step?.op === "exec") {
    return new NodeletError(
      error.errno === 2 ? "not-found" : "denied",
      `cannot run ${JSON.stringify(program)} in the container: ${execErrorText(program, error.errno)}`,
      {
        cause: error.cause,
        fix: error.errno === 2 ? "name a program that the image has" : undefined,
      },
    );
  }
  return error;
}

async function collect(stream: AsyncIterable<Buffer> | undefined): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    const room = EXEC_SYNC_BYTES_MAX - size;
    if (room <= 0) continue;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    size += Math.min(chunk.length, room);
  }
  return chunks;
}
