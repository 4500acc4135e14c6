// A WebSocket as a byte stream: what a client puts a whole SPDY connection into.

import { Duplex } from "node:stream";

import type { WebSocketConnection } from "./websocket.ts";

/** The subprotocol of it (KEP-4006). */
export const TUNNEL_PROTOCOL = "SPDY/3.1+portforward.k8s.io";

export class WebSocketTunnel extends Duplex {
  readonly #connection: WebSocketConnection;
  #room: (() => void) | undefined;

  constructor(connection: WebSocketConnection) {
    super();
    this.#connection = connection;
    connection.listen({
      message: (data) => {
        if (this.destroyed || data.length === 0 || this.push(data)) return undefined;
        return new Promise((resolve) => {
          this.#room = resolve;
        });
      },
      closed: () => {
        if (!this.destroyed) this.push(null);
        this.end();
      },
    });
  }

  #resume(): void {
    this.#room?.();
    this.#room = undefined;
  }

  override _read(): void {
    this.#resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#connection.send(chunk)) done();
    else void this.#connection.drained().then(done);
  }

  override _final(done: () => void): void {
    this.#connection.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.close();
    this.#resume();
    done(error);
  }
}
