// From what a sandbox asks of the network to CNI_ARGS and capability arguments. Names as in CNI's CONVENTIONS.md, values as kubelet's
// users know them from containerd. Pure.
import { NodeletError } from "../../agent/base/errors.ts";
import { quantityValue } from "../../agent/base/quantity.ts";
import type { NetworkAttachment } from "../network.ts";
import type { JsonObject } from "./config.ts";
import type { Attachment } from "./invocation.ts";

/** What the pod's link is called inside. */
export const POD_LINK = "eth0";

const INGRESS = "kubernetes.io/ingress-bandwidth";
const EGRESS = "kubernetes.io/egress-bandwidth";

/** kubelet's limits of a rate, in bits a second. */
const RATE_MIN = 1_000n;
const RATE_MAX = 1_000_000_000_000_000n;
/** containerd's: a burst as long as tc can count, in bits. */
const BURST = 0xffffffff;

/**
 * Annotations for capabilities that Kubernetes has no field for, each with the form of its value. A plugin gets one only where the
 * administrator's configuration gives it the capability.
 */
export const CAPABILITY_ANNOTATIONS: Readonly<Record<string, { capability: string; json: boolean }>> = {
  "cni.nodelet.dev/mac": { capability: "mac", json: false },
  "cni.nodelet.dev/ips": { capability: "ips", json: true },
  "cni.nodelet.dev/ip-ranges": { capability: "ipRanges", json: true },
  "cni.nodelet.dev/aliases": { capability: "aliases", json: true },
  "cni.nodelet.dev/infiniband-guid": { capability: "infinibandGUID", json: false },
  "cni.nodelet.dev/device-id": { capability: "deviceID", json: false },
};

function argument(key: string, value: string): readonly [string, string] {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[;=\u0000-\u001f\u007f]/.test(value)) {
    throw new NodeletError("invalid", `Cannot give ${JSON.stringify(value.slice(0, 200))} to CNI plugins`, {
      where: key,
      fix: "Use a name without ';', '=' and control characters",
    });
  }
  return [key, value];
}

function rate(annotations: NetworkAttachment["annotations"], key: string): number | undefined {
  const text = annotations[key];
  if (text === undefined) return undefined;
  const value = quantityValue(text);
  if (value === undefined || value < RATE_MIN || value > RATE_MAX) {
    throw new NodeletError("invalid", `Cannot limit the pod's bandwidth to ${JSON.stringify(text)}`, {
      where: `metadata.annotations['${key}']`,
      fix: "Write bits a second from 1k to 1P, such as 10M",
    });
  }
  return Number(value);
}

function bandwidth(annotations: NetworkAttachment["annotations"]): JsonObject | undefined {
  const ingressRate = rate(annotations, INGRESS);
  const egressRate = rate(annotations, EGRESS);
  if (ingressRate === undefined && egressRate === undefined) return undefined;
  return {
    ...(ingressRate === undefined ? {} : { ingressRate, ingressBurst: BURST }),
    ...(egressRate === undefined ? {} : { egressRate, egressBurst: BURST }),
  };
}

function fromAnnotations(annotations: NetworkAttachment["annotations"]): JsonObject {
  const found: Record<string, unknown> = {};
  for (const [key, { capability, json }] of Object.entries(CAPABILITY_ANNOTATIONS)) {
    const text = annotations[key];
    if (text === undefined) continue;
    try {
      found[capability] = json ? (JSON.parse(text) as unknown) : text;
    } catch (error) {
      throw new NodeletError("invalid", "The value is not JSON", {
        where: `metadata.annotations['${key}']`,
        fix: "Write a JSON list",
        cause: error,
      });
    }
  }
  return found;
}

function capabilityArgs(request: NetworkAttachment): JsonObject {
  const { annotations, portMappings, dns, cgroupParent } = request;
  const limits = bandwidth(annotations);
  const mappings = portMappings
    .filter(({ hostPort }) => hostPort > 0)
    .map(({ hostPort, containerPort, protocol, hostIp }) => ({ hostPort, containerPort, protocol, hostIP: hostIp }));
  const hasDns = dns !== undefined && [dns.servers, dns.searches, dns.options].some((words) => words.length > 0);
  return {
    "io.kubernetes.cri.pod-annotations": annotations,
    ...fromAnnotations(annotations),
    ...(mappings.length === 0 ? {} : { portMappings: mappings }),
    ...(limits === undefined ? {} : { bandwidth: limits }),
    ...(hasDns ? { dns: { servers: dns.servers, searches: dns.searches, options: dns.options } } : {}),
    ...(cgroupParent === "" ? {} : { cgroupPath: cgroupParent }),
  };
}

/** Throws `invalid` naming the field at fault. */
export function attachmentOf(request: NetworkAttachment): Attachment {
  return {
    containerId: request.sandboxId,
    netns: request.netns,
    ifName: POD_LINK,
    args: [
      ["IgnoreUnknown", "1"],
      argument("K8S_POD_NAMESPACE", request.podNamespace),
      argument("K8S_POD_NAME", request.podName),
      argument("K8S_POD_INFRA_CONTAINER_ID", request.sandboxId),
      argument("K8S_POD_UID", request.podUid),
    ],
    capabilityArgs: capabilityArgs(request),
  };
}
