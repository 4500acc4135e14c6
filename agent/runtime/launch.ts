// Runs a launch plan through a shim: start it, hand it the plan, commit, and learn how it went.

import { NodeletError } from "../base/errors.ts";
import type { Fd, StartingShim, System } from "../system/system.ts";
import { encodePlan, decodeResults } from "./plan/encode.ts";
import { errnoName } from "./errno.ts";
import { FrameType, type Frame } from "./plan/frames.ts";
import type { Plan, StepResult } from "./plan/operations.ts";
import { ShimConnection } from "./shim-client.ts";

/** A plan takes milliseconds; hooks have limits of their own below this one. */
const PLAN_TIMEOUT_MS = 120_000;

/** How long a shim may take to end after its last frame. */
const SHIM_END_TIMEOUT_MS = 10_000;

/** A shim at work, or on its way there: its process and the control connection. */
export interface Shim {
  readonly process: StartingShim;
  readonly connection: ShimConnection;
}

/** The plan failed in a step; `results` tells how far it came. */
export class PlanError extends NodeletError {
  readonly results: readonly StepResult[];
  readonly step: number;
  readonly errno: number;

  constructor(plan: Plan, failure: { step: number; errno: number; detail: string; results: readonly StepResult[] }) {
    const step = plan.steps[failure.step];
    const name = errnoName(failure.errno);
    const detail = failure.detail === "" ? "" : ` ${failure.detail}`;
    super(
      failure.errno === 28 /* ENOSPC */ || failure.errno === 12 /* ENOMEM */ ? "exhausted" : "internal",
      `${step?.op ?? "plan"}${detail}: ${name}`,
      { where: step?.cause, fix: "see `nodelet explain` for the steps before it" },
    );
    this.results = failure.results;
    this.step = failure.step;
    this.errno = failure.errno;
  }
}

/** Starts a shim; it waits for its plan. */
export function startShim(system: System, cgroupFd: Fd | undefined): Shim {
  const process = system.spawnShim({ cgroupFd });
  process.started.catch(() => undefined); // answerOf asks for it
  return { process, connection: ShimConnection.fromFd(process.control) };
}

export function sendPlan(shim: Shim, plan: Plan): void {
  shim.connection.send(FrameType.PLAN, encodePlan(plan));
}

/** Lets go of a shim: one whose plan is not committed undoes it and ends. */
export function endShim(system: System, shim: Shim): void {
  shim.connection.close();
  reapLater(system, shim.process);
}

/** As awaitFrame, of a shim that may still be starting: throws what kept it from that. */
export async function answerOf(shim: Shim, plan: Plan, wanted: FrameType, signal?: AbortSignal): Promise<Frame> {
  try {
    return await awaitFrame(shim.connection, plan, wanted, signal);
  } catch (error) {
    if (!(error instanceof PlanError)) await shim.process.started;
    throw error;
  }
}

/** Waits for one of the wanted frames; throws PlanError on FAILED, `unavailable` when the shim has ended. */
export async function awaitFrame(
  connection: ShimConnection,
  plan: Plan,
  wanted: FrameType,
  signal?: AbortSignal,
): Promise<Frame> {
  const timer = setTimeout(() => connection.close(), PLAN_TIMEOUT_MS);
  const giveUp = (): void => connection.close();
  signal?.addEventListener("abort", giveUp);
  try {
    signal?.throwIfAborted();
    for (;;) {
      const frame = await connection.next();
      if (frame === undefined) {
        signal?.throwIfAborted();
        throw new NodeletError("unavailable", "the shim ended before it answered", {
          fix: "look for its end in the kernel log (dmesg), then try again",
        });
      }
      if (frame.type === wanted) return frame;
      if (frame.type === FrameType.FAILED) throw new PlanError(plan, decodeFailure(frame.payload));
      if (frame.type === FrameType.ERROR) {
        throw new NodeletError("internal", `the shim refused the plan: ${Buffer.from(frame.payload).toString()}`);
      }
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

function decodeFailure(payload: Uint8Array): {
  step: number;
  errno: number;
  detail: string;
  results: readonly StepResult[];
} {
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const detailLength = view.readUInt32LE(8);
  return {
    step: view.readUInt16LE(0),
    errno: view.readInt32LE(4),
    detail: view.subarray(12, 12 + detailLength).toString(),
    results: decodeResults(payload.subarray(12 + detailLength)),
  };
}

/** Runs a plan that ends by itself (a sandbox): resolves with the pid of the actor that stayed, or 0. */
export async function runPlan(
  system: System,
  plan: Plan,
  options: { cgroupFd?: Fd | undefined; signal?: AbortSignal | undefined } = {},
): Promise<{ pid: number; results: readonly StepResult[] }> {
  const shim = startShim(system, options.cgroupFd);
  try {
    sendPlan(shim, plan);
    const frame = await answerOf(shim, plan, FrameType.FINISHED, options.signal);
    const view = Buffer.from(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength);
    return { pid: view.readUInt32LE(0), results: decodeResults(frame.payload.subarray(4)) };
  } finally {
    endShim(system, shim);
  }
}

/** Collects a shim that ends, our child, without waiting for it here. One that does not end is killed. */
export function reapLater(system: System, process: StartingShim): void {
  process.started.then(
    ({ pidfd }) => reap(system, pidfd).finally(() => system.close(pidfd)),
    () => undefined,
  );
}

async function reap(system: System, pidfd: Fd): Promise<void> {
  if (system.waitPidfd(pidfd) !== undefined) return;
  try {
    await system.pidfdExited(pidfd, { signal: AbortSignal.timeout(SHIM_END_TIMEOUT_MS) });
  } catch {
    system.pidfdSendSignal(pidfd, 9);
    await system.pidfdExited(pidfd);
  }
  system.waitPidfd(pidfd);
}
