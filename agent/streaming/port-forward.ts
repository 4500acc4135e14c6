// Connections to a pod's ports for any client: SPDY/3.1 with a pair of streams for each connection, the same within a WebSocket, or a
// WebSocket with a pair of channels for each port. What fails concerns its own pair alone, never the others.

import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";

import { describeError, NodeletError } from "../base/errors.ts";
import { CREATION_TIMEOUT_MS, limitIdleness, refuse, type StreamingCall } from "./call.ts";
import { channelsOf, type Channels } from "./channels.ts";
import { acceptSpdy, negotiateSpdy, wantsSpdy } from "./spdy/handshake.ts";
import { SpdyConnection, type SpdyStream } from "./spdy/connection.ts";
import { TUNNEL_PROTOCOL, WebSocketTunnel } from "./tunnel.ts";
import { acceptWebSocket, CLOSE, negotiate, type WebSocketConnection } from "./websocket.ts";

export const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";

const CHANNEL_PROTOCOLS: readonly string[] = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io"];

/** The channels of a WebSocket are one byte. */
const CHANNEL_PORTS_MAX = 127;

export interface PortForwardOptions {
  /** For the protocols of numbered channels, which name their ports beforehand. */
  readonly ports: readonly number[];
  open(port: number, options: { signal: AbortSignal }): Promise<Duplex>;
}

/** Upgrades the request and carries connections until the client's has ended. Throws `invalid` for a wrong handshake. */
export async function servePortForward(call: StreamingCall, options: PortForwardOptions): Promise<void> {
  if (wantsSpdy(call.request)) {
    const protocol = negotiateSpdy(call.request, [PORT_FORWARD_PROTOCOL]);
    if (typeof protocol !== "string") {
      refuse(call.stream, protocol.status, protocol.message, protocol.headers);
      return;
    }
    limitIdleness(call);
    const pairs = new Pairs(call, options);
    await pairs.serve(acceptSpdy(call.stream, call.head, protocol, (stream) => pairs.add(stream)));
    return;
  }
  const protocol = negotiate(call.request, [TUNNEL_PROTOCOL, ...CHANNEL_PROTOCOLS], CHANNEL_PROTOCOLS[0]);
  if (protocol !== TUNNEL_PROTOCOL) checkPorts(options.ports);
  limitIdleness(call);
  const connection = acceptWebSocket(call.request, call.stream, call.head, protocol);
  if (protocol === TUNNEL_PROTOCOL) {
    const pairs = new Pairs(call, options);
    const tunnel = new WebSocketTunnel(connection);
    await pairs.serve(new SpdyConnection(tunnel, { role: "server", onStream: (stream) => pairs.add(stream) }));
  } else {
    await serveChannels(call, connection, channelsOf(connection, protocol), options);
  }
}

function checkPorts(ports: readonly number[]): void {
  if (ports.length === 0 || ports.length > CHANNEL_PORTS_MAX) {
    throw new NodeletError("invalid", `${ports.length} ports are named, not 1 to ${CHANNEL_PORTS_MAX}`, {
      where: "port",
      fix: "name the ports in the request",
    });
  }
}

interface Pair {
  readonly id: string;
  data: SpdyStream | undefined;
  error: SpdyStream | undefined;
  readonly timer: NodeJS.Timeout;
}

/** Finds the two streams that belong together. */
class Pairs {
  readonly #call: StreamingCall;
  readonly #options: PortForwardOptions;
  readonly #waiting = new Map<string, Pair>();
  readonly #gone = new AbortController();

  constructor(call: StreamingCall, options: PortForwardOptions) {
    this.#call = call;
    this.#options = options;
  }

  async serve(connection: SpdyConnection): Promise<void> {
    const stop = (): void => connection.close();
    this.#call.signal.addEventListener("abort", stop);
    const error = await connection.closed;
    this.#call.signal.removeEventListener("abort", stop);
    if (error !== undefined) this.#call.log.warn({ error: describeError(error) }, "a SPDY connection was ended");
    for (const pair of this.#waiting.values()) clearTimeout(pair.timer);
    this.#waiting.clear();
    this.#gone.abort(new NodeletError("cancelled", "the client has gone"));
  }

  add(stream: SpdyStream): void {
    stream.on("error", () => undefined);
    const type = stream.headers.get("streamtype");
    if ((type !== "data" && type !== "error") || portOf(stream) === undefined) {
      stream.destroy();
      return;
    }
    // Clients of old name no request; they open the error stream first, and then the other.
    const id = stream.headers.get("requestid") ?? `stream ${type === "error" ? stream.id : stream.id - 2}`;
    const pair = this.#waiting.get(id) ?? this.#begin(id);
    if (pair[type] !== undefined) {
      stream.destroy();
      return;
    }
    pair[type] = stream;
    if (pair.data === undefined || pair.error === undefined) return;
    clearTimeout(pair.timer);
    this.#waiting.delete(id);
    void this.#forward(pair.data, pair.error);
  }

  #begin(id: string): Pair {
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      pair.data?.destroy();
      pair.error?.destroy();
      this.#call.log.warn({ request: id }, "a forwarded connection had only one of its two streams and was reset");
    }, this.#call.creationTimeoutMs ?? CREATION_TIMEOUT_MS);
    const pair: Pair = { id, data: undefined, error: undefined, timer };
    this.#waiting.set(id, pair);
    return pair;
  }

  async #forward(data: SpdyStream, error: SpdyStream): Promise<void> {
    error.resume();
    const port = portOf(data) ?? 0;
    try {
      const target = await this.#options.open(port, { signal: this.#gone.signal });
      if (data.destroyed) {
        target.destroy();
        return;
      }
      await join(data, target);
      error.end();
    } catch (cause) {
      // The client was done with it; kubectl resets each connection at its end, and would give up all of them for a text.
      if (data.abandoned) {
        error.end();
        return;
      }
      // The text is ended, not reset, or a client that is slow to read would never see it.
      error.end(`port ${port} of the pod: ${describeError(cause)}`);
      data.destroy();
    }
  }
}

/** Copies both ways, each until its own end. Rejects when either side breaks; both are destroyed then. */
export async function join(a: Duplex, b: Duplex): Promise<void> {
  await Promise.all([pipeline(a, b), pipeline(b, a)]);
}

function portOf(stream: SpdyStream): number | undefined {
  const text = stream.headers.get("port") ?? "";
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65535 ? port : undefined;
}

/** Port number i has the channels 2i for data and 2i+1 for an error; each begins with the number of the port. */
async function serveChannels(
  call: StreamingCall,
  connection: WebSocketConnection,
  channels: Channels,
  options: PortForwardOptions,
): Promise<void> {
  const gone = new AbortController();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const targets: (Promise<Duplex | undefined> | undefined)[] = [];
  connection.listen({
    async message(message) {
      const { channel, body } = channels.decode(message);
      if (channel === undefined || channel % 2 !== 0 || body.length === 0) return;
      const target = await targets[channel / 2];
      if (target === undefined || target.destroyed || target.write(body)) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          target.off("drain", done);
          target.off("close", done);
          resolve();
        };
        target.on("drain", done);
        target.on("close", done);
      });
    },
    closed: () => close(),
  });
  const goingAway = (): void => connection.close(CLOSE.goingAway, "the daemon is stopping");
  call.signal.addEventListener("abort", goingAway);
  const finished = options.ports.map(async (port, index) => {
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    channels.send(2 * index, number);
    channels.send(2 * index + 1, number);
    try {
      const opening = options.open(port, { signal: gone.signal });
      targets[index] = opening.catch(() => undefined);
      const target = await opening;
      target.on("error", () => undefined);
      for await (const chunk of target as AsyncIterable<Buffer>) {
        if (!channels.send(2 * index, chunk)) await connection.drained();
      }
    } catch (error) {
      channels.send(2 * index + 1, Buffer.from(`port ${port} of the pod: ${describeError(error)}`));
    }
  });
  void Promise.all(finished).then(() => connection.close(CLOSE.normal));
  await closed;
  call.signal.removeEventListener("abort", goingAway);
  gone.abort(new NodeletError("cancelled", "the client has gone"));
  for (const target of targets) (await target)?.destroy();
}
