// Where a pod's files lie: kubelet's places.

import { join } from "node:path";

import type { V1Pod } from "@kubernetes/client-node";

import type { DecodedPod } from "./schema/decode.ts";

export interface PodLayout {
  /** kubelet's root directory. */
  readonly rootDir: string;
  /** /var/log/pods */
  readonly podLogsDir: string;
  /** /var/log/containers */
  readonly containerLogsDir: string;
}

export function podDir(layout: Pick<PodLayout, "rootDir">, uid: string): string {
  return join(layout.rootDir, "pods", uid);
}

export function podLogDir(layout: Pick<PodLayout, "podLogsDir">, { metadata }: V1Pod | DecodedPod): string {
  const { namespace = "", name = "", uid = "" } = metadata ?? {};
  return join(layout.podLogsDir, `${namespace}_${name}_${uid}`);
}

export function hostsFile(layout: PodLayout, uid: string): string {
  return join(podDir(layout, uid), "etc-hosts");
}

/** The file that the container sees at terminationMessagePath. */
export function terminationMessageFile(layout: PodLayout, uid: string, container: string, attempt: number): string {
  return join(podDir(layout, uid), "containers", container, `termination-${attempt}`);
}

/** A link's name is one path component, so what goes into it is cut where the file system would refuse it. */
const MAX_NAME = 255;

export function logLink(layout: PodLayout, pod: DecodedPod, container: string, containerId: string): string {
  const tail = `-${containerId}.log`;
  const head = `${pod.metadata.name}_${pod.metadata.namespace}_${container}`;
  return join(layout.containerLogsDir, head.slice(0, MAX_NAME - tail.length) + tail);
}
