// The HTTP request that becomes a SPDY/3.1 connection, and the answer to it.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { SpdyConnection, type SpdyStream } from "./connection.ts";

/** A request that is answered without an upgrade. */
export interface Refusal {
  readonly status: 400 | 403;
  readonly message: string;
  readonly headers: readonly string[];
}

export function wantsSpdy({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? "").toLowerCase() === "spdy/3.1";
}

/** The first protocol of the client's list that we speak. */
export function negotiateSpdy(request: IncomingMessage, supported: readonly string[]): string | Refusal {
  const header = request.headers["x-stream-protocol-version"];
  const asked = (Array.isArray(header) ? header.join(",") : (header ?? ""))
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (asked.length === 0) {
    return { status: 400, message: "the header X-Stream-Protocol-Version is missing", headers: [] };
  }
  return (
    asked.find((name) => supported.includes(name)) ?? {
      status: 403,
      message: `none of the protocols ${asked.join(", ")} is spoken here; there are ${supported.join(", ")}`,
      headers: supported.map((name) => `X-Accepted-Stream-Protocol-Versions: ${name}`),
    }
  );
}

/** Answers a negotiated request. */
export function acceptSpdy(
  stream: Duplex,
  head: Buffer,
  protocol: string,
  onStream: (stream: SpdyStream) => void,
): SpdyConnection {
  stream.write(
    [
      "HTTP/1.1 101 Switching Protocols",
      "Connection: Upgrade",
      "Upgrade: SPDY/3.1",
      `X-Stream-Protocol-Version: ${protocol}`,
      "",
      "",
    ].join("\r\n"),
  );
  return new SpdyConnection(stream, { role: "server", head, onStream });
}
