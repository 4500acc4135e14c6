// Reads a container's log file, in the format of CRI: `<RFC 3339 time> stdout|stderr P|F <content>` a line, P where the
// content goes on in the next line of that stream.
//
// The file is not trusted: a pod with a hostPath volume may have put anything in its place. It is opened without following
// links, must be a regular file, and a line that is too long or not in the format is passed over.

import { fstat, fstatSync, read, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";

import type { Clock } from "../base/clock.ts";
import { isErrno, NodeletError } from "../base/errors.ts";
import { AT_FDCWD, O, RESOLVE, type Fd, type System } from "../system/system.ts";
import { isSameFile, readRotated, rotatedLogs, type RotatedLog } from "./rotated-logs.ts";

const readAsync = promisify(read);
const fstatAsync = promisify(fstat);

const READ_BYTES = 64 * 1024;

/** CRI splits content at 16384 bytes; time, stream and tag are below 64. Room for writers with other limits. */
const RAW_LINE_BYTES_MAX = 64 * 1024;

/** A line in parts is held back until it is whole or this long. */
const JOIN_BYTES_MAX = 256 * 1024;

/** How far before the first wanted line the beginning of its parts is looked for. */
const TAIL_LOOKBACK_BYTES = 1024 * 1024;

/** While following: how often to look even if nothing tells of a change. */
const FOLLOW_POLL_MS = 1_000;

const NEWLINE = 0x0a;

export interface LogOptions {
  /** Only the last so many lines. */
  readonly tailLines?: number | undefined;
  /** Nanoseconds since the epoch: earlier lines are left out. */
  readonly since?: bigint | undefined;
  readonly timestamps?: boolean | undefined;
  /** Ends after so many bytes of output. */
  readonly limitBytes?: number | undefined;
  /** @default both */
  readonly stream?: "stdout" | "stderr" | undefined;
}

export interface FollowOptions {
  /** True once the container has ended and its log is complete. */
  ended(): Promise<boolean>;
  /** Calls back when it is worth to look again. */
  onChange?: ((wake: () => void) => Disposable) | undefined;
}

export interface LogRecord {
  /** As written. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** The content ends its line. */
  readonly full: boolean;
  readonly content: Buffer;
}

/** One line of the file without its newline; undefined when it is not in the format. */
export function parseLogRecord(line: Buffer): LogRecord | undefined {
  const timeEnd = line.indexOf(0x20);
  // The shortest time is 20 characters, the longest has nine digits and an offset.
  if (timeEnd < 20 || timeEnd > 35) return undefined;
  const streamEnd = line.indexOf(0x20, timeEnd + 1);
  if (streamEnd !== timeEnd + 7) return undefined;
  const stream = line.toString("latin1", timeEnd + 1, streamEnd);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  // Tags are separated by colons; the first says whether the line is whole.
  const tag = line[streamEnd + 1];
  if (tag !== 0x46 && tag !== 0x50) return undefined;
  const tagEnd = line.indexOf(0x20, streamEnd + 1);
  if (tagEnd === -1 || (tagEnd !== streamEnd + 2 && line[streamEnd + 2] !== 0x3a)) return undefined;
  return { time: line.toString("latin1", 0, timeEnd), stream, full: tag === 0x46, content: line.subarray(tagEnd + 1) };
}

/** Nanoseconds since the epoch of an RFC 3339 time; undefined when it is none. */
export function parseTime(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [, seconds = "", fraction = "", zone = ""] = match;
  const milliseconds = Date.parse(seconds + zone);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/**
 * Opens `<pod logs>/<pod>/<container>/<n>.log`. The directory of all pods' logs is the administrator's and may be reached
 * through links; what lies below may not. Throws ENOENT; `denied` when it is not a regular file.
 */
export function openLogFile(system: System, path: string): Fd {
  const base = dirname(dirname(dirname(path)));
  const root = system.openat2(AT_FDCWD, base, { flags: O.PATH | O.DIRECTORY });
  let fd: Fd;
  try {
    fd = system.openat2(root, path.slice(base.length).replace(/^\/+/, ""), {
      flags: O.RDONLY | O.NOFOLLOW | O.NONBLOCK,
      resolve: RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS,
    });
  } catch (error) {
    if (isErrno(error, "ELOOP", "EXDEV", "ENXIO")) throw notALog(path, error);
    throw error;
  } finally {
    system.close(root);
  }
  if (fstatSync(fd).isFile()) return fd;
  system.close(fd);
  throw notALog(path);
}

function notALog(path: string, cause?: unknown): NodeletError {
  return new NodeletError("denied", "is not a regular file: something has replaced the log", {
    where: path,
    fix: "look at what writes to that directory, then restart the container to get a new log",
    cause,
  });
}

/**
 * The output of a container, as it wrote it: of the older files that rotation has left, as far as they are wanted, then of the current
 * one. Without `follow` it ends at the end of the file; with it, when the container has ended. However often the file is rotated
 * while it is read, the files between are read too; a truncated one is gone on with from its new beginning.
 */
export async function* readLog(
  system: System,
  path: string,
  options: LogOptions,
  follow: FollowOptions | undefined,
  context: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const { signal, clock } = context;
  using waker = follow === undefined ? undefined : new Waker(path, follow, clock);
  const output = new Output(options);
  let fd = tryOpen(system, path);
  while (fd === undefined) {
    if (signal.aborted) return;
    // Not written yet, or gone. A container that has ended writes none any more.
    if (follow === undefined || waker === undefined || (await follow.ended())) {
      throw new NodeletError("not-found", "the log is not there", { where: path });
    }
    await waker.wait(signal);
    fd = tryOpen(system, path);
  }
  try {
    let position = options.tailLines === undefined ? 0 : await findTail(fd, options.tailLines, output);
    const open = (file: string): Fd | undefined => tryOpen(system, file);
    for (const older of await olderFiles(system, open, path, fd, options, output, signal)) {
      for await (const chunk of readRotated(open, older, signal)) {
        const text = output.feed(chunk);
        if (text.length > 0) yield text;
        if (signal.aborted || output.finished) return;
      }
      output.newFile();
    }
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      // Asked before reading: what was written before the end is then read.
      const ended = follow === undefined || (await follow.ended());
      for (;;) {
        if (signal.aborted || output.finished) return;
        const { bytesRead } = await readAsync(fd, buffer, 0, READ_BYTES, position);
        if (bytesRead === 0) break;
        position += bytesRead;
        const text = output.feed(buffer.subarray(0, bytesRead));
        if (text.length > 0) yield text;
      }
      const next: Fd | undefined = follow === undefined ? undefined : successor(system, path, fd);
      if (next !== undefined) {
        // The writer may have gone on in the old file until it was told; its rest was read above.
        const { bytesRead } = await readAsync(fd, buffer, 0, READ_BYTES, position);
        if (bytesRead > 0) {
          position += bytesRead;
          system.close(next);
          const text = output.feed(buffer.subarray(0, bytesRead));
          if (text.length > 0) yield text;
          continue;
        }
        const { files, overlap } = filesBetween(system, open, path, fd, next, output.lastTime);
        system.close(fd);
        fd = next;
        position = 0;
        output.newFile();
        for (const file of files) {
          output.after = overlap;
          for await (const chunk of readRotated(open, file, signal)) {
            const text = output.feed(chunk);
            if (text.length > 0) yield text;
            if (signal.aborted || output.finished) return;
          }
          output.newFile();
        }
        output.after = undefined;
        continue;
      }
      if ((await fstatAsync(fd)).size < position) {
        position = 0;
        output.newFile();
        continue;
      }
      if (ended || waker === undefined) {
        const rest = output.flush();
        if (rest.length > 0) yield rest;
        return;
      }
      await waker.wait(signal);
    }
  } finally {
    system.close(fd);
  }
}

/**
 * The older files that hold something wanted, oldest first. `output.skip` then counts the lines before the first wanted one in all
 * of them.
 */
async function olderFiles(
  system: System,
  open: (path: string) => Fd | undefined,
  path: string,
  current: Fd,
  options: LogOptions,
  output: Output,
  signal: AbortSignal,
): Promise<RotatedLog[]> {
  const { since, tailLines } = options;
  const older = rotatedLogs(system, path).filter(
    // The time in the name is rounded down.
    (log) => since === undefined || BigInt(log.endedAt + 1) * 1_000_000_000n >= since,
  );
  // Rotated after it was opened: it is read as the current one.
  const files = older.filter((log) => !isSameFile(open, system, log.path, current));
  if (tailLines === undefined) return files;
  let missing = tailLines - output.tailLines;
  if (missing <= 0) return [];
  const wanted: RotatedLog[] = [];
  for (const file of files.toReversed()) {
    wanted.unshift(file);
    let lines = 0;
    const counter = new Output({
      ...options,
      tailLines: undefined,
      limitBytes: undefined,
      since: undefined,
      stream: undefined,
    });
    for await (const chunk of readRotated(open, file, signal)) {
      counter.feed(chunk);
      lines = counter.lines;
    }
    missing -= lines;
    if (missing <= 0) break;
  }
  output.skip = Math.max(0, -missing);
  return wanted;
}

/**
 * The files that were current between the one that is open and `next`. Where the open one has been compressed meanwhile its place
 * among them is found by time: `overlap` is that of the last record, up to which they were read already.
 */
function filesBetween(
  system: System,
  open: (path: string) => Fd | undefined,
  path: string,
  fd: Fd,
  next: Fd,
  lastTime: bigint | undefined,
): { readonly files: readonly RotatedLog[]; readonly overlap: bigint | undefined } {
  const all = rotatedLogs(system, path);
  const rotatedNext = all.findIndex((log) => isSameFile(open, system, log.path, next));
  const before = rotatedNext === -1 ? all : all.slice(0, rotatedNext);
  const own = before.findIndex((log) => isSameFile(open, system, log.path, fd));
  if (own !== -1) return { files: before.slice(own + 1), overlap: undefined };
  if (lastTime === undefined) return { files: [], overlap: undefined };
  return { files: before.filter((log) => BigInt(log.endedAt + 1) * 1_000_000_000n > lastTime), overlap: lastTime };
}

function tryOpen(system: System, path: string): Fd | undefined {
  try {
    return openLogFile(system, path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** The file that has taken the place of `fd` at `path`, opened. Undefined while it is the same, or none, or no log. */
function successor(system: System, path: string, fd: Fd): Fd | undefined {
  let next: Fd | undefined;
  try {
    next = tryOpen(system, path);
  } catch {
    // Something else than a log lies there now. What is open goes on to be read; the end of the container ends it.
    return undefined;
  }
  if (next === undefined) return undefined;
  const now = fstatSync(next, { bigint: true });
  const before = fstatSync(fd, { bigint: true });
  if (now.ino !== before.ino || now.dev !== before.dev) return next;
  system.close(next);
  return undefined;
}

/** Wakes the reader when the directory of the log changes, when the caller says so, and now and then. */
class Waker implements Disposable {
  readonly #clock: Clock;
  readonly #subscription: Disposable | undefined;
  #watcher: FSWatcher | undefined;
  #pending = false;
  #wake: (() => void) | undefined;

  constructor(path: string, follow: FollowOptions, clock: Clock) {
    this.#clock = clock;
    const changed = (): void => {
      this.#pending = true;
      this.#wake?.();
    };
    this.#subscription = follow.onChange?.(changed);
    try {
      const name = basename(path);
      this.#watcher = watch(dirname(path), { persistent: false }, (_event, file) => {
        if (file === null || file === name) changed();
      });
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // No directory yet, or no inotify watch left: looking now and then must do.
    }
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (this.#pending) {
      this.#pending = false;
      return;
    }
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await this.#clock.sleep(FOLLOW_POLL_MS, { signal: AbortSignal.any([signal, woken.signal]) });
    } catch {
      // Woken, or the caller has gone: it looks itself.
    } finally {
      this.#wake = undefined;
      this.#pending = false;
    }
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#subscription?.[Symbol.dispose]();
  }
}

interface Pending {
  readonly chunks: Buffer[];
  bytes: number;
  /** Time of its first part; undefined when the line's beginning is out already. */
  time: string | undefined;
}

const NOTHING = Buffer.alloc(0);

/** Turns bytes of the file into bytes of output. */
class Output {
  readonly #options: LogOptions;
  /** Lines that end before the first wanted one. */
  skip = 0;
  /** Lines of the current file that are among the last wanted. */
  tailLines = 0;
  /** Lines that were fed and ended. */
  lines = 0;
  /** Of the last record that was fed. */
  lastTime: bigint | undefined;
  /** Records up to this time were fed before. */
  after: bigint | undefined;
  /** The limit of bytes is reached. */
  finished = false;
  #raw: Buffer = NOTHING;
  /** Inside a raw line that is too long. */
  #discarding = false;
  #left: number;
  readonly #pending = new Map<string, Pending>();

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  feed(data: Buffer): Buffer {
    const out: Buffer[] = [];
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
      const part = data.subarray(start, end);
      start = end + 1;
      if (this.#discarding) this.#discarding = false;
      else this.#line(this.#raw.length === 0 ? part : Buffer.concat([this.#raw, part]), out);
      this.#raw = NOTHING;
    }
    const rest = data.subarray(start);
    if (this.#discarding || this.#raw.length + rest.length > RAW_LINE_BYTES_MAX) {
      this.#discarding = this.#discarding || rest.length > 0;
      this.#raw = NOTHING;
    } else if (rest.length > 0) {
      this.#raw = Buffer.concat([this.#raw, rest]); // a copy: the caller's buffer is read into again
    }
    return this.#limit(out);
  }

  /** At the end: what is held back of lines that were never finished. */
  flush(): Buffer {
    const out: Buffer[] = [];
    for (const [stream, pending] of this.#pending) {
      if (pending.bytes === 0 && pending.time === undefined) continue;
      if (this.skip > 0) this.skip--;
      else this.#emit(stream, pending, false, out);
    }
    this.#pending.clear();
    return this.#limit(out);
  }

  /** What follows is the beginning of another file: half a raw line of the old one is nothing. */
  newFile(): void {
    this.#raw = NOTHING;
    this.#discarding = false;
  }

  #line(line: Buffer, out: Buffer[]): void {
    if (line.length > RAW_LINE_BYTES_MAX) return;
    const record = parseLogRecord(line);
    if (record === undefined) return;
    const time = parseTime(record.time);
    if (this.after !== undefined && (time ?? 0n) <= this.after) return;
    this.lastTime = time ?? this.lastTime;
    if (record.full) this.lines++;
    const { since, stream } = this.#options;
    let pending = this.#pending.get(record.stream);
    if (pending === undefined) {
      pending = { chunks: [], bytes: 0, time: record.time };
      this.#pending.set(record.stream, pending);
    }
    // The decision about a line is that about its first part.
    pending.chunks.push(Buffer.from(record.content));
    pending.bytes += record.content.length;
    if (!record.full && pending.bytes < JOIN_BYTES_MAX) return;
    const first = pending.time;
    const wanted =
      this.skip === 0 &&
      (stream === undefined || stream === record.stream) &&
      (since === undefined || (parseTime(first ?? record.time) ?? 0n) >= since);
    if (wanted) this.#emit(record.stream, pending, record.full, out);
    if (record.full) {
      this.#pending.delete(record.stream);
      if (this.skip > 0) this.skip--;
    } else {
      pending.chunks.length = 0;
      pending.bytes = 0;
      if (wanted) pending.time = undefined;
    }
  }

  #emit(stream: string, pending: Pending, full: boolean, out: Buffer[]): void {
    if (this.#options.stream !== undefined && this.#options.stream !== stream) return;
    if (this.#options.timestamps === true && pending.time !== undefined) out.push(Buffer.from(`${pending.time} `));
    out.push(...pending.chunks);
    if (full) out.push(Buffer.from("\n"));
  }

  #limit(out: readonly Buffer[]): Buffer {
    const text = Buffer.concat(out);
    if (text.length < this.#left) {
      this.#left -= text.length;
      return text;
    }
    this.finished = true;
    return text.subarray(0, this.#left);
  }
}

/**
 * Where to begin to read so that the last `wanted` lines come out whole, although a line may be in parts and the two streams'
 * parts may alternate: somewhat before, with `output.skip` lines to leave out.
 */
async function findTail(fd: Fd, wanted: number, output: Output): Promise<number> {
  const { size } = await fstatAsync(fd);
  if (wanted === 0) return size;
  let lines = 0;
  /** Streams whose newest record in the file has been seen, going backwards. */
  const newest = new Set<string>();
  /** Once enough lines are found: streams whose line before them was found as well, so that no part is missed. */
  const complete = new Set<string>();
  let found = -1;
  let position = size;
  for await (const { at, line } of linesBackwards(fd, size)) {
    position = at;
    const record = line === undefined ? undefined : parseLogRecord(line);
    if (record !== undefined) {
      const unfinished = !record.full && !newest.has(record.stream);
      newest.add(record.stream);
      if (record.full || unfinished) {
        if (lines >= wanted) complete.add(record.stream);
        lines++;
        if (lines === wanted) found = at;
      }
    }
    if (complete.size === 2) break;
    // One stream is all that many containers write: past this distance nothing more is looked for.
    if (found !== -1 && found - at > TAIL_LOOKBACK_BYTES) break;
  }
  output.skip = Math.max(0, lines - wanted);
  output.tailLines = Math.min(lines, wanted);
  return lines === 0 ? 0 : position;
}

/** Raw lines from the end to the beginning with their positions; undefined for one that is too long. Bytes after the last newline are none. */
async function* linesBackwards(fd: Fd, size: number): AsyncGenerator<{ at: number; line: Buffer | undefined }> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  /** The beginning of what follows `position`, up to its newline. */
  let tail: Buffer = NOTHING;
  let tailTooLong = false;
  let sawNewline = false;
  let position = size;
  while (position > 0) {
    const length = Math.min(READ_BYTES, position);
    const { bytesRead } = await readAsync(fd, buffer, 0, length, position - length);
    if (bytesRead < length) return; // truncated under our hands
    position -= length;
    const block = buffer.subarray(0, length);
    let end = length;
    for (
      let newline = block.lastIndexOf(NEWLINE, end - 1);
      newline !== -1;
      newline = end === 0 ? -1 : block.lastIndexOf(NEWLINE, end - 1)
    ) {
      const part = block.subarray(newline + 1, end);
      if (sawNewline) yield { at: position + newline + 1, line: tailTooLong ? undefined : Buffer.concat([part, tail]) };
      sawNewline = true;
      tail = NOTHING;
      tailTooLong = false;
      end = newline;
    }
    if (end + tail.length > RAW_LINE_BYTES_MAX) {
      tail = NOTHING;
      tailTooLong = true;
    } else if (!tailTooLong) {
      tail = Buffer.concat([block.subarray(0, end), tail]);
    }
  }
  if (sawNewline && size > 0) yield { at: 0, line: tailTooLong ? undefined : tail };
}
