// IP addresses and subnets, as text and as bytes.
import { isIPv4, isIPv6 } from "node:net";
import { NodeletError } from "../../base/errors.ts";

const AF_INET = 2;
const AF_INET6 = 10;

export interface ParsedAddress {
  readonly family: 2 | 10;
  /** 4 or 16, in network order. */
  readonly bytes: Uint8Array;
}

/** Throws `invalid` unless it is an IPv4 or IPv6 address without zone and prefix. */
export function parseAddress(address: string): ParsedAddress {
  if (isIPv4(address)) return { family: AF_INET, bytes: Buffer.from(address.split(".").map(Number)) };
  if (isIPv6(address) && !address.includes("%")) return { family: AF_INET6, bytes: ipv6Bytes(address) };
  throw new NodeletError("invalid", `Cannot use ${JSON.stringify(address)} as an IP address`);
}

function ipv6Bytes(address: string): Uint8Array {
  const embedded = /[0-9]+(\.[0-9]+){3}$/.exec(address)?.[0];
  let plain = address;
  if (embedded !== undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = embedded.split(".").map(Number);
    plain = `${address.slice(0, -embedded.length)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head = "", tail] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const out = Buffer.alloc(16);
  for (const [index, group] of groups.entries()) out.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return out;
}

/** Text of 4 or 16 bytes; IPv6 as RFC 5952 writes it. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new NodeletError("internal", `An IP address cannot have ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best.start < 0) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

export function ipv4ToNumber(address: string): number {
  const { family, bytes } = parseAddress(address);
  if (family !== AF_INET) throw new NodeletError("invalid", `Cannot use ${address} where an IPv4 address belongs`);
  return Buffer.from(bytes).readUInt32BE(0);
}

export function numberToIpv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".");
}

export interface Ipv4Subnet {
  /** The first address, as a number. */
  readonly base: number;
  readonly prefix: number;
  /** How many addresses it has, its network and broadcast address included. */
  readonly size: number;
}

/** `10.1.0.0/16`; the bits behind the prefix must be zero. */
export function parseIpv4Subnet(subnet: string): Ipv4Subnet {
  const match = /^([0-9.]+)\/([0-9]{1,2})$/.exec(subnet);
  const prefix = Number(match?.[2]);
  if (match?.[1] === undefined || !isIPv4(match[1]) || prefix > 32) {
    throw new NodeletError("invalid", `Cannot use ${JSON.stringify(subnet)} as an IPv4 subnet`, {
      fix: "Write it as an address and a prefix length, such as 10.1.0.0/16.",
    });
  }
  const address = ipv4ToNumber(match[1]);
  const size = 2 ** (32 - prefix);
  const base = Math.floor(address / size) * size;
  if (base !== address) {
    throw new NodeletError("invalid", `Cannot use ${subnet} as a subnet as its address has bits behind the prefix`, {
      fix: `Write ${numberToIpv4(base)}/${prefix}.`,
    });
  }
  return { base, prefix, size };
}

export function subnetContains(subnet: Ipv4Subnet, address: number): boolean {
  return address >= subnet.base && address < subnet.base + subnet.size;
}

export function subnetsOverlap(a: Ipv4Subnet, b: Ipv4Subnet): boolean {
  return a.base < b.base + b.size && b.base < a.base + a.size;
}

export interface Ipv6Subnet {
  /** The first address, as a number. */
  readonly base: bigint;
  readonly prefix: number;
}

const IPV6_BITS = 128;

export function ipv6ToBigint(address: string): bigint {
  const { family, bytes } = parseAddress(address);
  if (family !== AF_INET6) throw new NodeletError("invalid", `Cannot use ${address} where an IPv6 address belongs`);
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

export function bigintToIpv6(value: bigint): string {
  return formatAddress(Buffer.from(value.toString(16).padStart(32, "0"), "hex"));
}

/** `fd00:1::/64`; the bits behind the prefix must be zero. */
export function parseIpv6Subnet(subnet: string): Ipv6Subnet {
  const match = /^([0-9A-Fa-f:.]+)\/([0-9]{1,3})$/.exec(subnet);
  const prefix = Number(match?.[2]);
  if (match?.[1] === undefined || !isIPv6(match[1]) || prefix > IPV6_BITS) {
    throw new NodeletError("invalid", `Cannot use ${JSON.stringify(subnet)} as an IPv6 subnet`, {
      fix: "Write it as an address and a prefix length, such as fd00:1::/64.",
    });
  }
  const address = ipv6ToBigint(match[1]);
  const shift = BigInt(IPV6_BITS - prefix);
  const base = (address >> shift) << shift;
  if (base !== address) {
    throw new NodeletError("invalid", `Cannot use ${subnet} as a subnet as its address has bits behind the prefix`, {
      fix: `Write ${bigintToIpv6(base)}/${prefix}.`,
    });
  }
  return { base, prefix };
}

export function ipv6SubnetsOverlap(a: Ipv6Subnet, b: Ipv6Subnet): boolean {
  const shift = BigInt(IPV6_BITS - Math.min(a.prefix, b.prefix));
  return a.base >> shift === b.base >> shift;
}

export function ipv6SubnetContains(subnet: Ipv6Subnet, address: string): boolean {
  return ipv6SubnetsOverlap(subnet, { base: ipv6ToBigint(address), prefix: IPV6_BITS });
}
