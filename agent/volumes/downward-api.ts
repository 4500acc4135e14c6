// downwardAPI: fields of the pod and resources of its containers as files.

import type { V1Volume } from "@kubernetes/client-node";

import { DEFAULT_MODE, downwardPayload } from "./payload.ts";
import { setUpPayload } from "./payload-volume.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const PLUGIN = "kubernetes.io~downward-api";

export const downwardApi: VolumeKind = {
  field: "downwardAPI",
  plugin: PLUGIN,
  live: true,

  async setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const { items = [], defaultMode = DEFAULT_MODE } = volume.downwardAPI ?? {};
    const payload = downwardPayload(items, defaultMode, context.downward);
    return await setUpPayload(context, { plugin: PLUGIN, name: volume.name, inMemory: true }, payload);
  },
};
