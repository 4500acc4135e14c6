// What is known of an image that a pod of this node pulled: with which credentials, by the repositories it was pulled from. Pure.
//
// The text is kubelet's: ImagePulledRecord and ImagePullIntent of kubelet.config.k8s.io/v1beta1, so a node that was kubelet's keeps what it knew.
// Source: kubernetes pkg/kubelet/images/pullmanager (behaviour), staging/src/k8s.io/kubelet/config/v1beta1 (format).

import { isMapping } from "../../base/shapes.ts";
import { formatReference, parseReference, repositoryOf, withDefaultTag } from "../../images/reference.ts";
import { withoutTag } from "./policy.ts";

const API_VERSION = "kubelet.config.k8s.io/v1beta1";
const API_VERSIONS: readonly unknown[] = [API_VERSION, "kubelet.config.k8s.io/v1alpha1"];

/** Secrets that only showed a known hash, or changed, are written down up to this many: namespaces may come and go without end. */
const MAX_NOTED_SECRETS = 100;

/** A Secret whose credentials pulled an image. */
export interface PullSecret {
  /** Empty: a Secret that no API server knows. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the credentials; hex. */
  readonly credentialHash: string;
}

/** With which credentials an image was pulled from a repository. Nothing at all: nobody knows. */
export interface PulledWith {
  readonly kubernetesSecrets?: readonly PullSecret[];
  /** Of credential providers. They are kept as kubelet wrote them. */
  readonly kubernetesServiceAccounts?: readonly unknown[];
  /** Without credentials, or with the node's own: every pod may use it. */
  readonly nodePodsAccessible?: boolean;
}

export interface PulledRecord {
  /** The image's id. */
  readonly imageRef: string;
  /** RFC 3339. */
  readonly lastUpdatedTime: string;
  /** By the name that a pod wrote, without tag and digest. */
  readonly credentialMapping: Readonly<Record<string, PulledWith>>;
}

/** Whole and comparable, as the store lists it after a pull: `docker.io/library/busybox:latest`; a tag beside a digest does not count. */
export function wholeName(image: string): string {
  const reference = parseReference(image);
  return formatReference(reference.digest === undefined ? withDefaultTag(reference) : { ...reference, tag: undefined });
}

function repository(image: string): string | undefined {
  try {
    return repositoryOf(parseReference(image));
  } catch {
    return undefined; // not written by a pull
  }
}

/** The entry for the repository of `image`, however it is spelled, with its key. */
function entryFor(record: PulledRecord, image: string): readonly [string, PulledWith] | undefined {
  const wanted = repository(image);
  return Object.entries(record.credentialMapping).find(([name]) => repository(name) === wanted);
}

/**
 * Whether the image is here under this name because a pod pulled it. `names` are those that the image has: one that a pod pulled from
 * elsewhere may also have been loaded under another name.
 */
export function wasPulled(record: PulledRecord, image: string, names: readonly string[]): boolean {
  if (Object.keys(record.credentialMapping).length === 0 || entryFor(record, image) !== undefined) return true;
  const wanted = repository(image);
  return !names.some((name) => repository(name) === wanted);
}

/** What a pod's credentials say. */
export interface Shown {
  readonly granted: boolean;
  /** What is to be noted in the record. */
  readonly note: PullSecret | undefined;
}

const REFUSED: Shown = { granted: false, note: undefined };
const GRANTED: Shown = { granted: true, note: undefined };

/** Granted without any credentials: undefined where they have to be looked at. */
export function openAccess(record: PulledRecord, image: string): boolean | undefined {
  if (Object.values(record.credentialMapping).some(({ nodePodsAccessible }) => nodePodsAccessible === true))
    return true;
  const secrets = entryFor(record, image)?.[1].kubernetesSecrets ?? [];
  return secrets.length === 0 ? false : undefined;
}

/** The same credentials, or the same Secret. */
export function accessWith(record: PulledRecord, image: string, shown: readonly PullSecret[]): Shown {
  const known = entryFor(record, image)?.[1].kubernetesSecrets ?? [];
  const hasRoom = known.length < MAX_NOTED_SECRETS;
  for (const secret of shown) {
    const sameHash = known.some(
      ({ credentialHash }) => credentialHash !== "" && credentialHash === secret.credentialHash,
    );
    const same = known.find((item) => isSame(item, secret));
    if (sameHash) return same === undefined && hasRoom ? { granted: true, note: secret } : GRANTED;
    // Without an uid another one may have taken its name.
    if (same !== undefined && secret.uid !== "" && hasRoom) return { granted: true, note: secret };
  }
  return REFUSED;
}

function isSame(a: PullSecret, b: PullSecret): boolean {
  return a.uid === b.uid && a.namespace === b.namespace && a.name === b.name;
}

/** The record after a pull of `image`; the one that there was where nothing changes. `now` in milliseconds since the epoch. */
export function recordPull(
  record: PulledRecord | undefined,
  imageRef: string,
  image: string,
  added: PulledWith,
  now: number,
): PulledRecord {
  const known = record ?? { imageRef, lastUpdatedTime: "", credentialMapping: {} };
  const [name, before] = entryFor(known, image) ?? [withoutTag(image), undefined];
  const merged = merge(before, added);
  if (merged === before) return known;
  return {
    imageRef,
    lastUpdatedTime: new Date(now).toISOString().replace(/\.\d+Z$/, "Z"),
    credentialMapping: { ...known.credentialMapping, [name]: merged },
  };
}

function merge(before: PulledWith | undefined, added: PulledWith): PulledWith {
  if (before === undefined) return added;
  if (before.nodePodsAccessible === true) return before;
  if (added.nodePodsAccessible === true) return { nodePodsAccessible: true };
  const known = before.kubernetesSecrets ?? [];
  const fresh = (added.kubernetesSecrets ?? []).filter(
    (secret) => !known.some((item) => isSame(item, secret) && item.credentialHash === secret.credentialHash),
  );
  if (fresh.length === 0) return before;
  const kept = known.filter((item) => !fresh.some((secret) => isSame(item, secret)));
  const key = ({ namespace, name, uid }: PullSecret): string => JSON.stringify([namespace, name, uid]);
  const kubernetesSecrets = [...kept, ...fresh].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return { ...before, kubernetesSecrets };
}

export function encodeRecord(record: PulledRecord): string {
  return JSON.stringify({ kind: "ImagePulledRecord", apiVersion: API_VERSION, ...record });
}

export function encodeIntent(image: string): string {
  return JSON.stringify({ kind: "ImagePullIntent", apiVersion: API_VERSION, image });
}

/** Undefined: not such a text. */
export function decodeIntent(text: string): string | undefined {
  const image = decode(text, "ImagePullIntent")?.["image"];
  return typeof image === "string" && repository(image) !== undefined ? image : undefined;
}

/** Undefined: not such a text. */
export function decodeRecord(text: string): PulledRecord | undefined {
  const { imageRef, lastUpdatedTime = "", credentialMapping = {} } = decode(text, "ImagePulledRecord") ?? {};
  if (typeof imageRef !== "string" || typeof lastUpdatedTime !== "string" || !isMapping(credentialMapping))
    return undefined;
  if (!Object.values(credentialMapping).every(isPulledWith)) return undefined;
  return { imageRef, lastUpdatedTime, credentialMapping: credentialMapping as Record<string, PulledWith> };
}

function decode(text: string, kind: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) && value["kind"] === kind && API_VERSIONS.includes(value["apiVersion"]) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPulledWith(value: unknown): value is PulledWith {
  if (!isMapping(value)) return false;
  const { kubernetesSecrets = [], kubernetesServiceAccounts = [], nodePodsAccessible = false } = value;
  return (
    typeof nodePodsAccessible === "boolean" &&
    Array.isArray(kubernetesServiceAccounts) &&
    Array.isArray(kubernetesSecrets) &&
    kubernetesSecrets.every(
      (item) =>
        isMapping(item) &&
        ["uid", "namespace", "name", "credentialHash"].every((field) => typeof item[field] === "string"),
    )
  );
}
