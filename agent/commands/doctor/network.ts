// What the built-in network needs: links, rules, forwarding.

import { NETLINK_NETFILTER, NETLINK_ROUTE, tryExchange } from "../../system/netlink/exchange.ts";
import { MessageBuilder, NLM_F, type NetlinkMessage } from "../../system/netlink/netlink.ts";
import { getGeneration } from "../../system/netlink/nftables.ts";
import type { System } from "../../system/system.ts";
import { Findings, reason, type Finding } from "./finding.ts";
import { moduleState, type Host } from "./host.ts";

const WITHOUT = "Pods have no network of their own with --network=builtin; hostNetwork: true works.";

const KINDS = { bridge: "CONFIG_BRIDGE", veth: "CONFIG_VETH" } as const;

export async function checkNetwork(host: Host): Promise<readonly Finding[]> {
  const found = new Findings("network");
  const { system } = host;
  for (const [kind, option] of Object.entries(KINDS)) {
    const state = moduleState(host, kind);
    const fix = `Use a kernel with ${option}, or load the module: \`modprobe ${kind}\`.`;
    if (state === "loaded") found.ok(kind, "there");
    else if (state === "loadable") found.ok(kind, "a module that is loaded when it is needed");
    else if (state === "absent") found.missing(kind, "not in this kernel", WITHOUT, fix);
    else if (system === undefined || !host.root) continue;
    else if (await knowsKind(system, kind)) found.ok(kind, "there");
    else found.missing(kind, "not in this kernel", WITHOUT, fix);
  }

  if (system !== undefined && host.root) {
    const problem = await nftablesProblem(system);
    if (problem === undefined) found.ok("nftables", "answers");
    else
      found.missing(
        "nftables",
        problem,
        `${WITHOUT} Host ports do not work either.`,
        problem === "EPERM"
          ? "Run as root with CAP_NET_ADMIN."
          : "Use a kernel with CONFIG_NF_TABLES, CONFIG_NFT_NAT and CONFIG_NFT_MASQ.",
      );
  }

  const forward = "/proc/sys/net/ipv4/ip_forward";
  const value = host.read(forward)?.trim();
  if (value === "1") found.ok("forwarding", "net.ipv4.ip_forward is 1");
  else if (host.root && !host.writable(forward))
    found.missing(
      "forwarding",
      value === undefined ? "there is no net.ipv4.ip_forward" : "net.ipv4.ip_forward is 0 and cannot be set from here",
      "Pods reach each other on this node, and nothing beyond it.",
      "Set it on the host: `sysctl net.ipv4.ip_forward=1`.",
    );
  else found.ok("forwarding", "net.ipv4.ip_forward is 0; the built-in network sets it to 1");
  return found.list;
}

const RTM_NEWLINK = 16;
const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;

/** struct ifinfomsg. */
const IFINFOMSG_BYTES = 16;

/** No link can have such a name, so the kernel refuses it after it has looked for the kind: nothing is made. */
const IMPOSSIBLE_NAME = "nodelet/probe";

/** Asked only when no file tells: then there is no module to be loaded by asking. */
async function knowsKind(system: System, kind: string): Promise<boolean> {
  const builder = new MessageBuilder(RTM_NEWLINK, NLM_F.REQUEST | NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL);
  builder.fixed(Buffer.alloc(IFINFOMSG_BYTES)).string(IFLA_IFNAME, IMPOSSIBLE_NAME);
  builder.nest(IFLA_LINKINFO, (info) => {
    info.string(IFLA_INFO_KIND, kind);
    if (kind !== "veth") return;
    // The peer comes first; it must be refused too.
    info.nest(IFLA_INFO_DATA, (data) => {
      data.nest(VETH_INFO_PEER, (peer) => {
        peer.fixed(Buffer.alloc(IFINFOMSG_BYTES)).string(IFLA_IFNAME, IMPOSSIBLE_NAME);
      });
    });
  });
  const message: NetlinkMessage = { what: `look for links of kind ${kind}`, bytes: builder.finish() };
  const [outcome] = await tryExchange(system, NETLINK_ROUTE, [message]);
  return outcome?.error !== undefined && outcome.error.errno === "EINVAL";
}

async function nftablesProblem(system: System): Promise<string | undefined> {
  try {
    const [outcome] = await tryExchange(system, NETLINK_NETFILTER, [getGeneration()]);
    return outcome?.error === undefined ? undefined : outcome.error.errno;
  } catch (error) {
    return reason(error instanceof Error && error.cause !== undefined ? error.cause : error);
  }
}
