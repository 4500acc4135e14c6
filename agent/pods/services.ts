// What the workers of all pods share.

import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { SteadyTime } from "../base/steady-time.ts";
import type { Cri } from "../cri/runtime.ts";
import type { ObjectLookup } from "../kube/objects.ts";
import type { TrustBundles } from "../kube/trust-bundles.ts";
import type { SlowCalls } from "../system/slow-calls.ts";
import type { System } from "../system/system.ts";
import type { NodeFacts } from "./admission.ts";
import type { DnsSettings } from "./dns.ts";
import type { NewEvent } from "./events.ts";
import type { ImageAccess } from "./image-access/image-access.ts";
import type { PodLayout } from "./layout.ts";
import type { PodMeters } from "./meters.ts";
import type { LimitSettings } from "./qos.ts";
import type { PullTurns } from "./pull-turns.ts";
import type { DecodedPod } from "./schema/decode.ts";
import type { DeviceManager } from "../../deviceplugins/device-manager.ts";
import type { ServiceAccountToken, TokenRequest } from "../volumes/volume.ts";

/** What pods of an API server have of it. Everything rejects with `unavailable` while it cannot be told. */
export interface ClusterServices {
  readonly objects: ObjectLookup;
  /** The pod is here: what it names will be asked for. Repeatable. */
  readonly retain: (pod: DecodedPod) => void;
  /** Nothing of it is left here. */
  readonly release: (uid: string) => void;
  /** Variables of the services that the pod may know of. */
  readonly serviceVariables: (namespace: string, links: boolean) => Promise<ReadonlyMap<string, string>>;
  /** The runtime's handler of a RuntimeClass; `not-found`. */
  readonly runtimeHandler: (runtimeClassName: string, signal: AbortSignal) => Promise<string>;
  /** Trust anchors of the cluster, in PEM. */
  readonly trustBundles: Pick<TrustBundles, "anchors" | "subscribe">;
  /** The node as pods are judged by is what the server has now. */
  readonly refreshNode: (signal: AbortSignal) => Promise<void>;
  /** A token of the pod's service account that is bound to the pod. */
  readonly token: (pod: DecodedPod, request: TokenRequest, signal?: AbortSignal) => Promise<ServiceAccountToken>;
}

/** Devices of plugins, as pods get them. */
export type PodDevices = Pick<DeviceManager, "admit" | "prepare" | "health">;

export interface PodServices {
  /** The control plane that the pod came from. */
  readonly cluster?: ClusterServices | undefined;
  /** @default there are none */
  readonly devices?: PodDevices | undefined;
  readonly cri: Cri;
  readonly system: System;
  readonly slow: SlowCalls;
  readonly clock: Clock;
  /** For what lasts and ends: back-offs, deadlines, grace periods, probes. */
  readonly steady: SteadyTime;
  readonly log: Logger;
  readonly layout: PodLayout;
  readonly dns: DnsSettings;
  readonly nodeName: string;
  readonly nodeFacts: () => NodeFacts;
  /** The node's addresses, the primary one first. */
  readonly hostIPs: () => readonly string[];
  /** Which cgroup layout the runtime works with. */
  readonly cgroupDriver: "cgroupfs" | "systemd";
  /** Of all pods: `kubepods`. */
  readonly podCgroup: string;
  readonly runtimeName: string;
  /** The runtime can make mounts recursively read-only. */
  readonly recursiveReadOnly: boolean;
  /** Pods without a seccomp profile get the runtime's. */
  readonly seccompDefault: boolean;
  /** Holds the profiles of type Localhost. */
  readonly seccompProfileRoot: string;
  readonly maxBackoffMs: number;
  /** Processes of a pod; -1: no limit. */
  readonly podPidsLimit: number;
  readonly limits: LimitSettings;
  readonly pullTurns: PullTurns;
  /** Undefined: a pod may use every image that is there. */
  readonly imageAccess: ImageAccess | undefined;
  readonly objects: ObjectLookup;
  readonly meters: PodMeters;
  readonly event: (event: NewEvent) => void;
}

export function milliseconds(clock: Clock): number {
  return Number(clock.now() / 1_000_000n);
}
