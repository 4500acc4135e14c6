// Connection tracking as nfnetlink messages (linux/netfilter/nfnetlink_conntrack.h). Pure.
import { formatAddress } from "./address.ts";
import type { Family } from "./rtnetlink.ts";
import { Attributes, malformed, MessageBuilder, NLM_F, viewOf, type Answer, type NetlinkMessage } from "./netlink.ts";

const SUBSYSTEM = 1;
const MSG_NEW = 0;
const MSG_GET = 1;
const MSG_DELETE = 2;

const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_ID = 12;
const CTA_FILTER = 25;
const CTA_FILTER_ORIG_FLAGS = 1;
const CTA_FILTER_REPLY_FLAGS = 2;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
/** By the address family. */
const CTA_IP = { 2: { SRC: 1, DST: 2, size: 4 }, 10: { SRC: 3, DST: 4, size: 16 } } as const;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_DST_PORT = 3;
/** Which parts of a tuple a dump goes by. */
const FILTER_PROTO_NUM = 1 << 3;
const FILTER_DST_PORT = 1 << 5;

export const PROTOCOL_UDP = 17;

function header(type: number, flags: number, family: Family): MessageBuilder {
  return new MessageBuilder((SUBSYSTEM << 8) | type, NLM_F.REQUEST | flags).fixed(Buffer.from([family, 0, 0, 0]));
}

/** The flows of UDP that were sent to a port. */
export function dumpUdpFlows(port: number, family: Family): NetlinkMessage {
  const builder = header(MSG_GET, NLM_F.DUMP, family)
    .nest(CTA_TUPLE_ORIG, (tuple) => {
      tuple.nest(CTA_TUPLE_PROTO, (proto) => {
        proto.u8(CTA_PROTO_NUM, PROTOCOL_UDP).bytes(CTA_PROTO_DST_PORT, Buffer.from([port >>> 8, port & 255]));
      });
    })
    .nest(CTA_FILTER, (filter) => {
      filter.u32(CTA_FILTER_ORIG_FLAGS, FILTER_PROTO_NUM | FILTER_DST_PORT).u32(CTA_FILTER_REPLY_FLAGS, 0);
    });
  return { what: `list the UDP flows to port ${port}`, bytes: builder.finish() };
}

export interface Flow {
  readonly family: Family;
  /** Where the first packet was sent to. */
  readonly destination: string;
  readonly port: number;
  /** Where the answers come from: another address when the destination was translated. */
  readonly answeredBy: string;
  /** The kernel's description, to name it by. */
  readonly tuple: Uint8Array;
  readonly id: Uint8Array | undefined;
}

export function decodeFlow(answer: Answer): Flow {
  if (answer.type !== ((SUBSYSTEM << 8) | MSG_NEW)) throw malformed(`message ${answer.type} where a flow belongs`);
  if (answer.payload.length < 4) throw malformed(`${answer.payload.length} bytes where an nfnetlink header belongs`);
  const attributes = new Attributes(answer.payload.subarray(4));
  const tuple = attributes.bytes(CTA_TUPLE_ORIG);
  const original = attributes.nested(CTA_TUPLE_ORIG);
  const family = answer.payload[0] === 10 ? 10 : 2;
  const ip = CTA_IP[family];
  const destination = original?.nested(CTA_TUPLE_IP)?.bytes(ip.DST);
  const port = original?.nested(CTA_TUPLE_PROTO)?.bytes(CTA_PROTO_DST_PORT);
  const answeredBy = attributes.nested(CTA_TUPLE_REPLY)?.nested(CTA_TUPLE_IP)?.bytes(ip.SRC);
  if (tuple === undefined || destination?.length !== ip.size || answeredBy?.length !== ip.size || port?.length !== 2) {
    throw malformed("a flow without its addresses");
  }
  return {
    family,
    destination: formatAddress(destination),
    port: viewOf(port).getUint16(0, false),
    answeredBy: formatAddress(answeredBy),
    tuple,
    id: attributes.bytes(CTA_ID),
  };
}

/** Fails with ENOENT when it ended by itself. */
export function deleteFlow(flow: Flow): NetlinkMessage {
  const builder = header(MSG_DELETE, NLM_F.ACK, flow.family).nest(CTA_TUPLE_ORIG, (tuple) => tuple.fixed(flow.tuple));
  if (flow.id !== undefined) builder.bytes(CTA_ID, flow.id);
  return { what: `forget a UDP flow to ${flow.destination} port ${flow.port}`, bytes: builder.finish() };
}
