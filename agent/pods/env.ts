// A container's environment: $(VAR) references, fields of the pod, resources.

import type { V1ConfigMap, V1Container, V1EnvFromSource, V1EnvVar, V1Secret } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { quantityMilli } from "../base/quantity.ts";
import type { ObjectLookup } from "../kube/objects.ts";
import type { NodeFacts } from "./admission.ts";
import { envFileValue, fileKey, type EnvFiles } from "./env-file.ts";
import { envName } from "./schema/rules.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** What of a pod is only known on the node. */
export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  readonly nodeName: string;
}

/** What of the node is for pods. */
export type NodeAmounts = Pick<NodeFacts, "cpuMilli" | "memory" | "ephemeralStorage">;

/**
 * Replaces $(NAME) by its value; $$ stands for one $, and a reference to a name that is not there stays as it is.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (whole: string, name: string | undefined) =>
    name === undefined ? "$" : (variables.get(name) ?? whole),
  );
}

/** ConfigMaps and Secrets that a container's environment names; undefined ones are not there. */
export interface EnvObjects {
  readonly configMaps: ReadonlyMap<string, V1ConfigMap | undefined>;
  readonly secrets: ReadonlyMap<string, V1Secret | undefined>;
}

/** Names of the objects that a container's environment is made of. */
export function envReferences(container: V1Container): { readonly configMaps: string[]; readonly secrets: string[] } {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef !== undefined) configMaps.add(configMapRef.name ?? "");
    if (secretRef !== undefined) secrets.add(secretRef.name ?? "");
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef !== undefined) configMaps.add(valueFrom.configMapKeyRef.name ?? "");
    if (valueFrom?.secretKeyRef !== undefined) secrets.add(valueFrom.secretKeyRef.name ?? "");
  }
  return { configMaps: [...configMaps], secrets: [...secrets] };
}

export async function lookUpEnv(
  container: V1Container,
  namespace: string,
  objects: ObjectLookup,
  signal: AbortSignal,
): Promise<EnvObjects> {
  const names = envReferences(container);
  const all = async <T>(list: string[], look: (name: string) => Promise<T>): Promise<ReadonlyMap<string, T>> =>
    new Map(await Promise.all(list.map(async (name) => [name, await look(name)] as const)));
  return {
    configMaps: await all(names.configMaps, (name) => objects.configMap(namespace, name, { signal })),
    secrets: await all(names.secrets, (name) => objects.secret(namespace, name, { signal })),
  };
}

export interface EnvContext {
  readonly pod: DecodedPod;
  readonly addresses: PodAddresses;
  readonly objects: EnvObjects;
  readonly node: () => NodeAmounts;
  /** @default none */
  readonly files?: EnvFiles | undefined;
  /** Variables of Services. @default none */
  readonly services?: ReadonlyMap<string, string> | undefined;
}

export interface ResolvedEnv {
  readonly variables: ReadonlyMap<string, string>;
  /** Keys of envFrom that cannot be names of variables, by the object that has them. */
  readonly skipped: readonly { readonly source: string; readonly keys: readonly string[] }[];
}

/**
 * First Services, then what envFrom brings, then env, each in the order of the specification, later ones of a name replacing earlier ones. Throws
 * `not-found` for an object or key that must be there.
 */
export function resolveEnv(container: V1Container, context: EnvContext): ResolvedEnv {
  // $(NAME) finds Services too; what the container itself says comes after them and wins.
  const variables = new Map(context.services);
  const skipped: { source: string; keys: string[] }[] = [];
  for (const from of container.envFrom ?? []) {
    const { values, source } = bulk(from, context);
    const keys: string[] = [];
    for (const [key, value] of Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const name = `${from.prefix ?? ""}${key}`;
      if (envName(name) === undefined) variables.set(name, value);
      else keys.push(name);
    }
    if (keys.length > 0) skipped.push({ source, keys });
  }
  for (const variable of container.env ?? []) {
    const value =
      variable.valueFrom === undefined
        ? expand(variable.value ?? "", variables)
        : fromSource(variable, container, context);
    if (value !== undefined) variables.set(variable.name, value);
  }
  return { variables, skipped };
}

function bulk(
  { configMapRef, secretRef }: V1EnvFromSource,
  { pod, objects }: EnvContext,
): { readonly values: Readonly<Record<string, string>>; readonly source: string } {
  const name = configMapRef?.name ?? secretRef?.name ?? "";
  const kind = configMapRef === undefined ? "secret" : "configMap";
  const values =
    configMapRef === undefined ? secretValues(objects.secrets.get(name)) : objects.configMaps.get(name)?.data;
  const source = `${kind} ${pod.metadata.namespace}/${name}`;
  const isThere = (configMapRef === undefined ? objects.secrets : objects.configMaps).get(name) !== undefined;
  if (isThere || (configMapRef ?? secretRef)?.optional === true) return { values: values ?? {}, source };
  throw missing(kind === "secret" ? "secret" : "configmap", name);
}

function secretValues(secret: V1Secret | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  );
}

function missing(kind: "configmap" | "secret", name: string): NodeletError {
  return new NodeletError("not-found", `${kind} "${name}" not found`);
}

/** Undefined: optional and not there. */
function fromSource(variable: V1EnvVar, container: V1Container, context: EnvContext): string | undefined {
  const { pod, addresses, objects, node } = context;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = variable.valueFrom ?? {};
  if (fieldRef !== undefined) return podField(fieldRef.fieldPath, pod, addresses);
  if (resourceFieldRef !== undefined) {
    const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const target = resourceFieldRef.containerName
      ? all.find((item) => item.name === resourceFieldRef.containerName)
      : container;
    return resourceField(resourceFieldRef.resource, String(resourceFieldRef.divisor ?? "1"), target ?? container, node);
  }
  if (configMapKeyRef !== undefined) {
    const object = objects.configMaps.get(configMapKeyRef.name ?? "");
    return keyed(configMapKeyRef, "ConfigMap", object !== undefined, object?.data, pod);
  }
  if (secretKeyRef !== undefined) {
    const object = objects.secrets.get(secretKeyRef.name ?? "");
    return keyed(secretKeyRef, "Secret", object !== undefined, secretValues(object), pod);
  }
  if (fileKeyRef !== undefined) {
    const { volumeName, path, key, optional } = fileKeyRef;
    const name = fileKey(volumeName, path);
    const text = context.files?.get(name);
    const value = text === undefined ? undefined : envFileValue(text, key, name);
    if (value !== undefined || optional === true) return value;
    if (text === undefined) throw new NodeletError("not-found", `environment file "${name}" not found`);
    throw new NodeletError("not-found", `environment variable key "${key}" not found in file "${name}"`);
  }
  throw new NodeletError("unsupported", `Variable ${variable.name} has a source that is not supported yet`, {
    where: `spec.containers: ${container.name}.env`,
  });
}

function keyed(
  { name = "", key, optional }: { name?: string; key: string; optional?: boolean },
  kind: "ConfigMap" | "Secret",
  isThere: boolean,
  values: Readonly<Record<string, string>> | undefined,
  pod: DecodedPod,
): string | undefined {
  const value = values?.[key];
  if (value !== undefined || optional === true) return value;
  if (!isThere) throw missing(kind === "Secret" ? "secret" : "configmap", name);
  throw new NodeletError("not-found", `couldn't find key ${key} in ${kind} ${pod.metadata.namespace}/${name}`);
}

export function podField(path: string, pod: DecodedPod, addresses: PodAddresses): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (subscript !== null) {
    const map = subscript[1] === "labels" ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[subscript[2] ?? ""] ?? "";
  }
  switch (path) {
    case "metadata.name":
      return pod.metadata.name;
    case "metadata.namespace":
      return pod.metadata.namespace;
    case "metadata.uid":
      return pod.metadata.uid ?? "";
    case "spec.nodeName":
      return addresses.nodeName;
    case "spec.serviceAccountName":
      return pod.spec.serviceAccountName ?? "";
    case "status.hostIP":
      return addresses.hostIPs[0] ?? "";
    case "status.hostIPs":
      return addresses.hostIPs.join(",");
    case "status.podIP":
      return addresses.podIPs[0] ?? "";
    case "status.podIPs":
      return addresses.podIPs.join(",");
    default:
      throw new NodeletError("unsupported", `Field ${path} cannot be read into a variable`, {
        where: "fieldRef.fieldPath",
      });
  }
}

/** Whole multiples of the divisor, rounded up. A limit that is not set is what of the node is for pods. */
export function resourceField(
  resource: string,
  divisor: string,
  container: V1Container,
  node: () => NodeAmounts,
): string {
  const [kind = "", ...rest] = resource.split(".");
  const name = rest.join(".");
  const values = kind === "limits" ? container.resources?.limits : container.resources?.requests;
  let milli = quantityMilli(values?.[name] ?? "") ?? 0n;
  if (milli === 0n && kind === "limits") milli = wholeMilli(name, node());
  let unit = quantityMilli(divisor) ?? 1000n;
  if (unit <= 0n) unit = 1000n;
  return ((milli + unit - 1n) / unit).toString();
}

function wholeMilli(name: string, { cpuMilli, memory, ephemeralStorage = 0n }: NodeAmounts): bigint {
  if (name === "cpu") return cpuMilli;
  if (name === "memory") return memory * 1000n;
  return name === "ephemeral-storage" ? ephemeralStorage * 1000n : 0n;
}
