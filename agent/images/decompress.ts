/**
 * Streams a part of a file through gzip or zstd, whichever its first bytes show, or as it is. Meant for the unpacker
 * process: reading and hashing are synchronous, inflating runs on libuv's threads beside the consumer.
 */
import type { Hash } from "node:crypto";
import { readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { NodeletError } from "../base/errors.ts";
import type { Fd } from "../system/system.ts";

export type Compression = "gzip" | "zstd" | "none";

/** A part of a file: a blob of an archive lies in the middle of one. */
export interface FilePart {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface BombLimits {
  /** Beyond this many bytes of output ... */
  readonly ratioFrom: number;
  /** ... it may not be more than this many times the input. */
  readonly maxRatio: number;
}

export const DEFAULT_BOMB_LIMITS: BombLimits = { ratioFrom: 1024 ** 3, maxRatio: 200 };

const READ_BYTES = 128 * 1024;
const OUTPUT_BYTES = 64 * 1024;
/** Input buffers in flight: one being inflated, one waiting, one being filled. */
const INPUT_BUFFERS = 3;
/** Chunks that may wait for the consumer before inflating pauses. */
const MAX_WAITING = 16;
/** zstd's own default bound for the memory of a decoder: 128 MiB. */
const ZSTD_WINDOW_LOG_MAX = 27;

export function detectCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return "zstd";
  // A skippable frame may come first: 0x184D2A50 to 0x184D2A5F.
  if (((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return "zstd";
  return "none";
}

export interface PumpOptions {
  /** Takes the bytes as they are in the file. */
  readonly hash?: Hash | undefined;
  readonly limits?: BombLimits;
  /** Bytes of the file read so far. */
  readonly progress?: ((bytes: number) => void) | undefined;
}

/**
 * Calls `consume` with the content. Chunks are the consumer's until it returns. Throws what the consumer throws, and
 * `invalid` when the data is damaged or ends early.
 */
export async function pump(
  fd: Fd,
  part: FilePart,
  consume: (chunk: Buffer) => void,
  options: PumpOptions = {},
): Promise<void> {
  const head = Buffer.alloc(4);
  readSync(fd, head, 0, Math.min(4, part.length), part.offset);
  const compression = detectCompression(head);
  let position = 0;

  /** The next bytes of the part, or undefined at its end. */
  const read = (buffer: Buffer): Buffer | undefined => {
    const want = Math.min(buffer.length, part.length - position);
    if (want === 0) return undefined;
    const count = readSync(fd, buffer, 0, want, part.offset + position);
    if (count === 0) throw new NodeletError("invalid", `the file ends ${part.length - position} bytes early`);
    position += count;
    const bytes = buffer.subarray(0, count);
    options.hash?.update(bytes);
    options.progress?.(position);
    return bytes;
  };

  if (compression === "none") {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    for (let bytes = read(buffer); bytes !== undefined; bytes = read(buffer)) {
      consume(bytes);
      // Lets the process see that its parent has gone.
      await setImmediate();
    }
    return;
  }

  const { ratioFrom, maxRatio } = options.limits ?? DEFAULT_BOMB_LIMITS;
  const stream =
    compression === "gzip"
      ? createGunzip({ chunkSize: OUTPUT_BYTES })
      : createZstdDecompress({
          chunkSize: OUTPUT_BYTES,
          params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
        });
  const waiting: Buffer[] = [];
  let produced = 0;
  let ended = false;
  let scheduled = false;
  const finished = Promise.withResolvers<void>();
  // A failure is thrown to whoever awaits first; the other wait must not count as unhandled.
  finished.promise.catch(() => undefined);
  const fail = (error: unknown): void => {
    finished.reject(error);
    stream.destroy();
  };

  // The consumer runs after the stream has handed its next piece of work to a thread, so that both go on at once.
  const drain = (): void => {
    scheduled = false;
    try {
      for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) consume(chunk);
    } catch (error) {
      fail(error);
      return;
    }
    if (ended) finished.resolve();
    else if (stream.isPaused()) stream.resume();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    globalThis.setImmediate(drain);
  };
  stream.on("data", (chunk: Buffer) => {
    produced += chunk.length;
    if (produced > ratioFrom && produced > maxRatio * Math.max(position, 1)) {
      fail(new NodeletError("exhausted", `it unpacks to more than ${maxRatio} times its size: a decompression bomb`));
      return;
    }
    waiting.push(chunk);
    if (waiting.length >= MAX_WAITING) stream.pause();
    schedule();
  });
  stream.on("end", () => {
    ended = true;
    schedule();
  });
  stream.on("error", (error) => {
    fail(new NodeletError("invalid", `its ${compression} data is damaged or ends early`, { cause: error }));
  });

  const free = Array.from({ length: INPUT_BUFFERS }, () => Buffer.allocUnsafeSlow(READ_BYTES));
  let wake: (() => void) | undefined;
  const feed = async (): Promise<void> => {
    while (!stream.destroyed) {
      const buffer = free.pop();
      if (buffer === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const bytes = read(buffer);
      if (bytes === undefined) break;
      stream.write(bytes, () => {
        free.push(buffer);
        wake?.();
        wake = undefined;
      });
    }
    stream.end();
  };
  try {
    await Promise.race([finished.promise, feed().then(() => finished.promise)]);
  } finally {
    stream.destroy();
    wake?.();
  }
}
