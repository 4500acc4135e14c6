// Names on the host that say which daemon and which sandbox they belong to.
import { createHash } from "node:crypto";
import { NodeletError } from "../agent/base/errors.ts";
import { formatAddress } from "../agent/system/netlink/address.ts";

const LINK_PREFIX = "nd";
/** Digits to base 36 of the network's and the sandbox's hash: with the prefix, as many as a link's name can have. */
const NETWORK_DIGITS = 3;
const SANDBOX_DIGITS = 10;

function digits(text: string, count: number): string {
  const hash = createHash("sha256").update(text).digest();
  return (hash.readBigUInt64BE(0) % 36n ** BigInt(count)).toString(36).padStart(count, "0");
}

/** What the names of all links of this network begin with. */
export function linkPrefix(bridge: string): string {
  return LINK_PREFIX + digits(bridge, NETWORK_DIGITS);
}

/** The host's end of a sandbox's link. */
export function linkName(bridge: string, sandboxId: string): string {
  return linkPrefix(bridge) + digits(sandboxId, SANDBOX_DIGITS);
}

/** Whether it can be the name of a link of this network. */
export function isLinkName(bridge: string, name: string): boolean {
  const prefix = linkPrefix(bridge);
  return name.startsWith(prefix) && /^[0-9a-z]{10}$/.test(name.slice(prefix.length));
}

/** Whether it can be the name of a link of any of our networks. */
export function isOwnLinkName(name: string): boolean {
  return name.startsWith(LINK_PREFIX) && /^[0-9a-z]{13}$/.test(name.slice(LINK_PREFIX.length));
}

/** Locally administered, and the same each time for the same address. */
export function macOf(address: number): string {
  const bytes = [0x0a, 0x6e, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** The link-local IPv6 address of a link with that MAC: RFC 4291, appendix A. */
export function linkLocalOf(mac: string): string {
  const bytes = mac.split(":").map((byte) => Number.parseInt(byte, 16));
  const id = [(bytes[0] ?? 0) ^ 2, ...bytes.slice(1, 3), 0xff, 0xfe, ...bytes.slice(3)];
  return formatAddress(Buffer.from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...id]));
}

/** A sandbox's id names files: no slash, no dot in front. */
export function checkSandboxId(sandboxId: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(sandboxId)) {
    throw new NodeletError("invalid", `Cannot use ${JSON.stringify(sandboxId.slice(0, 200))} as the id of a sandbox`, {
      fix: "Use 1 to 128 letters, digits, dots, dashes and underscores.",
    });
  }
}
