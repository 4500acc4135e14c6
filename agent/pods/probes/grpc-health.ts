// One call of grpc.health.v1.Health/Check (github.com/grpc/grpc/blob/master/doc/health-checking.md): a single short message each way,
// so HTTP/2 itself is enough.

import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";

import { loadHttp2 } from "../../base/http.ts";
import { PROBE_USER_AGENT } from "./target.ts";

const SERVING_STATUS = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;
export type ServingStatus = (typeof SERVING_STATUS)[number];

/** gRPC status UNIMPLEMENTED. */
const UNIMPLEMENTED = 12;
/** A health answer has two bytes. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** Rejects when the server does not answer the call, with a reason as kubelet gives it. */
export function checkHealth(
  { host, port, service }: { readonly host: string; readonly port: number; readonly service: string },
  signal: AbortSignal,
): Promise<ServingStatus> {
  const http2 = loadHttp2();
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let connected = false;
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const session: ClientHttp2Session = http2.connect(`http://${address}`);
    const end = (settle: () => void): void => {
      signal.removeEventListener("abort", abort);
      session.destroy();
      settle();
    };
    const fail = (message: string): void => end(() => reject(new Error(message)));
    const abort = (): void =>
      fail(
        connected
          ? "timeout: health rpc did not complete in time"
          : `timeout: failed to connect service "${address}" in time`,
      );
    signal.addEventListener("abort", abort, { once: true });
    session.once("connect", () => (connected = true));
    session.once("error", (error) => fail(`error: health rpc probe failed: ${error.message}`));
    const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH } = http2.constants;
    const stream: ClientHttp2Stream = session.request({
      [HTTP2_HEADER_METHOD]: "POST",
      [HTTP2_HEADER_PATH]: "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": PROBE_USER_AGENT,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let headers: IncomingHttpHeaders = {};
    stream.once("response", (received) => (headers = { ...headers, ...received }));
    stream.once("trailers", (received) => (headers = { ...headers, ...received }));
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) fail("error: health rpc probe failed: the answer is too long");
      else chunks.push(chunk);
    });
    stream.once("error", (error) => fail(`error: health rpc probe failed: ${error.message}`));
    stream.once("end", () => {
      // The trailers are told after the data.
      setImmediate(() => {
        const code = text(headers["grpc-status"]) || "missing";
        const status = code === "missing" ? -1 : Number(code);
        const message = decodeURIComponentLeniently(text(headers["grpc-message"])) || `gRPC status ${code}`;
        if (status === UNIMPLEMENTED)
          fail("error: this server does not implement the grpc health protocol (grpc.health.v1.Health)");
        else if (status !== 0) fail(`error: health rpc probe failed: ${message}`);
        else end(() => resolve(decodeAnswer(Buffer.concat(chunks))));
      });
    });
    stream.end(encodeRequest(service));
  });
}

/** HealthCheckRequest { string service = 1 }, behind gRPC's length prefix. */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const body = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** HealthCheckResponse { ServingStatus status = 1 }, behind gRPC's length prefix. */
export function decodeAnswer(frame: Buffer): ServingStatus {
  const length = frame.length < 5 ? 0 : frame.readUInt32BE(1);
  const body = frame.subarray(5, 5 + length);
  return (body[0] === 0x08 ? SERVING_STATUS[body[1] ?? 0] : undefined) ?? "UNKNOWN";
}

function text(header: string | string[] | undefined): string {
  return typeof header === "string" ? header : "";
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function decodeURIComponentLeniently(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
