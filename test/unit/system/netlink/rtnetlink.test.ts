import t, { type Test } from "tap";
import {
  attributeList,
  decodeAnswer,
  MessageBuilder,
  type NetlinkMessage,
} from "../../../../agent/system/netlink/netlink.ts";
import * as rt from "../../../../agent/system/netlink/rtnetlink.ts";

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

/** A message as the ip program of iproute2 6.1 sent it, without its sequence number. */
function captured(text: string): Uint8Array {
  const message = Buffer.from(text, "hex");
  message.writeUInt32LE(0, 8);
  return message;
}

interface Tree {
  [type: string]: string | Tree;
}

/** Attributes by type, whatever their order and whether or not they say that they are nested. */
function tree(bytes: Uint8Array, nested: Readonly<Record<string, number>>, path = ""): Tree {
  const out: Tree = {};
  for (const { type, value } of attributeList(bytes)) {
    const here = `${path}${type}`;
    const skip = nested[here];
    out[type] =
      skip === undefined
        ? hex(value)
        : { fixed: hex(value.subarray(0, skip)), ...tree(value.subarray(skip), nested, `${here}.`) };
  }
  return out;
}

const LINK = { "18": 0, "18.2": 0, "18.2.1": 16, "18.5": 0, "26": 0, "26.10": 0 };

function sameLink(t: Test, message: NetlinkMessage, text: string): void {
  const want = captured(text);
  t.equal(hex(message.bytes.subarray(16, 32)), hex(want.subarray(16, 32)), "ifinfomsg");
  const [have, expected] = [message.bytes, want].map((bytes) => tree(bytes.subarray(32), LINK));
  t.same(have, expected);
}

void t.test("links, as iproute2 sends them", async (t) => {
  sameLink(
    t,
    rt.addBridge({ name: "br7", mac: "02:00:00:00:00:07" }),
    "44000000100005065338016b00000000000000000000000000000000000000000a00010002000000000700000800030062723700100012000a0001006272696467650000",
  );
  sameLink(
    t,
    rt.addVeth({ name: "veth7", mtu: 1400, peer: { name: "eth0", netns: 4 } }),
    "7400000010000506fa38016b000000000000000000000000000000000000000008000400780500000a0003007665746837000000400012000800010076657468340002003000010000000000000000000000000000000000080004007805000008001c0004000000090003006574683000000000",
  );
  t.equal(
    hex(rt.setLink(3, { up: true, master: 2 }).bytes.subarray(16)),
    hex(captured("28000000100005005338016b000000000000000003000000010000000100000008000a0002000000").subarray(16)),
  );
  sameLink(
    t,
    rt.setLink(3, { noIpv6LinkLocal: true }),
    "30000000100005005338016b000000000000000003000000000000000000000010001a000c000a000500080001000000",
  );
  // iproute2 names the port's kind elsewhere, as its user wrote it: "bridge_slave".
  const hairpin = captured(
    "40000000100005005338016b000000000000000003000000000000000000000020001200100001006272696467655f736c6176650c0005000500040001000000",
  );
  const [have, want] = [rt.setPort(3, { hairpin: true }).bytes, hairpin].map(
    (bytes) => tree(bytes.subarray(32), LINK)["18"],
  );
  t.same((have as Tree)["5"], (want as Tree)["5"]);
  t.equal((have as Tree)["4"], hex(Buffer.from("bridge")));
  t.equal(
    hex(rt.deleteLink(3).bytes),
    hex(captured("20000000110005005338016b0000000000000000030000000000000000000000")),
  );
  t.same(tree(rt.getLink("veth7").bytes.subarray(32), {}), { "3": hex(Buffer.from("veth7\0")), "29": "08000000" });
});

void t.test("addresses and routes, as iproute2 sends them", async (t) => {
  t.equal(
    hex(rt.addAddress({ link: 2, address: "10.7.0.1", prefix: 16 }).bytes),
    hex(captured("30000000140005055338016b000000000210000002000000080002000a070001080001000a070001080004000a07ffff")),
  );
  t.equal(
    hex(rt.deleteAddress({ link: 2, address: "10.7.0.1", prefix: 16 }).bytes),
    hex(captured("28000000150005005338016b000000000210000002000000080002000a070001080001000a070001")),
  );
  t.equal(
    hex(rt.addDefaultRoute({ gateway: "10.7.0.2", link: 2 }).bytes),
    hex(captured("2c000000180005055338016b0000000002000000fe04000100000000080005000a0700020800040002000000")),
  );
  const inet6 = rt.addAddress({ link: 2, address: "fd00::1", prefix: 64 }).bytes;
  t.equal(inet6[16], 10);
  t.equal(inet6.length, 16 + 8 + 20 + 20, "no broadcast address");
  const pair = rt.addAddress({ link: 2, address: "10.7.0.1", prefix: 31 }).bytes;
  t.equal(pair.length, 16 + 8 + 8 + 8);
});

void t.test("requests say what they are for", async (t) => {
  t.equal(rt.addAddress({ link: 2, address: "10.7.0.1", prefix: 16 }).what, "add the address 10.7.0.1/16 to link 2");
  t.equal(rt.setLink("a", { up: true, mtu: 9, master: 0 }).what, "set a (up, mtu 9, master 0)");
  t.equal(rt.setLink("a", { up: false }).what, "set a (down)");
});

void t.test("names that the kernel would not take are refused", async (t) => {
  for (const name of ["", "a/b", "a b", "sixteen.letters.", "a\0", "..", ".", "ä".repeat(8)]) {
    t.throws(() => rt.deleteLink(name), { code: "invalid" }, JSON.stringify(name));
  }
  t.doesNotThrow(() => rt.deleteLink("fifteen.letters"));
  t.throws(() => rt.parseMac("02:00:00:00:00"), { code: "invalid" });
  t.throws(() => rt.setLink(1, { mac: "02-00-00-00-00-00" }), { code: "invalid" });
});

const answer = (type: number, payload: string) =>
  decodeAnswer(
    Buffer.concat([
      Buffer.from(new Uint32Array([16 + payload.length / 2]).buffer),
      Buffer.from(new Uint16Array([type, 0]).buffer),
      Buffer.alloc(8),
      Buffer.from(payload, "hex"),
    ]),
  );

void t.test("a link is decoded", async (t) => {
  const message = new MessageBuilder(16, 0)
    .fixed(Buffer.from("00000100070000000300010000000000", "hex"))
    .string(3, "veth7")
    .bytes(1, Buffer.from("020000000007", "hex"))
    .u32(4, 1400)
    .u32(10, 2)
    .u32(5, 9)
    .nest(18, (info) => info.string(1, "veth"));
  t.same(rt.decodeLink(decodeAnswer(message.finish())), {
    index: 7,
    name: "veth7",
    up: true,
    carrier: true,
    mac: "02:00:00:00:00:07",
    mtu: 1400,
    master: 2,
    peerIndex: 9,
    kind: "veth",
    alias: "",
  });
});

void t.test("hostile answers", async (t) => {
  t.throws(() => rt.decodeLink(answer(17, "00".repeat(16))), { code: "internal" }, "another type");
  t.throws(() => rt.decodeLink(answer(16, "00".repeat(12))), { code: "internal" }, "short header");
  t.throws(() => rt.decodeLink(answer(16, `${"00".repeat(16)}0600040000`)), { code: "internal" }, "cut off attribute");
  t.throws(() => rt.decodeLink(answer(16, `${"00".repeat(16)}0600040000000000`)), { code: "internal" }, "short number");
  t.throws(() => rt.decodeAddress(answer(20, "0210000002000000")), { code: "internal" }, "no address");
  t.throws(() => rt.decodeAddress(answer(20, "02100000020000000700020001020300")), { code: "internal" }, "three bytes");
  t.throws(() => rt.decodeRoute(answer(24, "0200")), { code: "internal" });
  t.throws(() => rt.decodeRoute(answer(20, "00".repeat(12))), { code: "internal" });
});

void t.test("addresses and routes are decoded", async (t) => {
  t.same(rt.decodeAddress(answer(20, "0210000002000000080001000a070001080002000a070002")), {
    link: 2,
    address: "10.7.0.2",
    prefix: 16,
  });
  t.same(rt.decodeRoute(answer(24, "02100000fe02fd0100000000080001000a0700000800040002000000")), {
    table: 254,
    destination: "10.7.0.0",
    prefix: 16,
    gateway: undefined,
    link: 2,
    type: 1,
  });
  t.same(rt.decodeRoute(answer(24, "02000000fe0400010000000008000f00fe000000080005000a0700010800040002000000")), {
    table: 254,
    destination: "",
    prefix: 0,
    gateway: "10.7.0.1",
    link: 2,
    type: 1,
  });
});
