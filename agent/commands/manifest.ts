// Reads pods, and the ConfigMaps and Secrets beside them, from files for `run` and `rm -f`, and checks them before the daemon is asked.

import { readFile } from "node:fs/promises";

import { isErrno, NodeletError } from "../base/errors.ts";
import { decodePod, type Decoded } from "../pods/schema/decode.ts";
import { decodeObject } from "../pods/schema/objects.ts";
import { parseContent } from "../sources/documents.ts";
import type { Streams } from "./cli.ts";

/** A pod specification is below 1.5 MiB; a file may hold some of them. */
const MANIFEST_BYTES_MAX = 16 * 1024 * 1024;

export interface Manifest {
  readonly pods: readonly Decoded[];
  /** ConfigMaps and Secrets, as they are written. */
  readonly objects: readonly unknown[];
}

/** All of a file; `-` is standard input. Throws `invalid` with file, line and field of the first thing that is wrong. */
export async function readManifest(path: string, streams: Streams): Promise<Manifest> {
  const origin = path === "-" ? "standard input" : path;
  const text = path === "-" ? await readStream(streams.stdin) : await readText(path);
  const { documents, objects, problems } = await parseContent(text, origin);
  if (problems[0] !== undefined) throw problems[0];
  for (const { kind, value, locate } of objects) decodeObject(kind, value, { origin, locate });
  return {
    pods: documents.map(({ value, locate }) => decodePod(value, { origin, locate })),
    objects: objects.map(({ value }) => value),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) throw new NodeletError("not-found", "there is no such file", { where: path });
    throw new NodeletError("invalid", "the file cannot be read", { where: path, cause: error });
  }
}

async function readStream(stream: Streams["stdin"]): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MANIFEST_BYTES_MAX) throw new NodeletError("invalid", "standard input is too long for a manifest");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
