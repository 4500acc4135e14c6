import type { V1Pod } from "@kubernetes/client-node";

import type { PodSource } from "./manager.ts";

/** From this priority on a pod is one that the cluster depends on; users' priorities are below it. */
const CRITICAL_PRIORITY = 2_000_000_000;

/** Those of manifests are, too. */
export function isCritical({ spec }: V1Pod, source: PodSource): boolean {
  return source === "file" || source === "url" || (spec?.priority ?? 0) >= CRITICAL_PRIORITY;
}
