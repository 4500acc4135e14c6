// Exec and attach for any client: SPDY/3.1 with a stream for each of stdin, stdout, stderr, error and resize, or WebSocket with a
// channel for each. A session that cannot be opened is told on the error stream, as its clients expect.

import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { describeError, NodeletError } from "../base/errors.ts";
import { withTimeout } from "../base/limits.ts";
import type { ExitResult, StreamSession } from "../cri/runtime.ts";
import { CREATION_TIMEOUT_MS, limitIdleness, refuse, type StreamingCall } from "./call.ts";
import {
  ALL_CHANNEL_PROTOCOLS,
  CHANNEL,
  channelsOf,
  sendStatus,
  serveSession,
  UNNAMED_CHANNEL_PROTOCOL,
} from "./channels.ts";
import { resizeFrom } from "./resize.ts";
import { acceptSpdy, negotiateSpdy, wantsSpdy } from "./spdy/handshake.ts";
import type { SpdyStream } from "./spdy/connection.ts";
import { statusOfError, statusOfExit, textOfStatus, type RemoteStatus } from "./status.ts";
import { acceptWebSocket, CLOSE, negotiate } from "./websocket.ts";

/** Newest first. From version 3 on a terminal's size can be told, from version 4 on an end is a Status. */
export const COMMAND_PROTOCOLS: readonly string[] = [
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
];

export interface CommandStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface CommandOptions extends CommandStreams {
  /** False for attach: the end of the container is not the failure of who looks on. */
  readonly exitStatus: boolean;
  open(options: { signal: AbortSignal }): Promise<StreamSession>;
}

/** Upgrades the request and carries the session until it or the connection has ended. Throws `invalid` for a wrong handshake. */
export async function serveCommand(call: StreamingCall, options: CommandOptions): Promise<void> {
  if (wantsSpdy(call.request)) await serveSpdy(call, options);
  else await serveWebSocket(call, options);
}

async function serveWebSocket(call: StreamingCall, options: CommandOptions): Promise<void> {
  const protocol = negotiate(call.request, ALL_CHANNEL_PROTOCOLS, UNNAMED_CHANNEL_PROTOCOL);
  limitIdleness(call);
  const connection = acceptWebSocket(call.request, call.stream, call.head, protocol);
  const channels = channelsOf(connection, protocol);
  // An empty message on the first channel that is written to tells the client that all are there.
  channels.greet(options.stdout ? CHANNEL.stdout : options.stderr ? CHANNEL.stderr : CHANNEL.error);
  let session: StreamSession;
  try {
    session = await options.open({ signal: call.signal });
  } catch (error) {
    connection.listen({ message: () => undefined, closed: () => undefined });
    sendStatus(channels, protocol, statusOfError(error, doing(options)));
    connection.close(CLOSE.normal);
    return;
  }
  await serveSession(connection, session, call.signal, {
    protocol,
    exitStatus: options.exitStatus,
    doing: doing(options),
  });
}

/** As kubelet's error says it. */
function doing({ exitStatus }: CommandOptions): string {
  return exitStatus ? "executing command in" : "attaching to";
}

type StreamType = "error" | "stdin" | "stdout" | "stderr" | "resize";

async function serveSpdy(call: StreamingCall, options: CommandOptions): Promise<void> {
  const { signal, log } = call;
  const protocol = negotiateSpdy(call.request, COMMAND_PROTOCOLS);
  if (typeof protocol !== "string") {
    refuse(call.stream, protocol.status, protocol.message, protocol.headers);
    return;
  }
  limitIdleness(call);
  const version = Number(/^v(\d)\./.exec(protocol)?.[1] ?? 1);
  const wanted = new Set<StreamType>(["error"]);
  for (const name of ["stdin", "stdout", "stderr"] as const) if (options[name]) wanted.add(name);
  if (options.tty && version >= 3) wanted.add("resize");

  const streams = new Map<StreamType, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  const connection = acceptSpdy(call.stream, call.head, protocol, (stream) => {
    stream.on("error", () => undefined); // a broken stream ends its copy
    const type = stream.headers.get("streamtype") as StreamType;
    if (!wanted.has(type) || streams.has(type)) {
      stream.destroy();
      return;
    }
    streams.set(type, stream);
    if (streams.size === wanted.size) complete.resolve();
  });
  const closed = connection.closed.then((error) => {
    if (error !== undefined) log.warn({ error: describeError(error) }, "a SPDY connection was ended");
    return "closed" as const;
  });
  const stop = (): void => connection.close();
  signal.addEventListener("abort", stop);
  let session: StreamSession | undefined;
  try {
    await withTimeout(
      {
        milliseconds: call.creationTimeoutMs ?? CREATION_TIMEOUT_MS,
        what: `the client's opening of ${[...wanted].join(", ")}`,
      },
      () => Promise.race([complete.promise, closed]),
    );
    const errors = streams.get("error");
    if (errors === undefined || streams.size < wanted.size) return; // the client has gone
    errors.resume();
    streams.get("stdout")?.resume();
    streams.get("stderr")?.resume();

    let status: RemoteStatus;
    try {
      session = await options.open({ signal });
      const outcome = await Promise.race([carry(session, streams), closed]);
      if (outcome === "closed") return;
      status = statusOfExit(options.exitStatus ? outcome : { exitCode: 0, signal: 0 });
    } catch (error) {
      status = statusOfError(error, doing(options));
    }
    streams.get("stdout")?.end();
    streams.get("stderr")?.end();
    const text = version >= 4 ? JSON.stringify(status) : textOfStatus(status);
    await new Promise<void>((resolve) => {
      errors.once("close", resolve);
      errors.end(text, resolve);
    });
  } catch (error) {
    if (!(error instanceof NodeletError)) throw error;
    log.warn({ error: describeError(error) }, "a session was given up");
  } finally {
    signal.removeEventListener("abort", stop);
    session?.close();
    session?.stdout?.destroy();
    session?.stderr?.destroy();
    connection.close();
  }
}

/** Resolves when the process has ended and its output is delivered. */
async function carry(session: StreamSession, streams: ReadonlyMap<StreamType, SpdyStream>): Promise<ExitResult> {
  // A command may close its stdin early; that ends nothing, and what still comes is dropped.
  void copy(streams.get("stdin"), session.stdin);
  const sizes = streams.get("resize");
  if (sizes !== undefined) resizeFrom(sizes, session).catch(() => undefined);
  const delivered = Promise.all([
    copy(session.stdout, streams.get("stdout")),
    copy(session.stderr, streams.get("stderr")),
  ]);
  const exit = await session.exited;
  await delivered;
  return exit;
}

async function copy(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined || to === undefined) return;
  try {
    await pipeline(from, to);
  } catch {
    // Either has ended early; how the session ended is told by its exit.
  }
}
