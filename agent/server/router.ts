// Finds the route of a request. Paths are matched segment by segment; `{name}` takes one segment, `{name...}` all that are left.

import { NodeletError } from "../base/errors.ts";
import { MethodError, type Call } from "./http.ts";
import type { UpgradeCall } from "./upgrade.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface Route {
  readonly method: Method;
  /** Such as `/containerLogs/{namespace}/{pod}/{container}`. */
  readonly path: string;
  handle(call: Call): void | Promise<void>;
  /** For routes that speak WebSocket. */
  upgrade?(call: UpgradeCall): Promise<void>;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
}

export class Router {
  readonly #routes: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, segments: split(route.path) }));
  }

  /**
   * HEAD is answered as GET is; its body is not sent. Throws `not-found` for an unknown path, `MethodError` for a known one with another
   * method, `invalid` for a broken escape.
   */
  find(requested: string, pathname: string): Match {
    const method = requested === "HEAD" ? "GET" : requested;
    const segments = split(pathname).map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch (error) {
        throw new NodeletError("invalid", `the path ${JSON.stringify(pathname)} holds a broken escape`, {
          cause: error,
        });
      }
    });
    const others: string[] = [];
    for (const { route, segments: pattern } of this.#routes) {
      const params = match(pattern, segments);
      if (params === undefined) continue;
      if (route.method === method) return { route, params };
      others.push(route.method);
    }
    if (others.length > 0) throw new MethodError(`${pathname} does not answer ${method}`, [...new Set(others)]);
    throw new NodeletError("not-found", `there is nothing at ${pathname}`);
  }
}

function split(path: string): string[] {
  return path.split("/").filter((segment, index) => index > 0 || segment !== "");
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  // A trailing slash, as in kubelet's `/runningpods/`, is the same path.
  const given = segments.at(-1) === "" ? segments.slice(0, -1) : segments;
  const rest = /^\{(\w+)\.\.\.\}$/.exec(pattern.at(-1) ?? "")?.[1];
  const params: Record<string, string> = {};
  if (rest !== undefined) {
    const fixed = match(pattern.slice(0, -1), given.slice(0, pattern.length - 1));
    return fixed === undefined ? undefined : { ...fixed, [rest]: segments.slice(pattern.length - 1).join("/") };
  }
  if (pattern.length !== given.length) return undefined;
  for (const [index, part] of pattern.entries()) {
    const segment = given[index] ?? "";
    if (part.startsWith("{")) {
      if (segment === "") return undefined;
      params[part.slice(1, -1)] = segment;
    } else if (part !== segment) {
      return undefined;
    }
  }
  return params;
}
