// What a kind of volume is to the others.

import type { V1Pod, V1Volume } from "@kubernetes/client-node";

import type { ObjectLookup } from "../kube/objects.ts";
import type { TrustBundleChoice } from "../kube/trust-bundles.ts";
import type { SlowCalls } from "../system/slow-calls.ts";
import type { System } from "../system/system.ts";
import type { VolumeMeters } from "./meters.ts";

/** What of a pod files can show (downwardAPI). Both throw NodeletErrors that name the field. */
export interface DownwardFields {
  /** `metadata.name`, `metadata.labels['KEY']` ... */
  field(path: string): string;
  /** `limits.cpu` ... of a container of the pod, in units of the divisor. */
  resource(containerName: string, resource: string, divisor: string): string;
}

export interface TokenRequest {
  /** Empty: the API server's own. */
  readonly audience: string;
  readonly expirationSeconds: number;
}

export interface ServiceAccountToken {
  readonly token: string;
  /** When a newer one is to be asked for; milliseconds since the epoch. */
  readonly renewAt: number;
}

export interface VolumeContext {
  /** Absent: the pod belongs to no API server. */
  readonly token?: ((request: TokenRequest) => Promise<ServiceAccountToken>) | undefined;
  /** Trust anchors in PEM. Absent: the pod belongs to no API server. */
  readonly trustAnchors?: ((choice: TrustBundleChoice) => Promise<string>) | undefined;
  /** What is shown is to be brought up to date then; milliseconds since the epoch. */
  readonly refreshAt?: ((time: number) => void) | undefined;
  readonly system: System;
  readonly slow: SlowCalls;
  readonly pod: V1Pod;
  /** The pod's directory: PODS/<uid>. */
  readonly podDir: string;
  readonly objects: ObjectLookup;
  readonly downward: DownwardFields;
  readonly signal?: AbortSignal | undefined;
  /** @default nothing is counted */
  readonly meters?: VolumeMeters | undefined;
}

/** Where a volume can be mounted from. */
export interface VolumeSource {
  /** Empty for an image. */
  readonly hostPath: string;
  /** An image of the runtime's, whose layers are mounted: CRI's ImageSpec.image. */
  readonly image?: string;
  /** Containers may not write to it, whatever they ask for. */
  readonly readOnly?: boolean;
}

export interface VolumeKind {
  /** The field of core/v1 Volume. */
  readonly field: Exclude<keyof V1Volume, "name">;
  /** kubelet's directory name, if the kind keeps anything under the pod's directory. */
  readonly plugin: string | undefined;
  /** What it shows can change while the pod runs: setUp is called again then. */
  readonly live?: boolean;
  /** Repeatable. An error names the volume's field. */
  setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource>;
}
