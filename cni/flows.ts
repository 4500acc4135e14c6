// Flows of UDP that were there before a host port changed hands. The kernel translates only the first packet of a flow by
// the rules, and a client that goes on sending keeps its flow alive: it would go on to reach the host, or a pod that is gone.
import { deleteFlow, decodeFlow, dumpUdpFlows, type Flow } from "../agent/system/netlink/conntrack.ts";
import { dump, NETLINK_NETFILTER, NETLINK_ROUTE, tryExchange } from "../agent/system/netlink/exchange.ts";
import { isNetlinkError } from "../agent/system/netlink/netlink.ts";
import { AF_INET, decodeAddress, dumpAddresses } from "../agent/system/netlink/rtnetlink.ts";
import type { System } from "../agent/system/system.ts";
import type { PortMapping } from "./network.ts";

type Netlink = Pick<System, "netlink">;

async function forget(
  system: Netlink,
  mappings: readonly PortMapping[],
  matches: (flow: Flow, mapping: PortMapping) => boolean,
): Promise<void> {
  for (const mapping of mappings) {
    const flows = (await dump(system, NETLINK_NETFILTER, dumpUdpFlows(mapping.hostPort)))
      .map(decodeFlow)
      .filter((flow) => flow.port === mapping.hostPort && matches(flow, mapping));
    for (const { error } of await tryExchange(system, NETLINK_NETFILTER, flows.map(deleteFlow))) {
      if (error !== undefined && !isNetlinkError(error, "ENOENT")) throw error;
    }
  }
}

function ofUdp(mappings: readonly PortMapping[]): PortMapping[] {
  return mappings.filter(({ protocol }) => protocol === "udp");
}

/** Those to this host itself that its new host ports are to lead to a pod. */
export async function forgetFlowsToHost(system: Netlink, mappings: readonly PortMapping[]): Promise<void> {
  const udp = ofUdp(mappings);
  if (udp.length === 0) return;
  const own = new Set(
    (await dump(system, NETLINK_ROUTE, dumpAddresses(AF_INET))).map((answer) => decodeAddress(answer).address),
  );
  await forget(system, udp, ({ destination }, { hostIp }) =>
    hostIp === "" ? own.has(destination) : destination === hostIp,
  );
}

/** Those that a pod's host ports led to it. */
export async function forgetFlowsToPod(
  system: Netlink,
  mappings: readonly PortMapping[],
  address: string,
): Promise<void> {
  await forget(system, ofUdp(mappings), ({ answeredBy }) => answeredBy === address);
}
