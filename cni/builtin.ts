// The built-in pod network: one bridge, an address of its subnet for each pod, NAT and host ports, by netlink alone.
//
// What is made for a sandbox is written down first and forgotten last (records.ts), so that a daemon that ended at any moment
// can undo or finish it. The kernel's state is made what the records say, whatever it was.
import { closeSync, constants, existsSync, mkdirSync, openSync } from "node:fs";
import { describeError, isErrno, NodeletError } from "../agent/base/errors.ts";
import { silentLogger, type Logger } from "../agent/base/log.ts";
import { SerialQueue } from "../agent/base/queue.ts";
import { ipv4ToNumber, numberToIpv4, parseAddress } from "../agent/system/netlink/address.ts";
import { NETLINK_NETFILTER, tryExchange } from "../agent/system/netlink/exchange.ts";
import { isNetlinkError } from "../agent/system/netlink/netlink.ts";
import { addTable, batch, deleteTable, type TableFamily } from "../agent/system/netlink/nftables.ts";
import { Bridge, POD_LINK, type BridgeState, type BridgeSystem, type LinkOptions } from "./bridge.ts";
import { forgetFlowsToHost, forgetFlowsToPod } from "./flows.ts";
import { usesIpv6 } from "./host-settings.ts";
import { AddressPool } from "./ipam.ts";
import { Ipv6Pool } from "./ipv6-pool.ts";
import { checkSandboxId, linkName, macOf } from "./names.ts";
import { NatTables, type NatOptions } from "./nat.ts";
import type {
  NetworkAttachment,
  NetworkDescription,
  NetworkDetail,
  NetworkResult,
  PodNetwork,
  PortMapping,
} from "./network.ts";
import { HostPorts, ipv4Only, normalizeMappings, type BindPort, type PortOwner } from "./ports.ts";
import { Records, type SandboxRecord } from "./records.ts";

/**
 * For a host without IPv6 the first alone. A part of 10.0.0.0/8 that neither common home and office networks nor other container networks default to; and a
 * prefix of unique local addresses (RFC 4193), as no others are everywhere free.
 */
export const DEFAULT_SUBNETS = ["10.213.0.0/16", "fd6e:6f64:ad5::/64"];
export const DEFAULT_NAME = "nodelet0";

export interface BuiltinNetworkOptions {
  readonly system: BridgeSystem;
  /** For records; on a file system that a reboot clears, as it clears what they tell of. */
  readonly directory: string;
  /** Of the bridge; the table of nftables is `nodelet-NAME`. Each daemon of a host needs one of its own. @default "nodelet0" */
  readonly name?: string | undefined;
  /** One of IPv4, and one of IPv6 or none. Each daemon of a host needs ones of its own. @default DEFAULT_SUBNETS */
  readonly subnets?: readonly string[] | undefined;
  /** @default that of the host's default route */
  readonly mtu?: number | undefined;
  readonly logger?: Logger | undefined;
  /** For tests. @default sockets of this process */
  readonly bindPort?: BindPort | undefined;
}

/**
 * Reads the records; the host is first touched by `restore` or `attach`, which also set net.ipv4.ip_forward. That
 * stays set: others may have come to rely on it.
 */
export async function createBuiltinNetwork(options: BuiltinNetworkOptions): Promise<PodNetwork> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  return new BuiltinNetwork(options, Records.open(options.directory));
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Whether an earlier daemon left anything to undo or to keep. */
export function hasBuiltinRecords(directory: string): boolean {
  return existsSync(directory) && Records.open(directory).size > 0;
}

class BuiltinNetwork implements PodNetwork {
  readonly name = "builtin";
  readonly #system: BridgeSystem;
  readonly #log: Logger;
  readonly #bridgeName: string;
  readonly #records: Records;
  readonly #pool: AddressPool;
  /** Undefined: pods have IPv4 addresses only. */
  readonly #pool6: Ipv6Pool | undefined;
  readonly #ports: HostPorts;
  readonly #nat: NatTables;
  readonly #bridge: Bridge;
  /** One operation at a time for a sandbox. */
  readonly #queue = new SerialQueue<string>();
  /** The bridge and the table, when they are there as far as we know. */
  #host: Promise<BridgeState> | undefined;
  #problem: Error | undefined;
  #closed = false;

  constructor(options: BuiltinNetworkOptions, records: Records) {
    this.#system = options.system;
    this.#log = options.logger ?? silentLogger;
    this.#bridgeName = options.name ?? DEFAULT_NAME;
    this.#records = records;
    const [ipv4 = "", ipv6] = options.subnets ?? DEFAULT_SUBNETS;
    this.#pool = new AddressPool(ipv4, { cursor: records.readCursor() });
    const { subnet, gateway } = this.#pool;
    this.#pool6 = ipv6 === undefined ? undefined : new Ipv6Pool(ipv6, subnet);
    if (this.#pool6 !== undefined && !usesIpv6()) {
      this.#log.info({ subnet: ipv6 }, "This host does not use IPv6: pods have IPv4 addresses only");
      this.#pool6 = undefined;
    }
    this.#ports = new HostPorts(options.bindPort);
    const table = `nodelet-${this.#bridgeName}`;
    const tables = [tableOf("ip", table, this.#bridgeName, `${numberToIpv4(subnet.base)}/${subnet.prefix}`)];
    if (this.#pool6 !== undefined && ipv6 !== undefined) tables.push(tableOf("ip6", table, this.#bridgeName, ipv6));
    this.#nat = new NatTables(options.system, tables);
    this.#bridge = new Bridge(options.system, {
      name: this.#bridgeName,
      subnet,
      gateway,
      ipv6: this.#pool6,
      mtu: options.mtu,
      owner: options.directory,
    });
    for (const record of records.all()) this.#adopt(record);
  }

  /** Takes over what an earlier daemon recorded. */
  #adopt(record: SandboxRecord): void {
    const { address, address6 } = record;
    if (address === undefined) return;
    const value = ipv4ToNumber(address);
    if (!this.#pool.contains(value)) {
      throw new NodeletError(
        "conflict",
        `Pod ${nameOf(record)} has the address ${address}, which is not of the pods' subnet`,
        {
          fix: "Stop all pods before the network gets another subnet.",
        },
      );
    }
    if (address6 !== undefined && this.#pool6?.contains(address6) === false) {
      throw new NodeletError(
        "conflict",
        `Pod ${nameOf(record)} has the address ${address6}, which is not of the pods' subnet`,
        { fix: "Stop all pods before the network gets another subnet." },
      );
    }
    this.#pool.take(value);
    this.#ports.register(ownerOf(record), mappingsOf(record));
    this.#addRules(record);
  }

  #addRules(record: SandboxRecord): void {
    for (const address of addressesOf(record)) this.#nat.add(mappingsOf(record), address);
  }

  describe(): NetworkDescription {
    return { name: this.name };
  }

  readiness(): { readonly ready: boolean; readonly reason: string; readonly message: string } {
    if (this.#problem === undefined) return { ready: true, reason: "NetworkReady", message: "" };
    return { ready: false, reason: "NetworkNotReady", message: describeError(this.#problem) };
  }

  attach(request: NetworkAttachment, options: CallOptions = {}): Promise<NetworkResult> {
    return this.#run(request.sandboxId, () => this.#attach(request, options.signal));
  }

  detach(sandboxId: string, options: CallOptions = {}): Promise<void> {
    return this.#run(sandboxId, async () => {
      options.signal?.throwIfAborted();
      await this.#release(sandboxId);
    });
  }

  async restore(liveSandboxIds: ReadonlySet<string>): Promise<void> {
    await this.#ensureHost();
    if (this.#pool6 === undefined) await this.#removeIpv6Table();
    const links = await this.#bridge.links();
    const expected = new Set(this.#records.all().map(({ sandboxId }) => this.#linkOf(sandboxId)));
    const stray = [...links.keys()].filter((link) => !expected.has(link));
    const tasks = this.#records.all().map(({ sandboxId }) => {
      return this.#run(sandboxId, async () => {
        if (!liveSandboxIds.has(sandboxId)) await this.#release(sandboxId);
        else await this.#putRight(sandboxId, links);
      });
    });
    const outcomes = await Promise.allSettled([...tasks, ...stray.map((link) => this.#bridge.disconnect(link))]);
    await this.#nat.sync();
    const problems = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }): unknown => reason);
    problems.push(...(await this.#ports.bindRegistered()));
    for (const error of problems) this.#log.warn({ error }, "A pod's network could not be restored whole");
  }

  async shutdown(): Promise<void> {
    await this.#queue.idle();
    if (this.#records.size > 0) return;
    this.#host = undefined;
    await Promise.all([this.#nat.destroy(), this.#bridge.destroy()]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.idle();
    this.#ports.close();
    await this.#bridge.close();
  }

  /** Of an earlier daemon whose pods had IPv6 addresses. A kernel without that family has none. */
  async #removeIpv6Table(): Promise<void> {
    const table = { family: "ip6", name: `nodelet-${this.#bridgeName}` } as const;
    await tryExchange(this.#system, NETLINK_NETFILTER, batch([addTable(table), deleteTable(table)]));
  }

  #run<T>(sandboxId: string, task: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new NodeletError("unavailable", "The pod network is closed"));
    return this.#queue.run(sandboxId, task);
  }

  #linkOf(sandboxId: string): string {
    return linkName(this.#bridgeName, sandboxId);
  }

  /** The bridge and the table; made by whoever comes first. */
  async #ensureHost(): Promise<BridgeState> {
    const host = (this.#host ??= this.#makeHost());
    try {
      const state = await host;
      this.#problem = undefined;
      return state;
    } catch (error) {
      if (this.#host === host) this.#host = undefined;
      this.#problem = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  async #makeHost(): Promise<BridgeState> {
    const [state] = await Promise.all([this.#bridge.ensure(), this.#nat.sync()]);
    return state;
  }

  async #attach(request: NetworkAttachment, signal: AbortSignal | undefined): Promise<NetworkResult> {
    const { sandboxId } = request;
    checkSandboxId(sandboxId);
    const portMappings = normalizeMappings(request.portMappings, { ipv6: this.#pool6 !== undefined });
    signal?.throwIfAborted();
    const began = performance.now();
    const held = this.#records.get(sandboxId);
    if (held?.complete === true && held.netns === request.netns) return resultOf(held, this.#detailOf(held));
    if (held !== undefined) await this.#release(sandboxId);

    const netns = openNetns(request.netns);
    try {
      const state = await this.#ensureHost();
      signal?.throwIfAborted();
      const owner = { sandboxId, pod: `${request.podNamespace}/${request.podName}` };
      await this.#ports.reserve(owner, portMappings);
      try {
        this.#intend(request, portMappings);
      } catch (error) {
        this.#ports.release(sandboxId);
        throw error;
      }
      const record = await this.#make(sandboxId, netns, state, signal);
      return resultOf(record, { ...this.#detailOf(record), times: [performance.now() - began] });
    } finally {
      closeSync(netns);
    }
  }

  /** Takes an address and writes it down with all that will be made. */
  #intend(request: NetworkAttachment, portMappings: SandboxRecord["portMappings"]): void {
    const { sandboxId, podNamespace, podName, netns } = request;
    const address = this.#pool.allocate();
    try {
      this.#records.keepCursor(this.#pool.cursor);
      const address6 = this.#pool6?.beside(address);
      this.#records.intend({
        sandboxId,
        podNamespace,
        podName,
        netns,
        address: numberToIpv4(address),
        ...(address6 === undefined ? {} : { address6 }),
        portMappings,
      });
    } catch (error) {
      this.#pool.release(address);
      throw error;
    }
  }

  #detailOf(record: SandboxRecord): NetworkDetail {
    const gateways = [this.#pool.gateway, this.#pool6?.gateway];
    const made = [
      `link ${POD_LINK}, on the host ${this.#linkOf(record.sandboxId)} at the bridge ${this.#bridgeName}`,
      ...addressesOf(record).map((address, index) => `address ${address}, default route by ${gateways[index]}`),
      ...mappingsOf(record).map(
        ({ protocol, hostIp, hostPort, containerPort }) =>
          `host port ${protocol} ${hostIp === "" || hostIp.includes(".") ? hostIp : `[${hostIp}]`}:${hostPort} to ${containerPort}`,
      ),
    ];
    return { network: "builtin", plugins: [], made };
  }

  /** From the intent to what it says; all of it or, when it fails, nothing. */
  async #make(
    sandboxId: string,
    netns: number,
    state: BridgeState,
    signal: AbortSignal | undefined,
  ): Promise<SandboxRecord> {
    try {
      const record = this.#records.get(sandboxId);
      if (record?.address === undefined)
        throw new NodeletError("internal", `Nothing is recorded for sandbox ${sandboxId}`);
      this.#addRules(record);
      // Also for a pod without host ports: the table may have been flushed.
      const [rules, link] = await Promise.allSettled([
        this.#nat.sync().then(() => this.#forgetFlows(() => forgetFlowsToHost(this.#system, mappingsOf(record)))),
        this.#connect(state, {
          link: this.#linkOf(sandboxId),
          address: record.address,
          address6: record.address6,
          netns,
        }),
      ]);
      if (link.status === "rejected") throw link.reason;
      if (rules.status === "rejected") throw rules.reason;
      signal?.throwIfAborted();
      if (!link.value) await this.#withoutIpv6(record);
      this.#records.complete(sandboxId);
      return this.#records.get(sandboxId) ?? record;
    } catch (error) {
      try {
        await this.#release(sandboxId);
      } catch (undo) {
        // The record stays: the next attach, detach or restore tries again.
        this.#log.warn({ sandbox: sandboxId, error: undo }, "The network of a pod that failed could not be undone yet");
      }
      throw error;
    }
  }

  /** The pod has turned IPv6 off for itself, by a sysctl. */
  async #withoutIpv6({ address6, ...record }: SandboxRecord): Promise<void> {
    if (address6 === undefined) return;
    this.#nat.remove(record.portMappings, address6);
    this.#records.intend(record);
    await this.#nat.sync();
  }

  /** A kernel without ctnetlink cannot do it; the flows end by themselves when their clients pause. */
  async #forgetFlows(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#log.warn({ error }, "Earlier UDP flows to a host port could not be ended");
    }
  }

  /** As `Bridge.connect`. */
  async #connect(state: BridgeState, options: LinkOptions): Promise<boolean> {
    try {
      return await this.#bridge.connect(state, options);
    } catch (error) {
      if (isNetlinkError(error, "EEXIST") && (await this.#bridge.find(options.link)) === undefined) {
        throw new NodeletError(
          "conflict",
          `Cannot connect the network namespace: it has a link called ${POD_LINK} already`,
          {
            cause: error,
          },
        );
      }
      // Either the link was left over, or the bridge is not what it was: made again with all that belongs to it.
      await this.#bridge.disconnect(options.link);
      if ((await this.#bridge.check()) !== state.index) await this.#remakeHost(state);
      else if (!isNetlinkError(error, "EEXIST")) throw error;
      return await this.#bridge.connect(await this.#ensureHost(), options);
    }
  }

  /** Makes the bridge again when nobody did since `state`, and plugs in the links that are left. */
  async #remakeHost(state: BridgeState): Promise<void> {
    const current = await this.#ensureHost();
    if (current !== state) return;
    this.#log.warn({ bridge: this.#bridgeName }, "The pods' bridge was removed or changed; making it again");
    this.#host = this.#makeHost();
    const made = await this.#ensureHost();
    const links = await this.#bridge.links();
    for (const { complete, sandboxId } of this.#records.all()) {
      const link = this.#linkOf(sandboxId);
      if (complete && links.has(link)) await this.#bridge.reconnect(made, link);
    }
  }

  /** What a live sandbox lacks, after the bridge and the table are there. */
  async #putRight(
    sandboxId: string,
    links: ReadonlyMap<string, { master: number | undefined; up: boolean }>,
  ): Promise<void> {
    const record = this.#records.get(sandboxId);
    if (record?.address === undefined) return;
    const state = await this.#ensureHost();
    const name = this.#linkOf(sandboxId);
    const link = links.get(name);
    if (record.complete && link !== undefined) {
      if (link.master !== state.index || !link.up) await this.#bridge.reconnect(state, name);
      return;
    }
    const netns = openNetns(record.netns);
    try {
      if (link !== undefined) await this.#bridge.disconnect(name);
      if (
        !(await this.#bridge.connect(state, {
          link: this.#linkOf(sandboxId),
          address: record.address,
          address6: record.address6,
          netns,
        }))
      )
        await this.#withoutIpv6(record);
      this.#records.complete(sandboxId);
    } finally {
      closeSync(netns);
    }
  }

  /** Everything that is recorded for the sandbox, the record last. Can be repeated when it fails. */
  async #release(sandboxId: string): Promise<void> {
    const record = this.#records.get(sandboxId);
    if (record === undefined) return;
    const { address } = record;
    const portMappings = mappingsOf(record);
    const addresses = addressesOf(record);
    for (const each of addresses) this.#nat.remove(portMappings, each);
    const outcomes = await Promise.allSettled([
      this.#bridge.disconnect(this.#linkOf(sandboxId)),
      portMappings.length > 0 ? this.#nat.sync() : undefined,
    ]);
    for (const each of addresses) await this.#forgetFlows(() => forgetFlowsToPod(this.#system, portMappings, each));
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") throw outcome.reason;
    }
    this.#ports.release(sandboxId);
    this.#records.remove(sandboxId);
    if (address !== undefined) this.#pool.release(ipv4ToNumber(address));
  }
}

function nameOf({ podNamespace, podName, sandboxId }: SandboxRecord): string {
  return podName === "" ? sandboxId : `${podNamespace}/${podName}`;
}

function ownerOf(record: SandboxRecord): PortOwner {
  return { sandboxId: record.sandboxId, pod: nameOf(record) };
}

function addressesOf({ address, address6 }: SandboxRecord): string[] {
  return [address, address6].filter((each) => each !== undefined);
}

/** A pod that an earlier release connected has no IPv6 address on a node that has; its ports are those of IPv4. */
function mappingsOf({ address6, portMappings }: SandboxRecord): readonly PortMapping[] {
  return address6 === undefined ? ipv4Only(portMappings) : portMappings;
}

function tableOf(family: TableFamily, name: string, bridge: string, subnet: string): NatOptions {
  const [address = "", prefix] = subnet.split("/");
  return { table: { family, name }, bridge, subnet: { base: parseAddress(address).bytes, prefix: Number(prefix) } };
}

function resultOf(record: SandboxRecord, detail: NetworkDetail): NetworkResult {
  const { address } = record;
  if (address === undefined) return { ips: [], interfaces: [], dns: undefined, detail };
  const interfaces = [{ name: POD_LINK, mac: macOf(ipv4ToNumber(address)) }];
  return { ips: addressesOf(record), interfaces, dns: undefined, detail };
}

/** Never waits, whatever the path leads to. */
function openNetns(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new NodeletError(
      isErrno(error, "ENOENT") ? "not-found" : "internal",
      "Cannot open the pod's network namespace",
      {
        where: path,
        cause: error,
      },
    );
  }
}
