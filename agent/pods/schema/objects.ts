// Objects beside pods: core/v1 ConfigMap and Secret here, volumes and claims in persistent-volumes.ts. What is said of a wrong one never quotes its values: they may be secrets.

import type { V1ConfigMap, V1PersistentVolume, V1PersistentVolumeClaim, V1Secret } from "@kubernetes/client-node";

import type { FieldPath } from "../../base/field-path.ts";
import { bool, check, inert, isMapping, object, Problems, string } from "../../base/shapes.ts";
import type { Fields } from "../../base/shapes.ts";
import { problemsError } from "./decode.ts";
import type { DecodeOptions } from "./decode.ts";
import { decodeClaim, decodePersistentVolume } from "./persistent-volumes.ts";
import * as rules from "./rules.ts";
import { metadataFields } from "./tables.ts";

/** Bytes of all values together, as the API server has it. */
const MAX_BYTES = 1024 * 1024;
const MAX_KEY = 253;
const KEY = /^[-._a-zA-Z0-9]+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const DEFAULT_TYPE = "Opaque";
/** Keys without which a Secret of the type is of no use; the API server refuses it as well. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export type DecodedObject = (
  | { readonly kind: "ConfigMap"; readonly value: V1ConfigMap }
  | { readonly kind: "Secret"; readonly value: V1Secret }
  | { readonly kind: "PersistentVolume"; readonly value: V1PersistentVolume }
  | { readonly kind: "PersistentVolumeClaim"; readonly value: V1PersistentVolumeClaim }
) & { readonly namespace: string; readonly name: string };

/** Which object it is, in words. A PersistentVolume is in no namespace. */
export function describeObject({ kind, namespace, name }: Pick<DecodedObject, "kind" | "namespace" | "name">): string {
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

const values = inert("it is checked without being quoted");
const common: Fields = {
  apiVersion: string(),
  kind: string(),
  metadata: object(metadataFields, ["name"]),
  immutable: bool,
  data: values,
};
const shapes = {
  ConfigMap: object({ ...common, binaryData: values }, ["metadata"]),
  Secret: object({ ...common, stringData: values, type: string(rules.notEmpty) }, ["metadata"]),
};

/** Throws one NodeletError `invalid`, as `decodePod` does. A Secret's stringData is merged into its data. */
export function decodeObject(kind: DecodedObject["kind"], document: unknown, options: DecodeOptions): DecodedObject {
  if (kind === "PersistentVolume") {
    const value = decodePersistentVolume(document, options);
    return { kind, namespace: "", name: value.metadata?.name ?? "", value };
  }
  if (kind === "PersistentVolumeClaim") {
    const value = decodeClaim(document, options);
    const { name = "", namespace = "default" } = value.metadata ?? {};
    return { kind, namespace, name, value };
  }
  const problems = new Problems();
  const written = check(document, shapes[kind], [], problems) as V1ConfigMap & V1Secret;
  let bytes = 0;
  const keys = new Map<string, string>();
  const read = (field: "data" | "binaryData" | "stringData", form: "text" | "base64"): Record<string, string> => {
    const map: unknown = isMapping(written) ? written[field] : undefined;
    const result: Record<string, string> = {};
    if (map === undefined) return result;
    if (!isMapping(map)) {
      problems.add([field], "Must be a mapping of keys to strings");
      return result;
    }
    for (const [key, value] of Object.entries(map)) {
      const path = [field, key];
      checkKey(key, path, problems);
      if (typeof value !== "string") {
        // An empty value in YAML is null.
        if (value === null) result[key] = "";
        else problems.add(path, "Must be a string", "Put it in quotes");
        continue;
      }
      if (form === "base64" && !BASE64.test(value.replaceAll(/\s/g, ""))) {
        const fix = field === "data" ? "Write it as base64, or under stringData as it is" : "Write it as base64";
        problems.add(path, "Must be base64", fix);
        continue;
      }
      if (keys.has(key) && kind === "ConfigMap") problems.add(path, `The key is in ${keys.get(key) ?? ""} as well`);
      keys.set(key, field);
      bytes += form === "base64" ? Buffer.from(value, "base64").length : Buffer.byteLength(value);
      result[key] = form === "base64" ? value.replaceAll(/\s/g, "") : value;
    }
    return result;
  };

  const data = read("data", kind === "Secret" ? "base64" : "text");
  const others = kind === "Secret" ? read("stringData", "text") : read("binaryData", "base64");
  if (bytes > MAX_BYTES)
    problems.add(["data"], `Must have at most ${MAX_BYTES} bytes: it has ${bytes}`, undefined, "key");
  if (problems.list.length > 0) throw problemsError(problems.list, options);

  const { name = "", namespace = "default", labels, annotations } = written.metadata ?? {};
  const metadata = {
    name,
    namespace,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  const head = { metadata, ...(written.immutable === undefined ? {} : { immutable: written.immutable }) };
  if (kind === "ConfigMap") {
    const value = { apiVersion: "v1", kind, ...head, data, binaryData: others };
    return { kind, namespace, name, value };
  }
  for (const [key, text] of Object.entries(others)) data[key] = Buffer.from(text).toString("base64");
  const type = written.type ?? DEFAULT_TYPE;
  for (const key of REQUIRED_KEYS[type] ?? [])
    if (!Object.hasOwn(data, key)) problems.add(["type"], `A Secret of type ${type} must have the key ${key}`);
  if (type === "kubernetes.io/basic-auth" && !("username" in data) && !("password" in data))
    problems.add(["type"], `A Secret of type ${type} must have the key username or password`);
  if (problems.list.length > 0) throw problemsError(problems.list, options);
  return { kind, namespace, name, value: { apiVersion: "v1", kind, ...head, type, data } };
}

function checkKey(key: string, path: FieldPath, problems: Problems): void {
  if (key.length <= MAX_KEY && KEY.test(key) && key !== "." && !key.startsWith("..")) return;
  problems.add(
    path,
    `A key must be at most ${MAX_KEY} letters, digits, '-', '_' and '.', and not begin with '..'`,
    undefined,
    "key",
  );
}
