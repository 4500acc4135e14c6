// The node's Lease in kube-node-lease, renewed so that the control plane knows that the node lives.

import type { V1Lease, V1Node } from "@kubernetes/client-node";

import { changed } from "../base/changed.ts";
import type { Clock } from "../base/clock.ts";
import { describeError, isNodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { KubeClient } from "../kube/client.ts";
import { LEASES } from "../kube/resources.ts";

export const LEASE_NAMESPACE = "kube-node-lease";
/** Renewed at a quarter of its duration, as kubelet does. */
const RENEWALS = 4;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 7_000;
/** While the node is not registered yet. */
const OWNER_LOOK_MS = 100;
/** A call that hangs must not eat up the lease. */
const CALL_LIMIT_MS = 10_000;

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** @default 40 */
  readonly durationSeconds?: number | undefined;
  /** The owner of the lease; undefined: not known yet. */
  readonly node: () => V1Node | undefined;
  /** It was renewed again after it had not been for some time: others may hold the node for lost. */
  readonly onRecovery?: (() => void) | undefined;
}

/** As metav1.MicroTime is written. */
export function microTime(nanoseconds: bigint): string {
  const micro = (nanoseconds / 1000n) % 1_000_000n;
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(micro).padStart(6, "0")}Z`;
}

/** The lease to write: a new one, or the next version of the one that is there. Pure. */
export function nextLease(
  before: V1Lease | undefined,
  options: { nodeName: string; durationSeconds: number; now: bigint; node: V1Node | undefined },
): V1Lease {
  const { nodeName, durationSeconds, now, node } = options;
  const uid = node?.metadata?.uid;
  const owned = before?.metadata?.ownerReferences !== undefined && before.metadata.ownerReferences.length > 0;
  const owner = { apiVersion: "v1", kind: "Node", name: nodeName, uid: uid ?? "" };
  return changed(before, {
    metadata: changed(before?.metadata, {
      name: nodeName,
      namespace: LEASE_NAMESPACE,
      ...(owned || uid === undefined ? {} : { ownerReferences: [owner] }),
    }),
    spec: changed(before?.spec, {
      holderIdentity: nodeName,
      leaseDurationSeconds: durationSeconds,
      // The generated type wants a class of its own for what is a string in JSON.
      renewTime: microTime(now) as unknown as NonNullable<NonNullable<V1Lease["spec"]>["renewTime"]>,
    }),
  });
}

/** Runs until the signal aborts. */
export async function holdLease(options: LeaseOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, log, nodeName, node, durationSeconds = 40 } = options;
  const intervalMs = (durationSeconds * 1000) / RENEWALS;
  let held: V1Lease | undefined;
  let retryMs = 0;
  while (!signal.aborted) {
    const call = { signal, timeoutMs: CALL_LIMIT_MS, namespace: LEASE_NAMESPACE };
    let waitMs = intervalMs * (0.98 + Math.random() * 0.04);
    try {
      const before = held ?? (await existing(client, nodeName, call));
      // A lease without an owner would outlive its node.
      if (before === undefined && node() === undefined) {
        await clock.sleep(OWNER_LOOK_MS, { signal }).catch(() => undefined);
        continue;
      }
      const next = nextLease(before, { nodeName, durationSeconds, now: clock.now(), node: node() });
      held = await (before === undefined ? client.create(LEASES, next, call) : client.update(LEASES, next, call));
      if (retryMs > 0) options.onRecovery?.();
      retryMs = 0;
    } catch (error) {
      if (signal.aborted) return;
      // Another version, or none any more: it is read again.
      held = undefined;
      retryMs = Math.min(Math.max(retryMs * 2, RETRY_MIN_MS), RETRY_MAX_MS);
      waitMs = retryMs;
      log.warn({ error: describeError(error) }, "the node's lease was not renewed");
    }
    await clock.sleep(waitMs, { signal }).catch(() => undefined);
  }
}

async function existing(
  client: KubeClient,
  name: string,
  call: { signal: AbortSignal; timeoutMs: number; namespace: string },
): Promise<V1Lease | undefined> {
  try {
    return await client.get(LEASES, name, call);
  } catch (error) {
    if (isNodeletError(error, "not-found")) return undefined;
    throw error;
  }
}
