// The PodResources API: which container has which devices, for monitoring agents on the node (podresources v1).
//
// CPUs and memory are nobody's own here, as there are no managers of them: kubelet's answer where its managers have the policy `none`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { V1Pod } from "@kubernetes/client-node";

import type { Clock } from "../agent/base/clock.ts";
import { NodeletError } from "../agent/base/errors.ts";
import type { Logger } from "../agent/base/log.ts";
import { createGrpcSocket } from "../agent/cri-server/socket.ts";
import { TokenBucket } from "../agent/kube/rate-limit.ts";
import type { System } from "../agent/system/system.ts";
import { NO_NUMA_NODE } from "./allocations.ts";
import type { DeviceManager } from "./device-manager.ts";
import type { ContainerDevices, PodResources, PodResourcesLister } from "./podresources.gen.ts";

/** In the root directory. */
const DIRECTORY = "pod-resources";
const SOCKET = "kubelet.sock";
const CONNECTIONS_MAX = 64;
/** kubelet's. */
const RATE = { perSecond: 100, burst: 10 };

export interface PodResourcesOptions {
  /** --root-dir. */
  readonly rootDir: string;
  readonly devices: Pick<DeviceManager, "ofContainer" | "allocatable">;
  /** With their status. */
  readonly pods: () => readonly V1Pod[];
  readonly system: System;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Serves until it is disposed of. */
export async function servePodResources(options: PodResourcesOptions): Promise<AsyncDisposable> {
  const { rootDir, system, log } = options;
  const directory = join(rootDir, DIRECTORY);
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  const socket = createGrpcSocket({
    load: async () => (await import("./pod-resources-service.ts")).createPodResourcesService(answers(options), log),
    connectionsMax: CONNECTIONS_MAX,
    system,
    log,
  });
  await socket.listen(join(directory, SOCKET), "--root-dir");
  return { [Symbol.asyncDispose]: () => socket.close() };
}

function answers({ devices, pods, clock }: PodResourcesOptions): PodResourcesLister {
  const bucket = new TokenBucket(RATE, clock);
  const limited = <Result>(answer: () => Result): Promise<Result> => {
    if (bucket.tryTake()) return Promise.resolve().then(answer);
    return Promise.reject(new NodeletError("exhausted", "rejected by rate limit"));
  };
  const resourcesOf = ({ metadata: { uid = "", name = "", namespace = "" } = {}, spec }: V1Pod): PodResources => {
    const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
    return {
      name,
      namespace,
      containers: [...sidecars, ...(spec?.containers ?? [])].map((container) => ({
        name: container.name,
        devices: devices.ofContainer(uid, container.name).flatMap(({ resource, devices: byNode }) => {
          const nodes = new Map<string, number[]>();
          for (const [node, ids] of byNode) for (const id of ids) nodes.set(id, [...(nodes.get(id) ?? []), node]);
          return [...nodes].map(([id, near]) => oneDevice(resource, id, near));
        }),
      })),
    };
  };
  return {
    list: () =>
      limited(() => ({
        podResources: pods()
          .filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")
          .map(resourcesOf),
      })),
    getAllocatableResources: () =>
      limited(() => ({
        devices: [...devices.allocatable()].flatMap(([resource, found]) =>
          [...found].map(([id, nodes]) => oneDevice(resource, id, nodes)),
        ),
      })),
    get: ({ podName = "", podNamespace = "" }) =>
      limited(() => {
        const pod = pods().find(({ metadata }) => metadata?.name === podName && metadata.namespace === podNamespace);
        if (pod === undefined) {
          throw new NodeletError("not-found", `pod ${podName} in namespace ${podNamespace} not found`);
        }
        return { podResources: resourcesOf(pod) };
      }),
  };
}

function oneDevice(resourceName: string, id: string, nodes: readonly number[]): ContainerDevices {
  const near = nodes.filter((node) => node !== NO_NUMA_NODE);
  return {
    resourceName,
    deviceIds: [id],
    ...(near.length === 0 ? {} : { topology: { nodes: near.map((node) => ({ ID: BigInt(node) })) } }),
  };
}
