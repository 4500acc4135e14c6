// Links, addresses and routes as rtnetlink messages (linux/rtnetlink.h, if_link.h, if_addr.h). Pure.
import { NodeletError } from "../../base/errors.ts";
import type { Fd } from "../system.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { Attributes, malformed, MessageBuilder, NLM_F, viewOf, type Answer, type NetlinkMessage } from "./netlink.ts";

const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  GETROUTE: 26,
} as const;

const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;
export type Family = typeof AF_INET | typeof AF_INET6;

const IFF_UP = 1;
/** The driver has carrier; shown in flags as IFF_LOWER_UP. */
const IFF_LOWER_UP = 0x10000;

const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  IFALIAS: 20,
  STATS64: 23,
  AF_SPEC: 26,
  GROUP: 27,
  NET_NS_FD: 28,
  EXT_MASK: 29,
} as const;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_INFO_SLAVE_KIND = 4;
const IFLA_INFO_SLAVE_DATA = 5;
const VETH_INFO_PEER = 1;
const IFLA_BRPORT_MODE = 4;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const IN6_ADDR_GEN_MODE_NONE = 1;
/** Counters make up most of a link's description and nobody here reads them. */
const RTEXT_FILTER_SKIP_STATS = 8;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;
const IFA_F_NODAD = 2;

const RTA = { DST: 1, OIF: 4, GATEWAY: 5, TABLE: 15 } as const;
const RT_TABLE_MAIN = 254;
const RTPROT_STATIC = 4;
const RT_SCOPE_UNIVERSE = 0;
const RTN_UNICAST = 1;

/** IFNAMSIZ, which counts the NUL. */
const MAX_NAME_LENGTH = 15;

/** A link by its number, or by its name when the number is not known. */
export type LinkReference = number | string;

function linkName(name: string): string {
  if (
    name === "" ||
    Buffer.byteLength(name) > MAX_NAME_LENGTH ||
    /[/\s\p{Cc}]/u.test(name) ||
    name === "." ||
    name === ".."
  ) {
    throw new NodeletError("invalid", `Cannot use ${JSON.stringify(name)} as the name of a network interface`, {
      fix: `Use 1 to ${MAX_NAME_LENGTH} characters without spaces and slashes.`,
    });
  }
  return name;
}

/** "02:00:0a:01:02:03" as six bytes. */
export function parseMac(mac: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) {
    throw new NodeletError("invalid", `Cannot use ${JSON.stringify(mac)} as a hardware address`);
  }
  return Buffer.from(mac.replaceAll(":", ""), "hex");
}

export function formatMac(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/..(?=.)/g, "$&:");
}

function ifinfomsg(index: number, flags: number, change: number): Uint8Array {
  const out = Buffer.alloc(16);
  out.writeUInt8(AF_UNSPEC, 0);
  out.writeInt32LE(index, 4);
  out.writeUInt32LE(flags, 8);
  out.writeUInt32LE(change, 12);
  return out;
}

function linkMessage(type: number, flags: number, link: LinkReference, state = 0, change = 0): MessageBuilder {
  const builder = new MessageBuilder(type, NLM_F.REQUEST | flags);
  builder.fixed(ifinfomsg(typeof link === "number" ? link : 0, state, change));
  if (typeof link === "string") builder.string(IFLA.IFNAME, linkName(link));
  return builder;
}

function called(link: LinkReference): string {
  return typeof link === "number" ? `link ${link}` : link;
}

export function addBridge(options: { name: string; mac: string; mtu?: number | undefined }): NetlinkMessage {
  const builder = linkMessage(RTM.NEWLINK, NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL, options.name);
  builder.bytes(IFLA.ADDRESS, parseMac(options.mac));
  if (options.mtu !== undefined) builder.u32(IFLA.MTU, options.mtu);
  builder.nest(IFLA.LINKINFO, (info) => info.bytes(IFLA_INFO_KIND, Buffer.from("bridge")));
  return { what: `make the bridge ${options.name}`, bytes: builder.finish() };
}

export interface VethOptions {
  readonly name: string;
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  /** The index of the bridge that our end becomes a port of. */
  readonly master?: number | undefined;
  /** Our end is up when it appears. The peer cannot be: it comes first, and has no other end to be connected to. */
  readonly up?: boolean | undefined;
  readonly peer: {
    readonly name: string;
    readonly mac?: string | undefined;
    /** The network namespace that the peer is made in, as a descriptor. */
    readonly netns: Fd;
  };
}

/** A pair of virtual Ethernet links; the peer never exists outside its network namespace. */
export function addVeth(options: VethOptions): NetlinkMessage {
  const state = options.up === true ? IFF_UP : 0;
  const builder = linkMessage(RTM.NEWLINK, NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL, options.name, state, state);
  if (options.mac !== undefined) builder.bytes(IFLA.ADDRESS, parseMac(options.mac));
  if (options.mtu !== undefined) builder.u32(IFLA.MTU, options.mtu);
  if (options.master !== undefined) builder.u32(IFLA.MASTER, options.master);
  builder.nest(IFLA.LINKINFO, (info) => {
    info.bytes(IFLA_INFO_KIND, Buffer.from("veth")).nest(IFLA_INFO_DATA, (data) => {
      data.nest(VETH_INFO_PEER, (peer) => {
        peer.fixed(ifinfomsg(0, 0, 0)).string(IFLA.IFNAME, linkName(options.peer.name));
        if (options.peer.mac !== undefined) peer.bytes(IFLA.ADDRESS, parseMac(options.peer.mac));
        if (options.mtu !== undefined) peer.u32(IFLA.MTU, options.mtu);
        peer.u32(IFLA.NET_NS_FD, options.peer.netns);
      });
    });
  });
  return { what: `make the veth pair ${options.name} and ${options.peer.name}`, bytes: builder.finish() };
}

export interface LinkChange {
  readonly up?: boolean | undefined;
  readonly mtu?: number | undefined;
  readonly mac?: string | undefined;
  /** 0 takes it out of its bridge. */
  readonly master?: number | undefined;
  /** No IPv6 link-local address, and so none of the multicast that comes with one. */
  readonly noIpv6LinkLocal?: boolean | undefined;
  /** Words for people; at most 255 bytes. */
  readonly alias?: string | undefined;
  /** Links of a group can be removed together. */
  readonly group?: number | undefined;
}

export function setLink(link: LinkReference, change: LinkChange): NetlinkMessage {
  const state = change.up === true ? IFF_UP : 0;
  const builder = linkMessage(RTM.SETLINK, NLM_F.ACK, link, state, change.up === undefined ? 0 : IFF_UP);
  if (change.mac !== undefined) builder.bytes(IFLA.ADDRESS, parseMac(change.mac));
  if (change.mtu !== undefined) builder.u32(IFLA.MTU, change.mtu);
  if (change.master !== undefined) builder.u32(IFLA.MASTER, change.master);
  if (change.noIpv6LinkLocal === true) {
    builder.nest(IFLA.AF_SPEC, (families) => {
      families.nest(AF_INET6, (inet6) => inet6.u8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE));
    });
  }
  if (change.alias !== undefined) builder.string(IFLA.IFALIAS, change.alias);
  if (change.group !== undefined) builder.u32(IFLA.GROUP, change.group);
  const parts: string[] = [];
  if (change.alias !== undefined) parts.push(`alias ${change.alias}`);
  if (change.group !== undefined) parts.push(`group ${change.group}`);
  if (change.up !== undefined) parts.push(change.up ? "up" : "down");
  if (change.mtu !== undefined) parts.push(`mtu ${change.mtu}`);
  if (change.mac !== undefined) parts.push(`mac ${change.mac}`);
  if (change.master !== undefined) parts.push(`master ${change.master}`);
  if (change.noIpv6LinkLocal === true) parts.push("no IPv6 link-local address");
  return { what: `set ${called(link)} (${parts.join(", ")})`, bytes: builder.finish() };
}

export function deleteLink(link: LinkReference): NetlinkMessage {
  return { what: `delete ${called(link)}`, bytes: linkMessage(RTM.DELLINK, NLM_F.ACK, link).finish() };
}

/** All links of a group. Fails with ENODEV when there is none. */
export function deleteLinkGroup(group: number): NetlinkMessage {
  const builder = linkMessage(RTM.DELLINK, NLM_F.ACK, 0).u32(IFLA.GROUP, group);
  return { what: `delete the links of group ${group}`, bytes: builder.finish() };
}

/** The bridge's side of a link that is one of its ports. */
export function setPort(link: LinkReference, port: { hairpin: boolean }): NetlinkMessage {
  const builder = linkMessage(RTM.NEWLINK, NLM_F.ACK, link).nest(IFLA.LINKINFO, (info) => {
    info.bytes(IFLA_INFO_SLAVE_KIND, Buffer.from("bridge")).nest(IFLA_INFO_SLAVE_DATA, (data) => {
      data.u8(IFLA_BRPORT_MODE, port.hairpin ? 1 : 0);
    });
  });
  return { what: `set the bridge port of ${called(link)}`, bytes: builder.finish() };
}

export function getLink(link: LinkReference): NetlinkMessage {
  const builder = linkMessage(RTM.GETLINK, NLM_F.ACK, link).u32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return { what: `look up ${called(link)}`, bytes: builder.finish() };
}

/** All links, or the ports of one bridge. */
export function dumpLinks(options: { master?: number | undefined } = {}): NetlinkMessage {
  const builder = linkMessage(RTM.GETLINK, NLM_F.DUMP, 0).u32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  if (options.master !== undefined) builder.u32(IFLA.MASTER, options.master);
  return { what: "list network links", bytes: builder.finish() };
}

/** Answered by what `decodeLinkCounters` takes. */
export function dumpLinkCounters(): NetlinkMessage {
  return { what: "read the counters of network links", bytes: linkMessage(RTM.GETLINK, NLM_F.DUMP, 0).finish() };
}

/** Since the link was made. */
export interface LinkCounters {
  readonly name: string;
  readonly receivedPackets: bigint;
  readonly sentPackets: bigint;
  readonly receivedBytes: bigint;
  readonly sentBytes: bigint;
  readonly receiveErrors: bigint;
  readonly sendErrors: bigint;
  readonly receiveDropped: bigint;
  readonly sendDropped: bigint;
}

/** struct rtnl_link_stats64 begins with these eight. */
export function decodeLinkCounters(answer: Answer): LinkCounters {
  if (answer.type !== RTM.NEWLINK) throw malformed(`message ${answer.type} where a link belongs`);
  const { attributes } = split(answer.payload, 16);
  const bytes = attributes.bytes(IFLA.STATS64);
  if (bytes === undefined || bytes.length < 64) throw malformed("a link without counters");
  const view = viewOf(bytes);
  const counter = (index: number): bigint => view.getBigUint64(8 * index, true);
  return {
    name: attributes.string(IFLA.IFNAME) ?? "",
    receivedPackets: counter(0),
    sentPackets: counter(1),
    receivedBytes: counter(2),
    sentBytes: counter(3),
    receiveErrors: counter(4),
    sendErrors: counter(5),
    receiveDropped: counter(6),
    sendDropped: counter(7),
  };
}

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly mac: string;
  readonly mtu: number;
  readonly master: number | undefined;
  /** The other end of a veth pair, numbered in its own network namespace. */
  readonly peerIndex: number | undefined;
  /** Such as `bridge` or `veth`; empty for a device of hardware. */
  readonly kind: string;
  readonly alias: string;
}

export function decodeLink(answer: Answer): Link {
  if (answer.type !== RTM.NEWLINK) throw malformed(`message ${answer.type} where a link belongs`);
  const { header, attributes } = split(answer.payload, 16);
  const flags = header.getUint32(8, true);
  const mac = attributes.bytes(IFLA.ADDRESS);
  return {
    index: header.getInt32(4, true),
    name: attributes.string(IFLA.IFNAME) ?? "",
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    mac: mac === undefined ? "" : formatMac(mac),
    mtu: attributes.u32(IFLA.MTU) ?? 0,
    master: attributes.u32(IFLA.MASTER),
    peerIndex: attributes.u32(IFLA.LINK),
    kind: attributes.nested(IFLA.LINKINFO)?.string(IFLA_INFO_KIND) ?? "",
    alias: attributes.string(IFLA.IFALIAS) ?? "",
  };
}

function split(payload: Uint8Array, headerSize: number): { header: DataView; attributes: Attributes } {
  if (payload.length < headerSize) throw malformed(`${payload.length} bytes where a header of ${headerSize} belongs`);
  return { header: viewOf(payload.subarray(0, headerSize)), attributes: new Attributes(payload.subarray(headerSize)) };
}

function ifaddrmsg(family: number, prefix: number, index: number, flags = 0): Uint8Array {
  const out = Buffer.alloc(8);
  out.writeUInt8(family, 0);
  out.writeUInt8(prefix, 1);
  out.writeUInt8(flags, 2);
  out.writeUInt8(RT_SCOPE_UNIVERSE, 3);
  out.writeUInt32LE(index, 4);
  return out;
}

export interface AddressOptions {
  readonly link: number;
  readonly address: string;
  readonly prefix: number;
  /** Of IPv6: used at once, without asking first whether somebody has it. */
  readonly unchecked?: boolean | undefined;
}

function addressMessage(type: number, flags: number, options: AddressOptions): MessageBuilder {
  const { family, bytes } = parseAddress(options.address);
  const builder = new MessageBuilder(type, NLM_F.REQUEST | NLM_F.ACK | flags);
  builder.fixed(ifaddrmsg(family, options.prefix, options.link, options.unchecked === true ? IFA_F_NODAD : 0));
  builder.bytes(IFA_LOCAL, bytes).bytes(IFA_ADDRESS, bytes);
  if (family === AF_INET && type === RTM.NEWADDR && options.prefix < 31) {
    builder.bytes(IFA_BROADCAST, broadcast(bytes, options.prefix));
  }
  return builder;
}

function broadcast(address: Uint8Array, prefix: number): Uint8Array {
  const out = Buffer.from(address);
  const host = prefix === 0 ? 0xffffffff : (1 << (32 - prefix)) - 1;
  out.writeUInt32BE((out.readUInt32BE(0) | host) >>> 0, 0);
  return out;
}

/** Also succeeds when the link has that address already. */
export function addAddress(options: AddressOptions): NetlinkMessage {
  return {
    what: `add the address ${options.address}/${options.prefix} to ${called(options.link)}`,
    bytes: addressMessage(RTM.NEWADDR, NLM_F.CREATE | NLM_F.REPLACE, options).finish(),
  };
}

export function deleteAddress(options: AddressOptions): NetlinkMessage {
  return {
    what: `take the address ${options.address}/${options.prefix} from ${called(options.link)}`,
    bytes: addressMessage(RTM.DELADDR, 0, options).finish(),
  };
}

export function dumpAddresses(family: Family): NetlinkMessage {
  const builder = new MessageBuilder(RTM.GETADDR, NLM_F.REQUEST | NLM_F.DUMP).fixed(ifaddrmsg(family, 0, 0));
  return { what: "list addresses", bytes: builder.finish() };
}

export interface LinkAddress {
  readonly link: number;
  readonly address: string;
  readonly prefix: number;
}

export function decodeAddress(answer: Answer): LinkAddress {
  if (answer.type !== RTM.NEWADDR) throw malformed(`message ${answer.type} where an address belongs`);
  const { header, attributes } = split(answer.payload, 8);
  const bytes = attributes.bytes(IFA_LOCAL) ?? attributes.bytes(IFA_ADDRESS);
  if (bytes === undefined) throw malformed("an address without its bytes");
  return { link: header.getUint32(4, true), address: formatAddress(bytes), prefix: header.getUint8(1) };
}

function rtmsg(family: number, destinationLength: number, table: number, protocol: number, type: number): Uint8Array {
  const out = Buffer.alloc(12);
  out.writeUInt8(family, 0);
  out.writeUInt8(destinationLength, 1);
  out.writeUInt8(table, 4);
  out.writeUInt8(protocol, 5);
  out.writeUInt8(RT_SCOPE_UNIVERSE, 6);
  out.writeUInt8(type, 7);
  return out;
}

/** The default route through a gateway on the link. Also succeeds when it is there already. */
export function addDefaultRoute(options: { gateway: string; link: number }): NetlinkMessage {
  const { family, bytes } = parseAddress(options.gateway);
  const builder = new MessageBuilder(RTM.NEWROUTE, NLM_F.REQUEST | NLM_F.ACK | NLM_F.CREATE | NLM_F.REPLACE)
    .fixed(rtmsg(family, 0, RT_TABLE_MAIN, RTPROT_STATIC, RTN_UNICAST))
    .bytes(RTA.GATEWAY, bytes)
    .u32(RTA.OIF, options.link);
  return { what: `add the default route by ${options.gateway}`, bytes: builder.finish() };
}

export function dumpRoutes(family: Family): NetlinkMessage {
  const builder = new MessageBuilder(RTM.GETROUTE, NLM_F.REQUEST | NLM_F.DUMP).fixed(rtmsg(family, 0, 0, 0, 0));
  return { what: "list routes", bytes: builder.finish() };
}

export interface Route {
  readonly table: number;
  /** Empty for the default route. */
  readonly destination: string;
  readonly prefix: number;
  readonly gateway: string | undefined;
  readonly link: number | undefined;
  /** RTN_ of linux/rtnetlink.h; 1 is unicast. */
  readonly type: number;
}

export function decodeRoute(answer: Answer): Route {
  if (answer.type !== RTM.NEWROUTE) throw malformed(`message ${answer.type} where a route belongs`);
  const { header, attributes } = split(answer.payload, 12);
  const destination = attributes.bytes(RTA.DST);
  const gateway = attributes.bytes(RTA.GATEWAY);
  return {
    table: attributes.u32(RTA.TABLE) ?? header.getUint8(4),
    destination: destination === undefined ? "" : formatAddress(destination),
    prefix: header.getUint8(1),
    gateway: gateway === undefined ? undefined : formatAddress(gateway),
    link: attributes.u32(RTA.OIF),
    type: header.getUint8(7),
  };
}

export const MAIN_TABLE = RT_TABLE_MAIN;
export const UNICAST_ROUTE = RTN_UNICAST;
