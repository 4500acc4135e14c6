// The network's table of nftables: what leaves the pods' subnet is masqueraded, host ports lead to pods.
//
// The rules never change; a host port is an element of a map. What should be in the maps is kept here, and `sync` makes the
// kernel's table so, whatever it was: changed, flushed or never made.
import { NodeletError } from "../agent/base/errors.ts";
import { parseAddress } from "../agent/system/netlink/address.ts";
import { dump, exchange, NETLINK_NETFILTER } from "../agent/system/netlink/exchange.ts";
import { isNetlinkError } from "../agent/system/netlink/netlink.ts";
import * as nft from "../agent/system/netlink/nftables.ts";
import type { System } from "../agent/system/system.ts";
import type { PortMapping } from "./network.ts";
import { hasFamily, isEveryAddress } from "./ports.ts";

/** Key: protocol, host port. Value: the pod's address and port. */
const ANY_ADDRESS = "host-ports";
/** Key: host address, protocol, host port. */
const ONE_ADDRESS = "host-ip-ports";

/** Priorities of netfilter's hooks: linux/netfilter_ipv4.h. */
const PRIORITY = { raw: -300, dstnat: -100, filter: 0, srcnat: 100 } as const;

export const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;

export interface NatOptions {
  readonly table: nft.TableReference;
  readonly bridge: string;
  /** As bytes, in network order. */
  readonly subnet: { readonly base: Uint8Array; readonly prefix: number };
}

/** Where the two families differ: offsets in their headers, and how many registers of four bytes an address takes. */
const FAMILIES = {
  ip: { source: 12, destination: 16, size: 4, words: 1, type: "ipv4_addr", loopback: Buffer.from([127]) },
  ip6: {
    source: 8,
    destination: 24,
    size: 16,
    words: 4,
    type: "ipv6_addr",
    loopback: Buffer.concat([Buffer.alloc(15), Buffer.from([1])]),
  },
} as const;

/** fe80::/10 */
const LINK_LOCAL = { base: Buffer.from([0xfe, 0x80]), mask: Buffer.from([0xff, 0xc0]) };

/** Of the destination port behind the header. */
const DESTINATION_PORT = 2;

function maskOf(prefix: number, size: number): Uint8Array {
  return Buffer.from(
    Array.from({ length: size }, (_, index) => (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * index))) & 255),
  );
}

function register(part: number): number {
  const number = nft.REGISTER_PARTS[part];
  if (number === undefined) throw new NodeletError("internal", `There is no register for part ${part} of a key`);
  return number;
}

/** Everything but the elements of the maps. Pure. */
export function ruleset(options: NatOptions): { changes: nft.Change[]; rules: readonly nft.RuleOptions[] } {
  const { table } = options;
  const { source, destination, size, words, type, loopback } = FAMILIES[table.family];
  const bridge = nft.interfaceName(options.bridge);
  const subnetMask = maskOf(options.subnet.prefix, size);

  const from = (operator: "eq" | "neq"): nft.Expression[] => [nft.meta("iifname"), nft.compare(operator, bridge)];
  const to = (operator: "eq" | "neq"): nft.Expression[] => [nft.meta("oifname"), nft.compare(operator, bridge)];
  const ofPods = (operator: "eq" | "neq"): nft.Expression[] => [
    nft.payload("network", source, size),
    nft.mask(subnetMask),
    nft.compare(operator, options.subnet.base),
  ];
  const isLoopback = (offset: number): nft.Expression[] => [
    nft.payload("network", offset, loopback.length),
    nft.compare("eq", loopback),
  ];
  const hasBit = (key: "state" | "status", bit: number): nft.Expression[] => [
    nft.ct(key),
    nft.mask(nft.hostOrder32(bit)),
    nft.compare("neq", nft.hostOrder32(0)),
  ];
  const toHost = [nft.fibDestinationType(), nft.compare("eq", nft.hostOrder32(nft.ADDRESS_TYPE_LOCAL))];
  /** The pod that has the host port, as address and port; ends the rule when there is none. */
  const findAny = [
    nft.meta("l4proto", register(0)),
    nft.payload("transport", DESTINATION_PORT, 2, register(1)),
    nft.lookup(ANY_ADDRESS),
  ];
  const toPod = nft.dnat(table.family, register(0), register(words));
  const notLoopback = [nft.payload("network", destination, loopback.length), nft.compare("neq", loopback)];
  /** A translated answer to ::1 would not be taken in: IPv6 has no route_localnet. Refused, programs go on to 127.0.0.1. */
  const refuse: nft.RuleOptions[] =
    table.family === "ip"
      ? []
      : [
          {
            chain: "loopback",
            expressions: [...isLoopback(destination), ...findAny, nft.rejectIpv6()],
            comment: "host ports are not at ::1",
          },
        ];

  /** By which IPv6 finds neighbours; no router passes them on. */
  const linkLocal: nft.RuleOptions[] =
    table.family === "ip"
      ? []
      : [
          {
            chain: "guard",
            expressions: [
              ...from("eq"),
              nft.payload("network", source, LINK_LOCAL.mask.length),
              nft.mask(LINK_LOCAL.mask),
              nft.compare("eq", LINK_LOCAL.base),
              nft.verdict("accept"),
            ],
            comment: "addresses of the link",
          },
        ];

  const rules: nft.RuleOptions[] = [
    // With route_localnet on the bridge nothing else keeps pods from the services on the host's loopback.
    {
      chain: "guard",
      expressions: [...from("eq"), ...isLoopback(destination), nft.verdict("drop")],
      comment: "pods do not reach the host's loopback",
    },
    ...linkLocal,
    {
      chain: "guard",
      expressions: [...from("eq"), ...ofPods("neq"), nft.verdict("drop")],
      comment: "pods send from the pods' subnet only",
    },
    { chain: "prerouting", expressions: [...toHost, nft.jump("to-pods")], comment: "host ports, from elsewhere" },
    ...refuse,
    {
      chain: "output",
      expressions: [...toHost, ...(table.family === "ip" ? [] : notLoopback), nft.jump("to-pods")],
      comment: "host ports, from this host",
    },
    {
      chain: "to-pods",
      expressions: [
        nft.payload("network", destination, size, register(0)),
        nft.meta("l4proto", register(words)),
        nft.payload("transport", DESTINATION_PORT, 2, register(words + 1)),
        nft.lookup(ONE_ADDRESS),
        toPod,
      ],
      comment: "host ports of one address",
    },
    { chain: "to-pods", expressions: [...findAny, toPod], comment: "host ports of every address" },
    {
      chain: "postrouting",
      expressions: [...to("eq"), ...isLoopback(source), nft.masquerade()],
      comment: "from the host's loopback to a host port",
    },
    {
      chain: "postrouting",
      expressions: [...to("eq"), ...ofPods("eq"), ...hasBit("status", nft.CT_STATUS_DNAT), nft.masquerade()],
      comment: "from a pod to a host port",
    },
    {
      chain: "postrouting",
      expressions: [...to("neq"), ...ofPods("eq"), nft.masquerade()],
      comment: "from a pod to elsewhere",
    },
    // What connection tracking cannot place is not translated either, and would leave with a pod's address.
    {
      chain: "forward",
      expressions: [...from("eq"), ...to("neq"), ...hasBit("state", nft.CT_STATE_INVALID), nft.verdict("drop")],
      comment: "untranslatable",
    },
    { chain: "forward", expressions: [...from("eq"), nft.verdict("accept")], comment: "from pods" },
    { chain: "forward", expressions: [...to("eq"), nft.verdict("accept")], comment: "to pods" },
  ];

  const chain = (name: string, type: "filter" | "nat", hook: keyof typeof nft.HOOK, priority: number): nft.Change =>
    nft.addChain(table, { name, hook: { type, hook, priority } });
  const changes = [
    nft.addTable(table),
    nft.addMap(table, {
      name: ANY_ADDRESS,
      key: ["inet_proto", "inet_service"],
      value: [type, "inet_service"],
      id: 1,
    }),
    nft.addMap(table, {
      name: ONE_ADDRESS,
      key: [type, "inet_proto", "inet_service"],
      value: [type, "inet_service"],
      id: 2,
    }),
    nft.addChain(table, { name: "to-pods" }),
    chain("guard", "filter", "prerouting", PRIORITY.raw),
    chain("prerouting", "nat", "prerouting", PRIORITY.dstnat),
    chain("output", "nat", "output", PRIORITY.dstnat),
    ...(refuse.length > 0 ? [chain("loopback", "filter", "output", PRIORITY.filter)] : []),
    chain("postrouting", "nat", "postrouting", PRIORITY.srcnat),
    chain("forward", "filter", "forward", PRIORITY.filter),
    ...rules.map((rule) => nft.addRule(table, rule)),
  ];
  return { changes, rules };
}

interface Element extends nft.MapElement {
  readonly family: nft.TableFamily;
  readonly map: typeof ANY_ADDRESS | typeof ONE_ADDRESS;
}

function port(value: number): Uint8Array {
  return Buffer.from([value >>> 8, value & 255]);
}

/** The element that leads a host port to a pod, in the table of the pod's address. */
export function elementOf(mapping: PortMapping, address: string): Element {
  const pod = parseAddress(address);
  const family = pod.family === nft.FAMILY.ip ? "ip" : "ip6";
  const value = nft.concatenate([pod.bytes, port(mapping.containerPort)]);
  const service = [Buffer.from([PROTOCOL[mapping.protocol]]), port(mapping.hostPort)];
  if (isEveryAddress(mapping.hostIp)) return { family, map: ANY_ADDRESS, key: nft.concatenate(service), value };
  const key = nft.concatenate([parseAddress(mapping.hostIp).bytes, ...service]);
  return { family, map: ONE_ADDRESS, key, value };
}

function elementsOf(mappings: readonly PortMapping[], address: string): Element[] {
  const { family } = parseAddress(address);
  return mappings.filter((mapping) => hasFamily(mapping, family)).map((mapping) => elementOf(mapping, address));
}

function idOf(element: Element): string {
  return `${element.family} ${element.map} ${Buffer.from(element.key).toString("hex")}`;
}

function same(a: Element, b: Element | undefined): boolean {
  return b !== undefined && Buffer.compare(a.value, b.value) === 0;
}

/** A table for each family that pods have addresses of. They change together. */
export class NatTables {
  readonly #system: Pick<System, "netlink">;
  readonly #tables: readonly NatOptions[];
  readonly #wanted = new Map<string, Element>();
  /** What the kernel holds; undefined when that is not known, or not our tables. */
  #present: Map<string, Element> | undefined;
  /** The kernel's generation after our last change: while it stays, nobody touched the tables. */
  #generation: number | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(system: Pick<System, "netlink">, tables: readonly NatOptions[]) {
    this.#system = system;
    this.#tables = tables;
  }

  /** Takes effect with the next `sync`. */
  add(mappings: readonly PortMapping[], address: string): void {
    for (const element of elementsOf(mappings, address)) this.#wanted.set(idOf(element), element);
  }

  /** Takes effect with the next `sync`. */
  remove(mappings: readonly PortMapping[], address: string): void {
    for (const element of elementsOf(mappings, address)) this.#wanted.delete(idOf(element));
  }

  /** Makes the kernel's tables what is wanted when this is called. All who call while one runs share the one behind it. */
  sync(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined) // told to those who waited for it
      .then(() => {
        this.#running = this.#apply();
        this.#next = undefined;
        return this.#running;
      });
    return this.#next;
  }

  /** Removes the tables. `sync` makes them again. */
  async destroy(): Promise<void> {
    await this.#running.catch(() => undefined);
    this.#forget();
    await this.#send(this.#tables.flatMap(({ table }) => [nft.addTable(table), nft.deleteTable(table)]));
  }

  #forget(): void {
    this.#present = undefined;
    this.#generation = undefined;
  }

  async #send(changes: readonly nft.Change[]): Promise<void> {
    await exchange(this.#system, NETLINK_NETFILTER, nft.batch(changes));
  }

  async #apply(): Promise<void> {
    try {
      const generation = await this.#readGeneration();
      // At first the tables are made anew: whatever made old ones may have had other rules.
      if (this.#generation !== undefined && generation !== this.#generation) this.#present = await this.#read();
      const changes = this.#present === undefined ? this.#all() : this.#difference(this.#present);
      if (changes.length === 0) {
        this.#generation = generation;
        return;
      }
      let sent = new Map(this.#wanted);
      try {
        await this.#send(changes);
      } catch (error) {
        // Somebody was there between reading and writing.
        if (!isNetlinkError(error, "ENOENT", "EEXIST", "EBUSY")) throw error;
        sent = new Map(this.#wanted);
        await this.#send(this.#all());
      }
      this.#present = sent;
      this.#generation = (generation + 1) >>> 0;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  async #readGeneration(): Promise<number> {
    const [answers] = await exchange(this.#system, NETLINK_NETFILTER, [nft.getGeneration()]);
    const answer = answers?.[0];
    return answer === undefined ? 0 : nft.decodeGeneration(answer);
  }

  /** The elements in the kernel, undefined when a table is not whole. */
  async #read(): Promise<Map<string, Element> | undefined> {
    const elements = new Map<string, Element>();
    try {
      for (const options of this.#tables) {
        const { table } = options;
        const rules = (await dump(this.#system, NETLINK_NETFILTER, nft.dumpRules(table)))
          .map(nft.decodeRule)
          .filter((rule) => rule.table === table.name);
        const expected = ruleset(options).rules;
        const whole =
          rules.length === expected.length &&
          expected.every(({ chain, comment }) =>
            rules.some((rule) => rule.chain === chain && rule.comment === comment),
          );
        if (!whole) return undefined;
        for (const map of [ANY_ADDRESS, ONE_ADDRESS] as const) {
          for (const answer of await dump(this.#system, NETLINK_NETFILTER, nft.dumpElements(table, map))) {
            for (const { key, value } of nft.decodeElements(answer)) {
              const element = { family: table.family, map, key, value };
              elements.set(idOf(element), element);
            }
          }
        }
      }
    } catch (error) {
      if (isNetlinkError(error, "ENOENT")) return undefined;
      throw error;
    }
    return elements;
  }

  /** The whole tables anew, in the place of what is there. */
  #all(): nft.Change[] {
    const fresh = this.#tables.flatMap((options) => [
      nft.addTable(options.table),
      nft.deleteTable(options.table),
      ...ruleset(options).changes,
    ]);
    return [...fresh, ...this.#adding([...this.#wanted.values()])];
  }

  #difference(present: ReadonlyMap<string, Element>): nft.Change[] {
    const gone = [...present]
      .filter(([id, element]) => !same(element, this.#wanted.get(id)))
      .map(([, element]) => element);
    const added = [...this.#wanted]
      .filter(([id, element]) => !same(element, present.get(id)))
      .map(([, element]) => element);
    const removing = this.#byMap(gone).flatMap(({ table, map, elements }) =>
      nft.deleteElements(
        table,
        map,
        elements.map(({ key }) => key),
      ),
    );
    return [...removing, ...this.#adding(added)];
  }

  #adding(elements: readonly Element[]): nft.Change[] {
    return this.#byMap(elements).flatMap((group) => nft.addElements(group.table, group.map, group.elements));
  }

  #byMap(elements: readonly Element[]): { table: nft.TableReference; map: string; elements: Element[] }[] {
    return this.#tables.flatMap(({ table }) =>
      [ANY_ADDRESS, ONE_ADDRESS].map((map) => ({
        table,
        map,
        elements: elements.filter((element) => element.family === table.family && element.map === map),
      })),
    );
  }
}
