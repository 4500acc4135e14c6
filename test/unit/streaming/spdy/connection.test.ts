import { duplexPair, type Duplex } from "node:stream";

import t from "tap";

import {
  CONTROL_BYTES_MAX,
  SpdyConnection,
  type SpdyStream,
  STREAMS_MAX,
} from "../../../../agent/streaming/spdy/connection.ts";
import {
  controlFrame,
  dataHeader,
  decodeFrameHeader,
  FRAME,
  ping,
  rstStream,
  synStream,
} from "../../../../agent/streaming/spdy/frames.ts";
import { HeaderEncoder } from "../../../../agent/streaming/spdy/headers.ts";
import { textOf } from "../../../fixtures/spdy-client.ts";

interface Pair {
  readonly client: SpdyConnection;
  readonly server: SpdyConnection;
  readonly accepted: SpdyStream[];
  readonly next: () => Promise<SpdyStream>;
}

function connect(): Pair {
  const [a, b] = duplexPair();
  const accepted: SpdyStream[] = [];
  const server = new SpdyConnection(a, {
    role: "server",
    onStream: (stream) => {
      stream.on("error", () => undefined);
      accepted.push(stream);
    },
  });
  let taken = 0;
  return {
    client: new SpdyConnection(b, { role: "client" }),
    server,
    accepted,
    async next() {
      const index = taken++;
      await until(() => accepted.length > index);
      const stream = accepted[index];
      if (stream === undefined) throw new Error("no stream");
      return stream;
    },
  };
}

/** A server beside bytes that are written by hand; what it answers is kept. */
function raw(): { peer: Duplex; server: SpdyConnection; accepted: SpdyStream[]; answers: () => Buffer } {
  const [a, b] = duplexPair();
  const accepted: SpdyStream[] = [];
  const server = new SpdyConnection(a, {
    role: "server",
    onStream: (stream) => {
      stream.on("error", () => undefined);
      accepted.push(stream);
    },
  });
  const parts: Buffer[] = [];
  b.on("data", (part: Buffer) => parts.push(part));
  b.on("error", () => undefined);
  return { peer: b, server, accepted, answers: () => Buffer.concat(parts) };
}

/** Types of the control frames in what was answered. */
function types(answers: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at + 8 <= answers.length;) {
    const header = decodeFrameHeader(answers.subarray(at));
    if (header.kind === "control") found.push(header.type);
    at += 8 + header.length;
  }
  return found;
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

t.test("streams both ways, each side ended by itself", async (t) => {
  const { client, server, next } = connect();
  const ours = client.open({ streamtype: "data", Port: "80" });
  const theirs = await next();
  t.same(Object.fromEntries(theirs.headers), { streamtype: "data", port: "80" });
  t.equal(theirs.id, 1);
  ours.end("from the client");
  t.equal(await textOf(theirs), "from the client");
  theirs.end("x".repeat(200_000));
  t.equal((await textOf(ours)).length, 200_000, "after the other half was closed");

  const second = client.open({});
  const other = await next();
  t.equal(other.id, 3);
  second.destroy();
  await new Promise((resolve) => other.once("close", resolve));
  t.ok(other.destroyed, "a reset reaches the other side");

  client.close();
  t.equal(await server.closed, undefined);
  t.equal(await client.closed, undefined);
  t.throws(() => client.open({}), { code: "unavailable" });
});

t.test("a stream that is not read stops the connection, with bounded memory", async (t) => {
  const { client, next } = connect();
  const ours = client.open({});
  const theirs = await next();
  const chunk = Buffer.alloc(64 * 1024, "x");
  let written = 0;
  for (; written < 1000 && ours.write(chunk); written++) await new Promise(setImmediate);
  t.ok(written < 20, `stopped after ${written} chunks`);
  t.ok(theirs.readableLength <= 256 * 1024, `${theirs.readableLength} bytes are held`);
  let size = 0;
  theirs.on("data", (part: Buffer) => (size += part.length));
  ours.end();
  await new Promise((resolve) => theirs.once("end", resolve));
  t.equal(size, (written + 1) * chunk.length);
  client.close();
});

t.test("many streams at once", async (t) => {
  const { client, next } = connect();
  const sums = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const ours = client.open({ port: String(index) });
      ours.end(Buffer.alloc(300_000, index));
      const data = await textOf(ours);
      return data.length;
    }).concat(
      Array.from({ length: 16 }, async () => {
        const stream = await next();
        const text = await textOf(stream);
        stream.end(text);
        return text.length;
      }),
    ),
  );
  t.ok(sums.every((size) => size === 300_000));
  client.close();
});

t.test("the end of the byte stream ends the streams", async (t) => {
  const [a, b] = duplexPair();
  const streams: SpdyStream[] = [];
  const server = new SpdyConnection(a, { role: "server", onStream: (stream) => streams.push(stream) });
  b.resume();
  b.write(synStream(1, new HeaderEncoder().encode(new Map()), false));
  await until(() => streams.length === 1);
  b.end();
  t.equal(await server.closed, undefined);
  t.ok(streams[0]?.destroyed);
});

t.test("pings are answered, our own and other frames are not", async (t) => {
  const { peer, answers, server } = raw();
  peer.write(controlFrame(FRAME.settings, 0, 0));
  peer.write(controlFrame(FRAME.windowUpdate, 0, 1, 1000));
  peer.write(controlFrame(77, 0, Buffer.from("unknown")));
  peer.write(controlFrame(FRAME.goaway, 0, 0, 0));
  peer.write(rstStream(9, 5));
  peer.write(ping(2));
  peer.write(ping(5));
  await until(() => answers().length >= 12);
  t.same(answers(), ping(5));
  server.close();
  await server.closed;
});

t.test("frames in pieces of one byte", async (t) => {
  const { peer, accepted, server } = raw();
  const block = new HeaderEncoder().encode(new Map([["streamtype", "data"]]));
  const bytes = Buffer.concat([
    synStream(1, block, false),
    dataHeader(1, 0, false),
    dataHeader(1, 5, false),
    Buffer.from("hello"),
    dataHeader(1, 1, true),
    Buffer.from("!"),
  ]);
  for (const byte of bytes) {
    peer.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  await until(() => accepted.length === 1);
  t.equal(await textOf(accepted[0] as SpdyStream), "hello!");
  server.close();
});

t.test("malformed input ends the connection with what was wrong", async (t) => {
  const block = (): Buffer => new HeaderEncoder().encode(new Map());
  const cases: readonly [name: string, bytes: Buffer, message: RegExp][] = [
    ["another version", Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0]), /version 2/],
    [
      "a long control frame",
      Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff]),
      new RegExp(`more than ${CONTROL_BYTES_MAX}`),
    ],
    ["a short SYN_STREAM", controlFrame(FRAME.synStream, 0, 1), /too short/],
    ["an even number", synStream(2, block(), false), /out of order/],
    ["stream 0", synStream(0, block(), false), /out of order/],
    ["data of no stream", Buffer.concat([dataHeader(9, 1, false), Buffer.from("x")]), /never opened/],
    ["headers that are not deflated", synStream(1, Buffer.from("plain"), false), /inflated/],
    ["a number again", Buffer.concat([synStream(1, block(), false), synStream(1, block(), false)]), /./],
  ];
  for (const [name, bytes, message] of cases) {
    const { peer, server, answers } = raw();
    peer.write(bytes);
    const error = await server.closed;
    t.match(error?.message, message, name);
    await until(() => types(answers()).includes(FRAME.goaway));
    peer.end();
  }
  const { peer, server } = raw();
  peer.end(ping(1).subarray(0, 7));
  t.match((await server.closed)?.message, /within a frame/);
});

t.test("streams beyond the limit are refused", async (t) => {
  const { peer, accepted, answers, server } = raw();
  const encoder = new HeaderEncoder();
  for (let index = 0; index <= STREAMS_MAX; index++)
    peer.write(synStream(1 + 2 * index, encoder.encode(new Map()), false));
  await until(() => types(answers()).includes(FRAME.rstStream));
  t.equal(accepted.length, STREAMS_MAX);
  server.close();
});

t.test("random input ends the connection or is taken, and nothing else", async (t) => {
  const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);
  t.comment(`FUZZ_SEED=${seed}`);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const rounds = Number(process.env["FUZZ_ROUNDS"] ?? 300);
  for (let round = 0; round < rounds; round++) {
    const { peer, server, accepted } = raw();
    const encoder = new HeaderEncoder();
    const frames: Buffer[] = [];
    for (let index = 0; index < 1 + random(12); index++) {
      const id = random(8);
      const frame = [
        () => synStream(id, encoder.encode(new Map([["streamtype", "data"]])), random(2) === 1),
        () => Buffer.concat([dataHeader(id, 3, random(2) === 1), Buffer.from("abc")]),
        () => rstStream(id, random(8)),
        () => ping(id),
        () => controlFrame(random(12), random(4), Buffer.from(Array.from({ length: random(24) }, () => random(256)))),
        () => Buffer.from(Array.from({ length: random(40) }, () => random(256))),
      ][random(6)];
      if (frame !== undefined) frames.push(frame());
    }
    const bytes = Buffer.concat(frames);
    for (let flips = random(4); flips > 0 && bytes.length > 0; flips--) bytes[random(bytes.length)] = random(256);
    for (let at = 0; at < bytes.length;) {
      const size = 1 + random(bytes.length);
      peer.write(bytes.subarray(at, at + size));
      at += size;
    }
    peer.end();
    // Some streams are read late: the connection waits for them.
    let ended = false;
    void server.closed.then(() => (ended = true));
    while (!ended) {
      await new Promise(setImmediate);
      for (const stream of accepted) stream.resume();
    }
    await until(() => accepted.every((stream) => stream.destroyed));
  }
  t.pass(`${rounds} rounds`);
});
