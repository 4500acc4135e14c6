// What a kind of volume is to the others.

import type { V1Pod, V1Volume } from "@kubernetes/client-node";

import type { System } from "../system/system.ts";

export interface VolumeContext {
  readonly system: System;
  readonly pod: V1Pod;
  /** The pod's directory: PODS/<uid>. */
  readonly podDir: string;
}

/** Where a volume can be mounted from. */
export interface VolumeSource {
  readonly hostPath: string;
}

export interface VolumeKind {
  /** The field of core/v1 Volume. */
  readonly field: "emptyDir" | "hostPath";
  /** kubelet's directory name, if the kind keeps anything under the pod's directory. */
  readonly plugin: string | undefined;
  /** Repeatable. An error names the volume's field. */
  setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource>;
  /** Takes down what is at `directory`; missing is success. */
  tearDown?(system: System, directory: string): Promise<void>;
}
