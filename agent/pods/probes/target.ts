// Where a probe or a hook of a container connects to. Pure.

import type { V1Container, V1HTTPGetAction } from "@kubernetes/client-node";

import { NodeletError } from "../../base/errors.ts";

/** As a kubelet of the release that nodelet follows says it. */
export const PROBE_USER_AGENT = "kube-probe/1.36";

export interface HttpTarget {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The number of a port that may be given by the name of one of the container's. */
export function portNumber(port: number | string, container: V1Container): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find((candidate) => candidate.name === port);
  if (named !== undefined) return named.containerPort;
  if (/^\d+$/.test(port)) return Number(port);
  throw new NodeletError("invalid", `Container ${container.name} has no port named ${JSON.stringify(port)}`, {
    where: `container ${container.name}: ports`,
    fix: "Name one of its ports so, or use a number",
  });
}

export function httpTarget(action: V1HTTPGetAction, container: V1Container, podIp: string): HttpTarget {
  const path = action.path ?? "/";
  return {
    scheme: action.scheme === "HTTPS" ? "https" : "http",
    host: action.host || podIp,
    port: portNumber(action.port, container),
    path: path.startsWith("/") ? path : `/${path}`,
    headers: requestHeaders((action.httpHeaders ?? []).map(({ name, value }) => [name, value])),
  };
}

/** Those given, and the two of kubelet's own unless they are among them; an empty Accept or User-Agent leaves it out. */
function requestHeaders(given: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const has = (name: string): boolean => given.some(([key]) => key.toLowerCase() === name);
  const own: (readonly [string, string])[] = [];
  if (!has("user-agent")) own.push(["User-Agent", PROBE_USER_AGENT]);
  if (!has("accept")) own.push(["Accept", "*/*"]);
  const optional = (name: string): boolean => ["accept", "user-agent"].includes(name.toLowerCase());
  return [...own, ...given.filter(([name, value]) => value !== "" || !optional(name))];
}

/** `http://10.0.0.2:80/path`, for messages. */
export function showUrl({ scheme, host, port, path }: HttpTarget): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}${path}`;
}
