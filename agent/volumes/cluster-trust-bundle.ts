// clusterTrustBundle: certificates of authorities that the cluster trusts.

import type { V1ClusterTrustBundleProjection } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { ownFile, type Payload } from "./payload.ts";
import type { VolumeContext } from "./volume.ts";

export async function readTrustBundle(
  { trustAnchors, pod }: VolumeContext,
  { path, ...choice }: V1ClusterTrustBundleProjection,
  defaultMode: number,
): Promise<Payload> {
  if (trustAnchors === undefined) {
    throw new NodeletError("unsupported", "A ClusterTrustBundle needs an API server", {
      where: "spec.volumes: projected.sources.clusterTrustBundle",
      fix: "Remove it, or give the certificates in a ConfigMap",
    });
  }
  return new Map([[path, ownFile(pod, Buffer.from(await trustAnchors(choice)), defaultMode)]]);
}
