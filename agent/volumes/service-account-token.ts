// serviceAccountToken: a token of the pod's service account, renewed before it expires.

import type { V1Pod, V1ServiceAccountTokenProjection } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import type { Payload } from "./payload.ts";
import type { VolumeContext } from "./volume.ts";

const DEFAULT_SECONDS = 3600;
/** With an fsGroup, or where all containers run as one user, nobody else may read it. */
const PRIVATE_MODE = 0o600;

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
  const owner = commonUser(pod);
  const isPrivate = owner !== undefined || pod.spec?.securityContext?.fsGroup !== undefined;
  const file = { data: Buffer.from(given.token), mode: isPrivate ? PRIVATE_MODE : defaultMode };
  return new Map([[path, owner === undefined ? file : { ...file, owner }]]);
}

/** The user that every container of the pod says it runs as. */
export function commonUser(pod: V1Pod): number | undefined {
  const { initContainers = [], containers = [], securityContext } = pod.spec ?? {};
  const users = [...initContainers, ...containers].map(
    (container) => container.securityContext?.runAsUser ?? securityContext?.runAsUser,
  );
  const [first] = users;
  return users.every((user) => user === first) ? first : undefined;
}
