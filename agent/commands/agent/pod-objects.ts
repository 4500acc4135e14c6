// ConfigMaps and Secrets for pods, by KubeletConfiguration's configMapAndSecretChangeDetectionStrategy.

import type { V1Node } from "@kubernetes/client-node";

import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import { milliseconds, type KubeletConfiguration } from "../../config/kubelet/configuration.ts";
import type { KubeClient } from "../../kube/client.ts";
import { PolledObjects } from "../../kube/polled-objects.ts";
import { type PodObjects, WatchedObjects } from "../../kube/watched-objects.ts";

/** The control plane sets it on nodes by how large the cluster is: seconds that an answer may hold. */
const TTL_ANNOTATION = "node.alpha.kubernetes.io/ttl";
const TTL_DEFAULT_MS = 60_000;

export interface PodObjectsRequest {
  readonly kubelet: Pick<KubeletConfiguration, "configMapAndSecretChangeDetectionStrategy" | "syncFrequency">;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** As the server has it, as far as it is known. */
  readonly node: () => V1Node | undefined;
}

export function podObjects({ kubelet, client, clock, log, node }: PodObjectsRequest): PodObjects {
  const strategy = kubelet.configMapAndSecretChangeDetectionStrategy;
  if (strategy === "Watch") return new WatchedObjects({ client, clock, log });
  const ttlMs = strategy === "Cache" ? (): number => cacheTime(node()) : (): number => 0;
  return new PolledObjects({ client, clock, log, ttlMs, lookMs: milliseconds(kubelet.syncFrequency) });
}

function cacheTime(node: V1Node | undefined): number {
  const seconds = Number(node?.metadata?.annotations?.[TTL_ANNOTATION] ?? NaN);
  return seconds >= 0 ? seconds * 1_000 : TTL_DEFAULT_MS;
}
