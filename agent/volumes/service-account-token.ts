// serviceAccountToken: a token of the pod's service account, renewed before it expires.

import type { V1ServiceAccountTokenProjection } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { ownFile, type Payload } from "./payload.ts";
import type { VolumeContext } from "./volume.ts";

const DEFAULT_SECONDS = 3600;

export async function readToken(
  { token, refreshAt, pod }: VolumeContext,
  { audience = "", expirationSeconds = DEFAULT_SECONDS, path }: V1ServiceAccountTokenProjection,
  defaultMode: number,
): Promise<Payload> {
  if (token === undefined) {
    throw new NodeletError("unsupported", "A token of a service account needs an API server", {
      where: "spec.volumes: projected.sources.serviceAccountToken",
      fix: "Remove it, or set automountServiceAccountToken: false",
    });
  }
  const given = await token({ audience, expirationSeconds });
  refreshAt?.(given.renewAt);
  return new Map([[path, ownFile(pod, Buffer.from(given.token), defaultMode)]]);
}
