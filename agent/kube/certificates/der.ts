/** DER, as far as a certificate and the request for one need it: ITU-T X.690. Each function gives one encoded value. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

export type Der = Buffer;

function value(tag: number, content: Buffer): Der {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([0x80 | digits.length, ...digits]);
}

/** From 0 to 127. */
export function smallInteger(number: number): Der {
  if (!Number.isInteger(number) || number < 0 || number > 127) throw new RangeError(`${number} is no small integer`);
  return value(TAG.integer, Buffer.from([number]));
}

/** Not negative, the most significant byte first. */
export function integer(magnitude: Buffer): Der {
  const digits = magnitude.subarray(magnitude.findIndex((byte) => byte !== 0));
  return value(TAG.integer, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]));
}

export function truth(): Der {
  return value(TAG.boolean, Buffer.from([0xff]));
}

/** As RFC 5280 wants it: with two digits of the year until 2049. */
export function time(date: Date): Der {
  const text = date.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? value(TAG.utcTime, Buffer.from(text.slice(2)))
    : value(TAG.generalizedTime, Buffer.from(text));
}

export function sequence(...items: readonly Der[]): Der {
  return value(TAG.sequence, Buffer.concat(items));
}

/** SET OF: DER wants its members in the order of their encodings. */
export function setOf(...items: readonly Der[]): Der {
  return value(TAG.set, Buffer.concat(items.toSorted((a, b) => Buffer.compare(a, b))));
}

export function utf8(text: string): Der {
  return value(TAG.utf8String, Buffer.from(text, "utf8"));
}

export function octets(content: Buffer): Der {
  return value(TAG.octetString, content);
}

/** Of whole bytes. */
export function bits(content: Buffer): Der {
  return value(TAG.bitString, Buffer.concat([Buffer.from([0]), content]));
}

export function nothing(): Der {
  return value(TAG.null, Buffer.alloc(0));
}

/** `2.5.4.3` */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap(base128);
  return value(TAG.objectIdentifier, Buffer.from(bytes));
}

function base128(number: number): number[] {
  const digits = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift(0x80 | (rest % 128));
  return digits;
}

/** `[N] IMPLICIT` of something primitive, such as a string, by its content. */
export function implicit(number: number, content: Buffer): Der {
  return value(CONTEXT | number, content);
}

/** `[N] IMPLICIT SET OF` or `[N] EXPLICIT`, by what is in it. */
export function constructed(number: number, ...items: readonly Der[]): Der {
  return value(CONTEXT | CONSTRUCTED | number, Buffer.concat(items));
}
