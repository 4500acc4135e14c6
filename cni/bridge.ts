// The bridge that pods are plugged into, and their links to it.
import { existsSync } from "node:fs";
import { NodeletError } from "../agent/base/errors.ts";
import {
  bigintToIpv6,
  ipv4ToNumber,
  ipv6SubnetsOverlap,
  ipv6ToBigint,
  numberToIpv4,
  subnetsOverlap,
  type Ipv4Subnet,
} from "../agent/system/netlink/address.ts";
import { dump, exchange, NETLINK_ROUTE, tryExchange } from "../agent/system/netlink/exchange.ts";
import { isNetlinkError, type NetlinkMessage } from "../agent/system/netlink/netlink.ts";
import * as rt from "../agent/system/netlink/rtnetlink.ts";
import type { Fd, System } from "../agent/system/system.ts";
import { acceptRouterAdvertisementsStill, hasIpv6, sysctl } from "./host-settings.ts";
import type { Ipv6Pool } from "./ipv6-pool.ts";
import { isLinkName, linkLocalOf, macOf } from "./names.ts";

/** What a pod's link is called inside. */
export const POD_LINK = "eth0";

/** Of Ethernet, when no default route says more. */
const DEFAULT_MTU = 1500;

/** How many requests to remove links may wait for the kernel side by side: each holds a thread for some 20 ms. */
const MAX_REMOVALS = 2;

/**
 * The group that links join to be removed together. The kernel removes a hundred in the time of three; those of
 * other daemons that are in it at that moment are to be removed as well.
 */
const DOOMED_GROUP = 0x6e646474;

const LINK_LOCAL_PREFIX = 64;

export interface BridgeOptions {
  readonly name: string;
  readonly subnet: Ipv4Subnet;
  readonly gateway: string;
  /** Undefined: pods have IPv4 addresses only. */
  readonly ipv6: Ipv6Pool | undefined;
  /** @default that of the default route's link */
  readonly mtu?: number | undefined;
  /** Whose bridge it is: the directory of its records. */
  readonly owner: string;
}

export type BridgeSystem = Pick<System, "netlink" | "writeSysctlInNetns">;

export interface BridgeState {
  readonly index: number;
  readonly mtu: number;
}

export interface LinkOptions {
  readonly link: string;
  readonly address: string;
  readonly address6: string | undefined;
  readonly netns: Fd;
}

export class Bridge {
  readonly #system: BridgeSystem;
  readonly #options: BridgeOptions;
  readonly #ipv6: boolean;
  readonly #remover: LinkRemover;

  constructor(system: BridgeSystem, options: BridgeOptions) {
    this.#system = system;
    this.#options = options;
    this.#ipv6 = hasIpv6();
    this.#remover = new LinkRemover(system);
  }

  #route(messages: readonly NetlinkMessage[], netns?: Fd): ReturnType<typeof exchange> {
    return exchange(this.#system, NETLINK_ROUTE, messages, { netns });
  }

  /** Undefined when there is none of that name. */
  async find(name: string): Promise<rt.Link | undefined> {
    const [outcome] = await tryExchange(this.#system, NETLINK_ROUTE, [rt.getLink(name)]);
    if (outcome?.error !== undefined) {
      if (isNetlinkError(outcome.error, "ENODEV")) return undefined;
      throw outcome.error;
    }
    const answer = outcome?.answers[0];
    return answer === undefined ? undefined : rt.decodeLink(answer);
  }

  /** Makes the bridge, or puts right what there is of it. */
  async ensure(): Promise<BridgeState> {
    const { name, gateway, subnet, owner } = this.#options;
    const mtu = this.#options.mtu ?? (await this.#hostMtu());
    const existing = await this.find(name);
    if (existing === undefined) {
      await this.#refuseOverlap();
      await this.#route([
        rt.addBridge({ name, mac: macOf(ipv4ToNumber(gateway)), mtu }),
        rt.setLink(name, { alias: owner, ...(this.#ipv6 ? { noIpv6LinkLocal: true } : {}) }),
      ]);
    } else {
      this.#refuseForeign(existing);
    }
    const { ipv6 } = this.#options;
    // Where pods have IPv4 addresses only: no other way to the host through the bridge.
    sysctl(`ipv6/conf/${name}/disable_ipv6`, ipv6 === undefined ? "1" : "0", { optional: true });
    if (ipv6 !== undefined) {
      // A pod that calls itself a router is not believed.
      sysctl(`ipv6/conf/${name}/accept_ra`, "0");
      acceptRouterAdvertisementsStill();
      sysctl("ipv6/conf/all/forwarding", "1");
    }
    // Lets the answers to connections from 127.0.0.1 to host ports come back in.
    sysctl(`ipv4/conf/${name}/route_localnet`, "1");
    sysctl("ipv4/ip_forward", "1");
    const link = existing ?? (await this.find(name));
    if (link === undefined) {
      throw new NodeletError("unavailable", `The bridge ${name} was removed while it was being made`);
    }
    await this.#route([
      rt.setLink(link.index, { up: true, ...(link.mtu === mtu ? {} : { mtu }) }),
      rt.addAddress({ link: link.index, address: gateway, prefix: subnet.prefix }),
      ...(ipv6 === undefined ? [] : this.#ipv6Addresses(link.index, macOf(ipv4ToNumber(gateway)), ipv6.gateway, ipv6)),
    ]);
    return { index: link.index, mtu };
  }

  /** Its own, and one of the link: without that a link does not ask for neighbours on behalf of others. Usable at once. */
  #ipv6Addresses(link: number, mac: string, address: string, { subnet }: Ipv6Pool): NetlinkMessage[] {
    return [
      rt.addAddress({ link, address: linkLocalOf(mac), prefix: LINK_LOCAL_PREFIX, unchecked: true }),
      rt.addAddress({ link, address, prefix: subnet.prefix, unchecked: true }),
    ];
  }

  /** The bridge's index while it is as `ensure` left it. */
  async check(): Promise<number | undefined> {
    const link = await this.find(this.#options.name);
    return link?.kind === "bridge" && link.up ? link.index : undefined;
  }

  async #hostMtu(): Promise<number> {
    const routes = (await dump(this.#system, NETLINK_ROUTE, rt.dumpRoutes(rt.AF_INET))).map(rt.decodeRoute);
    const route = routes.find(
      ({ table, prefix, type }) => table === rt.MAIN_TABLE && prefix === 0 && type === rt.UNICAST_ROUTE,
    );
    if (route?.link === undefined) return DEFAULT_MTU;
    const [outcome] = await tryExchange(this.#system, NETLINK_ROUTE, [rt.getLink(route.link)]);
    const answer = outcome?.answers[0];
    return answer === undefined ? DEFAULT_MTU : rt.decodeLink(answer).mtu;
  }

  #refuseForeign(link: rt.Link): void {
    const { name, owner } = this.#options;
    if (link.kind !== "bridge") {
      throw new NodeletError(
        "conflict",
        `Cannot use ${name} as the pods' bridge: the host has another link of that name`,
        {
          fix: "Give the network another name.",
        },
      );
    }
    if (link.alias !== owner && link.alias !== "" && existsSync(link.alias)) {
      throw new NodeletError("conflict", `Cannot use the bridge ${name}: it belongs to the nodelet of ${link.alias}`, {
        fix: "Give this network another name and another subnet.",
      });
    }
  }

  /** A subnet that the host can reach already would be cut off by the bridge, or cut off the pods. */
  async #refuseOverlap(): Promise<void> {
    const { subnet, ipv6 } = this.#options;
    const taken = (pods: string, route: rt.Route): NodeletError =>
      new NodeletError(
        "conflict",
        `Cannot give pods addresses of ${pods}: the host has a route to ${route.destination}/${route.prefix}`,
        { fix: "Give the network a subnet that the host does not use." },
      );
    const routes = (await dump(this.#system, NETLINK_ROUTE, rt.dumpRoutes(rt.AF_INET))).map(rt.decodeRoute);
    for (const route of routes) {
      if (route.table !== rt.MAIN_TABLE || route.prefix === 0) continue;
      const base = ipv4ToNumber(route.destination);
      if (!subnetsOverlap(subnet, { base, prefix: route.prefix, size: 2 ** (32 - route.prefix) })) continue;
      throw taken(`${numberToIpv4(subnet.base)}/${subnet.prefix}`, route);
    }
    if (ipv6 === undefined) return;
    const routes6 = (await dump(this.#system, NETLINK_ROUTE, rt.dumpRoutes(rt.AF_INET6))).map(rt.decodeRoute);
    for (const route of routes6) {
      if (route.table !== rt.MAIN_TABLE || route.prefix === 0 || route.type !== rt.UNICAST_ROUTE) continue;
      const other = { base: ipv6ToBigint(route.destination), prefix: route.prefix };
      if (ipv6SubnetsOverlap(ipv6.subnet, other)) {
        throw taken(`${bigintToIpv6(ipv6.subnet.base)}/${ipv6.subnet.prefix}`, route);
      }
    }
  }

  /**
   * A link from the bridge into the network namespace, with addresses there. Not undone when it fails half-way: `disconnect` does. False
   * when there is no IPv6 in that namespace, and the link has its IPv4 address alone.
   */
  async connect(state: BridgeState, options: LinkOptions): Promise<boolean> {
    const { link, address, address6, netns } = options;
    const { ipv6 } = this.#options;
    // Nor is another pod, which otherwise could lead this one's packets to itself.
    if (ipv6 !== undefined && address6 !== undefined) {
      this.#system.writeSysctlInNetns(netns, "net/ipv6/conf/default/accept_ra", "0");
    }
    const silent = this.#ipv6 ? [rt.setLink(link, { noIpv6LinkLocal: true })] : [];
    const outward = await this.#route([
      rt.addVeth({
        name: link,
        mtu: state.mtu,
        peer: { name: POD_LINK, mac: macOf(ipv4ToNumber(address)), netns },
      }),
      ...silent,
      rt.setLink(link, { up: true, master: state.index }),
      rt.setPort(link, { hairpin: true }),
      rt.getLink(link),
    ]);
    const answer = outward.at(-1)?.[0];
    const peer = answer === undefined ? undefined : rt.decodeLink(answer).peerIndex;
    if (peer === undefined) throw new NodeletError("internal", `The kernel does not tell the other end of ${link}`);
    await this.#route(
      [
        ...(this.#ipv6 ? [rt.setLink(peer, { noIpv6LinkLocal: true })] : []),
        rt.setLink(peer, { up: true }),
        rt.addAddress({ link: peer, address, prefix: this.#options.subnet.prefix }),
        rt.addDefaultRoute({ gateway: this.#options.gateway, link: peer }),
      ],
      netns,
    );
    if (ipv6 === undefined || address6 === undefined) return true;
    try {
      await this.#route(
        [
          ...this.#ipv6Addresses(peer, macOf(ipv4ToNumber(address)), address6, ipv6),
          rt.addDefaultRoute({ gateway: ipv6.gateway, link: peer }),
        ],
        netns,
      );
    } catch (error) {
      if (isNetlinkError(error, "EACCES")) return false; // by a sysctl of the pod
      throw error;
    }
    return true;
  }

  /** Plugs a link in again that is there. */
  async reconnect(state: BridgeState, link: string): Promise<void> {
    await this.#route([rt.setLink(link, { up: true, master: state.index }), rt.setPort(link, { hairpin: true })]);
  }

  /** Resolves when both ends are gone; missing is success. */
  disconnect(link: string): Promise<void> {
    return this.#remover.remove(link);
  }

  /** Our links on the host by name, plugged in or not. */
  async links(): Promise<Map<string, rt.Link>> {
    const all = (await dump(this.#system, NETLINK_ROUTE, rt.dumpLinks())).map(rt.decodeLink);
    return new Map(
      all
        .filter(({ kind, name }) => kind === "veth" && isLinkName(this.#options.name, name))
        .map((link) => [link.name, link]),
    );
  }

  /** Missing is success. */
  async destroy(): Promise<void> {
    await this.#remover.idle();
    const link = await this.find(this.#options.name);
    if (link === undefined) return;
    this.#refuseForeign(link);
    await this.#remover.remove(link.name);
    await this.#remover.idle();
  }

  /** Waits for the kernel to be done with what was removed. */
  async close(): Promise<void> {
    await this.#remover.idle();
  }
}

/**
 * Removes links. The kernel unlists a link within a millisecond, but answers only 20 ms later, when no processor can be looking at
 * it any more; and it takes no longer for many than for one. So those that come while it is busy go together, and nobody waits
 * longer than until the link is unlisted.
 */
class LinkRemover {
  readonly #system: Pick<System, "netlink">;
  #pending = new Map<string, PromiseWithResolvers<void>>();
  readonly #busy = new Set<Promise<void>>();

  constructor(system: Pick<System, "netlink">) {
    this.#system = system;
  }

  remove(link: string): Promise<void> {
    const waiting = this.#pending.get(link) ?? Promise.withResolvers<void>();
    this.#pending.set(link, waiting);
    queueMicrotask(() => this.#start());
    return waiting.promise;
  }

  async idle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy);
  }

  #start(): void {
    if (this.#pending.size === 0 || this.#busy.size >= MAX_REMOVALS) return;
    const batch = this.#pending;
    this.#pending = new Map();
    const run = this.#run(batch).finally(() => {
      this.#busy.delete(run);
      this.#start();
    });
    this.#busy.add(run);
  }

  /** Never rejects: who asked is told. */
  async #run(batch: ReadonlyMap<string, PromiseWithResolvers<void>>): Promise<void> {
    const links = [...batch.keys()];
    let ended = false;
    const removal = this.#send(links).finally(() => {
      ended = true;
    });
    const watch = async (): Promise<void> => {
      while (!ended) {
        const outcomes = await tryExchange(this.#system, NETLINK_ROUTE, links.map(rt.getLink));
        for (const [index, { error }] of outcomes.entries()) {
          const link = links[index];
          if (link !== undefined && isNetlinkError(error, "ENODEV")) batch.get(link)?.resolve();
        }
        if (outcomes.every(({ error }) => isNetlinkError(error, "ENODEV"))) return;
      }
    };
    const [failures] = await Promise.allSettled([removal, watch()]);
    for (const [link, { resolve, reject }] of batch) {
      if (failures.status === "rejected") reject(failures.reason);
      else if (failures.value.has(link)) reject(failures.value.get(link));
      else resolve();
    }
  }

  /** Errors by link. */
  async #send(links: readonly string[]): Promise<Map<string, unknown>> {
    const together = links.length > 1;
    const outcomes = await tryExchange(this.#system, NETLINK_ROUTE, [
      ...links.map((link) => (together ? rt.setLink(link, { group: DOOMED_GROUP }) : rt.deleteLink(link))),
      ...(together ? [rt.deleteLinkGroup(DOOMED_GROUP)] : []),
    ]);
    const errors = new Map<string, unknown>();
    for (const [index, { error }] of outcomes.entries()) {
      // Of the group: nobody was left in it.
      if (error === undefined || isNetlinkError(error, "ENODEV", "ESRCH")) continue;
      for (const link of index < links.length ? [links[index]] : links) {
        if (link !== undefined && !errors.has(link)) errors.set(link, error);
      }
    }
    return errors;
  }
}
