import t from "tap";
import {
  attributeList,
  Attributes,
  decodeAnswer,
  HEADER_SIZE,
  join,
  MessageBuilder,
} from "../../../../agent/system/netlink/netlink.ts";
import * as nft from "../../../../agent/system/netlink/nftables.ts";

const table = { family: "ip", name: "t" } as const;
const bridge = nft.interfaceName("br0");

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

/** A message as nft 1.0.6 sent it, without its sequence number. */
function captured(text: string): string {
  const message = Buffer.from(text, "hex");
  message.writeUInt32LE(0, 8);
  return hex(message);
}

function sent(change: nft.Change | undefined): string {
  return change === undefined ? "" : hex(change.builder.finish());
}

void t.test("tables, chains and maps, as nft sends them", async (t) => {
  t.equal(
    sent(nft.addTable(table)).slice(32),
    captured("24000000000a010001000000000000000200000006000100740000000800020000000000").slice(32),
  );
  t.equal(
    sent(nft.addChain(table, { name: "to-pods" })),
    captured("28000000030a010404000000000000000200000006000100740000000c000300746f2d706f647300"),
  );
  t.equal(
    sent(nft.addChain(table, { name: "pre", hook: { type: "nat", hook: "prerouting", priority: -100 } })),
    captured(
      "48000000030a010403000000000000000200000006000100740000000800030070726500080007006e617400080005000000000114000480080001000000000008000200ffffff9c",
    ),
  );
  t.equal(
    sent(nft.addChain(table, { name: "forw", hook: { type: "filter", hook: "forward", priority: 0 } })),
    captured(
      "50000000030a01040a0000000000000002000000060001007400000009000300666f7277000000000b00070066696c746572000008000500000000011400048008000100000000020800020000000000",
    ),
  );
  // nft adds user data of its own behind what the kernel reads.
  const map = captured(
    "84000000090a010402000000000000000200000006000100740000000a000200706f7274730000000800030000000008080004000000030d080005000000000808000600000001cd080007000000000808000a00000000012a000d00000400000000010400000000030800040d0000000100040800040d00000001000604000000000000",
  );
  const ours = sent(
    nft.addMap(table, {
      name: "ports",
      key: ["inet_proto", "inet_service"],
      value: ["ipv4_addr", "inet_service"],
      id: 1,
    }),
  );
  t.equal(ours.slice(8), map.slice(8, ours.length));
});

void t.test("elements, as nft sends them", async (t) => {
  const key = nft.concatenate([Buffer.from([6]), Buffer.from([0x1f, 0x90])]);
  const value = nft.concatenate([Buffer.from([10, 9, 0, 2]), Buffer.from([0, 80])]);
  const [added] = nft.addElements(table, "ports", [{ key, value }]);
  // nft also names the map by its number in the batch: attribute 4.
  t.equal(
    sent(added).slice(8),
    captured(
      "580000000c0a01040d000000000000000200000006000100740000000a000200706f72747300000008000400000000012800038024000180100001800c000100060000001f900000100002800c0001000a09000200500000",
    )
      .slice(8)
      .replace("0800040000000001", ""),
  );
  const [deleted] = nft.deleteElements(table, "ports", [key]);
  t.equal(
    sent(deleted),
    captured(
      "400000000e0a01000e000000000000000200000006000100740000000a000200706f7274730000001800038014000180100001800c000100060000001f900000",
    ),
  );
  const many = nft.addElements(table, "ports", Array<nft.MapElement>(2500).fill({ key, value }));
  t.equal(many.length, 3);
  t.same(nft.addElements(table, "ports", []), []);
});

/** The expressions of a captured rule, from their list's header on. */
const CAPTURED_RULES: Readonly<Record<string, { expressions: readonly nft.Expression[]; bytes: string }>> = {
  "dnat to a map": {
    expressions: [nft.meta("l4proto", 1), nft.payload("transport", 2, 2, 9), nft.lookup("ports"), nft.dnat("ip", 1, 9)],
    bytes:
      "c400048024000180090001006d657461000000001400028008000200000000100800010000000001340001800c0001007061796c6f616400240002800800010000000009080002000000000208000300000000020800040000000002380001800b0001006c6f6f6b7570000028000280080002000000000108000300000000010a000100706f727473000000080004000000000130000180080001006e617400240002800800010000000001080002000000000208000300000000010800050000000009",
  },
  "jump for local destinations": {
    expressions: [nft.fibDestinationType(), nft.compare("eq", nft.hostOrder32(2)), nft.jump("to-pods")],
    bytes:
      "940004802800018008000100666962001c0002800800030000000002080002000000000308000100000000012c00018008000100636d700020000280080001000000000108000200000000000c00038008000100020000003c0001800e000100696d6d6564696174650000002800028008000100000000001c0002801800028008000100fffffffd0c000200746f2d706f647300",
  },
  "masquerade by mask and status": {
    expressions: [
      nft.meta("oifname"),
      nft.compare("neq", bridge),
      nft.payload("network", 12, 4),
      nft.mask(Buffer.from([255, 255, 240, 0])),
      nft.compare("eq", Buffer.from([10, 0, 16, 0])),
      nft.ct("status"),
      nft.mask(nft.hostOrder32(nft.CT_STATUS_DNAT)),
      nft.compare("neq", nft.hostOrder32(0)),
      nft.masquerade(),
    ],
    bytes:
      "b001048024000180090001006d6574610000000014000280080002000000000708000100000000013800018008000100636d70002c00028008000100000000010800020000000001180003801400010062723000000000000000000000000000340001800c0001007061796c6f6164002400028008000100000000010800020000000001080003000000000c08000400000000044c0001800c00010062697477697365003c00028008000100000000010800020000000001080006000000000008000300000000040c00048008000100fffff0000c00058008000100000000002c00018008000100636d700020000280080001000000000108000200000000000c000380080001000a0010002000018007000100637400001400028008000200000000020800010000000001440001800c0001006269747769736500340002800800010000000001080002000000000108000300000000040c00048008000100200000000c00058008000100000000002c00018008000100636d700020000280080001000000000108000200000000010c000380080001000000000014000180090001006d6173710000000004000280",
  },
  drop: {
    expressions: [
      nft.meta("iifname"),
      nft.compare("eq", bridge),
      nft.ct("state"),
      nft.mask(nft.hostOrder32(nft.CT_STATE_INVALID)),
      nft.compare("neq", nft.hostOrder32(0)),
      nft.verdict("drop"),
    ],
    bytes:
      "2001048024000180090001006d6574610000000014000280080002000000000608000100000000013800018008000100636d70002c000280080001000000000108000200000000001800038014000100627230000000000000000000000000002000018007000100637400001400028008000200000000000800010000000001440001800c0001006269747769736500340002800800010000000001080002000000000108000300000000040c00048008000100010000000c00058008000100000000002c00018008000100636d700020000280080001000000000108000200000000010c0003800800010000000000300001800e000100696d6d6564696174650000001c0002800800010000000000100002800c0002800800010000000000",
  },
  accept: {
    expressions: [nft.meta("iifname"), nft.compare("eq", bridge), nft.verdict("accept")],
    bytes:
      "9000048024000180090001006d6574610000000014000280080002000000000608000100000000013800018008000100636d70002c00028008000100000000010800020000000000180003801400010062723000000000000000000000000000300001800e000100696d6d6564696174650000001c0002800800010000000000100002800c0002800800010000000001",
  },
};

/** A list of expressions without what nft may add: bitwise's operation when it is the default, a map's number in the batch. */
function plain(list: Uint8Array): { name: string | undefined; attributes: string[] }[] {
  return attributeList(list).map(({ value }) => {
    const expression = new Attributes(value);
    const name = expression.string(1);
    const attributes = expression
      .list(2)
      .filter(({ type }) => !(name === "bitwise" && type === 6) && !(name === "lookup" && type === 4))
      .map(({ type, value: data }) => `${type} ${hex(data)}`);
    return { name, attributes };
  });
}

void t.test("rules, as nft sends them", async (t) => {
  t.equal(
    sent(
      nft.addRule(table, {
        chain: "post",
        expressions: [
          nft.meta("oifname"),
          nft.compare("eq", bridge),
          nft.payload("network", 12, 1),
          nft.compare("eq", Buffer.from([127])),
          nft.masquerade(),
        ],
        comment: "loop",
      }),
    ),
    captured(
      "08010000060a010c080000000000000002000000060001007400000009000200706f737400000000d400048024000180090001006d6574610000000014000280080002000000000708000100000000013800018008000100636d70002c00028008000100000000010800020000000000180003801400010062723000000000000000000000000000340001800c0001007061796c6f6164002400028008000100000000010800020000000001080003000000000c08000400000000012c00018008000100636d700020000280080001000000000108000200000000000c000380050001007f00000014000180090001006d61737100000000040002800b00070000056c6f6f700000",
    ),
  );
  for (const [name, { expressions, bytes }] of Object.entries(CAPTURED_RULES)) {
    const message = nft.addRule(table, { chain: "c", expressions, comment: "" }).builder.finish();
    const list = attributeList(message.subarray(HEADER_SIZE + 4)).find(({ type }) => type === 4)?.value ?? Buffer.of();
    const [want] = attributeList(Buffer.from(bytes, "hex"));
    t.same(plain(list), plain(want?.value ?? Buffer.of()), name);
  }
});

void t.test("a batch asks for the answer to its last change", async (t) => {
  const messages = nft.batch([nft.addTable(table), nft.addChain(table, { name: "c" })]);
  t.same(
    messages.map(({ what }) => what),
    ["begin a change of nftables", "make the table t", "make the chain c of t", "commit a change of nftables"],
  );
  t.equal(hex(messages[0]?.bytes ?? Buffer.of()), "140000001000010000000000000000000000000a");
  t.equal(hex(messages[3]?.bytes ?? Buffer.of()), "140000001100010000000000000000000000000a");
  t.same(
    messages.map(({ bytes }) => (Buffer.from(bytes).readUInt16LE(6) & 4) !== 0),
    [false, false, true, false],
  );
  t.equal(join(messages, 1).length % 4, 0);
});

function answer(type: number, body: (builder: MessageBuilder) => MessageBuilder): ReturnType<typeof decodeAnswer> {
  return decodeAnswer(body(new MessageBuilder((10 << 8) | type, 0).fixed(Buffer.from([2, 0, 0, 0]))).finish());
}

void t.test("answers are decoded", async (t) => {
  t.equal(nft.decodeGeneration(answer(15, (builder) => builder.be32(1, 77))), 77);
  const rule = nft
    .addRule(table, { chain: "c", expressions: [nft.verdict("drop")], comment: "because" })
    .builder.finish();
  t.same(nft.decodeRule(decodeAnswer(rule)), { table: "t", chain: "c", comment: "because" });
  t.same(nft.decodeRule(answer(6, (builder) => builder.string(1, "t").string(2, "c"))), {
    table: "t",
    chain: "c",
    comment: undefined,
  });
  const elements = [1, 2].map((byte) => ({ key: Buffer.alloc(8, byte), value: Buffer.alloc(4, byte) }));
  const [added] = nft.addElements(table, "m", elements);
  t.same(
    nft
      .decodeElements(decodeAnswer(added?.builder.finish() ?? Buffer.of()))
      .map(({ key, value }) => [hex(key), hex(value)]),
    [
      ["0101010101010101", "01010101"],
      ["0202020202020202", "02020202"],
    ],
  );
});

void t.test("hostile answers", async (t) => {
  const internal = { code: "internal" };
  t.throws(() => nft.decodeGeneration(answer(15, (builder) => builder)), internal, "no number");
  t.throws(() => nft.decodeGeneration(answer(15, (builder) => builder.u16(1, 7))), internal, "short number");
  t.throws(() => nft.decodeGeneration(answer(14, (builder) => builder.be32(1, 77))), internal, "another type");
  t.throws(() => nft.decodeGeneration({ type: 0xa0f, flags: 0, sequence: 1, payload: Buffer.of(1, 2) }), internal);
  t.throws(
    () => nft.decodeElements(answer(12, (builder) => builder.nest(3, (list) => list.nest(1, () => {})))),
    internal,
  );
  t.throws(
    () => nft.decodeElements(answer(12, (builder) => builder.nest(3, (list) => list.bytes(1, Buffer.of(1))))),
    internal,
  );
  for (const userdata of ["00", "0009616263", "0105616263", ""]) {
    const rule = answer(6, (builder) => builder.bytes(7, Buffer.from(userdata, "hex")));
    t.equal(nft.decodeRule(rule).comment, undefined, `user data ${userdata}`);
  }
});
