// IPv6 addresses of pods. A pod's has the same place in its subnet as the pod's IPv4 address in the other: one decides for both which is
// free.
import { NodeletError } from "../agent/base/errors.ts";
import {
  bigintToIpv6,
  ipv6SubnetContains,
  numberToIpv4,
  parseIpv6Subnet,
  type Ipv4Subnet,
  type Ipv6Subnet,
} from "../agent/system/netlink/address.ts";

const IPV6_BITS = 128;
const IPV4_BITS = 32;

export class Ipv6Pool {
  readonly subnet: Ipv6Subnet;
  readonly gateway: string;
  readonly #ipv4: Ipv4Subnet;

  /** Throws `invalid` when it has fewer addresses than the IPv4 subnet. */
  constructor(subnet: string, ipv4: Ipv4Subnet) {
    this.subnet = parseIpv6Subnet(subnet);
    this.#ipv4 = ipv4;
    if (IPV6_BITS - this.subnet.prefix < IPV4_BITS - ipv4.prefix) {
      const other = `${numberToIpv4(ipv4.base)}/${ipv4.prefix}`;
      throw new NodeletError("invalid", `Cannot give pods addresses of ${subnet} beside ${other}: it has fewer`, {
        fix: `Use a prefix length of at most ${IPV6_BITS - IPV4_BITS + ipv4.prefix}; 64 is usual.`,
      });
    }
    this.gateway = this.#at(1);
  }

  #at(offset: number): string {
    return bigintToIpv6(this.subnet.base + BigInt(offset));
  }

  /** Of the pod that has this IPv4 address. */
  beside(ipv4: number): string {
    return this.#at(ipv4 - this.#ipv4.base);
  }

  contains(address: string): boolean {
    return ipv6SubnetContains(this.subnet, address);
  }
}
