// From a pod of the API server to one that can be run. The server has checked it and set its defaults.

import type { V1Container, V1Pod } from "@kubernetes/client-node";

import { NodeletError } from "../../base/errors.ts";
import { applyDefaults } from "./defaults.ts";
import { stableHash } from "./decode.ts";
import type { Decoded, DecodedPod } from "./decode.ts";

/** What of metadata changes without a meaning for what runs. */
const UNSEEN_METADATA = ["managedFields", "resourceVersion", "selfLink"] as const;

const HASH_DIGITS = 16;

/** Undefined fields and the status are left out. Throws `invalid` for what no API server sends. */
export function acceptPod(value: V1Pod): Decoded {
  if (value.metadata?.name === undefined || value.metadata.uid === undefined || value.spec === undefined) {
    throw new NodeletError("invalid", "A pod of the API server must have a name, a uid and a specification");
  }
  const { status, ...rest } = value;
  const written = structuredClone(rest) as V1Pod;
  const metadata = (written.metadata ??= {});
  for (const name of UNSEEN_METADATA) delete metadata[name];
  const pod = structuredClone(written);
  applyDefaults(pod);
  const { labels, annotations, generation, deletionTimestamp } = metadata;
  const gates = (value.spec.readinessGates ?? []).map(({ conditionType }) => [
    conditionType,
    status?.conditions?.find(({ type }) => type === conditionType)?.status,
  ]);
  const containers = [
    ...(written.spec?.initContainers ?? []),
    ...(written.spec?.containers ?? []),
    ...(written.spec?.ephemeralContainers ?? []),
  ];
  return {
    pod: pod as DecodedPod,
    written,
    hash: stableHash({ labels, annotations, generation, deletionTimestamp, gates, spec: written.spec }),
    containerHashes: new Map(containers.map((container) => [container.name, containerHash(container)])),
  };
}

/** Of what means another container when it changes: other fields of one cannot change, or do so while it runs. */
function containerHash({ name, image }: Pick<V1Container, "name" | "image">): string {
  return stableHash({ name, image }).slice(0, HASH_DIGITS);
}
