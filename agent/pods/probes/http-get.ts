// One GET of a probe or a hook, from the host's network, over a connection of its own.

import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";

import { loadHttps, request as httpRequest } from "../../base/http.ts";
import type { HttpTarget } from "./target.ts";

/** No more than this of an answer is read; kubelet's limit. */
const MAX_BODY_BYTES = 10 * 1024;
/** As Go's client follows them. */
const MAX_REDIRECTS = 10;

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** It ended in a redirect to another host, which is not followed. */
  readonly leadsAway: boolean;
}

/** Rejects when there is no answer, and with the signal's reason when aborted. Certificates are not verified. */
export async function httpGet(target: HttpTarget, signal: AbortSignal): Promise<HttpAnswer> {
  let current = target;
  for (let redirects = 0; ; redirects++) {
    const { status, body, location } = await getOnce(current, signal);
    if (status < 300 || status >= 400 || status === 304 || location === undefined)
      return { status, body, leadsAway: false };
    const next = redirectTarget(current, location);
    if (next === undefined) return { status, body, leadsAway: true };
    if (redirects >= MAX_REDIRECTS) throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
    current = next;
  }
}

/** Undefined when it leads to another host, or nowhere. */
function redirectTarget(from: HttpTarget, location: string): HttpTarget | undefined {
  const host = from.host.includes(":") ? `[${from.host}]` : from.host;
  const url = URL.parse(location, `${from.scheme}://${host}:${from.port}${from.path}`);
  if (url === null || url.hostname !== host || !/^https?:$/.test(url.protocol)) return undefined;
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  return { ...from, scheme, port, path: `${url.pathname}${url.search}` };
}

function getOnce(
  { scheme, host, port, path, headers }: HttpTarget,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string; readonly location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const all: Record<string, string | string[]> = { Connection: "close" };
    for (const [name, value] of headers) all[name] = name in all ? [all[name] ?? "", value].flat() : value;
    const options: RequestOptions = { host, port, path, method: "GET", agent: false, signal, setHost: true };
    const answered = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        const body = Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString("utf8");
        resolve({ status: response.statusCode ?? 0, body, location: response.headers.location });
        sent.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= MAX_BODY_BYTES) finish();
      });
      response.once("end", finish);
      response.once("error", reject);
    };
    let sent: ClientRequest;
    try {
      sent =
        scheme === "https"
          ? loadHttps().request({ ...options, headers: all, rejectUnauthorized: false }, answered)
          : httpRequest({ ...options, headers: all }, answered);
    } catch (error) {
      reject(error); // a header or path that cannot be sent
      return;
    }
    sent.once("error", (error) => reject(signal.aborted ? (signal.reason as Error) : error));
    sent.end();
  });
}
