// What every route needs of HTTP: the query, bounded bodies, answers, and errors as JSON.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { describeError, type ErrorCode, NodeletError } from "../base/errors.ts";
import { toDisplayJson } from "../base/json.ts";

/** A pod specification is below this: etcd refuses objects of 1.5 MiB. */
const BODY_BYTES_MAX = 3 * 1024 * 1024;

/** How an error is sent. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string | undefined;
  readonly fix?: string | undefined;
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  denied: 403,
  "not-found": 404,
  exists: 409,
  conflict: 409,
  cancelled: 499,
  internal: 500,
  unsupported: 501,
  unavailable: 503,
  timeout: 504,
  exhausted: 507,
};

/** The path is there, for other methods. */
export class MethodError extends NodeletError {
  readonly allowed: readonly string[];

  constructor(message: string, allowed: readonly string[]) {
    super("invalid", message, { fix: `use ${allowed.join(" or ")}` });
    this.allowed = allowed;
  }
}

export function toErrorBody(error: unknown): ErrorBody {
  if (!(error instanceof NodeletError)) return { code: "internal", message: describeError(error) };
  const cause = error.cause === undefined ? "" : `: ${describeError(error.cause)}`;
  return { code: error.code, message: `${error.message}${cause}`, where: error.where, fix: error.fix };
}

export function statusOf(error: unknown): number {
  if (error instanceof MethodError) return 405;
  return STATUS[error instanceof NodeletError ? error.code : "internal"];
}

/** One request on its way through a route. */
export class Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Parts of the path named in the route, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborted when the client goes away or the server closes. */
  readonly signal: AbortSignal;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    params: Readonly<Record<string, string>>,
    query: URLSearchParams,
    signal: AbortSignal,
  ) {
    this.request = request;
    this.response = response;
    this.params = params;
    this.query = query;
    this.signal = signal;
  }

  param(name: string): string {
    const value = this.params[name];
    if (value === undefined) throw new Error(`the route has no {${name}}`);
    return value;
  }

  json(value: unknown, status = 200): void {
    const body = toDisplayJson(value, 0);
    this.response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    this.response.end(body);
  }

  text(body: string, status = 200): void {
    this.response.writeHead(status, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    });
    this.response.end(body);
  }

  error(error: unknown): void {
    this.json(toErrorBody(error), statusOf(error));
  }

  /** Begins an answer of JSON values, one a line. */
  lines(): JsonLines {
    this.response.writeHead(200, { "content-type": "application/jsonl" });
    this.response.flushHeaders();
    return new JsonLines(this.response);
  }

  /** The request's body as JSON. Throws `invalid`. */
  async body(): Promise<unknown> {
    const tooLong = (): NodeletError => new NodeletError("invalid", `the body is longer than ${BODY_BYTES_MAX} bytes`);
    if (Number(this.request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) {
      this.response.setHeader("connection", "close");
      this.request.resume(); // read and dropped, so that the answer is seen
      throw tooLong();
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) throw tooLong();
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    if (text === "") return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new NodeletError("invalid", "the body is not JSON", { cause: error });
    }
  }
}

/** A stream of JSON values, one a line. */
export class JsonLines {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** False when the reader is slow: `drained` tells when it has caught up. */
  write(value: unknown): boolean {
    if (this.#response.destroyed || this.#response.writableEnded) return true;
    return this.#response.write(`${toDisplayJson(value, 0)}\n`);
  }

  drained(signal: AbortSignal): Promise<void> {
    return drained(this.#response, signal);
  }

  end(): void {
    this.#response.end();
  }
}

/** Resolves when the stream takes data again, or is gone, or the signal is aborted. */
export function drained(stream: ServerResponse, signal: AbortSignal): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
    signal.addEventListener("abort", done);
  });
}

// The query. A value that is not of its kind is the caller's error, not a default.

export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null) return false;
  if (value === "" || value === "1" || value === "true") return true;
  if (value === "0" || value === "false") return false;
  throw new NodeletError("invalid", `${JSON.stringify(value)} is neither true nor false`, { where: name });
}

/** A whole number of at least `least`. */
export function integer(query: URLSearchParams, name: string, least = 0): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number) || number < least) {
    throw new NodeletError("invalid", `${JSON.stringify(value)} is not a whole number of at least ${least}`, {
      where: name,
    });
  }
  return number;
}

export function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === "")
    throw new NodeletError("invalid", "is missing", { where: name, fix: `pass ${name}=...` });
  return value;
}

/** An error before an upgrade was answered, on the bare connection. */
export function refuseUpgrade(stream: Duplex, error: unknown): void {
  const body = JSON.stringify(toErrorBody(error));
  const status = statusOf(error);
  stream.end(
    [
      `HTTP/1.1 ${status} ${status === 404 ? "Not Found" : "Error"}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
