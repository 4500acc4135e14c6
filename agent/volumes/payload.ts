// What volumes of ConfigMaps, Secrets and the downward API show, as files. Pure.

import type { V1ConfigMap, V1DownwardAPIVolumeFile, V1KeyToPath, V1Pod, V1Secret } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import type { DownwardFields } from "./volume.ts";

export interface PayloadFile {
  readonly data: Uint8Array;
  readonly mode: number;
  /** Uid. @default the node agent's */
  readonly owner?: number | undefined;
}

/** By path relative to the volume; parts are divided by "/". */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** Readable by everybody: the containers' users are not known to the node. */
export const DEFAULT_MODE = 0o644;

/** With an fsGroup, or where all containers run as one user, nobody else may read what is projected for the pod itself. */
const PRIVATE_MODE = 0o600;

export interface KeySelection {
  /** Empty or absent: every key, under its own name. */
  readonly items?: readonly V1KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
  readonly defaultMode: number;
}

/** Throws `not-found` in kubelet's words when a key is not there and not optional. */
export function configMapPayload(object: V1ConfigMap, selection: KeySelection): Payload {
  const values = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(object.data ?? {})) values.set(key, Buffer.from(text));
  for (const [key, text] of Object.entries(object.binaryData ?? {})) values.set(key, Buffer.from(text, "base64"));
  return select(values, selection, (key) => `configmap references non-existent config key: ${key}`);
}

export function secretPayload(object: V1Secret, selection: KeySelection): Payload {
  const values = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(object.data ?? {})) values.set(key, Buffer.from(text, "base64"));
  return select(values, selection, (key) => `references non-existent secret key: ${key}`);
}

function select(
  values: ReadonlyMap<string, Uint8Array>,
  { items, optional, defaultMode }: KeySelection,
  missing: (key: string) => string,
): Payload {
  if (items === undefined || items.length === 0)
    return new Map([...values].map(([key, data]) => [key, { data, mode: defaultMode }]));
  const payload = new Map<string, PayloadFile>();
  for (const { key, path, mode } of items) {
    const data = values.get(key);
    if (data !== undefined) payload.set(path, { data, mode: mode ?? defaultMode });
    else if (optional !== true) throw new NodeletError("not-found", missing(key));
  }
  return payload;
}

export function downwardPayload(
  items: readonly V1DownwardAPIVolumeFile[],
  defaultMode: number,
  fields: DownwardFields,
): Payload {
  const payload = new Map<string, PayloadFile>();
  for (const { path, mode, fieldRef, resourceFieldRef } of items) {
    let text = "";
    if (fieldRef !== undefined) text = fields.field(fieldRef.fieldPath);
    else if (resourceFieldRef !== undefined) {
      const { containerName = "", resource, divisor = "1" } = resourceFieldRef;
      text = fields.resource(containerName, resource, String(divisor));
    }
    payload.set(path, { data: Buffer.from(text), mode: mode ?? defaultMode });
  }
  return payload;
}

/** A file that is the pod's own. */
export function ownFile(pod: V1Pod, data: Uint8Array, defaultMode: number): PayloadFile {
  const owner = commonUser(pod);
  const isPrivate = owner !== undefined || pod.spec?.securityContext?.fsGroup !== undefined;
  const file = { data, mode: isPrivate ? PRIVATE_MODE : defaultMode };
  return owner === undefined ? file : { ...file, owner };
}

/** The user that every container of the pod says it runs as. */
function commonUser(pod: V1Pod): number | undefined {
  const { initContainers = [], containers = [], securityContext } = pod.spec ?? {};
  const users = [...initContainers, ...containers].map(
    (container) => container.securityContext?.runAsUser ?? securityContext?.runAsUser,
  );
  const [first] = users;
  return users.every((user) => user === first) ? first : undefined;
}
