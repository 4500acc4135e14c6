// What of a plugin chain's result matters to a pod. Pure.
import { isIP } from "node:net";
import { NodeletError } from "../../agent/base/errors.ts";
import type { NetworkResult, ResolverSettings } from "../network.ts";
import type { LoadedNetwork } from "./config-directory.ts";
import type { Attachment } from "./invocation.ts";
import { writeResult, type Result, type ResultDns, type ResultIp } from "./result.ts";

/**
 * The addresses of the pod's link, those of IPv4 first, as containerd tells them. Before 0.3.0, and where a plugin does not say, all are the
 * pod's. Throws `invalid` when there is none: nobody could reach the pod.
 */
export function podNetworkResult(network: LoadedNetwork, attachment: Attachment, result: Result): NetworkResult {
  const { name, plugins } = network.config;
  const isPods = (ip: ResultIp): boolean => {
    const link = ip.interface === undefined ? undefined : result.interfaces[ip.interface];
    return link === undefined || (link.sandbox !== undefined && link.name === attachment.ifName);
  };
  const ips = result.ips
    .filter(isPods)
    .toSorted((a, b) => a.family - b.family)
    .map(({ address }) => address.split("/")[0] ?? "");
  if (ips.length === 0) {
    const chain = plugins.map(({ type }) => type).join(", ");
    throw new NodeletError(
      "invalid",
      `The plugins of the CNI network ${name} (${chain}) gave the pod no address on ${attachment.ifName}`,
      {
        where: network.file,
        fix: "Give the first plugin an ipam section",
      },
    );
  }
  return {
    ips,
    interfaces: result.interfaces
      .filter(({ sandbox }) => sandbox !== undefined)
      .map((link) => ({ name: link.name, mac: link.mac ?? "" })),
    dns: resolverOf(result.dns),
    detail: { network: name, plugins: plugins.map(({ type }) => type), result: writeResult(result) },
  };
}

function resolverOf({ nameservers = [], domain, search = [], options = [] }: ResultDns): ResolverSettings | undefined {
  const servers = nameservers.filter((server) => isIP(server) !== 0);
  const searches = search.length > 0 || domain === undefined ? search : [domain];
  if (servers.length + searches.length + options.length === 0) return undefined;
  return { servers, searches, options };
}
