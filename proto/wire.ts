// The boundary between the generated codecs and TypeScript: 64-bit integers are bigint on this side, exact, and a field that
// was not sent is absent. Left to themselves the codecs give Long objects, write a bigint as 0, and answer for an absent field
// from the prototype.

import protobuf from "protobufjs/minimal.js";

type Constructor = abstract new (...args: never) => unknown;

/** One message of a generated codec. */
export interface MessageCodec extends Constructor {
  encode(message: object, writer: protobuf.Writer): protobuf.Writer;
  decode(reader: protobuf.Reader, length?: number): object;
}

export type MessageCodecs = Readonly<Record<string, MessageCodec>>;

/** The methods of a service by their names in TypeScript. */
export type ServiceTable = Readonly<Record<string, MethodFacts>>;

export interface MethodFacts {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Names of messages. */
  readonly request: string;
  readonly response: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

const VARINT_64_BYTES_MAX = 10;

class BigIntReader extends protobuf.BufferReader {
  // The base class declares numbers and Longs; the generated code only hands the value on.
  override int64(): never {
    return BigInt.asIntN(64, this.#varint()) as never;
  }

  override uint64(): never {
    return BigInt.asUintN(64, this.#varint()) as never;
  }

  override sint64(): never {
    const bits = BigInt.asUintN(64, this.#varint());
    return BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n)) as never;
  }

  #varint(): bigint {
    let value = 0n;
    for (let index = 0; index < VARINT_64_BYTES_MAX; index++) {
      if (this.pos >= this.len) throw new RangeError("the message ends within a number");
      const byte = this.buf[this.pos++] ?? 0;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number has more than 64 bits");
  }
}

/** The halves of a 64-bit integer, as protobufjs takes them. */
function halves(value: unknown): protobuf.Long {
  if (typeof value !== "bigint") throw new TypeError(`a 64-bit field holds a ${typeof value}: it must be a bigint`);
  return {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned: false,
  };
}

class BigIntWriter extends protobuf.BufferWriter {
  override int64(value: unknown): this {
    super.uint64(halves(value));
    return this;
  }

  override uint64(value: unknown): this {
    super.uint64(halves(value));
    return this;
  }

  override sint64(value: unknown): this {
    super.sint64(halves(value));
    return this;
  }

  override int64s(values: unknown): this {
    super.int64s((values as unknown[]).map(halves));
    return this;
  }

  override uint64s(values: unknown): this {
    super.uint64s((values as unknown[]).map(halves));
    return this;
  }
}

/** Codecs whose prototypes no longer answer for absent fields. */
const stripped = new WeakSet<MessageCodec>();

/** Once for every codec module, before its first message. */
export function prepare(messages: MessageCodecs): void {
  for (const codec of Object.values(messages)) strip(codec);
}

function strip(codec: MessageCodec): void {
  if (stripped.has(codec)) return;
  stripped.add(codec);
  const prototype = codec.prototype as Record<string, unknown>;
  for (const field of Object.keys(prototype)) delete prototype[field];
  for (const nested of Object.values(codec)) if (isCodec(nested)) strip(nested);
}

function isCodec(value: unknown): value is MessageCodec {
  return typeof value === "function" && "decode" in value;
}

/** Fields that the codec does not know are dropped. Throws what the codec throws for bytes that are no such message. */
export function decodeMessage(codec: MessageCodec, bytes: Uint8Array): object {
  return codec.decode(new BigIntReader(bytes));
}

/** Properties that the codec does not know are left out. Throws TypeError for a 64-bit field that is not a bigint. */
export function encodeMessage(codec: MessageCodec, message: object): Buffer {
  return codec.encode(message, new BigIntWriter()).finish() as Buffer;
}

/** A method in the form that @grpc/grpc-js takes, for servers and clients. */
export interface WireMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: object) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => object;
  readonly responseSerialize: (message: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

/** A service in the form that @grpc/grpc-js takes, its methods by their names in TypeScript. */
export function wireService(messages: MessageCodecs, service: ServiceTable): Record<string, WireMethod> {
  prepare(messages);
  const codecOf = (name: string): MessageCodec => {
    const codec = messages[name];
    if (codec === undefined) throw new Error(`Cannot find a codec for the message ${name}`);
    return codec;
  };
  return Object.fromEntries(
    Object.entries(service).map(([name, method]): [string, WireMethod] => {
      const request = codecOf(method.request);
      const response = codecOf(method.response);
      return [
        name,
        {
          path: method.path,
          requestStream: method.requestStream,
          responseStream: method.responseStream,
          requestSerialize: (message) => encodeMessage(request, message),
          requestDeserialize: (bytes) => decodeMessage(request, bytes),
          responseSerialize: (message) => encodeMessage(response, message),
          responseDeserialize: (bytes) => decodeMessage(response, bytes),
        },
      ];
    }),
  );
}
