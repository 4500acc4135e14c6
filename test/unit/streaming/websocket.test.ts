import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { duplexPair, type Duplex } from "node:stream";

import t from "tap";

import { exitCodeOf, statusOfExit } from "../../../agent/streaming/status.ts";
import {
  acceptWebSocket,
  clientHandshake,
  MESSAGE_BYTES_MAX,
  negotiate,
  WebSocketConnection,
} from "../../../agent/streaming/websocket.ts";

const KEY = Buffer.alloc(16, 1).toString("base64");

function upgradeRequest(headers: Record<string, string | undefined> = {}): IncomingMessage {
  return {
    headers: {
      upgrade: "websocket",
      connection: "keep-alive, Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": KEY,
      "sec-websocket-protocol": "v4.channel.k8s.io, v5.channel.k8s.io",
      ...headers,
    },
  } as unknown as IncomingMessage;
}

t.test("negotiation", async (t) => {
  t.equal(
    negotiate(upgradeRequest(), ["v5.channel.k8s.io", "v4.channel.k8s.io"]),
    "v4.channel.k8s.io",
    "the client's order wins",
  );
  t.equal(negotiate(upgradeRequest(), ["v5.channel.k8s.io"]), "v5.channel.k8s.io");
  t.throws(() => negotiate(upgradeRequest({ upgrade: "h2c" }), ["v5.channel.k8s.io"]), { code: "invalid" });
  t.throws(() => negotiate(upgradeRequest({ connection: "close" }), ["v5.channel.k8s.io"]), { code: "invalid" });
  t.throws(() => negotiate(upgradeRequest({ "sec-websocket-version": "8" }), ["v5.channel.k8s.io"]), {
    code: "invalid",
  });
  t.throws(() => negotiate(upgradeRequest({ "sec-websocket-key": "short" }), ["v5.channel.k8s.io"]), {
    code: "invalid",
  });
  t.throws(() => negotiate(upgradeRequest({ "sec-websocket-protocol": undefined }), ["v5.channel.k8s.io"]), {
    code: "invalid",
    message: /none of the protocols/,
  });
});

t.test("the answer to a handshake", async (t) => {
  const [server, client] = duplexPair();
  const connection = acceptWebSocket(upgradeRequest(), server, Buffer.alloc(0), "v5.channel.k8s.io");
  const text = String(await new Promise<Buffer>((resolve) => client.once("data", resolve)));
  const accept = createHash("sha1").update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  t.match(text, /^HTTP\/1\.1 101 /);
  t.match(text, `Sec-WebSocket-Accept: ${accept}\r\n`);
  t.match(text, "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n");
  connection.close();

  const handshake = clientHandshake(["a"]);
  const right = createHash("sha1")
    .update(`${handshake.headers["Sec-WebSocket-Key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const answer = (headers: object): IncomingMessage => ({ headers }) as unknown as IncomingMessage;
  t.equal(handshake.verify(answer({ "sec-websocket-accept": right, "sec-websocket-protocol": "a" })), "a");
  t.throws(() => handshake.verify(answer({ "sec-websocket-accept": "x", "sec-websocket-protocol": "a" })), {
    code: "internal",
  });
  t.throws(() => handshake.verify(answer({ "sec-websocket-accept": right, "sec-websocket-protocol": "b" })), {
    code: "internal",
  });
});

interface End {
  readonly connection: WebSocketConnection;
  readonly messages: Buffer[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

function end(stream: Duplex, role: "server" | "client", onMessage?: (data: Buffer) => void | Promise<void>): End {
  const connection = new WebSocketConnection(stream, role, Buffer.alloc(0));
  const messages: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  connection.listen({
    message(data) {
      messages.push(data);
      return onMessage?.(data);
    },
    closed: (code, reason) => resolve({ code, reason }),
  });
  return { connection, messages, closed: promise };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

t.test("messages of every form of length, both ways", async (t) => {
  const [a, b] = duplexPair();
  const server = end(a, "server");
  const client = end(b, "client");
  const sizes = [0, 1, 125, 126, 65_535, 65_536, MESSAGE_BYTES_MAX];
  for (const size of sizes) {
    client.connection.send(Buffer.alloc(size, "c"));
    server.connection.send(Buffer.alloc(size, "s"));
  }
  await settle();
  t.same(
    server.messages.map(({ length }) => length),
    sizes,
  );
  t.same(
    client.messages.map(({ length }) => length),
    sizes,
  );
  t.ok(
    server.messages.every((message) => message.every((byte) => byte === 0x63)),
    "unmasked",
  );
  client.connection.close(1000, "done");
  t.same(await server.closed, { code: 1000, reason: "done" });
  t.equal((await client.closed).code, 1000);
});

/** Client frames by hand; the mask is zero, so that the payload reads as it is. */
function frame(first: number, payload: Buffer | string, options: { masked?: boolean } = {}): Buffer {
  const body = Buffer.from(payload);
  const masked = options.masked ?? true;
  return Buffer.concat([
    Buffer.from([first, (masked ? 0x80 : 0) | body.length]),
    ...(masked ? [Buffer.alloc(4)] : []),
    body,
  ]);
}

t.test("fragments, pings between them, and bytes one by one", async (t) => {
  const [a, b] = duplexPair();
  const server = end(a, "server");
  const answers: Buffer[] = [];
  b.on("data", (data: Buffer) => answers.push(data));
  const bytes = Buffer.concat([frame(0x02, "one "), frame(0x89, "ping"), frame(0x00, "two "), frame(0x80, "three")]);
  for (const byte of bytes) b.write(Buffer.from([byte]));
  await settle();
  t.same(server.messages.map(String), ["one two three"]);
  t.same(
    Buffer.concat(answers),
    Buffer.concat([Buffer.from([0x8a, 4]), Buffer.from("ping")]),
    "a pong with what the ping had",
  );
  b.destroy();
  t.equal((await server.closed).code, 1006);
});

t.test("what breaks the protocol ends the connection", async (t) => {
  const cases: readonly (readonly [string, Buffer, number])[] = [
    ["a client that does not mask", frame(0x82, "x", { masked: false }), 1002],
    ["reserved bits", frame(0xc2, "x"), 1002],
    ["an unknown opcode", frame(0x83, "x"), 1002],
    ["a continuation of nothing", frame(0x80, "x"), 1002],
    ["a message within a message", Buffer.concat([frame(0x02, "x"), frame(0x82, "y")]), 1002],
    ["a ping in parts", frame(0x09, "x"), 1002],
    ["a message that is too long", Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]), 1009],
    [
      "a length of 63 bits",
      Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      1009,
    ],
  ];
  for (const [what, bytes, code] of cases) {
    const [a, b] = duplexPair();
    const server = end(a, "server");
    const answer: Buffer[] = [];
    b.on("data", (data: Buffer) => answer.push(data));
    b.write(bytes);
    t.equal((await server.closed).code, code, what);
    await settle();
    t.equal(Buffer.concat(answer).readUInt16BE(2), code, "and the client is told");
    t.same(server.messages, []);
    b.destroy();
  }
});

t.test("fragments together are bounded too", async (t) => {
  const [a, b] = duplexPair();
  const server = end(a, "server");
  b.on("data", () => undefined);
  const part = Buffer.alloc(60_000);
  const header = Buffer.from([0x02, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(part.length, 2);
  b.write(Buffer.concat([header, part]));
  header[0] = 0x00;
  for (let count = 0; count < 20; count++) b.write(Buffer.concat([header, part]));
  t.equal((await server.closed).code, 1009);
  b.destroy();
});

t.test("a slow handler holds the sender back", async (t) => {
  const [a, b] = duplexPair();
  let release: (() => void) | undefined;
  const server = end(a, "server", () => new Promise<void>((resolve) => (release = resolve)));
  const client = end(b, "client");
  for (let count = 0; count < 40; count++) client.connection.send(Buffer.alloc(30_000));
  await settle();
  t.equal(server.messages.length, 1);
  let drained = false;
  void client.connection.drained().then(() => (drained = true));
  await settle();
  t.equal(drained, false);
  while (server.messages.length < 40) {
    release?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  release?.();
  await settle();
  t.equal(drained, true);
  client.connection.close();
  await server.closed;
});

t.test("exit codes through a status", async (t) => {
  t.equal(exitCodeOf(statusOfExit({ exitCode: 0, signal: 0 })), 0);
  t.equal(exitCodeOf(statusOfExit({ exitCode: 137, signal: 9 })), 137);
  t.equal(exitCodeOf({ metadata: {}, status: "Failure", reason: "InternalError" }), undefined);
});
