/** A layer from a registry into a file: gone on with after a cut, its size and digest checked while it comes. */
import { createHash, type Hash } from "node:crypto";
import { closeSync, ftruncateSync, openSync, statfsSync, writeSync } from "node:fs";
import type { IncomingMessage } from "node:http";

import { describeError, isErrno, NodeletError } from "../../base/errors.ts";
import { StallWatch } from "./body.ts";
import type { Host, Repository } from "./repository.ts";
import { ConnectionError, ContentError, isTransient, retryDelay, type RetryPolicy } from "./retry.ts";
import type { Timeouts } from "./tokens.ts";

/** Less than this within the stall time is no download. */
const MIN_BYTES_PER_STALL = 4096;
/** An attempt that brought this much was none in vain. */
const PROGRESS_BYTES = 256 * 1024;
/** The free space is looked at once in so many bytes. */
const FREE_SPACE_INTERVAL = 64 * 1024 * 1024;

export interface DownloadRequest {
  readonly digest: string;
  readonly size: number;
  /** Made; it must not exist. */
  readonly path: string;
  /** The file system keeps so much free. */
  readonly reserveBytes: number;
}

export interface DownloadContext {
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly progress: (bytes: number) => void;
}

/** What came so far. */
interface Received {
  readonly file: number;
  hash: Hash;
  bytes: number;
}

export async function downloadBlob(
  repository: Repository,
  request: DownloadRequest,
  context: DownloadContext,
): Promise<void> {
  checkSpace(request, request.size);
  const file = openSync(request.path, "wx", 0o600);
  try {
    const received: Received = { file, hash: newHash(request), bytes: 0 };
    await fromAnyHost(repository, request, received, context);
  } finally {
    closeSync(file);
  }
}

async function fromAnyHost(
  repository: Repository,
  request: DownloadRequest,
  received: Received,
  context: DownloadContext,
): Promise<void> {
  const { signal, retry } = context;
  const hosts = repository.hosts("pull");
  const failed: string[] = [];
  for (const host of hosts) {
    const isLast = host === hosts.at(-1);
    let failures = 0;
    for (;;) {
      const before = received.bytes;
      try {
        return await receive(repository, host, request, received, context);
      } catch (error) {
        signal.throwIfAborted();
        if (isErrno(error, "ENOSPC", "EDQUOT")) throw noSpace(error);
        if (error instanceof NodeletError && error.code === "exhausted") throw error;
        repository.failed(host, error);
        if (error instanceof ContentError) restart(request, received);
        const progressed = received.bytes - before >= PROGRESS_BYTES;
        failures = progressed ? 1 : failures + 1;
        // Another host may be well; the last one has to be waited for.
        const delay = isLast || progressed ? retryDelay(error, failures, retry) : undefined;
        if (delay === undefined) {
          if (isLast) throw failed.length === 0 ? error : withOthers(error, failed);
          failed.push(`${host.endpoint.origin.host}: ${describeError(error)}`);
          break;
        }
        await context.sleep(delay, signal);
      }
    }
  }
}

async function receive(
  repository: Repository,
  host: Host,
  request: DownloadRequest,
  received: Received,
  { signal, timeouts, progress }: DownloadContext,
): Promise<void> {
  const what = `The layer ${request.digest}`;
  const resumes = received.bytes > 0;
  if (received.bytes < request.size || request.size === 0) {
    const response = await repository.send(
      host,
      {
        method: "GET",
        path: `blobs/${request.digest}`,
        headers: resumes ? { range: `bytes=${received.bytes}-` } : {},
        signal,
      },
      resumes ? [200, 206, 416] : [200],
    );
    if (resumes && !continues(response, request, received)) restart(request, received);
    if (response.statusCode === 416) {
      response.destroy();
      throw new ConnectionError(`${host.endpoint.origin.host} does not go on with ${what.toLowerCase()}`);
    }
    const left = request.size - received.bytes;
    const length = response.headers["content-length"];
    if (length !== undefined && Number(length) !== left) {
      response.destroy();
      throw new ContentError(`${what} comes with ${Number(length)} bytes, and the manifest says ${left}`);
    }
    await copy(response, request, received, timeouts.stallMs, signal, progress);
    if (received.bytes < request.size) {
      if (response.complete) {
        throw new ContentError(`${what} has ${received.bytes} bytes, and the manifest says ${request.size}`);
      }
      throw new ConnectionError(`${what} was cut off after ${received.bytes} of ${request.size} bytes`);
    }
  }
  const digest = `${algorithmOf(request)}:${received.hash.digest("hex")}`;
  if (digest !== request.digest) throw new ContentError(`${what} has the digest ${digest}`);
}

async function copy(
  response: IncomingMessage,
  request: DownloadRequest,
  received: Received,
  stallMs: number,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<void> {
  using watch = new StallWatch(response, stallMs, MIN_BYTES_PER_STALL, `The layer ${request.digest}`, signal);
  let nextLook = received.bytes + FREE_SPACE_INTERVAL;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (received.bytes + chunk.length > request.size) {
        throw new ContentError(`The layer ${request.digest} is longer than the ${request.size} bytes of the manifest`);
      }
      received.hash.update(chunk);
      for (let at = 0; at < chunk.length;) {
        at += writeSync(received.file, chunk, at, chunk.length - at, received.bytes + at);
      }
      received.bytes += chunk.length;
      watch.add(chunk.length);
      progress(received.bytes);
      if (received.bytes < nextLook) continue;
      nextLook = received.bytes + FREE_SPACE_INTERVAL;
      checkSpace(request, request.size - received.bytes);
    }
  } catch (error) {
    if (isErrno(error, "ENOSPC", "EDQUOT") || error instanceof NodeletError) throw error;
    throw watch.explain(error);
  }
}

/** Whether the answer is what was asked for: the rest. A whole one is taken from its beginning. */
function continues(response: IncomingMessage, request: DownloadRequest, received: Received): boolean {
  if (response.statusCode !== 206) return false;
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers["content-range"] ?? "");
  const right = range !== null && Number(range[1]) === received.bytes && Number(range[2]) === request.size - 1;
  if (!right) {
    response.destroy();
    restart(request, received);
    throw new ConnectionError(`The layer ${request.digest} came in another part than was asked for`);
  }
  return true;
}

function restart(request: DownloadRequest, received: Received): void {
  ftruncateSync(received.file, 0);
  received.hash = newHash(request);
  received.bytes = 0;
}

function newHash(request: DownloadRequest): Hash {
  return createHash(algorithmOf(request));
}

function algorithmOf({ digest }: DownloadRequest): string {
  return digest.slice(0, digest.indexOf(":"));
}

function checkSpace({ path, reserveBytes }: DownloadRequest, needed: number): void {
  const { bavail, bsize } = statfsSync(path.slice(0, path.lastIndexOf("/")));
  if (bavail * bsize - needed < reserveBytes) throw noSpace();
}

function noSpace(cause?: unknown): NodeletError {
  return new NodeletError("exhausted", "The file system of the state directory has no room for the layer", {
    cause,
    fix: "Free space there, for example with nodelet rmi",
  });
}

function withOthers(error: unknown, others: readonly string[]): NodeletError {
  const code = error instanceof NodeletError ? error.code : isTransient(error) ? "unavailable" : "internal";
  return new NodeletError(code, `No host gives the layer; of the others, ${others.join("; ")}`, { cause: error });
}
