// A container's environment: $(VAR) references, fields of the pod, resources.

import { availableParallelism, totalmem } from "node:os";

import type { V1Container, V1EnvVar } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { quantityMilli } from "../base/quantity.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** What of a pod is only known on the node. */
export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  readonly nodeName: string;
}

/**
 * Replaces $(NAME) by its value; $$ stands for one $, and a reference to a name that is not there stays as it is.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (whole: string, name: string | undefined) =>
    name === undefined ? "$" : (variables.get(name) ?? whole),
  );
}

/** In the order of the specification, later ones of a name replacing earlier ones. */
export function resolveEnv(container: V1Container, pod: DecodedPod, addresses: PodAddresses): Map<string, string> {
  const variables = new Map<string, string>();
  for (const variable of container.env ?? []) {
    const value =
      variable.valueFrom === undefined
        ? expand(variable.value ?? "", variables)
        : fromSource(variable, container, pod, addresses);
    variables.set(variable.name, value);
  }
  return variables;
}

function fromSource(variable: V1EnvVar, container: V1Container, pod: DecodedPod, addresses: PodAddresses): string {
  const { fieldRef, resourceFieldRef } = variable.valueFrom ?? {};
  if (fieldRef !== undefined) return podField(fieldRef.fieldPath, pod, addresses);
  if (resourceFieldRef !== undefined) {
    const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const target = resourceFieldRef.containerName
      ? all.find((item) => item.name === resourceFieldRef.containerName)
      : container;
    return resourceField(resourceFieldRef.resource, String(resourceFieldRef.divisor ?? "1"), target ?? container);
  }
  throw new NodeletError("unsupported", `Variable ${variable.name} has a source that is not supported yet`, {
    where: `spec.containers: ${container.name}.env`,
  });
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

/** Whole multiples of the divisor, rounded up. A limit that is not set is what the node has. */
export function resourceField(resource: string, divisor: string, container: V1Container): string {
  const [kind = "", ...rest] = resource.split(".");
  const name = rest.join(".");
  const values = kind === "limits" ? container.resources?.limits : container.resources?.requests;
  let milli = quantityMilli(values?.[name] ?? "");
  if (milli === undefined) {
    if (kind === "requests") milli = 0n;
    else if (name === "cpu") milli = BigInt(availableParallelism()) * 1000n;
    else if (name === "memory") milli = BigInt(totalmem()) * 1000n;
    else milli = 0n;
  }
  let unit = quantityMilli(divisor) ?? 1000n;
  if (unit <= 0n) unit = 1000n;
  return ((milli + unit - 1n) / unit).toString();
}
