// OCI hooks (config.md, POSIX-platform hooks) as steps. poststop is the daemon's, which outlives the container.

import type { OciHook, OciSpec } from "../oci/types.ts";
import type { PlanBuilder } from "./builder.ts";
import type { Actor } from "./operations.ts";

/** A hook that names no timeout must still end some day. */
const DEFAULT_TIMEOUT_MS = 60_000;

export interface HookState {
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
}

export type HookKind = "prestart" | "createRuntime" | "createContainer" | "startContainer" | "poststart";

export function hasHooks(spec: OciSpec, ...kinds: readonly HookKind[]): boolean {
  return kinds.some((kind) => (spec.hooks?.[kind] ?? []).length > 0);
}

export function addHooks(plan: PlanBuilder, actor: Actor, spec: OciSpec, kind: HookKind, of: HookState): void {
  const status = kind === "poststart" ? "running" : kind === "startContainer" ? "created" : "creating";
  for (const [index, hook] of (spec.hooks?.[kind] ?? []).entries()) {
    plan.add(
      actor,
      "hook",
      {
        path: hook.path,
        argv: hook.args ?? [hook.path],
        env: hook.env ?? [],
        timeout: timeoutOf(hook),
        state: Buffer.from(stateJson(spec, status, of)),
      },
      `hooks.${kind}[${index}]`,
    );
  }
}

function timeoutOf({ timeout }: OciHook): number {
  return timeout === undefined || timeout <= 0 ? DEFAULT_TIMEOUT_MS : timeout * 1000;
}

/** The container's state (runtime.md); the pid is known only when the plan runs. */
function stateJson(spec: OciSpec, status: string, { id, bundle }: HookState): string {
  const text = JSON.stringify({
    ociVersion: spec.ociVersion,
    id,
    status,
    pid: "@PID@",
    bundle,
    annotations: spec.annotations ?? {},
  });
  return text.replace('"pid":"@PID@"', '"pid":@PID@');
}
