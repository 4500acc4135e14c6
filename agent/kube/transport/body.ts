// The body of an answer: read whole, or line by line as it comes.

import { NodeletError } from "../../base/errors.ts";
import { ConnectionError, explainBroken } from "./connection-error.ts";
import type { Answer } from "./transport.ts";

const NEWLINE = 0x0a;

/** Throws ConnectionError for one that breaks off, `exhausted` for one that is too long. */
export async function readWhole(answer: Answer, server: URL, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(answer, server)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLong(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Without line ends and empty lines. Leaving the loop ends the exchange. Throws as readWhole; a last line without an end is lost with it. */
export async function* readLines(answer: Answer, server: URL, maxBytes: number): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(answer, server)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString("utf8");
      rest = [];
      bytes = 0;
      start = end + 1;
      if (line.trim() !== "") yield line;
    }
    if (start === chunk.length) continue;
    rest.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > maxBytes) throw tooLong(maxBytes);
  }
  if (bytes > 0) throw new ConnectionError(`The API server ${server.host} broke off in the middle of an object`);
}

async function* chunksOf(answer: Answer, server: URL): AsyncGenerator<Buffer> {
  const { body } = answer;
  try {
    for await (const chunk of body) yield chunk as Buffer;
    if (!answer.whole()) throw new Error("the answer broke off");
  } catch (error) {
    throw explainBroken(error, server);
  } finally {
    body.on("error", () => undefined);
    body.destroy();
  }
}

function tooLong(maxBytes: number): NodeletError {
  return new NodeletError("exhausted", `The API server's answer is longer than ${maxBytes} bytes`);
}
