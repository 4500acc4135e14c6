// WebSocket (RFC 6455) over a byte stream that both ends own: the part that exec and attach need. No extensions.

import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { NodeletError } from "../base/errors.ts";

/** RFC 6455, section 1.3. */
const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The longest message taken, fragments together; clients of exec send 32 KiB at a time. */
export const MESSAGE_BYTES_MAX = 1024 * 1024;

/** A peer that does not answer our close is let go after this. */
const CLOSE_TIMEOUT_MS = 2_000;

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Close codes of section 7.4.1. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupported: 1003,
  tooBig: 1009,
  internal: 1011,
} as const;

export interface WebSocketHandlers {
  /** A whole message. Returning a promise stops reading until it settles: that is the flow control. */
  message(data: Buffer): void | Promise<void>;
  /** Called once, whoever closed and however. */
  closed(code: number, reason: string): void;
}

/** One end of an open connection. */
export class WebSocketConnection {
  readonly #stream: Duplex;
  readonly #role: "server" | "client";
  #handlers: WebSocketHandlers | undefined;
  #input: Buffer = Buffer.alloc(0);
  readonly #fragments: Buffer[] = [];
  #fragmentBytes = 0;
  #inMessage = false;
  #busy = false;
  #streamEnded = false;
  #closeSent = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  /** `head` is what arrived together with the handshake. */
  constructor(stream: Duplex, role: "server" | "client", head: Buffer) {
    this.#stream = stream;
    this.#role = role;
    this.#input = head;
    stream.on("error", () => this.#finish(1006, "the connection broke"));
    stream.on("close", () => this.#finish(1006, "the connection ended"));
  }

  /** Starts reading. */
  listen(handlers: WebSocketHandlers): void {
    this.#handlers = handlers;
    this.#stream.on("data", (chunk: Buffer) => {
      this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
      this.#process();
    });
    this.#stream.on("end", () => {
      this.#streamEnded = true;
      this.#process();
    });
    this.#process();
  }

  /** Sends a binary message. False when the peer should be given time: `drained` tells when it has caught up. */
  send(...parts: readonly Uint8Array[]): boolean {
    if (this.#closed || this.#closeSent) return true;
    return this.#write(OPCODE.binary, Buffer.concat(parts));
  }

  /** Sends a text message; else as `send`. */
  sendText(text: string): boolean {
    if (this.#closed || this.#closeSent) return true;
    return this.#write(OPCODE.text, Buffer.from(text));
  }

  /** Resolves when what was sent has left, or the connection is gone. */
  drained(): Promise<void> {
    if (this.#closed || !this.#stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off("drain", done);
        this.#stream.off("close", done);
        resolve();
      };
      this.#stream.on("drain", done);
      this.#stream.on("close", done);
    });
  }

  close(code: number = CLOSE.normal, reason = ""): void {
    if (this.#closed || this.#closeSent) return;
    const body = Buffer.alloc(2);
    body.writeUInt16BE(code);
    // A control frame holds 125 bytes, two of them the code.
    this.#write(OPCODE.close, Buffer.concat([body, cutUtf8(reason, 123)]));
    this.#closeSent = true;
    this.#timer = setTimeout(() => this.#stream.destroy(), CLOSE_TIMEOUT_MS);
    this.#timer.unref();
  }

  #write(opcode: number, payload: Buffer): boolean {
    const mask = this.#role === "client";
    const lengthBytes = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
    const header = Buffer.alloc(2 + lengthBytes + (mask ? 4 : 0));
    header[0] = 0x80 | opcode;
    header[1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
    if (lengthBytes === 2) header.writeUInt16BE(payload.length, 2);
    if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(payload.length), 2);
    if (mask) {
      const key = randomBytes(4);
      key.copy(header, 2 + lengthBytes);
      applyMask(payload, key); // our own copy
    }
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    this.#stream.cork();
    this.#stream.write(header);
    const room = this.#stream.write(payload);
    this.#stream.uncork();
    return room;
  }

  /** Takes whole frames off the input, until there is none or a handler wants time. */
  #process(): void {
    while (!this.#closed && !this.#busy) {
      const frame = this.#nextFrame();
      if (frame === undefined) break;
      this.#receive(frame.final, frame.opcode, frame.payload);
    }
    if (this.#streamEnded && !this.#busy) this.#finish(1006, "the connection ended");
  }

  #nextFrame(): { final: boolean; opcode: number; payload: Buffer } | undefined {
    const input = this.#input;
    if (input.length < 2) return undefined;
    const [first = 0, second = 0] = input;
    const opcode = first & 0x0f;
    const masked = (second & 0x80) !== 0;
    if ((first & 0x70) !== 0) return this.#fail(CLOSE.protocolError, "reserved bits are set");
    if (masked !== (this.#role === "server"))
      return this.#fail(CLOSE.protocolError, "a client masks its frames, a server does not");
    let length = second & 0x7f;
    let at = 2;
    if (opcode >= 8 && (length > 125 || (first & 0x80) === 0))
      return this.#fail(CLOSE.protocolError, "a control frame is long or in parts");
    if (length === 126) {
      if (input.length < 4) return undefined;
      length = input.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (input.length < 10) return undefined;
      const long = input.readBigUInt64BE(2);
      length = long > BigInt(MESSAGE_BYTES_MAX) ? MESSAGE_BYTES_MAX + 1 : Number(long);
      at = 10;
    }
    if (length + this.#fragmentBytes > MESSAGE_BYTES_MAX)
      return this.#fail(CLOSE.tooBig, `a message is longer than ${MESSAGE_BYTES_MAX} bytes`);
    const start = at + (masked ? 4 : 0);
    if (input.length < start + length) return undefined;
    const payload = Buffer.from(input.subarray(start, start + length));
    if (masked) applyMask(payload, input.subarray(at, at + 4));
    this.#input = input.subarray(start + length);
    return { final: (first & 0x80) !== 0, opcode, payload };
  }

  #receive(final: boolean, opcode: number, payload: Buffer): void {
    switch (opcode) {
      case OPCODE.ping:
        // One that does not read its answers is not read from either.
        if (!this.#closeSent && !this.#write(OPCODE.pong, payload)) this.#wait(this.drained());
        return;
      case OPCODE.pong:
        return;
      case OPCODE.close: {
        const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        const reason = payload.subarray(2).toString();
        if (!this.#closeSent) this.close(CLOSE.normal);
        this.#stream.end();
        this.#finish(code, reason);
        return;
      }
      case OPCODE.binary:
      case OPCODE.text:
      case OPCODE.continuation: {
        if ((opcode === OPCODE.continuation) !== this.#inMessage) {
          this.#fail(CLOSE.protocolError, "fragments are out of order");
          return;
        }
        this.#inMessage = !final;
        this.#fragments.push(payload);
        this.#fragmentBytes += payload.length;
        if (!final) return;
        const message = this.#fragments.length === 1 ? payload : Buffer.concat(this.#fragments);
        this.#fragments.length = 0;
        this.#fragmentBytes = 0;
        const wait = this.#handlers?.message(message);
        if (wait !== undefined) this.#wait(wait);
        return;
      }
      default:
        this.#fail(CLOSE.protocolError, `opcode ${opcode} is unknown`);
    }
  }

  /** Stops reading until the promise settles. */
  #wait(wait: Promise<void>): void {
    this.#busy = true;
    this.#stream.pause();
    const resume = (): void => {
      this.#busy = false;
      this.#stream.resume();
      this.#process();
    };
    wait.then(resume, () => {
      this.close(CLOSE.internal);
      resume();
    });
  }

  #fail(code: number, reason: string): undefined {
    this.close(code, reason);
    this.#stream.end();
    this.#finish(code, reason);
    return undefined;
  }

  #finish(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    // Whatever still arrives is of no interest, but must not hold the connection open.
    this.#stream.resume();
    const timer = setTimeout(() => this.#stream.destroy(), CLOSE_TIMEOUT_MS);
    timer.unref();
    this.#stream.once("close", () => clearTimeout(timer));
    if (!this.#stream.writableEnded) this.#stream.end();
    this.#handlers?.closed(code, reason);
  }
}

function applyMask(data: Buffer, key: Buffer): void {
  const [a = 0, b = 0, c = 0, d = 0] = key;
  const mask = [a, b, c, d];
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) ^ (mask[i & 3] ?? 0);
}

/** At most `bytes` bytes, ending with a whole character. */
function cutUtf8(text: string, bytes: number): Buffer {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return encoded;
  let end = bytes;
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.subarray(0, end);
}

function acceptKey(key: string): string {
  return createHash("sha1")
    .update(key + HANDSHAKE_GUID)
    .digest("base64");
}

/** Whether a request asks to go on as WebSocket. */
export function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? "").toLowerCase() === "websocket" && hasToken(headers.connection, "upgrade");
}

/**
 * The protocol that a request for an upgrade asks for and we speak; `unnamed` is for clients that name none. Throws `invalid` when
 * it is none of the kind.
 */
export function negotiate(request: IncomingMessage, supported: readonly string[], unnamed?: string): string {
  const { headers } = request;
  const key = headers["sec-websocket-key"];
  if (!wantsWebSocket(request)) {
    throw new NodeletError("invalid", "this address speaks WebSocket only", { fix: "ask for an upgrade to websocket" });
  }
  if (headers["sec-websocket-version"] !== "13" || key === undefined || Buffer.from(key, "base64").length !== 16) {
    throw new NodeletError("invalid", "the WebSocket handshake is wrong: version 13 and a 16-byte key are needed");
  }
  if (headers["sec-websocket-protocol"] === undefined && unnamed !== undefined) return unnamed;
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const chosen = offered.find((name) => supported.includes(name));
  if (chosen === undefined) {
    throw new NodeletError("invalid", `none of the protocols ${JSON.stringify(offered)} is spoken here`, {
      fix: `offer ${supported.join(" or ")} in Sec-WebSocket-Protocol`,
    });
  }
  return chosen;
}

function hasToken(header: string | undefined, token: string): boolean {
  return (header ?? "").split(",").some((part) => part.trim().toLowerCase() === token);
}

/** Answers a negotiated request. */
export function acceptWebSocket(
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  protocol: string,
): WebSocketConnection {
  stream.write(
    [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${acceptKey(request.headers["sec-websocket-key"] ?? "")}`,
      // Only what was asked for may be answered.
      ...(request.headers["sec-websocket-protocol"] === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
      "",
      "",
    ].join("\r\n"),
  );
  return new WebSocketConnection(stream, "server", head);
}

/** Headers of a client's request, and the check of the server's answer to them. */
export function clientHandshake(protocols: readonly string[]): {
  readonly headers: Record<string, string>;
  /** Throws `internal` when the answer is not ours; returns the chosen protocol. */
  verify(response: IncomingMessage): string;
} {
  const key = randomBytes(16).toString("base64");
  return {
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      "Sec-WebSocket-Protocol": protocols.join(", "),
    },
    verify(response) {
      const protocol = response.headers["sec-websocket-protocol"] ?? "";
      if (response.headers["sec-websocket-accept"] !== acceptKey(key) || !protocols.includes(protocol)) {
        throw new NodeletError("internal", "the server's WebSocket answer does not fit the request");
      }
      return protocol;
    },
  };
}
