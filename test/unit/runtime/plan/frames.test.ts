import t from "tap";

import { encodeFrame, FRAME_PAYLOAD_MAX, FrameParser, FrameType } from "../../../../agent/runtime/plan/frames.ts";

const text = (value: string): Uint8Array => Buffer.from(value);

t.test("a frame's bytes", async (t) => {
  t.equal(Buffer.from(encodeFrame(FrameType.COMMIT)).toString("hex"), "0000000004000000");
  t.equal(Buffer.from(encodeFrame(FrameType.STDIN, text("ab"))).toString("hex"), "02000000080000006162");
  t.throws(() => encodeFrame(FrameType.STDIN, new Uint8Array(FRAME_PAYLOAD_MAX + 1)), RangeError);
  t.equal(encodeFrame(FrameType.STDIN, new Uint8Array(FRAME_PAYLOAD_MAX)).length, FRAME_PAYLOAD_MAX + 8);
});

t.test("frames in chunks of every size", async (t) => {
  const sent = [
    { type: FrameType.STDOUT, payload: text("hello") },
    { type: FrameType.STDOUT, payload: text("") },
    { type: FrameType.STDERR, payload: Buffer.alloc(1000, "x") },
    { type: FrameType.EXITED, payload: text("0123456789abcdef") },
  ];
  const stream = Buffer.concat(sent.map(({ type, payload }) => encodeFrame(type, payload)));
  for (const size of [1, 2, 3, 7, 8, 9, 13, 100, 1013, stream.length]) {
    const parser = new FrameParser();
    const got = [];
    for (let at = 0; at < stream.length; at += size) got.push(...parser.push(stream.subarray(at, at + size)));
    t.same(
      got.map(({ type, payload }) => [type, Buffer.from(payload).toString()]),
      sent.map(({ type, payload }) => [type, Buffer.from(payload).toString()]),
      `chunks of ${size}`,
    );
    t.ok(parser.idle);
  }
});

t.test("a stream that is cut off is seen", async (t) => {
  const parser = new FrameParser();
  t.same(parser.push(encodeFrame(FrameType.STDIN, text("abc")).subarray(0, 9)), []);
  t.notOk(parser.idle);
});

t.test("a frame that is too long ends it, an unknown type does not", async (t) => {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(999, 4);
  t.same(
    new FrameParser().push(header).map(({ type }) => type),
    [999],
  );
  header.writeUInt32LE(FRAME_PAYLOAD_MAX + 1, 0);
  t.throws(() => new FrameParser().push(header), /type 999 announces 4194305 bytes/);
});
