// Rotation of container logs, as kubelet does it: a log that has grown beyond its size is renamed to `0.log.YYYYMMDD-HHMMSS`, the runtime
// is told to open a new one, and older ones are compressed, and removed beyond their count. A log that grows so fast that it would be many
// times its size at the next look is looked at sooner, and not compressed: that takes longer than to write the next one.

import { createReadStream, createWriteStream } from "node:fs";
import { lstat, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { Clock } from "../base/clock.ts";
import { describeError, isErrno, isNodeletError } from "../base/errors.ts";
import { Semaphore } from "../base/limits.ts";
import type { Logger } from "../base/log.ts";
import { ContainerState, type Cri } from "../cri/runtime.ts";

export interface LogRotationOptions {
  readonly cri: Pick<Cri, "listContainers" | "containerStatus" | "reopenContainerLog">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes. */
  readonly maxSize: bigint;
  /** Of one container, the current one included; at least 2. */
  readonly maxFiles: number;
  /** Logs that are looked at, and rotated, at a time. @default 1 */
  readonly workers?: number | undefined;
  readonly intervalMs: number;
}

const COMPRESSED = ".gz";
/** A compression under way; what is left of one is removed. */
const TEMPORARY = ".tmp";

/** `YYYYMMDD-HHMMSS` in UTC, so that names sort as their times. */
export function rotationSuffix(now: bigint): string {
  const [date = "", time = ""] = new Date(Number(now / 1_000_000n)).toISOString().split("T");
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}`;
}

/** Names of rotated logs tell them apart by the second. */
const SHORTEST_INTERVAL_MS = 1_000;
/** A log this many times beyond its size grows faster than it is compressed. */
const TOO_BIG_TO_COMPRESS = 4n;

/** Looks at all running containers, again and again, until the signal is aborted. */
export async function rotateLogs(options: LogRotationOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, intervalMs } = options;
  const growth = new Growth(clock);
  while (!signal.aborted) {
    let waitMs = intervalMs;
    try {
      await rotateOnce(options, signal, growth);
      waitMs = Math.min(intervalMs, Math.max(SHORTEST_INTERVAL_MS, growth.untilGrownBy(options.maxSize)));
    } catch (error) {
      if (!signal.aborted) log.warn({ error: describeError(error) }, "container logs could not be looked at");
    }
    await clock.sleep(waitMs, { signal }).catch(() => undefined);
  }
}

/** How fast logs grow from one look to the next. */
export class Growth {
  readonly #clock: Clock;
  #before = new Map<string, { readonly size: bigint; readonly at: bigint }>();
  #now = new Map<string, { readonly size: bigint; readonly at: bigint }>();
  /** Bytes a millisecond, of the fastest. */
  #fastest = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A look at all logs begins. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Map();
    this.#fastest = 0;
  }

  /** The log has this size before it is rotated. */
  see(path: string, size: bigint): void {
    const at = this.#clock.monotonic();
    const before = this.#before.get(path);
    this.#now.set(path, { size, at });
    if (before === undefined || at <= before.at) return;
    const grown = size >= before.size ? size - before.size : size;
    this.#fastest = Math.max(this.#fastest, Number(grown) / (Number(at - before.at) / 1e6));
  }

  /** It is empty again. */
  rotated(path: string): void {
    this.#now.set(path, { size: 0n, at: this.#clock.monotonic() });
  }

  /** Milliseconds until one of the logs has grown by so many bytes. */
  untilGrownBy(bytes: bigint): number {
    return this.#fastest === 0 ? Number.POSITIVE_INFINITY : Number(bytes) / this.#fastest;
  }
}

export async function rotateOnce(
  options: LogRotationOptions,
  signal: AbortSignal,
  growth = new Growth(options.clock),
): Promise<void> {
  const { cri, log } = options;
  growth.begin();
  const { containers = [] } = await cri.listContainers(
    { filter: { state: { state: ContainerState.CONTAINER_RUNNING } } },
    { signal },
  );
  const workers = new Semaphore(options.workers ?? 1);
  const rotate = async (id: string): Promise<void> => {
    try {
      const { status } = await cri.containerStatus({ containerId: id }, { signal });
      const path = status?.logPath ?? "";
      if (path !== "") await rotateLog(options, id, path, growth, signal);
    } catch (error) {
      if (signal.aborted || isNodeletError(error, "not-found")) return;
      log.warn({ container: id, error: describeError(error) }, "a container's log could not be rotated");
    }
  };
  await Promise.all(containers.map(({ id = "" }) => workers.run(() => rotate(id), { signal })));
}

async function rotateLog(
  options: LogRotationOptions,
  id: string,
  path: string,
  growth: Growth,
  signal: AbortSignal,
): Promise<void> {
  const { cri, clock, maxSize, maxFiles } = options;
  const size = await sizeOf(path);
  if (size === undefined) return;
  growth.see(path, size);
  if (size <= maxSize) return;
  const rotated = await tidy(path);
  // With the current log and the one that is made of it now, there are maxFiles.
  const kept = rotated.slice(Math.max(0, rotated.length - (maxFiles - 2)));
  for (const old of rotated.slice(0, rotated.length - kept.length)) await rm(old, { force: true });
  for (const old of kept) {
    const oldSize = old.endsWith(COMPRESSED) ? undefined : await sizeOf(old);
    if (oldSize !== undefined && oldSize <= maxSize * TOO_BIG_TO_COMPRESS) await compress(old, signal);
  }
  const target = `${path}.${rotationSuffix(clock.now())}`;
  // Within the same second as the last one: the next look will do.
  if ((await sizeOf(target)) !== undefined || (await sizeOf(`${target}${COMPRESSED}`)) !== undefined) return;
  await rename(path, target);
  try {
    await cri.reopenContainerLog({ containerId: id }, { signal });
    growth.rotated(path);
  } catch (error) {
    // The runtime writes to the old file still, and finds it under its name again.
    await rename(target, path);
    throw error;
  }
}

/** Rotated logs, oldest first, without what a compression left behind. */
async function tidy(path: string): Promise<string[]> {
  const directory = dirname(path);
  const found: string[] = [];
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const file = join(directory, name);
    if (name.endsWith(TEMPORARY)) await rm(file, { force: true });
    else found.push(file);
  }
  return found.toSorted((a, b) => (a < b ? -1 : 1));
}

async function compress(file: string, signal: AbortSignal): Promise<void> {
  const temporary = `${file}${TEMPORARY}`;
  try {
    await pipeline(createReadStream(file), createGzip(), createWriteStream(temporary, { mode: 0o640 }), { signal });
    await rename(temporary, `${file}${COMPRESSED}`);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rm(file, { force: true });
}

/** Undefined for what is not there, and for what is no regular file: nothing is done to it. */
async function sizeOf(path: string): Promise<bigint | undefined> {
  try {
    const found = await lstat(path, { bigint: true });
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
