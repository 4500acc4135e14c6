// A node that runs nothing: it answers that a pod runs, or is gone, as soon as it hears of it. What a node takes longer than this is its
// own; this is the API server's, and that of who asks it.

import type { V1Pod } from "@kubernetes/client-node";

import { systemClock } from "../../agent/base/clock.ts";
import { silentLogger } from "../../agent/base/log.ts";
import type { KubeClient } from "../../agent/kube/client.ts";
import { connect } from "../../agent/kube/connect.ts";
import { loadKubeconfig } from "../../agent/kube/kubeconfig.ts";
import { follow } from "../../agent/kube/list-watch.ts";
import { NODES, PODS } from "../../agent/kube/resources.ts";
import type { MeasuredNode, NodeOptions } from "./nodes.ts";

export async function idleNode({ kubeconfig, name }: NodeOptions): Promise<MeasuredNode> {
  const client = connect(await loadKubeconfig(kubeconfig), { clock: systemClock, userAgent: "nodelet-bench" });
  const now = new Date();
  const ready = { type: "Ready", status: "True", lastHeartbeatTime: now, lastTransitionTime: now };
  await client.create(NODES, { metadata: { name } });
  const body = { status: { conditions: [ready] } };
  await client.patch(NODES, name, { type: "strategic", body }, { subresource: "status" });
  const told = new Map<string, Promise<void>>();
  const ending = new Set<string>();
  const tell = (pod: V1Pod): void => {
    const { uid = "", deletionTimestamp } = pod.metadata ?? {};
    if (deletionTimestamp === undefined) {
      if (!told.has(uid)) told.set(uid, sayRunning(client, pod));
    } else if (!ending.has(uid)) {
      ending.add(uid);
      void told.get(uid)?.then(() => takeAway(client, pod));
    }
  };
  const following = follow({
    client,
    resource: PODS,
    fieldSelector: `spec.nodeName=${name}`,
    clock: systemClock,
    log: silentLogger,
    handlers: {
      replace: (pods) => pods.forEach(tell),
      put: tell,
      remove: ({ metadata }) => void told.delete(metadata?.uid ?? ""),
    },
  });
  return {
    who: "a node that runs nothing",
    pids: () => [],
    log: () => "",
    async [Symbol.asyncDispose]() {
      await following[Symbol.asyncDispose]();
      client.close();
    },
  };
}

async function sayRunning(client: KubeClient, { metadata: { name = "", namespace } = {} }: V1Pod): Promise<void> {
  const now = new Date();
  const conditions = ["Initialized", "Ready", "ContainersReady"].map((type) => ({ type, status: "True" }));
  const state = { running: { startedAt: now } };
  const main = { name: "main", image: "", imageID: "", ready: true, restartCount: 0, state };
  const status = { phase: "Running", startTime: now, conditions, containerStatuses: [main] };
  await client.patch(PODS, name, { type: "strategic", body: { status } }, { namespace, subresource: "status" });
}

async function takeAway(client: KubeClient, { metadata: { name = "", namespace } = {} }: V1Pod): Promise<void> {
  const body = { status: { phase: "Succeeded" } };
  await client.patch(PODS, name, { type: "strategic", body }, { namespace, subresource: "status" });
  await client.delete(PODS, name, { namespace, gracePeriodSeconds: 0 });
}
