import { constants, createDeflate, inflateSync, type Deflate } from "node:zlib";

import t from "tap";

import { DICTIONARY, DICTIONARY_ID } from "../../../../agent/streaming/spdy/dictionary.ts";
import {
  HEADER_BYTES_MAX,
  HeaderDecoder,
  HeaderEncoder,
  parseHeaders,
} from "../../../../agent/streaming/spdy/headers.ts";

/** As another implementation writes them: deflated, one context for all. */
class DeflatedHeaders {
  readonly #deflate: Deflate = createDeflate({ dictionary: DICTIONARY, level: 9 });
  #parts: Buffer[] = [];

  constructor() {
    this.#deflate.on("data", (part: Buffer) => this.#parts.push(part));
  }

  async encode(plain: Buffer): Promise<Buffer> {
    this.#parts = [];
    this.#deflate.write(plain);
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    return Buffer.concat(this.#parts);
  }
}

function plainBlock(headers: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const u32 = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    parts.push(bytes);
  };
  u32(Object.keys(headers).length);
  for (const text of Object.entries(headers).flat()) {
    u32(Buffer.byteLength(text));
    parts.push(Buffer.from(text));
  }
  return Buffer.concat(parts);
}

function adler32(data: Buffer): number {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

t.test("the dictionary is the specification's", async (t) => {
  t.equal(DICTIONARY.length, 1423);
  t.equal(adler32(DICTIONARY), DICTIONARY_ID);
});

t.test("blocks of one deflate stream are read one after the other", async (t) => {
  const writer = new DeflatedHeaders();
  const decoder = new HeaderDecoder();
  t.teardown(() => decoder.close());
  for (const headers of [
    { streamtype: "error" },
    { streamtype: "stdin" },
    {},
    { StreamType: "data", port: "8080", requestid: "7" },
    { long: "x".repeat(40_000) },
    { streamtype: "data", port: "8080", requestid: "8" },
  ]) {
    const decoded = await decoder.decode(await writer.encode(plainBlock(headers)));
    t.same(
      Object.fromEntries(decoded),
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    );
  }
});

t.test("our own blocks are read by zlib, and by ourselves", async (t) => {
  const encoder = new HeaderEncoder();
  const decoder = new HeaderDecoder();
  t.teardown(() => decoder.close());
  const blocks: Buffer[] = [];
  for (const headers of [new Map(), new Map([["Port", "80"]]), new Map([["long", "y".repeat(60_000)]])]) {
    const block = encoder.encode(headers);
    blocks.push(block);
    t.same(
      [...(await decoder.decode(block))],
      [...headers].map(([name, value]) => [name.toLowerCase(), value]),
    );
  }
  const all = inflateSync(Buffer.concat(blocks), { dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
  t.equal(all.length, 4 + (4 + 4 + 4 + 4 + 2) + (4 + 4 + 4 + 4 + 60_000));
});

t.test("what is no block is refused", async (t) => {
  const refused = async (block: Buffer, message: RegExp): Promise<void> => {
    const decoder = new HeaderDecoder();
    await t.rejects(decoder.decode(block), { code: "invalid", message });
    decoder.close();
  };
  await refused(Buffer.from("no zlib stream"), /cannot be inflated/);
  await refused(await new DeflatedHeaders().encode(Buffer.alloc(HEADER_BYTES_MAX + 1)), /longer than/);
  await refused(await new DeflatedHeaders().encode(Buffer.alloc(20 * 1024 * 1024)), /longer than/);
  await refused(await new DeflatedHeaders().encode(Buffer.from([0, 0, 0, 1])), /ends early/);
  t.throws(() => parseHeaders(Buffer.from([0, 0, 0, 1, 0, 0, 1, 0])), /longer than its block/);
  t.throws(() => parseHeaders(Buffer.concat([plainBlock({ a: "b" }), Buffer.from("x")])), /goes on/);
  t.throws(() => parseHeaders(plainBlock({ "": "b" })), /no name/);
  t.throws(() => parseHeaders(Buffer.from([0xff, 0xff, 0xff, 0xff])), /ends early/);
});
