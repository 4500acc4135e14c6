// Bytes of clients of exec, attach and port-forward: SPDY/3.1 frames and their header blocks, WebSocket frames.

import { duplexPair, type Duplex } from "node:stream";

import { describeError } from "../../agent/base/errors.ts";
import { ALL_CHANNEL_PROTOCOLS, channelsOf } from "../../agent/streaming/channels.ts";
import { SpdyConnection } from "../../agent/streaming/spdy/connection.ts";
import { dataHeader, goaway, ping, rstStream, synStream } from "../../agent/streaming/spdy/frames.ts";
import { HeaderEncoder, parseHeaders } from "../../agent/streaming/spdy/headers.ts";
import { WebSocketConnection } from "../../agent/streaming/websocket.ts";
import type { Random } from "../fixtures/soak.ts";
import { fuzz } from "./harness.ts";

/** What one client says, in order: streams opened, written to, ended, reset. */
function spdySession(): Buffer {
  const encoder = new HeaderEncoder();
  const open = (id: number, headers: Record<string, string>): Buffer =>
    synStream(id, encoder.encode(new Map(Object.entries(headers))), false);
  return Buffer.concat([
    open(1, { streamtype: "error" }),
    open(3, { streamtype: "stdin" }),
    open(5, { streamtype: "data", port: "8080", requestid: "1" }),
    dataHeader(3, 5, false),
    Buffer.from("hello"),
    ping(1),
    dataHeader(3, 0, true),
    rstStream(5, 5),
    goaway(0, 0),
  ]);
}

/** A client's frame: masked, by zeros. */
function webSocketFrame(opcode: number, payload: string | Buffer, final = true): Buffer {
  const body = Buffer.from(payload as string);
  const length =
    body.length < 126 ? Buffer.from([0x80 | body.length]) : Buffer.from([0xfe, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode]), length, Buffer.alloc(4), body]);
}

const webSocketSession = Buffer.concat([
  webSocketFrame(2, Buffer.from("\0hello")),
  webSocketFrame(2, Buffer.from([255, 0])),
  webSocketFrame(1, "0aGVsbG8="),
  webSocketFrame(9, "ping"),
  webSocketFrame(2, "part", false),
  webSocketFrame(0, "rest"),
  webSocketFrame(2, Buffer.alloc(300, 4)),
  webSocketFrame(8, Buffer.from([3, 232])),
]);

/** In pieces, as a network delivers it, and then the end. */
function deliver(client: Duplex, input: Buffer, random: Random): void {
  client.on("error", () => undefined);
  client.resume();
  for (let at = 0; at < input.length;) {
    const length = 1 + random(input.length);
    client.write(input.subarray(at, at + length));
    at += length;
  }
  client.end();
}

fuzz([
  {
    name: "spdy-headers",
    run: (input) => parseHeaders(input).size,
    seeds: [Buffer.from("\0\0\0\x01\0\0\0\nstreamtype\0\0\0\x05stdin"), Buffer.alloc(4)],
    maxBytes: 4096,
  },
  {
    name: "spdy-connection",
    async run(input, random) {
      const [client, server] = duplexPair();
      let streams = 0;
      const connection = new SpdyConnection(server, {
        role: "server",
        onStream(stream) {
          streams++;
          stream.on("error", () => undefined);
          stream.on("end", () => stream.end());
          stream.resume();
        },
      });
      deliver(client, input, random);
      const error = await connection.closed;
      client.destroy();
      server.destroy();
      return `${streams} ${error === undefined ? "" : describeError(error).slice(0, 40)}`;
    },
    seeds: [spdySession()],
    maxBytes: 4096,
  },
  {
    name: "websocket",
    async run(input, random) {
      const [client, server] = duplexPair();
      const connection = new WebSocketConnection(server, "server", Buffer.alloc(0));
      const channels = channelsOf(connection, ALL_CHANNEL_PROTOCOLS[random(ALL_CHANNEL_PROTOCOLS.length)] ?? "");
      let messages = 0;
      const closed = new Promise<string>((resolve) => {
        connection.listen({
          message(data) {
            messages++;
            channels.decode(data);
          },
          closed: (code, reason) => resolve(`${code} ${reason}`),
        });
      });
      deliver(client, input, random);
      const end = await closed;
      client.destroy();
      server.destroy();
      return `${messages} ${end.slice(0, 40)}`;
    },
    seeds: [webSocketSession],
    maxBytes: 4096,
  },
]);
