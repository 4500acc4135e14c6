// image: the content of an image, read-only. The runtime mounts it from the image's layers; here is nothing to set up.

import type { V1Volume } from "@kubernetes/client-node";

import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

export const image: VolumeKind = {
  field: "image",
  plugin: undefined,

  setUp(_context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    return Promise.resolve({ hostPath: "", image: volume.image?.reference ?? "", readOnly: true });
  },
};
