import t from "tap";
import { isNodeletError } from "../../../../agent/base/errors.ts";
import {
  attributeList,
  Attributes,
  decodeAnswer,
  decodeError,
  isNetlinkError,
  join,
  MessageBuilder,
  NLMSG_ERROR,
} from "../../../../agent/system/netlink/netlink.ts";

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

void t.test("a message has a header, a fixed part and padded attributes", async (t) => {
  const message = new MessageBuilder(0x10, 0x5)
    .fixed(bytes("01 02 03 04"))
    .string(3, "eth0")
    .u8(1, 7)
    .u16(2, 0x1234)
    .u32(4, 0x01020304)
    .be32(5, -2)
    .bytes(6, bytes("aa bb cc"))
    .nest(7, (nest) => nest.u8(1, 1));
  t.equal(
    hex(message.finish()),
    hex(
      bytes(`
      54000000 1000 0500 00000000 00000000 01020304
      0900 0300 65746830 00000000
      0500 0100 07000000
      0600 0200 34120000
      0800 0400 04030201
      0800 0500 fffffffe
      0700 0600 aabbcc00
      0c00 0780 0500 0100 01000000`),
    ),
  );
});

void t.test("a message grows", async (t) => {
  const builder = new MessageBuilder(1, 1);
  for (let count = 0; count < 500; count++) builder.u32(1, count);
  const list = attributeList(builder.finish().subarray(16));
  t.equal(list.length, 500);
  t.equal(hex(list[499]?.value ?? bytes("")), "f3010000");
});

void t.test("what does not fit is refused", async (t) => {
  t.throws(() => new MessageBuilder(1, 1).bytes(1, Buffer.alloc(65_532)), { code: "internal" });
  t.doesNotThrow(() => new MessageBuilder(1, 1).bytes(1, Buffer.alloc(65_531)));
  t.throws(() => new MessageBuilder(1, 1).nest(1, (nest) => nest.bytes(1, Buffer.alloc(65_531))), { code: "internal" });
  t.throws(() => new MessageBuilder(1, 1).string(1, "a\0b"), { code: "invalid" });
});

void t.test("messages are numbered in a row", async (t) => {
  const one = { what: "one", bytes: new MessageBuilder(1, 1).bytes(1, bytes("01")).finish() };
  const joined = Buffer.from(join([one, one, one], 7));
  t.equal(joined.length, 72);
  t.same(
    [8, 32, 56].map((offset) => joined.readUInt32LE(offset)),
    [7, 8, 9],
  );
});

void t.test("attributes are read back", async (t) => {
  const message = new MessageBuilder(1, 1)
    .string(1, "name")
    .u32(2, 99)
    .be32(3, 98)
    .nest(4, (nest) => nest.string(1, "inner").u32(1, 5).u32(1, 6));
  const attributes = new Attributes(message.finish().subarray(16));
  t.equal(attributes.string(1), "name");
  t.equal(attributes.u32(2), 99);
  t.equal(attributes.be32(3), 98);
  t.equal(attributes.nested(4)?.u32(1), 6, "the last of a type wins");
  t.equal(attributes.list(4).length, 3);
  t.equal(attributes.u32(9), undefined);
  t.equal(attributes.nested(9), undefined);
  t.same(attributes.list(9), []);
});

void t.test("hostile attributes", async (t) => {
  for (const [name, data] of Object.entries({
    "length zero": "0000 0100",
    "length below the header": "0300 0100",
    "length beyond the end": "0900 0100 00000000",
    "half a header": "0800 0100 00000000 0400",
    "one byte": "01",
  })) {
    t.throws(() => attributeList(bytes(data)), { code: "internal" }, name);
  }
  t.same(attributeList(bytes("0500 0100 07")), [{ type: 1, value: bytes("07") }], "the last one may lack its padding");
  t.throws(() => new Attributes(bytes("0600 0100 0000 0000")).u32(1), { code: "internal" }, "short number");
  t.equal(new Attributes(bytes("0900 0100 61 1b 62 0a 63 000000")).string(1), "a?b?c", "control characters");
  t.equal(new Attributes(bytes("0600 0100 6162 0000")).string(1), "ab", "no NUL");
});

void t.test("hostile answers", async (t) => {
  for (const [name, data] of Object.entries({
    empty: "",
    "half a header": "10000000 0200 0000",
    "a length below the header": "0f000000 0200 0000 01000000 00000000",
    "a length beyond the end": "11000000 0200 0000 01000000 00000000",
  })) {
    t.throws(() => decodeAnswer(bytes(data)), { code: "internal" }, name);
  }
  const answer = decodeAnswer(bytes("14000000 1000 0200 05000000 00000000 aabbccdd ffff"));
  t.equal(answer.type, 16);
  t.equal(answer.flags, 2);
  t.equal(answer.sequence, 5);
  t.equal(hex(answer.payload), "aabbccdd", "what is behind the length is not looked at");
});

function errorAnswer(flags: number, payload: string): ReturnType<typeof decodeAnswer> {
  return { type: NLMSG_ERROR, flags, sequence: 1, payload: bytes(payload) };
}

void t.test("errors", async (t) => {
  const quoted = "20000000 1000 0500 01000000 00000000";
  t.equal(decodeError(errorAnswer(0, `00000000 ${quoted}`), "do it"), undefined);

  const exists = decodeError(errorAnswer(0x100, `efffffff ${quoted}`), "make the bridge br0");
  t.ok(isNodeletError(exists, "exists"));
  t.ok(isNetlinkError(exists, "EEXIST"));
  t.notOk(isNetlinkError(exists, "ENOENT"));
  t.equal(exists?.message, "Cannot make the bridge br0: the kernel answers EEXIST");

  // -EINVAL, capped, with the text "Invalid address" behind the header it quotes.
  const text = Buffer.from("Invalid address\0").toString("hex");
  const capped = decodeError(errorAnswer(0x300, `eaffffff ${quoted} 1400 0100 ${text}`), "add it");
  t.equal(capped?.message, "Cannot add it: the kernel answers EINVAL: Invalid address");
  t.equal(capped?.code, "internal");

  // Not capped: the whole request, 32 bytes, stands before the text.
  const whole = decodeError(errorAnswer(0x200, `eaffffff ${quoted} ${"00".repeat(16)} 1400 0100 ${text}`), "add it");
  t.equal(whole?.message, capped?.message);

  const codes: Record<string, [string, string]> = {
    ffffffff: ["EPERM", "denied"],
    edffffff: ["ENODEV", "not-found"],
    a1ffffff: ["EOPNOTSUPP", "unsupported"],
    f0ffffff: ["EBUSY", "conflict"],
    f4ffffff: ["ENOMEM", "exhausted"],
    f5ffffff: ["EAGAIN", "unavailable"],
    "18fcffff": ["errno 1000", "internal"],
  };
  for (const [value, [name, code]] of Object.entries(codes)) {
    const error = decodeError(errorAnswer(0, value), "x");
    t.equal(error?.errno, name);
    t.equal(error?.code, code, name);
  }
});

void t.test("hostile errors", async (t) => {
  t.throws(() => decodeError(errorAnswer(0, "0000"), "x"), { code: "internal" });
  t.throws(() => decodeError(errorAnswer(0, "01000000"), "x"), { code: "internal" }, "above zero");
  t.equal(decodeError(errorAnswer(0x200, "eaffffff 2000"), "x")?.errno, "EINVAL", "cut off in the quoted request");
  for (const [name, payload] of Object.entries({
    "a length that lies": "eaffffff ffffffff 1000 0500 01000000 00000000 0800 0100 61626300",
    "an attribute that lies": "eaffffff 20000000 1000 0500 01000000 00000000 ffff 0100 61626300",
  })) {
    for (const flags of [0x200, 0x300]) {
      const error = decodeError(errorAnswer(flags, payload), "x");
      t.equal(error?.errno, "EINVAL", name);
    }
  }
});
