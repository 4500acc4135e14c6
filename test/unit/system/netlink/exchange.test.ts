import t from "tap";
import { decodeFlow, deleteFlow, dumpUdpFlows } from "../../../../agent/system/netlink/conntrack.ts";
import { dump, exchange, tryExchange } from "../../../../agent/system/netlink/exchange.ts";
import { decodeAnswer, MessageBuilder, type NetlinkMessage } from "../../../../agent/system/netlink/netlink.ts";

const DUMP_INTERRUPTED = 0x10;

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

function message(what: string): NetlinkMessage {
  return { what, bytes: new MessageBuilder(20, 5).finish() };
}

function answer(type: number, sequence: number, flags = 0, payload = ""): Uint8Array {
  const out = Buffer.from(new MessageBuilder(type, flags).fixed(Buffer.from(payload, "hex")).finish());
  out.writeUInt32LE(sequence, 8);
  return out;
}

/** Answers each call with the next of these. */
function kernel(...calls: Uint8Array[][]): {
  netlink: (protocol: number, requests: readonly Uint8Array[]) => Promise<Uint8Array[][]>;
} {
  return { netlink: async () => [calls.shift() ?? []] };
}

const ACK = "00000000";
const EXISTS = "efffffff";

void t.test("answers find their messages", async (t) => {
  const system = kernel([
    answer(16, 2, 0, "aa000000"),
    answer(2, 1, 0, ACK),
    answer(2, 2, 0, ACK),
    answer(16, 9),
    answer(2, 3, 0, EXISTS),
  ]);
  const outcomes = await tryExchange(system, 0, [message("one"), message("two"), message("three")]);
  t.same(
    outcomes.map(({ answers, error }) => [answers.length, error?.message]),
    [
      [0, undefined],
      [1, undefined],
      [0, "Cannot three: the kernel answers EEXIST"],
    ],
  );
  t.same(await tryExchange(kernel(), 0, []), []);
});

void t.test("the first error counts", async (t) => {
  const answers = [answer(2, 1, 0, ACK), answer(2, 2, 0, EXISTS), answer(2, 3, 0, "feffffff")];
  await t.rejects(exchange(kernel(answers), 0, [message("one"), message("two"), message("three")]), {
    code: "exists",
    errno: "EEXIST",
    message: /^Cannot two/,
  });
});

void t.test("a dump that changed is read again", async (t) => {
  const changed = [answer(16, 1, DUMP_INTERRUPTED | 2), answer(3, 1, DUMP_INTERRUPTED | 2, ACK)];
  const whole = [answer(16, 1, 2), answer(16, 1, 2), answer(3, 1, 2, ACK)];
  t.equal((await dump(kernel(changed, changed, whole), 0, message("list"))).length, 2);
  t.equal((await dump(kernel(...Array<Uint8Array[]>(9).fill(changed)), 0, message("list"))).length, 1, "not for ever");
});

void t.test("a dump that fails at its end", async (t) => {
  await t.rejects(dump(kernel([answer(16, 1, 2), answer(3, 1, 2, "f4ffffff")]), 0, message("list")), {
    code: "exhausted",
    message: "Cannot list: the kernel answers ENOMEM",
  });
});

void t.test("a socket that fails", async (t) => {
  const failing = (code: string) => ({
    netlink: async () => await Promise.reject<never>(Object.assign(new Error(code), { code })),
  });
  await t.rejects(exchange(failing("ETIMEDOUT"), 0, [message("one"), message("two")]), {
    code: "timeout",
    message: "Cannot one, two",
  });
  await t.rejects(exchange(failing("ENOBUFS"), 0, [message("one")]), { code: "unavailable" });
});

void t.test("hostile answers", async (t) => {
  await t.rejects(exchange(kernel([Buffer.alloc(3)]), 0, [message("one")]), { code: "internal" });
  await t.rejects(exchange(kernel([answer(2, 1, 0, "")]), 0, [message("one")]), { code: "internal" });
});

// A flow: 192.0.2.7:40000 sent to 192.0.2.1:5353, answered by 10.1.0.2:53.
const ORIGINAL =
  "14000180 08000100c0000207 08000200c0000201 1c000280 0500010011000000 060002009c400000 0600030014e90000";
const REPLY = "14000180 080001000a010002 08000200c0000207 1c000280 0500010011000000 0600020000350000 060003009c400000";

function flow(original: string, reply: string): string {
  const nested = (type: string, text: string): string => {
    const body = text.replaceAll(" ", "");
    const length = Buffer.alloc(2);
    length.writeUInt16LE(body.length / 2 + 4);
    return `${length.toString("hex")}${type}${body}`;
  };
  return `02000000${nested("0180", original)}${nested("0280", reply)}08000c0001020304`;
}

void t.test("flows", async (t) => {
  t.equal(
    hex(dumpUdpFlows(5353, 2).bytes),
    "40000000010101030000000000000000020000001800018014000280050001001100000006000300" +
      "14e9000014001980080001002800000008000200000000 00".replaceAll(" ", ""),
  );
  const decoded = decodeFlow(decodeAnswer(answer(256, 1, 2, flow(ORIGINAL, REPLY))));
  t.match(decoded, { destination: "192.0.2.1", port: 5353, answeredBy: "10.1.0.2" });
  const deletion = deleteFlow(decoded);
  t.equal(hex(deletion.bytes.subarray(20)), `34000180${ORIGINAL.replaceAll(" ", "")}08000c0001020304`);
  t.equal(deletion.what, "forget a UDP flow to 192.0.2.1 port 5353");

  for (const [name, payload] of Object.entries({
    nothing: "",
    "no tuples": "02000000",
    "no reply": flow(ORIGINAL, ""),
    "no port": flow(ORIGINAL.slice(0, 44), REPLY),
    "a long address": flow(ORIGINAL.replace("08000200c0000201", "0a000200c00002010000 0000"), REPLY),
    "cut off": flow(ORIGINAL, REPLY).slice(0, -32),
  })) {
    t.throws(
      () => decodeFlow(decodeAnswer(answer(256, 1, 2, payload.replaceAll(" ", "")))),
      { code: "internal" },
      name,
    );
  }
  t.throws(
    () => decodeFlow(decodeAnswer(answer(258, 1, 2, flow(ORIGINAL, REPLY)))),
    { code: "internal" },
    "another type",
  );
});
