// What exec and attach have in common.

import { NodeletError } from "../../base/errors.ts";
import { flag } from "../http.ts";

export interface Streams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Throws `invalid`: at least one stream, and no stderr of its own with a terminal. */
export function streamsOf(query: URLSearchParams): Streams {
  const streams = { stdin: flag(query, "input"), stdout: flag(query, "output"), stderr: flag(query, "error") };
  if (!streams.stdin && !streams.stdout && !streams.stderr) {
    throw new NodeletError("invalid", "no stream is asked for", {
      fix: "pass at least one of input=1, output=1 and error=1",
    });
  }
  if (flag(query, "tty") && streams.stderr) {
    throw new NodeletError("invalid", "a terminal has no stderr of its own", {
      where: "error",
      fix: "leave out error=1 or tty=1",
    });
  }
  return streams;
}

export function requireUpgrade(): never {
  throw new NodeletError("invalid", "this address speaks WebSocket only", { fix: "ask for an upgrade to websocket" });
}
