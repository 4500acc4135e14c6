// Hooks of a container's life: postStart and preStop, by exec, httpGet or sleep.

import type { V1Container, V1LifecycleHandler } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { describeError, NodeletError } from "../base/errors.ts";
import { unlessAborted, withTimeout } from "../base/limits.ts";
import type { Cri } from "../cri/runtime.ts";
import { httpGet } from "./probes/http-get.ts";
import { httpTarget, showUrl } from "./probes/target.ts";

/** How much of a failed hook's output an error shows. */
const OUTPUT_MAX = 256;
/** A hook that may take as long as it wants is not asked over the network for longer. */
const HTTP_LIMIT_MS = 600_000;

export interface HookContext {
  readonly cri: Cri;
  readonly clock: Clock;
  readonly containerId: string;
  /** Names the ports. */
  readonly container: V1Container;
  readonly podIp: string;
  /** Undefined: as long as it takes. */
  readonly limitMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Rejects when the hook fails or takes longer than its limit. As for kubelet, any answer to an httpGet is a success. */
export async function runHook(handler: V1LifecycleHandler, context: HookContext): Promise<void> {
  const { clock, limitMs, signal } = context;
  if (handler.sleep !== undefined) {
    const wanted = handler.sleep.seconds * 1000;
    await clock.sleep(Math.min(wanted, limitMs ?? wanted), { signal });
  } else if (handler.exec !== undefined) {
    await runExec(handler.exec.command ?? [], context);
  } else if (handler.httpGet !== undefined) {
    const target = httpTarget(handler.httpGet, context.container, context.podIp);
    const milliseconds = Math.min(limitMs ?? HTTP_LIMIT_MS, HTTP_LIMIT_MS);
    try {
      await withTimeout({ milliseconds, what: "the hook", signal }, (inner) => httpGet(target, inner));
    } catch (error) {
      if (signal.aborted) throw error;
      throw new NodeletError("unavailable", `Get "${showUrl(target)}": ${describeError(error)}`);
    }
  } else {
    throw new NodeletError("unsupported", "invalid handler: a hook is exec, httpGet or sleep", { where: "lifecycle" });
  }
}

async function runExec(command: readonly string[], { cri, containerId, limitMs, signal }: HookContext): Promise<void> {
  // As with kubelet, a hook that takes longer than its limit is not waited for, and goes on until its container ends.
  const running = cri.execSync({ containerId, cmd: [...command], timeout: 0n }, { signal });
  const result = await (limitMs === undefined
    ? running
    : withTimeout({ milliseconds: limitMs, what: "the hook", signal }, (inner) => unlessAborted(running, inner)));
  const exitCode = result.exitCode ?? 0;
  if (exitCode === 0) return;
  const output = Buffer.concat([result.stdout ?? Buffer.alloc(0), result.stderr ?? Buffer.alloc(0)]);
  const text = output.toString("utf8").slice(0, OUTPUT_MAX).trim();
  throw new NodeletError(
    "invalid",
    `command '${command.join(" ")}' exited with ${exitCode}${text === "" ? "" : `: ${text}`}`,
  );
}
