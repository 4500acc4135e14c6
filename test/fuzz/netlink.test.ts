// The kernel's answers. They are trusted to be the kernel's, not to be of a version that we know.

import { decodeFlow } from "../../agent/system/netlink/conntrack.ts";
import { tryExchange } from "../../agent/system/netlink/exchange.ts";
import { attributeList, decodeAnswer, join } from "../../agent/system/netlink/netlink.ts";
import { decodeElements, decodeGeneration, decodeRule } from "../../agent/system/netlink/nftables.ts";
import {
  addVeth,
  decodeAddress,
  decodeLink,
  decodeRoute,
  dumpLinks,
  setLink,
} from "../../agent/system/netlink/rtnetlink.ts";
import { formatAddress, parseAddress, parseIpv4Subnet } from "../../agent/system/netlink/address.ts";
import { fuzz } from "./harness.ts";

const decoders = {
  decodeLink,
  decodeAddress,
  decodeRoute,
  decodeRule,
  decodeElements,
  decodeGeneration,
  decodeFlow,
  attributeList: (answer: ReturnType<typeof decodeAnswer>) => attributeList(answer.payload),
};
const messages = [
  addVeth({ name: "a", mac: "02:00:00:00:00:01", peer: { name: "b", netns: 3 } }),
  setLink("eth0", { up: true, mtu: 1500 }),
  dumpLinks(),
];

fuzz([
  ...Object.entries(decoders).map(([name, decode]) => ({
    name,
    corpus: "netlink",
    run(input: Buffer): unknown {
      const result = decode(decodeAnswer(input));
      return JSON.stringify(result, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)).slice(
        0,
        40,
      );
    },
    seeds: messages.map((message, index) => Buffer.from(join([message], index + 1))),
    count: 2500,
    maxBytes: 4096,
  })),
  {
    name: "netlink-exchange",
    async run(input) {
      const system = { netlink: () => Promise.resolve([[input]]) };
      const outcomes = await tryExchange(system, 0, [messages[0]!, messages[1]!]);
      return outcomes.map(({ answers, error }) => `${answers.length} ${error?.code}`).join(" ");
    },
    seeds: messages.map((message) => Buffer.from(join([message], 1))),
    count: 2500,
    maxBytes: 4096,
  },
  {
    name: "address",
    run(input) {
      const text = input.toString("latin1");
      const { bytes } = parseAddress(text);
      const printed = formatAddress(bytes);
      if (!Buffer.from(parseAddress(printed).bytes).equals(Buffer.from(bytes)))
        throw new Error(`${printed} is not ${text}`);
    },
    seeds: ["10.0.0.1", "::1", "fe80::1", "2001:db8::", "::ffff:1.2.3.4", "255.255.255.255"],
    dictionary: [":", "::", ".", "%eth0", "ffff", "/24", "256"],
    count: 5000,
  },
  {
    name: "subnet",
    run(input) {
      parseIpv4Subnet(input.toString("latin1"));
    },
    seeds: ["10.88.0.0/16", "0.0.0.0/0", "255.255.255.255/32"],
    dictionary: ["/", ".", "33", "-1", "0x"],
  },
]);
