// The remote command protocols over WebSocket: `v5.channel.k8s.io` and the older ones. The first byte of a message is its channel;
// v5 adds a message that closes one, and the base64 forms write it all as text.

import type { StreamSession } from "../cri/runtime.ts";
import { resize } from "./resize.ts";
import { statusOfError, statusOfExit, textOfStatus, type RemoteStatus } from "./status.ts";
import { CLOSE, type WebSocketConnection } from "./websocket.ts";

export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** What `nodelet` itself speaks. */
export const CHANNEL_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

/** What any client may speak. */
export const ALL_CHANNEL_PROTOCOLS: readonly string[] = [
  ...CHANNEL_PROTOCOLS,
  "v4.base64.channel.k8s.io",
  "channel.k8s.io",
  "base64.channel.k8s.io",
];

/** For clients that name no protocol, as kubelet has it. */
export const UNNAMED_CHANNEL_PROTOCOL = "channel.k8s.io";

/** Messages are no longer than this, as other clients and servers have it. */
const CHUNK_BYTES = 32 * 1024;

/** Sends data on a channel, in parts where it is long. False when the peer should be given time. */
export function sendOn(connection: WebSocketConnection, channel: number, data: Uint8Array): boolean {
  const prefix = Buffer.from([channel]);
  let room = true;
  for (let at = 0; at < data.length; at += CHUNK_BYTES) {
    room = connection.send(prefix, data.subarray(at, at + CHUNK_BYTES));
  }
  return room;
}

/** Messages of numbered channels, in the binary or the base64 form. */
export interface Channels {
  /** False when the peer should be given time. */
  send(channel: number, data: Uint8Array): boolean;
  /** Empty, to tell the client that the channels are there. */
  greet(channel: number): void;
  decode(message: Buffer): { readonly channel: number | undefined; readonly body: Buffer };
}

export function channelsOf(connection: WebSocketConnection, protocol: string): Channels {
  if (!protocol.includes("base64.")) {
    return {
      send: (channel, data) => sendOn(connection, channel, data),
      greet: (channel) => void connection.send(Buffer.from([channel])),
      decode: (message) => ({ channel: message[0], body: message.subarray(1) }),
    };
  }
  return {
    send(channel, data) {
      let room = true;
      for (let at = 0; at < data.length; at += CHUNK_BYTES) {
        room = connection.sendText(`${channel}${Buffer.from(data.subarray(at, at + CHUNK_BYTES)).toString("base64")}`);
      }
      return room;
    },
    greet: (channel) => void connection.sendText(String(channel)),
    decode(message) {
      const channel = Number(message.toString("latin1", 0, 1));
      return {
        channel: Number.isInteger(channel) ? channel : undefined,
        body: Buffer.from(message.toString("latin1", 1), "base64"),
      };
    },
  };
}

/** A protocol of version 4 or later: the error channel carries a Status. */
function hasStatus(protocol: string): boolean {
  return /^v[45]\./.test(protocol);
}

/** How a session ended, on its error channel. */
export function sendStatus(channels: Channels, protocol: string, status: RemoteStatus): void {
  const text = hasStatus(protocol) ? JSON.stringify(status) : textOfStatus(status);
  if (text !== "") channels.send(CHANNEL.error, Buffer.from(text));
}

export interface SessionOptions {
  /** @default "v5.channel.k8s.io" */
  readonly protocol?: string | undefined;
  /** False where a container's end is not the session's failure. @default true */
  readonly exitStatus?: boolean | undefined;
  /** For errors; see `statusOfError`. */
  readonly doing?: string | undefined;
}

/**
 * Carries an open session over a connection until either ends, or the signal is aborted as the daemon stops. The session
 * is closed afterwards.
 */
export async function serveSession(
  connection: WebSocketConnection,
  session: StreamSession,
  signal: AbortSignal,
  options: SessionOptions = {},
): Promise<void> {
  const { protocol = CHANNEL_PROTOCOLS[0], exitStatus = true } = options;
  const channels = channelsOf(connection, protocol);
  const goingAway = (): void => connection.close(CLOSE.goingAway, "the daemon is stopping");
  signal.addEventListener("abort", goingAway);
  const { promise: disconnected, resolve: disconnect } = Promise.withResolvers<"disconnected">();
  // A command may close its stdin early; that ends nothing.
  session.stdin?.on("error", () => undefined);
  connection.listen({
    message(data) {
      const { channel, body } = channels.decode(data);
      if (channel === CHANNEL.stdin && session.stdin !== undefined) return writeStdin(session.stdin, body);
      if (channel === CHANNEL.resize) resize(session, body.toString());
      // The first byte of the base64 forms is a digit, so that they never get here.
      if (channel === CHANNEL.close && body[0] === CHANNEL.stdin) session.stdin?.end();
      return undefined;
    },
    closed: () => disconnect("disconnected"),
  });
  try {
    const delivered = Promise.all([
      pump(session.stdout, CHANNEL.stdout, connection, channels),
      pump(session.stderr, CHANNEL.stderr, connection, channels),
    ]);
    const ended = session.exited.then(
      async (exit) => {
        await delivered;
        return statusOfExit(exitStatus ? exit : { exitCode: 0, signal: 0 });
      },
      (error: unknown) => statusOfError(error, options.doing),
    );
    const outcome = await Promise.race([ended, disconnected]);
    if (outcome === "disconnected") return;
    sendStatus(channels, protocol, outcome);
    connection.close(CLOSE.normal);
  } finally {
    signal.removeEventListener("abort", goingAway);
    session.close();
    session.stdout?.destroy();
    session.stderr?.destroy();
  }
}

function writeStdin(stdin: NonNullable<StreamSession["stdin"]>, data: Buffer): Promise<void> | undefined {
  if (data.length === 0 || stdin.destroyed || stdin.writableEnded || stdin.write(data)) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off("drain", done);
      stdin.off("close", done);
      resolve();
    };
    stdin.on("drain", done);
    stdin.on("close", done);
  });
}

async function pump(
  stream: StreamSession["stdout"],
  channel: number,
  connection: WebSocketConnection,
  channels: Channels,
): Promise<void> {
  if (stream === undefined) return;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (!channels.send(channel, chunk)) await connection.drained();
    }
  } catch {
    // A stream that breaks says so through `exited`.
  }
}
