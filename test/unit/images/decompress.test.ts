import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "tap";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { detectCompression, pump, type PumpOptions } from "../../../agent/images/decompress.ts";

const base = mkdtempSync(join(tmpdir(), "nodelet-decompress-"));
after(() => rmSync(base, { recursive: true, force: true }));

async function through(
  data: Buffer,
  options: PumpOptions & { offset?: number; length?: number; consume?: (chunk: Buffer) => void } = {},
): Promise<Buffer> {
  const path = join(base, randomBytes(8).toString("hex"));
  writeFileSync(path, data);
  const fd = openSync(path, "r");
  const chunks: Buffer[] = [];
  try {
    const offset = options.offset ?? 0;
    const part = { path, offset, length: options.length ?? data.length - offset };
    await pump(fd, part, options.consume ?? ((chunk) => void chunks.push(Buffer.from(chunk))), options);
  } finally {
    closeSync(fd);
  }
  return Buffer.concat(chunks);
}

// Compressible and large enough for many chunks.
const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(3_000_000, "text "), randomBytes(300_000)]);
const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from("skip")]);

test("each compression, several members, parts of a file", async (t) => {
  const half = content.length / 2;
  const forms: Record<string, Buffer> = {
    plain: content,
    gzip: gzipSync(content),
    "two gzip members": Buffer.concat([gzipSync(content.subarray(0, half)), gzipSync(content.subarray(half))]),
    zstd: zstdCompressSync(content),
    "two zstd frames": Buffer.concat([
      zstdCompressSync(content.subarray(0, half)),
      zstdCompressSync(content.subarray(half)),
    ]),
    "a skippable zstd frame first": Buffer.concat([skippable, zstdCompressSync(content)]),
  };
  for (const [form, data] of Object.entries(forms)) {
    const hash = createHash("sha256");
    let read = 0;
    const got = await through(data, { hash, progress: (bytes) => void (read = bytes) });
    t.ok(got.equals(content), form);
    t.equal(hash.digest("hex"), createHash("sha256").update(data).digest("hex"), `${form}: hash of the file`);
    t.equal(read, data.length);
    const within = Buffer.concat([Buffer.alloc(777, 1), data, Buffer.alloc(99, 2)]);
    t.ok((await through(within, { offset: 777, length: data.length })).equals(content), `${form}: in the middle`);
  }
  t.equal((await through(Buffer.alloc(0))).length, 0);
  t.equal((await through(gzipSync(""))).length, 0);
});

test("damaged and truncated data", async (t) => {
  for (const packed of [gzipSync(content), zstdCompressSync(content)]) {
    await t.rejects(through(packed.subarray(0, packed.length - 20)), {
      code: "invalid",
      message: /damaged or ends early/,
    });
    const bad = Buffer.from(packed);
    // Neither a frame without checksum nor a stored block shows every change: the head and the tail always do.
    bad.fill(0xff, 5, 30);
    bad.fill(0x00, bad.length - 8);
    await t.rejects(through(bad), { code: "invalid", message: /damaged/ });
    await t.rejects(through(packed, { length: packed.length + 5 }), { code: "invalid", message: /5 bytes early/ });
  }
});

test("bombs are stopped, and what only packs well is not", async (t) => {
  const limits = { ratioFrom: 1_000_000, maxRatio: 100 };
  for (const pack of [gzipSync, zstdCompressSync]) {
    let taken = 0;
    const consume = (chunk: Buffer): void => void (taken += chunk.length);
    await t.rejects(through(pack(Buffer.alloc(50_000_000)), { limits, consume }), {
      code: "exhausted",
      message: /bomb/,
    });
    t.ok(taken < 5_000_000, `${taken} bytes came out`);
    await t.resolves(through(pack(Buffer.alloc(900_000)), { limits, consume }));
    await t.resolves(through(pack(content), { limits, consume }));
  }
});

test("what the consumer throws comes out", async (t) => {
  for (const data of [content, gzipSync(content), zstdCompressSync(content)]) {
    const consume = (): void => {
      throw new Error("enough");
    };
    await t.rejects(through(data, { consume }), /enough/);
  }
});

test("magic numbers", (t) => {
  t.equal(detectCompression(gzipSync("x")), "gzip");
  t.equal(detectCompression(zstdCompressSync("x")), "zstd");
  t.equal(detectCompression(skippable), "zstd");
  t.equal(detectCompression(Buffer.from("tar")), "none");
  t.equal(detectCompression(Buffer.alloc(0)), "none");
  t.end();
});
