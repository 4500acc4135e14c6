// Which hosts are this machine, and which a registry may not send us to. Pure.

import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Loopback, link-local (cloud metadata services listen there) and unspecified addresses. */
const local = new BlockList();
local.addSubnet("127.0.0.0", 8, "ipv4");
local.addSubnet("0.0.0.0", 8, "ipv4");
local.addSubnet("169.254.0.0", 16, "ipv4");
local.addAddress("::1", "ipv6");
local.addAddress("::", "ipv6");
local.addSubnet("fe80::", 10, "ipv6");

/** `host` as in a URL: an IPv6 address may be in brackets. */
export function isLoopbackHost(host: string): boolean {
  const name = bareHost(host);
  return name === "localhost" || name.endsWith(".localhost") || contains(loopback, name);
}

/** A host that means this machine, or one that only this machine reaches. */
export function isLocalHost(host: string): boolean {
  const name = bareHost(host);
  return isLoopbackHost(name) || contains(local, name);
}

export function isLocalAddress(address: string): boolean {
  return contains(local, address);
}

/** Lower case, without brackets and a last dot. */
export function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

function contains(list: BlockList, address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  // An IPv4 address in IPv6's clothes is still one.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return list.check(mapped, "ipv4");
  return list.check(address, version === 4 ? "ipv4" : "ipv6");
}
