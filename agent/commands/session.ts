// The terminal's side of exec and attach.

import { NodeletError } from "../base/errors.ts";
import { CHANNEL, sendOn } from "../streaming/channels.ts";
import { exitCodeOf, type RemoteStatus } from "../streaming/status.ts";
import type { WebSocketConnection } from "../streaming/websocket.ts";
import { EXIT, write, type Streams } from "./cli.ts";

export interface SessionOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Carries the streams until the process inside has ended. Resolves with its exit code; throws when the session broke. */
export async function runSession(
  connection: WebSocketConnection,
  options: SessionOptions,
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let status: RemoteStatus | undefined;
  let broken = "";

  connection.listen({
    message(data) {
      const body = data.subarray(1);
      switch (data[0]) {
        case CHANNEL.stdout:
          return write(stdout, body);
        case CHANNEL.stderr:
          return write(stderr, body);
        case CHANNEL.error:
          status = JSON.parse(body.toString()) as RemoteStatus;
          return undefined;
        default:
          return undefined;
      }
    },
    closed(_code, reason) {
      broken = reason;
      end();
    },
  });

  const sendSize = (): void => {
    if (!stdout.columns || !stdout.rows) return;
    connection.send(
      Buffer.from([CHANNEL.resize]),
      Buffer.from(JSON.stringify({ Width: stdout.columns, Height: stdout.rows })),
    );
  };
  const stop = (): void => connection.close();
  const input = (chunk: Buffer): void => {
    if (sendOn(connection, CHANNEL.stdin, chunk)) return;
    stdin.pause();
    void connection.drained().then(() => stdin.resume());
  };
  const inputEnded = (): void => void connection.send(Buffer.from([CHANNEL.close, CHANNEL.stdin]));

  signal.addEventListener("abort", stop);
  if (options.tty) {
    stdout.on("resize", sendSize);
    sendSize();
    if (options.stdin) stdin.setRawMode?.(true);
  }
  if (options.stdin) {
    stdin.on("data", input);
    stdin.on("end", inputEnded);
    stdin.resume();
  }
  try {
    await ended;
  } finally {
    signal.removeEventListener("abort", stop);
    stdout.off("resize", sendSize);
    stdin.off("data", input);
    stdin.off("end", inputEnded);
    if (options.stdin) {
      stdin.pause();
      if (options.tty) stdin.setRawMode?.(false);
    }
  }
  if (signal.aborted) return EXIT.failure;
  if (status === undefined) {
    throw new NodeletError(
      "unavailable",
      `the session ended before the process inside${broken === "" ? "" : `: ${broken}`}`,
      {
        fix: "see `nodelet pods` and the daemon's log",
      },
    );
  }
  const code = exitCodeOf(status);
  if (code === undefined) throw new NodeletError("internal", status.message ?? "the session failed");
  return code;
}
