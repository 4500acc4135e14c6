// Talks to the daemon over its local socket.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { request } from "../base/http.ts";
import { isErrno, NodeletError, type ErrorCode } from "../base/errors.ts";
import type { WebSocketConnection } from "../streaming/websocket.ts";

/** An error's body is below this; more is not read. */
const ERROR_BYTES_MAX = 64 * 1024;

export type Query = Readonly<Record<string, string | number | boolean | undefined | readonly string[]>>;

export interface RequestOptions {
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing answers on the socket. */
export class NotRunningError extends Error {
  override readonly name = "NotRunningError";

  constructor(socket: string) {
    super(
      `the daemon is not running: nothing answers at ${socket}. ` +
        "Start it with `nodelet agent --pod-manifest-path DIR`, or name its run directory by --run-dir or NODELET_RUN_DIR.",
    );
  }
}

export class Client {
  readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  async get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return JSON.parse(await this.text("GET", path, options)) as T;
  }

  async post<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return JSON.parse(await this.text("POST", path, options)) as T;
  }

  async delete(path: string, options: RequestOptions = {}): Promise<void> {
    await this.text("DELETE", path, options);
  }

  async text(method: string, path: string, options: RequestOptions = {}): Promise<string> {
    const response = await this.stream(method, path, options);
    return (await readAll(response)).toString();
  }

  /** The answer as it comes, for logs. A failure throws. */
  async stream(method: string, path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    const response = await this.#request(method, path, options, {});
    if ((response.statusCode ?? 0) < 300) return response;
    throw await toError(response);
  }

  /** JSON lines. Ends with the answer, or silently when the signal is aborted. */
  async *lines<T>(method: string, path: string, options: RequestOptions = {}): AsyncGenerator<T> {
    const response = await this.stream(method, path, options);
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
          const line = rest.subarray(0, end);
          rest = rest.subarray(end + 1);
          if (line.length > 0) yield JSON.parse(line.toString()) as T;
        }
      }
    } catch (error) {
      if (options.signal?.aborted !== true && !isErrno(error, "ECONNRESET")) throw error;
    }
  }

  /** Opens a WebSocket; without `protocols` one of the channels of exec and attach. */
  async upgrade(
    path: string,
    options: RequestOptions = {},
    protocols?: readonly string[],
  ): Promise<WebSocketConnection> {
    const { clientHandshake, WebSocketConnection: Connection } = await import("../streaming/websocket.ts");
    const { CHANNEL_PROTOCOLS } = await import("../streaming/channels.ts");
    const handshake = clientHandshake(protocols ?? CHANNEL_PROTOCOLS);
    const { promise, resolve, reject } = Promise.withResolvers<WebSocketConnection>();
    const outgoing = request({
      socketPath: this.socket,
      agent: false,
      method: "GET",
      path: pathOf(path, options.query),
      headers: handshake.headers,
    });
    outgoing.on("error", (error) => reject(this.#connectError(error)));
    outgoing.on("response", (response) => {
      toError(response).then(reject, reject);
    });
    outgoing.on("upgrade", (response: IncomingMessage, stream: Duplex, head: Buffer) => {
      try {
        handshake.verify(response);
        resolve(new Connection(stream, "client", head));
      } catch (error) {
        stream.destroy();
        reject(error);
      }
    });
    outgoing.end();
    return promise;
  }

  #request(
    method: string,
    path: string,
    options: RequestOptions,
    headers: Record<string, string>,
  ): Promise<IncomingMessage> {
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = request(
      {
        socketPath: this.socket,
        agent: false, // one connection each: none is left that the daemon has to wait for at its end
        method,
        path: pathOf(path, options.query),
        headers: {
          host: "localhost",
          ...headers,
          ...(body === undefined
            ? {}
            : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
        },
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      resolve,
    );
    outgoing.on("error", (error) => reject(this.#connectError(error)));
    outgoing.end(body);
    return promise;
  }

  #connectError(error: Error): Error {
    if (isErrno(error, "ENOENT", "ECONNREFUSED", "ENOTDIR")) return new NotRunningError(this.socket);
    if (isErrno(error, "EACCES", "EPERM")) {
      return new NodeletError("denied", "the daemon's socket is for root and the daemon's own user only", {
        where: this.socket,
        fix: "run the command as root",
      });
    }
    if (isErrno(error, "ECONNRESET", "EPIPE")) {
      return new NodeletError("unavailable", "the daemon ended while it was asked", {
        fix: "look at its log, then try again",
      });
    }
    return error;
  }
}

/** Each part escaped, as a path. */
export function segments(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}

function pathOf(path: string, query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === false) continue;
    if (typeof value === "object") for (const item of value) search.append(name, item);
    else search.append(name, value === true ? "1" : String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

async function readAll(response: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function toError(response: IncomingMessage): Promise<Error> {
  const text = (await readAll(response, ERROR_BYTES_MAX)).toString();
  try {
    return fromErrorBody(JSON.parse(text) as ErrorLike);
  } catch {
    return new NodeletError(
      "internal",
      `the daemon answered with HTTP status ${response.statusCode} and ${JSON.stringify(text.slice(0, 200))}`,
    );
  }
}

export interface ErrorLike {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string | undefined;
  readonly fix?: string | undefined;
}

export function fromErrorBody(body: ErrorLike): NodeletError {
  if (typeof body.code !== "string" || typeof body.message !== "string")
    throw new TypeError("not an error of the daemon");
  return new NodeletError(body.code, body.message, { where: body.where, fix: body.fix });
}
