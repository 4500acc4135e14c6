// Host ports: which pod has which, and that no program of the host has it.
//
// A port that is held is also bound, so that a program which is started later is told that it is taken. Nothing arrives at
// that socket: the rules send it all to the pod before it gets there.
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer, isIPv4, isIPv6 } from "node:net";
import { isErrno, NodeletError } from "../agent/base/errors.ts";
import { formatAddress, parseAddress } from "../agent/system/netlink/address.ts";
import type { Family } from "../agent/system/netlink/rtnetlink.ts";
import type { PortMapping } from "./network.ts";

/** Every address of one family; the empty text is every address of both. */
const EVERY_IPV4 = "0.0.0.0";
const EVERY_IPV6 = "::";
const MAX_PORT = 65535;
/** Every endpoint of SCTP on this host; the file is there when the kernel speaks it. */
const SCTP_ENDPOINTS = "/proc/net/sctp/eps";

export interface PortOwner {
  readonly sandboxId: string;
  /** Namespace and name, for messages. */
  readonly pod: string;
}

/** A bound socket, for as long as it is not closed. */
export interface BoundPort {
  close(): void;
}

/** Binds a port of this host: undefined when the address is none of this host (yet); throws EADDRINUSE when it is taken. */
export type BindPort = (mapping: PortMapping) => Promise<BoundPort | undefined>;

interface Reservation {
  readonly owner: PortOwner;
  readonly mapping: PortMapping;
  socket: BoundPort | undefined;
}

/** Whether a normalized host address is that of no single one. */
export function isEveryAddress(hostIp: string): boolean {
  return hostIp === "" || hostIp === EVERY_IPV4 || hostIp === EVERY_IPV6;
}

/** Whether the port is one of host addresses of that family. */
export function hasFamily({ hostIp }: PortMapping, family: Family): boolean {
  return hostIp === "" || parseAddress(hostIp).family === family;
}

/** As a pod without IPv6 can have it: every address is every IPv4 address. */
export function ipv4Only(mappings: readonly PortMapping[]): PortMapping[] {
  return mappings.map((mapping) => (mapping.hostIp === "" ? { ...mapping, hostIp: EVERY_IPV4 } : mapping));
}

/**
 * Those with a host port, with an empty hostIp for every address, or `0.0.0.0` for every IPv4 address. Throws `invalid` with the
 * field at fault.
 */
export function normalizeMappings(mappings: readonly PortMapping[], options: { ipv6: boolean }): PortMapping[] {
  const normal: PortMapping[] = [];
  for (const [index, mapping] of mappings.entries()) {
    const where = `portMappings[${index}]`;
    const { protocol, containerPort, hostPort } = mapping;
    if (hostPort === 0) continue;
    if (!["tcp", "udp", "sctp"].includes(protocol)) {
      throw new NodeletError("invalid", `Cannot use ${JSON.stringify(protocol)} as the protocol of a port`, {
        where,
        fix: "Use tcp, udp or sctp.",
      });
    }
    for (const [name, port] of Object.entries({ hostPort, containerPort })) {
      if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) continue;
      throw new NodeletError("invalid", `Cannot use ${port} as a port`, {
        where: `${where}.${name}`,
        fix: `Use 1 to ${MAX_PORT}.`,
      });
    }
    const { hostIp } = mapping;
    if (hostIp !== "" && !isIPv4(hostIp) && !(options.ipv6 && isIPv6(hostIp) && !hostIp.includes("%"))) {
      throw new NodeletError("invalid", `Cannot use ${JSON.stringify(hostIp)} as the host address of a port`, {
        where: `${where}.hostIP`,
        fix: options.ipv6
          ? "Use an address of this host."
          : "Use an IPv4 address of this host: pods of this network have IPv4 addresses only.",
      });
    }
    const written = hostIp === "" ? "" : formatAddress(parseAddress(hostIp).bytes);
    normal.push({ protocol, containerPort, hostPort, hostIp: written });
  }
  return options.ipv6 ? normal : ipv4Only(normal);
}

function describe({ protocol, hostPort, hostIp }: PortMapping): string {
  return `${protocol} port ${hostPort}${isEveryAddress(hostIp) ? "" : ` of ${hostIp}`}`;
}

export class HostPorts {
  readonly #bind: BindPort;
  /** By protocol and port: one for every address, or some for different ones. */
  readonly #byPort = new Map<string, Reservation[]>();
  readonly #bySandbox = new Map<string, Reservation[]>();

  constructor(bind: BindPort = bindPort) {
    this.#bind = bind;
  }

  /** Takes all ports or none. Throws `conflict` naming who has the port. */
  async reserve(owner: PortOwner, mappings: readonly PortMapping[]): Promise<void> {
    this.register(owner, mappings);
    try {
      await this.#bindAll(owner.sandboxId);
    } catch (error) {
      this.release(owner.sandboxId);
      throw error;
    }
  }

  /** As `reserve`, without binding: for pods that had the ports before this daemon started. */
  register(owner: PortOwner, mappings: readonly PortMapping[]): void {
    const taken: Reservation[] = [];
    for (const mapping of mappings) {
      const other = this.#find(mapping) ?? taken.find((reservation) => overlap(reservation.mapping, mapping));
      if (other !== undefined) {
        const who =
          other.owner.sandboxId === owner.sandboxId ? "the pod asks for it twice" : `pod ${other.owner.pod} has it`;
        throw new NodeletError("conflict", `Cannot give pod ${owner.pod} ${describe(mapping)} of the host: ${who}`, {
          fix: "Use another hostPort, or remove the other one.",
        });
      }
      taken.push({ owner, mapping, socket: undefined });
    }
    if (taken.length === 0) return;
    for (const reservation of taken) {
      const key = keyOf(reservation.mapping);
      const list = this.#byPort.get(key);
      if (list === undefined) this.#byPort.set(key, [reservation]);
      else list.push(reservation);
    }
    this.#bySandbox.set(owner.sandboxId, [...(this.#bySandbox.get(owner.sandboxId) ?? []), ...taken]);
  }

  /** Binds what is registered. Gives the errors of those that a program of the host took meanwhile. */
  async bindRegistered(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const sandboxId of this.#bySandbox.keys()) {
      try {
        await this.#bindAll(sandboxId);
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }

  release(sandboxId: string): void {
    for (const reservation of this.#bySandbox.get(sandboxId) ?? []) {
      reservation.socket?.close();
      const key = keyOf(reservation.mapping);
      const left = (this.#byPort.get(key) ?? []).filter((other) => other !== reservation);
      if (left.length === 0) this.#byPort.delete(key);
      else this.#byPort.set(key, left);
    }
    this.#bySandbox.delete(sandboxId);
  }

  /** Lets the sockets go. */
  close(): void {
    for (const sandboxId of this.#bySandbox.keys()) this.release(sandboxId);
  }

  #find(mapping: PortMapping): Reservation | undefined {
    return this.#byPort.get(keyOf(mapping))?.find((reservation) => overlap(reservation.mapping, mapping));
  }

  async #bindAll(sandboxId: string): Promise<void> {
    for (const reservation of this.#bySandbox.get(sandboxId) ?? []) {
      if (reservation.socket !== undefined) continue;
      const { mapping, owner } = reservation;
      try {
        const socket = await this.#bind(mapping);
        if (this.#byPort.get(keyOf(mapping))?.includes(reservation) === true) reservation.socket = socket;
        else socket?.close(); // released meanwhile
      } catch (error) {
        if (!isErrno(error, "EADDRINUSE")) throw error;
        throw new NodeletError(
          "conflict",
          `Cannot give pod ${owner.pod} ${describe(mapping)} of the host: a program of the host listens there`,
          {
            fix: `Use another hostPort, or end that program: ss -lp "sport = :${mapping.hostPort}" shows it.`,
            cause: error,
          },
        );
      }
    }
  }
}

function keyOf({ protocol, hostPort }: PortMapping): string {
  return `${protocol} ${hostPort}`;
}

function overlap(a: PortMapping, b: PortMapping): boolean {
  if (a.protocol !== b.protocol || a.hostPort !== b.hostPort) return false;
  if (a.hostIp === "" || b.hostIp === "" || a.hostIp === b.hostIp) return true;
  if (!isEveryAddress(a.hostIp) && !isEveryAddress(b.hostIp)) return false;
  return hasFamily(a, parseAddress(b.hostIp).family);
}

/** With sockets of this process. */
export const bindPort: BindPort = async (mapping) => {
  const { hostIp: host } = mapping;
  try {
    if (mapping.protocol === "tcp") return await bindTcp(host, mapping.hostPort);
    if (mapping.protocol === "udp") return await bindUdp(host, mapping.hostPort);
  } catch (error) {
    if (isErrno(error, "EADDRNOTAVAIL")) return undefined;
    throw error;
  }
  checkSctp(mapping);
  return undefined;
};

function bindTcp(host: string, port: number): Promise<BoundPort> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    const address = { host: host === "" ? EVERY_IPV6 : host, ipv6Only: host !== "" };
    server.listen({ ...address, port, exclusive: true, backlog: 1 }, () => {
      server.unref();
      server.on("error", () => undefined); // of a connection that nobody wants
      resolve({ close: () => void server.close() });
    });
  });
}

function bindUdp(host: string, port: number): Promise<BoundPort> {
  return new Promise((resolve, reject) => {
    const type = isIPv4(host) ? "udp4" : "udp6";
    const socket = createSocket({ type, ipv6Only: type === "udp6" && host !== "", recvBufferSize: 1 });
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: host === "" ? EVERY_IPV6 : host, port, exclusive: true }, () => {
      socket.unref();
      socket.on("error", () => undefined); // such as an ICMP answer
      resolve({ close: () => void socket.close() });
    });
  });
}

/** Node.js has no sockets of SCTP: the port is looked up, and not held. */
function checkSctp(mapping: PortMapping): void {
  let text: string;
  try {
    text = readFileSync(SCTP_ENDPOINTS, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  const taken = parseSctpEndpoints(text).some(
    ({ port, addresses }) =>
      port === mapping.hostPort &&
      (isEveryAddress(mapping.hostIp) ||
        addresses.includes(mapping.hostIp) ||
        addresses.includes(EVERY_IPV4) ||
        addresses.includes(EVERY_IPV6)),
  );
  if (taken) throw Object.assign(new Error("the port is in use"), { code: "EADDRINUSE" });
}

/** /proc/net/sctp/eps: ENDPT SOCK STY SST HBKT LPORT UID INODE LADDRS. */
export function parseSctpEndpoints(text: string): { port: number; addresses: string[] }[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 8)
    .map((fields) => ({ port: Number(fields[5]), addresses: fields.slice(8) }));
}
