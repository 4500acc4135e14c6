// What the other end of an exec, attach or port-forward sends: SPDY/3.1 and WebSocket, bytes by hand.

import { randomBytes } from "node:crypto";
import { duplexPair } from "node:stream";

import { ALL_CHANNEL_PROTOCOLS, channelsOf } from "../../agent/streaming/channels.ts";
import { resizeFrom } from "../../agent/streaming/resize.ts";
import { SpdyConnection } from "../../agent/streaming/spdy/connection.ts";
import { dataHeader, goaway, ping, rstStream, synReply, synStream } from "../../agent/streaming/spdy/frames.ts";
import { HeaderEncoder, parseHeaders } from "../../agent/streaming/spdy/headers.ts";
import { WebSocketConnection } from "../../agent/streaming/websocket.ts";
import type { Random } from "../fixtures/soak.ts";
import { fuzz } from "./harness.ts";

/** In pieces, as a network brings it; then the end. Resolves when the connection has dealt with it. */
async function deliver(
  peer: NodeJS.WritableStream & { destroy(): unknown },
  input: Buffer,
  random: Random,
): Promise<void> {
  for (let at = 0; at < input.length;) {
    const size = 1 + random(random(2) === 0 ? 16 : input.length);
    peer.write(input.subarray(at, at + size));
    at += size;
    if (random(4) === 0) await turn();
  }
  peer.end();
  await turn();
  await turn();
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const block = new HeaderEncoder().encode(new Map(Object.entries({ streamtype: "data", port: "80", requestid: "0" })));
const data = (id: number, text: string, fin = false): Buffer =>
  Buffer.concat([dataHeader(id, text.length, fin), Buffer.from(text)]);

function message(opcode: number, body: Buffer, { fin = true, mask = true } = {}): Buffer {
  const head = Buffer.from([
    (fin ? 0x80 : 0) | opcode,
    (mask ? 0x80 : 0) | (body.length < 126 ? body.length : 126),
    ...(body.length < 126 ? [] : [body.length >> 8, body.length & 255]),
  ]);
  if (!mask) return Buffer.concat([head, body]);
  const key = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([head, key, Buffer.from(body.map((byte, index) => byte ^ key[index % 4]!))]);
}

fuzz([
  ...(["server", "client"] as const).map((role) => ({
    name: `spdy-${role}`,
    corpus: "spdy",
    async run(input: Buffer, random: Random) {
      const [ours, theirs] = duplexPair();
      let streams = 0;
      let bytes = 0;
      const connection = new SpdyConnection(ours, {
        role,
        onStream(stream) {
          streams += 1;
          stream.on("error", () => undefined);
          stream.on("data", (part: Buffer) => (bytes += part.length));
        },
      });
      theirs.on("error", () => undefined);
      let answered = 0;
      theirs.on("data", (part: Buffer) => (answered += part.length));
      const closed = connection.closed.catch(() => "broken");
      if (role === "client")
        connection
          .open({ streamtype: "data" })
          .on("error", () => undefined)
          .resume();
      await deliver(theirs, input, random);
      ours.destroy();
      theirs.destroy();
      await closed;
      if (bytes > input.length) throw new Error("more came out than went in");
      return `${Math.min(streams, 8)} ${bytes > 0} ${Math.min(answered, 64)}`;
    },
    seeds: [
      Buffer.concat([synStream(1, block, false), data(1, "hello"), data(1, "", true)]),
      Buffer.concat([synStream(1, block, true), ping(1), ping(2), rstStream(1, 5), goaway(1, 0)]),
      Buffer.concat([synReply(1, block), data(1, "answer", true)]),
    ],
    dictionary: [Buffer.from([0x80, 3]), block, Buffer.from([0xff, 0xff, 0xff]), ping(1)],
    count: 1500,
  })),
  {
    name: "spdy-headers",
    run: (input) => [...parseHeaders(input)].length,
    seeds: [Buffer.from("0000000100000004706f7274000000023830", "hex"), Buffer.alloc(8)],
    dictionary: [Buffer.from([0, 0, 0, 1]), Buffer.from([0xff, 0xff, 0xff, 0xff])],
    count: 5000,
  },
  {
    name: "channels",
    run(input, random) {
      const [ours, theirs] = duplexPair();
      const connection = new WebSocketConnection(ours, "server", Buffer.alloc(0));
      const channels = channelsOf(connection, ALL_CHANNEL_PROTOCOLS[random(ALL_CHANNEL_PROTOCOLS.length)] ?? "");
      const { channel, body } = channels.decode(input);
      ours.destroy();
      theirs.destroy();
      if (body.length > input.length) throw new Error("more came out than went in");
      return `${channel} ${body.length > 0}`;
    },
    seeds: ["\0hello", "0aGVsbG8=", Buffer.from([255, 0]), ""],
    maxBytes: 256,
  },
  {
    name: "terminal-sizes",
    async run(input, random) {
      const sizes: number[] = [];
      const parts = async function* (): AsyncGenerator<Buffer> {
        for (let at = 0; at < input.length;) {
          const next = at + 1 + random(input.length);
          yield input.subarray(at, next);
          at = next;
        }
      };
      await resizeFrom(parts(), { resize: (columns, rows) => void sizes.push(columns, rows) });
      for (const side of sizes) if (side < 1 || side > 65_535) throw new Error(`a terminal of ${side}`);
      return `${Math.min(sizes.length, 8)}`;
    },
    seeds: ['{"Width":80,"Height":24}{"Width":1,"Height":65535}\n'],
    dictionary: ["{", "}", '"Width":', '"Height":', "65536", "-1", "1e3", "null"],
    maxBytes: 4096,
  },
  ...(["server", "client"] as const).map((role) => ({
    name: `websocket-${role}`,
    corpus: "websocket",
    async run(input: Buffer, random: Random) {
      const [ours, theirs] = duplexPair();
      theirs.on("error", () => undefined);
      theirs.resume();
      let messages = 0;
      let bytes = 0;
      let ends = 0;
      const connection = new WebSocketConnection(ours, role, Buffer.alloc(0));
      connection.listen({
        message(part) {
          messages += 1;
          bytes += part.length;
          return random(3) === 0 ? turn() : undefined;
        },
        closed: () => (ends += 1),
      });
      await deliver(theirs, input, random);
      ours.destroy();
      theirs.destroy();
      await turn();
      await turn();
      if (ends !== 1) throw new Error(`it ended ${ends} times`);
      if (bytes > input.length) throw new Error("more came out than went in");
      return `${Math.min(messages, 8)} ${bytes > 0}`;
    },
    seeds: [true, false].flatMap((mask) => [
      Buffer.concat([message(2, Buffer.from([0, 65, 66]), { mask }), message(8, Buffer.from([3, 232]), { mask })]),
      Buffer.concat([
        message(1, Buffer.from("half"), { fin: false, mask }),
        message(9, Buffer.from("ping"), { mask }),
        message(0, Buffer.from(" and half"), { mask }),
      ]),
      message(2, randomBytes(300), { mask }),
    ]),
    dictionary: [Buffer.from([0x82, 0xff]), Buffer.from([0x88, 0x82]), Buffer.from([0x80]), Buffer.from([0, 0, 0, 0])],
    count: 1500,
  })),
]);
