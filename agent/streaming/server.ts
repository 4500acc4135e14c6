// The streaming server of the CRI: Exec, Attach and PortForward hand out a URL with a token, and whoever comes with the token gets the
// session. It listens from the first such call on, on loopback: a token is all that a client shows.

import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";

import { describeError, NodeletError } from "../base/errors.ts";
import { createServer } from "../base/http.ts";
import type { Logger } from "../base/log.ts";
import {
  ContainerState,
  PodSandboxState,
  type AttachRequest,
  type AttachResponse,
  type Cri,
  type ExecRequest,
  type ExecResponse,
  type PortForwardRequest,
  type PortForwardResponse,
} from "../cri/runtime.ts";
import { refuse, type StreamingCall } from "./call.ts";
import type { CommandOptions, CommandStreams } from "./remote-command.ts";

/** A URL is to be used within this. */
const TOKEN_TTL_MS = 60_000;

/** URLs that were handed out and not used yet. */
const TOKENS_MAX = 1000;

const TOKEN_BYTES = 16;

/** A client that sends its headers slower than this is let go. */
const HEADERS_TIMEOUT_MS = 10_000;

export type Sessions = Pick<Cri, "openExec" | "openAttach" | "openPort" | "containerStatus" | "podSandboxStatus">;

export interface StreamingServerOptions {
  readonly cri: Sessions;
  readonly log: Logger;
  /** @default "127.0.0.1" */
  readonly address?: string | undefined;
  /** @default 0: any that is free */
  readonly port?: number | undefined;
  /** @default 1 min */
  readonly tokenTtlMs?: number | undefined;
  /** @default 4 h */
  readonly idleTimeoutMs?: number | undefined;
  /** @default 30 s */
  readonly creationTimeoutMs?: number | undefined;
}

/** The three calls of the CRI that hand out URLs. */
export interface StreamingServer extends AsyncDisposable {
  readonly exec: (request: ExecRequest) => Promise<ExecResponse>;
  readonly attach: (request: AttachRequest) => Promise<AttachResponse>;
  readonly portForward: (request: PortForwardRequest) => Promise<PortForwardResponse>;
}

type Kind = "exec" | "attach" | "portforward";

interface Ticket {
  readonly kind: Kind;
  readonly expires: number;
  serve(call: StreamingCall): Promise<void>;
}

export function createStreamingServer(options: StreamingServerOptions): StreamingServer {
  const { cri, log, address = "127.0.0.1", port = 0, tokenTtlMs = TOKEN_TTL_MS } = options;
  /** Oldest first. */
  const tickets = new Map<string, Ticket>();
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  let listening: Promise<string> | undefined;

  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    // An upgrade that Node.js did not see as one, or none at all.
    const found = take(request);
    response.writeHead(found === undefined ? 404 : 400, { "content-type": "text/plain", connection: "close" });
    response.end(found === undefined ? "unknown or used token\n" : "ask for an upgrade to SPDY/3.1 or WebSocket\n");
  });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => undefined);
    void answer(request, stream, head);
  });

  async function answer(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const ticket = take(request);
    if (ticket === undefined) {
      refuse(stream, 404, "unknown or used token\n");
      return;
    }
    try {
      await ticket.serve({
        request,
        stream,
        head,
        signal: closing.signal,
        log,
        idleTimeoutMs: options.idleTimeoutMs,
        creationTimeoutMs: options.creationTimeoutMs,
      });
    } catch (error) {
      if (error instanceof NodeletError && error.code === "invalid") {
        refuse(stream, 400, `${describeError(error)}\n`);
        return;
      }
      log.error({ error }, "a streaming session failed");
      stream.destroy();
    }
  }

  /** A token is used up by whatever comes with it. */
  function take(request: IncomingMessage): Ticket | undefined {
    if (request.method !== "GET" && request.method !== "POST") return undefined;
    const [, kind, token = ""] = /^\/(\w+)\/([\w-]+)(?:\?|$)/.exec(request.url ?? "") ?? [];
    const ticket = tickets.get(token);
    if (ticket === undefined || ticket.kind !== kind) return undefined;
    tickets.delete(token);
    return ticket.expires > performance.now() ? ticket : undefined;
  }

  async function issue(kind: Kind, serve: Ticket["serve"]): Promise<{ url: string }> {
    if (closing.signal.aborted) throw new NodeletError("unavailable", "the daemon is stopping");
    const now = performance.now();
    for (const [token, { expires }] of tickets) {
      if (expires > now) break;
      tickets.delete(token);
    }
    if (tickets.size >= TOKENS_MAX) {
      throw new NodeletError("exhausted", `${TOKENS_MAX} streaming URLs wait for their use`, {
        fix: "use them, or wait a minute until they expire",
      });
    }
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    tickets.set(token, { kind, expires: now + tokenTtlMs, serve });
    listening ??= listen().catch((error: unknown) => {
      listening = undefined;
      throw error;
    });
    return { url: `${await listening}/${kind}/${token}` };
  }

  async function listen(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const failed = (error: Error): void =>
      reject(
        new NodeletError("unavailable", "the streaming server cannot listen", {
          where: `${address}:${port}`,
          cause: error,
        }),
      );
    server.once("error", failed);
    server.listen(port, address, resolve);
    await promise;
    server.off("error", failed);
    server.on("error", (error) => log.error({ error }, "the streaming server failed"));
    const bound = server.address() as AddressInfo;
    const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
    return `http://${host}:${bound.port}`;
  }

  async function requireRunning(containerId: string): Promise<void> {
    const { status } = await cri.containerStatus({ containerId });
    if (status?.state !== ContainerState.CONTAINER_RUNNING) {
      throw new NodeletError("conflict", `container ${containerId} is not running`, { fix: "start it first" });
    }
  }

  return {
    async exec(request) {
      const streams = checkStreams(request);
      if ((request.cmd ?? []).length === 0) throw new NodeletError("invalid", "is empty", { where: "cmd" });
      await requireRunning(request.containerId ?? "");
      return issue("exec", (call) =>
        command(call, { ...streams, exitStatus: true, open: (opening) => cri.openExec(request, opening) }),
      );
    },

    async attach(request) {
      const streams = checkStreams(request);
      await requireRunning(request.containerId ?? "");
      return issue("attach", (call) =>
        command(call, { ...streams, exitStatus: false, open: (opening) => cri.openAttach(request, opening) }),
      );
    },

    async portForward(request) {
      const podSandboxId = request.podSandboxId ?? "";
      const { status } = await cri.podSandboxStatus({ podSandboxId });
      if (status?.state !== PodSandboxState.SANDBOX_READY) {
        throw new NodeletError("conflict", `sandbox ${podSandboxId} is not ready`);
      }
      return issue("portforward", async (call) => {
        const { servePortForward } = await import("./port-forward.ts");
        await servePortForward(call, {
          ports: request.port ?? [],
          open: (wanted, opening) => cri.openPort({ podSandboxId, port: [wanted] }, opening),
        });
      });
    },

    async [Symbol.asyncDispose]() {
      closing.abort(new NodeletError("cancelled", "the daemon is stopping"));
      tickets.clear();
      if (listening === undefined) return;
      await listening.catch(() => undefined);
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
}

/** Loaded with the first session: many daemons serve none for days. */
async function command(call: StreamingCall, options: CommandOptions): Promise<void> {
  const { serveCommand } = await import("./remote-command.ts");
  await serveCommand(call, options);
}

/** Throws `invalid`: at least one stream, and no stderr of its own with a terminal. */
function checkStreams(request: ExecRequest | AttachRequest): CommandStreams {
  const streams = {
    stdin: request.stdin === true,
    stdout: request.stdout === true,
    stderr: request.stderr === true,
    tty: request.tty === true,
  };
  if (!streams.stdin && !streams.stdout && !streams.stderr) {
    throw new NodeletError("invalid", "no stream is asked for", {
      fix: "set at least one of stdin, stdout and stderr",
    });
  }
  if (streams.tty && streams.stderr) {
    throw new NodeletError("invalid", "a terminal has no stderr of its own", {
      where: "stderr",
      fix: "leave out stderr or tty",
    });
  }
  return streams;
}
