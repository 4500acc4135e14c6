// Header blocks of SPDY/3 (draft 3, section 2.6.10): pairs of length-prefixed strings in one zlib stream per direction that
// lasts as long as the connection.

import { constants, createInflate, type Inflate } from "node:zlib";

import { NodeletError } from "../../base/errors.ts";
import { DICTIONARY, DICTIONARY_ID } from "./dictionary.ts";

/** Names in lower case. */
export type Headers = ReadonlyMap<string, string>;

/** A block is no longer than this when inflated. The streams of exec and port-forward carry a hundred bytes. */
export const HEADER_BYTES_MAX = 64 * 1024;

/** Inflates the blocks of one direction, in order: the next is given when the one before has resolved. */
export class HeaderDecoder {
  readonly #inflate: Inflate = createInflate({ dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH });
  #parts: Buffer[] = [];
  #size = 0;
  #fail: ((error: Error) => void) | undefined;

  constructor() {
    this.#inflate.on("data", (part: Buffer) => {
      this.#size += part.length;
      if (this.#size <= HEADER_BYTES_MAX) this.#parts.push(part);
      else this.#fail?.(new NodeletError("invalid", `a header block is longer than ${HEADER_BYTES_MAX} bytes`));
    });
    this.#inflate.on("error", (error) =>
      this.#fail?.(new NodeletError("invalid", "a header block cannot be inflated", { cause: error })),
    );
  }

  /** Rejects with `invalid`; the connection is of no use then. */
  async decode(block: Buffer): Promise<Headers> {
    this.#parts = [];
    this.#size = 0;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#fail = (error) => {
      reject(error);
      this.#inflate.destroy();
    };
    this.#inflate.write(block, (error) => {
      if (error !== undefined && error !== null) return; // told by the error event
      while (this.#inflate.read() !== null); // what is left is emitted
      resolve();
    });
    await promise;
    return parseHeaders(Buffer.concat(this.#parts));
  }

  close(): void {
    this.#inflate.destroy();
  }
}

/** An inflated block. Throws `invalid`. */
export function parseHeaders(block: Buffer): Headers {
  const headers = new Map<string, string>();
  let at = 0;
  const u32 = (): number => {
    if (at + 4 > block.length) throw new NodeletError("invalid", "a header block ends early");
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = u32();
    if (length > block.length - at) throw new NodeletError("invalid", "a header is longer than its block");
    at += length;
    return block.toString("utf8", at - length, at);
  };
  const count = u32();
  for (let index = 0; index < count; index++) {
    const name = text().toLowerCase();
    const value = text();
    if (name === "") throw new NodeletError("invalid", "a header has no name");
    // Several values of one name are joined by NUL; nothing that is read here has more than one.
    headers.set(name, value.split("\0", 1)[0] ?? "");
  }
  if (at !== block.length) throw new NodeletError("invalid", "a header block goes on after its last header");
  return headers;
}

/** zlib's header: deflate with a window of 32 KiB, a preset dictionary, and which. */
const ZLIB_PRELUDE = Buffer.alloc(6);
ZLIB_PRELUDE.writeUInt16BE(0x78bb);
ZLIB_PRELUDE.writeUInt32BE(DICTIONARY_ID, 2);

/** What a sync flush ends with: an empty stored block. */
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** The most that a stored block holds. */
const STORED_BYTES_MAX = 65_535;

/**
 * Writes blocks as stored, not deflated: that keeps their order without a wait, and a connection without a deflate context of a
 * quarter of a MiB for a few short headers.
 */
export class HeaderEncoder {
  #begun = false;

  encode(headers: Headers): Buffer {
    const fields: Buffer[] = [];
    const u32 = (value: number): void => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      fields.push(bytes);
    };
    u32(headers.size);
    for (const [name, value] of headers) {
      for (const part of [Buffer.from(name.toLowerCase()), Buffer.from(value)]) {
        u32(part.length);
        fields.push(part);
      }
    }
    const plain = Buffer.concat(fields);
    const parts: Buffer[] = this.#begun ? [] : [ZLIB_PRELUDE];
    this.#begun = true;
    for (let at = 0; at < plain.length; at += STORED_BYTES_MAX) {
      const part = plain.subarray(at, at + STORED_BYTES_MAX);
      const lengths = Buffer.alloc(5);
      lengths.writeUInt16LE(part.length, 1);
      lengths.writeUInt16LE(part.length ^ 0xffff, 3);
      parts.push(lengths, part);
    }
    return Buffer.concat([...parts, FLUSH]);
  }
}
