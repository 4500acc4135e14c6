// nftables as nfnetlink messages (linux/netfilter/nf_tables.h, nfnetlink.h): tables, chains, maps, rules. Pure.
// What changes goes in a batch, which the kernel applies as a whole or not at all.
import { Attributes, malformed, MessageBuilder, NLM_F, viewOf, type Answer, type NetlinkMessage } from "./netlink.ts";

const SUBSYSTEM = 10;
const BATCH_BEGIN = 16;
const BATCH_END = 17;

const MSG = {
  NEWTABLE: 0,
  DELTABLE: 2,
  NEWCHAIN: 3,
  NEWRULE: 6,
  GETRULE: 7,
  NEWSET: 9,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
  NEWGEN: 15,
  GETGEN: 16,
} as const;

/** NFPROTO_IPV4 and NFPROTO_IPV6: the families of a table. */
export const FAMILY = { ip: 2, ip6: 10 } as const;
export type TableFamily = keyof typeof FAMILY;

const NFTA_TABLE_NAME = 1;
const NFTA_TABLE_FLAGS = 2;
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;
const NFTA_RULE = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4, USERDATA: 7 } as const;
const NFTA_LIST_ELEM = 1;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_SET = { TABLE: 1, NAME: 2, FLAGS: 3, KEY_TYPE: 4, KEY_LEN: 5, DATA_TYPE: 6, DATA_LEN: 7, ID: 10 } as const;
const NFT_SET_MAP = 8;
const NFTA_SET_ELEM_LIST = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const;
const NFTA_SET_ELEM_KEY = 1;
const NFTA_SET_ELEM_DATA = 2;
const NFTA_DATA_VALUE = 1;
const NFTA_DATA_VERDICT = 2;
const NFTA_VERDICT_CODE = 1;
const NFTA_VERDICT_CHAIN = 2;
const NFTA_GEN_ID = 1;

/** Comments of rules are TLVs in their user data, as nft writes them. */
const USERDATA_COMMENT = 0;

/**
 * The elements of one message stay below this: an attribute ends at 64 KiB, and so does a list of elements.
 * An element of our maps takes 52 bytes.
 */
const ELEMENTS_PER_MESSAGE = 1000;

function message(type: number, flags: number, family: number, resource = 0): MessageBuilder {
  const header = Buffer.alloc(4);
  header.writeUInt8(family, 0);
  header.writeUInt16BE(resource, 2);
  return new MessageBuilder(type, NLM_F.REQUEST | flags).fixed(header);
}

function tableMessage(type: number, flags: number, table: TableReference): MessageBuilder {
  return message((SUBSYSTEM << 8) | type, flags, FAMILY[table.family]);
}

export interface TableReference {
  readonly family: TableFamily;
  readonly name: string;
}

/** One change of a batch. */
export interface Change {
  readonly what: string;
  readonly builder: MessageBuilder;
}

/** Succeeds when the table is there already. */
export function addTable(table: TableReference): Change {
  const builder = tableMessage(MSG.NEWTABLE, NLM_F.CREATE, table).string(NFTA_TABLE_NAME, table.name);
  return { what: `make the table ${table.name}`, builder: builder.be32(NFTA_TABLE_FLAGS, 0) };
}

export function deleteTable(table: TableReference): Change {
  const builder = tableMessage(MSG.DELTABLE, 0, table).string(NFTA_TABLE_NAME, table.name);
  return { what: `delete the table ${table.name}`, builder };
}

export const HOOK = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;

export interface ChainOptions {
  readonly name: string;
  /** A chain without a hook runs when a rule jumps to it. */
  readonly hook?:
    | { readonly type: "filter" | "nat"; readonly hook: keyof typeof HOOK; readonly priority: number }
    | undefined;
}

/** The policy is accept. */
export function addChain(table: TableReference, options: ChainOptions): Change {
  const builder = tableMessage(MSG.NEWCHAIN, NLM_F.CREATE, table)
    .string(NFTA_CHAIN.TABLE, table.name)
    .string(NFTA_CHAIN.NAME, options.name);
  const { hook } = options;
  if (hook !== undefined) {
    builder
      .string(NFTA_CHAIN.TYPE, hook.type)
      .be32(NFTA_CHAIN.POLICY, VERDICT.accept)
      .nest(NFTA_CHAIN.HOOK, (nest) => {
        nest.be32(NFTA_HOOK_HOOKNUM, HOOK[hook.hook]).be32(NFTA_HOOK_PRIORITY, hook.priority);
      });
  }
  return { what: `make the chain ${options.name} of ${table.name}`, builder };
}

/** Data types as the nft program numbers them, so that it shows keys and values in words. Only for people. */
const TYPES = { ipv4_addr: 7, ipv6_addr: 8, inet_proto: 12, inet_service: 13 } as const;
export type DataType = keyof typeof TYPES;
const TYPE_SIZES: Readonly<Record<DataType, number>> = { ipv4_addr: 4, ipv6_addr: 16, inet_proto: 1, inet_service: 2 };
const TYPE_BITS = 6;

function typeOf(types: readonly DataType[]): number {
  return types.reduce((sum, type) => (sum << TYPE_BITS) | TYPES[type], 0);
}

/** Each part of a concatenation fills whole registers of four bytes. */
function sizeOf(types: readonly DataType[]): number {
  return types.reduce((sum, type) => sum + Math.ceil(TYPE_SIZES[type] / 4) * 4, 0);
}

/** The parts of a concatenated key or value, each padded to four bytes. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const out = Buffer.alloc(parts.reduce((sum, part) => sum + Math.ceil(part.length / 4) * 4, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += Math.ceil(part.length / 4) * 4;
  }
  return out;
}

export interface MapOptions {
  readonly name: string;
  readonly key: readonly DataType[];
  readonly value: readonly DataType[];
  /** Any number that no other map of the batch has. */
  readonly id: number;
}

export function addMap(table: TableReference, options: MapOptions): Change {
  const builder = tableMessage(MSG.NEWSET, NLM_F.CREATE, table)
    .string(NFTA_SET.TABLE, table.name)
    .string(NFTA_SET.NAME, options.name)
    .be32(NFTA_SET.FLAGS, NFT_SET_MAP)
    .be32(NFTA_SET.KEY_TYPE, typeOf(options.key))
    .be32(NFTA_SET.KEY_LEN, sizeOf(options.key))
    .be32(NFTA_SET.DATA_TYPE, typeOf(options.value))
    .be32(NFTA_SET.DATA_LEN, sizeOf(options.value))
    .be32(NFTA_SET.ID, options.id);
  return { what: `make the map ${options.name} of ${table.name}`, builder };
}

export interface MapElement {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

function elementChanges(
  table: TableReference,
  map: string,
  type: number,
  flags: number,
  elements: readonly { key: Uint8Array; value?: Uint8Array }[],
  what: string,
): Change[] {
  const changes: Change[] = [];
  for (let start = 0; start < elements.length; start += ELEMENTS_PER_MESSAGE) {
    const builder = tableMessage(type, flags, table)
      .string(NFTA_SET_ELEM_LIST.TABLE, table.name)
      .string(NFTA_SET_ELEM_LIST.SET, map)
      .nest(NFTA_SET_ELEM_LIST.ELEMENTS, (list) => {
        for (const element of elements.slice(start, start + ELEMENTS_PER_MESSAGE)) {
          list.nest(NFTA_LIST_ELEM, (item) => {
            item.nest(NFTA_SET_ELEM_KEY, (key) => key.bytes(NFTA_DATA_VALUE, element.key));
            const { value } = element;
            if (value !== undefined) item.nest(NFTA_SET_ELEM_DATA, (data) => data.bytes(NFTA_DATA_VALUE, value));
          });
        }
      });
    changes.push({ what, builder });
  }
  return changes;
}

/** Fails with EEXIST when a key is there with another value. */
export function addElements(table: TableReference, map: string, elements: readonly MapElement[]): Change[] {
  return elementChanges(table, map, MSG.NEWSETELEM, NLM_F.CREATE, elements, `add to the map ${map} of ${table.name}`);
}

/** Fails with ENOENT when a key is missing. */
export function deleteElements(table: TableReference, map: string, keys: readonly Uint8Array[]): Change[] {
  const elements = keys.map((key) => ({ key }));
  return elementChanges(table, map, MSG.DELSETELEM, 0, elements, `delete from the map ${map} of ${table.name}`);
}

// Expressions of rules. Registers: 1 is sixteen bytes wide and begins where 8 does; 8 to 23 are four bytes wide each.

/** The first register; concatenations go on in FIRST_REGISTER_PARTS. */
export const REGISTER = 1;
/** The registers of four bytes that follow each other, beginning with the first of register 1. */
export const REGISTER_PARTS = [1, 9, 10, 11, 12, 13] as const;

export interface Expression {
  readonly name: string;
  readonly data: (builder: MessageBuilder) => void;
}

const META = { iifname: 6, oifname: 7, l4proto: 16 } as const;

export function meta(key: keyof typeof META, register: number = REGISTER): Expression {
  return { name: "meta", data: (builder) => builder.be32(2, META[key]).be32(1, register) };
}

const BASE = { network: 1, transport: 2 } as const;

export function payload(
  base: keyof typeof BASE,
  offset: number,
  length: number,
  register: number = REGISTER,
): Expression {
  return {
    name: "payload",
    data: (builder) => builder.be32(1, register).be32(2, BASE[base]).be32(3, offset).be32(4, length),
  };
}

export function compare(operator: "eq" | "neq", value: Uint8Array, register: number = REGISTER): Expression {
  return {
    name: "cmp",
    data: (builder) => {
      builder.be32(1, register).be32(2, operator === "eq" ? 0 : 1);
      builder.nest(3, (data) => data.bytes(NFTA_DATA_VALUE, value));
    },
  };
}

/** register = register & mask */
export function mask(bits: Uint8Array, register: number = REGISTER): Expression {
  return {
    name: "bitwise",
    data: (builder) => {
      builder.be32(1, register).be32(2, register).be32(3, bits.length);
      builder.nest(4, (data) => data.bytes(NFTA_DATA_VALUE, bits));
      builder.nest(5, (data) => data.bytes(NFTA_DATA_VALUE, Buffer.alloc(bits.length)));
    },
  };
}

/** Ends the rule unless the key in `register` is in the map, whose value comes into `register`. */
export function lookup(map: string, register: number = REGISTER): Expression {
  return { name: "lookup", data: (builder) => builder.be32(2, register).be32(3, register).string(1, map) };
}

const CT = { state: 0, status: 2 } as const;
/** Bits of `ct state` and `ct status`, as numbers of the host's byte order. */
export const CT_STATE_INVALID = 1;
export const CT_STATUS_DNAT = 32;

export function ct(key: keyof typeof CT, register: number = REGISTER): Expression {
  return { name: "ct", data: (builder) => builder.be32(2, CT[key]).be32(1, register) };
}

const FIB_RESULT_ADDRTYPE = 3;
const FIB_F_DADDR = 2;
/** RTN_LOCAL: an address of this host. */
export const ADDRESS_TYPE_LOCAL = 2;

/** `fib daddr type`: what the routing table says of the destination. */
export function fibDestinationType(register: number = REGISTER): Expression {
  return {
    name: "fib",
    data: (builder) => builder.be32(3, FIB_F_DADDR).be32(2, FIB_RESULT_ADDRTYPE).be32(1, register),
  };
}

const NFT_NAT_DNAT = 1;

/** Rewrites the destination to the address and port in two registers. */
export function dnat(family: TableFamily, addressRegister: number, portRegister: number): Expression {
  return {
    name: "nat",
    data: (builder) =>
      builder.be32(1, NFT_NAT_DNAT).be32(2, FAMILY[family]).be32(3, addressRegister).be32(5, portRegister),
  };
}

const NFT_REJECT_ICMP_UNREACH = 0;
const ICMPV6_PORT_UNREACHABLE = 4;

/** Answers that nobody listens there. Of IPv6. */
export function rejectIpv6(): Expression {
  return { name: "reject", data: (builder) => builder.be32(1, NFT_REJECT_ICMP_UNREACH).u8(2, ICMPV6_PORT_UNREACHABLE) };
}

export function masquerade(): Expression {
  return { name: "masq", data: () => {} };
}

const VERDICT = { drop: 0, accept: 1, jump: -3, return: -5 } as const;

export function verdict(code: "drop" | "accept" | "return"): Expression {
  return immediate((data) => data.be32(NFTA_VERDICT_CODE, VERDICT[code]));
}

export function jump(chain: string): Expression {
  return immediate((data) => data.be32(NFTA_VERDICT_CODE, VERDICT.jump).string(NFTA_VERDICT_CHAIN, chain));
}

function immediate(body: (data: MessageBuilder) => void): Expression {
  return {
    name: "immediate",
    data: (builder) => {
      builder.be32(1, 0).nest(2, (data) => data.nest(NFTA_DATA_VERDICT, body));
    },
  };
}

/** A link's name as meta iifname and oifname give it: sixteen bytes. */
export function interfaceName(name: string): Uint8Array {
  const out = Buffer.alloc(16);
  out.write(name, 0, 15, "utf8");
  return out;
}

/** A number as ct state and status give it. */
export function hostOrder32(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value, 0);
  return out;
}

export interface RuleOptions {
  readonly chain: string;
  readonly expressions: readonly Expression[];
  /** Shown by `nft list ruleset`; at most 128 bytes. */
  readonly comment: string;
}

/** Appends to the chain. */
export function addRule(table: TableReference, options: RuleOptions): Change {
  const builder = tableMessage(MSG.NEWRULE, NLM_F.CREATE | NLM_F.APPEND, table)
    .string(NFTA_RULE.TABLE, table.name)
    .string(NFTA_RULE.CHAIN, options.chain)
    .nest(NFTA_RULE.EXPRESSIONS, (list) => {
      for (const expression of options.expressions) {
        list.nest(NFTA_LIST_ELEM, (item) => {
          item.string(NFTA_EXPR_NAME, expression.name).nest(NFTA_EXPR_DATA, expression.data);
        });
      }
    });
  const comment = Buffer.from(`${options.comment}\0`);
  builder.bytes(NFTA_RULE.USERDATA, Buffer.concat([Buffer.from([USERDATA_COMMENT, comment.length]), comment]));
  return { what: `add the rule "${options.comment}" to ${options.chain} of ${table.name}`, builder };
}

/** Changes as a batch: the last one is acknowledged, and each that fails is answered. */
export function batch(changes: readonly Change[]): NetlinkMessage[] {
  const frame = (type: number, what: string): NetlinkMessage => ({
    what,
    bytes: message(type, 0, 0, SUBSYSTEM).finish(),
  });
  const messages = changes.map(({ what, builder }, index) => ({
    what,
    bytes: index === changes.length - 1 ? builder.withFlags(NLM_F.ACK).finish() : builder.finish(),
  }));
  return [
    frame(BATCH_BEGIN, "begin a change of nftables"),
    ...messages,
    frame(BATCH_END, "commit a change of nftables"),
  ];
}

/** Asks for the number that grows with each change of any table. */
export function getGeneration(): NetlinkMessage {
  const bytes = message((SUBSYSTEM << 8) | MSG.GETGEN, NLM_F.ACK, 0).finish();
  return { what: "read the generation of nftables", bytes };
}

export function decodeGeneration(answer: Answer): number {
  if (answer.type !== ((SUBSYSTEM << 8) | MSG.NEWGEN))
    throw malformed(`message ${answer.type} where a generation belongs`);
  const id = body(answer).be32(NFTA_GEN_ID);
  if (id === undefined) throw malformed("a generation without its number");
  return id;
}

function body(answer: Answer): Attributes {
  if (answer.payload.length < 4) throw malformed(`${answer.payload.length} bytes where an nfnetlink header belongs`);
  return new Attributes(answer.payload.subarray(4));
}

export function dumpRules(table: TableReference): NetlinkMessage {
  const builder = tableMessage(MSG.GETRULE, NLM_F.DUMP, table).string(NFTA_RULE.TABLE, table.name);
  return { what: `list the rules of ${table.name}`, bytes: builder.finish() };
}

export interface Rule {
  readonly table: string;
  readonly chain: string;
  readonly comment: string | undefined;
}

export function decodeRule(answer: Answer): Rule {
  if (answer.type !== ((SUBSYSTEM << 8) | MSG.NEWRULE)) throw malformed(`message ${answer.type} where a rule belongs`);
  const attributes = body(answer);
  const userdata = attributes.bytes(NFTA_RULE.USERDATA);
  return {
    table: attributes.string(NFTA_RULE.TABLE) ?? "",
    chain: attributes.string(NFTA_RULE.CHAIN) ?? "",
    comment: userdata === undefined ? undefined : decodeComment(userdata),
  };
}

function decodeComment(userdata: Uint8Array): string | undefined {
  const view = viewOf(userdata);
  for (let offset = 0; offset + 2 <= userdata.length;) {
    const length = view.getUint8(offset + 1);
    const value = userdata.subarray(offset + 2, offset + 2 + length);
    if (value.length < length) return undefined;
    if (view.getUint8(offset) === USERDATA_COMMENT) return Buffer.from(value).toString("utf8").replace(/\0$/, "");
    offset += 2 + length;
  }
  return undefined;
}

/** Fails with ENOENT when the table or the map is missing. */
export function dumpElements(table: TableReference, map: string): NetlinkMessage {
  const builder = tableMessage(MSG.GETSETELEM, NLM_F.DUMP, table)
    .string(NFTA_SET_ELEM_LIST.TABLE, table.name)
    .string(NFTA_SET_ELEM_LIST.SET, map);
  return { what: `list the map ${map} of ${table.name}`, bytes: builder.finish() };
}

/** A dump comes in several messages of several elements each. */
export function decodeElements(answer: Answer): MapElement[] {
  if (answer.type !== ((SUBSYSTEM << 8) | MSG.NEWSETELEM))
    throw malformed(`message ${answer.type} where elements belong`);
  return body(answer)
    .list(NFTA_SET_ELEM_LIST.ELEMENTS)
    .map(({ value }) => {
      const element = new Attributes(value);
      const key = element.nested(NFTA_SET_ELEM_KEY)?.bytes(NFTA_DATA_VALUE);
      const data = element.nested(NFTA_SET_ELEM_DATA)?.bytes(NFTA_DATA_VALUE);
      if (key === undefined || data === undefined) throw malformed("an element without key or value");
      return { key, value: data };
    });
}
