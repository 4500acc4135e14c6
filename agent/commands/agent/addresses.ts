// The node's own addresses.

import { readFileSync } from "node:fs";
import { networkInterfaces, type NetworkInterfaceInfo } from "node:os";

import type { Clock } from "../../base/clock.ts";

const DEFAULT_DESTINATION = "00000000";
/** Every pod adds an interface to be looked through, and every change of a pod asks for the addresses. */
const KEPT_NS = 1_000_000_000n;

/** The interface of the IPv4 default route with the least metric, of /proc/net/route. */
export function defaultInterface(routes: string): string | undefined {
  let best: { name: string; metric: number } | undefined;
  for (const line of routes.split("\n").slice(1)) {
    const [name = "", destination, , , , , metric = "0", mask] = line.split("\t");
    if (destination !== DEFAULT_DESTINATION || mask !== DEFAULT_DESTINATION) continue;
    if (best === undefined || Number(metric) < best.metric) best = { name, metric: Number(metric) };
  }
  return best?.name;
}

/** The primary one first: what was asked for, else that of the default route, else any but the pods' own bridge's. */
export function chooseAddresses(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  routes: string,
  nodeIp: string,
  bridge: string,
): string[] {
  const usable = (name: string): string[] =>
    (interfaces[name] ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"))
      .toSorted((a, b) => (a.family === b.family ? 0 : a.family === "IPv4" ? -1 : 1))
      .map(({ address }) => address);
  const primary = defaultInterface(routes);
  const names = primary === undefined ? Object.keys(interfaces).filter((name) => name !== bridge) : [primary];
  const found = names.flatMap(usable);
  if (nodeIp !== "")
    return [nodeIp, ...found.filter((address) => address.includes(":") !== nodeIp.includes(":")).slice(0, 1)];
  const [first] = found;
  if (first === undefined) return ["127.0.0.1"];
  // One of each family.
  const other = found.find((address) => address.includes(":") !== first.includes(":"));
  return other === undefined ? [first] : [first, other];
}

/** As they are, or were within the last second. */
export function hostAddresses(clock: Clock, read: () => readonly string[]): () => readonly string[] {
  let known: { readonly at: bigint; readonly addresses: readonly string[] } | undefined;
  return () => {
    const now = clock.monotonic();
    if (known === undefined || now - known.at >= KEPT_NS) known = { at: now, addresses: read() };
    return known.addresses;
  };
}

export function readAddresses(nodeIp: string, bridge: string): string[] {
  let routes = "";
  try {
    routes = readFileSync("/proc/net/route", "utf8");
  } catch {
    // A kernel without IPv4.
  }
  return chooseAddresses(networkInterfaces(), routes, nodeIp, bridge);
}
