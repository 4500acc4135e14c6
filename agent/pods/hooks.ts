// Hooks of a container's life: postStart and preStop, by exec or sleep.

import type { V1LifecycleHandler } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { NodeletError } from "../base/errors.ts";
import type { Cri } from "../cri/runtime.ts";

/** How much of a failed hook's output an error shows. */
const OUTPUT_MAX = 256;

export interface HookContext {
  readonly cri: Cri;
  readonly clock: Clock;
  readonly containerId: string;
  /** Undefined: as long as it takes. */
  readonly limitMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Rejects when the hook fails or takes longer than its limit. */
export async function runHook(handler: V1LifecycleHandler, context: HookContext): Promise<void> {
  const { cri, clock, containerId, limitMs, signal } = context;
  if (handler.sleep !== undefined) {
    const wanted = handler.sleep.seconds * 1000;
    await clock.sleep(Math.min(wanted, limitMs ?? wanted), { signal });
    return;
  }
  if (handler.exec === undefined) {
    throw new NodeletError("unsupported", "Only exec and sleep are supported as hooks yet", { where: "lifecycle" });
  }
  const command = handler.exec.command ?? [];
  const timeout = limitMs === undefined ? 0n : BigInt(Math.max(1, Math.ceil(limitMs / 1000)));
  const result = await cri.execSync({ containerId, cmd: command, timeout }, { signal });
  const exitCode = result.exitCode ?? 0;
  if (exitCode === 0) return;
  const output = Buffer.concat([result.stdout ?? Buffer.alloc(0), result.stderr ?? Buffer.alloc(0)]);
  const text = output.toString("utf8").slice(0, OUTPUT_MAX).trim();
  throw new NodeletError(
    "invalid",
    `command '${command.join(" ")}' exited with ${exitCode}${text === "" ? "" : `: ${text}`}`,
  );
}
