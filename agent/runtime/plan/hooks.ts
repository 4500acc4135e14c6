// OCI hooks (config.md, POSIX-platform hooks) as steps. poststop has a plan of its own, as the container's is over by then.

import type { OciHook, OciSpec } from "../oci/types.ts";
import { PlanBuilder } from "./builder.ts";
import type { Actor, Plan } from "./operations.ts";

/** A hook that names no timeout must still end some day. */
const DEFAULT_TIMEOUT_MS = 60_000;

export interface HookState {
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
}

export type HookKind = "prestart" | "createRuntime" | "createContainer" | "startContainer" | "poststart" | "poststop";

const STATUS: Readonly<Record<HookKind, string>> = {
  prestart: "creating",
  createRuntime: "creating",
  createContainer: "creating",
  startContainer: "created",
  poststart: "running",
  poststop: "stopped",
};

export function hasHooks(spec: OciSpec, ...kinds: readonly HookKind[]): boolean {
  return kinds.some((kind) => (spec.hooks?.[kind] ?? []).length > 0);
}

export function addHooks(plan: PlanBuilder, actor: Actor, spec: OciSpec, kind: HookKind, of: HookState): void {
  for (const [index, hook] of (spec.hooks?.[kind] ?? []).entries()) {
    plan.add(
      actor,
      "hook",
      {
        path: hook.path,
        argv: hook.args ?? [hook.path],
        env: hook.env ?? [],
        timeout: timeoutOf(hook),
        state: Buffer.from(stateJson(spec, STATUS[kind], of)),
      },
      `hooks.${kind}[${index}]`,
      // The container is gone; a hook that fails is reported, and the ones behind it run (runtime.md, lifecycle).
      kind === "poststop" ? "any" : undefined,
    );
  }
}

/** What runs when the container has been removed, before its record is; undefined when there is nothing. */
export function compilePoststopPlan(spec: OciSpec, of: HookState): Plan | undefined {
  if (!hasHooks(spec, "poststop")) return undefined;
  const plan = new PlanBuilder();
  addHooks(plan, "host", spec, "poststop", of);
  return plan.build();
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
