// An exec or attach over a shim's connection, as streams.

import { Readable, Writable } from "node:stream";

import { NodeletError } from "../base/errors.ts";
import type { ExitResult, StreamSession } from "../cri/runtime.ts";
import { FrameType, type Frame } from "./plan/frames.ts";
import type { ShimConnection } from "./shim-client.ts";

export interface SessionStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Largest STDIN frame; the shim buffers 256 KiB a connection. */
const STDIN_FRAME_BYTES = 64 * 1024;

export function openSession(connection: ShimConnection, streams: SessionStreams): StreamSession {
  const reading = { read: () => connection.resume() };
  const stdout = streams.stdout ? new Readable(reading) : undefined;
  const stderr = streams.stderr ? new Readable(reading) : undefined;
  const stdin = streams.stdin ? stdinOf(connection) : undefined;

  const exited = new Promise<ExitResult>((resolve, reject) => {
    const endStreams = (): void => {
      stdout?.push(null);
      stderr?.push(null);
      stdin?.destroy();
    };
    const output = (stream: Readable | undefined, frame: Frame): void => {
      if (stream === undefined || stream.readableEnded) return;
      if (frame.payload.length === 0) stream.push(null);
      else if (!stream.push(frame.payload)) connection.pause();
    };
    connection.listen((frame) => {
      if (frame === undefined) {
        endStreams();
        reject(new NodeletError("unavailable", "the shim ended the session before the process ended"));
        return;
      }
      if (frame.type === FrameType.STDOUT) output(stdout, frame);
      if (frame.type === FrameType.STDERR) output(stderr, frame);
      if (frame.type === FrameType.EXITED) {
        resolve(decodeExit(frame));
        endStreams();
        connection.close();
      }
      if (frame.type === FrameType.ERROR) {
        reject(new NodeletError("internal", `the shim refused: ${Buffer.from(frame.payload).toString()}`));
        endStreams();
        connection.close();
      }
    });
  });
  // A caller that only reads the streams need not look at how it ended.
  exited.catch(() => undefined);

  return {
    stdin,
    stdout,
    stderr,
    exited,
    resize(columns, rows) {
      const payload = Buffer.alloc(4);
      payload.writeUInt16LE(columns, 0);
      payload.writeUInt16LE(rows, 2);
      connection.send(FrameType.RESIZE, payload);
    },
    close() {
      connection.close();
    },
  };
}

function stdinOf(connection: ShimConnection): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += STDIN_FRAME_BYTES) {
        connection.send(FrameType.STDIN, chunk.subarray(at, at + STDIN_FRAME_BYTES));
      }
      connection.drained().then(() => done(), done);
    },
    final(done) {
      connection.send(FrameType.STDIN); // an empty frame closes it
      done();
    },
  });
}

/** EXITED: i32 exit code, i32 signal, u64 realtime ns. */
export function decodeExit(frame: Frame): ExitResult & { readonly finishedAt: bigint } {
  const payload = Buffer.from(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength);
  return {
    exitCode: payload.readInt32LE(0),
    signal: payload.readInt32LE(4),
    finishedAt: payload.readBigUInt64LE(8),
  };
}
