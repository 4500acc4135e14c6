/**
 * Names of files as text, byte-exact. A name is bytes, of which most are UTF-8; a byte that belongs to no UTF-8 character becomes
 * the lone surrogate U+DC00 + byte, as PEP 383 has it, and the native addon turns it back (native/addon/text.c). Only bytes from
 * 0x80 on are written so, and no string of this kind can hide a slash, a dot or a NUL.
 */
import { isUtf8 } from "node:buffer";

const ESCAPE = 0xdc00;
/** A lone surrogate that stands for a byte. */
const ESCAPED = /(?<![\ud800-\udbff])[\udc80-\udcff]/g;
/** Buffer.byteLength counts a lone surrogate as U+FFFD. */
const REPLACEMENT_BYTES = 3;

export function decodeBytes(bytes: Buffer, start = 0, end = bytes.length): string {
  const text = bytes.toString("utf8", start, end);
  if (!text.includes("\ufffd") || isUtf8(bytes.subarray(start, end))) return text;
  let out = "";
  let from = start;
  for (let at = start; at < end;) {
    const length = characterLength(bytes, at, end);
    if (length === 0) {
      out += bytes.toString("utf8", from, at) + String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
      from = ++at;
    } else {
      at += length;
    }
  }
  return out + bytes.toString("utf8", from, end);
}

export function encodeBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of text.matchAll(ESCAPED)) {
    parts.push(Buffer.from(text.slice(from, match.index)), Buffer.of(match[0].charCodeAt(0) - ESCAPE));
    from = match.index + 1;
  }
  parts.push(Buffer.from(text.slice(from)));
  return Buffer.concat(parts);
}

/** Bytes of the name that the text stands for. */
export function bytesOfText(text: string): number {
  const length = Buffer.byteLength(text);
  if (text.isWellFormed()) return length;
  return length - (REPLACEMENT_BYTES - 1) * [...text.matchAll(ESCAPED)].length;
}

/** 0 where no UTF-8 character begins. */
function characterLength(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return at + length <= end && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
