// GET /logs/, /logs/{path}: the host's /var/log. Links are not followed: who may write there could lead them anywhere.

import { createReadStream, fstatSync, readdirSync, type Stats } from "node:fs";
import { pipeline } from "node:stream/promises";

import { isErrno, NodeletError } from "../../../base/errors.ts";
import { AT_FDCWD, O, RESOLVE, type Fd, type System } from "../../../system/system.ts";
import type { Call } from "../../http.ts";
import type { Route } from "../../router.ts";

export function hostLogRoutes(system: System, root = "/var/log"): Route[] {
  const handle = async (call: Call): Promise<void> => {
    const path = (call.params["path"] ?? "")
      .split("/")
      .map(decode)
      .filter((part) => part !== "")
      .join("/");
    const fd = open(system, root, path);
    let stats: Stats;
    try {
      stats = fstatSync(fd);
    } catch (error) {
      system.close(fd);
      throw error;
    }
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

function decode(part: string): string {
  if (part === "..") throw new NodeletError("invalid", "the path leads upwards");
  return part;
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
