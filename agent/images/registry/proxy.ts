// Proxies from the environment, as Go programs read them: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in capitals or not. Pure.
//
// Source: golang.org/x/net/http/httpproxy, whose users set these variables for kubelet and containerd.

import { BlockList, isIP } from "node:net";

import { bareHost, isLoopbackHost } from "./addresses.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxySettings {
  /** For requests to http: and https: URLs; undefined: none. */
  readonly http: string | undefined;
  readonly https: string | undefined;
  readonly exceptions: readonly string[];
}

export function proxySettings(env: Environment): ProxySettings {
  const read = (name: string): string => env[name] ?? env[name.toLowerCase()] ?? "";
  const proxy = (name: string): string | undefined => {
    const value = read(name).trim();
    if (value === "") return undefined;
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  };
  return {
    http: proxy("HTTP_PROXY"),
    https: proxy("HTTPS_PROXY"),
    exceptions: read("NO_PROXY")
      .split(/[\s,]+/)
      .filter((item) => item !== ""),
  };
}

/** The proxy for a URL; undefined: straight. Loopback hosts are never asked for through one. */
export function proxyFor(url: URL, settings: ProxySettings): string | undefined {
  const proxy = url.protocol === "https:" ? settings.https : settings.http;
  if (proxy === undefined) return undefined;
  const host = bareHost(url.hostname);
  if (isLoopbackHost(host)) return undefined;
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return settings.exceptions.some((exception) => excepts(exception.toLowerCase(), host, port)) ? undefined : proxy;
}

function excepts(exception: string, host: string, port: string): boolean {
  if (exception === "*") return true;
  const network = /^(.+)\/(\d{1,3})$/.exec(exception);
  if (network !== null) return inNetwork(network[1] ?? "", Number(network[2]), host);
  let name = exception;
  const withPort = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(exception);
  if (withPort !== null) {
    if (withPort[2] !== port) return false;
    name = withPort[1] ?? "";
  }
  name = bareHost(name);
  if (name === "") return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return name === host;
  if (name.startsWith("*.")) return host.endsWith(name.slice(1));
  if (name.startsWith(".")) return host.endsWith(name);
  return host === name || host.endsWith(`.${name}`);
}

function inNetwork(address: string, prefix: number, host: string): boolean {
  const version = isIP(address);
  if (version === 0 || isIP(host) !== version || prefix > (version === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const family = version === 4 ? "ipv4" : "ipv6";
  list.addSubnet(address, prefix, family);
  return list.check(host, family);
}
