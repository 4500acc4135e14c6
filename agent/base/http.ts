// node:http without its import: an ES module import reads every export of a built-in module, and two of http's are getters that
// load the whole of fetch and WebSocket, 15 MB of resident memory that the daemon has no use for.

const http = process.getBuiltinModule("node:http");

export const HttpAgent: typeof http.Agent = http.Agent;
export const createServer: typeof http.createServer = http.createServer;
export const request: typeof http.request = http.request;
export const STATUS_CODES: typeof http.STATUS_CODES = http.STATUS_CODES;

/** node:https, which brings all of TLS: loaded by whoever needs it first. */
export function loadHttps(): Pick<typeof import("node:https"), "request" | "createServer"> {
  return process.getBuiltinModule("node:https");
}

/** node:http2, loaded by whoever needs it first. */
export function loadHttp2(): Pick<typeof import("node:http2"), "connect" | "constants"> {
  return process.getBuiltinModule("node:http2");
}
