// Connection tracking as nfnetlink messages (linux/netfilter/nfnetlink_conntrack.h). Pure.
import { formatAddress } from "./address.ts";
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
const CTA_IP_V4_SRC = 1;
const CTA_IP_V4_DST = 2;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_DST_PORT = 3;
/** Which parts of a tuple a dump goes by. */
const FILTER_PROTO_NUM = 1 << 3;
const FILTER_DST_PORT = 1 << 5;

const AF_INET = 2;
export const PROTOCOL_UDP = 17;

function header(type: number, flags: number): MessageBuilder {
  return new MessageBuilder((SUBSYSTEM << 8) | type, NLM_F.REQUEST | flags).fixed(Buffer.from([AF_INET, 0, 0, 0]));
}

/** The IPv4 flows of UDP that were sent to a port. */
export function dumpUdpFlows(port: number): NetlinkMessage {
  const builder = header(MSG_GET, NLM_F.DUMP)
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
  const destination = original?.nested(CTA_TUPLE_IP)?.bytes(CTA_IP_V4_DST);
  const port = original?.nested(CTA_TUPLE_PROTO)?.bytes(CTA_PROTO_DST_PORT);
  const answeredBy = attributes.nested(CTA_TUPLE_REPLY)?.nested(CTA_TUPLE_IP)?.bytes(CTA_IP_V4_SRC);
  if (tuple === undefined || destination?.length !== 4 || answeredBy?.length !== 4 || port?.length !== 2) {
    throw malformed("a flow without its addresses");
  }
  return {
    destination: formatAddress(destination),
    port: viewOf(port).getUint16(0, false),
    answeredBy: formatAddress(answeredBy),
    tuple,
    id: attributes.bytes(CTA_ID),
  };
}

/** Fails with ENOENT when it ended by itself. */
export function deleteFlow(flow: Flow): NetlinkMessage {
  const builder = header(MSG_DELETE, NLM_F.ACK).nest(CTA_TUPLE_ORIG, (tuple) => tuple.fixed(flow.tuple));
  if (flow.id !== undefined) builder.bytes(CTA_ID, flow.id);
  return { what: `forget a UDP flow to ${flow.destination} port ${flow.port}`, bytes: builder.finish() };
}
