// configMap: the values of a ConfigMap as files.

import type { V1ConfigMapProjection, V1Volume } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { configMapPayload, DEFAULT_MODE } from "./payload.ts";
import type { Payload } from "./payload.ts";
import { setUpPayload } from "./payload-volume.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const PLUGIN = "kubernetes.io~configmap";

export const configMap: VolumeKind = {
  field: "configMap",
  plugin: PLUGIN,
  live: true,

  async setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const source = volume.configMap ?? {};
    const payload = await readConfigMap(context, source, source.defaultMode ?? DEFAULT_MODE);
    return await setUpPayload(context, { plugin: PLUGIN, name: volume.name, inMemory: false }, payload);
  },
};

/** A missing ConfigMap is an empty one if it is optional, otherwise `not-found`: it may come. */
export async function readConfigMap(
  { objects, pod, signal }: VolumeContext,
  { name = "", items, optional }: V1ConfigMapProjection,
  defaultMode: number,
): Promise<Payload> {
  const object = await objects.configMap(pod.metadata?.namespace ?? "default", name, { signal });
  if (object === undefined) {
    if (optional === true) return new Map();
    throw new NodeletError("not-found", `configmap "${name}" not found`);
  }
  return configMapPayload(object, { items, optional, defaultMode });
}
