// The order in which the containers of a pod end: all at once but for the sidecars, which end after them and in reverse.

import type { DecodedPod } from "./schema/decode.ts";

/**
 * Calls `stop` for every container at once. Each is given its turn: it resolves when those that have to end before it have ended,
 * whether well or not. Rejects with the first failure when all are through.
 */
export async function stopInOrder<C extends { readonly name: string }>(
  pod: DecodedPod,
  containers: readonly C[],
  stop: (container: C, turn: Promise<void> | undefined) => Promise<void>,
): Promise<void> {
  const sidecars = (pod.spec.initContainers ?? [])
    .filter((container) => container.restartPolicy === "Always")
    .map((container) => container.name);
  /** The rank of a container: those of a higher one end before it. Main containers have the highest. */
  const rank = (name: string): number => (sidecars.includes(name) ? sidecars.indexOf(name) : sidecars.length);
  const stopping: { readonly rank: number; readonly done: Promise<void> }[] = [];
  for (const container of containers.toSorted((a, b) => rank(b.name) - rank(a.name))) {
    const own = rank(container.name);
    const before = stopping.filter((other) => other.rank > own).map(({ done }) => done);
    const turn = before.length === 0 ? undefined : Promise.allSettled(before).then(() => undefined);
    stopping.push({ rank: own, done: stop(container, turn) });
  }
  const failed = (await Promise.allSettled(stopping.map(({ done }) => done))).find(
    (result) => result.status === "rejected",
  );
  if (failed !== undefined) throw failed.reason;
}
