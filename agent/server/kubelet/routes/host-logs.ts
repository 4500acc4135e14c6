// GET /logs/, /logs/{path}: the host's /var/log. Links are not followed: who may write there could lead them anywhere.
// GET /logs/?query=: logs of services, of the journal or of such files.

import { createReadStream, fstatSync, readdirSync, type Stats } from "node:fs";
import { pipeline } from "node:stream/promises";

import { describeError, isErrno, isNodeletError, NodeletError } from "../../../base/errors.ts";
import { AT_FDCWD, O, RESOLVE, type Fd, type System } from "../../../system/system.ts";
import type { Call } from "../../http.ts";
import type { Route } from "../../router.ts";
import { copyJournal, journalServices } from "../journal.ts";
import { logFilesOf, type LogQuery, parseLogQuery } from "../log-query.ts";

export interface HostLogOptions {
  /** enableSystemLogQuery. */
  readonly queries: boolean;
  /** @default /var/log */
  readonly root?: string | undefined;
}

export function hostLogRoutes(system: System, { queries, root = "/var/log" }: HostLogOptions): Route[] {
  const handle = async (call: Call): Promise<void> => {
    const query = queries ? parseLogQuery(call.query) : undefined;
    const asked = cleaned(call.params["path"] ?? "");
    if (query !== undefined && asked !== "") throw new NodeletError("invalid", "a query has no path beside it");
    if (query !== undefined && query.file === undefined) return await answerQuery(system, root, query, call);
    const path = query?.file === undefined ? asked : cleaned(query.file);
    const fd = open(system, root, path);
    const stats = statsOf(system, fd);
    if (stats.isDirectory()) {
      try {
        list(call, fd);
      } finally {
        system.close(fd);
      }
      return;
    }
    if (!stats.isFile()) {
      system.close(fd);
      throw new NodeletError("denied", "not a regular file", { where: path });
    }
    call.response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": stats.size });
    // What is written meanwhile would go beyond the length that was told.
    const end = stats.size - 1;
    if (end < 0) system.close(fd);
    else await pipeline(createReadStream("", { fd, start: 0, end, signal: call.signal }), call.response);
    call.response.end();
  };
  return [
    { method: "GET", path: "/logs", handle },
    { method: "GET", path: "/logs/{path...}", handle },
  ];
}

async function answerQuery(system: System, root: string, query: LogQuery, call: Call): Promise<void> {
  const { response, signal } = call;
  const native = await journalServices(query.services, signal);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  if (native.length > 0)
    await copyJournal(native, query, response, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      response.write(`\nerror: journal output not available: ${describeError(error)}\n`);
    });
  for (const service of query.services.filter((name) => !native.includes(name))) {
    const fd = query.options.length > 0 ? undefined : openFirst(system, root, logFilesOf(service));
    if (query.options.length > 0) response.write(`\n${service} has no journal, and files have no options\n`);
    else if (fd === undefined) response.write(`\nlog not found for ${service}\n`);
    else await pipeline(createReadStream("", { fd, signal }), response, { end: false });
  }
  response.end();
}

/** The first of these that is a regular file. */
function openFirst(system: System, root: string, paths: readonly string[]): Fd | undefined {
  for (const path of paths) {
    let fd: Fd;
    try {
      fd = open(system, root, path);
    } catch (error) {
      if (isNodeletError(error, "not-found")) continue;
      throw error;
    }
    if (statsOf(system, fd).isFile()) return fd;
    system.close(fd);
  }
  return undefined;
}

/** Closes it where that fails. */
function statsOf(system: System, fd: Fd): Stats {
  try {
    return fstatSync(fd);
  } catch (error) {
    system.close(fd);
    throw error;
  }
}

function cleaned(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.includes("..")) throw new NodeletError("invalid", "the path leads upwards");
  return parts.join("/");
}

function open(system: System, root: string, path: string): Fd {
  const base = system.openat2(AT_FDCWD, root, { flags: O.RDONLY | O.DIRECTORY });
  if (path === "") return base;
  try {
    return system.openat2(base, path, {
      flags: O.RDONLY | O.NOFOLLOW | O.NONBLOCK,
      resolve: RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS,
    });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR"))
      throw new NodeletError("not-found", "there is no such file", { where: path });
    if (isErrno(error, "ELOOP", "EXDEV", "ENXIO", "EACCES"))
      throw new NodeletError("denied", "links are not followed", { where: path, cause: error });
    throw error;
  } finally {
    system.close(base);
  }
}

function list(call: Call, directory: Fd): void {
  const entries = readdirSync(`/proc/self/fd/${directory}`, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
  const body = `<pre>\n${names.map((name) => `<a href="${encodeURIComponent(name).replace("%2F", "/")}">${escape(name)}</a>`).join("\n")}\n</pre>\n`;
  call.response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  call.response.end(body);
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
