// secret: the values of a Secret as files in memory.

import type { V1SecretProjection, V1Volume } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { DEFAULT_MODE, secretPayload } from "./payload.ts";
import type { Payload } from "./payload.ts";
import { setUpPayload } from "./payload-volume.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const PLUGIN = "kubernetes.io~secret";

export const secret: VolumeKind = {
  field: "secret",
  plugin: PLUGIN,
  live: true,

  async setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const { secretName: name, items, optional, defaultMode = DEFAULT_MODE } = volume.secret ?? {};
    const payload = await readSecret(context, { name, items, optional } as V1SecretProjection, defaultMode);
    return await setUpPayload(context, { plugin: PLUGIN, name: volume.name, inMemory: true }, payload);
  },
};

/** A missing Secret is an empty one if it is optional, otherwise `not-found`: it may come. */
export async function readSecret(
  { objects, pod, signal }: VolumeContext,
  { name = "", items, optional }: V1SecretProjection,
  defaultMode: number,
): Promise<Payload> {
  const object = await objects.secret(pod.metadata?.namespace ?? "default", name, { signal });
  if (object === undefined) {
    if (optional === true) return new Map();
    throw new NodeletError("not-found", `secret "${name}" not found`);
  }
  return secretPayload(object, { items, optional, defaultMode });
}
