// Which IPv4 address is free. Addresses are handed out in turn, so that one that was just given back is not used again
// while there are others: what still sends to the old pod does not meet a new one.
import { NodeletError } from "../agent/base/errors.ts";
import { numberToIpv4, parseIpv4Subnet, subnetContains, type Ipv4Subnet } from "../agent/system/netlink/address.ts";

const BITS = 32;
const FULL = 0xffffffff;

/** The most addresses that are kept track of: a bit each. */
const MAX_SUBNET_SIZE = 2 ** 24;
/** Network, gateway, broadcast and one pod. */
const MIN_SUBNET_SIZE = 4;

export class AddressPool {
  readonly subnet: Ipv4Subnet;
  /** The first address behind the network's own. */
  readonly gateway: string;
  /** How many can be handed out. */
  readonly capacity: number;
  /** One bit an address of the subnet; set: not free. */
  readonly #taken: Uint32Array;
  #used = 0;
  /** Where the next search begins, as an offset into the subnet. */
  #cursor: number;

  constructor(subnet: string, options: { cursor?: number | undefined } = {}) {
    this.subnet = parseIpv4Subnet(subnet);
    const { size } = this.subnet;
    if (size < MIN_SUBNET_SIZE || size > MAX_SUBNET_SIZE) {
      throw new NodeletError("invalid", `Cannot give pods addresses of ${subnet}: it has ${size}`, {
        fix: "Use a subnet with a prefix length of 8 to 30.",
      });
    }
    this.gateway = numberToIpv4(this.subnet.base + 1);
    this.capacity = size - 3;
    this.#taken = new Uint32Array(Math.ceil(size / BITS));
    for (const offset of [0, 1, size - 1]) this.#set(offset);
    for (let offset = size; offset < this.#taken.length * BITS; offset++) this.#set(offset);
    const { cursor = 0 } = options;
    this.#cursor = Number.isInteger(cursor) && cursor >= 0 ? cursor % size : 0;
  }

  get used(): number {
    return this.#used;
  }

  /** Moves on with each address that is taken; keep it to go on from there after a restart. */
  get cursor(): number {
    return this.#cursor;
  }

  contains(address: number): boolean {
    return subnetContains(this.subnet, address);
  }

  allocate(): number {
    const words = this.#taken.length;
    const start = Math.floor(this.#cursor / BITS);
    // The first word is looked at twice: its bits behind the cursor first, those before it last.
    for (let step = 0; step <= words && this.#used < this.capacity; step++) {
      const word = (start + step) % words;
      let taken = this.#taken[word] ?? FULL;
      if (step === 0) taken |= lowBits(this.#cursor % BITS);
      if (taken >>> 0 === FULL) continue;
      const free = ~taken;
      const offset = word * BITS + (BITS - 1 - Math.clz32(free & -free));
      this.#set(offset);
      this.#used++;
      this.#cursor = (offset + 1) % this.subnet.size;
      return this.subnet.base + offset;
    }
    throw new NodeletError("exhausted", `All ${this.capacity} addresses of the pods' subnet are in use`, {
      where: `${numberToIpv4(this.subnet.base)}/${this.subnet.prefix}`,
      fix: "Remove pods, or give the network a larger subnet.",
    });
  }

  /** Takes a certain address; false when it is taken already or not one of the subnet. */
  take(address: number): boolean {
    if (!this.contains(address) || this.#has(address - this.subnet.base)) return false;
    this.#set(address - this.subnet.base);
    this.#used++;
    return true;
  }

  release(address: number): void {
    const offset = address - this.subnet.base;
    if (!this.contains(address) || offset <= 1 || offset === this.subnet.size - 1 || !this.#has(offset)) return;
    const word = Math.floor(offset / BITS);
    this.#taken[word] = (this.#taken[word] ?? 0) & ~(1 << (offset % BITS));
    this.#used--;
  }

  #has(offset: number): boolean {
    return ((this.#taken[Math.floor(offset / BITS)] ?? FULL) & (1 << (offset % BITS))) !== 0;
  }

  #set(offset: number): void {
    const word = Math.floor(offset / BITS);
    this.#taken[word] = (this.#taken[word] ?? 0) | (1 << (offset % BITS));
  }
}

/** The `count` lowest bits of a word; count is below 32. */
function lowBits(count: number): number {
  return 2 ** count - 1;
}
