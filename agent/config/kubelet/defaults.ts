// A configuration with what Kubernetes 1.36 puts where nothing is said.

import { formatDuration, parseDuration } from "../../base/duration.ts";
import { isMapping } from "../../base/shapes.ts";
import type { KubeletConfiguration } from "./configuration.ts";
import { featureGates } from "./feature-gates.ts";
import { duration, type Field } from "./field.ts";
import { allFields, setValue, valueAt, type Values } from "./tree.ts";

const EVICTION_HARD: Readonly<Record<string, string>> = {
  "memory.available": "100Mi",
  "nodefs.available": "10%",
  "nodefs.inodesFree": "5%",
  "imagefs.available": "15%",
  "imagefs.inodesFree": "5%",
};

/** Mappings that are there even when nothing is in them. */
const ALWAYS: readonly string[] = ["authentication.x509", "memorySwap", "crashLoopBackOff"];

/** The value stands for the default of its field. */
export function isUnset(value: unknown, field: Field): boolean {
  if (value === undefined || value === null) return true;
  if (field.default === undefined || field.zero === "counts") return false;
  if (typeof field.default === "number") return value === 0;
  if (typeof field.default !== "string") return false;
  return value === "" || (typeof value === "string" && field.shape === duration && parseDuration(value) === 0);
}

/** `values` have been checked; they stay as they are. */
export function withDefaults(values: Values): KubeletConfiguration {
  const result = structuredClone(values);
  const given = (path: string): boolean => valueAt(values, path) !== undefined;
  for (const path of ALWAYS) if (!isMapping(valueAt(result, path))) setValue(result, path, {});

  for (const [path, field] of allFields)
    if (field.default !== undefined && isUnset(valueAt(values, path), field)) setValue(result, path, field.default);

  if (isZero(valueAt(values, "nodeStatusReportFrequency"))) {
    const update = valueAt(values, "nodeStatusUpdateFrequency");
    setValue(result, "nodeStatusReportFrequency", isZero(update) ? "5m0s" : update);
  }
  if (!given("serializeImagePulls")) {
    const parallel = valueAt(values, "maxParallelImagePulls");
    setValue(result, "serializeImagePulls", !(typeof parallel === "number" && parallel > 1));
  }
  const hard = valueAt(values, "evictionHard");
  if (!isMapping(hard)) setValue(result, "evictionHard", EVICTION_HARD);
  else if (valueAt(values, "mergeDefaultEvictionSettings") === true)
    setValue(result, "evictionHard", { ...EVICTION_HARD, ...hard });
  if (Number(valueAt(result, "podPidsLimit")) < 0) setValue(result, "podPidsLimit", -1);

  const gates = featureGates((valueAt(values, "featureGates") ?? {}) as Record<string, boolean>);
  if (gates.enabled("KubeletCrashLoopBackOffMax") && !given("crashLoopBackOff.maxContainerRestartPeriod"))
    setValue(result, "crashLoopBackOff.maxContainerRestartPeriod", "5m0s");
  if (gates.enabled("KubeletEnsureSecretPulledImages") && !given("imagePullCredentialsVerificationPolicy"))
    setValue(result, "imagePullCredentialsVerificationPolicy", "NeverVerifyPreloadedImages");

  for (const [path, { shape }] of allFields) {
    const value = valueAt(result, path);
    const milliseconds = shape === duration && typeof value === "string" ? parseDuration(value) : undefined;
    if (milliseconds !== undefined) setValue(result, path, formatDuration(milliseconds));
  }
  return result as unknown as KubeletConfiguration;
}

function isZero(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && parseDuration(value) === 0);
}
