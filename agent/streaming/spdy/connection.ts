// A SPDY/3.1 connection as the clients of exec and port-forward speak it: streams over one byte stream. Its peers neither send nor
// heed WINDOW_UPDATE, so the flow control is the byte stream's own: while one stream has no room nothing is read at all.

import { Duplex } from "node:stream";

import { NodeletError } from "../../base/errors.ts";
import {
  dataHeader,
  decodeFrameHeader,
  FLAG_FIN,
  FRAME,
  FRAME_HEADER_BYTES,
  GOAWAY,
  goaway,
  ping,
  RESET,
  rstStream,
  SPDY_VERSION,
  synReply,
  synStream,
  type FrameHeader,
} from "./frames.ts";
import { HeaderDecoder, HeaderEncoder, type Headers } from "./headers.ts";

/** A control frame is no longer than this; header blocks of exec and port-forward are a hundred bytes. */
export const CONTROL_BYTES_MAX = 64 * 1024;

/** Streams that are open at once: a port-forward has two for each of its connections. */
export const STREAMS_MAX = 1024;

/** Longest DATA frame that is sent. */
const DATA_BYTES_MAX = 32 * 1024;

/** What one stream holds before reading stops. */
const STREAM_BUFFER_BYTES = 64 * 1024;

/** Answers to a peer that does not read them are held up to this; then it is not read from either. */
const OUTPUT_BYTES_MAX = 1024 * 1024;

/** A peer that has gone while nothing is read from it is noticed by writing to it. */
const STALLED_PING_INTERVAL_MS = 30_000;

/** After our end of the connection its peer's is awaited so long. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface SpdyOptions {
  /** A client opens streams with odd numbers, a server with even ones. */
  readonly role: "server" | "client";
  /** What arrived together with the handshake. */
  readonly head?: Buffer | undefined;
  /** A stream that the peer opened; it was answered already. @default refused */
  readonly onStream?: ((stream: SpdyStream) => void) | undefined;
}

/** What a stream asks of its connection. */
interface StreamOwner {
  send(streamId: number, data: Buffer, fin: boolean, done: (error?: Error | null) => void): void;
  gone(stream: SpdyStream, reset: boolean): void;
}

/** One stream: ending it half-closes, destroying it before both sides have ended resets it. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Headers;
  readonly #owner: StreamOwner;
  #room: (() => void) | undefined;
  #sentFin = false;
  #receivedFin = false;
  #quiet = false;

  constructor(id: number, headers: Headers, owner: StreamOwner) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: STREAM_BUFFER_BYTES,
      writableHighWaterMark: STREAM_BUFFER_BYTES,
    });
    this.id = id;
    this.headers = headers;
    this.#owner = owner;
  }

  /** Data of the peer. A promise asks for time. */
  receive(data: Buffer): Promise<void> | undefined {
    if (this.destroyed || this.#receivedFin || this.push(data)) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  /** The peer has nothing more to say. */
  receiveEnd(): void {
    if (this.destroyed || this.#receivedFin) return;
    this.#receivedFin = true;
    this.push(null);
  }

  /** The peer has reset it, or the connection has ended. */
  get abandoned(): boolean {
    return this.#quiet;
  }

  /** The peer, or the end of the connection, has ended the stream: no reset is sent. */
  abandon(): void {
    this.#quiet = true;
    this.destroy();
  }

  /** The connection has ended. What the peer said to its end can still be read. */
  connectionEnded(): void {
    if (this.#receivedFin) this.end();
    else this.abandon();
  }

  override _read(): void {
    this.#room?.();
    this.#room = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#owner.send(this.id, chunk, false, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sentFin = true;
    this.#owner.send(this.id, Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#room?.();
    this.#room = undefined;
    this.#owner.gone(this, !this.#quiet && !(this.#sentFin && this.#receivedFin));
    done(error);
  }
}

interface DataFrame {
  readonly stream: SpdyStream | undefined;
  readonly fin: boolean;
  left: number;
}

export class SpdyConnection {
  /** Resolves when the connection has ended: with what was wrong, or undefined after an end as it should be. */
  readonly closed: Promise<Error | undefined>;
  readonly #resolveClosed: (error: Error | undefined) => void;
  readonly #socket: Duplex;
  readonly #role: "server" | "client";
  readonly #onStream: ((stream: SpdyStream) => void) | undefined;
  readonly #decoder = new HeaderDecoder();
  readonly #encoder = new HeaderEncoder();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #owner: StreamOwner;
  #nextId: number;
  #lastPeerId = 0;
  #waitingForDrain: (() => void)[] = [];
  #stalled = false;
  #closing = false;
  #ended = false;
  /** Bytes of a frame's beginning that came without its rest. */
  #pending: Buffer = Buffer.alloc(0);
  #control: Extract<FrameHeader, { kind: "control" }> | undefined;
  /** The rest of a DATA frame under way. */
  #data: DataFrame | undefined;
  readonly #pings: NodeJS.Timeout;

  /** Reads at once. */
  constructor(socket: Duplex, options: SpdyOptions) {
    this.#socket = socket;
    this.#role = options.role;
    this.#onStream = options.onStream;
    this.#nextId = options.role === "client" ? 1 : 2;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#owner = {
      send: (streamId, data, fin, done) => this.#send(streamId, data, fin, done),
      gone: (stream, reset) => {
        if (this.#streams.get(stream.id) !== stream) return;
        this.#streams.delete(stream.id);
        if (reset && !this.#closing) this.#write(rstStream(stream.id, RESET.cancel));
      },
    };
    socket.on("drain", () => this.#drainedNow());
    socket.on("error", () => undefined); // followed by close
    socket.on("close", () => {
      // What came before an orderly end is still on its way through the reader, which then finishes.
      if (socket.errored !== null || this.#closing) this.#finish(undefined);
      else this.#drainedNow();
    });
    this.#pings = setInterval(() => {
      if (this.#stalled) this.#write(ping(this.#role === "client" ? 1 : 2));
    }, STALLED_PING_INTERVAL_MS);
    this.#pings.unref();
    void this.#read(options.head ?? Buffer.alloc(0));
  }

  /** Opens a stream. What is written before the peer has answered follows at once. */
  open(headers: Readonly<Record<string, string>>): SpdyStream {
    if (this.#ended || this.#closing) throw new NodeletError("unavailable", "the connection has ended");
    const names: Headers = new Map(Object.entries(headers));
    const stream = new SpdyStream(this.#nextId, names, this.#owner);
    this.#nextId += 2;
    this.#streams.set(stream.id, stream);
    this.#write(synStream(stream.id, this.#encoder.encode(names), false));
    return stream;
  }

  /** Says goodbye and ends the connection after what was written; streams that are open are dropped. */
  close(): void {
    this.#end(GOAWAY.ok, undefined);
  }

  #end(status: number, error: Error | undefined): void {
    if (this.#ended || this.#closing) return;
    this.#closing = true;
    this.#write(goaway(this.#lastPeerId, status));
    for (const stream of this.#streams.values()) stream.abandon();
    // Bytes that were not read when a socket is closed make the kernel reset the connection, and the peer may lose what we
    // said last: reading goes on until the peer has ended as well.
    this.#socket.end();
    const timer = setTimeout(() => this.#finish(error), CLOSE_TIMEOUT_MS);
    void this.closed.then(() => clearTimeout(timer));
    if (error !== undefined) this.#resolveClosed(error);
  }

  #finish(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closing = true;
    clearInterval(this.#pings);
    this.#decoder.close();
    for (const stream of this.#streams.values()) stream.connectionEnded();
    this.#drainedNow();
    this.#socket.destroy();
    this.#resolveClosed(error);
  }

  // Output

  #write(frame: Buffer): void {
    if (!this.#ended && !this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(frame);
  }

  #send(streamId: number, data: Buffer, fin: boolean, done: (error?: Error | null) => void): void {
    if (this.#closing || this.#socket.destroyed || this.#socket.writableEnded) {
      done(fin ? null : new NodeletError("unavailable", "the connection has ended"));
      return;
    }
    this.#socket.cork();
    let room = true;
    let at = 0;
    do {
      const part = data.subarray(at, at + DATA_BYTES_MAX);
      at += part.length;
      room = this.#socket.write(dataHeader(streamId, part.length, fin && at >= data.length));
      if (part.length > 0) room = this.#socket.write(part);
    } while (at < data.length);
    this.#socket.uncork();
    if (room) done();
    else this.#waitingForDrain.push(() => done());
  }

  #drainedNow(): void {
    const waiting = this.#waitingForDrain;
    this.#waitingForDrain = [];
    for (const resume of waiting) resume();
  }

  /** While answers pile up nothing more is read that would ask for others. */
  async #outputHasRoom(): Promise<void> {
    while (this.#socket.writableLength > OUTPUT_BYTES_MAX && !this.#closing) {
      await new Promise<void>((resolve) => this.#waitingForDrain.push(resolve));
    }
  }

  // Input

  async #read(head: Buffer): Promise<void> {
    try {
      if (head.length > 0) await this.#take(head);
      const chunks = this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const chunk of chunks) await this.#take(chunk);
      this.#finish(
        this.#pending.length > 0 || this.#data !== undefined
          ? new NodeletError("invalid", "the connection ended within a frame")
          : undefined,
      );
    } catch (error) {
      if (!(error instanceof NodeletError)) {
        this.#finish(undefined); // the byte stream broke
        return;
      }
      this.#end(GOAWAY.protocolError, error);
      this.#socket.resume(); // read and dropped, until the peer has ended
    }
  }

  async #take(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0 && !this.#closing) {
      if (this.#data !== undefined) {
        rest = await this.#takeData(this.#data, rest);
        continue;
      }
      if (this.#pending.length > 0) rest = Buffer.concat([this.#pending, rest]);
      this.#pending = Buffer.alloc(0);
      if (this.#control === undefined) {
        if (rest.length < FRAME_HEADER_BYTES) {
          this.#pending = rest;
          return;
        }
        const header = decodeFrameHeader(rest);
        rest = rest.subarray(FRAME_HEADER_BYTES);
        if (header.kind === "data") this.#beginData(header);
        else this.#beginControl(header);
      }
      if (this.#control !== undefined) {
        if (rest.length < this.#control.length) {
          this.#pending = rest;
          return;
        }
        const frame = this.#control;
        this.#control = undefined;
        const body = rest.subarray(0, frame.length);
        rest = rest.subarray(frame.length);
        await this.#outputHasRoom();
        await this.#receiveControl(frame, body);
      }
    }
  }

  #beginData(header: Extract<FrameHeader, { kind: "data" }>): void {
    const stream = this.#streams.get(header.streamId);
    if (stream === undefined && header.streamId > Math.max(this.#lastPeerId, this.#nextId)) {
      throw new NodeletError("invalid", `data for stream ${header.streamId}, which was never opened`);
    }
    const fin = (header.flags & FLAG_FIN) !== 0;
    // One that has ended here: what was on its way is dropped.
    this.#data = { stream, fin, left: header.length };
    if (header.length === 0) this.#endData(this.#data);
  }

  async #takeData(frame: DataFrame, chunk: Buffer): Promise<Buffer> {
    const part = chunk.subarray(0, frame.left);
    frame.left -= part.length;
    const room = frame.stream?.receive(part);
    if (room !== undefined) {
      this.#stalled = true;
      await room;
      this.#stalled = false;
    }
    if (frame.left === 0) this.#endData(frame);
    return chunk.subarray(part.length);
  }

  #endData(frame: DataFrame): void {
    this.#data = undefined;
    if (frame.fin) frame.stream?.receiveEnd();
  }

  #beginControl(header: Extract<FrameHeader, { kind: "control" }>): void {
    if (header.version !== SPDY_VERSION) {
      throw new NodeletError("invalid", `a frame of SPDY version ${header.version}, not ${SPDY_VERSION}`);
    }
    if (header.length > CONTROL_BYTES_MAX) {
      throw new NodeletError("invalid", `a control frame of ${header.length} bytes, more than ${CONTROL_BYTES_MAX}`);
    }
    this.#control = header;
  }

  async #receiveControl(frame: Extract<FrameHeader, { kind: "control" }>, body: Buffer): Promise<void> {
    const need = (bytes: number): void => {
      if (body.length < bytes) throw new NodeletError("invalid", `a control frame of type ${frame.type} is too short`);
    };
    const idAt = (at: number): number => body.readUInt32BE(at) & 0x7fff_ffff;
    switch (frame.type) {
      case FRAME.synStream: {
        need(10);
        const headers = await this.#decoder.decode(body.subarray(10));
        this.#accept(idAt(0), headers, (frame.flags & FLAG_FIN) !== 0);
        return;
      }
      case FRAME.synReply:
      case FRAME.headers: {
        need(4);
        // Nothing is told by them, but the context of the headers has to go on.
        await this.#decoder.decode(body.subarray(4));
        if ((frame.flags & FLAG_FIN) !== 0) this.#streams.get(idAt(0))?.receiveEnd();
        return;
      }
      case FRAME.rstStream:
        need(8);
        this.#streams.get(idAt(0))?.abandon();
        return;
      case FRAME.ping: {
        need(4);
        const id = body.readUInt32BE(0);
        const ours = (id % 2 === 1) === (this.#role === "client");
        if (!ours) this.#write(ping(id));
        return;
      }
      default:
        // GOAWAY: the peer opens no more, its streams go on. SETTINGS, WINDOW_UPDATE and what is not known ask for nothing.
        return;
    }
  }

  #accept(id: number, headers: Headers, fin: boolean): void {
    if (this.#closing) return;
    if (id === 0 || (id % 2 === 1) !== (this.#role === "server") || id <= this.#lastPeerId) {
      throw new NodeletError("invalid", `stream ${id} cannot be opened: its number is out of order`);
    }
    this.#lastPeerId = id;
    if (this.#onStream === undefined || this.#streams.size >= STREAMS_MAX) {
      this.#write(rstStream(id, RESET.refusedStream));
      return;
    }
    const stream = new SpdyStream(id, headers, this.#owner);
    this.#streams.set(id, stream);
    this.#write(synReply(id, this.#encoder.encode(new Map())));
    this.#onStream(stream);
    if (fin) stream.receiveEnd();
  }
}
