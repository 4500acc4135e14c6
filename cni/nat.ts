// The network's table of nftables: what leaves the pods' subnet is masqueraded, host ports lead to pods.
//
// The rules never change; a host port is an element of a map. What should be in the maps is kept here, and `sync` makes the
// kernel's table so, whatever it was: changed, flushed or never made.
import { numberToIpv4, parseAddress, type Ipv4Subnet } from "../agent/system/netlink/address.ts";
import { dump, exchange, NETLINK_NETFILTER } from "../agent/system/netlink/exchange.ts";
import { isNetlinkError } from "../agent/system/netlink/netlink.ts";
import * as nft from "../agent/system/netlink/nftables.ts";
import type { System } from "../agent/system/system.ts";
import type { PortMapping } from "./network.ts";

/** Key: protocol, host port. Value: the pod's address and port. */
const ANY_ADDRESS = "host-ports";
/** Key: host address, protocol, host port. */
const ONE_ADDRESS = "host-ip-ports";

/** Priorities of netfilter's hooks: linux/netfilter_ipv4.h. */
const PRIORITY = { raw: -300, dstnat: -100, filter: 0, srcnat: 100 } as const;

export const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;

/** Offsets in the IPv4 header, and of the destination port behind it. */
const SOURCE = 12;
const DESTINATION = 16;
const DESTINATION_PORT = 2;

export interface NatOptions {
  readonly table: string;
  readonly bridge: string;
  readonly subnet: Ipv4Subnet;
}

/** Everything but the elements of the maps. Pure. */
export function ruleset(options: NatOptions): { changes: nft.Change[]; rules: readonly nft.RuleOptions[] } {
  const table = { family: "ip", name: options.table } as const;
  const bridge = nft.interfaceName(options.bridge);
  const subnetMask = Buffer.alloc(4);
  subnetMask.writeUInt32BE((0xffffffff << (32 - options.subnet.prefix)) >>> 0);
  const subnet = parseAddress(numberToIpv4(options.subnet.base)).bytes;
  const loopback = Buffer.from([127]);

  const from = (operator: "eq" | "neq"): nft.Expression[] => [nft.meta("iifname"), nft.compare(operator, bridge)];
  const to = (operator: "eq" | "neq"): nft.Expression[] => [nft.meta("oifname"), nft.compare(operator, bridge)];
  const ofPods = (operator: "eq" | "neq"): nft.Expression[] => [
    nft.payload("network", SOURCE, 4),
    nft.mask(subnetMask),
    nft.compare(operator, subnet),
  ];
  const isLoopback = (offset: number): nft.Expression[] => [
    nft.payload("network", offset, 1),
    nft.compare("eq", loopback),
  ];
  const hasBit = (key: "state" | "status", bit: number): nft.Expression[] => [
    nft.ct(key),
    nft.mask(nft.hostOrder32(bit)),
    nft.compare("neq", nft.hostOrder32(0)),
  ];
  const toHost = [nft.fibDestinationType(), nft.compare("eq", nft.hostOrder32(nft.ADDRESS_TYPE_LOCAL))];
  const [first, second, third] = nft.REGISTER_PARTS;

  const rules: nft.RuleOptions[] = [
    // With route_localnet on the bridge nothing else keeps pods from the services on the host's loopback.
    {
      chain: "guard",
      expressions: [...from("eq"), ...isLoopback(DESTINATION), nft.verdict("drop")],
      comment: "pods do not reach the host's loopback",
    },
    {
      chain: "guard",
      expressions: [...from("eq"), ...ofPods("neq"), nft.verdict("drop")],
      comment: "pods send from the pods' subnet only",
    },
    { chain: "prerouting", expressions: [...toHost, nft.jump("to-pods")], comment: "host ports, from elsewhere" },
    { chain: "output", expressions: [...toHost, nft.jump("to-pods")], comment: "host ports, from this host" },
    {
      chain: "to-pods",
      expressions: [
        nft.payload("network", DESTINATION, 4, first),
        nft.meta("l4proto", second),
        nft.payload("transport", DESTINATION_PORT, 2, third),
        nft.lookup(ONE_ADDRESS),
        nft.dnat("ip", first, second),
      ],
      comment: "host ports of one address",
    },
    {
      chain: "to-pods",
      expressions: [
        nft.meta("l4proto", first),
        nft.payload("transport", DESTINATION_PORT, 2, second),
        nft.lookup(ANY_ADDRESS),
        nft.dnat("ip", first, second),
      ],
      comment: "host ports of every address",
    },
    {
      chain: "postrouting",
      expressions: [...to("eq"), ...isLoopback(SOURCE), nft.masquerade()],
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
      value: ["ipv4_addr", "inet_service"],
      id: 1,
    }),
    nft.addMap(table, {
      name: ONE_ADDRESS,
      key: ["ipv4_addr", "inet_proto", "inet_service"],
      value: ["ipv4_addr", "inet_service"],
      id: 2,
    }),
    nft.addChain(table, { name: "to-pods" }),
    chain("guard", "filter", "prerouting", PRIORITY.raw),
    chain("prerouting", "nat", "prerouting", PRIORITY.dstnat),
    chain("output", "nat", "output", PRIORITY.dstnat),
    chain("postrouting", "nat", "postrouting", PRIORITY.srcnat),
    chain("forward", "filter", "forward", PRIORITY.filter),
    ...rules.map((rule) => nft.addRule(table, rule)),
  ];
  return { changes, rules };
}

interface Element extends nft.MapElement {
  readonly map: typeof ANY_ADDRESS | typeof ONE_ADDRESS;
}

function port(value: number): Uint8Array {
  return Buffer.from([value >>> 8, value & 255]);
}

/** The element that leads a host port to a pod. */
export function elementOf(mapping: PortMapping, address: string): Element {
  const value = nft.concatenate([parseAddress(address).bytes, port(mapping.containerPort)]);
  const service = [Buffer.from([PROTOCOL[mapping.protocol]]), port(mapping.hostPort)];
  if (mapping.hostIp === "") return { map: ANY_ADDRESS, key: nft.concatenate(service), value };
  return { map: ONE_ADDRESS, key: nft.concatenate([parseAddress(mapping.hostIp).bytes, ...service]), value };
}

function idOf(element: Element): string {
  return `${element.map} ${Buffer.from(element.key).toString("hex")}`;
}

function same(a: Element, b: Element | undefined): boolean {
  return b !== undefined && Buffer.compare(a.value, b.value) === 0;
}

export class NatTable {
  readonly #system: Pick<System, "netlink">;
  readonly #options: NatOptions;
  readonly #table: nft.TableReference;
  readonly #wanted = new Map<string, Element>();
  /** What the kernel holds; undefined when that is not known, or not our table. */
  #present: Map<string, Element> | undefined;
  /** The kernel's generation after our last change: while it stays, nobody touched the table. */
  #generation: number | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(system: Pick<System, "netlink">, options: NatOptions) {
    this.#system = system;
    this.#options = options;
    this.#table = { family: "ip", name: options.table };
  }

  /** Takes effect with the next `sync`. */
  add(mappings: readonly PortMapping[], address: string): void {
    for (const mapping of mappings) {
      const element = elementOf(mapping, address);
      this.#wanted.set(idOf(element), element);
    }
  }

  /** Takes effect with the next `sync`. */
  remove(mappings: readonly PortMapping[], address: string): void {
    for (const mapping of mappings) this.#wanted.delete(idOf(elementOf(mapping, address)));
  }

  /** Makes the kernel's table what is wanted when this is called. All who call while one runs share the one behind it. */
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

  /** Removes the table. `sync` makes it again. */
  async destroy(): Promise<void> {
    await this.#running.catch(() => undefined);
    this.#forget();
    await this.#send([nft.addTable(this.#table), nft.deleteTable(this.#table)]);
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
      // At first the table is made anew: whatever made an old one may have had other rules.
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

  /** The elements in the kernel, undefined when the table is not whole. */
  async #read(): Promise<Map<string, Element> | undefined> {
    const elements = new Map<string, Element>();
    try {
      const rules = (await dump(this.#system, NETLINK_NETFILTER, nft.dumpRules(this.#table)))
        .map(nft.decodeRule)
        .filter((rule) => rule.table === this.#table.name);
      const expected = ruleset(this.#options).rules;
      const whole =
        rules.length === expected.length &&
        expected.every(({ chain, comment }) => rules.some((rule) => rule.chain === chain && rule.comment === comment));
      if (!whole) return undefined;
      for (const map of [ANY_ADDRESS, ONE_ADDRESS] as const) {
        for (const answer of await dump(this.#system, NETLINK_NETFILTER, nft.dumpElements(this.#table, map))) {
          for (const { key, value } of nft.decodeElements(answer)) {
            const element = { map, key, value };
            elements.set(idOf(element), element);
          }
        }
      }
    } catch (error) {
      if (isNetlinkError(error, "ENOENT")) return undefined;
      throw error;
    }
    return elements;
  }

  /** The whole table anew, in the place of what is there. */
  #all(): nft.Change[] {
    const fresh = [nft.addTable(this.#table), nft.deleteTable(this.#table)];
    return [...fresh, ...ruleset(this.#options).changes, ...this.#adding([...this.#wanted.values()])];
  }

  #difference(present: ReadonlyMap<string, Element>): nft.Change[] {
    const gone = [...present]
      .filter(([id, element]) => !same(element, this.#wanted.get(id)))
      .map(([, element]) => element);
    const added = [...this.#wanted]
      .filter(([id, element]) => !same(element, present.get(id)))
      .map(([, element]) => element);
    const keys = (map: string): Uint8Array[] => gone.filter((element) => element.map === map).map(({ key }) => key);
    return [
      ...[ANY_ADDRESS, ONE_ADDRESS].flatMap((map) => nft.deleteElements(this.#table, map, keys(map))),
      ...this.#adding(added),
    ];
  }

  #adding(elements: readonly Element[]): nft.Change[] {
    return [ANY_ADDRESS, ONE_ADDRESS].flatMap((map) =>
      nft.addElements(
        this.#table,
        map,
        elements.filter((element) => element.map === map),
      ),
    );
  }
}
