// Flows of UDP that were there before a host port changed hands. The kernel translates only the first packet of a flow by
// the rules, and a client that goes on sending keeps its flow alive: it would go on to reach the host, or a pod that is gone.
import { parseAddress } from "../agent/system/netlink/address.ts";
import { deleteFlow, decodeFlow, dumpUdpFlows, type Flow } from "../agent/system/netlink/conntrack.ts";
import { dump, NETLINK_NETFILTER, NETLINK_ROUTE, tryExchange } from "../agent/system/netlink/exchange.ts";
import { isNetlinkError } from "../agent/system/netlink/netlink.ts";
import { AF_INET, AF_INET6, decodeAddress, dumpAddresses, type Family } from "../agent/system/netlink/rtnetlink.ts";
import type { System } from "../agent/system/system.ts";
import type { PortMapping } from "./network.ts";
import { hasFamily, isEveryAddress } from "./ports.ts";

type Netlink = Pick<System, "netlink">;

async function forget(
  system: Netlink,
  mappings: readonly PortMapping[],
  family: Family,
  matches: (flow: Flow, mapping: PortMapping) => boolean,
): Promise<void> {
  for (const mapping of mappings) {
    const flows = (await dump(system, NETLINK_NETFILTER, dumpUdpFlows(mapping.hostPort, family)))
      .map(decodeFlow)
      .filter((flow) => flow.port === mapping.hostPort && matches(flow, mapping));
    for (const { error } of await tryExchange(system, NETLINK_NETFILTER, flows.map(deleteFlow))) {
      if (error !== undefined && !isNetlinkError(error, "ENOENT")) throw error;
    }
  }
}

function ofUdp(mappings: readonly PortMapping[], family: Family): PortMapping[] {
  return mappings.filter((mapping) => mapping.protocol === "udp" && hasFamily(mapping, family));
}

/** Those to this host itself that its new host ports are to lead to a pod. */
export async function forgetFlowsToHost(system: Netlink, mappings: readonly PortMapping[]): Promise<void> {
  for (const family of [AF_INET, AF_INET6] as const) {
    const udp = ofUdp(mappings, family);
    if (udp.length === 0) continue;
    const own = new Set(
      (await dump(system, NETLINK_ROUTE, dumpAddresses(family))).map((answer) => decodeAddress(answer).address),
    );
    await forget(system, udp, family, ({ destination }, { hostIp }) =>
      isEveryAddress(hostIp) ? own.has(destination) : destination === hostIp,
    );
  }
}

/** Those that a pod's host ports led to it. */
export async function forgetFlowsToPod(
  system: Netlink,
  mappings: readonly PortMapping[],
  address: string,
): Promise<void> {
  const { family } = parseAddress(address);
  await forget(system, ofUdp(mappings, family), family, ({ answeredBy }) => answeredBy === address);
}
