// Netlink messages as bytes: headers, attributes, answers. Pure: nothing here talks to the kernel.
// The layouts are those of linux/netlink.h; numbers are in the host's byte order, which is little-endian on every supported
// machine, except where an attribute says network order.
import { constants } from "node:os";
import { NodeletError, type ErrorCode } from "../../base/errors.ts";

export const NLM_F = {
  REQUEST: 0x1,
  ACK: 0x4,
  ROOT: 0x100,
  MATCH: 0x200,
  DUMP: 0x300,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
} as const;

/** Flags of an answer of type NLMSG_ERROR. */
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
/** A dump that changed while it was read. */
export const NLM_F_DUMP_INTR = 0x10;

const NLMSGERR_ATTR_MSG = 1;

export const HEADER_SIZE = 16;
const ATTRIBUTE_HEADER_SIZE = 4;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
/** nla_len has 16 bits. */
const MAX_ATTRIBUTE_SIZE = 0xffff;

/** One message to the kernel, and what it asks for in words: errors name it. */
export interface NetlinkMessage {
  /** Such as `add the address 10.1.2.3/16 to eth0`. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

function align(size: number): number {
  return (size + 3) & ~3;
}

/** Writes one message: the header, a fixed part, attributes. Sequence and length are filled in by `finish` and `join`. */
export class MessageBuilder {
  #buffer = Buffer.alloc(256);
  #length = HEADER_SIZE;

  constructor(type: number, flags: number) {
    this.#buffer.writeUInt16LE(type, 4);
    this.#buffer.writeUInt16LE(flags, 6);
  }

  /** The fixed part behind the header. */
  fixed(bytes: Uint8Array): this {
    const at = this.#reserve(align(bytes.length));
    this.#buffer.set(bytes, at);
    return this;
  }

  bytes(type: number, value: Uint8Array): this {
    const at = this.#attribute(type, value.length);
    this.#buffer.set(value, at);
    return this;
  }

  /** A string with the NUL that ends it. */
  string(type: number, value: string): this {
    if (value.includes("\0")) {
      throw new NodeletError("invalid", `Cannot send ${JSON.stringify(value)} to the kernel as it holds a NUL`);
    }
    return this.bytes(type, Buffer.from(`${value}\0`));
  }

  u8(type: number, value: number): this {
    const at = this.#attribute(type, 1);
    this.#buffer.writeUInt8(value, at);
    return this;
  }

  u16(type: number, value: number): this {
    const at = this.#attribute(type, 2);
    this.#buffer.writeUInt16LE(value, at);
    return this;
  }

  u32(type: number, value: number): this {
    const at = this.#attribute(type, 4);
    this.#buffer.writeUInt32LE(value, at);
    return this;
  }

  /** Network byte order. */
  be32(type: number, value: number): this {
    const at = this.#attribute(type, 4);
    this.#buffer.writeInt32BE(value | 0, at);
    return this;
  }

  nest(type: number, body: (builder: this) => void): this {
    const start = this.#reserve(ATTRIBUTE_HEADER_SIZE);
    body(this);
    const size = this.#length - start;
    if (size > MAX_ATTRIBUTE_SIZE) throw tooLarge(size);
    this.#buffer.writeUInt16LE(size, start);
    this.#buffer.writeUInt16LE(type | NLA_F_NESTED, start + 2);
    return this;
  }

  /** Adds flags to those of the header. */
  withFlags(flags: number): this {
    this.#buffer.writeUInt16LE(this.#buffer.readUInt16LE(6) | flags, 6);
    return this;
  }

  finish(): Uint8Array {
    this.#buffer.writeUInt32LE(this.#length, 0);
    return this.#buffer.subarray(0, this.#length);
  }

  #attribute(type: number, size: number): number {
    const total = ATTRIBUTE_HEADER_SIZE + size;
    if (total > MAX_ATTRIBUTE_SIZE) throw tooLarge(total);
    const at = this.#reserve(align(total));
    this.#buffer.writeUInt16LE(total, at);
    this.#buffer.writeUInt16LE(type, at + 2);
    return at + ATTRIBUTE_HEADER_SIZE;
  }

  /** Zeroed room at the end. */
  #reserve(size: number): number {
    const at = this.#length;
    if (at + size > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(this.#buffer.length * 2, at + size));
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    this.#length += size;
    return at;
  }
}

function tooLarge(size: number): NodeletError {
  return new NodeletError(
    "internal",
    `A netlink attribute of ${size} bytes is larger than the ${MAX_ATTRIBUTE_SIZE} it can be`,
  );
}

/** Puts messages behind each other, numbered from `firstSequence`: the kernel takes them in one call. */
export function join(messages: readonly NetlinkMessage[], firstSequence: number): Uint8Array {
  const size = messages.reduce((sum, message) => sum + align(message.bytes.length), 0);
  const out = Buffer.alloc(size);
  let offset = 0;
  for (const [index, message] of messages.entries()) {
    out.set(message.bytes, offset);
    out.writeUInt32LE(firstSequence + index, offset + 8);
    offset += align(message.bytes.length);
  }
  return out;
}

/** A message from the kernel. */
export interface Answer {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export function decodeAnswer(bytes: Uint8Array): Answer {
  if (bytes.length < HEADER_SIZE) throw malformed(`a message of ${bytes.length} bytes`);
  const view = viewOf(bytes);
  const length = view.getUint32(0, true);
  if (length < HEADER_SIZE || length > bytes.length) {
    throw malformed(`a message that says it has ${length} bytes and has ${bytes.length}`);
  }
  return {
    type: view.getUint16(4, true),
    flags: view.getUint16(6, true),
    sequence: view.getUint32(8, true),
    payload: bytes.subarray(HEADER_SIZE, length),
  };
}

export function malformed(what: string): NodeletError {
  return new NodeletError("internal", `The kernel's netlink answer cannot be read: it holds ${what}`);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The attributes in order; lists repeat a type. */
export function attributeList(bytes: Uint8Array): Attribute[] {
  const list: Attribute[] = [];
  const view = viewOf(bytes);
  let offset = 0;
  while (offset < bytes.length) {
    const left = bytes.length - offset;
    if (left < ATTRIBUTE_HEADER_SIZE) throw malformed(`${left} bytes where an attribute begins`);
    const length = view.getUint16(offset, true);
    if (length < ATTRIBUTE_HEADER_SIZE || length > left) {
      throw malformed(`an attribute that says it has ${length} bytes where ${left} are left`);
    }
    list.push({
      type: view.getUint16(offset + 2, true) & NLA_TYPE_MASK,
      value: bytes.subarray(offset + ATTRIBUTE_HEADER_SIZE, offset + length),
    });
    offset += align(length);
  }
  return list;
}

/** Attributes by type; the last of a type wins. */
export class Attributes {
  readonly #byType = new Map<number, Uint8Array>();

  constructor(bytes: Uint8Array) {
    for (const { type, value } of attributeList(bytes)) this.#byType.set(type, value);
  }

  bytes(type: number): Uint8Array | undefined {
    return this.#byType.get(type);
  }

  u32(type: number): number | undefined {
    const value = this.#sized(type, 4);
    return value === undefined ? undefined : viewOf(value).getUint32(0, true);
  }

  /** Network byte order. */
  be32(type: number): number | undefined {
    const value = this.#sized(type, 4);
    return value === undefined ? undefined : viewOf(value).getUint32(0, false);
  }

  string(type: number): string | undefined {
    const value = this.#byType.get(type);
    return value === undefined ? undefined : text(value);
  }

  nested(type: number): Attributes | undefined {
    const value = this.#byType.get(type);
    return value === undefined ? undefined : new Attributes(value);
  }

  list(type: number): Attribute[] {
    const value = this.#byType.get(type);
    return value === undefined ? [] : attributeList(value);
  }

  #sized(type: number, size: number): Uint8Array | undefined {
    const value = this.#byType.get(type);
    if (value !== undefined && value.length !== size) {
      throw malformed(`${value.length} bytes in attribute ${type} where ${size} belong`);
    }
    return value;
  }
}

/** Text up to the first NUL; control characters, which no name has, show as `?`. */
function text(value: Uint8Array): string {
  const end = value.indexOf(0);
  return Buffer.from(end < 0 ? value : value.subarray(0, end))
    .toString("utf8")
    .replace(/\p{Cc}/gu, "?");
}

const errnoNames = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  if (!errnoNames.has(number)) errnoNames.set(number, name);
}
// Names that Node.js lacks or has several of.
errnoNames.set(95, "EOPNOTSUPP");
errnoNames.set(11, "EAGAIN");

const codes: Readonly<Record<string, ErrorCode>> = {
  EEXIST: "exists",
  ENOENT: "not-found",
  ENODEV: "not-found",
  ESRCH: "not-found",
  EADDRNOTAVAIL: "not-found",
  EPERM: "denied",
  EACCES: "denied",
  EOPNOTSUPP: "unsupported",
  EAFNOSUPPORT: "unsupported",
  EPROTONOSUPPORT: "unsupported",
  EBUSY: "conflict",
  EADDRINUSE: "conflict",
  ENOMEM: "exhausted",
  ENOBUFS: "exhausted",
  ENOSPC: "exhausted",
  EMFILE: "exhausted",
  ENFILE: "exhausted",
  EAGAIN: "unavailable",
  EINTR: "unavailable",
  ETIMEDOUT: "timeout",
};

/** The kernel refused a request. */
export class NetlinkError extends NodeletError {
  /** The error's name, such as `EEXIST`. */
  readonly errno: string;

  constructor(what: string, errno: number, detail: string | undefined) {
    const name = errnoNames.get(errno) ?? `errno ${errno}`;
    const reason = detail === undefined || detail === "" ? name : `${name}: ${detail}`;
    super(codes[name] ?? "internal", `Cannot ${what}: the kernel answers ${reason}`, { fix: fixes[name] });
    this.errno = name;
  }
}

const fixes: Readonly<Record<string, string>> = {
  EPERM: "Run nodelet as root with CAP_NET_ADMIN.",
  EOPNOTSUPP: "Use a kernel with bridge, veth and nf_tables (nat, fib, ct), built in or as modules that can be loaded.",
};

export function isNetlinkError(error: unknown, ...errnos: string[]): boolean {
  return error instanceof NetlinkError && errnos.includes(error.errno);
}

/** The error in an NLMSG_ERROR answer, with what the kernel says about it; undefined when it is an acknowledgement. */
export function decodeError(answer: Answer, what: string): NetlinkError | undefined {
  const { payload, flags } = answer;
  if (payload.length < 4) throw malformed(`an error of ${payload.length} bytes`);
  const view = viewOf(payload);
  const errno = -view.getInt32(0, true);
  if (errno === 0) return undefined;
  if (errno < 0) throw malformed(`the error number ${-errno}, which is above zero`);
  return new NetlinkError(what, errno, (flags & NLM_F_ACK_TLVS) === 0 ? undefined : extendedText(payload, flags));
}

/** Extended ACK text: behind the quoted request, which is cut to its header when NLM_F_CAPPED is set. */
function extendedText(payload: Uint8Array, flags: number): string | undefined {
  if (payload.length < 4 + HEADER_SIZE) return undefined;
  const quoted = (flags & NLM_F_CAPPED) === 0 ? viewOf(payload).getUint32(4, true) : HEADER_SIZE;
  const offset = 4 + align(Math.max(quoted, HEADER_SIZE));
  if (offset >= payload.length) return undefined;
  try {
    return new Attributes(payload.subarray(offset)).string(NLMSGERR_ATTR_MSG);
  } catch {
    return undefined; // the errno is known all the same
  }
}
